"""How verdicts on CSV drops are printed."""

import pyarrow as pa
from rich.markup import escape
from rich.table import Table

from cei_assets.cli.console import console
from cei_assets.storage.file_check import FileVerdict


def print_verdict(verdict: FileVerdict) -> None:
    """Print counts, warnings and the first findings of a file."""
    counts = verdict.verdict
    style = "green" if verdict.passed else "red"
    console.print(
        f"[bold]{escape(str(verdict.file))}[/bold]: [{style}]{counts.status.value}[/{style}] - "
        f"{counts.rows_read} rows read, {counts.rows_accepted} accepted, "
        f"{counts.rows_rejected} rejected, {counts.rows_exact_duplicate} exact duplicates"
    )
    for warning in counts.facts.warnings:
        console.print(f"  [yellow]warning:[/yellow] {escape(warning)}")
    if verdict.passed:
        return
    console.print(findings_table(verdict))
    _print_totals(counts.rejects)


def findings_table(verdict: FileVerdict) -> Table:
    """The first refused rows of a file as a table."""
    table = Table("line", "code", "column", "value", "what to do", show_edge=False)
    for finding in verdict.findings:
        table.add_row(*(escape(str(finding[name] or "")) for name in finding))
    return table


def _print_totals(rejects: pa.Table) -> None:
    counted = rejects.group_by("code").aggregate([("code", "count")]).to_pylist()
    console.print("  totals: " + ", ".join(f"{row['code']} {row['code_count']}" for row in counted))
