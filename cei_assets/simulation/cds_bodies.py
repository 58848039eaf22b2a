"""What a utility's CDS server says of one connection, in the bodies of dialect C.

Numbers are written with their own digits: an exact decimal never becomes a float on the way.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from cei_assets.simulation.register_text import CURRENCY

Body = dict[str, object]

ACCOUNT_ID, CONTRACT_ID, POINT_ID, METER_ID = "account-1", "contract-1", "point-1", "meter-1"
RATE_PER_KWH = Decimal("0.2260")
FIXED_CHARGE = Decimal("412.50")
CARBON_G_PER_KWH = {"solar": 45, "hydro": 24, "wind": 12, "natural_gas": 480}
"""By kind of supply; illustrative, as are rate and charge."""

_CONTRACT_START = "2020-01-01"
_ENTITY: Body = {
    "id": "entity-1",
    "types": ["distributor", "supplier"],
    "entity_number": "PU-1",
    "entity_name": "Pilot Utility",
    "entity_abbreviation": None,
}
_ABOUT: Body = {
    "related_servicecontracts": [CONTRACT_ID],
    "related_servicepoints": [POINT_ID],
    "related_meterdevices": [METER_ID],
}


@dataclass(frozen=True, kw_only=True)
class Connection:
    """The numbers that a customer finds on the bill, and since when the server knows them."""

    account_number: str
    contract_number: str
    servicepoint_number: str
    meter_number: str
    site_name: str
    created_at: datetime
    synced_at: datetime


@dataclass(frozen=True, kw_only=True)
class MonthUse:
    """A local month of the meter: `kwh` are DECIMAL, null where there is no value.

    `start_utc` is naive UTC and the start of the first of contiguous intervals.
    """

    first_day: date
    last_day: date
    start_utc: datetime
    interval_seconds: int
    kwh: pa.Array

    @property
    def end_utc(self) -> datetime:
        """End of the last interval."""
        return self.start_utc + timedelta(seconds=self.interval_seconds * len(self.kwh))

    @property
    def total_kwh(self) -> Decimal:
        """Sum of the values that there are."""
        total: Decimal = pc.sum(self.kwh).as_py()
        return total

    @property
    def label(self) -> str:
        """YYYY-MM."""
        return f"{self.first_day:%Y-%m}"


def envelope(kind: str, bodies: Sequence[Body]) -> bytes:
    """A listing of one kind of object, as a server sends it."""
    page = {kind: list(bodies), "next": None, "previous": None}
    return orjson.dumps(page, default=_digits, option=orjson.OPT_APPEND_NEWLINE)


def account(connection: Connection) -> Body:
    """The customer's account."""
    return {
        "cds_account_id": ACCOUNT_ID,
        **_known(connection),
        "cds_account_parent": None,
        "customer_number": None,
        "account_number": connection.account_number,
        "account_entity": _ENTITY,
        "account_name": connection.site_name,
        "account_types": ["customer", "industrial"],
        "account_status": "active",
    }


def service_contract(connection: Connection) -> Body:
    """The contract, delivery and supply in one."""
    return {
        "cds_servicecontract_id": CONTRACT_ID,
        **_known(connection),
        "cds_account_id": ACCOUNT_ID,
        "account_number": connection.account_number,
        "contract_number": connection.contract_number,
        "contract_status": "active",
        "contract_types": ["utility_service", "billed_monthly"],
        "contract_entity": _ENTITY,
        "contract_start": _CONTRACT_START,
        "contract_end": None,
        "service_types": ["electric", "industrial", "metered", "distribution", "supply"],
    }


def service_point(connection: Connection) -> Body:
    """The point of delivery."""
    return {
        "cds_servicepoint_id": POINT_ID,
        **_known(connection),
        "servicepoint_number": connection.servicepoint_number,
        "servicepoint_types": ["electric", "single_service", "physical", "edge"],
        "current_servicecontracts": [CONTRACT_ID],
        "previous_servicecontracts": [],
    }


def meter_device(connection: Connection) -> Body:
    """The utility's meter."""
    return {
        "cds_meterdevice_id": METER_ID,
        **_known(connection),
        "meter_number": connection.meter_number,
        "meter_types": ["electric_usage", "forward_only", "physical_meter", "ami_meter"],
        "current_servicepoints": [POINT_ID],
        "previous_servicepoints": [],
    }


