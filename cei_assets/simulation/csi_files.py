"""Application Interval Reports as a data logger writes them: rows as bytes, and their faults."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as pa_csv

from cei_assets.contracts.csi_vocabulary import HEADER_TEMPLATE, BackupType, CsiRule
from cei_assets.core.csi.months import INTERVALS_PER_DAY as PER_DAY
from cei_assets.core.csi.months import LABEL_FORMAT, month_labels
from cei_assets.simulation.csi_design import SimulatedApplication
from cei_assets.simulation.csi_readings import SystemReadings

HEADER = ",".join(HEADER_TEMPLATE) + "\n"
_AS_WRITTEN = pa_csv.WriteOptions(include_header=False, quoting_style="none")
_TENTH, _STEP = Decimal("0.1"), Decimal("0.0001")
_BACKUP_COLUMNS = (BackupType.GAS, BackupType.ELECTRIC, BackupType.PROPANE)


@dataclass(frozen=True, kw_only=True)
class MonthContent:
    """What a month's report holds besides its readings.

    Intervals `gap` (from, to) are empty; with `catches_up` the first value after them holds their
    sum. `is_dead` leaves heat and back-up empty all month. `has_signed_log` ends the month with a
    log cell that a spreadsheet takes for a formula.
    """

    gap: tuple[int, int] | None = None
    catches_up: bool = False
    is_dead: bool = False
    has_signed_log: bool = False


def report_bytes(
    application: SimulatedApplication,
    month: date,
    readings: SystemReadings,
    content: MonthContent = MonthContent(),
) -> bytes:
    """A valid report of a month: 12 columns, LF line ends, no cell that needs quotes."""
    kind = application.kind
    rows = len(readings.solar_btu)
    present = _present(rows, content)
    heat = readings.total_btu if kind.tank_configuration == 1 else readings.solar_btu
    heat_cells = _integers(heat, present=present, content=content)
    nothing = pa.nulls(rows, pa.string())
    is_two_tanks = kind.tank_configuration == 2
    backup = _decimals(readings.backup_steps, _STEP, present=present, content=content)
    table = pa.table(
        [
            pa.repeat(application.application_id, rows),
            pa.array(month_labels(month)),
            _decimals(readings.gallon_tenths, _TENTH, present=present),
            heat_cells if is_two_tanks else nothing,
            nothing if is_two_tanks else heat_cells,
            *(backup if kind.backup_type is fuel else nothing for fuel in _BACKUP_COLUMNS),
            *_logs(present, has_signed_log=content.has_signed_log),
        ],
        names=list("ABCDEFGHIJKL"),
    )
    sink = pa.BufferOutputStream()
    sink.write(HEADER.encode())
    pa_csv.write_csv(table, sink, _AS_WRITTEN)
    written: bytes = sink.getvalue().to_pybytes()
    return written


def broken(content: bytes, rule: CsiRule) -> bytes:
    """The report with a fault that breaks one rule; ValueError for a rule without an example."""
    if rule is CsiRule.H02:
        return content.replace(b"Datetime", b"Date and time", 1)
    lines = content.splitlines(keepends=True)
    if rule is CsiRule.T06:
        # A day that the logger did not write at all.
        return b"".join([*lines[: 1 + 9 * PER_DAY], *lines[1 + 10 * PER_DAY :]])
    if rule is CsiRule.R05:
        lines[61:64] = [_reformatted(line) for line in lines[61:64]]
    elif rule is CsiRule.R08:
        lines[61:64] = [_heat_as_text(line) for line in lines[61:64]]
    elif rule is CsiRule.X02:
        lines[6:8] = [_wrong_fuel(line) for line in lines[6:8]]
    else:
        raise ValueError(f"no example of a report that breaks {rule}; add one")
    return b"".join(lines)


def _present(rows: int, content: MonthContent) -> np.ndarray:
    present = np.ones(rows, dtype=bool)
    if content.gap is not None:
        present[slice(*content.gap)] = False
    return present


def _integers(values: np.ndarray, *, present: np.ndarray, content: MonthContent) -> pa.Array:
    if content.is_dead:
        return pa.nulls(len(values), pa.int64())
    caught_up = _caught_up(values, content)
    return pa.array(caught_up, mask=~present)


def _decimals(
    values: np.ndarray,
    step: Decimal,
    *,
    present: np.ndarray,
    content: MonthContent = MonthContent(),
) -> pa.Array:
    if content.is_dead:
        return pa.nulls(len(values), pa.int64())
    steps = pa.array(_caught_up(values, content), mask=~present)
    return pc.multiply(steps.cast(pa.decimal128(19, 0)), pa.scalar(step))


def _caught_up(values: np.ndarray, content: MonthContent) -> np.ndarray:
    if content.gap is None or not content.catches_up:
        return values
    start, end = content.gap
    caught_up = values.copy()
    caught_up[end] = values[start : end + 1].sum()
    return caught_up


def _logs(present: np.ndarray, *, has_signed_log: bool) -> list[pa.Array]:
    """A few entries a month: alarms, system messages, system events, trends."""
    rows = len(present)
    alarms: list[str | None] = [None] * rows
    messages, events, trends = alarms.copy(), alarms.copy(), alarms.copy()
    gap = np.flatnonzero(~present)
    if len(gap):
        alarms[int(gap[0])] = "BTU meter offline"
        events[min(int(gap[-1]) + 1, rows - 1)] = "BTU meter restarted"
    messages[32] = "Collector pump on"
    messages[68] = "Collector pump off"
    events[10 * PER_DAY] = "Monthly self-test passed"
    trends[rows - 1] = "-2 F against last month" if has_signed_log else "Storage 2 F cooler"
    return [pa.array(cells, pa.string()) for cells in (alarms, messages, events, trends)]


def _cells(line: bytes) -> list[bytes]:
    return line.rstrip(b"\n").split(b",")


def _reformatted(line: bytes) -> bytes:
    """The row as a spreadsheet saves it once it took the label for a date."""
    cells = _cells(line)
    stamp = datetime.strptime(cells[1].decode(), LABEL_FORMAT)  # noqa: DTZ007 - a PST label
    cells[1] = f"{stamp.month}/{stamp.day}/{stamp.year} {stamp.hour}:{stamp:%M}".encode()
    return b",".join(cells) + b"\n"


def _heat_as_text(line: bytes) -> bytes:
    cells = _cells(line)
    position = 3 if cells[3] else 4
    cells[position] += b".5"
    return b",".join(cells) + b"\n"


def _wrong_fuel(line: bytes) -> bytes:
    cells = _cells(line)
    position = 6 if not cells[6] else 7
    cells[position] = b"0.5"
    return b",".join(cells) + b"\n"


def day_gap(rows: int) -> tuple[int, int]:
    """A gap of 104 intervals that ends at noon, so that what catches up is far above a quarter."""
    end = min(8 * PER_DAY + 48, rows - 1)
    return end - 104, end
