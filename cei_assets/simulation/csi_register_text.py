"""Register of the simulated CSI-Thermal programme, as the CSV texts an administrator fills in."""

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from cei_assets.contracts.csi_vocabulary import ConversionMethod, LateDecision
from cei_assets.core.csi.months import next_month
from cei_assets.core.csi.timeline import TERM_MONTHS
from cei_assets.simulation.csi_design import (
    PROVIDERS,
    ProgrammeDesign,
    SimulatedApplication,
    StoryKind,
)
from cei_assets.simulation.csi_programme import AUTHORISED_AFTER, first_submitted, provider_of

_DECIDED_AFTER = timedelta(days=11)


def register_texts(design: ProgrammeDesign) -> dict[str, str]:
    """The four register files, by name without `.csv`; months are written as first days."""
    return {
        "csi_applications": _applications(design),
        "csi_pdps": _text(
            ("pdp_id", "name", "active"),
            [
                (provider.pdp_id, provider.pdp_name, str(provider.pdp_active).lower())
                for provider in PROVIDERS
            ],
        ),
        "csi_replacements": _replacements(design),
        "csi_late_decisions": _late_decisions(design),
    }


def _applications(design: ProgrammeDesign) -> str:
    """A row per application, two where its provider changes mid-term."""
    rows: list[Sequence[object]] = []
    for application in design.applications:
        change = design.change_of_provider(application.index)
        if change is None:
            rows.append(_application(design, application, since=None, until=None))
            continue
        changed = design.month(change)
        rows.append(_application(design, application, since=None, until=next_month(changed, -1)))
        rows.append(_application(design, application, since=changed, until=None))
    return _text(
        ("application_id", "program_administrator", "pdp_id", "tank_configuration",
         "backup_type", "displaced_fuel", "icf_approved", "capacity_kwth",
         "baseline_efficiency", "rate", "rate_unit", "incentive_cap", "first_data_month",
         "last_data_month", "conversion_method", "valid_from_month", "valid_to_month"),
        rows,
    )  # fmt: skip


def _application(
    design: ProgrammeDesign,
    application: SimulatedApplication,
    *,
    since: date | None,
    until: date | None,
) -> Sequence[object]:
    """One version, valid from the month `since` to the month `until`; None leaves it open."""
    kind = application.kind
    first = design.first_month
    position = 0 if since is None else design.change_of_provider(application.index) or 0
    icf_approved = first - timedelta(days=1 + application.index % 25)
    return (
        application.application_id, kind.program_administrator,
        provider_of(design, application.index, position), kind.tank_configuration,
        kind.backup_type.value, kind.displaced_fuel.value, icf_approved,
        application.capacity_kwth, kind.baseline_efficiency, kind.rate, kind.rate_unit.value,
        application.incentive_cap if application.incentive_cap is not None else "",
        first, next_month(first, TERM_MONTHS - 1),
        ConversionMethod.DELIVERED_ENERGY.value, since or "", until or "",
    )  # fmt: skip


def _replacements(design: ProgrammeDesign) -> str:
    """Authorisations; that of the replacement that succeeds says that the late month is paid."""
    reasons = {
        StoryKind.REPLACED: ("heat meter read 4 % low, recalibrated", LateDecision.PAY.value),
        StoryKind.REPLACEMENT_FAILS: ("logger to be read out again", ""),
    }
    rows: list[Sequence[object]] = []
    for application, month, kind in _stories(design, tuple(reasons)):
        submitted = first_submitted(design, application.index, month)
        reason, decision = reasons[kind]
        rows.append(
            (f"A-{len(rows) + 1:03d}", application.application_id, design.month(month),
             f"{application.kind.program_administrator} program desk",
             _instant(submitted + AUTHORISED_AFTER), reason, "", decision)
        )  # fmt: skip
    return _text(
        ("authorization_id", "application_id", "application_month", "authorized_by",
         "authorized_at_utc", "replacement_reason", "replaces_receipt_id", "late_decision"),
        rows,
    )  # fmt: skip


def _late_decisions(design: ProgrammeDesign) -> str:
    rows: list[Sequence[object]] = []
    for application, month, _ in _stories(design, (StoryKind.LATE_PAID,)):
        decided = first_submitted(design, application.index, month) + _DECIDED_AFTER
        rows.append(
            (application.application_id, design.month(month), "", LateDecision.PAY.value,
             f"{application.kind.program_administrator} program desk", _instant(decided))
        )  # fmt: skip
    return _text(
        ("application_id", "application_month", "late_receipt_id", "late_decision",
         "late_decided_by", "late_decided_at_utc"),
        rows,
    )  # fmt: skip


def _stories(
    design: ProgrammeDesign, kinds: Sequence[StoryKind]
) -> list[tuple[SimulatedApplication, int, StoryKind]]:
    return [
        (design.applications[story.application], story.month, story.kind)
        for story in design.stories
        if story.kind in kinds
    ]


def _instant(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _text(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return sink.getvalue()