def usage_segment(
    use: MonthUse,
    *,
    modified_at: datetime,
    synced_at: datetime,
    quality: str,
    shares: dict[str, pa.Array] | None = None,
) -> Body:
    """Forward energy of a month; `shares` by kind of supply are DECIMAL, one for each interval."""
    formats: list[Body] = [
        {"id": "use", "type": "electric_usage", "units": "kWh", "direction": "forward",
         "quality": quality, "related_meterdevices": [METER_ID]}
    ]  # fmt: skip
    slots = [pc.coalesce(_joined('{"eu":', use.kwh.cast(pa.string()), "}"), "null")]
    for supply_type, share in (shares or {}).items():
        formats.append(
            {"id": supply_type, "type": "electric_supply_mix", "indexes": [0],
             "attribution": "base", "supply_type": supply_type}
        )  # fmt: skip
        carbon = f',"ci":{CARBON_G_PER_KWH[supply_type]}}}'
        slots.append(_joined('{"sm":', share.cast(pa.string()), carbon))
    sets = _joined("[", pc.binary_join_element_wise(*slots, ","), "]")
    return {
        "cds_usagesegment_id": f"use-{use.label}",
        **_times(use.end_utc, synced_at=synced_at, modified_at=modified_at),
        "related_aggregations": [],
        "related_accounts": [ACCOUNT_ID],
        **_ABOUT,
        "related_billsections": [_section_id(use)],
        "segment_start": instant(use.start_utc),
        "segment_end": instant(use.end_utc),
        "interval": use.interval_seconds,
        "formats": formats,
        "values": orjson.Fragment("[" + ",".join(sets.to_pylist()) + "]"),
    }


def bill_statement(connection: Connection, use: MonthUse, billed_kwh: Decimal) -> Body:
    """The bill of a month, printed on the day after it; everything before is paid."""
    printed = use.last_day + timedelta(days=1)
    amount = _energy_cost(billed_kwh) + FIXED_CHARGE
    return {
        **_bill_of(connection, use),
        "statement_date": printed.isoformat(),
        "previous_balance_unpaid": Decimal("0.00"),
        "new_charges_amount": amount,
        "new_charges": [
            {
                "id": "charge-1",
                "name": "Electricity",
                "types": ["electric_total"],
                "amount": amount,
                "included_in_amount_due": True,
                "related_billsections": [_section_id(use)],
            }
        ],
        "amount_due": amount,
        "amount_due_date": (printed + timedelta(days=20)).isoformat(),
        "shutoff_prevention_minimum_due": None,
        "shutoff_prevention_date": None,
    }


def bill_section(connection: Connection, use: MonthUse, billed_kwh: Decimal) -> Body:
    """The one section of a month's bill."""
    days = {"start_date": use.first_day.isoformat(), "end_date": use.last_day.isoformat()}
    energy_cost = _energy_cost(billed_kwh)
    return {
        **_bill_of(connection, use),
        "cds_billsection_id": _section_id(use),
        **days,
        **_ABOUT,
        "related_billsections": [],
        "section_types": ["service_contract", "electric", "distribution", "supply"],
        "distribution_entity": _ENTITY,
        "supply_entity": _ENTITY,
        "usage_details": [
            {"id": "use-1", "name": "Energy delivered", "types": ["electric_usage", "directional"],
             "direction": "forward", "value": billed_kwh, "units": "kWh", **days}
        ],
        "cost_details": [
            {"id": "cost-1", "name": "In all", "types": ["overall_total"],
             "cost": energy_cost + FIXED_CHARGE}
        ],
        "line_items": [
            {"id": "line-1", "name": "Energy", "types": ["usage_charge"], **days,
             "cost": energy_cost, "value": billed_kwh, "units": "kWh", "rate": RATE_PER_KWH,
             "related_usage_details": ["use-1"], "related_cost_details": ["cost-1"]},
            {"id": "line-2", "name": "Connection", "types": ["fixed_charge"], **days,
             "cost": FIXED_CHARGE, "value": None, "rate": None, "related_usage_details": [],
             "related_cost_details": ["cost-1"]},
        ],
    }  # fmt: skip


def instant(moment: datetime) -> str:
    """Naive UTC as bodies write it."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _times(
    created_at: datetime, *, synced_at: datetime, modified_at: datetime | None = None
) -> Body:
    return {
        "cds_created": instant(created_at),
        "cds_modified": instant(modified_at or created_at),
        "cds_synced": instant(synced_at),
    }


def _known(connection: Connection) -> Body:
    return _times(connection.created_at, synced_at=connection.synced_at)


def _bill_of(connection: Connection, use: MonthUse) -> Body:
    return {
        "cds_billstatement_id": f"bill-{use.label}",
        "cds_account_id": ACCOUNT_ID,
        "account_number": connection.account_number,
        "currency": CURRENCY,
        **_times(use.end_utc, synced_at=connection.synced_at),
    }


def _section_id(use: MonthUse) -> str:
    return f"section-{use.label}"


def _energy_cost(kwh: Decimal) -> Decimal:
    return (kwh * RATE_PER_KWH).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def _joined(before: str, texts: pa.Array, after: str) -> pa.Array:
    """Each text between two others; null stays null."""
    return pc.binary_join_element_wise(before, texts, after, "")


def _digits(value: object) -> orjson.Fragment:
    if isinstance(value, Decimal):
        return orjson.Fragment(format(value, "f"))
    raise TypeError(f"found {type(value).__name__}, expected what JSON has or a Decimal")
