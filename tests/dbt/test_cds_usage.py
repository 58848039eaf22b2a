"""Usage segments from files to marts: what holds, hours, emissions, readings, in any order."""

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from cds_demand_history import cost_drops, demand_drops
from cds_object_inputs import CdsDirectory, Drop
from cds_usage_history import ARRIVES_LAST, PULLED, plain_drops, random_drops
from cds_usage_reference import LIKENESS, Resolved, resolve
from dbt_session import DbtSession

from cei_assets.contracts.cds_vocabulary import CDS_QUALITY_ORDER, COUNTED_SERIES_KINDS
from cei_assets.contracts.tables.cds_models import CDS_USAGE_INTERMEDIATES, CDS_USAGE_MARTS
from cei_assets.core.cds.rollup import demand_hours, energy_hours

TABLES = (*CDS_USAGE_INTERMEDIATES, *CDS_USAGE_MARTS)
# What a sighting again may change, and what says only how the warehouse was filled.
NOT_COMPARED = ("int_cds_days_touched",)
FACTS = [table.name for table in CDS_USAGE_MARTS]
SELECTED = ("--select", *(f"+{table.name}" for table in TABLES))
HALF_WAY = ("--select", "+fct_usage_intervals")
AS_OF = datetime.fromisoformat("2026-05-01T00:00:00")
Rows = list[dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Built:
    """What the warehouse holds: built in stages, at once, and in stages of another order."""

    drops: Sequence[Drop]
    staged: dict[str, Rows]
    at_once: dict[str, Rows]
    shuffled: dict[str, Rows]
    warehouse: Path


def _write_register(data: CdsDirectory) -> None:
    meters = (
        ("meter_device", "two-ways", "in", "forward"),
        ("meter_device", "two-ways", "out", "reverse"),
        ("meter_device", "two-ways", "both", "net"),
        ("meter_device", "parts", "parts", "forward"),
        ("meter_device", "parts-and-total", "total", "forward"),
        ("meter_device", "twice", "twice", "forward"),
        ("meter_device", "negative", "negative", "forward"),
        ("meter_device", "mix-part", "mixed", "forward"),
        ("service_point", "old-point", "moved", "net"),
    )
    data.write_register(
        "cds_meters",
        [
            {"cds_server": "readings", "resource_kind": kind, "cds_reference": reference,
             "site_id": "mill", "meter_id": meter, "mapped_direction": direction}
            for kind, reference, meter, direction in meters
        ],
    )  # fmt: skip
    data.write_register(
        "cds_sites",
        [{"site_id": "mill", "organization_id": "org", "timezone": "Europe/Rome", "country": "IT"}],
    )
    data.write_register(
        "cds_site_meters",
        [
            {"site_id": "mill", "meter_id": meter, "interval_seconds": 900}
            for _, _, meter, _ in meters
        ],
    )
    data.write_register(
        "cds_site_factors",
        [{"site_id": "mill", "year": 2026, "kgco2e_per_kwh": 0.25, "source": "test"}],
    )


def _build(
    data: CdsDirectory, dbt: DbtSession, stages: Iterable[Sequence[Drop]], *, cut: int | None
) -> None:
    """Stage by stage; one of them is cut off half-way, and the next is taken in with it."""
    for number, drops in enumerate(stages):
        for drop in drops:
            data.receive(drop)
        is_first = number == 0
        data.prepare_build(as_of=AS_OF, is_full=is_first)
        selected = HALF_WAY if number == cut else SELECTED
        done = dbt.run("run", *selected, *(("--full-refresh",) if is_first else ()))
        assert done.success, done.failures or done.error
        if number != cut:
            data.built()


def _tables(data: CdsDirectory) -> dict[str, Rows]:
    return {
        table.name: data.rows(f"select * from {table.layer}.{table.name} order by all")
        for table in TABLES
        if table.name not in NOT_COMPARED
    }


def _stages(drops: Iterable[Drop], *hours: int) -> list[list[Drop]]:
    """Files by the time at which they were observed, parted at so many hours after the first.

    Those that arrive last are in the last stage, whenever they were observed.
    """
    stages: list[list[Drop]] = [[] for _ in range(len(hours) + 1)]
    for drop in drops:
        is_last = drop.page is not None and drop.page.batch == ARRIVES_LAST
        passed = sum(drop.observed_at >= PULLED + timedelta(hours=h) for h in hours)
        stages[-1 if is_last else passed].append(drop)
    return stages


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Stages in the order of observation, all at once, and stages in an order of chance."""
    drops = [*random_drops(seed=5), *plain_drops(), *demand_drops(seed=6), *cost_drops()]
    drops.sort(key=lambda drop: drop.observed_at)
    shuffled = list(drops)
    random.Random(9).shuffle(shuffled)  # noqa: S311  test data, not secrets
    data = CdsDirectory(root=tmp_path_factory.mktemp("usage"))
    _write_register(data)
    with DbtSession(data.root) as dbt:
        _build(data, dbt, [shuffled[:50], shuffled[50:]], cut=None)
        by_chance = _tables(data)
        data.forget_files()
        _build(data, dbt, _stages(drops, 24, 49), cut=1)
        staged = _tables(data)
        tested = dbt.run("test", *SELECTED, "--exclude-resource-type", "unit_test")
        assert tested.success, tested.failures or tested.error
        data.prepare_build(as_of=AS_OF, is_full=True)
        done = dbt.run("run", *SELECTED, "--full-refresh")
        assert done.success, done.failures or done.error
    return Built(
        drops=drops,
        staged=staged,
        at_once=_tables(data),
        shuffled=by_chance,
        warehouse=data.paths.warehouse,
    )


@pytest.fixture(scope="module")
def resolved(built: Built) -> Resolved:
    return resolve(built.drops)


def test_builds_in_stages_give_what_a_build_at_once_gives(built: Built) -> None:
    """Row for row, although one was cut off half-way and gone on with together with the next."""
    for name, rows in built.staged.items():
        assert rows == built.at_once[name], name


def test_the_order_of_arrival_does_not_matter(built: Built) -> None:
    """Receipts that hold a version's rows may differ, since the first to arrive brings them."""
    for name in FACTS:
        found = [_without(row, "stored_receipt_id") for row in built.shuffled[name]]
        assert found == [_without(row, "stored_receipt_id") for row in built.at_once[name]], name


def _without(row: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key != name}


def test_versions_have_the_status_of_the_reference(built: Built, resolved: Resolved) -> None:
    found = {
        row["segment_version_id"]: row["version_status"]
        for row in built.staged["fct_usage_segments"]
    }
    assert found == resolved.status
    assert set(found.values()) == {"current", "superseded", "withdrawn"}


def test_intervals_that_hold_are_those_of_the_reference(built: Built, resolved: Resolved) -> None:
    series = {row["series_id"]: row for row in built.staged["dim_cds_series"]}
    found = {}
    for row in built.staged["fct_usage_intervals"]:
        likeness = tuple(series[row["series_id"]][name] for name in LIKENESS)
        if row["resource_id"] is None:
            likeness = (*likeness, row["cds_resource"].removeprefix("segment/"))
        found[(*likeness, row["series_variant"], row["interval_start_utc"])] = _told(row)
    assert found == {key: _told(slot) for key, slot in resolved.slots.items()}
    assert len(found) > 300


def _told(row: dict[str, Any]) -> tuple[Any, ...]:
    names = "segment_version_id format_position set_position value_status cds_value energy_kwh"
    return tuple(row[name] for name in f"{names} reading_quality cds_interval_end_utc".split())


@pytest.mark.parametrize("quantity", ["cds_value", "energy_kwh"])
def test_hours_of_a_series_are_those_of_the_rollup(built: Built, quantity: str) -> None:
    """To the last digit, with intervals of 25 minutes that straddle hours and days."""
    with duckdb.connect(str(built.warehouse), read_only=True) as connection:
        intervals = connection.execute("""
            select * from marts.fct_usage_intervals where not is_point_in_time
        """).to_arrow_table()
    column = {"cds_value": "hour_quantity", "energy_kwh": "hour_kwh"}[quantity]
    hourly = energy_hours(intervals, series=("series_id",), quantity=quantity)
    expected = {
        (row["series_id"], row["cds_hour_start_utc"]): (
            row["hour_quantity"], row["covered_seconds"], row["missing_seconds"],
            row["worst_quality"], row["is_prorated"],
        )
        for row in hourly.hours.to_pylist()
    }  # fmt: skip
    found = {
        (row["series_id"], row["cds_hour_start_utc"]): (
            row[column], row["covered_seconds"], row["missing_seconds"], row["worst_quality"],
            row["is_prorated"],
        )
        for row in built.staged["fct_cds_hourly"]
    }  # fmt: skip
    assert found == expected
    assert any(row["is_prorated"] for row in built.staged["fct_cds_hourly"])


def test_demand_of_an_hour_is_that_of_the_rollup(built: Built) -> None:
    """To the last digit: peaks by maximum, averages by time; instants have no hour."""
    with duckdb.connect(str(built.warehouse), read_only=True) as connection:
        intervals = connection.execute("""
            select intervals.*, series.demand_type
            from marts.fct_usage_intervals as intervals
            inner join marts.dim_cds_series as series using (series_id)
        """).to_arrow_table()
    names = (
        "series_id", "demand_type", "cds_hour_start_utc", "covered_seconds", "missing_seconds",
        "worst_quality",
    )  # fmt: skip
    expected = {
        (*(row[name] for name in names), row["covered_seconds"] >= 3600, row["hour_quantity"])
        for row in demand_hours(intervals, series=("series_id",)).hours.to_pylist()
    }
    found = {
        (*(row[name] for name in names), row["is_hour_complete"], row["hour_demand"])
        for row in built.staged["fct_cds_demand_hourly"]
    }
    assert found == expected
    assert len(found) > 100


@pytest.mark.parametrize(
    ("meter", "demand_type", "hours"),
    [
        ("demand", "average", {"01 00": ("2", 3600), "01 01": ("2", 900)}),
        ("demand", "peak", {"01 00": ("5", 2100), "01 01": ("5", 900)}),
        (
            "midnight", "average",
            {"01 23": ("1.857142857143", 2100), "02 00": ("3.25", 3600), "02 01": ("3", 300)},
        ),
    ],
)  # fmt: skip
def test_demand_of_an_hour_is_its_peak_or_its_average_by_time(
    built: Built, meter: str, demand_type: str, hours: dict[str, tuple[str, int]]
) -> None:
    """Intervals of two hours are in none; what reaches over midnight is in the hours of both."""
    found = {
        f"{row['cds_hour_start_utc']:%d %H}": (row["hour_demand"], row["covered_seconds"])
        for row in built.staged["fct_cds_demand_hourly"]
        if row["cds_resource"] == f"meter_device/{meter}" and row["demand_type"] == demand_type
    }
    assert found == {hour: (Decimal(text), seconds) for hour, (text, seconds) in hours.items()}


def test_a_cost_that_holds_stands_beside_every_series_that_it_is_for(built: Built) -> None:
    """That of the version that holds, once for a format, twice for two, once where it is for none;
    without a value it is there without one.
    """
    series = {row["series_id"]: row["flow_direction"] for row in built.staged["dim_cds_series"]}
    rows = [row for row in built.staged["fct_cds_costs"] if row["cds_server"] == "costs"]
    found = [
        (row["format_position"], series.get(row["described_series_id"]), row["cds_cost"],
         row["described_count"], row["value_status"])
        for row in sorted(rows, key=lambda row: (row["format_position"], row["described_position"]))
    ]  # fmt: skip
    assert found == [
        (2, "forward", Decimal("-0.123456789012"), 1, "value"),
        (3, "forward", Decimal("0.75"), 2, "value"),
        (3, "reverse", Decimal("0.75"), 2, "value"),
        (4, None, None, 0, "missing"),
    ]
    assert {row["currency"] for row in rows} == {"EUR"}


def test_costs_are_those_of_the_cost_series(built: Built) -> None:
    costs = {
        (row["segment_version_id"], row["format_position"], row["set_position"]): row["cds_cost"]
        for row in built.staged["fct_cds_costs"]
    }
    assert costs == {
        (row["segment_version_id"], row["format_position"], row["set_position"]): row["cds_value"]
        for row in built.staged["fct_usage_intervals"]
        if row["cds_value_type"] == "cost"
    }


def test_energy_of_hours_and_longer_intervals_is_that_of_the_intervals(built: Built) -> None:
    intervals: dict[str, Decimal] = defaultdict(Decimal)
    rolled: dict[str, Decimal] = defaultdict(Decimal)
    for row in built.staged["fct_usage_intervals"]:
        if row["energy_kwh"] is not None:
            intervals[row["series_id"]] += row["energy_kwh"]
            if row["cds_interval_seconds"] > 3600:
                rolled[row["series_id"]] += row["energy_kwh"]
    for row in built.staged["fct_cds_hourly"]:
        rolled[row["series_id"]] += row["hour_kwh"] or 0
    assert {k: v for k, v in rolled.items() if v} == {k: v for k, v in intervals.items() if v}


def test_the_lists_in_sql_are_the_contracts(built: Built) -> None:
    ranked = {
        row["reading_quality"]: row["quality_rank"] for row in built.staged["int_cds_formats_held"]
    }
    order = [quality.value for quality in CDS_QUALITY_ORDER]
    assert ranked == {quality: order.index(quality) + 1 for quality in ranked}
    text = (Path(__file__).parents[2] / "dbt_project/macros/cds_quality.sql").read_text()
    assert str(order) in " ".join(text.split())
    assert str(tuple(kind.value for kind in COUNTED_SERIES_KINDS)) in text


def _intervals(built: Built, server: str) -> Rows:
    return [row for row in built.staged["fct_usage_intervals"] if row["cds_server"] == server]


def _values(built: Built, server: str) -> list[tuple[str, Decimal | None]]:
    return [
        (f"{row['interval_start_utc']:%H:%M}", row["cds_value"])
        for row in sorted(_intervals(built, server), key=lambda row: row["interval_start_utc"])
    ]


@pytest.mark.parametrize("server", ["revised", "late"])
def test_a_newer_modification_replaces_all_of_a_segment(built: Built, server: str) -> None:
    """Also where a value is gone now, and whichever of the two was observed first."""
    assert _values(built, server) == [
        ("00:00", Decimal("1.1")), ("01:00", Decimal("0.9")), ("02:00", None),
    ]  # fmt: skip
    states = [row["provision"] for row in _intervals(built, server)]
    assert sorted(states) == ["as_provided", "as_provided", "not_available"]


def test_of_two_versions_modified_at_once_the_later_observed_holds(built: Built) -> None:
    assert _values(built, "same") == [("00:00", Decimal(6))]
    segments = [row for row in built.staged["fct_usage_segments"] if row["cds_server"] == "same"]
    assert [row["has_same_modified"] for row in segments] == [True, True]


def test_a_version_that_was_seen_earlier_than_was_known_is_overtaken(built: Built) -> None:
    """The file that tells so arrives last, and nothing else of the segment with it."""
    assert _values(built, "overtaken") == [("00:00", Decimal(4))]


def test_an_hour_keeps_what_reaches_into_it_from_the_day_before(built: Built) -> None:
    """Also when only the second day is made anew: 15 of 25 minutes of 1 kWh, and 3 kWh."""
    hours = {
        f"{row['cds_hour_start_utc']:%d %H}": row["hour_quantity"]
        for row in built.staged["fct_cds_hourly"]
        if row["cds_server"] == "midnight"
    }
    assert hours == {"01 23": Decimal("1.4"), "02 00": Decimal("6"), "02 01": Decimal("0.6")}


@pytest.mark.parametrize(
    ("server", "status", "values"),
    [
        ("withdrawn", "withdrawn", [5]),
        ("returned", "current", [5, 7]),
        ("later", "current", [5, 7]),
        ("window", "current", [5, 7]),
        ("pending", "current", [5, 7]),
        ("half", "current", [5, 7]),
    ],
)
def test_a_segment_is_withdrawn_when_a_whole_listing_misses_it(
    built: Built, server: str, status: str, values: list[int]
) -> None:
    """Not by a listing of another window, of a grant that is pending, or without all its pages."""
    found = {
        row["cds_usagesegment_id"]: row
        for row in built.staged["fct_usage_segments"]
        if row["cds_server"] == server
    }
    assert (found["kept"]["version_status"], found["gone"]["version_status"]) == ("current", status)
    assert (found["gone"]["withdrawn_at_utc"] is not None) == (status == "withdrawn")
    assert [value for _, value in _values(built, server)] == values


def test_a_trimmed_segment_of_another_grant_gives_its_intervals_once(built: Built) -> None:
    """Each grant's listings miss the other's segment, which withdraws nothing."""
    assert [value for _, value in _values(built, "grants")] == [2, 2, 3, 3]
    assert len({row["segment_version_id"] for row in _intervals(built, "grants")}) == 2


def _readings(built: Built, meter: str) -> list[Decimal]:
    rows = [row for row in built.staged["int_cds_readings"] if row["meter_id"] == meter]
    return [row["usage_kwh"] for row in sorted(rows, key=lambda row: row["interval_start_utc"])]


@pytest.mark.parametrize(
    ("meter", "readings"),
    [
        ("in", ["1.5", "2", "3", "4"]),
        ("out", ["0.25", "0", "1"]),
        ("both", ["1.25", "3", "3"]),
        ("parts", ["1", "2"]),
        ("total", ["1.2", "2"]),
        ("twice", ["3"]),
        ("negative", ["0.25"]),
        ("moved", ["3"]),
    ],
)
def test_readings_are_those_of_the_mapped_direction(
    built: Built, meter: str, readings: list[str]
) -> None:
    assert _readings(built, meter) == [Decimal(text) for text in readings]


def test_what_feeds_no_reading_is_listed_with_what_to_add(built: Built) -> None:
    found = {
        (row["cds_resource"], row["cds_interval_seconds"], row["obstacle"]): row
        for row in built.staged["rpt_cds_unmapped"]
        if row["cds_server"] == "readings"
    }
    listed = {(key[0].removeprefix("meter_device/"), int(key[1]), key[2]) for key in found}
    assert listed >= {
        ("unmapped", 900, "not mapped"),
        ("two-ways", 3600, "another interval than the meter's"),
        ("two-ways", 86400, "another interval than the meter's"),
        ("negative", 900, "negative"),
        ("twice", 900, "equal formats, which of them counts is not said"),
        ("forecast", 900, "forecast, telemetry or of unknown kind"),
    }
    row = found["meter_device/unmapped", Decimal(900), "not mapped"]
    assert row["obstacle_line"] == "readings,meter_device,unmapped,SITE,METER,forward,,"
    assert (row["row_count"], row["rows_kwh"]) == (1, 8)


def test_a_longer_interval_stands_beside_the_shorter_ones_of_its_time(built: Built) -> None:
    (row,) = (
        row
        for row in built.staged["fct_cds_coverage"]
        if row["cds_resource"] == "meter_device/two-ways"
    )
    assert (row["energy_kwh"], row["fine_seconds"], row["fine_kwh"]) == (40, 900, Decimal("10.5"))
    assert (row["fine_covered_seconds"], row["is_fine_complete"]) == (3600, False)
    assert (row["difference_kwh"], row["difference_percent"]) == (
        Decimal("-29.5"), Decimal("-73.75"),
    )  # fmt: skip


def _hour(built: Built, table: str, meter: str) -> dict[str, Any]:
    (row,) = (row for row in built.staged[table] if row["cds_resource"] == f"meter_device/{meter}")
    return dict(row)


def test_an_hour_is_made_of_the_finest_intervals_that_cover_it(built: Built) -> None:
    row = _hour(built, "fct_cds_energy_hourly", "two-ways")
    assert (row["import_kwh"], row["export_kwh"], row["net_kwh"]) == (
        Decimal("10.5"), Decimal("1.25"), Decimal("9.25"),
    )  # fmt: skip
    assert (row["source_seconds"], row["provision"]) == (900, "incomplete")
    assert (row["timezone"], f"{row['hour_start_local']:%H:%M}") == ("Europe/Rome", "01:00")


@pytest.mark.parametrize(
    ("meter", "grams", "source"),
    [
        ("mix", 600, "supply_mix"),
        ("mix-sets", 600, "supply_mix"),
        ("mix-kinds", 100, "supply_mix"),
        ("mix-part", 500, "emission_factor"),
        ("unmapped", None, None),
    ],
)
def test_gases_come_from_the_own_mix_where_it_is_whole_else_from_the_factor(
    built: Built, meter: str, grams: int | None, source: str | None
) -> None:
    """One set of attributions counts; carbon-free holds solar; a mix of half the energy is none."""
    row = _hour(built, "fct_cds_emissions_hourly", meter)
    assert (row["hour_g"], row["emission_source"]) == (grams, source)
    assert (row["obstacle"] is None) == (grams is not None)


def test_columns_are_the_declared_ones(built: Built) -> None:
    with duckdb.connect(str(built.warehouse), read_only=True) as connection:
        for table in TABLES:
            described = connection.execute(f"describe {table.layer}.{table.name}").fetchall()
            expected = [(column.name, column.field.type) for column in table.columns]
            assert [row[:2] for row in described] == expected, table.name
