"""dbt's part of customer data: a month of many meters, then a listing of all with 1 % changed.

Run `python benchmarks/cds_marts.py [METERS] [SEGMENTS_PER_METER]` from the repository; 1,000 meters
are 2.98 million values of 15 minutes. The files that dbt reads are written by DuckDB as intake
leaves them: pages of 100 segments, and for the second listing a sighting of every segment but rows
of the changed ones only. Every meter is mapped. Wall seconds of `dbt run` on the models of usage,
start and parse of dbt included, and the highest resident memory of its process.
"""

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

import duckdb

from cei_assets.contracts.model import Table
from cei_assets.contracts.tables.cds import CDS_INTERVALS, CDS_RELATIONS, CDS_SEGMENTS
from cei_assets.contracts.tables.cds_hand_over import (
    CDS_LISTINGS,
    CDS_METERS,
    CDS_SITE_FACTORS,
    CDS_SITE_METERS,
    CDS_SITES,
)
from cei_assets.contracts.tables.cds_models import CDS_USAGE_INTERMEDIATES, CDS_USAGE_MARTS
from cei_assets.settings import Settings
from cei_assets.storage.layout import ensure_layout
from cei_assets.storage.paths import DataPaths

PROJECT = Path(__file__).parents[1] / "dbt_project"
START = datetime.fromisoformat("2026-03-01")
INTERVALS = 31 * 96
SHOWN = ("2026-04-02 03:00:00", "2026-04-03 03:00:00")
SELECTED = ("--select", *(f"+{t.name}" for t in (*CDS_USAGE_INTERMEDIATES, *CDS_USAGE_MARTS)))

SEGMENTS = """
    select
        'r' || {number} || '-' || (segment // 100) as receipt_id,
        cast('{shown}' as date) as received_date,
        timestamp '{shown}' as observed_at_utc,
        'utility' as cds_server,
        sha256('v' || segment || '-' || is_changed) as segment_version_id,
        'segment-' || segment as cds_usagesegment_id,
        '/usage_segments/' || (segment % 100) as json_pointer,
        'C' as cds_dialect,
        timestamp '2026-04-01' as cds_created_utc,
        case when is_changed then timestamp '{shown}' else timestamp '2026-04-01 06:00:00' end
            as cds_modified_utc,
        timestamp '{shown}' as cds_synced_utc,
        timestamp '{start}' + to_minutes(15 * length * (segment % per_meter)) as segment_start_utc,
        timestamp '{start}' + to_minutes(15 * length * (segment % per_meter + 1))
            as segment_end_utc,
        900 as cds_interval_seconds,
        length as set_count, 1 as format_count, length as slot_count, length as value_count,
        0 as missing_count, 0 as invalid_count, 0 as unknown_type_count,
        false as is_period_marker, false as is_aggregated, false as has_length_mismatch,
        false as has_span_mismatch, false as has_repeated_names,
        sha256('c' || segment || '-' || is_changed) as content_sha256,
        segment, length, segment // per_meter as meter, is_changed
    from (
        select
            range as segment,
            {per_meter} as per_meter,
            {intervals} // {per_meter} as length,
            {number} > 1 and range % 100 = 0 as is_changed
        from range({meters} * {per_meter})
    )
"""
ROWS = """
    select
        shown.*,
        set_position,
        0 as format_position, 'f' as format_id, 'electric_usage' as cds_value_type,
        'measured' as series_kind, 'forward' as flow_direction, 'kWh' as native_unit,
        'valid' as reading_quality, 'unknown' as tou_known, 'unknown' as tier_known,
        'unknown' as season_known, 'unknown' as register_known, 'meter_device' as resource_kind,
        'meter-' || meter as resource_id,
        segment_start_utc + to_minutes(15 * set_position) as interval_start_utc,
        segment_start_utc + to_minutes(15 * set_position + 15) as cds_interval_end_utc,
        false as is_point_in_time,
        'value' as value_status,
        cast((meter * 31 + set_position * 7919) % 90000 as decimal(38, 12)) / 1000 as cds_value,
        true as is_value_exact,
        cast((meter * 31 + set_position * 7919) % 90000 as decimal(38, 12)) as energy_wh,
        cast(cast((meter * 31 + set_position * 7919) % 90000 as decimal(18, 3))
            * cast('0.001' as decimal(4, 3)) as decimal(38, 15)) as energy_kwh,
        energy_kwh as normal_value, 'kWh' as normal_unit, '1' as unit_table_version
    from shown, range(length) as sets (set_position)
    where {number} = 1 or is_changed
"""


