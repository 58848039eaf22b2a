"""How verdicts on CSI-Thermal reports are made and printed."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from textwrap import indent

import orjson
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from cei_assets.cli.console import console, errors
from cei_assets.core.csi.finding import CsiFinding
from cei_assets.core.csi.months import local_time
from cei_assets.core.csi.program import CsiOptions, CsiRegister
from cei_assets.core.csi.wording import LISTED
from cei_assets.storage.csi_check import CsiFileVerdict, printable
from cei_assets.storage.csi_register import load_csi_register

_CUT = f" (first {LISTED} listed)"
_FORM_EXAMPLE = {
    "application_id": "SCG-00987",
    "year": 2013,
    "month": 9,
    "file_type": "application_interval",
    "original_filename": "september.csv",
    "uploader_pdp": "sunmetrics",
    "submitted_at": "2013-10-21T17:03:00Z",
}


class NoCsiRegisterError(Exception):
    """The folder holds nothing of the programme's register."""


def programme(folder: Path, *, options: CsiOptions) -> CsiRegister:
    """The register of a folder; its warnings go to standard error.

    Raises NoCsiRegisterError when there are no applications to judge by, RegisterError when the
    files have errors.
    """
    result = load_csi_register(folder, options=options, for_payment=False)
    result.raise_for_errors()
    for finding in result.findings:
        errors.print(f"[yellow]{escape(str(finding))}[/yellow]")
    if not result.register.applications:
        raise NoCsiRegisterError(
            f"no applications in {folder}; expected csi_applications.csv and csi_pdps.csv with a "
            "row for every application and provider. `cei init` writes templates with examples; "
            "--register names another folder"
        )
    return result.register


def print_csi_verdict(verdict: CsiFileVerdict, *, zone: str) -> None:
    """Print result, deadline on the clock of `zone`, findings, warnings and sums of a report."""
    facts = verdict.verdict
    style = "green" if verdict.passed else "red"
    late = " [bold yellow]Late[/bold yellow]" if facts.is_late else ""
    rows = f"{facts.data_rows:,}" if facts.data_rows else "no"
    console.print(
        f"[bold]{escape(verdict.name)}[/bold]: [{style}]{facts.result.value}[/{style}]{late}"
        f" - {rows} data rows read, due {_due(facts.due_at_utc, zone)}"
    )
    if not verdict.form_file.exists():
        _print_form_example(verdict)
    if facts.findings:
        _print_findings(facts.findings)
        console.print(f"  totals: {_totals(facts.findings)}")
    if facts.warnings:
        console.print("  [yellow]warnings and notes[/yellow]")
        _print_findings(facts.warnings)
    sums = {name: total for name, total in verdict.as_json()["sums"].items() if total is not None}
    if sums:
        console.print("  sums: " + ", ".join(f"{name} {total}" for name, total in sums.items()))


def print_unreadable(file: Path, error: OSError) -> None:
    """Print why a report has no verdict."""
    why = f"{error.filename or file}: {error.strerror or error}"
    errors.print(
        f"[red]error:[/red] no verdict on {escape(printable(str(file)))}: "
        f"{escape(printable(why))}. Report and form must be files that you may read."
    )


def print_csi_totals(files: int, *, passed: int, late: int, unread: int = 0) -> None:
    """Print how many of several reports passed; of a single one its own line says it."""
    if files > 1:
        without = f", {unread:,} without verdict" if unread else ""
        console.print(
            f"[bold]{files:,} files[/bold]: {passed:,} Success, "
            f"{files - passed - unread:,} Failure{without}; {late:,} late"
        )


def _print_form_example(verdict: CsiFileVerdict) -> None:
    """Where the missing form has to lie, and what it may look like."""
    example = orjson.dumps(_FORM_EXAMPLE, option=orjson.OPT_INDENT_2).decode()
    console.print(
        f"  [yellow]no form[/yellow]: write {escape(verdict.form_name)} beside the file, such as"
    )
    console.print(indent(example, "    "), markup=False)


def _print_findings(findings: Sequence[CsiFinding]) -> None:
    """The messages as they are, broken below their place; each begins with its rule."""
    grid = Table.grid(padding=(0, 1, 0, 0))
    for finding in findings:
        rule = finding.rule.value
        grid.add_row(rule, escape(finding.message.removeprefix(rule).removeprefix(":").lstrip()))
    console.print(Padding(grid, (0, 0, 0, 2)))


def _due(due_at_utc: datetime | None, zone: str) -> str:
    if due_at_utc is None:
        return "unknown: the form names no month"
    return f"{local_time(due_at_utc, zone=zone):%Y-%m-%d %H:%M:%S} {zone}"


def _totals(findings: Sequence[CsiFinding]) -> str:
    """How often each rule was broken, and how many of it are listed where not all are."""
    listed = Counter(finding.rule for finding in findings)
    counts = {finding.rule: finding.count for finding in findings}
    return ", ".join(
        f"{rule.value} {count:,}{_CUT if listed[rule] == LISTED < count else ''}"
        for rule, count in counts.items()
    )
