"""Bodies of usage, bills and what they are about, in the newest dialect."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from tests.cds_segments import Raw, segment

SIX_HOURS = 21_600
# April's days in Kolkata, as UTC
APRIL = datetime.fromisoformat("2026-03-31T18:30:00")
Usage = Mapping[str, Any]


def utc(text: str) -> datetime:
    """A naive UTC moment."""
    return datetime.fromisoformat(text)


def usage(
    name: str,
    values: Sequence[object],
    *,
    start: datetime = APRIL,
    seconds: object = SIX_HOURS,
    meter: str | None = None,
    point: str | None = None,
    direction: str = "net",
    **members: object,
) -> Usage:
    """A segment of electric use of one meter, or of a point without meter."""
    kind = {"id": "v", "type": "electric_usage", "units": "kWh", "direction": direction}
    kind |= {key: members.pop(key) for key in ("quality", "series_kind") if key in members}
    return segment(
        *[[None if value is None else {"eu": value}] for value in values],
        formats=[kind],
        start=f"{start.isoformat()}Z",
        interval=seconds,
        cds_usagesegment_id=name,
        related_accounts=[],
        related_servicecontracts=[],
        related_servicepoints=[point] if point else [],
        related_meterdevices=[meter] if meter else [],
        **members,
    )


def section(
    name: str,
    *,
    billed: object,
    meters: Sequence[str] = (),
    points: Sequence[str] = (),
    contracts: Sequence[str] = (),
    days: tuple[str, str] = ("2026-04-01", "2026-04-30"),
    direction: str | None = None,
    **members: object,
) -> dict[str, Any]:
    """A section that bills one total."""
    types = ["electric_usage"] if direction is None else ["electric_usage", "directional"]
    total = {"id": "u1", "name": "Use", "types": types, "value": billed, "units": "kWh"}
    total |= {"start_date": days[0], "end_date": days[1]}
    if direction:
        total["direction"] = direction
    entity = {
        "id": "e", "types": ["distributor"], "entity_number": "1", "entity_name": "Utility",
        "entity_abbreviation": None,
    }  # fmt: skip
    return {
        "cds_billsection_id": name,
        "cds_created": "2026-05-02T00:00:00Z",
        "cds_modified": "2026-05-02T00:00:00Z",
        "cds_synced": "2026-05-02T00:00:00Z",
        "cds_billstatement_id": None,
        "cds_account_id": "a1",
        "account_number": "A-1",
        "section_types": ["electric"],
        "start_date": days[0],
        "end_date": days[1],
        "currency": "USD",
        "distribution_entity": entity,
        "supply_entity": entity,
        "related_servicecontracts": list(contracts),
        "related_servicepoints": list(points),
        "related_meterdevices": list(meters),
        "related_billsections": [],
        "usage_details": [total],
        "cost_details": [],
        "line_items": [],
    } | members


def point(name: str, contract: str) -> dict[str, Any]:
    """A point with one contract."""
    return {
        "cds_servicepoint_id": name, "cds_created": "2026-01-01T00:00:00Z",
        "cds_modified": "2026-01-01T00:00:00Z", "cds_synced": "2026-01-01T00:00:00Z",
        "servicepoint_number": None, "servicepoint_types": ["electric"],
        "current_servicecontracts": [contract], "previous_servicecontracts": [],
    }  # fmt: skip


def meter_device(
    name: str,
    *,
    types: str,
    current: Sequence[str] = (),
    previous: Sequence[str] = (),
    modified: str = "2026-01-01T00:00:00Z",
) -> dict[str, Any]:
    """A meter with the points where it is and was."""
    return {
        "cds_meterdevice_id": name, "cds_created": "2026-01-01T00:00:00Z",
        "cds_modified": modified, "cds_synced": modified,
        "meter_number": name.upper(), "meter_types": [types],
        "current_servicepoints": list(current), "previous_servicepoints": list(previous),
    }  # fmt: skip


def contract(name: str, account: str) -> dict[str, Any]:
    """A contract of an account."""
    return {
        "cds_servicecontract_id": name, "cds_created": "2026-01-01T00:00:00Z",
        "cds_modified": "2026-01-01T00:00:00Z", "cds_synced": "2026-01-01T00:00:00Z",
        "cds_account_id": account, "contract_number": name.upper(), "contract_status": "active",
        "contract_types": ["utility_service"], "service_types": ["electric"],
    }  # fmt: skip


def statement(name: str, *, due: str, unpaid: str | None, charges: object) -> dict[str, Any]:
    """A bill; charges are (amount, whether it is in the amount due)."""
    listed = [
        {"id": f"n{place}", "name": "Charge", "types": ["tax"], "amount": Raw(amount),
         "included_in_amount_due": is_in}
        for place, (amount, is_in) in enumerate(charges)
    ]  # fmt: skip
    optional = {} if unpaid is None else {"previous_balance_unpaid": Raw(unpaid)}
    return {
        "cds_billstatement_id": name,
        "cds_created": "2026-05-02T00:00:00Z", "cds_modified": "2026-05-02T00:00:00Z",
        "cds_synced": "2026-05-02T00:00:00Z",
        "cds_account_id": "a1", "account_number": "A-1", "statement_date": "2026-05-02",
        "currency": "USD", "amount_due": Raw(due), "amount_due_date": "2026-05-20",
        "shutoff_prevention_minimum_due": None, "shutoff_prevention_date": None,
        "new_charges": listed,
    } | optional  # fmt: skip
