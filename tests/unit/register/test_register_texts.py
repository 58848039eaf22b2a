"""What one register file may look like: header, rows, cells, types and limits."""

from datetime import date
from decimal import Decimal

import pytest

from cei_assets.contracts.finding import Finding
from cei_assets.core.register.verdict import judge_register
from tests.small_register import HEADERS, LINE, MAIN, findings, texts, verdict


def judged(**changed: str) -> tuple[Finding, ...]:
    """Findings of the small register with some files replaced whole."""
    return judge_register(texts() | changed).findings


def without(name: str) -> tuple[Finding, ...]:
    return judge_register({key: text for key, text in texts().items() if key != name}).findings


def test_the_small_register_is_valid_and_typed() -> None:
    register = verdict()
    assert register.findings == ()
    meters = register.tables["meters"].to_pylist()
    assert [meter["interval_seconds"] for meter in meters] == [3600, 900]
    assert meters[0]["expected_to"] is None
    assert meters[1]["expected_to"] == date(2026, 12, 31)


def test_prices_and_capex_stay_decimals() -> None:
    tables = verdict(
        tariffs=("mill,2026-01-01,,EUR,0.123456,0,24,0,6",),
        measures=("leaks,mill,line,Leaks,2026-05-04,4800.10,EUR",),
    ).tables
    assert tables["tariffs"]["price_per_kwh"].to_pylist() == [Decimal("0.123456")]
    assert tables["measures"]["capex"].to_pylist() == [Decimal("4800.10")]


def test_blank_cells_and_absent_columns_get_their_defaults() -> None:
    tariffs = "site_id;valid_from;currency;price_per_kwh\nmill;2026-01-01;EUR;0,2\n"
    meters = (MAIN.replace("3600,start", ","), LINE)
    register = judge_register(texts(meters=meters) | {"tariffs": tariffs})
    assert register.findings == ()
    band = register.tables["tariffs"].to_pylist()[0]
    assert (band["hour_from"], band["hour_to"]) == (0, 24)
    assert (band["weekday_from"], band["weekday_to"]) == (0, 6)
    assert band["price_per_kwh"] == Decimal("0.2")
    meter = register.tables["meters"].to_pylist()[0]
    assert (meter["interval_seconds"], meter["interval_label"]) == (3600, "start")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends(delimiter: str, newline: str) -> None:
    changed = {
        name: text.replace(",", delimiter).replace("\n", newline) for name, text in texts().items()
    }
    assert judge_register(changed).findings == ()


def test_decimal_comma_only_where_the_delimiter_is_no_comma() -> None:
    semicolons = texts()["tariffs"].replace(",", ";").replace("0.2", "0,2")
    assert judged(tariffs=semicolons) == ()
    quoted = texts()["tariffs"].replace("0.2", '"0,2"')
    (finding,) = judged(tariffs=quoted)
    assert (finding.line, finding.column, finding.found) == (2, "price_per_kwh", "'0,2'")


def test_blank_rows_are_skipped_and_lines_stay_physical() -> None:
    two_lines = MAIN.replace("Incomer", '"In-\ncomer"')
    (finding,) = findings(meters=(two_lines, ",,,,,,,,", "", LINE.replace("end", "END")))
    assert (finding.line, finding.column, finding.found) == (6, "interval_label", "'END'")


