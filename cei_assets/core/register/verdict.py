"""The verdict on a whole register."""

import difflib
import re
import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from cei_assets.contracts.finding import Finding, FindingLevel
from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.tables.register import REGISTER_TABLES
from cei_assets.core.register.holiday_calendar import known_countries
from cei_assets.core.register.rule import Rule
from cei_assets.core.register.rules import RULES
from cei_assets.core.register.text import register_file, split_csv
from cei_assets.core.register.typed import TypedTable, typed_table

REQUIRED = ("organizations", "sites", "meters")


@dataclass(frozen=True, kw_only=True)
class RegisterVerdict:
    """The register's tables by name, empty as long as a finding is an error, and all findings."""

    tables: dict[str, pa.Table]
    findings: tuple[Finding, ...]

    @property
    def has_errors(self) -> bool:
        """Whether the register cannot be used."""
        return any(finding.is_error for finding in self.findings)


def judge_register(texts: Mapping[str, str]) -> RegisterVerdict:
    """Judges the register's CSV texts, by table name, and returns tables or all that is wrong.

    Rules of the ingest specification, section 1. Absent optional tables are empty; without
    tariffs nothing has a cost, which is a warning. Findings are ordered by file and line. The
    tables follow `REGISTER_TABLES`, prices and capex are decimals.
    """
    findings = _file_findings(texts)
    typed: dict[str, TypedTable] = {}
    unreadable: set[str] = set()
    for table in REGISTER_TABLES:
        if table.name not in texts:
            continue
        split, split_findings = split_csv(register_file(table.name), texts[table.name])
        findings += split_findings
        judged, table_findings = typed_table(table, split) if split else (None, [])
        findings += table_findings
        if judged is None:
            unreadable.add(table.name)
        else:
            typed[table.name] = judged
        # With rows left out, what refers to them would be blamed for it.
        if split_findings:
            unreadable.add(table.name)
    unreadable |= {name for name in (*REQUIRED, "tariffs") if name not in texts}
    findings += _empty_findings(typed, unreadable)
    if "sites" in typed:
        findings += _zone_findings(typed["sites"]) + _country_findings(typed["sites"])
    findings += _rule_findings(typed, unreadable)
    ordered = _ordered(findings)
    if any(finding.is_error for finding in ordered):
        return RegisterVerdict(tables={}, findings=ordered)
    tables = {
        table.name: typed[table.name].data
        if table.name in typed
        else arrow_schema(table).empty_table()
        for table in REGISTER_TABLES
    }
    return RegisterVerdict(tables=tables, findings=ordered)


def _file_findings(texts: Mapping[str, str]) -> list[Finding]:
    names = [table.name for table in REGISTER_TABLES]
    findings = [
        Finding(
            where=register_file(name),
            found="no such file",
            expected="a CSV file with the columns of the template",
            fix="run `cei init` and fill in the template",
        )
        for name in REQUIRED
        if name not in texts
    ]
    if "tariffs" not in texts:
        findings.append(
            Finding(
                where=register_file("tariffs"),
                found="no such file",
                expected="the price of a kWh at every site",
                fix="run `cei init` and fill in the template; until then no cost is computed",
                level=FindingLevel.WARNING,
            )
        )
    for name in sorted(set(texts) - set(names)):
        close = difflib.get_close_matches(name, names, n=1)
        findings.append(
            Finding(
                where=register_file(name),
                found="a file that the register does not know",
                expected=", ".join(f"{known}.csv" for known in names),
                fix=f"rename it to {close[0]}.csv" if close else "rename or remove it",
                level=FindingLevel.WARNING,
            )
        )
    return findings


def _empty_findings(typed: Mapping[str, TypedTable], unreadable: set[str]) -> list[Finding]:
    return [
        Finding(
            where=register_file(name),
            found="no rows",
            expected="at least one row below the header",
            fix="fill in the template; the folder EXAMPLE beside it shows how",
        )
        for name in REQUIRED
        if name in typed and name not in unreadable and typed[name].data.num_rows == 0
    ]


def _zone_findings(sites: TypedTable) -> list[Finding]:
    """Zones must be known to Python and to DuckDB, which does the arithmetic of the facts."""
    with _connection() as connection:
        in_duckdb = {
            name for (name,) in connection.sql("SELECT name FROM pg_timezone_names()").fetchall()
        }
    known = zoneinfo.available_timezones() & in_duckdb
    findings = []
    for line, zone in zip(sites.lines, sites.data.column("timezone").to_pylist(), strict=True):
        if zone is None or zone in known:
            continue
        close = difflib.get_close_matches(zone, known, n=1)
        findings.append(
            Finding(
                where=sites.where,
                line=line,
                column="timezone",
                found=repr(zone),
                expected=f"an IANA time zone name, e.g. '{close[0] if close else 'Europe/Rome'}'",
                fix="see the column 'TZ identifier' of the list of tz database time zones",
            )
        )
    return findings


def _country_findings(sites: TypedTable) -> list[Finding]:
    countries = known_countries()
    findings = []
    rows = zip(
        sites.lines,
        sites.data.column("country").to_pylist(),
        sites.data.column("subdivision").to_pylist(),
        strict=True,
    )
    for line, country, subdivision in rows:
        # A code of another form has a finding by its pattern already.
        if country is None or not re.fullmatch(r"[A-Z]{2}", country):
            continue
        if country not in countries:
            findings.append(_unknown_country(sites.where, line, country))
        elif subdivision is not None and subdivision not in countries[country]:
            findings.append(
                _unknown_subdivision(sites.where, line, country, subdivision, countries[country])
            )
    return findings


def _unknown_country(where: str, line: int, country: str) -> Finding:
    return Finding(
        where=where,
        line=line,
        column="country",
        found=repr(country),
        expected="a country whose public holidays are known",
        fix="use the ISO 3166-1 code, e.g. IT",
    )


def _unknown_subdivision(
    where: str, line: int, country: str, found: str, known: list[str]
) -> Finding:
    shown = ", ".join(known[:8]) + (", ..." if len(known) > len(known[:8]) else "")
    return Finding(
        where=where,
        line=line,
        column="subdivision",
        found=repr(found),
        expected=f"an ISO 3166-2 subdivision of {country}, without the country: {shown or 'none'}",
        fix="correct it, or empty the cell: then national holidays count",
    )


def _rule_findings(typed: Mapping[str, TypedTable], unreadable: set[str]) -> list[Finding]:
    findings = []
    with _connection() as connection:
        for table in REGISTER_TABLES:
            judged = typed.get(table.name)
            data = judged.data if judged else arrow_schema(table).empty_table()
            lines = pa.array(judged.lines if judged else [], pa.int64())
            connection.register(table.name, data.append_column("line", lines))
        for rule in RULES:
            if not unreadable.intersection(rule.needs):
                rows = connection.sql(rule.query).fetchall()
                findings += [_rule_finding(rule, line, found) for line, found in rows]
    return findings


def _rule_finding(rule: Rule, line: int, found: str) -> Finding:
    return Finding(
        where=register_file(rule.table),
        line=line,
        column=rule.column,
        found=found,
        expected=rule.expected,
        fix=rule.fix,
        level=rule.level,
    )


def _connection() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def _ordered(findings: list[Finding]) -> tuple[Finding, ...]:
    files = [register_file(table.name) for table in REGISTER_TABLES]
    position = {where: index for index, where in enumerate(files)}
    return tuple(
        sorted(
            findings,
            key=lambda finding: (
                position.get(finding.where, len(files)),
                finding.line or 0,
                finding.column or "",
            ),
        )
    )
