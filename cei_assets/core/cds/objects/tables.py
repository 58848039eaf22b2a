"""Reference objects as the contract's tables (`contracts/tables/cds_objects`)."""

from collections import defaultdict
from collections.abc import Iterable

import pyarrow as pa

from cei_assets.contracts.cds_vocabulary import CDS_ID_FIELDS
from cei_assets.contracts.model import Table
from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.tables.cds_objects import CDS_OBJECT_RELATIONS, CDS_OBJECT_TABLES
from cei_assets.core.cds.interval_table import CdsSource
from cei_assets.core.cds.objects.content import Row
from cei_assets.core.cds.objects.reading import CdsObject


def object_tables(objects: Iterable[CdsObject], *, source: CdsSource) -> dict[str, pa.Table]:
    """Every table by its name, also the empty ones; rows in the order of the file."""
    rows: dict[str, list[Row]] = defaultdict(list)
    receipt: Row = {
        "receipt_id": source.receipt_id,
        "received_date": source.received_date,
        "observed_at_utc": source.observed_at_utc,
        "cds_server": source.server,
    }
    for found in objects:
        version = {**receipt, "object_version_id": found.version_id}
        named = {**version, CDS_ID_FIELDS[found.kind]: found.object_id}
        rows[f"cds_{found.kind.value}"].append({**named, **_times(found), **found.content.row})
        for table, parts in found.content.parts.items():
            rows[table] += ({**named, **part} for part in parts)
        rows[CDS_OBJECT_RELATIONS.name] += ({**version, **one} for one in _relations(found))
    return {table.name: _table(table, rows[table.name]) for table in CDS_OBJECT_TABLES}


def _table(table: Table, rows: list[Row]) -> pa.Table:
    schema = arrow_schema(table)
    # Most files hold objects of one kind: making the other tables of no rows would take longer.
    return pa.Table.from_pylist(rows, schema=schema) if rows else schema.empty_table()


def _times(found: CdsObject) -> Row:
    return {
        "json_pointer": found.pointer,
        "content_sha256": found.content_sha256,
        "cds_created_utc": found.created_us,
        "cds_modified_utc": found.modified_us,
        "cds_synced_utc": found.synced_us,
    }


def _relations(found: CdsObject) -> Iterable[Row]:
    for relation, thing, to_id in dict.fromkeys(found.content.relations):
        yield {
            "from_kind": found.thing.value,
            "from_id": found.object_id,
            "object_relation": relation.value,
            "to_kind": thing.value,
            "to_id": to_id,
        }
