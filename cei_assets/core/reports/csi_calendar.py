"""Calendars of the programme: applications by months, each with its status as word and colour."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from cei_assets.contracts.csi_vocabulary import CalendarStatus
from cei_assets.core.reports.formats import EN_DASH, moment, month
from cei_assets.core.reports.model import Row

MAX_CALENDARS = 250
"""Applications in the calendar of the main page; the others' calendars are on their own pages."""

MARKS: Mapping[str, str] = {
    CalendarStatus.SUCCESS.value: "OK",
    CalendarStatus.SUCCESS_LATE.value: "Late",
    CalendarStatus.OPEN.value: "Open",
    CalendarStatus.OVERDUE.value: "Due!",
    CalendarStatus.NOT_DUE.value: EN_DASH,
}


@dataclass(frozen=True, kw_only=True)
class CalendarCell:
    """A month of an application: a short mark, a class for its colour, a sentence for its tip."""

    mark: str
    css_class: str
    tip: str


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """Months as columns, applications as rows; None where a month is not of the term."""

    months: Sequence[date]
    rows: Sequence[tuple[str, Sequence[CalendarCell | None]]]
    left_out: int = 0


def calendar_of(rows: Sequence[Row], *, limit: int = MAX_CALENDARS) -> Calendar:
    """The calendars of the applications with most overdue months first, at most `limit`.

    `rows` have application_id, application_month, calendar_status, due_pacific, attempts,
    failures; one row per application and month.
    """
    months = sorted({row["application_month"] for row in rows})
    cells: dict[str, dict[date, CalendarCell]] = {}
    overdue: dict[str, int] = {}
    for row in rows:
        application = row["application_id"]
        cells.setdefault(application, {})[row["application_month"]] = calendar_cell(row)
        is_overdue = row["calendar_status"] == CalendarStatus.OVERDUE.value
        overdue[application] = overdue.get(application, 0) + is_overdue
    order = sorted(cells, key=lambda application: (-overdue[application], application))
    return Calendar(
        months=months,
        rows=[
            (application, [cells[application].get(each) for each in months])
            for application in order[:limit]
        ],
        left_out=max(len(order) - limit, 0),
    )


def calendar_cell(row: Row) -> CalendarCell:
    """One month's cell."""
    status = row["calendar_status"]
    tries = f"{row['attempts']} upload{'' if row['attempts'] == 1 else 's'}"
    failed = f", {row['failures']} failed" if row["failures"] else ""
    return CalendarCell(
        mark=MARKS[status],
        css_class=status.replace(" ", "-"),
        tip=f"{month(row['application_month'])}: {status}; due {moment(row['due_pacific'])} "
        f"Pacific; {tries}{failed}",
    )
