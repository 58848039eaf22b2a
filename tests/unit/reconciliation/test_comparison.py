"""A file against what is stored: equal, missing, extra, different, refused, repeated."""

from decimal import Decimal

import pytest

from cei_assets.core.reconciliation.verdict import MeterReconciliation, Reconciliation
from tests.intake_drops import at
from tests.reconciled_rows import FIRST, HOUR, exported, hourly, reconciled, stored


def _only_meter(result: Reconciliation) -> MeterReconciliation:
    (meter,) = result.meters
    return meter


def _findings(result: Reconciliation) -> list[tuple[object, ...]]:
    names = ("finding", "meter_id", "interval_start_utc", "line_number", "difference_kwh")
    return list(zip(*(result.differences[name].to_pylist() for name in names), strict=True))


def test_a_file_that_says_what_is_stored_is_equal() -> None:
    readings = hourly(["1.5", "2", "0"])
    result = reconciled(exported(main=readings), stored(main=readings))
    assert result.is_equal
    assert result.differences.num_rows == 0
    meter = _only_meter(result)
    assert (meter.rows_in_file, meter.rows_equal) == (3, 3)
    assert (meter.kwh_in_file, meter.kwh_stored) == (Decimal("3.5"), Decimal("3.5"))


def test_missing_extra_and_different_rows_are_told_apart_with_their_lines() -> None:
    file = hourly([1, 2, 3, 4, 5])
    there = dict(file)
    del there[FIRST + HOUR]
    there[FIRST + 2 * HOUR] = Decimal("3.25")
    del file[FIRST + 3 * HOUR]
    result = reconciled(exported(main=file), stored(main=there))
    assert _findings(result) == [
        ("missing", "main", at("2026-01-05T01:00"), 3, Decimal(2)),
        ("different", "main", at("2026-01-05T02:00"), 4, Decimal("-0.25")),
        ("extra", "main", at("2026-01-05T03:00"), None, Decimal(-4)),
    ]
    meter = _only_meter(result)
    assert not result.is_equal
    assert (meter.rows_equal, meter.rows_different, meter.rows_missing, meter.rows_extra) == (
        2, 1, 1, 1,
    )  # fmt: skip
    assert meter.difference_kwh == Decimal(11) - Decimal("13.25")


def test_the_differences_add_up_to_the_difference_of_the_totals() -> None:
    file, there = hourly(["1.000000001", 2, 3]), hourly([1, "2.5"])
    result = reconciled(exported(main=file), stored(main=there))
    total = sum(result.differences["difference_kwh"].to_pylist())
    assert total == _only_meter(result).difference_kwh == Decimal("2.500000001")


def test_stored_rows_outside_the_meter_s_span_in_the_file_are_not_extra() -> None:
    file = hourly([1, 2], first=FIRST + HOUR)
    there = hourly([9, 1, 2, 9])
    result = reconciled(exported(main=file), stored(main=there))
    assert result.is_equal
    assert _only_meter(result).kwh_stored == 3


def test_every_meter_has_a_span_of_its_own() -> None:
    early, late = hourly([1, 2]), hourly([3, 4], first=FIRST + 10 * HOUR)
    whole = hourly(range(20))
    result = reconciled(exported(main=early, ending=late), stored(main=whole, ending={}))
    spans = [(meter.meter_id, meter.rows_in_file, meter.rows_missing) for meter in result.meters]
    assert spans == [("ending", 2, 2), ("main", 2, 0)]


def test_a_meter_that_nothing_is_stored_of_is_missing_whole() -> None:
    result = reconciled(exported(main=hourly(range(30))), stored())
    meter = _only_meter(result)
    assert (meter.rows_missing, meter.kwh_stored) == (30, 0)


def test_a_difference_within_the_tolerance_is_equal() -> None:
    file, there = hourly(["1.01", "1.02"]), hourly(["1", "1"])
    result = reconciled(exported(main=file), stored(main=there), tolerance="0.01")
    meter = _only_meter(result)
    assert (meter.rows_equal, meter.rows_different) == (1, 1)


def test_stored_intervals_of_another_length_are_no_match() -> None:
    file = hourly([1])
    table = stored(quarter=file).set_column(1, "meter_id", [["main"]])
    result = reconciled(exported(main=file), table)
    assert [finding for finding, *_ in _findings(result)] == ["extra", "missing"]


def test_refused_rows_are_a_difference_and_count_apart() -> None:
    readings = hourly([1, 2])
    result = reconciled(
        exported("mill,nowhere,2026-01-05T00:00:00Z,1,kWh", main=readings), stored(main=readings)
    )
    assert (result.rows_read, result.rows_refused, result.rows_repeated) == (3, 1, 0)
    assert not result.is_equal


def test_an_identical_row_is_repeated() -> None:
    readings = hourly([1, 2])
    result = reconciled(
        exported("mill,main,2026-01-05T00:00:00Z,1,kWh", main=readings), stored(main=readings)
    )
    assert (result.rows_refused, result.rows_repeated) == (0, 1)
    assert result.is_equal


def test_of_several_rows_under_keys_of_their_own_the_last_is_compared() -> None:
    content = (
        "site,meter,ts,value,idempotency_key\n"
        "mill,main,2026-01-05T00:00:00Z,1,a\n"
        "mill,main,2026-01-05T00:00:00Z,2,b\n"
    )
    result = reconciled(content, stored(main=hourly([2])))
    assert result.is_equal
    assert (result.rows_read, result.rows_repeated, _only_meter(result).rows_in_file) == (2, 1, 1)


def test_labels_at_the_interval_s_end_are_compared_by_its_start() -> None:
    there = hourly([1, 2])
    content = exported(ending=hourly([1, 2], first=FIRST + HOUR))
    assert reconciled(content, stored(ending=there)).is_equal


@pytest.mark.parametrize("content", ["", "a,b\n1,2\n"])
def test_a_file_that_cannot_be_used_is_one_refused_row(content: str) -> None:
    result = reconciled(content, stored())
    assert (result.rows_read, result.rows_refused, result.meters) == (1, 1, ())
    assert not result.is_equal
