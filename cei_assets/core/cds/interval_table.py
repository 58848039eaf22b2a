"""Rows of segments as the contract's table `cds_intervals`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import numpy as np
import pyarrow as pa

from cei_assets.contracts.cds_vocabulary import CdsDemandType, CdsValueType
from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.tables.cds import CDS_INTERVALS
from cei_assets.core.cds.expand import Block, Positions, Rows
from cei_assets.core.cds.units import (
    FACTOR_PLACES,
    UNIT_TABLE_VERSION,
    conversion,
    scaled,
    watt_hours,
)

TIMESTAMP = pa.timestamp("us")
_FACTOR = pa.decimal256(26, FACTOR_PLACES)


@dataclass(frozen=True, kw_only=True)
class CdsSource:
    """Where a file came from: its receipt, the server's name, and when it was seen (naive UTC).

    A page may have been seen a day before it was received; `received_on` is the UTC day of that,
    None where both are the same.
    """

    receipt_id: str
    server: str
    observed_at_utc: datetime
    received_on: date | None = None

    @property
    def received_date(self) -> date:
        """UTC day of the receipt."""
        return self.received_on or self.observed_at_utc.date()


def of_each(rows: Rows, value_of: Callable[[Block], Any], kind: pa.DataType) -> pa.Array:
    """A column whose values are those of the rows' blocks."""
    values = pa.array([_plain(value_of(block)) for block in rows.blocks], kind)
    return values.take(pa.array(rows.block_index))


def _plain(value: object) -> object:
    return value.value if isinstance(value, StrEnum) else value


def energy_kwh(rows: Rows) -> pa.Array:
    """Electric energy of every row in kWh, DECIMAL(38,15), exact; null for other types."""
    return scaled(rows.values, of_each(rows, _kwh_factor, _FACTOR), places=15)


def interval_table(rows: Rows, *, source: CdsSource) -> pa.Table:
    """One row per slot that holds numbers: times, designations, value, text, normal value."""
    schema = arrow_schema(CDS_INTERVALS)
    columns = {
        **constants(len(rows.texts), source),
        "segment_version_id": version_ids(rows),
        "unit_table_version": repeated(UNIT_TABLE_VERSION, len(rows.texts), pa.string()),
        **{name: of_each(rows, get, schema.field(name).type) for name, get in _OF_BLOCKS.items()},
        "set_position": pa.array(rows.set_position),
        "interval_start_utc": pa.array(rows.start_us).cast(TIMESTAMP),
        "cds_interval_end_utc": pa.array(rows.end_us).cast(TIMESTAMP),
        "instant_utc": _instants(rows),
        "value_status": rows.status,
        "cds_value": rows.values,
        "cds_value_text": rows.texts,
        "is_value_exact": pa.array(rows.is_exact),
        "energy_wh": scaled(rows.values, of_each(rows, _wh_factor, _FACTOR), places=12),
        "energy_kwh": energy_kwh(rows),
        "normal_value": scaled(rows.values, of_each(rows, _factor, _FACTOR), places=15),
    }
    return pa.Table.from_arrays([columns[name] for name in schema.names], schema=schema)


def repeated(value: object, count: int, kind: pa.DataType) -> pa.Array:
    """A column of one value."""
    return pa.repeat(pa.scalar(value, kind), count)


def version_ids(rows: Rows) -> pa.Array:
    """The segment version of every row."""
    return of_each(rows, lambda block: block.segment.version_id, pa.string())


def constants(count: int, source: CdsSource) -> dict[str, pa.Array]:
    """Columns that say where rows come from."""
    return {
        "receipt_id": repeated(source.receipt_id, count, pa.string()),
        "received_date": repeated(source.received_date, count, pa.date32()),
        "cds_server": repeated(source.server, count, pa.string()),
    }


def _factor(block: Block) -> Decimal | None:
    found = conversion(block.value_format.value_type, block.value_format.unit)
    return None if found is None else found.factor


def _kwh_factor(block: Block) -> Decimal | None:
    is_electric = block.value_format.value_type is CdsValueType.ELECTRIC_USAGE
    return _factor(block) if is_electric else None


def _wh_factor(block: Block) -> Decimal | None:
    return watt_hours(block.value_format.value_type, block.value_format.unit)


def _normal_unit(block: Block) -> str | None:
    found = conversion(block.value_format.value_type, block.value_format.unit)
    return None if found is None else found.unit


def _instants(rows: Rows) -> pa.Array:
    """Ending demand holds at the end of its interval, other readings at its start."""
    ends = [b.value_format.demand_type is CdsDemandType.ENDING for b in rows.blocks]
    is_end = np.array(ends, dtype=bool)[rows.block_index]
    is_point = np.array([b.value_format.is_point_in_time for b in rows.blocks], dtype=bool)
    instants: Positions = np.where(is_end, rows.end_us, rows.start_us)
    return pa.array(instants, mask=~is_point[rows.block_index]).cast(TIMESTAMP)


_OF_BLOCKS: dict[str, Callable[[Block], Any]] = {
    "format_position": lambda block: block.value_format.position,
    "format_id": lambda block: block.value_format.format_id,
    "cds_value_type": lambda block: block.value_format.value_type,
    "flow_direction": lambda block: block.value_format.direction,
    "native_unit": lambda block: block.value_format.unit,
    "currency": lambda block: block.value_format.currency,
    "series_kind": lambda block: block.series_kind,
    "reading_quality": lambda block: block.value_format.quality,
    "quality_text": lambda block: block.value_format.stated_quality.text,
    "demand_type": lambda block: block.value_format.demand_type,
    "tou": lambda block: block.value_format.tou.value,
    "tou_known": lambda block: block.value_format.tou.known,
    "tier": lambda block: block.value_format.tier.value,
    "tier_known": lambda block: block.value_format.tier.known,
    "season": lambda block: block.value_format.season.value,
    "season_known": lambda block: block.value_format.season.known,
    "meter_register": lambda block: block.value_format.register.value,
    "register_known": lambda block: block.value_format.register.known,
    "resource_kind": lambda block: block.resource.kind,
    "resource_id": lambda block: block.resource.resource_id,
    "is_aggregated": lambda block: block.is_aggregated,
    "cds_interval_seconds": lambda block: Decimal(block.segment.interval_us).scaleb(-6),
    "is_point_in_time": lambda block: block.value_format.is_point_in_time,
    "normal_unit": _normal_unit,
}
