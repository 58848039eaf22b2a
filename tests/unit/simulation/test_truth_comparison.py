"""Waste that was injected beside the episodes that were found."""

from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pytest

from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.tables.marts import MART_TABLES
from cei_assets.simulation.truth import InjectedWaste, read_truth, truth_comparison, write_truth
from cei_assets.simulation.waste import MEASURE
from cei_assets.storage.paths import DataPaths

EPISODES = next(table for table in MART_TABLES if table.name == "fct_anomaly_episodes")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


WASTE = InjectedWaste(
    name="nights",
    site_id="turin",
    meter_id="compressors",
    rule="night_load",
    description="Left on.",
    first_local=at("2026-03-02T22:00"),
    last_local=at("2026-03-20T05:45"),
    hours=100.0,
    kwh=900.0,
)


def episode(**cells: object) -> dict[str, object]:
    return {
        "site_id": "turin",
        "meter_id": "compressors",
        "rule": "night_load",
        "first_interval_local": at("2026-03-03T22:00"),
        "last_interval_local": at("2026-03-10T05:00"),
        "excess_kwh": 400.0,
        "counted_kwh": 300.0,
    } | cells


def found(*episodes: dict[str, object]) -> tuple[int, float, float]:
    names = list(episode())
    schema = pa.schema([arrow_schema(EPISODES).field(name) for name in names])
    (comparison,) = truth_comparison([WASTE], pa.Table.from_pylist(list(episodes), schema=schema))
    assert comparison.injected is WASTE
    return comparison.episodes, comparison.found_kwh, comparison.found_any_rule_kwh


def test_without_episodes_nothing_is_found() -> None:
    assert found() == (0, 0.0, 0.0)


def test_overlapping_episodes_of_the_same_meter_and_rule_add_up() -> None:
    later = episode(
        first_interval_local=at("2026-03-15T22:00"), last_interval_local=at("2026-03-25T05:00")
    )
    assert found(episode(), later) == (2, 800.0, 600.0)


def test_another_rule_counts_only_in_what_any_rule_found() -> None:
    assert found(episode(rule="baseline_deviation")) == (0, 0.0, 300.0)


@pytest.mark.parametrize("other", [{"site_id": "bologna"}, {"meter_id": "hvac"}])
def test_another_meter_counts_not_at_all(other: dict[str, object]) -> None:
    assert found(episode(**other)) == (0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("first", "last", "episodes"),
    [
        ("2026-02-01T00:00", "2026-03-02T21:00", 0),
        ("2026-02-01T00:00", "2026-03-02T22:00", 1),
        ("2026-03-20T05:45", "2026-04-01T00:00", 1),
        ("2026-03-20T06:00", "2026-04-01T00:00", 0),
        ("2026-02-01T00:00", "2026-04-01T00:00", 1),
    ],
)
def test_an_episode_overlaps_when_it_shares_an_interval(
    first: str, last: str, episodes: int
) -> None:
    spanning = episode(first_interval_local=at(first), last_interval_local=at(last))
    assert found(spanning)[0] == episodes


def test_the_measure_is_no_waste(tmp_path: Path) -> None:
    paths = DataPaths(root=tmp_path)
    measure = InjectedWaste(**{**vars(WASTE), "rule": MEASURE, "kwh": -900.0})
    write_truth([measure, WASTE], paths=paths)
    truth = read_truth(paths)
    assert truth == (measure, WASTE)
    empty = arrow_schema(EPISODES).empty_table()
    assert [comparison.injected for comparison in truth_comparison(truth, empty)] == [WASTE]