def write(connection: duckdb.DuckDBPyConnection, table: Table, path: Path, query: str) -> None:
    """The rows of a query as a file of the contract's columns; what it lacks is null."""
    found = {row[0] for row in connection.execute(f"describe {query}").fetchall()}
    listed = ", ".join(
        f"cast({one.name if one.name in found else 'null'} as {one.field.type}) as {one.name}"
        for one in table.columns
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    connection.execute(f"copy (select {listed} from ({query})) to '{path}' (format parquet)")


def write_listing(paths: DataPaths, *, number: int, meters: int, per_meter: int) -> int:
    """Segments, intervals, relations and pages of one listing; yields its rows."""
    shown = SHOWN[number - 1]
    query = SEGMENTS.format(
        number=number, shown=shown, start=START, per_meter=per_meter, intervals=INTERVALS,
        meters=meters,
    )  # fmt: skip
    partition = f"received_date={shown[:10]}/listing.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"create table shown as {query}")
        write(connection, CDS_SEGMENTS, paths.raw("cds_segments") / partition, "from shown")
        rows = ROWS.format(number=number)
        write(connection, CDS_INTERVALS, paths.raw("cds_intervals") / partition, rows)
        related = f"""
            select *, 'meter_device' as relation_kind, 'meter-' || meter as related_id from shown
            where {number} = 1 or is_changed
        """
        write(connection, CDS_RELATIONS, paths.raw("cds_relations") / partition, related)
        pages = """
            select
                receipt_id, any_value(received_date) as received_date, 'utility' as cds_server,
                left(receipt_id, 2) as batch_id, 'usage_segments' as object_kind,
                1 as listing_number, row_number() over (order by receipt_id) as page_number,
                count(*) over () as page_count, count(*) over () as batch_file_count,
                false as is_filtered, 'complete' as cds_access,
                any_value(observed_at_utc) as observed_at_utc
            from shown group by receipt_id
        """
        write(connection, CDS_LISTINGS, paths.raw("cds_listings") / partition, pages)
        receipts = [
            row[0] for row in connection.execute(f"select receipt_id from ({pages})").fetchall()
        ]
        written = paths.raw("cds_intervals") / partition
        count = connection.execute(f"select count(*) from '{written}'").fetchone()
    tell(paths, receipts, shown=shown, is_full=number == 1)
    return count[0] if count else 0


def tell(paths: DataPaths, receipts: list[str], *, shown: str, is_full: bool) -> None:
    """What raw/build tells dbt."""
    paths.build.mkdir(parents=True, exist_ok=True)
    row = {
        "as_of_utc": shown,
        "previous_as_of_utc": None if is_full else SHOWN[0],
        "is_full_refresh": is_full,
    }
    pending = [{"receipt_id": name, "received_date": shown[:10]} for name in receipts]
    (paths.build / "cds_parameters.json").write_text(json.dumps([row]))
    (paths.build / "cds_pending_receipts.json").write_text(json.dumps(pending))


def write_register(paths: DataPaths, *, meters: int) -> None:
    """Every meter of the server is a meter of one site."""
    of_meters = f"""
        select
            'utility' as cds_server, 'meter_device' as resource_kind,
            'meter-' || range as cds_reference, 'site' as site_id, 'm' || range as meter_id,
            'forward' as mapped_direction, 900 as interval_seconds
        from range({meters})
    """
    site = """
        select 'site' as site_id, 'org' as organization_id, 'Europe/Rome' as timezone,
            'IT' as country
    """
    factor = "select 'site' as site_id, 2026 as year, 0.25 as kgco2e_per_kwh, 'none' as source"
    queries = {
        CDS_METERS: of_meters,
        CDS_SITE_METERS: of_meters,
        CDS_SITES: site,
        CDS_SITE_FACTORS: factor,
    }
    with duckdb.connect() as connection:
        for table, query in queries.items():
            write(connection, table, paths.raw_cds_register / f"{table.name}.parquet", query)


def run_dbt(paths: DataPaths, *, is_full: bool) -> float:
    """Wall seconds of one `dbt run`."""
    environment = os.environ | {
        "CEI_DATA_DIR": str(paths.root),
        "DBT_TARGET_PATH": str(paths.root / "target"),
        "DBT_LOG_PATH": str(paths.root / "logs"),
    }
    command = [
        sys.executable, "-m", "dbt.cli.main", "run", *SELECTED,
        "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT),
    ]  # fmt: skip
    begun = time.perf_counter()
    subprocess.run(
        [*command, *(("--full-refresh",) if is_full else ())],
        env=environment, check=True, stdout=None if os.environ.get("SHOW") else subprocess.DEVNULL,
    )  # fmt: skip
    return time.perf_counter() - begun


def main() -> None:
    """Print seconds and memory of both builds."""
    parser = argparse.ArgumentParser()
    parser.add_argument("meters", nargs="?", type=int, default=1000)
    parser.add_argument("per_meter", nargs="?", type=int, default=31)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        paths = Settings(data_dir=Path(folder)).paths
        ensure_layout(paths)
        write_register(paths, meters=asked.meters)
        sys.stdout.write(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores\n")
        for number, name in ((1, "everything"), (2, "all shown again, 1 % changed")):
            rows = write_listing(
                paths, number=number, meters=asked.meters, per_meter=asked.per_meter
            )
            seconds = run_dbt(paths, is_full=number == 1)
            peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
            sys.stdout.write(
                f"{name}: {rows:,} rows of versions, {seconds:.1f} s, "
                f"peak so far {peak:,.0f} MiB, warehouse "
                f"{paths.warehouse.stat().st_size / 1e6:,.0f} MB\n"
            )


if __name__ == "__main__":
    main()
