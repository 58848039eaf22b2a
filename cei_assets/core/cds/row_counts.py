"""What counts as a row of a file of customer data, so that none is lost without a reason.

Slots are rows. A segment without slots counts as one, since it is a row of `cds_segments`, and so
does an object, and whatever was refused: a file, an object, a segment or a value. Slots whose value
was refused are rows of `cds_intervals` too, and count as refused.
"""

import pyarrow as pa
import pyarrow.compute as pc

from cei_assets.contracts.cds_vocabulary import CdsValueStatus
from cei_assets.contracts.tables.cds_objects import CDS_OBJECT_TABLES

COUNTED_OBJECT_TABLES = tuple(
    table for table in CDS_OBJECT_TABLES if "json_pointer" in table.column_names
)
"""Tables with one row an object; the others hold parts of objects."""


def slots_kept(intervals: pa.Table) -> int:
    """Slots that hold a value or none; `intervals` needs the column value_status alone."""
    refused = pc.equal(intervals["value_status"], CdsValueStatus.INVALID.value)
    return int(intervals.num_rows) - int(pc.sum(refused).as_py() or 0)


def segments_without_slots(segments: pa.Table) -> int:
    """Period markers and segments of which no format is known; needs the column slot_count."""
    return int(pc.sum(pc.equal(segments["slot_count"], 0)).as_py() or 0)
