"""Reference objects of our own in the three dialects, and the rows that they become."""

from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

from cei_assets.contracts.cds_vocabulary import CdsObjectKind
from cei_assets.core.cds.judge import CdsVerdict
from tests.cds_mock_bodies import customer
from tests.cds_segments import Raw, judged_text, text_of

Body = dict[str, Any]
REFERENCE = tuple(kind for kind in CdsObjectKind if kind is not CdsObjectKind.USAGE_SEGMENTS)
TIMES = {"cds_created": "2026-01-01T00:00:00Z", "cds_modified": "2026-02-01T08:00:00Z"}
PROJECT: Body = {
    "cds_productionproject_id": "project-1",
    **TIMES,
    "contract_start_date": "2020-01-01T00:00:00Z",
    "contract_end_date": "2030-01-01T00:00:00Z",
    "meter_number": ["M-7", "M-8"],
    "available_formats": ["settlement", "scada", "forecast_day_ahead", "forecast_hour_ahead"],
    "contract_rule": "100%",
    "contract_type": "PPA",
    "available_reading_validity": ["contracted", "net_metering"],
    "timezone": "Europe/Madrid",
}
"""Of the form that reviewers proposed."""

OLD_SECTION_PARTS: Body = {
    "energy_summary": [
        {"summary_type": "meter_reading", "start": "2025-12-01T00:00:00Z",
         "end": "2026-01-01T00:00:00Z", "start_reading": 4000, "end_reading": 4110,
         "multiplier": 10, "value": Raw("1100.0"), "unit": "kwh"},
        {"summary_type": "usage_reverse", "name": "Feed-in", "start": "2025-12-01T00:00:00Z",
         "end": "2026-01-01T00:00:00Z", "value": Raw("-7.5"), "unit": "kwh", "tier_level": None,
         "tou_bucket": "peak"},
        {"summary_type": "demand", "start": "2025-12-01T00:00:00Z", "end": "2026-01-01T00:00:00Z",
         "value": 12, "unit": "kw", "tier_level": None, "tou_bucket": None},
    ],
    "line_items": [
        {"item_type": "charge", "for": "distribution_entity", "name": "Delivery",
         "start": "2025-12-10T00:00:00Z", "end": "2026-01-01T00:00:00Z", "cost": 2,
         "value": 50, "rate": Raw("0.0400"), "unit": "kwh"},
        {"item_type": "subtotal", "for": "distribution_entity", "name": "Delivery in all",
         "cost": 2},
        {"item_type": "charge", "for": "other", "name": "Local taxes", "cost": Raw("0.99")},
        {"item_type": "total", "for": None, "name": "In all", "cost": Raw("2.99")},
    ],
}  # fmt: skip
"""Quantities and charges as the bodies of dialects A and B write them."""

APRIL: Body = {
    "cds_eac_id": "eac-9",
    **TIMES,
    "eac_number": "NW-77",
    "source_id": "src-1",
    "source_name": "Northwind Registry",
    "destination_id": "dst-1",
    "destination_name": "Acme Components",
    "beneficiary_id": "CUST-1",
    "program_type": "PPA",
    "asset_id": "park-3",
    "asset_origination": "grid",
    "asset_destination": "grid",
    "technology_type": "wind",
    "emissions_factor_direct": "TODO",
    "emissions_factor_lca": Raw("11.5"),
    "issuance_date": "2026-01-05",
    "retirement_date": "2026-02-07",
    "period_start": "2026-01-01T00:00:00Z",
    "period_end": "2026-02-01T00:00:00Z",
    "value": Raw("1000000"),
    "unit": "kwh",
}
"""One certificate in the flat form of April 2024."""

AUGUST: Body = {
    **{name: APRIL[name] for name in ("cds_eac_id", "source_name", "asset_id", *TIMES)},
    "asset_commissioned": "2023-12-01",
    "beneficiary_type": "customer",
    "beneficiaries": ["CUST-1"],
    "period_start": "2026-01-01T00:00:00Z",
    "period_end": "2026-02-01T00:00:00Z",
    "values": [
        {"eac_number": "NW-77-1", "issued": "2026-02-01", "retired": None,
         "start": "2026-01-01T00:00:00Z", "end": "2026-01-01T01:00:00Z", "unit": "MWh",
         "value": Raw("1.5")},
        {"eac_number": "NW-77-2", "issued": "2026-02-02", "retired": "2026-02-09", "start": None,
         "end": None, "unit": "Wh", "value": 900},
    ],
}  # fmt: skip
"""One certificate in the form of August 2024, with a list of values."""


def body(kind: CdsObjectKind, dialect: str = "C", **changes: object) -> Body:
    """An object with members changed; `...` takes one away."""
    found = PROJECT if kind is CdsObjectKind.PRODUCTION_PROJECTS else _first(kind, dialect)
    changed = {**deepcopy(found), **changes}
    return {name: member for name, member in changed.items() if member is not ...}


def _first(kind: CdsObjectKind, dialect: str) -> Body:
    found: Body = customer(dialect)[kind.value][0]
    return found


def judged_objects(kind: CdsObjectKind, *bodies: object) -> CdsVerdict:
    """The verdict on an envelope of objects of one kind."""
    return judged_text(text_of({kind.value: list(bodies), "next": None, "previous": None}))


def rows_of(verdict: CdsVerdict, table: str) -> list[dict[str, Any]]:
    """Rows of a table of objects."""
    found: list[dict[str, Any]] = verdict.tables.objects[table].to_pylist()
    return found


def row_of(kind: CdsObjectKind, dialect: str = "C", **changes: object) -> dict[str, Any]:
    """The one row that an object becomes; it has to be kept."""
    verdict = judged_objects(kind, body(kind, dialect, **changes))
    assert not verdict.refusals, verdict.refusals
    (row,) = rows_of(verdict, f"cds_{kind.value}")
    return row


def relations_of(verdict: CdsVerdict) -> list[tuple[str, ...]]:
    """Relations without their receipt."""
    names = ("from_kind", "from_id", "object_relation", "to_kind", "to_id")
    return [tuple(row[name] for name in names) for row in rows_of(verdict, "cds_object_relations")]


def refusal(kind: CdsObjectKind, dialect: str = "C", **changes: object) -> tuple[str, str]:
    """Code and pointer of the one refusal of an object; it must not be kept."""
    verdict = judged_objects(kind, body(kind, dialect, **changes))
    assert verdict.counts.refused == {kind: 1}
    assert not rows_of(verdict, f"cds_{kind.value}")
    (found,) = verdict.tables.rejects.to_pylist()
    return found["cds_code"], found["json_pointer"]


def utc(text: str) -> datetime:
    """Naive UTC, as tables have it."""
    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)
