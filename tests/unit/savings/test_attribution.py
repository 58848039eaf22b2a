from collections.abc import Sequence
from datetime import datetime, timedelta

import pyarrow as pa
import pytest

from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.tables.analysis import AVOIDABLE_HOURS, FLAGGED_HOURS
from cei_assets.core.analysis import attribute_avoidable
from tests.example_meters import SITE, meter_rows

PARENTS = {"main": None, "hall": "main", "press": "hall", "chiller": "main"}
START = datetime(2025, 1, 6)  # noqa: DTZ001  # naive timestamps read UTC by contract

Row = tuple[str, str, int, float]


def flagged(rows: Sequence[Row]) -> pa.Table:
    return pa.Table.from_pylist(
        [
            {
                "site_id": SITE,
                "meter_id": meter,
                "rule": rule,
                "hour_start_utc": START + timedelta(hours=hour),
                "usage_month": START.date().replace(day=1),
                "level_kwh": excess + 10,
                "reference_kwh": 10.0,
                "excess_kwh": excess,
                "excess_low_kwh": 0.5 * excess,
                "excess_high_kwh": 1.5 * excess,
                "score": 5.0,
            }
            for meter, rule, hour, excess in rows
        ],
        schema=arrow_schema(FLAGGED_HOURS),
    )


def counted(rows: Sequence[Row]) -> dict[tuple[str, int], tuple[str, float]]:
    found = attribute_avoidable(flagged_hours=flagged(rows), meters=meter_rows(PARENTS))
    assert found.schema.equals(arrow_schema(AVOIDABLE_HOURS))
    return {
        (row["meter_id"], (row["hour_start_utc"] - START) // timedelta(hours=1)): (
            row["rule"],
            row["counted_kwh"],
        )
        for row in found.to_pylist()
    }


def test_a_meter_hour_goes_to_the_rule_with_the_largest_excess() -> None:
    assert counted([("press", "night_load", 0, 4.0), ("press", "baseload_drift", 0, 6.0)]) == {
        ("press", 0): ("baseload_drift", 6.0)
    }


def test_a_tie_goes_to_the_rule_that_comes_first() -> None:
    assert counted([("press", "baseload_drift", 0, 4.0), ("press", "night_load", 0, 4.0)]) == {
        ("press", 0): ("night_load", 4.0)
    }


def test_a_parent_counts_only_what_exceeds_its_children() -> None:
    rows = [
        ("main", "night_load", 0, 10.0),
        ("press", "night_load", 0, 4.0),
        ("chiller", "spike", 0, 3.0),
    ]
    found = counted(rows)
    assert found["main", 0] == ("night_load", 3.0)
    assert found["press", 0][1] + found["chiller", 0][1] == 7.0


def test_a_parent_with_less_than_its_children_counts_nothing() -> None:
    rows = [("main", "night_load", 0, 5.0), ("press", "night_load", 0, 8.0)]
    assert counted(rows) == {("press", 0): ("night_load", 8.0)}


def test_a_level_without_flags_passes_on_what_is_below_it() -> None:
    rows = [("main", "night_load", 0, 10.0), ("press", "night_load", 0, 9.0)]
    assert counted(rows)["main", 0] == ("night_load", pytest.approx(1.0))


def test_hours_are_apart() -> None:
    rows = [("main", "night_load", 0, 10.0), ("press", "night_load", 1, 9.0)]
    assert counted(rows) == {("main", 0): ("night_load", 10.0), ("press", 1): ("night_load", 9.0)}


def test_the_interval_shrinks_with_the_count() -> None:
    rows = [("main", "night_load", 0, 10.0), ("press", "night_load", 0, 6.0)]
    table = attribute_avoidable(flagged_hours=flagged(rows), meters=meter_rows(PARENTS))
    main = next(row for row in table.to_pylist() if row["meter_id"] == "main")
    assert main["counted_low_kwh"] == pytest.approx(2.0)
    assert main["counted_high_kwh"] == pytest.approx(6.0)


def test_a_flagged_meter_that_is_not_registered_is_named() -> None:
    with pytest.raises(ValueError, match="'ghost' of site 'site'"):
        counted([("ghost", "spike", 0, 1.0)])
