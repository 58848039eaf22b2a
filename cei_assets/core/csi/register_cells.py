"""How the programme's register files are written, and what their words mean in the contract."""

import calendar
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from cei_assets.contracts.csi_vocabulary import (
    BackupType,
    ConversionMethod,
    DisplacedFuel,
    LateDecision,
    QuantityUnit,
)
from cei_assets.contracts.finding import Finding, FindingLevel
from cei_assets.contracts.model import Column, Table
from cei_assets.contracts.tables.csi import (
    CSI_APPLICATIONS,
    CSI_LATE_DECISIONS,
    CSI_PDPS,
    CSI_REPLACEMENTS,
)
from cei_assets.core.register.text import TextTable

Rewrite = Callable[[str], str]

MONTH_COLUMNS = frozenset(
    {
        "first_data_month",
        "last_data_month",
        "valid_from_month",
        "valid_to_month",
        "application_month",
    }
)
PAYMENT_COLUMNS = frozenset({"baseline_efficiency", "rate", "rate_unit", "incentive_cap"})
_UNIT_PREFIX = re.compile(r"(?:\$|usd|us\$)?\s*(?:/|per)\s*")
_MONTH = re.compile(r"([0-9]{4}-[0-9]{2})(-[0-9]{2})?")
_TANKS = re.compile(r"([12])(?:\.0|[-_ ]?tanks?(?: system)?)?", re.IGNORECASE)
_FUELS = {"natural gas": "gas", "natural_gas": "gas", "electricity": "electric"}
_NO_BACKUP = {"not required": "none", "no": "none", "no back-up": "none", "n/a": "none"}
_UNITS = {
    "therm": QuantityUnit.THERM.value,
    "therms": QuantityUnit.THERM.value,
    "kwh": QuantityUnit.KWH.value,
}


@dataclass(frozen=True, kw_only=True)
class RegisterFile:
    """A file of the programme: its name, its table, and how it may be written.

    `own_names` maps columns of the contract to what the file calls them, `aliases` other headers
    to the file's. `derived` columns may be empty since the register computes them, `defaults` are
    what an empty cell means.
    """

    name: str
    table: Table
    own_names: Mapping[str, str] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    derived: tuple[str, ...] = ()
    defaults: Mapping[str, str] = field(default_factory=dict)

    @property
    def as_written(self) -> Table:
        """The table with the file's column names, what may be empty nullable."""
        may_be_empty = (*self.derived, *self.defaults)
        return replace(
            self.table,
            name=self.name,
            columns=tuple(
                Column(
                    field=replace(column.field, name=self.own_name(column.name)),
                    nullable=column.nullable or column.name in may_be_empty,
                )
                for column in self.table.columns
            ),
            grain=tuple(self.own_name(name) for name in self.table.grain),
        )

    def own_name(self, name: str) -> str:
        """What the file calls a column of the contract."""
        return self.own_names.get(name, name)


APPLICATIONS = RegisterFile(
    name="csi_applications",
    table=CSI_APPLICATIONS,
    aliases={"valid_from": "valid_from_month", "valid_to": "valid_to_month"},
    derived=("first_data_month", "last_data_month"),
    defaults={"conversion_method": ConversionMethod.DELIVERED_ENERGY.value},
)
PDPS = RegisterFile(
    name="csi_pdps",
    table=CSI_PDPS,
    own_names={"pdp_name": "name", "pdp_active": "active"},
    aliases={"pdp_name": "name", "pdp_active": "active"},
)
REPLACEMENTS = RegisterFile(
    name="csi_replacements",
    table=CSI_REPLACEMENTS,
    aliases={"reason": "replacement_reason", "decision": "late_decision"},
)
LATE_DECISIONS = RegisterFile(
    name="csi_late_decisions",
    table=CSI_LATE_DECISIONS,
    aliases={
        "receipt_id": "late_receipt_id",
        "decision": "late_decision",
        "decided_by": "late_decided_by",
        "decided_at_utc": "late_decided_at_utc",
    },
)
CSI_FILES = (APPLICATIONS, PDPS, REPLACEMENTS, LATE_DECISIONS)


