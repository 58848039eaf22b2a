"""The demo: a simulated pilot and CSI programme through the whole pipeline."""

from rich.table import Table

from cei_assets.cli.console import console
from cei_assets.cli.pipeline import run_everything
from cei_assets.cli.results import print_results
from cei_assets.settings import Settings
from cei_assets.simulation.csi_design import demo_first_month, demo_programme
from cei_assets.simulation.csi_drops import write_programme
from cei_assets.simulation.drops import write_pilot
from cei_assets.simulation.pilot import DEFAULT_MONTHS, default_first_day, simulate_pilot
from cei_assets.simulation.truth import read_truth, truth_comparison
from cei_assets.storage.layout import ensure_layout
from cei_assets.storage.paths import DataPaths


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
    months = demo_first_month(settings.now().date())
    write_programme(demo_programme(seed=seed, first_month=months), paths=paths)
    run_everything(settings)
    _print_comparison(settings)
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
