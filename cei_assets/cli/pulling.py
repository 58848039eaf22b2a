"""Commands that take data from servers of others."""

import os
import random
import time
from datetime import UTC
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from cei_assets.cli.console import console, errors, readable_errors, use_installation
from cei_assets.cli.options import AsOf, DataDir
from cei_assets.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from cei_assets.pull.planning import Plan
    from cei_assets.pull.run import PullReport
    from cei_assets.pull.staging import Arrived
    from cei_assets.pull.web import Timing
    from cei_assets.pull.windows import Window

_TOLD_PAUSE_SECONDS = 5.0
_ZONE_FROM = {"entry": "", "server": ", as the server says", None: ": nobody names a zone"}


def pull_cds(
    *,
    server: Annotated[str, typer.Option(help="Name of the server in register/cds_servers.toml.")],
    window: Annotated[
        str,
        typer.Option(help="hot: 45 days, for every day; warm: 13 months; full: all there is."),
    ] = "hot",
    since: Annotated[
        str | None, typer.Option(help="Own begin: a date, or an instant with offset.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="Own end: a date (the whole day), or an instant.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be asked; list nothing.")
    ] = False,
    data_dir: DataDir = None,
    as_of: AsOf = None,
) -> None:
    """Pull customer data from a CDS server into the landing folder cds; all of a run or nothing.

    The secret comes from the environment: CEI_CDS_EXAMPLE_UTILITY_SECRET for example-utility.
    A run that was interrupted goes on where it stopped when the same command is given again.

    Example: [bold]cei pull cds --server example-utility --window warm[/bold]
    """
    with readable_errors():
        use_installation(data_dir, as_of=as_of)
        report = _pull(
            Settings(), name=server, window=window, edges=(since, until), dry_run=dry_run
        )
    if report is not None and report.complaints:
        raise typer.Exit(code=1)


def _pull(
    settings: Settings,
    *,
    name: str,
    window: str,
    edges: tuple[str | None, str | None],
    dry_run: bool,
) -> "PullReport | None":
    from cei_assets.pull.planning import plan_pull
    from cei_assets.pull.run import pull
    from cei_assets.pull.servers import SERVERS_FILE, load_server
    from cei_assets.pull.web import Web

    make_window = _window(settings, window, edges)
    file = settings.paths.register / SERVERS_FILE
    server = load_server(file, name, environment=os.environ)
    with Web(timing=_timing(settings)) as web:
        plan = plan_pull(web, server, make_window=make_window)
        _print_plan(plan)
        if dry_run:
            return None
        with _progress() as progress:
            report = pull(plan, paths=settings.paths, on_page=_shown_on(progress))
    _print_report(report)
    return report


def _window(
    settings: Settings, name: str, edges: tuple[str | None, str | None]
) -> "Callable[[str], Window]":
    from cei_assets.pull.problem import PullError
    from cei_assets.pull.windows import WindowName, window

    if name not in set(WindowName):
        raise PullError(
            f"no window {name!r}", where="--window", fix=f"one of {', '.join(WindowName)}"
        )
    chosen = WindowName(name)
    now = settings.now().replace(tzinfo=UTC)
    since, until = edges
    return lambda zone: window(chosen, now=now, zone=zone, since=since, until=until)


def _timing(settings: Settings) -> "Timing":
    """The machine's clocks: what a server says is timed by the wall clock, whatever `as_of` is."""
    from cei_assets.pull.web import Timing

    return Timing(
        now=settings.wall_clock,
        monotonic=time.monotonic,
        sleep=_pause,
        random=random.Random().random,  # noqa: S311  # spreads pauses, guards nothing
    )


def _pause(seconds: float) -> None:
    if seconds >= _TOLD_PAUSE_SECONDS:
        errors.print(f"[dim]the server is busy: asking again in {seconds:,.0f} s[/dim]")
    time.sleep(seconds)


def _progress() -> Progress:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    return Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal)


def _shown_on(progress: Progress) -> "Callable[[Arrived], None]":
    task = progress.add_task("asking")
    pages = items = size = 0

    def arrived(page: "Arrived") -> None:
        nonlocal pages, items, size
        pages, items, size = pages + 1, items + page.items, size + page.size
        progress.update(
            task,
            description=f"{escape(page.about['object'])}, page {page.number}; so far: "
            f"pages {pages:,}, objects {items:,}, {size / 1e6:,.1f} MB",
        )

    return arrived


def _print_plan(plan: "Plan") -> None:
    asked = plan.window.as_json()
    console.print(
        f"[bold]{escape(plan.server.name)}[/bold]: {escape(str(asked['name']))}, "
        f"{asked['since'] or 'the beginning'} to {asked['until'] or 'the end'} "
        f"(local dates in {escape(plan.zone)}{_ZONE_FROM[plan.zone_from]})"
    )
    listed = ", ".join(item.value for item in plan.endpoints.listings)
    console.print(f"  lists {listed}; usage by {plan.server.entry.usage_by.value}")
    for identity in plan.identities:
        for state in identity.grants:
            console.print(f"  {escape(str(state))}")
    for state in plan.skipped:
        console.print(f"  [yellow]{escape(str(state))}[/yellow]")


def _print_report(report: "PullReport") -> None:
    if report.finished_earlier:
        count = len(report.finished_earlier)
        console.print(f"  landed {count:,} files of an earlier run that had been interrupted")
    if report.batch_id is None:
        console.print("  nothing to read; nothing has landed")
    else:
        counts = ", ".join(f"{count:,} {kind}" for kind, count in report.items.items())
        resumed = f" ({report.resumed_pages:,} had arrived before)" if report.resumed_pages else ""
        files = len(report.files)
        pages = f"{files:,} page{'s' if files != 1 else ''}"
        console.print(f"  landed {pages}{resumed}: {counts or 'no objects'}")
        console.print(f"  batch {escape(report.batch_id)} lies in landing/cds")
    for complaint in report.complaints:
        errors.print(f"[red]error:[/red] {escape(complaint)}")
