"""The demo: a simulated pilot, its utility and a CSI programme through the whole pipeline."""

from typing import TYPE_CHECKING, Any

from rich.table import Table

from cei_assets.cli.console import console
from cei_assets.cli.pipeline import run_everything
from cei_assets.cli.results import print_results
from cei_assets.settings import Settings
from cei_assets.simulation.cds_drops import write_customer_data
from cei_assets.simulation.csi_design import demo_first_month, demo_programme
from cei_assets.simulation.csi_drops import write_programme
from cei_assets.simulation.drops import write_pilot
from cei_assets.simulation.pilot import DEFAULT_MONTHS, default_first_day, simulate_pilot
from cei_assets.simulation.truth import read_truth, truth_comparison
from cei_assets.storage.layout import ensure_layout
from cei_assets.storage.paths import DataPaths

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


_SEGMENTS_SQL = """
    select
        count(*), count(distinct cds_usagesegment_id),
        count(*) filter (where version_status = 'superseded'),
        (select count(*) from fct_usage_intervals where cds_value_type = 'electric_usage')
    from fct_usage_segments
"""
_BILLS_SQL = """
    select
        count(*), count(*) filter (where is_comparable),
        count(*) filter (where not is_within_tolerance),
        string_agg(
            printf('%s to %s: %+.1f %%', section_start_date, section_end_date,
                bill_difference_percent),
            ', ' order by section_start_date, cds_billsection_id
        ) filter (where not is_within_tolerance)
    from fct_cds_bills_metered
"""
_EMISSIONS_SQL = """
    select count(*), count(hour_g), count(*) filter (where emission_source = 'supply_mix')
    from fct_cds_emissions_hourly
"""


class DataDirectoryInUseError(Exception):
    """The folder holds a register that the demo did not write."""


def run_demo(settings: Settings, *, seed: int) -> None:
    """Simulate, run everything, print the scorecard and what was found of what was injected.

    Raises DataDirectoryInUseError rather than mix simulated meters with somebody's own.
    """
    paths = settings.paths
    _refuse_foreign(paths)
    ensure_layout(paths)
    first_day = default_first_day(settings.now().date())
    console.print(f"simulating {DEFAULT_MONTHS} months from {first_day} (seed {seed}) ...")
    pilot = simulate_pilot(seed=seed, first_day=first_day)
    write_pilot(pilot, paths=paths)
    write_customer_data(pilot, paths=paths)
    months = demo_first_month(settings.now().date())
    write_programme(demo_programme(seed=seed, first_month=months), paths=paths)
    run_everything(settings)
    _print_comparison(settings)
    _print_customer_data(settings)
    print_results(settings)


def _refuse_foreign(paths: DataPaths) -> None:
    if (paths.register / "sites.csv").exists() and not (paths.root / "demo").exists():
        raise DataDirectoryInUseError(
            f"{paths.register} holds a register that the demo did not write; expected an empty "
            "data folder. Choose another one: cei demo --data-dir FOLDER"
        )


def _print_comparison(settings: Settings) -> None:
    from cei_assets.storage.published import open_published

    with open_published(settings.paths) as connection:
        episodes = connection.execute("select * from fct_anomaly_episodes").to_arrow_table()
    table = Table(
        "injected",
        "meter",
        "kWh injected",
        "kWh found",
        "any rule",
        "found/injected",
        show_edge=False,
    )
    for row in truth_comparison(read_truth(settings.paths), episodes):
        table.add_row(
            row.injected.rule,
            f"{row.injected.site_id}/{row.injected.meter_id}",
            f"{row.injected.kwh:,.0f}",
            f"{row.found_kwh:,.0f}",
            f"{row.found_any_rule_kwh:,.0f}",
            f"{row.found_kwh / row.injected.kwh:.2f}",
        )
    console.print("\n[bold]Found against injected waste[/bold]")
    console.print(table)


def _print_customer_data(settings: Settings) -> None:
    from cei_assets.storage.published import open_published

    with open_published(settings.paths) as connection:
        lines = customer_data_lines(connection)
    console.print("\n[bold]Customer data of a utility (CDS)[/bold]")
    for line in lines:
        console.print(line)


def customer_data_lines(connection: "DuckDBPyConnection") -> tuple[str, ...]:
    """What customer data became, each line led by the mart that it counts."""
    versions, segments, superseded, intervals = _row(connection, _SEGMENTS_SQL)
    bills, comparable, differing, which = _row(connection, _BILLS_SQL)
    hours, known, by_mix = _row(connection, _EMISSIONS_SQL)
    usage = (
        f"fct_usage_segments: {segments:,} segments in {versions:,} versions "
        f"({superseded:,} superseded), {intervals:,} intervals"
    )
    billed = (
        f"fct_cds_bills_metered: {bills:,} bills, {comparable:,} comparable with the meter, "
        f"off: {differing:,}{f' ({which})' if which else ''}"
    )
    emitted = (
        f"fct_cds_emissions_hourly: {known:,} of {hours:,} hours known, {by_mix:,} by supply mix"
    )
    return usage, billed, emitted


def _row(connection: "DuckDBPyConnection", query: str) -> tuple[Any, ...]:
    (row,) = connection.execute(query).fetchall()
    found: tuple[Any, ...] = row
    return found