def in_contract_words(file: RegisterFile, text: TextTable) -> tuple[TextTable, list[Finding]]:
    """Cells under the file's own column names, in the contract's spelling and with its defaults.

    What has no meaning stays as written. A month may be given by a day: `2013-10-01` is October
    2013. Findings warn of a day that is neither the first nor the last of its month, since half a
    month has no meaning here.
    """
    present = text.cells.column_names
    names = [_own_name(file, name, present) for name in present]
    cells = text.cells.rename_columns(names)
    findings = [
        finding
        for name in names
        if name in MONTH_COLUMNS
        for finding in _midmonth_findings(text, name, cells.column(name).to_pylist())
    ]
    for index, name in enumerate(names):
        rewrite = _REWRITES.get(name)
        if rewrite is not None:
            cells = cells.set_column(index, name, _rewritten(cells.column(name), rewrite))
    for name, default in file.defaults.items():
        cells = _with_default(cells, name, default)
    return replace(text, cells=cells), findings


def without_payment(text: TextTable) -> TextTable:
    """The cells without those of the columns that only a payment rests on."""
    named = [name for name in text.cells.column_names if name in PAYMENT_COLUMNS]
    return replace(text, cells=text.cells.drop_columns(named))


def _own_name(file: RegisterFile, name: str, present: list[str]) -> str:
    own = file.aliases.get(name, name)
    return own if own not in present else name


def _with_default(cells: pa.Table, name: str, default: str) -> pa.Table:
    if name not in cells.column_names:
        return cells.append_column(name, pa.array([default] * cells.num_rows, pa.string()))
    index = cells.column_names.index(name)
    return cells.set_column(index, name, pc.fill_null(cells.column(name), default))


def _rewritten(cells: pa.ChunkedArray, rewrite: Rewrite) -> pa.Array:
    encoded = cells.combine_chunks().dictionary_encode()
    words = pa.array([rewrite(word) for word in encoded.dictionary.to_pylist()], pa.string())
    return words.take(encoded.indices)


def _month(word: str) -> str:
    """The month's first day; a day that the calendar lacks is left for the typing to refuse."""
    found = _MONTH.fullmatch(word)
    if not found or not _is_date(word if found[2] else f"{word}-01"):
        return word
    return f"{found[1]}-01"


def _is_date(word: str) -> bool:
    try:
        date.fromisoformat(word)
    except ValueError:
        return False
    return True


def _tanks(word: str) -> str:
    found = _TANKS.fullmatch(word)
    return found[1] if found else word


def _unit(word: str) -> str:
    return _UNITS.get(_UNIT_PREFIX.sub("", word.casefold(), count=1), word)


def _member_of(values: tuple[str, ...], *, also: Mapping[str, str] | None = None) -> Rewrite:
    by_folded = {value.casefold(): value for value in values} | dict(also or {})
    return lambda word: by_folded.get(word.casefold(), word)


_REWRITES: Mapping[str, Rewrite] = {
    **dict.fromkeys(MONTH_COLUMNS, _month),
    "tank_configuration": _tanks,
    "rate_unit": _unit,
    "backup_type": _member_of(tuple(BackupType), also=_FUELS | _NO_BACKUP),
    "displaced_fuel": _member_of(tuple(DisplacedFuel), also=_FUELS),
    "conversion_method": _member_of(tuple(ConversionMethod)),
    "late_decision": _member_of(tuple(LateDecision)),
}


def _midmonth_findings(text: TextTable, name: str, cells: list[str | None]) -> list[Finding]:
    return [
        Finding(
            where=text.where,
            line=line,
            column=name,
            found=f"{cell!r}, taken as the whole month {cell[:7]}",
            expected="a month as YYYY-MM",
            fix=f"write {cell[:7]}, or the month that is meant",
            level=FindingLevel.WARNING,
        )
        for line, cell in zip(text.lines, cells, strict=True)
        if cell is not None and _is_midmonth(cell)
    ]


def _is_midmonth(word: str) -> bool:
    found = _MONTH.fullmatch(word)
    if not found or not found[2] or not _is_date(word):
        return False
    day = date.fromisoformat(word)
    return day.day not in (1, calendar.monthrange(day.year, day.month)[1])
