"""Shares of supply beside the energy that they describe: the contract's table `cds_supply_mix`.

Energy and emissions are products of what the body states; where it does not say which values are
described, or how much carbon a kWh carries, they are empty. Energy and emissions that the body
states itself stand beside them.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cei_assets.contracts.cds_vocabulary import (
    CdsValueStatus,
    CdsValueType,
)
from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.tables.cds import CDS_SUPPLY_MIX
from cei_assets.core.cds.costs import nullable
from cei_assets.core.cds.decimals import VALUE_TYPE, decimals
from cei_assets.core.cds.described import describe, first_rows
from cei_assets.core.cds.expand import Block, Positions, Rows
from cei_assets.core.cds.finding import Findings
from cei_assets.core.cds.interval_table import (
    TIMESTAMP,
    CdsSource,
    constants,
    energy_kwh,
    of_each,
    version_ids,
)
from cei_assets.core.cds.share_lists import only_usage, read_shares, stated_number
from cei_assets.core.cds.units import fitted

_NO_ROW = -(1 << 62)
_BESIDE = {"carbon_intensity": "ci", "stated_kwh": "kwh", "stated_tco2e": "tco2e"}
"""Columns, and the member of a value of dialect C that fills each; only `ci` is in its text."""

_RATIO = pa.decimal256(20, 12)
_MOST_RATIO = pa.scalar(Decimal(10_000_000), pa.decimal128(38, 12))
_ENERGY = pa.decimal256(34, 15)
_MOST_ENERGY = pa.scalar(Decimal(10) ** 18, pa.decimal128(38, 15))


def mix_table(
    rows: Rows, lists: tuple[Block, ...], *, source: CdsSource, findings: Findings
) -> pa.Table:
    """Shares of dialect C's formats by their indexes, then those of the `lists` of A and B.

    A list of shares does not say what it describes: it is taken to be the one electric usage of
    its segment, and nothing where there are several. Emissions are grams of CO2e.
    """
    energy = energy_kwh(rows)
    schema = arrow_schema(CDS_SUPPLY_MIX)
    tables = [
        _of_formats(rows, energy, source=source, findings=findings, schema=schema),
        _of_lists(rows, lists, energy, source=source, findings=findings, schema=schema),
    ]
    return pa.concat_tables(tables).combine_chunks()


def _of_formats(
    rows: Rows, energy: pa.Array, *, source: CdsSource, findings: Findings, schema: pa.Schema
) -> pa.Table:
    found = describe(rows, CdsValueType.ELECTRIC_SUPPLY_MIX, findings=findings)
    own = pa.array(found.own)

    def of_blocks(name: str) -> pa.Array:
        return of_each(rows, lambda block: getattr(block.value_format, name), pa.string()).take(own)

    stated = _stated(rows, findings=findings)
    columns = {
        **constants(len(own), source),
        "segment_version_id": version_ids(rows).take(own),
        "set_position": pa.array(rows.set_position[found.own]),
        "format_position": of_each(
            rows, lambda block: block.value_format.position, pa.int64()
        ).take(own),
        "mix_part": pa.array(np.zeros(len(own), dtype=np.int64)),
        "described_position": nullable(found.positions),
        "interval_start_utc": pa.array(rows.start_us[found.own]).cast(TIMESTAMP),
        "cds_interval_end_utc": pa.array(rows.end_us[found.own]).cast(TIMESTAMP),
        "supply_attribution": of_blocks("attribution"),
        "supply_type": of_blocks("supply_type"),
        "supply_type_text": of_blocks("supply_type"),
        "value_status": rows.status.take(own),
        "share": rows.values.take(own),
        "share_text": rows.texts.take(own),
        **{name: column.take(own) for name, column in stated.items()},
        "described_kwh": energy.take(nullable(found.other)),
    }
    return _with_products(columns, schema)


def _stated(rows: Rows, *, findings: Findings) -> dict[str, pa.Array]:
    """What stands beside the share of every row, as DECIMAL(38,12)."""
    texts: dict[str, list[str | None]] = {name: [None] * len(rows.texts) for name in _BESIDE}
    for first, block in zip(rows.first_row.tolist(), rows.blocks, strict=True):
        if block.value_format.value_type is not CdsValueType.ELECTRIC_SUPPLY_MIX:
            continue
        for index, slot in enumerate(block.slots):
            for column, name in _BESIDE.items() if isinstance(slot, dict) else ():
                if slot.get(name) is not None:
                    texts[column][first + index] = stated_number(
                        slot, name, pointer=block.pointer_to(index), findings=findings
                    )
    return {name: decimals(pa.array(found, pa.string())).values for name, found in texts.items()}


def _of_lists(
    rows: Rows,
    lists: tuple[Block, ...],
    energy: pa.Array,
    *,
    source: CdsSource,
    findings: Findings,
    schema: pa.Schema,
) -> pa.Table:
    shares = read_shares(lists, findings=findings)
    count = len(shares.part)
    block = np.array(shares.block, dtype=np.int64)
    sets = np.array(shares.set_position, dtype=np.int64)
    interval = np.array([one.segment.interval_us for one in lists], dtype=np.int64)[block]
    start = np.array([one.segment.start_us for one in lists], dtype=np.int64)[block]
    start = start + sets * interval
    usage = [only_usage(one) for one in lists]
    versions = [one.segment.version_id for one in lists]
    positions = [one.value_format.position for one in lists]
    texts = pa.array(shares.share_text, pa.string())
    stated_kwh = decimals(pa.array(shares.stated_kwh, pa.string())).values
    refused = pa.array(shares.is_refused, pa.bool_())
    columns = {
        **constants(count, source),
        "segment_version_id": pa.array(versions, pa.string()).take(pa.array(block)),
        "set_position": pa.array(sets),
        "format_position": pa.array(positions, pa.int64()).take(pa.array(block)),
        "mix_part": pa.array(shares.part, pa.int64()),
        "described_position": pa.array(usage, pa.int64()).take(pa.array(block)),
        "interval_start_utc": pa.array(start).cast(TIMESTAMP),
        "cds_interval_end_utc": pa.array(start + interval).cast(TIMESTAMP),
        "supply_attribution": pa.nulls(count, pa.string()),
        "supply_type": pa.array(shares.supply_type, pa.string()),
        "supply_type_text": pa.array(shares.supply_type_text, pa.string()),
        "value_status": pc.if_else(
            refused,
            CdsValueStatus.INVALID.value,
            pc.if_else(
                pc.and_(texts.is_null(), stated_kwh.is_null()),
                CdsValueStatus.MISSING.value,
                CdsValueStatus.VALUE.value,
            ),
        ),
        "share": decimals(pc.if_else(refused, None, texts)).values,
        "share_text": texts,
        "carbon_intensity": pa.nulls(count, VALUE_TYPE),
        "stated_kwh": stated_kwh,
        "stated_tco2e": decimals(pa.array(shares.stated_tco2e, pa.string())).values,
        "described_kwh": energy.take(nullable(_usage_rows(rows, lists, usage)[block] + sets)),
    }
    return _with_products(columns, schema)


def _usage_rows(rows: Rows, lists: Sequence[Block], usage: Sequence[int | None]) -> Positions:
    """First row of the usage that each list describes; far below zero where it describes none."""
    firsts = first_rows(rows) if lists else {}
    found = [
        _NO_ROW if position is None else firsts[block.segment_index, position]
        for block, position in zip(lists, usage, strict=True)
    ]
    return np.array(found, dtype=np.int64)


def _with_products(columns: dict[str, Any], schema: pa.Schema) -> pa.Table:
    """Energy of the share and its emissions; empty where a factor is, or is beyond all use."""
    share = _bounded(columns["share"], _MOST_RATIO).cast(_RATIO)
    intensity = _bounded(columns["carbon_intensity"], _MOST_RATIO).cast(_RATIO)
    energy = _bounded(columns["described_kwh"], _MOST_ENERGY).cast(_ENERGY)
    columns["share_kwh"] = fitted(pc.multiply(energy, share), places=12)
    grams = pc.multiply(pc.multiply(share, intensity), energy)
    columns["emissions_g"] = fitted(grams, places=12)
    return pa.Table.from_arrays([columns[name] for name in schema.names], schema=schema)


def _bounded(values: pa.Array, most: pa.Scalar) -> pa.Array:
    return pc.if_else(pc.less(pc.abs(values), most), values, None)
