"""Segments as the contract's table `cds_segments`."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa

from cei_assets.contracts.cds_vocabulary import CdsDialect, CdsValueStatus
from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.tables.cds import CDS_SEGMENTS
from cei_assets.core.cds.expand import Shape
from cei_assets.core.cds.interval_table import CdsSource
from cei_assets.core.cds.segment import Segment


def segment_table(
    segments: Sequence[Segment],
    shapes: Sequence[Shape],
    repeats_names: Sequence[bool],
    *,
    dialect: CdsDialect | None,
    counts: Mapping[str, Sequence[int]],
    source: CdsSource,
) -> pa.Table:
    """One row per segment; `counts` has the number of slots of each segment by value status."""
    found = zip(segments, shapes, repeats_names, strict=True)
    rows: list[dict[str, Any]] = [
        {
            "receipt_id": source.receipt_id,
            "received_date": source.received_date,
            "observed_at_utc": source.observed_at_utc,
            "cds_server": source.server,
            "segment_version_id": segment.version_id,
            "cds_usagesegment_id": segment.segment_id,
            "json_pointer": segment.pointer,
            "cds_dialect": dialect and dialect.value,
            "cds_created_utc": segment.created_us,
            "cds_modified_utc": segment.modified_us,
            "cds_synced_utc": segment.synced_us,
            "segment_start_utc": segment.start_us,
            "segment_end_utc": segment.end_us,
            "cds_interval_seconds": Decimal(segment.interval_us).scaleb(-6),
            "set_count": len(segment.values),
            "format_count": len(segment.formats),
            "slot_count": sum(counts[kind.value][index] for kind in CdsValueStatus),
            "value_count": counts[CdsValueStatus.VALUE.value][index],
            "missing_count": counts[CdsValueStatus.MISSING.value][index],
            "invalid_count": counts[CdsValueStatus.INVALID.value][index],
            "unknown_type_count": sum(one.value_type is None for one in segment.formats),
            "is_period_marker": segment.is_period_marker,
            "is_aggregated": segment.is_aggregated,
            "has_length_mismatch": shape.has_length_mismatch,
            "has_span_mismatch": shape.has_span_mismatch,
            "has_repeated_names": repeats,
            "content_sha256": segment.content_sha256,
        }
        for index, (segment, shape, repeats) in enumerate(found)
    ]
    return pa.Table.from_pylist(rows, schema=arrow_schema(CDS_SEGMENTS))
