"""The command that measures how well baselines predict one's own data."""

import math
import platform
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from cei_assets.cli.console import console, readable_errors, use_installation
from cei_assets.cli.options import AsOf, DataDir
from cei_assets.settings import Settings

if TYPE_CHECKING:
    from cei_assets.core.backtest.coverage import CoverageRow
    from cei_assets.core.backtest.models import Model
    from cei_assets.core.backtest.portfolio import PortfolioRow

Folder = Annotated[
    Path | None,
    typer.Argument(
        help="Folder of drops with a folder `register` in it; default: the installation's data.",
        exists=True,
        file_okay=False,
    ),
]
_SETTINGS = ("scheme", "direction", "holidays")


def backtest(
    folder: Folder = None,
    *,
    opendsm: Annotated[
        Path | None,
        typer.Option(
            help="Python of an environment with opendsm, to compare with (year ahead only); "
            "default: $CEI_OPENDSM_PYTHON.",
        ),
    ] = None,
    blocked: Annotated[
        bool, typer.Option(help="Also judge every month by a fit on all the others.")
    ] = True,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for page and tables; default: reports/backtest."),
    ] = None,
    data_dir: DataDir = None,
    as_of: AsOf = None,
) -> None:
    """Measure how well baselines predict hours they have not seen, against naive models.

    Year ahead in both directions and by left-out months, with and without public holidays, the same
    hours for every model; then how often the interval of a year without savings holds. Writes
    backtest.html and the tables scores, portfolio, placebo_years and coverage (CSV and Parquet).

    Example: [bold]cei backtest drops/ --opendsm ~/opendsm/bin/python[/bold]
    """
    with readable_errors():
        use_installation(data_dir, as_of=as_of)
        settings = Settings()
        target = out or settings.paths.reports / "backtest"
        _run(
            settings,
            folder,
            opendsm=opendsm or settings.opendsm_python,
            is_blocked=blocked,
            target=target,
        )


def _run(
    settings: Settings,
    folder: Path | None,
    *,
    opendsm: Path | None,
    is_blocked: bool,
    target: Path,
) -> None:
    from cei_assets.storage.backtest_input import read_drops, read_installation
    from cei_assets.storage.backtest_run import run_backtest

    given = read_installation(settings) if folder is None else read_drops(folder, settings)
    for note in given.notes:
        console.print(f"[yellow]note:[/yellow] {escape(note)}")
    models: tuple[Model, ...] = ()
    facts = [f"Python {platform.python_version()} on {platform.machine()}"]
    if opendsm is not None:
        from cei_assets.adapters.opendsm_model import opendsm_model, opendsm_version

        facts.append(f"opendsm {opendsm_version(opendsm)}")
        models = (opendsm_model(opendsm, given.zones),)
    found = run_backtest(
        given.batches,
        others=models,
        is_blocked=is_blocked,
        cpu_clock=time.process_time,
        told=lambda text: console.print(f"  [dim]{escape(text)}[/dim]"),
    )
    console.print(_portfolio(found.portfolio))
    console.print(_coverage(found.coverage))
    subject = "the installation's meters" if folder is None else folder.name
    page = found.write(target, subject=subject, facts=[*facts, *given.notes])
    console.print(f"report: {page}")


def _portfolio(rows: "list[PortfolioRow]") -> Table:
    headings = ("model", "meters", "failed", "hourly", "daily", "monthly", "ratio", "better", "ms")
    table = Table(*_SETTINGS, *headings, title="CV(RMSE), medians over meters", show_edge=False)
    for row in rows:
        table.add_row(
            str(row.setting.scheme),
            str(row.setting.direction),
            "yes" if row.setting.with_holidays else "no",
            row.model,
            f"{row.meters:,}",
            f"{row.failures:,}",
            f"{row.cv_rmse_hourly:.3f}",
            f"{row.cv_rmse_daily:.3f}",
            f"{row.cv_rmse_monthly:.3f}",
            _or_dash(row.ratio, "{:.3f}"),
            _or_dash(row.wins, "{:.0%}"),
            _or_dash(row.milliseconds, "{:,.1f}"),
        )
    return table


def _coverage(rows: "list[CoverageRow]") -> Table:
    title = "placebo years: how often the nominal 90 % interval of a year holds"
    headings = ("interval", "meters", "holds", "half-width", "error")
    table = Table(*_SETTINGS, *headings, title=title, show_edge=False)
    for row in rows:
        table.add_row(
            str(row.setting.scheme),
            str(row.setting.direction),
            "yes" if row.setting.with_holidays else "no",
            row.interval,
            f"{row.meters:,}",
            f"{row.covered:.0%}",
            f"{row.half_width:.1%}",
            f"{row.error:.1%}",
        )
    return table


def _or_dash(value: float, form: str) -> str:
    return "-" if math.isnan(value) else form.format(value)
