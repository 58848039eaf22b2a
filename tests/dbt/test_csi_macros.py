"""Arithmetic and calendar of the programme in SQL, held against Python."""

import random
from collections.abc import Callable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

import duckdb
import jinja2
import pytest
from csi_inputs import ZONE
from csi_reference import KWH_BTU, THERM_BTU, half_up
from dbt_session import PROJECT

from cei_assets.core.csi.months import due_at_utc, month_end_utc, next_month
from cei_assets.core.csi.timeline import quarter_of, run_cutoff_utc

BIGINT = 2**63 - 1
CASES = 400


class Macros:
    """The macros of a file, which need nothing of dbt."""

    def __init__(self, name: str) -> None:
        text = (PROJECT / "macros" / f"{name}.sql").read_text()
        self._module = jinja2.Environment().from_string(text).module  # noqa: S701 - SQL, not HTML

    def __getattr__(self, name: str) -> Callable[..., str]:
        macro: Callable[..., str] = getattr(self._module, name)
        return macro


@pytest.fixture(scope="module")
def duck() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    return connection


def quantities(
    duck: duckdb.DuckDBPyConnection, cases: list[tuple[int, Decimal, Decimal, str, str]]
) -> list[Decimal]:
    """Quantities of heat, back-up reading, efficiency, back-up type and unit, by the macros."""
    sql = Macros("csi_quantity")
    duck.execute("""
        create or replace table cases (
            place integer, heat decimal(38, 0), reading decimal(38, 12),
            efficiency decimal(9, 6), backup varchar, unit varchar
        )
    """)
    duck.executemany(
        "insert into cases values (?, ?, ?, ?, ?, ?)",
        [(place, *case) for place, case in enumerate(cases)],
    )
    whole = sql.half_up_difference("n1", "d1", "n2", "d2")
    found = duck.execute(f"""
        with fractions as (
            select
                place,
                {sql.heat_numerator("heat", "unit")} as n1,
                {sql.heat_denominator("efficiency", "unit")} as d1,
                {sql.backup_numerator("reading", "backup", "unit")} as n2,
                {sql.backup_denominator("backup", "unit")} as d2
            from cases
        )
        select {sql.ten_thousandths(whole)} from fractions order by place
    """).fetchall()
    return [row[0] for row in found]


def expected(heat: int, reading: Decimal, efficiency: Decimal, backup: str, unit: str) -> Decimal:
    content = KWH_BTU if backup == "electric" else THERM_BTU
    displaced = Fraction(heat) / Fraction(efficiency) - Fraction(reading) * content
    btu = THERM_BTU if unit == "therm" else KWH_BTU
    return half_up(max(displaced, Fraction(0)) / btu, 4)


def test_quantities_are_exact_and_rounded_once(duck: duckdb.DuckDBPyConnection) -> None:
    rng = random.Random(4)  # noqa: S311 - cases, no secrets
    cases = [
        (
            rng.randint(-(10**3), 10 ** rng.randint(1, 12)),
            Decimal(rng.randint(0, 10 ** rng.randint(1, 18))).scaleb(-12),
            Decimal(rng.randint(10_000, 10**9)).scaleb(-6),
            rng.choice(["gas", "electric", "propane"]),
            rng.choice(["therm", "kWh"]),
        )
        for _ in range(CASES)
    ]
    found = quantities(duck, cases)
    assert found == [expected(*case) for case in cases]
    assert sum(value > 0 for value in found) > CASES // 4


def test_a_half_goes_up_and_just_below_it_down(duck: duckdb.DuckDBPyConnection) -> None:
    one = Decimal(1)
    tiny = Decimal("0.000000000001")
    cases = [
        (5, Decimal(0), one, "gas", "therm"),
        (5, tiny, one, "gas", "therm"),
        (15, Decimal("0.0001"), one, "gas", "therm"),
        (15, Decimal("0.0001") + tiny, one, "gas", "therm"),
        (0, Decimal(0), one, "electric", "kWh"),
        (-5, Decimal(0), one, "gas", "therm"),
    ]
    assert quantities(duck, cases) == [
        Decimal(text) for text in ("0.0001", "0.0000", "0.0001", "0.0000", "0.0000", "0.0000")
    ]


