"""Headers: aliases, doubled and missing columns, exports of the wrong shape."""

import pytest

from tests.intake_drops import codes, details, judged

ROW = "mill,main,2026-01-01T00:00:00Z,1"


@pytest.mark.parametrize(
    "header",
    [
        "site_id,meter_id,timestamp_utc,value",
        "SITE,Meter, Timestamp ,kWh",
        "site,meter,ts,energy_kwh",
        "site,meter,datetime,consumption_kwh",
        "site,meter,date_time,value",
        "site,meter,time,value",
        "site,meter,timestamp,value",
        "site,meter,utc_time,value",
        '"site","meter","utc_time","value"',
    ],
)
def test_headers_have_aliases_without_case_and_blanks(header: str) -> None:
    assert judged(f"{header}\n{ROW}\n").rows_accepted == 1


def test_columns_stand_in_any_order_and_unknown_ones_are_named_in_a_warning() -> None:
    verdict = judged("colour,value,site,ts,meter\nred,1,mill,2026-01-01T00:00:00Z,main\n")
    assert verdict.rows_accepted == 1
    assert verdict.facts.warnings == ("columns not used: 'colour'",)


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("site,meter,ts,time,value", ["'ts' and 'time'", "timestamp_utc"]),
        ("site,meter,ts,value,kwh", ["'value' and 'kwh'", "both mean value"]),
        ("Site,site_id,meter,ts,value", ["'Site' and 'site_id'", "both mean site_id"]),
        ("site,meter,ts,value,unit,UNIT", ["'unit' and 'UNIT'", "both mean unit"]),
        ("Site;Meter;Date;Time;kWh", ["'Date' and 'Time' are separate", "join them"]),
        ("site,meter,date,time,value", ["'date' and 'time' are separate", "join them"]),
        ("site,ts,value", ["lacks meter_id", "'site'"]),
        ("a,b,c", ["lacks site_id, meter_id, timestamp_utc, value"]),
        ("site_id;meter_id,timestamp_utc,value", ["mixes the delimiters comma and semicolon"]),
        ("site_id,timestamp_utc,main,quarter", ["wide export with one column per meter"]),
        ("site_id,meter_id,timestamp_utc,register_kwh", ["'register_kwh'", "cumulative", "differ"]),
        ("site,meter,ts,kwh_total", ["'kwh_total'", "cumulative"]),
        ("site,meter,ts,Energy Counter [kWh]", ["'Energy Counter [kWh]'", "cumulative"]),
        ("site,meter,ts,cumulative_energy_kwh", ["'cumulative_energy_kwh'", "cumulative"]),
        ("ts,total,press 1,press 2", ["wide export with one column per meter"]),
        ("index,ts,press 1,press 2", ["wide export with one column per meter"]),
        ("Timestamp;Main [kWh]", ["wide export with one column per meter"]),
        ('site,"meter,ts,value', ["lacks"]),
    ],
)
def test_an_unusable_header_refuses_the_file_and_says_why(header: str, words: list[str]) -> None:
    verdict = judged(f"{header}\n{ROW}\n{ROW}\n")
    assert codes(verdict) == [(1, "MALFORMED_FILE")]
    assert verdict.status == "rejected"
    assert (verdict.rows_read, verdict.rows_rejected) == (1, 1)
    for word in words:
        assert word in details(verdict)[0]


def test_a_header_without_rows_is_accepted_with_a_warning() -> None:
    verdict = judged("site_id,meter_id,timestamp_utc,value\n")
    assert (verdict.status, verdict.rows_read) == ("accepted", 0)
    assert verdict.facts.warnings == ("the file has a header and no rows",)
