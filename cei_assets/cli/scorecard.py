"""Prints the pilot scorecard from the published marts."""

from collections.abc import Sequence
from typing import Any

from rich.table import Column, Table

from cei_assets.cli.console import console
from cei_assets.settings import Settings

_SCORECARD_SQL = """
    select site_id, metric, metric_value, metric_value_high, unit, target, is_met
    from rpt_pilot_scorecard order by site_id, metric
"""
_HEADLINE_SQL = """
    select
        currency,
        100 * sum(annual_low_kwh) / sum(annual_use_kwh),
        100 * sum(annual_high_kwh) / sum(annual_use_kwh),
        sum(annual_cost_low),
        sum(annual_cost_high),
        if(count(*) > 4, count(*) || ' sites', string_agg(site_id, ', ' order by site_id)),
        100 * avg(sufficient_share)
    from rpt_annual_avoidable where annual_use_kwh > 0
    group by currency order by currency
"""


def print_scorecard(settings: Settings) -> None:
    """Print the headline, every criterion with target and verdict, and where the report is."""
    from cei_assets.storage.published import open_published

    with open_published(settings.paths) as connection:
        headlines = connection.execute(_HEADLINE_SQL).fetchall()
        rows = connection.execute(_SCORECARD_SQL).fetchall()
    table = Table(
        *(Column(name, no_wrap=True) for name in ("site", "metric", "value", "unit", "target")),
        "met",
        show_edge=False,
    )
    for site_id, metric, value, high, unit, target, is_met in rows:
        table.add_row(
            site_id, metric, value_text(value, high), unit, target or "", _met_text(is_met=is_met)
        )
    console.print("\n[bold]Pilot scorecard[/bold]")
    console.print(table)
    console.print()
    for headline in headlines:
        console.print(f"[bold]{headline_text(headline)}[/bold]")
    console.print(f"\nreport: {settings.paths.reports / 'pilot_closeout.html'}")
    console.print(f'marts:  {settings.paths.published} (cei sql "select ...")')


def headline_text(headline: Sequence[Any]) -> str:
    """`X-Y % avoidable kWh, A-B EUR a year (sites)`; without a tariff the money is left out.

    While some of the judged meter months rest on a baseline that does not suffice, it says so: the
    interval is then an indication, no claim.
    """
    currency, share_low, share_high, cost_low, cost_high, sites, sufficient = headline
    priced = cost_low is not None and currency is not None
    money = f"{cost_low:,.0f}-{cost_high:,.0f} {currency} a year" if priced else "no tariff"
    text = f"{share_low:.1f}-{share_high:.1f} % avoidable kWh, {money} ({sites})"
    if sufficient >= 100:
        return text
    return (
        f"{text}\n(an indication, no claim yet: the baseline suffices in {sufficient:.0f} % of the "
        "judged meter months)"
    )


def value_text(value: float | None, high: float | None) -> str:
    """A value, or an interval as `low - high`; `unknown` when there is none."""
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
