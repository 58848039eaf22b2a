"""Uploads of the simulated CSI-Thermal programme: files with the fields their uploaders fill in."""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from cei_assets.contracts.csi_vocabulary import CsiFileType, CsiRule
from cei_assets.contracts.vocabulary import UploadSource
from cei_assets.core.csi.months import next_month
from cei_assets.simulation.csi_design import (
    FAILING_RULES,
    NEXT_PDP,
    PDP,
    ProgrammeDesign,
    SimulatedApplication,
    StoryKind,
)
from cei_assets.simulation.csi_files import MonthContent, broken, day_gap, report_bytes
from cei_assets.simulation.csi_readings import SystemReadings, month_bounds, system_readings

FormFields = dict[str, str | int]
_LATE_AFTER = timedelta(days=8)
AUTHORISED_AFTER = timedelta(days=95)
"""From the first submission to the authorisation of its replacement: past the quarter's run."""
SIGNED_LOG_EVERY = 5
REPLACED_AFTER = AUTHORISED_AFTER + timedelta(days=3)


@dataclass(frozen=True, kw_only=True)
class SimulatedUpload:
    """A file with the form beside it; `filename` is unique, the form tells the uploader's name.

    `breaks` is the rule that makes the upload fail; None where it succeeds.
    """

    filename: str
    content: bytes
    form: FormFields
    source: UploadSource
    breaks: CsiRule | None = None


@dataclass(frozen=True, kw_only=True)
class _Month:
    """One application's month while its uploads are made."""

    application: SimulatedApplication
    position: int
    month: date
    readings: SystemReadings
    pdp_id: str
    first_submitted: datetime


def csi_uploads(design: ProgrammeDesign) -> Iterator[SimulatedUpload]:
    """Every upload of the programme, application by application, months and attempts in order.

    Submissions fall on the 3rd to 18th of the month after the data, the late ones on the 9th of
    the month after that. The same design gives the same bytes.
    """
    bounds = month_bounds(design)
    for application in design.applications:
        readings = system_readings(design, application)
        for position in range(design.months):
            month = _Month(
                application=application,
                position=position,
                month=design.month(position),
                readings=readings.between(bounds[position], bounds[position + 1]),
                pdp_id=provider_of(design, application.index, position),
                first_submitted=first_submitted(design, application.index, position),
            )
            yield from _month_uploads(month, design.story(application.index, position))


def provider_of(design: ProgrammeDesign, application: int, position: int) -> str:
    """The provider that is assigned to an application in a month."""
    change = design.change_of_provider(application)
    return NEXT_PDP if change is not None and position >= change else PDP


def first_submitted(design: ProgrammeDesign, application: int, position: int) -> datetime:
    """When a month is first submitted, naive UTC; no two submissions share the second."""
    random = np.random.default_rng([design.seed, application, position, 1])
    after = next_month(design.month(position), 1)
    is_late = design.story(application, position) is StoryKind.LATE_PAID
    start = after if not is_late else next_month(after, 1)
    days = timedelta(days=int(random.integers(2, 17)))
    of_day = timedelta(seconds=int(random.integers(16 * 3600, 24 * 3600)))
    moment = datetime(start.year, start.month, 1)  # noqa: DTZ001 - naive UTC throughout
    return moment + of_day + (_LATE_AFTER if is_late else days)


