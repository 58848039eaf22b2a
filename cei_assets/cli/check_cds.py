"""How verdicts on CDS customer data are printed."""

from pathlib import Path

import typer
from rich.markup import escape
from rich.table import Table

from cei_assets.cli.console import console
from cei_assets.contracts.cds_vocabulary import CdsObjectKind, CdsValueStatus
from cei_assets.contracts.vocabulary import UploadStatus
from cei_assets.storage.cds_check import CdsFileVerdict

_STYLES = {UploadStatus.ACCEPTED: "green", UploadStatus.PARTIAL: "yellow"}


def refuse_rows_over_input(rows: Path | None, *, files: list[Path]) -> None:
    """Raises typer.BadParameter when the rows would replace a file that is to be judged."""
    if rows is not None and rows.resolve() in {file.resolve() for file in files}:
        raise typer.BadParameter(f"{rows} is one of the files to judge", param_hint="--rows")


def print_cds_verdict(judged: CdsFileVerdict) -> None:
    """Print counts, findings, what was ignored, and the sums of a file."""
    verdict = judged.verdict
    style = _STYLES.get(verdict.status, "red")
    dialect = f"dialect {verdict.dialect.value}, " if verdict.dialect else ""
    console.print(
        f"[bold]{escape(judged.name)}[/bold]: [{style}]{verdict.status.value}[/{style}] - "
        f"{dialect}{verdict.segments:,} segments, {judged.rows:,} rows, "
        f"{judged.slots(CdsValueStatus.MISSING):,} missing, "
        f"{judged.slots(CdsValueStatus.INVALID):,} invalid, {verdict.rejected:,} rejected"
    )
    _print_objects(judged)
    _print_findings(judged)
    _print_ignored(judged)
    _print_sums(judged)


def _print_objects(judged: CdsFileVerdict) -> None:
    counts = judged.verdict.counts
    for kind, found in judged.verdict.objects.items():
        if kind is not CdsObjectKind.USAGE_SEGMENTS and found:
            console.print(
                f"  {found:,} {kind.value}: {counts.kept[kind]:,} kept, "
                f"{counts.repeated[kind]:,} repeated, {counts.refused[kind]:,} refused"
            )


def _print_findings(judged: CdsFileVerdict) -> None:
    findings = judged.verdict.findings
    listed = findings.first_of_each_code()
    if not listed:
        return
    table = Table("place", "code", "what was found", "value", show_edge=False)
    for finding in listed:
        style = "red" if finding.refuses else "yellow"
        table.add_row(
            escape(finding.pointer or "file"),
            f"[{style}]{finding.code.value}[/{style}]",
            escape(finding.detail),
            escape(finding.value or ""),
        )
    console.print(table)
    totals = ", ".join(f"{code.value} {count:,}" for code, count in findings.counts.items())
    console.print(f"  totals: {totals}")


def _print_ignored(judged: CdsFileVerdict) -> None:
    findings = judged.verdict.findings
    ignored = {
        "fields": findings.unknown_fields,
        "types": findings.unknown_types,
        "words": findings.unknown_words,
    }
    for what, counts in ignored.items():
        if counts:
            names = ", ".join(f"{name} {count:,}" for name, count in sorted(counts.items()))
            console.print(f"  [dim]unknown {what}, ignored:[/dim] {escape(names)}")


def _print_sums(judged: CdsFileVerdict) -> None:
    if not judged.verdict.sums:
        return
    table = Table("type", "direction", "unit", "format", "values", "sum", show_edge=False)
    for one in judged.verdict.sums:
        row = one.as_json()
        table.add_row(
            *(escape(str(row[name] or "")) for name in ("type", "direction", "unit", "format")),
            f"{one.values:,}",
            str(row["sum"]),
        )
    console.print(table)
