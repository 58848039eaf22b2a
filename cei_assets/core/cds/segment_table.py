"""Segments as the contract's table `cds_segments`."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa

from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.tables.cds import CDS_SEGMENTS
from cei_assets.core.cds.interval_table import CdsSource
from cei_assets.core.cds.usage import Sighting


def segment_table(sightings: Sequence[Sighting], *, source: CdsSource) -> pa.Table:
    """One row per version that the file shows, whoever has stored its slots."""
    return pa.Table.from_pylist(
        [_row(sighting, source) for sighting in sightings], schema=arrow_schema(CDS_SEGMENTS)
    )


def _row(sighting: Sighting, source: CdsSource) -> dict[str, Any]:
    facts = sighting.facts
    return {
        "receipt_id": source.receipt_id,
        "received_date": source.received_date,
        "observed_at_utc": source.observed_at_utc,
        "cds_server": source.server,
        "segment_version_id": facts.version_id,
        "cds_usagesegment_id": facts.segment_id,
        "json_pointer": sighting.pointer,
        "cds_dialect": facts.dialect and facts.dialect.value,
        "cds_created_utc": facts.created_us,
        "cds_modified_utc": facts.modified_us,
        "cds_synced_utc": sighting.synced_us,
        "segment_start_utc": facts.start_us,
        "segment_end_utc": facts.end_us,
        "cds_interval_seconds": Decimal(facts.interval_us).scaleb(-6),
        "set_count": facts.set_count,
        "format_count": facts.format_count,
        "slot_count": facts.slot_count,
        "value_count": facts.value_count,
        "missing_count": facts.missing_count,
        "invalid_count": facts.invalid_count,
        "unknown_type_count": facts.unknown_type_count,
        "is_period_marker": facts.is_period_marker,
        "is_aggregated": facts.is_aggregated,
        "has_length_mismatch": facts.has_length_mismatch,
        "has_span_mismatch": facts.has_span_mismatch,
        "has_repeated_names": facts.has_repeated_names,
        "content_sha256": facts.content_sha256,
    }
