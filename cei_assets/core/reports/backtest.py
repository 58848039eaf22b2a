"""The backtest's page: how well baselines predict, and how far a saving has to reach to be seen."""

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing

from cei_assets.core.reports.block import Block, table_block
from cei_assets.core.reports.charts import EXPECTED, METERED, WIDTH
from cei_assets.core.reports.columns import Shown
from cei_assets.core.reports.model import Figure
from cei_assets.core.reports.svg import inline_svg, styled
from cei_assets.core.reports.templating import environment

_SETTING = (
    Shown(heading="scheme", columns=("scheme",), kind="words"),
    Shown(heading="direction", columns=("direction",)),
    Shown(heading="holidays", columns=("with_holidays",), kind="yes_no"),
)
_PORTFOLIO = (
    *_SETTING,
    Shown(heading="model", columns=("model",), kind="words"),
    Shown(heading="meters", columns=("meters",), kind="count"),
    Shown(heading="failed", columns=("failures",), kind="count"),
    Shown(heading="CV(RMSE) hourly", columns=("cv_rmse_hourly",), kind="share"),
    Shown(heading="daily", columns=("cv_rmse_daily",), kind="share"),
    Shown(heading="monthly", columns=("cv_rmse_monthly",), kind="share"),
    Shown(heading="|NMBE|", columns=("absolute_nmbe",), kind="share"),
    Shown(heading="ratio", columns=("ratio",), kind="ratio", empty="-"),
    Shown(heading="better on", columns=("wins",), kind="share", empty="-"),
    Shown(heading="ms a meter-year", columns=("milliseconds",), kind="decimal", empty="-"),
)
_COVERAGE = (
    *_SETTING,
    Shown(heading="interval", columns=("interval",), kind="words"),
    Shown(heading="meters", columns=("meters",), kind="count"),
    Shown(heading="holds for", columns=("covered",), kind="share"),
    Shown(heading="half-width", columns=("half_width",), kind="share"),
    Shown(heading="error", columns=("error",), kind="share"),
)
_SCORES = (
    *_SETTING,
    Shown(heading="site", columns=("site_id",)),
    Shown(heading="meter", columns=("meter_id",)),
    Shown(heading="model", columns=("model",), kind="words"),
    Shown(heading="hours", columns=("hours",), kind="count"),
    Shown(heading="CV(RMSE) hourly", columns=("cv_rmse_hourly",), kind="share"),
    Shown(heading="daily", columns=("cv_rmse_daily",), kind="share"),
    Shown(heading="monthly", columns=("cv_rmse_monthly",), kind="share"),
    Shown(heading="NMBE", columns=("nmbe",), kind="share"),
    Shown(heading="failed", columns=("failure",), empty=""),
)
MAX_SCORES = 400
MAX_PANELS = 3
NOTHING = "No meter has enough history: a year-ahead test needs 360 days, blocked months three."


@dataclass(frozen=True, kw_only=True)
class BacktestReport:
    """What a backtest found: tables as in `core.backtest.tables`, and what it ran on.

    `subject` names the data, `facts` are lines about versions and what was left out, `reference`
    the model that ratios are against, `model` the one that is compared with it in the drawing.
    """

    subject: str
    facts: Sequence[str]
    reference: str
    model: str
    portfolio: pa.Table
    coverage: pa.Table
    scores: pa.Table


def render_backtest(report: BacktestReport) -> str:
    """The page as HTML that opens offline."""
    page: str = (
        environment()
        .get_template("backtest.html.j2")
        .render(
            report=report,
            portfolio=_block("portfolio", report.portfolio, _PORTFOLIO, "All meters"),
            coverage=_block("coverage", report.coverage, _COVERAGE, "Placebo years"),
            drawing=_drawing(report),
            scores=_block("scores", report.scores, _SCORES, "Every meter", limit=MAX_SCORES),
        )
    )
    return page


def _block(
    key: str, table: pa.Table, columns: Sequence[Shown], title: str, limit: int | None = None
) -> Block:
    return table_block(
        Figure(key=key, table=table, sql=f"select * from '{key}.parquet'"),
        columns=columns,
        title=title,
        empty=NOTHING,
        limit=limit,
    )


def _drawing(report: BacktestReport) -> str:
    """CV(RMSE) of the model against the reference, a point a meter; nothing without pairs.

    One panel for each way of the first calendar that was tried.
    """
    panels = _pairs(report)
    if not panels:
        return ""
    with styled():
        drawing = Drawing(figsize=(WIDTH, 3.4), layout="constrained")
        row = drawing.subplots(1, MAX_PANELS, squeeze=False)[0]
        for axes in row[len(panels) :]:
            axes.set_visible(False)
        for axes, (title, pairs) in zip(row, panels.items(), strict=False):
            _panel(axes, pairs, title, report)
        meters = max(len(pairs) for pairs in panels.values())
        alt = f"{meters} meters: below the line {report.model} is better"
        return inline_svg(drawing, name="pairs", alt=alt)


def _panel(
    axes: Axes, pairs: Sequence[tuple[float, float]], title: str, report: BacktestReport
) -> None:
    other, own = zip(*pairs, strict=True)
    limit = 1.05 * max(*other, *own)
    axes.plot([0, limit], [0, limit], color=EXPECTED, lw=1)
    axes.scatter(other, own, s=12, color=METERED, alpha=0.7, linewidths=0)
    axes.set(xlim=(0, limit), ylim=(0, limit), title=title, aspect="equal")
    axes.set_xlabel(f"CV(RMSE) of {report.reference}")
    axes.set_ylabel(f"CV(RMSE) of {report.model}")
    axes.grid()


def _pairs(report: BacktestReport) -> dict[str, list[tuple[float, float]]]:
    """Errors of reference and model by scheme and direction, on meters that both scored."""
    rows = [row for row in report.scores.to_pylist() if row["cv_rmse_hourly"] is not None]
    found: dict[str, dict[tuple[str, str], dict[str, float]]] = {}
    for row in rows:
        if row["with_holidays"] == rows[0]["with_holidays"]:
            title = f"{row['scheme']}, {row['direction']}".replace("_", " ")
            meters = found.setdefault(title, {})
            scored = meters.setdefault((row["site_id"], row["meter_id"]), {})
            scored[row["model"]] = row["cv_rmse_hourly"]
    panels = {
        title: [
            (scored[report.reference], scored[report.model])
            for scored in meters.values()
            if report.reference in scored and report.model in scored
        ]
        for title, meters in found.items()
    }
    return {title: pairs for title, pairs in panels.items() if pairs}
