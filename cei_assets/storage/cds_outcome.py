"""The verdict on a file of customer data in the terms of all sources: its outcome, its rejects."""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from cei_assets.contracts.cds_vocabulary import CDS_REFUSING_CODES
from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.tables.intake import REJECTS
from cei_assets.contracts.vocabulary import RecordCode
from cei_assets.core.cds.finding import Findings
from cei_assets.core.cds.judge import CdsVerdict
from cei_assets.core.cds.row_counts import (
    COUNTED_OBJECT_TABLES,
    segments_without_slots,
    slots_kept,
)
from cei_assets.storage.archive import Receipt
from cei_assets.storage.intake import Outcome


def cds_outcome(
    receipt: Receipt, verdict: CdsVerdict, *, judgement_id: str, warnings: Sequence[str] = ()
) -> Outcome:
    """The file in the terms of all sources: its slots are its rows.

    A segment without slots and an object count one each, and so does whatever was refused
    (`core/cds/row_counts`). Repeated are the slots of versions that are stored already.
    """
    tables = verdict.tables
    objects = sum(tables.objects[table.name].num_rows for table in COUNTED_OBJECT_TABLES)
    accepted = slots_kept(tables.intervals) + segments_without_slots(tables.segments) + objects
    rejected = tables.rejects.num_rows
    refused = verdict.refusals
    first = f"{refused[0].pointer or 'the file'}: {refused[0].detail}" if refused else None
    return Outcome(
        receipt_id=receipt.receipt_id,
        upload_source=receipt.upload_source,
        original_filename=receipt.original_filename,
        sha256=receipt.sha256,
        size_bytes=receipt.size_bytes,
        received_at_utc=receipt.received_at_utc,
        received_date=receipt.received_date,
        status=verdict.status.value,
        detail=f"{first} (and {len(refused) - 1} more)" if len(refused) > 1 else first,
        warnings="; ".join((*warnings, *_told(verdict.findings))) or None,
        encoding=None,
        delimiter=None,
        rows_read=accepted + rejected + verdict.repeated_rows,
        rows_accepted=accepted,
        rows_rejected=rejected,
        rows_exact_duplicate=verdict.repeated_rows,
        judgement_id=judgement_id,
    )


def _told(findings: Findings) -> list[str]:
    """What was found and refuses nothing, and what had to be ignored, each with its count."""
    counts = {
        "unknown_fields": findings.unknown_fields.total(),
        "unknown_types": findings.unknown_types.total(),
        "unknown_words": findings.unknown_words.total(),
        **{
            code.value: count
            for code, count in findings.counts.items()
            if code not in CDS_REFUSING_CODES
        },
    }
    return [f"{name} {count}" for name, count in sorted(counts.items()) if count]


def common_rejects(receipt: Receipt, verdict: CdsVerdict) -> pa.Table:
    """What was refused as rows of the table that all sources share."""
    refused = verdict.tables.rejects
    count = refused.num_rows
    code = RecordCode.MALFORMED_ROW if verdict.objects else RecordCode.MALFORMED_FILE
    pointers = refused["json_pointer"]
    places = pc.if_else(pc.equal(pointers, ""), "the file", pointers)
    details = pc.binary_join_element_wise(refused["cds_code"], places, refused["detail"], ": ")
    columns = {
        "receipt_id": refused["receipt_id"],
        "received_at_utc": pa.repeat(receipt.received_at_utc, count),
        "received_date": refused["received_date"],
        "upload_source": pa.repeat(receipt.upload_source, count),
        "line_number": refused["reject_number"],
        "code": pa.repeat(code.value, count),
        "detail": details,
        "value_text": refused["value_text"],
    }
    schema = arrow_schema(REJECTS)
    return pa.Table.from_arrays(
        [
            columns[field.name].cast(field.type)
            if field.name in columns
            else pa.nulls(count, field.type)
            for field in schema
        ],
        schema=schema,
    )
