"""Renders the Performance Data List and the pages of its applications: HTML that opens offline."""

from collections.abc import Iterable, Mapping, Sequence

from cei_assets.core.reports.csi_calendar import MARKS, calendar_cell, calendar_of
from cei_assets.core.reports.csi_columns import worded_block
from cei_assets.core.reports.csi_model import ApplicationPage, PerformanceData
from cei_assets.core.reports.csi_uploads import upload_details
from cei_assets.core.reports.formats import month
from cei_assets.core.reports.model import Row
from cei_assets.core.reports.templating import environment


def render_performance_data(report: PerformanceData) -> str:
    """The programme's page: summary, list of all uploads, details of the newest, calendars.

    Pure: the same tables and clock give the same text. It fetches nothing and works without a
    script, which only filters the list.
    """
    figures = report.figures
    uploads = figures["uploads"].rows
    details = upload_details(
        figures["details"].rows,
        findings=figures["findings"].rows,
        attempts=figures["attempts"].rows,
        archive=report.archive,
    )
    here = {detail.row["receipt_id"] for detail in details}
    return (
        environment()
        .get_template("csi_performance_data.html.j2")
        .render(
            report=report,
            summary=figures["summary"].rows[0],
            uploads=[(row, _address(row, here=here, report=report)) for row in uploads],
            choices=_choices(uploads),
            details=details,
            links={row["receipt_id"]: _address(row, here=here, report=report) for row in uploads},
            calendar=calendar_of(figures["calendar"].rows),
            marks=MARKS,
            administrators=worded_block(figures["administrators"]),
            failing_rules=worded_block(figures["failing_rules"]),
        )
    )


def render_application(page: ApplicationPage) -> str:
    """The page of one application: terms, calendar, every upload, months, payment lines."""
    figures = page.figures
    rows = figures["details"].rows
    return (
        environment()
        .get_template("csi_application.html.j2")
        .render(
            page=page,
            details=upload_details(
                rows,
                findings=figures["findings"].rows,
                attempts=sorted(rows, key=lambda row: row["attempt_number"] or 0),
                archive=page.archive,
            ),
            links={row["receipt_id"]: f"#{anchor(row)}" for row in rows},
            calendar=[(row, calendar_cell(row)) for row in figures["calendar"].rows],
            blocks={
                key: worded_block(figures[key])
                for key in ("terms", "months", "payments")
                if key in figures
            },
        )
    )


def anchor(row: Row) -> str:
    """The name of an upload's details within a page."""
    return f"u-{row['receipt_id']}"


def _address(row: Row, *, here: set[str], report: PerformanceData) -> str:
    """Where an upload's details are: on this page, or on that of its application."""
    if row["receipt_id"] in here:
        return f"#{anchor(row)}"
    page = report.pages.get(row["application_id"], report.other_page)
    return f"{page}#{anchor(row)}"


def _choices(uploads: Sequence[Row]) -> Mapping[str, Sequence[str]]:
    """What the filters offer: the values that occur."""
    return {
        "application": _values(row["application_id"] for row in uploads),
        "administrator": _values(row["program_administrator"] for row in uploads),
        "PDP": _values(row["uploader_pdp"] for row in uploads),
        "month": _values(
            month(row["application_month"]) for row in uploads if row["application_month"]
        )[::-1],
    }


def _values(found: Iterable[str | None]) -> list[str]:
    return sorted({value for value in found if value is not None})
