"""The programme's register: texts of its CSV files to tables, findings, and what the rules use."""

import difflib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pyarrow as pa

from cei_assets.contracts.csi_vocabulary import (
    BackupType,
    DisplacedFuel,
    LateDecision,
    QuantityUnit,
)
from cei_assets.contracts.finding import Finding, FindingLevel
from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.render.cells import broken_cells
from cei_assets.core.csi.program import (
    Application,
    CsiOptions,
    CsiRegister,
    LateDecisionMade,
    Replacement,
)
from cei_assets.core.csi.register_cells import (
    APPLICATIONS,
    CSI_FILES,
    LATE_DECISIONS,
    MONTH_COLUMNS,
    PDPS,
    REPLACEMENTS,
    RegisterFile,
    in_contract_words,
    without_payment,
)
from cei_assets.core.csi.register_rules import Row, application_findings, reference_findings
from cei_assets.core.csi.timeline import term_of
from cei_assets.core.register.text import register_file, split_csv
from cei_assets.core.register.typed import typed_table


@dataclass(frozen=True, kw_only=True)
class CsiRegisterVerdict:
    """The programme's tables by name in the contract, the register they make, and all findings.

    While a finding is an error there are no tables and the register is empty.
    """

    tables: dict[str, pa.Table]
    register: CsiRegister
    findings: tuple[Finding, ...]

    @property
    def has_errors(self) -> bool:
        """Whether the register cannot be used."""
        return any(finding.is_error for finding in self.findings)


@dataclass(frozen=True, kw_only=True)
class _Read:
    """A file as its table; `is_whole` is false when rows are missing from it."""

    data: pa.Table
    lines: tuple[int, ...]
    is_whole: bool

    @property
    def rows(self) -> list[Row]:
        """Rows by column of the contract, with their physical lines."""
        return [
            {**row, "line": line}
            for row, line in zip(self.data.to_pylist(), self.lines, strict=True)
        ]


def judge_csi_register(
    texts: Mapping[str, str], *, options: CsiOptions | None = None, for_payment: bool = True
) -> CsiRegisterVerdict:
    """Judges the programme's CSV texts, by file name without ending; returns all that is wrong.

    Absent files are empty tables: then the programme is not in use, or nothing is replaced or
    decided. An empty `first_data_month` is the month after ICF approval, an empty `last_data_month`
    the 23rd after the first one, an empty `conversion_method` delivered_energy (specification,
    sections 3 and 4). Nothing else is filled in. Without `for_payment` the columns that only a
    payment rests on are not looked at: whoever checks a report cannot mend them.
    """
    findings = _unknown_files(texts)
    read: dict[str, _Read] = {}
    for file in CSI_FILES:
        table, file_findings = _read(file, texts.get(file.name), for_payment=for_payment)
        findings += file_findings
        if table is not None:
            read[file.name] = table
    findings += _rule_findings(read, texts, options or CsiOptions(), for_payment=for_payment)
    ordered = tuple(sorted(findings, key=_place))
    if any(finding.is_error for finding in ordered):
        return CsiRegisterVerdict(tables={}, register=CsiRegister(), findings=ordered)
    tables = {file.table.name: read[file.name].data for file in CSI_FILES}
    return CsiRegisterVerdict(tables=tables, register=_register(read), findings=ordered)


def _unknown_files(texts: Mapping[str, str]) -> list[Finding]:
    names = [file.name for file in CSI_FILES]
    findings = []
    for name in sorted(set(texts) - set(names)):
        close = difflib.get_close_matches(name, names, n=1)
        findings.append(
            Finding(
                where=register_file(name),
                found="a file that the programme's register does not know",
                expected=", ".join(f"{known}.csv" for known in names),
                fix=f"rename it to {close[0]}.csv" if close else "rename or remove it",
                level=FindingLevel.WARNING,
            )
        )
    return findings


def _read(
    file: RegisterFile, text: str | None, *, for_payment: bool
) -> tuple[_Read | None, list[Finding]]:
    schema = arrow_schema(file.table)
    if text is None:
        return _Read(data=schema.empty_table(), lines=(), is_whole=True), []
    split, findings = split_csv(register_file(file.name), text)
    if split is None:
        return None, findings
    if not for_payment:
        split = without_payment(split)
    split, word_findings = in_contract_words(file, split)
    typed, typed_findings = typed_table(file.as_written, split, judge=broken_cells)
    all_findings = [*findings, *word_findings, *map(_about_month, typed_findings)]
    if typed is None:
        return None, all_findings
    columns = dict(zip(file.table.column_names, typed.data.columns, strict=True))
    if file is APPLICATIONS:
        columns = _with_term(columns)
    data = pa.Table.from_arrays(list(columns.values()), schema=schema)
    return _Read(data=data, lines=typed.lines, is_whole=not findings), all_findings


