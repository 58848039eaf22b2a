"""The mapping of a server's meters to the register's: `cds_meters.csv` to tables, or findings."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, replace

import duckdb
import pyarrow as pa

from cei_assets.contracts.cds_vocabulary import CdsRelation
from cei_assets.contracts.finding import Finding, FindingLevel
from cei_assets.contracts.model import Table
from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.render.cells import broken_cells
from cei_assets.contracts.tables.cds_hand_over import (
    CDS_METERS,
    CDS_REGISTER_TABLES,
    CDS_SITE_FACTORS,
    CDS_SITE_METERS,
    CDS_SITES,
)
from cei_assets.core.cds.register_rules import REFERENCE_RULES, ROW_RULES, ROWS
from cei_assets.core.register.rule import Rule
from cei_assets.core.register.text import register_file, split_csv
from cei_assets.core.register.typed import TypedTable, typed_table

MAPPED_KINDS = (
    CdsRelation.METER_DEVICE,
    CdsRelation.SERVICE_POINT,
    CdsRelation.SERVICE_CONTRACT,
    CdsRelation.ACCOUNT,
)
"""What of a server may stand for a meter."""

_FROM_REGISTER = {
    CDS_SITES.name: """
        SELECT site_id, organization_id, timezone, country FROM sites ORDER BY site_id
    """,
    CDS_SITE_METERS.name: """
        SELECT site_id, meter_id, interval_seconds FROM meters ORDER BY site_id, meter_id
    """,
    # A site's own factor takes the place of its country's, as in int_site_hours.
    CDS_SITE_FACTORS.name: """
        SELECT sites.site_id, factors.year, factors.kgco2e_per_kwh, factors.source
        FROM emission_factors AS factors JOIN sites
            ON factors.site_id = sites.site_id
            OR (factors.site_id IS NULL AND factors.country = sites.country)
        QUALIFY row_number() OVER (
            PARTITION BY sites.site_id, factors.year ORDER BY factors.site_id NULLS LAST
        ) = 1
        ORDER BY sites.site_id, factors.year
    """,
}
"""Tables that say of the register what the CDS tables need."""


def _as_written() -> Table:
    """The contract's table without the kinds of things that cannot stand for a meter."""
    kinds = tuple(kind.value for kind in MAPPED_KINDS)
    columns = tuple(
        replace(column, field=replace(column.field, isin=kinds))
        if column.name == "resource_kind"
        else column
        for column in CDS_METERS.columns
    )
    return replace(CDS_METERS, columns=columns)


CDS_METERS_FILE = _as_written()
"""The file `cds_meters.csv` as people write it."""


@dataclass(frozen=True, kw_only=True)
class CdsRegisterVerdict:
    """The tables by name in the contract, empty as long as a finding is an error, and findings."""

    tables: dict[str, pa.Table]
    findings: tuple[Finding, ...]


def judge_cds_register(
    texts: Mapping[str, str], *, register: Mapping[str, pa.Table]
) -> CdsRegisterVerdict:
    """Judges `cds_meters.csv` against the register's tables; returns all that is wrong.

    `texts` are those of the files `cds_*.csv` by name without ending; without `cds_meters` nothing
    is mapped. An empty direction means forward. Each row has to name a meter of the register; a
    direction of a thing stands for one meter on any day, and a meter for one direction.
    """
    findings = _unknown_files(texts)
    meters = arrow_schema(CDS_METERS).empty_table()
    with _connection(register) as connection:
        if CDS_METERS.name in texts:
            typed, file_findings = _typed(texts[CDS_METERS.name])
            findings += file_findings
            if typed is not None:
                meters = typed.data
                findings += _rule_findings(connection, typed, is_whole=not file_findings)
        ordered = tuple(sorted(findings, key=_place))
        if any(finding.is_error for finding in ordered):
            return CdsRegisterVerdict(tables={}, findings=ordered)
        derived = {
            table.name: connection.sql(_FROM_REGISTER[table.name])
            .to_arrow_table()
            .cast(arrow_schema(table))
            for table in CDS_REGISTER_TABLES
            if table.name in _FROM_REGISTER
        }
    return CdsRegisterVerdict(tables={CDS_METERS.name: meters, **derived}, findings=ordered)


def _unknown_files(texts: Mapping[str, str]) -> list[Finding]:
    return [
        Finding(
            where=register_file(name),
            found="a file that the register of customer data does not know",
            expected=f"{CDS_METERS.name}.csv",
            fix=f"rename it to {CDS_METERS.name}.csv"
            if difflib.get_close_matches(name, [CDS_METERS.name])
            else "rename or remove it",
            level=FindingLevel.WARNING,
        )
        for name in sorted(set(texts) - {CDS_METERS.name})
    ]


def _typed(text: str) -> tuple[TypedTable | None, list[Finding]]:
    split, findings = split_csv(register_file(CDS_METERS.name), text)
    if split is None:
        return None, findings
    typed, typed_findings = typed_table(CDS_METERS_FILE, split, judge=broken_cells)
    return typed, findings + typed_findings


def _rule_findings(
    connection: duckdb.DuckDBPyConnection, typed: TypedTable, *, is_whole: bool
) -> list[Finding]:
    """Findings over rows; days are compared only where every cell could be read."""
    lines = pa.array(typed.lines, pa.int64())
    connection.register(CDS_METERS.name, typed.data.append_column("line", lines))
    connection.execute(ROWS)
    return [
        _finding(rule, line, found)
        for rule in (*REFERENCE_RULES, *(ROW_RULES if is_whole else ()))
        for line, found in connection.sql(rule.query).fetchall()
    ]


def _finding(rule: Rule, line: int, found: str) -> Finding:
    return Finding(
        where=register_file(rule.table),
        line=line,
        column=rule.column,
        found=found,
        expected=rule.expected,
        fix=rule.fix,
        level=rule.level,
    )


def _connection(register: Mapping[str, pa.Table]) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("SET TimeZone = 'UTC'")
    for name in ("sites", "meters", "emission_factors"):
        connection.register(name, register[name])
    return connection


def _place(finding: Finding) -> tuple[str, int, str]:
    return finding.where, finding.line or 0, finding.column or ""
