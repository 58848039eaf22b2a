"""Arithmetic of bills and hours and local days of bills in SQL, held against Python."""

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, localcontext
from zoneinfo import ZoneInfo

import duckdb
import jinja2
import pytest
from dbt_session import PROJECT

CASES = 500
# skipped and doubled midnights, half hours, a day that never was, and none of these
ZONES = (
    "America/Havana", "America/Santiago", "Asia/Beirut", "Africa/Cairo", "America/New_York",
    "Europe/Copenhagen", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Amman",
    "America/Sao_Paulo", "UTC",
)  # fmt: skip


def _macros() -> Callable[[str], Callable[..., str]]:
    text = "".join(
        (PROJECT / "macros" / f"{name}.sql").read_text()
        for name in ("local_time", "cds_bills", "cds_hours")
    )
    module = jinja2.Environment().from_string(text).module  # noqa: S701 - SQL, not HTML
    return lambda name: getattr(module, name)


MACROS = _macros()


@pytest.fixture(scope="module")
def duck() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    return connection


def test_a_local_day_begins_with_its_first_instant(duck: duckdb.DuckDBPyConnection) -> None:
    """All changes of the clock of 1992 to 2024, the days around them, and days of chance."""
    days = []
    for name in ZONES:
        zone = ZoneInfo(name)
        day = date(1992, 1, 1)
        while day < date(2025, 1, 1):
            after = day + timedelta(days=1)
            offsets = {datetime.combine(each, time(12), zone).utcoffset() for each in (day, after)}
            if len(offsets) > 1 or day.day == 1:
                days += [(each, name) for each in (day, after, after + timedelta(days=1))]
            day = after
    duck.execute("create or replace table days (place integer, day date, zone varchar)")
    duck.executemany(
        "insert into days values (?, ?, ?)", [(place, *case) for place, case in enumerate(days)]
    )
    found = duck.execute(
        f"select {MACROS('local_day_start_utc')('day', 'zone')} from days order by place"
    ).fetchall()
    expected = [
        datetime.combine(day, time(0), ZoneInfo(zone)).astimezone(UTC).replace(tzinfo=None)
        for day, zone in days
    ]
    differing = [
        (case, row[0], wanted)
        for case, row, wanted in zip(days, found, expected, strict=True)
        if row[0] != wanted
    ]
    assert differing == []
    assert len(days) > 5000


def test_a_part_of_an_interval_is_exact_to_the_last_place(duck: duckdb.DuckDBPyConnection) -> None:
    chance = random.Random(2)  # noqa: S311 - amounts, no secrets
    cases = []
    for place in range(CASES):
        whole = chance.choice([1, 900_000_000, 3_599_999_999, 3_600_000_000])
        digits = chance.randrange(1, 28)
        energy = Decimal(chance.randrange(10**digits)).scaleb(-15) * chance.choice([1, -1])
        cases.append((place, energy, chance.randrange(1, whole + 1), whole))
    duck.execute("""
        create or replace table parts (
            place integer, energy decimal(38, 15), part bigint, whole bigint)
    """)
    duck.executemany("insert into parts values (?, ?, ?, ?)", cases)
    found = duck.execute(
        f"select {MACROS('part_of_energy')('energy', 'part', 'whole')} from parts order by place"
    ).fetchall()
    with localcontext(prec=80):
        expected = [
            (energy * part / whole).quantize(Decimal("1e-15"), ROUND_HALF_UP)
            for _, energy, part, whole in cases
        ]
    assert [row[0] for row in found] == expected


def test_a_mean_of_all_digits_is_weighted_exactly_and_rounded_once(
    duck: duckdb.DuckDBPyConnection,
) -> None:
    """38 digits of any sign over weights of an hour and more; many fall between two last places."""
    chance = random.Random(4)  # noqa: S311 - amounts, no secrets
    rows = []
    for place in range(CASES):
        weights = chance.choice([(1, 1), (900_000_000,) * 4, (1_500_000_000, 2_099_999_999, 7)])
        digits = chance.choice([1, 12, 38])
        for weight in weights:
            amount = f"{chance.randrange(-(10**digits) + 1, 10**digits):+039d}"
            rows.append((place, Decimal(f"{amount[:-12]}.{amount[-12:]}"), weight, sum(weights)))
    duck.execute("""
        create or replace table weighed (
            place integer, amount decimal(38, 12), weight bigint, whole hugeint)
    """)
    duck.executemany("insert into weighed values (?, ?, ?, ?)", rows)
    mean = MACROS("weighted_mean_of_decimal")("amount", "weight", "whole", 12)
    found = dict(duck.execute(f"select place, {mean} from weighed group by place").fetchall())
    with localcontext(prec=80):
        totals: dict[int, Decimal] = {}
        for place, amount, weight, _ in rows:
            totals[place] = totals.get(place, Decimal(0)) + amount * weight
        expected = {
            place: (totals[place] / whole).quantize(Decimal("1e-12"), ROUND_HALF_EVEN)
            for place, _, _, whole in rows
        }
    assert found == expected


def test_percent_is_exact_and_rounded_once(duck: duckdb.DuckDBPyConnection) -> None:
    chance = random.Random(3)  # noqa: S311 - amounts, no secrets
    cases = [
        (
            place,
            Decimal(chance.randrange(-(10**9), 10**9)).scaleb(-6),
            Decimal(chance.randrange(1, 10**10)).scaleb(-6) * chance.choice([1, -1]),
        )
        for place in range(CASES)
    ]
    duck.execute("""
        create or replace table amounts (
            place integer, difference decimal(38, 15), amount decimal(38, 15))
    """)
    duck.executemany("insert into amounts values (?, ?, ?)", cases)
    found = duck.execute(
        f"select {MACROS('percent_of')('difference', 'amount')} from amounts order by place"
    ).fetchall()
    with localcontext(prec=80):
        expected = [
            (100 * difference / abs(amount)).quantize(Decimal("1e-4"), ROUND_HALF_UP)
            for _, difference, amount in cases
        ]
    assert [row[0] for row in found] == expected


@pytest.mark.parametrize(
    ("difference", "amount", "percent"),
    [
        ("1", "0", None),
        ("999999999999", "0.000001", None),
        ("999999999999", "999999999999", Decimal(100)),
        ("0", "5", Decimal(0)),
    ],
)
def test_percent_of_nothing_or_beyond_all_measure_is_empty(
    duck: duckdb.DuckDBPyConnection, difference: str, amount: str, percent: Decimal | None
) -> None:
    columns = (f"cast('{value}' as decimal(38, 15))" for value in (difference, amount))
    assert duck.execute(f"select {MACROS('percent_of')(*columns)}").fetchall() == [(percent,)]


def test_only_what_is_whole_is_a_share_of_1(duck: duckdb.DuckDBPyConnection) -> None:
    whole = 31 * 86_400_000_000
    parts = [0, 1, whole // 3, whole - 1, whole]
    found = [
        duck.execute(f"select {MACROS('share_of')(str(part), str(whole))}").fetchall()[0][0]
        for part in parts
    ]
    places = Decimal("1e-6")
    expected = [(Decimal(part) / whole).quantize(places, ROUND_DOWN) for part in parts]
    assert found == expected
    assert found[-2:] == [Decimal("0.999999"), 1]
