"""Rules W01 to W08, W13 and W14: what a valid report shows that someone should look at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cei_assets.contracts.csi_vocabulary import BTU_PER_KWH, BackupType, CsiRule
from cei_assets.core.csi.cells import Numbers, number_of
from cei_assets.core.csi.exclusive import BACKUP_COLUMN, ENERGY_COLUMN
from cei_assets.core.csi.program import Application
from cei_assets.core.csi.records import Sheet
from cei_assets.core.csi.wording import FindingCollector, quoted

GALLONS_COLUMN = 2
LOG_COLUMNS = (8, 9, 10, 11)
_INTERVALS_PER_HOUR = 4
_FORMULA_STARTS = ("=", "+", "-", "@", "\t")


@dataclass(frozen=True, kw_only=True)
class Content:
    """What is known of the payable energy column; `catch_up_rows` are positions of rows."""

    empty_intervals: int
    zero_intervals: int
    catch_up_rows: Sequence[int]


def judge_content(
    sheet: Sheet,
    numbers: Numbers,
    *,
    application: Application,
    month: date,
    found: FindingCollector,
) -> Content:
    """Adds warnings to a report that no rule rejects."""
    energy = numbers.integers[ENERGY_COLUMN[application.tank_configuration]]
    content = Content(
        empty_intervals=energy.null_count,
        zero_intervals=pc.sum(pc.equal(energy, 0)).as_py() or 0,
        catch_up_rows=_catch_up_rows(energy, _ceiling_btu(application)),
    )
    _judge_energy(len(energy), content, application, found)
    _judge_catch_up(sheet, energy, content, application, found)
    _judge_term(application, month, found)
    _judge_negatives(sheet, numbers, found)
    _judge_gallons(sheet, found)
    _judge_logs(sheet, found)
    _judge_pairs(sheet, application, found)
    return content


def _judge_energy(
    total: int, content: Content, application: Application, found: FindingCollector
) -> None:
    column = ENERGY_COLUMN[application.tank_configuration]
    empty, zero = content.empty_intervals, content.zero_intervals
    if empty == total:
        found.add(
            CsiRule.W01,
            f"no payable data: all {total:,} cells are empty. Check the meter and the export.",
            column=column,
            count=empty,
        )
        return
    if zero + empty == total:
        found.add(
            CsiRule.W14,
            "no payable data: every value is zero. Check that the system delivered nothing.",
            column=column,
            count=zero,
        )
    if empty:
        found.add(
            CsiRule.W02,
            f"{empty:,} of {total:,} intervals are empty ({empty / total:.1%}). "
            "Nothing is paid for them.",
            column=column,
            count=empty,
        )


def _ceiling_btu(application: Application) -> Decimal:
    """Most that the collectors deliver in 15 minutes."""
    return application.capacity_kwth * BTU_PER_KWH / _INTERVALS_PER_HOUR


def _catch_up_rows(energy: pa.Array, ceiling: Decimal) -> list[int]:
    """Rows whose value follows an empty one and is above what one interval can hold."""
    if not energy.null_count:
        return []
    is_empty = energy.is_null().to_numpy(zero_copy_only=False)
    # An integer is above the ceiling exactly when it is above its whole part.
    is_high = energy.fill_null(0).to_numpy() > int(ceiling)
    rows: list[int] = (np.flatnonzero(is_empty[:-1] & is_high[1:]) + 1).tolist()
    return rows


def _judge_catch_up(
    sheet: Sheet,
    energy: pa.Array,
    content: Content,
    application: Application,
    found: FindingCollector,
) -> None:
    filled = np.flatnonzero(energy.is_valid().to_numpy(zero_copy_only=False))
    for row in content.catch_up_rows:
        place = int(np.searchsorted(filled, row))
        before = int(filled[place - 1]) if place else -1
        empty = row - before - 1
        gap = "1 empty interval" if empty == 1 else f"{empty:,} empty intervals"
        value = energy[row].as_py()
        found.add(
            CsiRule.W03,
            f"{value:,} BTU after {gap} (ceiling {_ceiling_btu(application):,.0f} BTU). "
            "It looks like the sum of the gap; check that it is.",
            line=sheet.lines[row],
            column=ENERGY_COLUMN[application.tank_configuration],
            value=str(value),
        )


def _judge_term(application: Application, month: date, found: FindingCollector) -> None:
    first, last = application.first_data_month, application.last_data_month
    if not first <= month <= last:
        found.add(
            CsiRule.W05,
            f"{month:%B %Y} is outside the term {first:%Y-%m} to {last:%Y-%m}: stored, not "
            "payable. Check the month on the form.",
        )


def _judge_negatives(sheet: Sheet, numbers: Numbers, found: FindingCollector) -> None:
    for column, values in (*numbers.integers.items(), *numbers.decimals.items()):
        if values.null_count == len(values):
            continue
        is_negative = pc.less(values, pa.scalar(Decimal(0), values.type))
        for row in pc.indices_nonzero(is_negative).to_pylist():
            cell = sheet.columns[column][row]
            found.add(
                CsiRule.W06,
                f"negative value {quoted(cell)}. Check the meter's direction and its rollover.",
                line=sheet.lines[row],
                column=column,
                value=cell,
            )


def _judge_gallons(sheet: Sheet, found: FindingCollector) -> None:
    cells = sheet.columns[GALLONS_COLUMN]
    filled = list(filter(None, cells))
    if _is_rising(filled):
        return
    before: Decimal | None = None
    before_line = 0
    for line, cell in zip(sheet.lines, cells, strict=True):
        if not cell:
            continue
        number = number_of(cell)
        if number is None:
            text = f"{quoted(cell)} is not numeric. Write the meter's reading in gallons."
            found.add(CsiRule.W07, text, line=line, column=GALLONS_COLUMN, value=cell)
            continue
        if before is not None and number < before:
            found.add(
                CsiRule.W07,
                f"{quoted(cell)} is less than the reading on line {before_line}. "
                "The column is cumulative; check for a meter change or a reset.",
                line=line,
                column=GALLONS_COLUMN,
                value=cell,
            )
        before, before_line = number, line


def _is_rising(cells: Sequence[str]) -> bool:
    """Whether all cells are plainly written numbers that never decrease; false when unsure."""
    written = "".join(cells)
    if not written.isascii() or not written.replace(".", "").isdigit():
        return not written
    try:
        if written.isdigit():
            readings = pa.array(cells, pa.string()).cast(pa.int64()).to_numpy()
            return bool(np.all(readings[1:] >= readings[:-1]))
        numbers = list(map(Decimal, cells))
    except (pa.ArrowInvalid, InvalidOperation):
        return False
    return numbers == sorted(numbers)


def _judge_logs(sheet: Sheet, found: FindingCollector) -> None:
    for column in LOG_COLUMNS:
        cells = sheet.columns[column]
        if not any(cell.startswith(_FORMULA_STARTS) for cell in set(cells)):
            continue
        for line, cell in zip(sheet.lines, cells, strict=True):
            if cell.startswith(_FORMULA_STARTS):
                found.add(
                    CsiRule.W08,
                    f"cell {quoted(cell)} starts like a formula; it is stored as text. "
                    "Begin log texts with a letter or a digit.",
                    line=line,
                    column=column,
                    value=cell,
                )


def _judge_pairs(sheet: Sheet, application: Application, found: FindingCollector) -> None:
    """1-tank heat is paid less the back-up's: an interval needs both."""
    if application.tank_configuration != 1 or application.backup_type is BackupType.NONE:
        return
    column = BACKUP_COLUMN[application.backup_type]
    energy, backup = sheet.columns[ENERGY_COLUMN[1]], sheet.columns[column]
    if "" not in energy and "" not in backup:
        return
    unpaired = [
        line
        for line, heat, fuel in zip(sheet.lines, energy, backup, strict=True)
        if (not heat) != (not fuel)
    ]
    if unpaired:
        intervals = "interval" if len(unpaired) == 1 else "intervals"
        found.add(
            CsiRule.W13,
            f"{len(unpaired):,} unpaired {intervals}: heat without a back-up reading, or the "
            "reverse; the first is here. "
            "They are not paid; fill in both, zero where the back-up was off.",
            line=unpaired[0],
            column=column,
            count=len(unpaired),
        )
