"""Run the analysis over the warehouse: batches of whole sites in, Parquet per month out."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import duckdb
import numpy as np
import pyarrow as pa

from cei_assets.contracts.model import Table
from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.tables.analysis import (
    ANNUAL_AVOIDABLE,
    AVOIDABLE_HOURS,
    AVOIDED_ENERGY,
    BASELINE_MODELS,
    COUNTERFACTUAL_HOURLY,
    FLAGGED_HOURS,
)
from cei_assets.core.analysis import (
    AnalysisSettings,
    annualise,
    attribute_avoidable,
    avoided_energy,
    judge_months,
)
from cei_assets.settings import Settings
from cei_assets.storage.atomic import write_parquet
from cei_assets.storage.duckdb_session import connect
from cei_assets.storage.monthly_parquet import MonthlyWriter

MONTHLY_TABLES = (BASELINE_MODELS, COUNTERFACTUAL_HOURLY, FLAGGED_HOURS, AVOIDABLE_HOURS)
SUMMARY_TABLES = (ANNUAL_AVOIDABLE, AVOIDED_ENERGY)
METERS_PER_BATCH = 64
# The baseline of a month is the 365 days before it; local days reach into the neighbouring UTC day.
LOOK_BACK = timedelta(days=367)
ANNUAL_SEED = 20_260_101

_METERS_SQL = """
    select site_id, meter_id, role, parent_meter_id, tree_depth
    from marts.dim_meters order by site_id, meter_id
"""
_USAGE_SQL = """
    select site_id, meter_id, hour_start_utc, hour_usage_kwh, expected_intervals, is_complete
    from marts.fct_usage_hourly
    where site_id in (select unnest($sites)) and local_date >= $first and local_date < $last
    order by site_id, meter_id, hour_start_utc
"""
_SITE_HOURS_SQL = """
    select site_id, hour_start_utc, hour_start_local, local_date, local_hour, weekday,
        usage_month, is_operating, is_working_day, is_holiday, is_closure, has_operating_hours,
        temperature_c
    from intermediate.int_site_hours
    where site_id in (select unnest($sites)) and local_date >= $first and local_date < $last
    order by site_id, hour_start_utc
