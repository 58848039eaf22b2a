"""Rules R05 to R07 and T01 to T06: column B holds every interval of the month once, in order.

Labels are compared as text: well-formed ones sort like the times they name.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from itertools import groupby, pairwise
from zoneinfo import ZoneInfo

from cei_assets.contracts.csi_vocabulary import CsiRule
from cei_assets.core.csi.months import (
    LABEL_FORMAT,
    label_set,
    month_end_pst,
    month_interval_ends_pst,
    month_labels,
    month_start_pst,
)
from cei_assets.core.csi.records import Sheet
from cei_assets.core.csi.wording import FindingCollector, listed, quoted

LABEL = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}")
_DATETIME = 1
_QUARTER_HOURS = ("00", "15", "30", "45")
_SPREADSHEET = re.compile(r"[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{2,4}\b.*")
_LIKE_A_LABEL = re.compile(LABEL.pattern.replace(" ", "[ T]") + r"(:[0-9.]+)?(Z|[+-][0-9:]+)?")
_DAYLIGHT_SAVING = (
    "It looks like daylight-saving time: write Pacific Standard Time all year, 96 intervals a day."
)
# A row off the grid has a label, but none of the month's.
_ROW_IS_LEFT_OUT = (CsiRule.F07, CsiRule.R05, CsiRule.R06, CsiRule.R07)


@dataclass(frozen=True, kw_only=True)
class _Labelled:
    """A row whose label names a time."""

    row: int
    line: int
    label: str


def judge_times(sheet: Sheet, *, month: date, zone: str, found: FindingCollector) -> None:
    """Adds what is wrong with the labels; `zone` is where clocks change, for a hint."""
    labels = sheet.columns[_DATETIME]
    if labels == month_labels(month):
        return
    # From here on row by row: only files that fail come here.
    labelled = list(_judge_labels(sheet, found))
    clock_change = _clock_change(labelled, _repeated_labels(month, zone=zone))
    _judge_repeats(labelled, clock_change, found)
    _judge_order(labelled, clock_change, found)
    _judge_window(labelled, month, found)
    _judge_ends(sheet, labelled, month, found)
    if not found.has(CsiRule.F10):
        _judge_missing(labelled, month, zone, found)


def _judge_labels(sheet: Sheet, found: FindingCollector) -> Iterator[_Labelled]:
    """The rows whose label is a time, on the grid or not."""
    for row, (line, label) in enumerate(zip(sheet.lines, sheet.columns[_DATETIME], strict=True)):
        if not LABEL.fullmatch(label):
            found.add(CsiRule.R05, _lacks_form(label), line=line, column=_DATETIME, value=label)
            continue
        problem = _unreal(label)
        if problem is not None:
            found.add(CsiRule.R06, problem, line=line, column=_DATETIME, value=label)
            continue
        if label[14:] not in _QUARTER_HOURS:
            found.add(
                CsiRule.R07,
                f"value {quoted(label)} is not a 15-minute boundary. "
                "Write minutes 00, 15, 30 or 45, after normalising to 15-minute intervals.",
                line=line,
                column=_DATETIME,
                value=label,
            )
        yield _Labelled(row=row, line=line, label=label)


def _lacks_form(label: str) -> str:
    if not label:
        return "the label is missing. Write the interval's end as YYYY-MM-DD HH:MM on every row."
    if _SPREADSHEET.fullmatch(label):
        hint = "A spreadsheet reformatted the column: give it the format yyyy-mm-dd hh:mm."
    elif LABEL.fullmatch(label.strip()):
        hint = "Delete the blanks around it."
    elif _LIKE_A_LABEL.fullmatch(label):
        hint = "Leave out seconds, the letter T and the time zone."
    else:
        hint = "Write the interval's end such as 2013-09-01 00:15."
    return f"value {quoted(label)} is not YYYY-MM-DD HH:MM. {hint}"


def _unreal(label: str) -> str | None:
    """Why a well-formed label names no time."""
    try:
        date(int(label[:4]), int(label[5:7]), int(label[8:10]))
    except ValueError:
        return f"value {quoted(label)} does not exist: no such day. Write a day of the calendar."
    hour, minute = label[11:13], label[14:]
    if (hour, minute) == ("24", "00"):
        return f"value {quoted(label)} does not exist: write 00:00 of the next day."
    if hour > "23" or minute > "59":
        return f"value {quoted(label)} does not exist. Write hours 00 to 23 and minutes 00 to 45."
    return None


def _clock_change(labelled: Sequence[_Labelled], repeated: frozenset[str]) -> frozenset[str]:
    """The labels that the clocks show twice, when they and no others come again; else none."""
    counts = Counter(each.label for each in labelled)
    again = {label for label, count in counts.items() if count > 1}
    return repeated if again == repeated else frozenset()


def _judge_repeats(
    labelled: Sequence[_Labelled], clock_change: frozenset[str], found: FindingCollector
) -> None:
    first_lines: dict[str, int] = {}
    hint = _DAYLIGHT_SAVING if clock_change else "Write every interval once."
    for each in labelled:
        first_line = first_lines.setdefault(each.label, each.line)
        if first_line != each.line:
            found.add(
                CsiRule.T01,
                f"{each.label} already on line {first_line}. {hint}",
                line=each.line,
                column=_DATETIME,
                value=each.label,
            )


def _judge_order(
    labelled: Sequence[_Labelled], clock_change: frozenset[str], found: FindingCollector
) -> None:
    for before, after in pairwise(labelled):
        if after.label < before.label:
            # Sorting a month on legal time would only move the hour that comes twice.
            is_clock_change = {before.label, after.label} <= clock_change
            hint = _DAYLIGHT_SAVING if is_clock_change else "Sort the rows by time, earliest first."
            found.add(
                CsiRule.T02,
                f"{after.label} comes after {before.label} on line {before.line}. {hint}",
                line=after.line,
                column=_DATETIME,
                value=after.label,
            )


def _judge_window(labelled: Sequence[_Labelled], month: date, found: FindingCollector) -> None:
    start = month_start_pst(month).strftime(LABEL_FORMAT)
    end = month_end_pst(month).strftime(LABEL_FORMAT)
    outside = [each for each in labelled if not start < each.label <= end]
    # Rows next to each other have the same distance to their place in the list.
    for _, block in groupby(enumerate(outside), key=lambda pair: pair[1].row - pair[0]):
        rows = [each for _, each in block]
        first, last = rows[0], rows[-1]
        named = (
            f"{first.label} is"
            if len(rows) == 1
            else f"{first.label} to {last.label} ({len(rows):,} rows up to line {last.line}) are"
        )
        found.add(
            CsiRule.T03,
            f"{named} outside {month:%B %Y}. The month runs from {month_labels(month)[0]} to {end} "
            "in interval ends, Pacific Standard Time.",
            line=first.line,
            column=_DATETIME,
            value=first.label,
            count=len(rows),
        )


def _judge_ends(
    sheet: Sheet, labelled: Sequence[_Labelled], month: date, found: FindingCollector
) -> None:
    """First and last data row of the file; silent where that row has no label to judge."""
    if not labelled:
        return
    grid = month_labels(month)
    first, last = labelled[0], labelled[-1]
    if sheet.has_first and first.row == 0 and first.label != grid[0]:
        begins = first.label == month_start_pst(month).strftime(LABEL_FORMAT)
        _add_end(CsiRule.T04, "first", first, grid[0], begins=begins, found=found)
    is_last = sheet.has_last and last.row == len(sheet.lines) - 1
    if is_last and last.label != grid[-1]:
        begins = last.label == grid[-2]
        _add_end(CsiRule.T05, "last", last, grid[-1], begins=begins, found=found)


def _add_end(
    rule: CsiRule,
    which: str,
    actual: _Labelled,
    expected: str,
    *,
    begins: bool,
    found: FindingCollector,
) -> None:
    hint = (
        "It looks like interval-beginning labels: a label is the interval's end."
        if begins
        else "Write every interval of the month, from its first to its last."
    )
    found.add(
        rule,
        f"{which} interval is {actual.label}, expected {expected}. {hint}",
        line=actual.line,
        column=_DATETIME,
        value=actual.label,
    )


def _judge_missing(
    labelled: Sequence[_Labelled], month: date, zone: str, found: FindingCollector
) -> None:
    missing = label_set(month) - {each.label for each in labelled}
    if not missing:
        return
    skipped = _skipped_labels(month, zone=zone)
    usual_hint = _fix_missing(found)
    grid = month_labels(month)
    runs = groupby(range(len(grid)), key=lambda position: grid[position] in missing)
    for positions in (list(run) for is_missing, run in runs if is_missing):
        labels = [grid[position] for position in positions]
        hint = _DAYLIGHT_SAVING if set(labels) == skipped else usual_hint
        named = (
            f"1 interval missing: {labels[0]}"
            if len(labels) == 1
            else f"{len(labels):,} intervals missing: {labels[0]} to {labels[-1]}"
        )
        found.add(CsiRule.T06, f"{named}. {hint}", column=_DATETIME, count=len(labels))


def _fix_missing(found: FindingCollector) -> str:
    """What to do about missing intervals; the row of one may be there and be unreadable."""
    broken = [rule for rule in _ROW_IS_LEFT_OUT if found.has(rule)]
    if broken:
        return (
            f"Rows that break {listed(broken)} do not count: correct them first, then write a row "
            "for every interval that is still missing."
        )
    return "Write a row for every interval, with empty cells where there is no data."


@lru_cache(maxsize=64)
def _skipped_labels(month: date, *, zone: str) -> frozenset[str]:
    """Labels of the month that the clocks of `zone` skip."""
    return _labels_where(month, lambda local: _round_trip(local, zone) != local)


@lru_cache(maxsize=64)
def _repeated_labels(month: date, *, zone: str) -> frozenset[str]:
    """Labels of the month that the clocks of `zone` show twice."""
    named = ZoneInfo(zone)
    return _labels_where(
        month,
        lambda local: (
            _round_trip(local, zone) == local
            and local.replace(tzinfo=named).utcoffset()
            != local.replace(tzinfo=named, fold=1).utcoffset()
        ),
    )


def _labels_where(month: date, holds: Callable[[datetime], bool]) -> frozenset[str]:
    return frozenset(
        label
        for label, local in zip(month_labels(month), month_interval_ends_pst(month), strict=True)
        if holds(local)
    )


def _round_trip(local: datetime, zone: str) -> datetime:
    named = ZoneInfo(zone)
    there = local.replace(tzinfo=named).astimezone(UTC)
    return there.astimezone(named).replace(tzinfo=None, fold=0)
