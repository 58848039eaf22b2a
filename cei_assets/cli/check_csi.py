"""How verdicts on CSI-Thermal reports are made and printed."""

from collections.abc import Sequence
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from cei_assets.cli.console import console, errors
from cei_assets.core.csi.finding import CsiFinding
from cei_assets.core.csi.program import CsiOptions, CsiRegister
from cei_assets.storage.csi_check import CsiFileVerdict
from cei_assets.storage.csi_register import load_csi_register


class NoCsiRegisterError(Exception):
    """The folder holds nothing of the programme's register."""


def programme(folder: Path, *, options: CsiOptions) -> CsiRegister:
    """The register of a folder; its warnings go to standard error.

    Raises NoCsiRegisterError when there are no applications to judge by, RegisterError when the
    files have errors.
    """
    result = load_csi_register(folder, options=options)
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


def print_csi_verdict(verdict: CsiFileVerdict) -> None:
    """Print result, deadline, findings, warnings and sums of a report."""
    facts = verdict.verdict
    style = "green" if verdict.passed else "red"
    late = " [bold yellow]Late[/bold yellow]" if facts.is_late else ""
    console.print(
        f"[bold]{escape(verdict.name)}[/bold]: [{style}]{facts.result.value}[/{style}]{late}"
        f" - {facts.data_rows:,} data rows, due {verdict.due_at or 'unknown'}"
    )
    if facts.findings:
        console.print(_table(facts.findings))
        console.print(f"  totals: {_totals(facts.findings)}")
    if facts.warnings:
        console.print("  [yellow]warnings and notes[/yellow]")
        console.print(_table(facts.warnings))
    sums = {name: total for name, total in verdict.as_json()["sums"].items() if total is not None}
    if sums:
        console.print("  sums: " + ", ".join(f"{name} {total}" for name, total in sums.items()))


def _table(findings: Sequence[CsiFinding]) -> Table:
    table = Table("rule", "line", "column", "what is wrong, and what to do", show_edge=False)
    for finding in findings:
        line = "" if finding.line is None else str(finding.line)
        message = escape(finding.message)
        table.add_row(finding.rule.value, line, finding.column or "", message)
    return table


def _totals(findings: Sequence[CsiFinding]) -> str:
    counts = {finding.rule.value: finding.count for finding in findings}
    return ", ".join(f"{rule} {count}" for rule, count in counts.items())