@pytest.mark.parametrize(
    ("table", "column", "row", "found", "expected"),
    [
        ("sites", "timezone", "mill,acme,Mill,,IT,TO,,", "an empty cell", "a value"),
        ("sites", "timezone", "mill,acme,Mill,Europe/Rom,IT,TO,,", "'Europe/Rom'", "Europe/Rome"),
        ("sites", "timezone", "mill,acme,Mill,CEST,IT,TO,,", "'CEST'", "an IANA time zone name"),
        ("sites", "country", "mill,acme,Mill,Europe/Rome,it,,,", "'it'", "text like ^[A-Z]{2}$"),
        ("sites", "country", "mill,acme,Mill,Europe/Rome,XX,,,", "'XX'", "holidays are known"),
        ("sites", "subdivision", "mill,acme,Mill,Europe/Rome,IT,XX,,", "'XX'", "subdivision of IT"),
        ("sites", "floor_area_m2", "mill,acme,Mill,Europe/Rome,IT,,-1,", "'-1.0'", "at least 0 m2"),
        ("sites", "floor_area_m2", "mill,acme,Mill,Europe/Rome,IT,,big,", "'big'", "a number"),
        ("meters", "role", MAIN.replace("main_incomer", "main"), "'main'", "one of main_incomer"),
        ("meters", "interval_label", MAIN.replace("start", "begin"), "'begin'", "one of start"),
        ("meters", "interval_seconds", MAIN.replace("3600", "1h"), "'1h'", "a whole number"),
        ("meters", "interval_seconds", MAIN.replace("3600", "0"), "'0'", "at least 1 s"),
        ("meters", "expected_from", MAIN.replace("2026-01-01", "01/01/2026"), "'01/01/2026'",
         "a date as YYYY-MM-DD"),
        ("meters", "expected_from", MAIN.replace("2026-01-01", "2026-02-30"), "'2026-02-30'",
         "a date as YYYY-MM-DD"),
        ("meters", "expected_from", MAIN.replace("2026-01-01", "0226-01-01"), "'0226-01-01'",
         "from 1990-01-01 to 2100-12-31"),
        ("meters", "expected_from", MAIN.replace("2026-01-01", ""), "an empty cell", "a value"),
        ("operating_hours", "weekday", "mill,7,06:00,14:00,2026-01-01,", "'7'", "at most 6"),
        ("operating_hours", "opens", "mill,0,6:00,14:00,2026-01-01,", "'6:00'", "text like"),
        ("operating_hours", "opens", "mill,0,morning,14:00,2026-01-01,", "'morning'", "text like"),
        ("operating_hours", "closes", "mill,0,06:00,24:01,2026-01-01,", "'24:01'", "text like"),
        ("tariffs", "currency", "mill,2026-01-01,,euro,0.2,0,24,0,6", "'euro'", "^[A-Z]{3}$"),
        ("tariffs", "price_per_kwh", "mill,2026-01-01,,EUR,0.1234567,0,24,0,6", "'0.1234567'",
         "a number with at most 6 decimals"),
        ("tariffs", "price_per_kwh", "mill,2026-01-01,,EUR,EUR 0.2,0,24,0,6", "'EUR 0.2'",
         "a number with at most 6 decimals"),
        ("tariffs", "price_per_kwh", "mill,2026-01-01,,EUR,1e-1,0,24,0,6", "'1e-1'",
         "a number with at most 6 decimals"),
        ("tariffs", "price_per_kwh", "mill,2026-01-01,,EUR,100.5,0,24,0,6", "'100.500000'",
         "at most 100 currency/kWh"),
        ("tariffs", "hour_to", "mill,2026-01-01,,EUR,0.2,0,25,0,6", "'25'", "at most 24 h"),
        ("emission_factors", "year", "IT,,26,0.25,published", "'26'", "at least 1990"),
        ("emission_factors", "kgco2e_per_kwh", "IT,,2026,250,published", "'250.0'", "at most 3"),
        ("emission_factors", "source", "IT,,2026,0.25,", "an empty cell", "a value"),
        ("measures", "capex", "leaks,mill,line,Leaks,2026-05-04,4800.001,EUR", "'4800.001'",
         "at most 2 decimals"),
        ("measures", "implemented_on", "leaks,mill,line,Leaks,,,", "an empty cell", "a value"),
    ],
)  # fmt: skip
def test_a_bad_cell_is_named_with_line_column_found_and_expected(
    table: str, column: str, row: str, found: str, expected: str
) -> None:
    rows = {"meters": (row, LINE)}.get(table, (row,))
    finding = next(
        finding
        for finding in findings(**{table: rows})
        if (finding.where, finding.column) == (f"register/{table}.csv", column)
    )
    assert (finding.line, finding.found) == (2, found)
    assert expected in finding.expected
    assert finding.is_error
    assert finding.fix
    assert str(finding).startswith(f"register/{table}.csv:2: {column}: found {found}, expected ")


@pytest.mark.parametrize(
    ("table", "row", "column"),
    [
        ("organizations", "acme,Acme again", "organization_id"),
        ("sites", "mill,acme,Again,Europe/Rome,IT,TO,,", "site_id"),
        ("meters", LINE.replace("Line", "Again"), "site_id, meter_id"),
        ("closures", "mill,2026-08-10,2026-08-12,", "site_id, first_day"),
        ("emission_factors", "IT,,2026,0.3,another", "country, site_id, year"),
        ("measures", "leaks,mill,main,Again,2026-05-04,,", "measure_id"),
    ],
)
def test_a_row_that_stands_twice_is_refused(table: str, row: str, column: str) -> None:
    text = texts()[table] + row + "\n"
    hits = [finding for finding in judged(**{table: text}) if finding.column == column]
    assert [finding.line for finding in hits][-1] == text.count("\n")
    assert all("again" in finding.found for finding in hits)
    assert all(finding.expected == "one row each" for finding in hits)


