"""What ingest writes as Parquet per `received_date`: readings, rejects, outcomes."""

from cei_assets.contracts.fields import columns
from cei_assets.contracts.model import Table

READINGS = Table(
    name="readings",
    layer="raw",
    subject="intake",
    description="Accepted interval readings, every version, as received.",
    columns=columns(
        "receipt_id received_at_utc received_date upload_source line_number record_index? "
        "organization_id site_id meter_id interval_start_utc interval_seconds usage_kwh "
        "reading_quality flow_direction idempotency_key?"
    ),
    grain=("receipt_id", "line_number"),
)
REJECTS = Table(
    name="rejects",
    layer="raw",
    subject="intake",
    description="Rows refused at intake, each with line, column, value and reason.",
    columns=columns(
        "receipt_id received_at_utc received_date upload_source line_number record_index? "
        "organization_id? code column_name? detail site_id_text? meter_id_text? timestamp_text? "
        "value_text? unit_text? raw_text?"
    ),
    grain=("receipt_id", "line_number"),
)
OUTCOMES = Table(
    name="outcomes",
    layer="raw",
    subject="intake",
    description="Verdict on every file that arrived, with the conservation counts.",
    columns=columns(
        "receipt_id upload_source original_filename sha256 size_bytes received_at_utc "
        "received_date status detail? warnings? encoding? delimiter? rows_read rows_accepted "
        "rows_rejected rows_exact_duplicate judgement_id"
    ),
    grain=("receipt_id",),
)
TEMPERATURES = Table(
    name="temperatures",
    layer="raw",
    subject="intake",
    description="Accepted outdoor temperatures, every version, as received.",
    columns=columns(
        "receipt_id received_at_utc received_date line_number site_id? station_id? "
        "observed_at_utc temperature_c"
    ),
    grain=("receipt_id", "line_number"),
)

INTAKE_TABLES: tuple[Table, ...] = (READINGS, REJECTS, OUTCOMES, TEMPERATURES)
