"""Costs beside the formats whose values they are for: the contract's table `cds_costs`."""

import pyarrow as pa
import pyarrow.compute as pc

from cei_assets.contracts.cds_vocabulary import CdsValueType
from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.tables.cds import CDS_COSTS
from cei_assets.core.cds.described import describe
from cei_assets.core.cds.expand import Positions, Rows
from cei_assets.core.cds.finding import Findings
from cei_assets.core.cds.interval_table import (
    TIMESTAMP,
    CdsSource,
    constants,
    of_each,
    version_ids,
)


def cost_table(rows: Rows, *, source: CdsSource, findings: Findings) -> pa.Table:
    """One row per cost and format that it describes; one alone where it describes none.

    `described_count` is how often a cost is repeated, which a sum of costs has to heed.
    """
    found = describe(rows, CdsValueType.COST, findings=findings)
    own = pa.array(found.own)
    schema = arrow_schema(CDS_COSTS)
    columns = {
        **constants(len(own), source),
        "segment_version_id": version_ids(rows).take(own),
        "set_position": pa.array(rows.set_position[found.own]),
        "format_position": of_each(
            rows, lambda block: block.value_format.position, pa.int64()
        ).take(own),
        "described_position": nullable(found.positions),
        "described_count": pa.array(found.counts),
        "interval_start_utc": pa.array(rows.start_us[found.own]).cast(TIMESTAMP),
        "cds_interval_end_utc": pa.array(rows.end_us[found.own]).cast(TIMESTAMP),
        "currency": of_each(rows, lambda block: block.value_format.currency, pa.string()).take(own),
        "value_status": rows.status.take(own),
        "cds_cost": rows.values.take(own),
        "cds_cost_text": rows.texts.take(own),
    }
    return pa.Table.from_arrays([columns[name] for name in schema.names], schema=schema)


def nullable(positions: Positions) -> pa.Array:
    """Positions with null in place of -1."""
    found = pa.array(positions)
    return pc.if_else(pc.greater_equal(found, 0), found, None)
