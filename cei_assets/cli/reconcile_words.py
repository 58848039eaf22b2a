"""What `cei reconcile` prints: tables and words for people, lines of JSON for programs."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from rich.markup import escape
from rich.table import Table

from cei_assets.cli.check_csv import findings_table
from cei_assets.cli.console import console
from cei_assets.cli.reconcile import ReconciledFile
from cei_assets.core.reconciliation.verdict import (
    MeterReconciliation,
    Reconciliation,
    ShiftedStretch,
)


def json_lines(reconciled: ReconciledFile) -> list[dict[str, Any]]:
    """One line a meter, then one for the file."""
    result, published_at = reconciled.result, reconciled.published_at_utc
    lines = [_meter_json(meter) for meter in result.meters]
    lines.append(
        {
            "file": str(reconciled.judged.file),
            "is_equal": result.is_equal,
            "published_at_utc": published_at and _instant(published_at),
            "rows_read": result.rows_read,
            "rows_refused": result.rows_refused,
            "rows_repeated": result.rows_repeated,
            "refused_by_code": reconciled.refused_by_code,
            "findings": reconciled.judged.findings,
            "warnings": list(reconciled.judged.verdict.facts.warnings),
        }
    )
    return lines


def print_reconciliation(reconciled: ReconciledFile) -> None:
    """Print totals per meter, moved stretches and refused rows."""
    result = reconciled.result
    verdict = "[green]equal[/green]" if result.is_equal else "[red]differences[/red]"
    console.print(
        f"[bold]{escape(str(reconciled.judged.file))}[/bold]: {verdict} - {result.rows_read} rows "
        f"read, {result.rows_refused} refused, {result.rows_repeated} repeated; compared with "
        f"{_stored_words(reconciled.published_at_utc)}"
    )
    for warning in reconciled.judged.verdict.facts.warnings:
        console.print(f"  [yellow]warning:[/yellow] {escape(warning)}")
    if result.meters:
        console.print(_meter_table(result))
    for meter in result.meters:
        for shift in meter.shifts:
            console.print(f"  {escape(shift_words(meter, shift, reconciled.zones[meter.site_id]))}")
    if result.rows_refused:
        counted = ", ".join(f"{code} {n}" for code, n in reconciled.refused_by_code.items())
        console.print(
            "  refused rows were not compared, what is stored for them counts as extra: "
            f"{counted}; the first of them:"
        )
        console.print(findings_table(reconciled.judged))


def _stored_words(published_at_utc: datetime | None) -> str:
    if published_at_utc is None:
        return "the readings accepted so far, none of them published yet"
    return f"the readings published at {_instant(published_at_utc)} and those accepted since"


def _meter_table(result: Reconciliation) -> Table:
    table = Table(
        "site", "meter", "rows", "equal", "different", "missing", "extra",
        "kWh in file", "kWh stored", "difference", show_edge=False,
    )  # fmt: skip
    for meter in result.meters:
        counts = (
            meter.rows_in_file, meter.rows_equal, meter.rows_different, meter.rows_missing,
            meter.rows_extra,
        )  # fmt: skip
        energies = (meter.kwh_in_file, meter.kwh_stored, meter.difference_kwh)
        table.add_row(
            escape(meter.site_id),
            escape(meter.meter_id),
            *(str(count) for count in counts),
            *(_energy(value) for value in energies),
        )
    return table


def shift_words(meter: MeterReconciliation, shift: ShiftedStretch, zone: str) -> str:
    """A stretch in words, with what would explain it at a site with the time zone `zone`."""
    causes = " or ".join(_likely_causes(meter, shift, zone))
    return (
        f"{meter.site_id}/{meter.meter_id}: rows from {_instant(shift.first_start_utc)} to "
        f"{_instant(shift.last_start_utc)} match when moved by {_move(shift.shift_seconds)} "
        f"({shift.rows_matched} of {shift.rows_in_file}){causes and f'; {causes}'}"
    )


def _likely_causes(meter: MeterReconciliation, shift: ShiftedStretch, zone: str) -> Iterator[str]:
    """What would move the file by as much, with the offset that the clock has in the middle."""
    middle = shift.first_start_utc + (shift.last_start_utc - shift.first_start_utc) / 2
    offset = middle.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).utcoffset() or timedelta()
    seconds = int(offset.total_seconds())
    if seconds and shift.shift_seconds == -seconds:
        yield f"local time of {zone} sent as UTC would stand so"
    if seconds and shift.shift_seconds == seconds:
        yield f"UTC sent as local time of {zone} would stand so"
    if abs(shift.shift_seconds) == meter.interval_seconds:
        yield "labels at the interval's other end would stand so"


def _move(seconds: int) -> str:
    if seconds % 3600 == 0:
        return f"{seconds // 3600:+d} h"
    return f"{seconds // 60:+d} min"


def _meter_json(meter: MeterReconciliation) -> dict[str, Any]:
    return {
        "site_id": meter.site_id,
        "meter_id": meter.meter_id,
        "interval_seconds": meter.interval_seconds,
        "first_start_utc": _instant(meter.first_start_utc),
        "last_start_utc": _instant(meter.last_start_utc),
        "rows_in_file": meter.rows_in_file,
        "rows_equal": meter.rows_equal,
        "rows_different": meter.rows_different,
        "rows_missing": meter.rows_missing,
        "rows_extra": meter.rows_extra,
        "kwh_in_file": _energy(meter.kwh_in_file),
        "kwh_stored": _energy(meter.kwh_stored),
        "difference_kwh": _energy(meter.difference_kwh),
        "shifts": [
            {
                "first_start_utc": _instant(shift.first_start_utc),
                "last_start_utc": _instant(shift.last_start_utc),
                "shift_seconds": shift.shift_seconds,
                "rows_in_file": shift.rows_in_file,
                "rows_matched": shift.rows_matched,
            }
            for shift in meter.shifts
        ],
    }


def _energy(value: Decimal) -> str:
    """The exact decimal without trailing zeros."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _instant(moment: datetime) -> str:
    return f"{moment.isoformat(timespec='seconds')}Z"
