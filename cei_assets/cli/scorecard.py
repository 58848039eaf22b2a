"""Prints the pilot scorecard from the published marts."""

from rich.table import Table

from cei_assets.cli.console import console
from cei_assets.settings import Settings

_SCORECARD_SQL = """
    select site_id, metric, metric_value, metric_value_high, unit, target, is_met
    from rpt_pilot_scorecard order by site_id, metric
"""


def print_scorecard(settings: Settings) -> None:
    """Print value, target and verdict of every criterion, and where the report is."""
    from cei_assets.storage.published import open_published

    with open_published(settings.paths) as connection:
        rows = connection.execute(_SCORECARD_SQL).fetchall()
    table = Table("site", "metric", "value", "unit", "target", "met", show_edge=False)
    for site_id, metric, value, high, unit, target, is_met in rows:
        table.add_row(
            site_id, metric, value_text(value, high), unit, target or "", _met_text(is_met=is_met)
        )
    console.print()
    console.print("[bold]Pilot scorecard[/bold]")
    console.print(table)
    console.print(f"\nreport: {settings.paths.reports / 'pilot_closeout.html'}")
    console.print(f'marts:  {settings.paths.published} (cei sql "select ...")')


def value_text(value: float | None, high: float | None) -> str:
    """A value, or an interval as `low-high`; `unknown` when there is none."""
    if value is None:
        return "unknown"
    if high is None:
        return _number(value)
    return f"{_number(value)} - {_number(high)}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def _met_text(*, is_met: bool | None) -> str:
    if is_met is None:
        return ""
    return "[green]yes[/green]" if is_met else "[red]no[/red]"
