"""What `cei report csi` says: where the pages are, and the counts they rest on."""

from collections.abc import Sequence
from pathlib import Path

from rich.table import Table

from cei_assets.cli.console import console
from cei_assets.settings import Settings
from cei_assets.storage.csi_report_queries import ADMINISTRATORS, SUMMARY
from cei_assets.storage.published import open_published

_NAMED = 3
_COUNTS = (
    ("applications", "applications"),
    ("uploads", "uploads"),
    ("failures", "failed"),
    ("late", "late"),
    ("months_success", "success"),
    ("months_success_late", "success late"),
    ("months_open", "open"),
    ("months_overdue", "overdue"),
)


def print_csi_report(settings: Settings, files: Sequence[Path]) -> None:
    """Print the pages and a table of uploads and months by administrator."""
    for file in files[:_NAMED]:
        console.print(f"report: {file}")
    if len(files) > _NAMED:
        console.print(f"[dim]and {len(files) - _NAMED} pages in {files[-1].parent}[/dim]")
    with open_published(settings.paths) as connection:
        summary = connection.execute(SUMMARY).to_arrow_table().to_pylist()[0]
        rows = connection.execute(ADMINISTRATORS).to_arrow_table().to_pylist()
    table = Table("administrator", *(heading for _, heading in _COUNTS), show_edge=False)
    for row in rows:
        counts = (f"{row[name] or 0:,}" for name, _ in _COUNTS)
        table.add_row(row["program_administrator"], *counts)
    console.print(table)
    console.print(
        f"{summary['uploads']:,} uploads, {summary['failures']:,} failed, "
        f"{summary['superseded']:,} superseded; {summary['months_accepted']:,} months accepted, "
        f"{summary['months_overdue']:,} overdue"
    )