def _about_month(finding: Finding) -> Finding:
    """Months are dates to the contract, but nobody is to write a day."""
    if finding.column not in MONTH_COLUMNS or not finding.expected.startswith("a date"):
        return finding
    return replace(
        finding,
        expected="a month as YYYY-MM",
        fix="write e.g. 2013-09; format the spreadsheet's column as text first",
    )


def _with_term(columns: Mapping[str, pa.ChunkedArray]) -> dict[str, pa.ChunkedArray]:
    given = zip(
        *(
            columns[name].to_pylist()
            for name in ("icf_approved", "first_data_month", "last_data_month")
        ),
        strict=True,
    )
    terms = [_term(*dates) for dates in given]
    return {
        **columns,
        "first_data_month": pa.chunked_array([[first for first, _ in terms]], pa.date32()),
        "last_data_month": pa.chunked_array([[last for _, last in terms]], pa.date32()),
    }


def _term(
    icf_approved: date | None, first: date | None, last: date | None
) -> tuple[date | None, date | None]:
    """First and last month of a row; None where the approval could not be read."""
    if first is None and icf_approved is None:
        return first, last
    term = term_of(icf_approved or date.min, schedule_override=first)
    return term.first_data_month, last or term.last_data_month


def _rule_findings(
    read: Mapping[str, _Read],
    texts: Mapping[str, str],
    options: CsiOptions,
    *,
    for_payment: bool,
) -> list[Finding]:
    """Findings over rows and files; a file of which rows are missing is blamed for nothing else."""
    applications, pdps = read.get(APPLICATIONS.name), read.get(PDPS.name)
    findings: list[Finding] = []
    if applications is not None:
        has_providers = pdps is not None and pdps.is_whole and PDPS.name in texts
        if PDPS.name not in texts and applications.data.num_rows:
            findings.append(_no_providers())
        findings += application_findings(
            applications.rows,
            pdp_ids=_names(pdps, "pdp_id") if pdps and has_providers else None,
            options=options,
            for_payment=for_payment,
        )
    if applications is not None and applications.is_whole:
        known = _names(applications, "application_id")
        for file in (REPLACEMENTS, LATE_DECISIONS):
            if file.name in read:
                where = register_file(file.name)
                findings += reference_findings(where, read[file.name].rows, application_ids=known)
    return findings


def _no_providers() -> Finding:
    return Finding(
        where=register_file(PDPS.name),
        found="no such file",
        expected="the providers that csi_applications.csv names",
        fix="run `cei init` and fill in the template",
    )


def _names(read: _Read, column: str) -> frozenset[str]:
    return frozenset(name for name in read.data.column(column).to_pylist() if name is not None)


def _place(finding: Finding) -> tuple[int, int, str]:
    files = [register_file(file.name) for file in CSI_FILES]
    position = files.index(finding.where) if finding.where in files else len(files)
    return position, finding.line or 0, finding.column or ""


def _register(read: Mapping[str, _Read]) -> CsiRegister:
    versions: defaultdict[str, list[Application]] = defaultdict(list)
    for row in read[APPLICATIONS.name].data.to_pylist():
        versions[row["application_id"]].append(_application(row))
    return CsiRegister(
        applications={
            name: tuple(sorted(several, key=lambda version: version.valid_from_month or date.min))
            for name, several in versions.items()
        },
        pdp_active={row["pdp_id"]: row["pdp_active"] for row in read[PDPS.name].data.to_pylist()},
        replacements=tuple(_replacement(row) for row in read[REPLACEMENTS.name].data.to_pylist()),
        late_decisions=tuple(_late(row) for row in read[LATE_DECISIONS.name].data.to_pylist()),
    )


def _application(row: Mapping[str, Any]) -> Application:
    unit = row["rate_unit"]
    return Application(
        **{
            **row,
            "backup_type": BackupType(row["backup_type"]),
            "displaced_fuel": DisplacedFuel(row["displaced_fuel"]),
            "rate_unit": None if unit is None else QuantityUnit(unit),
        }
    )


def _replacement(row: Mapping[str, Any]) -> Replacement:
    decision = row["late_decision"]
    return Replacement(
        **{**row, "late_decision": None if decision is None else LateDecision(decision)}
    )


def _late(row: Mapping[str, Any]) -> LateDecisionMade:
    return LateDecisionMade(**{**row, "late_decision": LateDecision(row["late_decision"])})
