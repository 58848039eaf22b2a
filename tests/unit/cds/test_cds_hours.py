"""Hours of UTC: exact sums, splits by seconds, what is covered and what is missing."""

from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from cei_assets.core.cds.rollup import Hourly, demand_hours, energy_hours
from tests.cds_segments import NET, Raw, judged, net, segment


def energy(*segments: object, **options: Any) -> Hourly:  # noqa: ANN401  # handed through
    return energy_hours(judged(*segments).tables.intervals, **options)


def table(hourly: Hourly, names: str) -> list[tuple[Any, ...]]:
    found = hourly.hours.sort_by("cds_hour_start_utc").to_pylist()
    return [tuple(row[name] for name in names.split()) for row in found]


def test_quarters_of_an_hour_are_summed_and_cover_it() -> None:
    hourly = energy(segment(*net(1, 2, 3, Raw("4.000000000001"))))
    names = "hour_quantity covered_seconds missing_seconds is_prorated is_hour_covered"
    assert table(hourly, names) == [(Decimal("10.000000000001"), 3600, 0, False, True)]


def test_missing_slots_are_missing_seconds_and_absent_ones_neither() -> None:
    hourly = energy(segment(*net(1, None, 3)))
    names = "hour_quantity covered_seconds missing_seconds is_hour_covered"
    assert table(hourly, names) == [(4, 1800, 900, False)]


def test_an_hour_without_any_value_has_no_quantity() -> None:
    hourly = energy(segment(*net(None, None), interval=1800))
    names = "hour_quantity covered_seconds missing_seconds worst_quality"
    assert table(hourly, names) == [(None, 0, 3600, None)]


def test_an_interval_across_a_full_hour_is_split_by_seconds_of_overlap() -> None:
    # 600 s before and 300 s after the hour: a third has no last digit, the later part is the rest.
    hourly = energy(segment(*net(1), start="2026-03-01T00:50:00Z"))
    assert table(hourly, "hour_quantity covered_seconds is_prorated") == [
        (Decimal("0.666666666667"), 600, True),
        (Decimal("0.333333333333"), 300, True),
    ]


@pytest.mark.parametrize("digits", ["0.000000000001", "-0.000000000001", "-1", "0"])
def test_a_split_conserves_the_smallest_value_and_negative_ones(digits: str) -> None:
    hourly = energy(segment(*net(Raw(digits)), start="2026-03-01T00:52:30Z"))
    assert sum(quantity for (quantity,) in table(hourly, "hour_quantity")) == Decimal(digits)


def test_a_missing_interval_across_a_full_hour_is_missing_in_both_and_prorates_none() -> None:
    hourly = energy(segment(*net(None), start="2026-03-01T00:50:00Z"))
    assert table(hourly, "hour_quantity missing_seconds is_prorated") == [
        (None, 600, False),
        (None, 300, False),
    ]


def test_a_whole_hour_off_the_clock_is_split_and_a_longer_interval_is_not_spread() -> None:
    hourly = energy(segment(*net(4), start="2026-03-01T00:15:00Z", interval=3600))
    assert table(hourly, "hour_quantity") == [(3,), (1,)]
    longer = energy(segment(*net(4), interval=Raw("3600.000001")))
    assert (longer.hours.num_rows, longer.longer["cds_value"].to_pylist()) == (0, [4])


def test_the_worst_quality_of_values_holds_for_the_hour() -> None:
    formats = [
        {**NET, "id": quality, "quality": quality} for quality in ("revenue", "estimated", "raw")
    ]
    sets = [[{"eu": 1}, None, None], [None, {"eu": 2}, None]]
    hourly = energy(
        segment(*sets, formats=formats, interval=1800), series=("resource_id", "flow_direction")
    )
    assert table(hourly, "resource_id hour_quantity worst_quality") == [("meter-1", 3, "estimated")]


def test_formats_of_a_segment_are_series_of_their_own() -> None:
    hourly = energy(segment([{"eu": 1}, {"eu": 5}], formats=[NET, NET], interval=3600))
    assert sorted(table(hourly, "format_position hour_quantity")) == [(0, 1), (1, 5)]


def test_energy_in_kwh_can_be_summed_instead_of_native_values() -> None:
    watt_hours = {**NET, "units": "Wh"}
    hourly = energy(segment([{"eu": 1}], [{"eu": 2}], formats=[watt_hours]), quantity="energy_kwh")
    assert table(hourly, "hour_quantity") == [(Decimal("0.003"),)]


def test_points_in_time_demand_shares_and_costs_are_not_summed() -> None:
    formats = [
        {"id": "r", "type": "meter_readings", "units": "kWh", "register": None},
        {"id": "d", "type": "electric_demand", "units": "kW", "demand_type": "average"},
        {"id": "c", "type": "cost", "currency": "EUR", "indexes": []},
    ]
    hourly = energy(segment([{"r": "5"}, {"ed": 5}, {"c": 5}], formats=formats))
    assert (hourly.hours.num_rows, hourly.longer.num_rows) == (0, 0)


def test_a_sum_of_more_digits_than_its_decimal_raises_instead_of_wrapping() -> None:
    with pytest.raises(pa.ArrowInvalid):
        energy(segment(*net(*[Raw("9e25")] * 4)))


def test_no_rows_make_no_hours() -> None:
    assert energy().hours.num_rows == 0
    assert demand_hours(judged().tables.intervals).hours.num_rows == 0


def demand(kind: str, *amounts: object, **members: Any) -> Hourly:  # noqa: ANN401  # handed through
    value_format = {"id": "d", "type": "electric_demand", "units": "kW", "demand_type": kind}
    sets = [[None if amount is None else {"ed": amount}] for amount in amounts]
    verdict = judged(segment(*sets, formats=[value_format], **members))
    return demand_hours(verdict.tables.intervals)


def test_peak_demand_of_an_hour_is_the_highest_of_the_intervals_that_touch_it() -> None:
    hourly = demand("peak", 4, 9, 1, 2, start="2026-03-01T00:20:00Z", interval=1800)
    names = "demand_type hour_quantity is_prorated"
    assert table(hourly, names) == [("peak", 9, False), ("peak", 9, False), ("peak", 2, False)]


def test_average_demand_is_weighted_by_time_over_the_values() -> None:
    hourly = demand("average", 4, None, 1, start="2026-03-01T00:15:00Z", interval=1800)
    names = "hour_quantity covered_seconds missing_seconds"
    assert table(hourly, names) == [(4, 1800, 900), (1, 1800, 900)]
    mixed = demand("average", 1, 2, start="2026-03-01T00:20:00Z", interval=1200)
    assert table(mixed, "hour_quantity") == [(Decimal("1.5"),)]
    thirds = demand("average", 1, 0, 0, interval=1200)
    assert table(thirds, "hour_quantity") == [(Decimal("0.333333333333"),)]


@pytest.mark.parametrize("kind", ["starting", "ending", "siesta"])
def test_demand_of_an_instant_or_of_an_unknown_kind_has_no_hour(kind: str) -> None:
    assert demand(kind, 4).hours.num_rows == 0


def test_demand_of_more_than_an_hour_keeps_its_own_grain() -> None:
    hourly = demand("peak", 4, interval=7200)
    assert (hourly.hours.num_rows, hourly.longer.num_rows) == (0, 1)
