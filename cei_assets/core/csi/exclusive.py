"""Rules X01 and X02: data stand only in the columns of the application's tanks and back-up."""

from cei_assets.contracts.csi_vocabulary import BackupType, CsiRule
from cei_assets.core.csi.cells import number_of
from cei_assets.core.csi.program import Application
from cei_assets.core.csi.records import Sheet
from cei_assets.core.csi.wording import FindingCollector, quoted

ENERGY_COLUMN = {1: 4, 2: 3}
"""Column of the heat that is paid, by number of tanks: E (total) or D (solar)."""

BACKUP_COLUMN = {BackupType.GAS: 5, BackupType.ELECTRIC: 6, BackupType.PROPANE: 7}
"""Column of the back-up fuel; an application without back-up has none."""


def judge_exclusive(
    sheet: Sheet, *, application: Application, zero_is_data: bool, found: FindingCollector
) -> None:
    """Adds cells with data in columns that the application does not use."""
    tanks = application.tank_configuration
    for other_tanks, position in ENERGY_COLUMN.items():
        if other_tanks != tanks:
            why = f"in a {other_tanks}-tank column of a {tanks}-tank application"
            _judge_empty(CsiRule.X01, sheet, position, why, zero_is_data, found)
    for fuel, position in BACKUP_COLUMN.items():
        if fuel is not application.backup_type:
            why = f"of {fuel.value} back-up, but the back-up type is {application.backup_type}"
            _judge_empty(CsiRule.X02, sheet, position, why, zero_is_data, found)


def _judge_empty(
    rule: CsiRule,
    sheet: Sheet,
    position: int,
    why: str,
    zero_is_data: bool,
    found: FindingCollector,
) -> None:
    cells = sheet.columns[position]
    if not any(cells):
        return
    for line, cell in zip(sheet.lines, cells, strict=True):
        if cell and (zero_is_data or number_of(cell) != 0):
            found.add(
                rule,
                f"data {quoted(cell)} {why}. Leave the column empty, or ask the administrator to "
                "correct the register.",
                line=line,
                column=position,
                value=cell,
            )
