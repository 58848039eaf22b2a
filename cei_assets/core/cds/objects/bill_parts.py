"""Charges of bills; quantities, totals and charges of sections."""

from datetime import date
from decimal import Decimal

from cei_assets.contracts.cds_vocabulary import (
    CdsDemandType,
    CdsSeason,
    CdsTier,
    CdsTimeOfUse,
    CdsValueType,
)
from cei_assets.contracts.vocabulary import FlowDirection
from cei_assets.core.cds.objects.canonical import canonical
from cei_assets.core.cds.objects.content import Row
from cei_assets.core.cds.objects.energy import kilowatt_hours
from cei_assets.core.cds.objects.typed import Members
from cei_assets.core.cds.objects.values import Money, Need

_TOTALS = frozenset({"subtotal", "total"})
_ROLES = {"distribution_entity": "distribution", "load_serving_entity": "supply"}
"""Who a charge of dialect B is for, and the type that says the same in C."""

_OLD_DIRECTIONS = {
    "usage_net": FlowDirection.NET,
    "usage_forward": FlowDirection.FORWARD,
    "usage_reverse": FlowDirection.REVERSE,
}
_OLD_ENERGY = frozenset({*_OLD_DIRECTIONS, "usage", "total", "meter_reading"})
"""Summaries of dialects A and B that are energy wherever their unit is one of energy."""


def charges(item: Members, *, currency: str) -> tuple[list[Row], tuple[str, ...]]:
    """New charges of a bill, and the sections that they name."""
    rows: list[Row] = []
    sections: list[str] = []
    for position, part in enumerate(item.parts("new_charges")):
        amount = part.number("amount", "cost", need=Need.REQUIRED)
        named = part.ids("related_billsections")
        sections += named
        rows.append(
            {
                **_part(part, position),
                "part_types": part.words("types", of="charge_types"),
                "currency": currency,
                "charge_amount": amount.value,
                "charge_amount_text": amount.text,
                "is_in_amount_due": part.flag("included_in_amount_due"),
                "charge_billsections": canonical(named) if named else None,
            }
        )
        part.count_unknown("charge")
    return rows, tuple(sections)


def usage_details(item: Members) -> list[Row]:
    """Billed quantities; they overlap, as reads and the totals made of them do."""
    names = ("usage_details", "energy_summary")
    return [
        _usage_detail(part, position)
        for position, part in enumerate(item.parts(*names, need=Need.REQUIRED))
    ]


def _usage_detail(part: Members, position: int) -> Row:
    value = part.number("value", need=Need.REQUIRED, may_be_text=True)
    unit = part.text("units", "unit")
    summary = part.text("summary_type")
    types = part.words("types", "summary_type", of="usage_detail_types")
    row = {
        **_part(part, position),
        "part_types": types,
        "detail_value": value.value,
        "detail_value_text": value.text,
        "native_unit": unit,
        "detail_kwh": _billed_kwh(value, unit, types=types, summary=summary),
        "detail_start_date": part.day("start_date", "start"),
        "detail_end_date": part.day("end_date", "end", is_last=True),
        "detail_start_utc": part.moment("start"),
        "detail_end_utc": part.moment("end"),
        "flow_direction": part.one_of("direction", FlowDirection)
        or _OLD_DIRECTIONS.get(summary or ""),
        "demand_type": part.one_of("demand_type", CdsDemandType),
        "tou": part.one_of("tou", CdsTimeOfUse) or part.one_of("tou_bucket", CdsTimeOfUse),
        "tier": part.one_of("tier", CdsTier) or part.one_of("tier_level", CdsTier),
        "season": part.one_of("season", CdsSeason),
        "is_estimated": "estimated" in (types or "").split(","),
        "start_read": part.digits("start_read", "start_reading"),
        "end_read": part.digits("end_read", "end_reading"),
        "read_multiplier": part.number("multiplier").value,
        "detail_readings": part.json("readings"),
    }
    part.count_unknown("usage_detail")
    return row


def _billed_kwh(
    value: Money, unit: str | None, *, types: str | None, summary: str | None
) -> Decimal | None:
    """Electric energy in kWh; of A and B only where the summary is one of energy.

    Their units are written in any case, and no summary tells gas in kWh from electricity.
    """
    is_electric = CdsValueType.ELECTRIC_USAGE.value in (types or "").split(",")
    is_energy = is_electric or (summary is not None and summary in _OLD_ENERGY)
    return kilowatt_hours(value.value, unit) if is_energy else None


def cost_details(item: Members, *, currency: str) -> list[Row]:
    """Totals of a section, which hold each other."""
    rows = []
    for position, part in enumerate(item.parts("cost_details")):
        cost = part.number("cost", need=Need.REQUIRED, may_be_text=True)
        rows.append(
            {
                **_part(part, position),
                "part_types": part.words("types", of="cost_detail_types"),
                "currency": currency,
                "detail_cost": cost.value,
                "detail_cost_text": cost.text,
            }
        )
        part.count_unknown("cost_detail")
    return rows


def line_items(item: Members, *, currency: str, start: date | None, end: date | None) -> list[Row]:
    """Charges of a section; in A and B some have no dates and some only total others."""
    return [
        _line_item(part, position, currency=currency, start=start, end=end)
        for position, part in enumerate(item.parts("line_items"))
    ]


def _line_item(
    part: Members, position: int, *, currency: str, start: date | None, end: date | None
) -> Row:
    cost = part.number("cost", need=Need.REQUIRED, may_be_text=True)
    value, rate = part.number("value"), part.number("rate")
    kind, role = part.text("item_type"), part.text("for")
    old = {kind, _ROLES.get(role or "", role)} - {None}
    own_start = part.day("start_date", "start")
    own_end = part.day("end_date", "end", is_last=True)
    usage, costs = part.ids("related_usage_details"), part.ids("related_cost_details")
    row = {
        **_part(part, position),
        "part_types": part.words("types", of="line_item_types")
        or ",".join(sorted(map(str, old)))
        or None,
        "line_start_date": own_start or start,
        "line_end_date": own_end or end,
        "has_own_dates": own_start is not None and own_end is not None,
        "currency": currency,
        "detail_cost": cost.value,
        "detail_cost_text": cost.text,
        "detail_value": value.value,
        "detail_value_text": value.text,
        "native_unit": part.text("units", "unit"),
        "line_rate": rate.value,
        "line_rate_text": rate.text,
        "is_total": kind in _TOTALS,
        "related_usage_details": canonical(usage) if usage else None,
        "related_cost_details": canonical(costs) if costs else None,
    }
    part.count_unknown("line_item")
    return row


def _part(part: Members, position: int) -> Row:
    return {
        "part_position": position,
        "part_id": part.text("id"),
        "part_name": part.text("name"),
    }