@pytest.mark.parametrize("unit", ["therm", "kWh"])
@pytest.mark.parametrize("backup", ["gas", "electric", "propane"])
def test_the_largest_month_that_can_be_uploaded_is_computed(
    duck: duckdb.DuckDBPyConnection, backup: str, unit: str
) -> None:
    """2976 cells as large as their columns hold, at the lowest efficiency that is promised."""
    largest = 2976 * (Decimal(10) ** 16 - Decimal("0.000000000001"))
    with localcontext(prec=60):
        cases = [
            (heat, reading, efficiency, backup, unit)
            for heat in (2976 * BIGINT, -2976 * BIGINT, 2976 * BIGINT // 7)
            for reading in (Decimal(0), largest.quantize(Decimal("0.000000000001")))
            for efficiency in (Decimal("0.01"), Decimal("0.820001"))
        ]
        assert quantities(duck, cases) == [expected(*case) for case in cases]


def test_energy_content_of_back_up_readings(duck: duckdb.DuckDBPyConnection) -> None:
    sql = Macros("csi_quantity")
    readings = ["250.57629", "0.123456789012", "29760000000000000.000000000001"]
    rows = duck.execute(
        f"""
        select {sql.backup_btu("reading", "backup")}
        from (select unnest(?::decimal(38, 12)[]) as reading),
            (select unnest(['gas', 'electric']) as backup)
        order by backup, reading
        """,
        [readings],
    ).fetchall()
    with localcontext(prec=60):
        place = Decimal("0.000000000001")
        values = sorted(Decimal(reading) for reading in readings)
        content = {"electric": Decimal("3412.142"), "gas": Decimal(100000)}
        assert [row[0] for row in rows] == [
            (value * content[backup]).quantize(place, rounding=ROUND_HALF_UP)
            for backup in ("electric", "gas")
            for value in values
        ]


def test_amounts_are_rounded_half_up_to_cents(duck: duckdb.DuckDBPyConnection) -> None:
    """The cast that `int_csi_entitlements` rests on."""
    rng = random.Random(5)  # noqa: S311 - cases, no secrets
    pairs = [(Decimal("1.0000"), Decimal("0.005000")), (Decimal("0.9999"), Decimal("0.005000"))]
    pairs += [
        (
            Decimal(rng.randint(0, 10 ** rng.randint(1, 9))).scaleb(-4),
            Decimal(rng.choice([5, 50, 7_270_000, 210_000, rng.randint(0, 10**8)])).scaleb(-6),
        )
        for _ in range(CASES)
    ]
    duck.execute("create or replace table pairs (place int, q decimal(28, 4), r decimal(12, 6))")
    duck.executemany("insert into pairs values (?, ?, ?)", [(i, *p) for i, p in enumerate(pairs)])
    found = duck.execute(
        "select cast(q * r as decimal(28, 2)) from pairs order by place"
    ).fetchall()
    assert [row[0] for row in found] == [
        (q * r).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP) for q, r in pairs
    ]


def test_the_calendar_is_that_of_the_rules(duck: duckdb.DuckDBPyConnection) -> None:
    sql = Macros("csi_calendar")
    months = [next_month(date(2009, 1, 1), number) for number in range(240)]
    rows = duck.execute(
        f"""
        select {sql.csi_due_at_utc("month")}, {sql.csi_month_end_utc("month")},
            {sql.csi_quarter("month")}, {sql.csi_run_cutoff_utc("date_trunc('quarter', month)")}
        from (select unnest(?::date[]) as month) order by month
        """,
        [months],
    ).fetchall()
    assert rows == [
        (
            due_at_utc(month, zone=ZONE),
            month_end_utc(month, zone=ZONE),
            quarter_of(month),
            run_cutoff_utc(quarter_of(month), zone=ZONE),
        )
        for month in months
    ]