def test_all_findings_come_at_once_ordered_by_file_and_line() -> None:
    found = findings(
        sites=("mill,acmee,Mill,Europe/Rom,ITA,,many,",),
        meters=(MAIN.replace("3600", "7000"), LINE.replace("main", "mian", 1)),
        tariffs=("mill,2026-01-01,2025-01-01,EUR,cheap,0,24,0,6",),
    )
    places = [(finding.where, finding.line, finding.column) for finding in found]
    assert places == [
        ("register/sites.csv", 2, "country"),
        ("register/sites.csv", 2, "floor_area_m2"),
        ("register/sites.csv", 2, "organization_id"),
        ("register/sites.csv", 2, "timezone"),
        ("register/meters.csv", 2, "interval_seconds"),
        ("register/meters.csv", 3, "parent_meter_id"),
        ("register/tariffs.csv", 2, "price_per_kwh"),
        ("register/tariffs.csv", 2, "valid_to"),
    ]


def test_a_register_with_an_error_yields_no_table() -> None:
    assert verdict(sites=("mill,acme,Mill,Europe/Rom,IT,,,",)).tables == {}


@pytest.mark.parametrize("name", ["organizations", "sites", "meters"])
def test_a_required_file_is_missing(name: str) -> None:
    (error,) = (finding for finding in without(name) if finding.is_error)
    assert (error.where, error.found) == (f"register/{name}.csv", "no such file")
    assert "cei init" in error.fix


@pytest.mark.parametrize("name", ["operating_hours", "closures", "emission_factors", "measures"])
def test_an_optional_file_may_be_missing_and_gives_an_empty_table(name: str) -> None:
    register = judge_register({key: text for key, text in texts().items() if key != name})
    assert register.findings == ()
    assert register.tables[name].num_rows == 0


def test_missing_tariffs_are_a_warning() -> None:
    (finding,) = without("tariffs")
    assert not finding.is_error
    assert "warning" in str(finding)


@pytest.mark.parametrize("name", ["organizations", "sites", "meters"])
def test_a_required_file_without_rows_is_refused(name: str) -> None:
    found = [f for f in judged(**{name: HEADERS[name] + "\n"}) if f.found == "no rows"]
    assert [finding.where for finding in found] == [f"register/{name}.csv"]


def test_an_unknown_file_is_a_warning_that_names_the_likely_one() -> None:
    (finding,) = judged(tarifs=texts()["tariffs"])
    assert not finding.is_error
    assert finding.fix == "rename it to tariffs.csv"


@pytest.mark.parametrize(
    ("header", "column", "found"),
    [
        ("site_id,first_day,reason", "last_day", "no such column"),
        ("site_id,first_day,last_day,reason,colour", "colour",
         "a column that the register does not know"),
        ("site_id,first_day,first_day,last_day", "first_day", "the column 'first_day' 2 times"),
        ("site_id,first_day,last_day,", None, "no name for column 4"),
        ("", None, "no header"),
        (" ", None, "no header"),
    ],
)  # fmt: skip
def test_an_unusable_header(header: str, column: str | None, found: str) -> None:
    (finding,) = judged(closures=header + "\n")
    assert (finding.where, finding.line, finding.column, finding.found) == (
        "register/closures.csv",
        1,
        column,
        found,
    )
    assert finding.expected
    assert finding.fix


def test_header_names_are_read_without_case_and_blanks() -> None:
    assert judged(closures=" Site_ID , FIRST_DAY,last_day\nmill,2026-08-10,2026-08-23\n") == ()


def test_a_row_of_another_width_is_refused_and_blames_no_other_file() -> None:
    found = findings(sites=("mill,acme",))
    assert [(finding.where, finding.line) for finding in found] == [("register/sites.csv", 2)]
    assert found[0].found == "2 cells"
    assert found[0].expected == "8, as many as the header has"


def test_a_quote_that_is_never_closed_is_named_with_the_lines_it_swallows() -> None:
    (finding,) = findings(meters=(MAIN, 'mill,press,"Press,submeter,main,900', LINE))
    assert (finding.line, finding.found) == (3, "3 cells in lines 3 to 4")
    assert finding.fix == 'close the double quote (")'


def test_a_quote_that_swallows_more_than_a_cell_can_hold_is_a_finding_not_a_crash() -> None:
    many = [LINE.replace("line", f"line{number}") for number in range(4000)]
    found = findings(meters=(MAIN, 'mill,press,"Press,submeter,main,900', *many))
    assert [(finding.where, finding.line) for finding in found] == [("register/meters.csv", 3)]
    assert "cell without end" in found[0].found
