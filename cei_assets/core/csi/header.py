"""Rules H01 and H02: the header equals the template, cell by cell."""

import re
from collections.abc import Sequence
from itertools import zip_longest

from cei_assets.contracts.csi_vocabulary import COLUMN_LETTERS, HEADER_TEMPLATE, CsiRule
from cei_assets.core.csi.records import WIDTH, Record, Records
from cei_assets.core.csi.times import LABEL
from cei_assets.core.csi.wording import FindingCollector, quoted

_SEARCHED_ROWS = 20
_LISTED_EXTRA = 8


def judge_header(records: Records, *, application_id_pattern: str, found: FindingCollector) -> None:
    """Adds what is wrong with line 1."""
    header = records.header
    if tuple(header) == HEADER_TEMPLATE:
        return
    if _is_data(header, application_id_pattern):
        found.add(
            CsiRule.H01,
            "looks like data; the header row is missing. Write the template's 12 column names "
            "into line 1.",
            line=1,
        )
        return
    # What is beyond the template's width is listed in part: a line may hold millions of commas.
    compared = zip_longest(HEADER_TEMPLATE, header[: WIDTH + _LISTED_EXTRA])
    differing = [
        position for position, (expected, actual) in enumerate(compared) if expected != actual
    ]
    details = "; ".join(_difference(position, header) for position in differing)
    first = differing[0]
    # The message names the place of the first one already.
    details = details.removeprefix(f"column {COLUMN_LETTERS[first]}: " if first < WIDTH else "")
    unlisted = max(0, len(header) - WIDTH - _LISTED_EXTRA)
    more = f"; and {unlisted:,} more" if unlisted else ""
    found.add(
        CsiRule.H02,
        f"{details}{more}. {_hint(records)}",
        line=1,
        column=first if first < WIDTH else None,
        value=header[first] if first < len(header) else None,
        count=len(differing) + unlisted,
    )


def _is_data(header: Record, application_id_pattern: str) -> bool:
    return (
        len(header) > 1
        and re.fullmatch(application_id_pattern, header[0]) is not None
        and LABEL.fullmatch(header[1]) is not None
    )


def _difference(position: int, header: Record) -> str:
    """One differing column, in words."""
    place = (
        f"column {COLUMN_LETTERS[position]}"
        if position < WIDTH
        else f"field {position + 1}, beyond the last column L"
    )
    if position >= len(header):
        return f"{place}: expected {quoted(HEADER_TEMPLATE[position])}, found no column"
    if position >= WIDTH:
        return f"{place}: expected nothing, found {quoted(header[position])}"
    return (
        f"{place}: expected {quoted(HEADER_TEMPLATE[position])}, found {quoted(header[position])}"
    )


def _hint(records: Records) -> str:
    """How to fix it, by what the header looks like."""
    template = _plain(HEADER_TEMPLATE)
    for row, line in zip(records.rows[:_SEARCHED_ROWS], records.lines, strict=False):
        if len(row) == WIDTH and _plain(row) == template:
            return f"The header is in line {line}: delete what stands above it."
    if tuple(records.header[:WIDTH]) == HEADER_TEMPLATE:
        return "Delete what stands behind column L, commas too."
    if len(records.header) == WIDTH:
        header = _plain(records.header)
        if header == template:
            return "Only capitals or blanks differ: copy the names from the template."
        if sorted(header) == sorted(template):
            return "The columns stand in another order: put them in the template's."
    return "Copy the template's 12 column names, in their order, into line 1."


def _plain(cells: Sequence[str]) -> list[str]:
    return ["".join(cell.split()).casefold() for cell in cells]
