"""Commands that change the installation: demo, init, run, backfill, ui, adapt."""

import os
import subprocess
import sys
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from cei_assets.cli.console import console, readable_errors, use_installation
from cei_assets.cli.options import AsOf, DataDir
from cei_assets.settings import Settings

Source = Annotated[Path, typer.Argument(help="The data set's file.", exists=True, dir_okay=False)]
Price = Annotated[
    str, typer.Option("--price", help="Flat price of a kWh; the data set carries none.")
]
First = Annotated[datetime, typer.Argument(formats=["%Y-%m-%d", "%Y-%m"], help="First one.")]
Last = Annotated[datetime, typer.Argument(formats=["%Y-%m-%d", "%Y-%m"], help="Last one.")]


def demo(
    *,
    data_dir: DataDir = None,
    as_of: AsOf = None,
    seed: Annotated[int, typer.Option(help="Seed of the simulation.")] = 20260101,
) -> None:
    """Simulate a pilot factory, run it through the whole pipeline, print the headline.

    Example: [bold]cei demo --seed 7 --data-dir /tmp/demo[/bold]
    """
    from cei_assets.cli.demo import run_demo

    with readable_errors():
        use_installation(data_dir, as_of=as_of)
        run_demo(Settings(), seed=seed)


def init(*, data_dir: DataDir = None) -> None:
    """Make a data folder with the register's templates and the landing folders.

    Example: [bold]cei init --data-dir /srv/cei[/bold]
    """
    from cei_assets.storage.layout import ensure_layout
    from cei_assets.storage.register_templates import write_templates

    with readable_errors():
        use_installation(data_dir)
        paths = Settings().paths
        ensure_layout(paths)
        for path in write_templates(paths):
            console.print(f"wrote {path}")
        console.print(
            f"Fill in the register in {paths.register}, drop readings into "
            f"{paths.landing('csv_drop')}, then: cei run --data-dir {paths.root}\n"
            f"For the CSI-Thermal programme: csi_*.csv there, reports with their .form.json into "
            f"{paths.landing('csi_application')}\n"
            f"For customer data of a utility: cds_meters.csv and cds_servers.toml there, then "
            f"cei pull cds, or files into {paths.landing('cds')}"
        )


def run(*, data_dir: DataDir = None, as_of: AsOf = None) -> None:
    """Take in everything that waits and bring marts, analysis and reports up to date.

    Example: [bold]cei run --as-of 2026-01-15T00:00:00Z[/bold]
    """
    from cei_assets.cli.pipeline import run_everything
    from cei_assets.cli.results import print_results

    with readable_errors():
        use_installation(data_dir, as_of=as_of)
        settings = Settings()
        run_everything(settings)
        print_results(settings)


def backfill_days(
    first: First,
    last: Last,
    *,
    data_dir: DataDir = None,
    as_of: AsOf = None,
    force: Annotated[
        bool, typer.Option("--force", help="Judge also what was judged by the same rules.")
    ] = False,
) -> None:
    """Judge the receipts of a range of days again, in one run.

    Example: [bold]cei backfill days 2026-01-01 2026-01-31[/bold]
    """
    from cei_assets.cli.pipeline import backfill_days as backfill

    with readable_errors():
        use_installation(data_dir, as_of=as_of)
        backfill(Settings(), first=first.date(), last=last.date(), force=force)


def backfill_months(
    first: First, last: Last, *, data_dir: DataDir = None, as_of: AsOf = None
) -> None:
    """Judge a range of local months again, in one run.

    Example: [bold]cei backfill months 2025-01 2025-12[/bold]
    """
    from cei_assets.cli.pipeline import backfill_months as backfill

    with readable_errors():
        use_installation(data_dir, as_of=as_of)
        backfill(Settings(), first=first.date(), last=last.date())


def ui(
    *,
    data_dir: DataDir = None,
    port: Annotated[int, typer.Option(help="Port on this machine.")] = 3000,
) -> None:
    """Open Dagster: assets, checks, schedules, sensors and backfills of the installation.

    Example: [bold]cei ui --port 3001[/bold]
    """
    from cei_assets.cli.instance import ensure_instance
    from cei_assets.cli.manifest import ensure_manifest
    from cei_assets.storage.layout import ensure_layout

    with readable_errors():
        use_installation(data_dir)
        settings = Settings()
        settings.export()
        ensure_manifest()
        ensure_layout(settings.paths)
        ensure_instance(settings.paths.dagster_home)
        os.environ["DAGSTER_HOME"] = str(settings.paths.dagster_home)
        console.print(f"Dagster on http://127.0.0.1:{port} (Ctrl+C ends it)")
        ended = subprocess.run(  # noqa: S603 - our own interpreter and constant arguments
            [
                sys.executable, "-m", "dagster", "dev", "--module-name", "cei_assets.definitions",
                "--host", "127.0.0.1", "--port", str(port),
            ],
            check=False,
        )  # fmt: skip
        raise typer.Exit(code=ended.returncode)


def adapt_steel(
    source: Source,
    *,
    data_dir: DataDir = None,
    price: Price = "0.10",
    currency: Annotated[str, typer.Option(help="Currency of the price.")] = "EUR",
) -> None:
    """Turn UCI's steel plant file into register and drops.

    Example: [bold]cei adapt steel Steel_industry_data.csv.gz --data-dir steel[/bold],
    then [bold]cei run --data-dir steel --as-of 2019-01-02T00:00:00Z[/bold]
    """
    from cei_assets.adapters.steel_uci import write_steel_drops
    from cei_assets.storage.layout import ensure_layout

    with readable_errors():
        use_installation(data_dir)
        paths = Settings().paths
        ensure_layout(paths)
        write_steel_drops(source, paths=paths, price_per_kwh=Decimal(price), currency=currency)
        console.print(f"wrote register and drops below {paths.root}; next: cei run")


def adapt_fox(
    source: Source,
    *,
    data_dir: DataDir = None,
    price: Price = "0.10",
    currency: Annotated[str, typer.Option(help="Currency of the price.")] = "USD",
) -> None:
    """Turn the Fox campus of the Building Data Genome 2 into register and drops.

    Example: [bold]cei adapt fox fox_hourly_2016_2017.parquet --data-dir fox[/bold],
    then [bold]cei run --data-dir fox --as-of 2018-01-02T00:00:00Z[/bold]
    """
    from cei_assets.adapters.bdg2 import write_fox_drops
    from cei_assets.storage.layout import ensure_layout

    with readable_errors():
        use_installation(data_dir)
        paths = Settings().paths
        ensure_layout(paths)
        write_fox_drops(source, paths=paths, price_per_kwh=Decimal(price), currency=currency)
        console.print(f"wrote register and drops below {paths.root}; next: cei run")
