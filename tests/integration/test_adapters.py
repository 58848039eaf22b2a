"""Public data sets as drops: nothing is lost, changed or invented, and intake takes all of it."""

import os
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from cei_assets.adapters.bdg2 import write_fox_drops
from cei_assets.adapters.steel_uci import write_steel_drops
from cei_assets.storage.paths import DataPaths
from cei_assets.storage.register import load_register
from tests.intake_drops import in_memory
from tests.judged_drops import Judged, judge_landing, latest_readings

REPOSITORY = Path(__file__).parents[2]
SHARED_DATA = Path(os.environ.get("CEI_SHARED_DATA", REPOSITORY.parent / "shared" / "data"))
STEEL = SHARED_DATA / "steel_uci" / "Steel_industry_data.csv.gz"
FOX = SHARED_DATA / "bdg2_fox" / "fox_hourly_2016_2017.parquet"

needs_steel = pytest.mark.skipif(
    not STEEL.is_file(),
    reason="the UCI steel file is absent: set CEI_SHARED_DATA to the folder with real data",
)
needs_fox = pytest.mark.skipif(
    not FOX.is_file(),
    reason="the BDG2 Fox file is absent: set CEI_SHARED_DATA to the folder with real data",
)


def rows(
    connection: duckdb.DuckDBPyConnection, query: str, **parameters: str
) -> list[tuple[object, ...]]:
    return connection.execute(query, parameters or None).fetchall()


@pytest.fixture(scope="module")
def steel(tmp_path_factory: pytest.TempPathFactory) -> DataPaths:
    paths = DataPaths(root=tmp_path_factory.mktemp("steel"))
    write_steel_drops(STEEL, paths=paths, price_per_kwh=Decimal("0.10"), currency="EUR")
    return paths


@pytest.fixture(scope="module")
def steel_drops(steel: DataPaths) -> list[Judged]:
    return judge_landing(steel, as_of=datetime.fromisoformat("2019-01-02T00:00:00+00:00"))


@pytest.fixture(scope="module")
def fox(tmp_path_factory: pytest.TempPathFactory) -> DataPaths:
    paths = DataPaths(root=tmp_path_factory.mktemp("fox"))
    write_fox_drops(FOX, paths=paths, price_per_kwh=Decimal("0.12"), currency="USD")
    return paths


@pytest.fixture(scope="module")
def fox_drops(fox: DataPaths) -> list[Judged]:
    return judge_landing(fox, as_of=datetime.fromisoformat("2018-01-02T00:00:00+00:00"))


def assert_all_taken(drops: list[Judged]) -> None:
    for drop in drops:
        assert drop.verdict.detail is None, drop.path.name
        assert drop.verdict.rejects.to_pylist()[:3] == [], drop.path.name
        assert drop.verdict.rows_exact_duplicate == 0
        assert drop.verdict.rows_accepted == drop.verdict.rows_read > 0


@needs_steel
def test_steel_intake_takes_every_row(steel_drops: list[Judged]) -> None:
    assert len(steel_drops) == 1
    assert_all_taken(steel_drops)
    assert steel_drops[0].verdict.rows_accepted == 35_040


@needs_steel
def test_steel_energy_equals_the_source_exactly(steel_drops: list[Judged]) -> None:
    with in_memory() as connection:
        connection.register("taken", latest_readings(steel_drops))
        source = rows(
            connection,
            "select count(*), sum(Usage_kWh::decimal(18,9)) "
            "from read_csv($file, header = true, all_varchar = true)",
            file=str(STEEL),
        )
        assert rows(connection, "select count(*), sum(usage_kwh) from taken") == source


@needs_steel
def test_steel_covers_every_local_quarter_hour_of_the_year(steel_drops: list[Judged]) -> None:
    with in_memory() as connection:
        connection.register("taken", latest_readings(steel_drops))
        local = "timezone('Asia/Seoul', timezone('UTC', interval_start_utc))"
        (summary,) = rows(
            connection,
            f"select count(distinct interval_start_utc), min({local}), max({local}) from taken",
        )
    assert summary == (
        35_040,
        datetime.fromisoformat("2018-01-01T00:00"),
        datetime.fromisoformat("2018-12-31T23:45"),
    )


@needs_steel
def test_the_row_stamped_midnight_is_the_last_quarter_of_its_date(
    steel_drops: list[Judged],
) -> None:
    with in_memory() as connection:
        connection.register("taken", latest_readings(steel_drops))
        source = rows(
            connection,
            "select strptime(date, '%d/%m/%Y %H:%M')::date as day, Usage_kWh::decimal(18,9) "
            "from read_csv($file, header = true, all_varchar = true) "
            "where date like '% 00:00' order by day",
            file=str(STEEL),
        )
        found = rows(
            connection,
            "select local::date, usage_kwh from (select *, "
            "timezone('Asia/Seoul', timezone('UTC', interval_start_utc)) as local from taken) "
            "where local::time = time '23:45' order by 1",
        )
    assert len(source) == 365
    assert found == source


