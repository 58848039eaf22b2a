"""Rules R01 to R04: column A holds the form's application, a registered one, on every row."""

import re
from collections.abc import Collection

from cei_assets.contracts.csi_vocabulary import CsiRule
from cei_assets.core.csi.records import Sheet
from cei_assets.core.csi.wording import FindingCollector, quoted

_COLUMN = 0


def judge_identity(
    sheet: Sheet,
    *,
    application_id: str,
    registered: Collection[str],
    pattern: str,
    found: FindingCollector,
) -> None:
    """Adds what is wrong with the application IDs.

    The first well-formed ID is what the others are compared with; a malformed one breaks R01 only.
    """
    cells = sheet.columns[_COLUMN]
    distinct = dict.fromkeys(cells)
    well_formed = [cell for cell in distinct if re.fullmatch(pattern, cell)]
    if list(distinct) == well_formed == [application_id] and application_id in registered:
        return
    # From here on row by row: only files that fail come here.
    reference = well_formed[0] if well_formed else None
    reference_line = 0 if reference is None else sheet.lines[cells.index(reference)]
    known = set(well_formed)
    for line, cell in zip(sheet.lines, cells, strict=True):
        if cell not in known:
            _add_malformed(cell, line, pattern, found)
        elif cell != reference:
            found.add(
                CsiRule.R02,
                f"{quoted(cell)} differs from line {reference_line} {quoted(reference or '')}. "
                "A file is for one application: write its ID on every row.",
                line=line,
                column=_COLUMN,
                value=cell,
            )
    for cell in well_formed:
        _judge_value(sheet, cell, application_id, registered, found)


def _add_malformed(cell: str, line: int, pattern: str, found: FindingCollector) -> None:
    if not cell:
        hint = "Write it on every row."
    elif re.fullmatch(pattern, cell.strip()):
        hint = "Delete the blanks around it."
    elif re.fullmatch(pattern, cell.strip().upper()):
        hint = "Letters are capitals."
    elif not cell.isascii():
        hint = "Type it anew: only A to Z, 0 to 9 and the hyphen are taken."
    else:
        hint = "Write it as the register does, such as SCG-00987."
    found.add(
        CsiRule.R01,
        f"value {quoted(cell)} is not an application ID (AAA-#####). {hint}",
        line=line,
        column=_COLUMN,
        value=cell,
    )


def _judge_value(
    sheet: Sheet,
    cell: str,
    application_id: str,
    registered: Collection[str],
    found: FindingCollector,
) -> None:
    """One finding for each value, on the first of its rows."""
    cells = sheet.columns[_COLUMN]
    line = sheet.lines[cells.index(cell)]
    rows = cells.count(cell)
    on = f"on {rows:,} rows" if rows > 1 else "on 1 row"
    if cell != application_id:
        found.add(
            CsiRule.R03,
            f"file is for {cell} ({on}), form says {application_id}. "
            "Choose that application on the form, or upload its own file.",
            line=line,
            column=_COLUMN,
            value=cell,
            count=rows,
        )
    if cell not in registered:
        found.add(
            CsiRule.R04,
            f"{quoted(cell)} ({on}) is not a CSI-Thermal application. "
            "Correct the ID, or ask the administrator to register the application.",
            line=line,
            column=_COLUMN,
            value=cell,
            count=rows,
        )
