"""Renders the payment report: runs with their lines, what is not paid and why, assumptions."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cei_assets.core.reports.csi_assumptions import assumptions
from cei_assets.core.reports.csi_columns import worded_block
from cei_assets.core.reports.csi_model import Payments
from cei_assets.core.reports.model import Row
from cei_assets.core.reports.templating import environment

OPEN_RUNS = 2


@dataclass(frozen=True, kw_only=True)
class ApplicationLines:
    """An application's lines of a run; `subtotal` adds them up, lines of a run are few."""

    application_id: str
    lines: Sequence[Row]
    subtotal: Row


@dataclass(frozen=True, kw_only=True)
class Run:
    """One payment run with its lines by application."""

    row: Row
    applications: Sequence[ApplicationLines]


def render_payments(report: Payments) -> str:
    """The payment report. Pure: the same tables and clock give the same text."""
    figures = report.figures
    return (
        environment()
        .get_template("csi_payments.html.j2")
        .render(
            report=report,
            runs=_runs(report),
            assumptions=assumptions(figures["settings"].rows, figures["terms"].rows),
            blocks={key: worded_block(figures[key]) for key in ("totals", "unpaid", "left_out")}
            | {"terms": worded_block(figures["terms"], words="registered_terms")},
            open_runs=OPEN_RUNS,
        )
    )


def _runs(report: Payments) -> list[Run]:
    figures = report.figures
    lines: Mapping[tuple[str, str], list[Row]] = _by_application(figures["lines"].rows)
    subtotals: dict[str, list[Row]] = defaultdict(list)
    for row in figures["subtotals"].rows:
        subtotals[row["run_quarter"]].append(row)
    return [
        Run(
            row=run,
            applications=[
                ApplicationLines(
                    application_id=subtotal["application_id"],
                    lines=lines[run["run_quarter"], subtotal["application_id"]],
                    subtotal=subtotal,
                )
                for subtotal in subtotals[run["run_quarter"]]
            ],
        )
        for run in figures["runs"].rows
    ]


def _by_application(lines: Sequence[Row]) -> Mapping[tuple[str, str], list[Row]]:
    grouped: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for line in lines:
        grouped[line["run_quarter"], line["application_id"]].append(line)
    return grouped