@needs_steel
def test_steel_drop_is_the_same_from_the_plain_file(steel: DataPaths, tmp_path: Path) -> None:
    plain = tmp_path / "it's steel.csv"
    with in_memory() as connection:
        connection.execute(
            f"copy (from read_csv('{STEEL}', all_varchar = true, header = true)) "
            f"to '{str(plain).replace(chr(39), chr(39) * 2)}' (header)"
        )
    paths = DataPaths(root=tmp_path)
    drop = write_steel_drops(plain, paths=paths, price_per_kwh=Decimal("0.10"), currency="EUR")
    assert drop.read_bytes() == (steel.landing("csv_drop") / drop.name).read_bytes()


@needs_steel
def test_steel_register_has_the_price_that_was_given(steel: DataPaths) -> None:
    tables = load_register(steel).tables
    assert tables["tariffs"]["price_per_kwh"].to_pylist() == [Decimal("0.10")]
    (meter,) = tables["meters"].to_pylist()
    assert (meter["interval_seconds"], meter["interval_label"]) == (900, "end")


@needs_fox
def test_fox_intake_takes_every_row(fox_drops: list[Judged]) -> None:
    assert sorted(drop.path.name for drop in fox_drops) == [
        "fox_2016.csv",
        "fox_2017.csv",
        "fox_temperature.csv",
    ]
    assert_all_taken(fox_drops)


UNPIVOTED = """
    create view source as
    select building as site_id, kwh,
        timezone('UTC', timezone('America/Phoenix', timestamp::timestamp)) as interval_start_utc
    from (unpivot (from read_parquet('{file}')) on columns(* exclude (timestamp, temp_c))
        into name building value kwh)
"""


@needs_fox
def test_fox_readings_are_the_shortest_decimals_of_the_source_and_zeros_no_rows(
    fox_drops: list[Judged],
) -> None:
    with in_memory() as connection:
        connection.register("taken", latest_readings(fox_drops))
        connection.execute(UNPIVOTED.format(file=str(FOX).replace("'", "''")))
        ((types, zeros),) = rows(
            connection, "select any_value(typeof(kwh)), count(*) filter (kwh = 0) from source"
        )
        assert types == "FLOAT"
        assert zeros
        # A FLOAT that is written and read again is the same FLOAT, and no shorter text is.
        (compared,) = rows(
            connection,
            """
            select
                count(*) filter (kwh != 0),
                count(usage_kwh),
                count(*) filter (kwh = 0 and usage_kwh is not null),
                count(*) filter (usage_kwh != kwh::varchar::decimal(18,9)),
                sum(kwh::varchar::decimal(18,9)),
                sum(usage_kwh)
            from source left join taken using (site_id, interval_start_utc)
            """,
        )
        assert rows(connection, "select count(*) from taken") == [(compared[1],)]
    assert compared[0] == compared[1]
    assert compared[2:4] == (0, 0)
    assert compared[4] == compared[5]


@needs_fox
def test_fox_meters_are_expected_from_their_first_to_their_last_reading(fox: DataPaths) -> None:
    tables = load_register(fox).tables
    expected = {
        meter["site_id"]: (meter["expected_from"], meter["expected_to"])
        for meter in tables["meters"].to_pylist()
    }
    assert len(expected) == tables["sites"].num_rows == 42
    with in_memory() as connection:
        connection.execute(UNPIVOTED.format(file=str(FOX).replace("'", "''")))
        days = rows(
            connection,
            "select site_id, min(local)::date, max(local)::date from (select *, "
            "timezone('America/Phoenix', timezone('UTC', interval_start_utc)) as local "
            "from source where kwh > 0) group by site_id",
        )
    assert expected == {site: (first, last) for site, first, last in days}
    assert expected["Fox_education_Maureen"][0].year == 2017


@needs_fox
def test_fox_temperatures_equal_the_source(fox_drops: list[Judged]) -> None:
    (drop,) = (drop for drop in fox_drops if drop.verdict.temperatures is not None)
    with in_memory() as connection:
        connection.register("taken", drop.verdict.temperatures)
        source = rows(
            connection,
            "select count(temp_c), sum(temp_c::varchar::decimal(18,6)) from read_parquet($file)",
            file=str(FOX),
        )
        found = "select count(*), sum(temperature_c::decimal(18,6)) from taken"
        assert rows(connection, found) == source