def _month_uploads(month: _Month, story: StoryKind | None) -> Iterator[SimulatedUpload]:
    content = _content(month, story)
    valid = report_bytes(month.application, month.month, month.readings, content)
    if story is StoryKind.CORRECTED:
        rule = FAILING_RULES[(month.application.index + month.position) % len(FAILING_RULES)]
        yield _upload(month, broken(valid, rule), attempt=1, breaks=rule)
        yield _upload(month, valid, attempt=2, after=timedelta(days=1))
        return
    if story is StoryKind.CHANGED_PROVIDER:
        yield _upload(month, valid, attempt=1, pdp_id=PDP, breaks=CsiRule.U02)
        yield _upload(month, valid, attempt=2, after=timedelta(days=2))
        return
    yield _upload(month, valid, attempt=1)
    if story is StoryKind.SENT_TWICE:
        yield _upload(month, valid, attempt=2, after=timedelta(hours=3), breaks=CsiRule.U07)
    elif story is StoryKind.REPLACED:
        again = report_bytes(month.application, month.month, _recalibrated(month.readings))
        yield _upload(month, again, attempt=2, after=REPLACED_AFTER)
    elif story is StoryKind.REPLACEMENT_FAILS:
        faulty = broken(valid, CsiRule.T06)
        yield _upload(month, faulty, attempt=2, after=REPLACED_AFTER, breaks=CsiRule.T06)
    elif story is StoryKind.METER_REPORT:
        yield _meter_report(month)


def _content(month: _Month, story: StoryKind | None) -> MonthContent:
    if story is StoryKind.CATCH_UP:
        return MonthContent(gap=day_gap(len(month.readings.solar_btu)), catches_up=True)
    return MonthContent(
        is_dead=story is StoryKind.ALL_EMPTY,
        has_signed_log=month.position == 0 and month.application.index % SIGNED_LOG_EVERY == 1,
    )


def _recalibrated(readings: SystemReadings) -> SystemReadings:
    """The month after the heat meter turned out to have read 4 % low."""
    gained = readings.solar_btu * 4 // 100
    return SystemReadings(
        solar_btu=readings.solar_btu + gained,
        total_btu=readings.total_btu + gained,
        backup_steps=readings.backup_steps,
        gallon_tenths=readings.gallon_tenths,
    )


def _upload(
    month: _Month,
    content: bytes,
    *,
    attempt: int,
    after: timedelta = timedelta(0),
    pdp_id: str | None = None,
    breaks: CsiRule | None = None,
) -> SimulatedUpload:
    stem = f"{month.application.application_id}_{month.month:%Y-%m}"
    return SimulatedUpload(
        filename=f"{stem}_{attempt}.csv",
        content=content,
        form=_form(
            month,
            CsiFileType.APPLICATION_INTERVAL,
            filename=f"{stem}.csv",
            pdp_id=pdp_id or month.pdp_id,
            submitted_at=month.first_submitted + after,
        ),
        source=UploadSource.CSI_APPLICATION,
        breaks=breaks,
    )


def _meter_report(month: _Month) -> SimulatedUpload:
    """The meters' own intervals, as an archive that nobody unpacks."""
    stem = f"{month.application.application_id}_{month.month:%Y-%m}_meters"
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        # A fixed date: the same design gives the same bytes.
        entry = zipfile.ZipInfo(f"{stem}.csv", date_time=(2013, 9, 1, 0, 0, 0))
        rows = "\n".join(
            f"{month.application.application_id},BTU-1,{value},BTU"
            for value in month.readings.solar_btu[:96].tolist()
        )
        archive.writestr(entry, f"application_id,meter_id,value,unit\n{rows}\n")
    return SimulatedUpload(
        filename=f"{stem}.zip",
        content=sink.getvalue(),
        form=_form(
            month,
            CsiFileType.METER_INTERVAL,
            filename=f"{stem}.zip",
            pdp_id=month.pdp_id,
            submitted_at=month.first_submitted + timedelta(minutes=4),
        ),
        source=UploadSource.CSI_METER,
    )


def _form(
    month: _Month,
    file_type: CsiFileType,
    *,
    filename: str,
    pdp_id: str,
    submitted_at: datetime,
) -> FormFields:
    return {
        "application_id": month.application.application_id,
        "year": month.month.year,
        "month": month.month.month,
        "file_type": file_type.value,
        "original_filename": filename,
        "uploader_pdp": pdp_id,
        "submitted_at": f"{submitted_at:%Y-%m-%dT%H:%M:%SZ}",
    }