"""


@dataclass(frozen=True, kw_only=True)
class AnalysisRun:
    """What a run of the analysis wrote: months, meters and rows per table."""

    months: tuple[date, ...]
    meters: int
    rows: Mapping[str, int]


def judge_months_of_warehouse(
    months: Sequence[date],
    *,
    settings: Settings,
    analysis: AnalysisSettings,
) -> AnalysisRun:
    """Fit, predict and flag the given local months for every meter; write one file per month.

    Sites are taken whole, since attribution over the meter tree needs all meters of a site, and in
    batches of about `METERS_PER_BATCH` meters, so memory does not grow with the portfolio.
    """
    months = tuple(sorted(months))
    rows = {table.name: 0 for table in MONTHLY_TABLES}
    with connect(settings.paths.warehouse, read_only=True, settings=settings.session) as connection:
        meters = connection.execute(_METERS_SQL).to_arrow_table()
        with ExitStack() as stack:
            writers = {
                table.name: stack.enter_context(
                    MonthlyWriter(table, folder=settings.paths.analysis(table.name), months=months)
                )
                for table in MONTHLY_TABLES
            }
            for sites in _site_batches(meters):
                for name, table in _judge_batch(
                    connection, sites=sites, meters=meters, months=months, analysis=analysis
                ).items():
                    writers[name].write(table)
                    rows[name] += table.num_rows
    return AnalysisRun(months=months, meters=meters.num_rows, rows=rows)


def _judge_batch(
    connection: duckdb.DuckDBPyConnection,
    *,
    sites: Sequence[str],
    meters: pa.Table,
    months: Sequence[date],
    analysis: AnalysisSettings,
) -> dict[str, pa.Table]:
    window = {
        "sites": list(sites),
        "first": months[0] - LOOK_BACK,
        "last": _next_month(months[-1]),
    }
    of_sites = _meters_of(meters, sites)
    result = judge_months(
        usage=connection.execute(_USAGE_SQL, window).to_arrow_table(),
        site_hours=connection.execute(_SITE_HOURS_SQL, window).to_arrow_table(),
        meters=of_sites,
        months=months,
        settings=analysis,
    )
    return {
        BASELINE_MODELS.name: result.baseline_models,
        COUNTERFACTUAL_HOURLY.name: result.counterfactual_hourly,
        FLAGGED_HOURS.name: result.flagged_hours,
        AVOIDABLE_HOURS.name: attribute_avoidable(
            flagged_hours=result.flagged_hours, meters=of_sites
        ),
    }


def sum_up(*, settings: Settings, analysis: AnalysisSettings, as_of: datetime) -> AnalysisRun:
    """Scale the last twelve judged months of every site to a year, and settle the measures."""
    with connect(settings.paths.warehouse, read_only=True, settings=settings.session) as connection:
        meters = connection.execute(_METERS_SQL).to_arrow_table()
        annual = [
            _annual_of_batch(
                connection, sites=sites, meters=meters, settings=settings, analysis=analysis
            )
            for sites in _site_batches(meters)
        ]
        measured = _avoided(connection, meters=meters, analysis=analysis, as_of=as_of)
    results = {ANNUAL_AVOIDABLE: _concat(ANNUAL_AVOIDABLE, annual), AVOIDED_ENERGY: measured}
    for table, data in results.items():
        write_parquet(
            settings.paths.analysis(table.name) / "part.parquet",
            data.to_batches(),
            schema=data.schema,
        )
    return AnalysisRun(
        months=(),
        meters=meters.num_rows,
        rows={table.name: data.num_rows for table, data in results.items()},
    )


def _annual_of_batch(
    connection: duckdb.DuckDBPyConnection,
    *,
    sites: Sequence[str],
    meters: pa.Table,
    settings: Settings,
    analysis: AnalysisSettings,
) -> pa.Table:
    judged = {
        table.name: _last_year(connection, table=table, sites=sites, settings=settings)
        for table in (AVOIDABLE_HOURS, COUNTERFACTUAL_HOURLY)
    }
    return annualise(
        avoidable_hours=judged[AVOIDABLE_HOURS.name],
        counterfactual_hourly=judged[COUNTERFACTUAL_HOURLY.name],
        meters=_meters_of(meters, sites),
        settings=analysis,
        rng=np.random.default_rng(ANNUAL_SEED),
    )


def _last_year(
    connection: duckdb.DuckDBPyConnection,
    *,
    table: Table,
    sites: Sequence[str],
    settings: Settings,
) -> pa.Table:
    """Rows of the twelve months that end with the site's last judged one."""
    columns = ", ".join(f"judged.{name}" for name in table.column_names)
    return connection.execute(
        f"""
        with last_months as (
            select site_id, max(usage_month) as last_month
            from read_parquet($judged, hive_partitioning = false) group by all
        )
        select {columns}
        from read_parquet($rows, hive_partitioning = false) as judged
        join last_months using (site_id)
        where site_id in (select unnest($sites))
            and judged.usage_month > last_month - interval 12 month
        """,
        {
            "judged": str(settings.paths.analysis(BASELINE_MODELS.name) / "*" / "*.parquet"),
            "rows": str(settings.paths.analysis(table.name) / "*" / "*.parquet"),
            "sites": list(sites),
        },
    ).to_arrow_table()


def _avoided(
    connection: duckdb.DuckDBPyConnection,
    *,
    meters: pa.Table,
    analysis: AnalysisSettings,
    as_of: datetime,
) -> pa.Table:
    measures = connection.execute(
        "select * from staging.stg_register__measures order by measure_id"
    ).to_arrow_table()
    if measures.num_rows == 0:
        return arrow_schema(AVOIDED_ENERGY).empty_table()
    implemented = measures.column("implemented_on").to_pylist()
    window = {
        "sites": sorted(set(measures.column("site_id").to_pylist())),
        "first": min(implemented) - LOOK_BACK,
        "last": as_of.date() + timedelta(days=2),
    }
    return avoided_energy(
        measures=measures,
        usage=connection.execute(_USAGE_SQL, window).to_arrow_table(),
        site_hours=connection.execute(_SITE_HOURS_SQL, window).to_arrow_table(),
        meters=_meters_of(meters, window["sites"]),
        as_of=as_of,
        settings=analysis,
    )


def _site_batches(meters: pa.Table) -> Iterator[list[str]]:
    counts = meters.group_by("site_id", use_threads=False).aggregate([("meter_id", "count")])
    batch: list[str] = []
    size = 0
    for site_id, count in zip(*(column.to_pylist() for column in counts.columns), strict=True):
        if batch and size + count > METERS_PER_BATCH:
            yield batch
            batch, size = [], 0
        batch.append(site_id)
        size += count
    if batch:
        yield batch


def _meters_of(meters: pa.Table, sites: Sequence[str]) -> pa.Table:
    return meters.filter(pa.compute.is_in(meters["site_id"], pa.array(sites, type=pa.string())))


def _concat(table: Table, parts: Sequence[pa.Table]) -> pa.Table:
    schema = arrow_schema(table)
    return pa.concat_tables([schema.empty_table(), *(part.cast(schema) for part in parts)])


def _next_month(month: date) -> date:
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)
