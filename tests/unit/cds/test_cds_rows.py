"""Expansion: set i, slot k, exact times and numbers, missing apart from zero, nothing stretched."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from cei_assets.contracts.cds_vocabulary import CdsCode
from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.tables.cds import CDS_TABLES
from cei_assets.contracts.vocabulary import UploadStatus
from tests.cds_segments import (
    NET,
    SOURCE,
    Raw,
    codes,
    judged,
    judged_text,
    net,
    places,
    rows,
    segment,
    text_of,
)

FORWARD = {**NET, "id": "f", "direction": "forward"}
REVERSE = {**NET, "id": "r", "direction": "reverse"}
PEAK = {"id": "p", "type": "electric_demand", "units": "kW", "demand_type": "peak"}
READING = {
    "id": "reads", "type": "meter_readings", "units": "kWh", "related_meterdevice": "meter-9",
    "register": "1.8.0",
}  # fmt: skip
START = datetime.fromisoformat("2026-03-01T00:00:00")


def test_every_table_has_the_columns_and_types_of_its_contract() -> None:
    verdict = judged(segment(*net(1)))
    for table in CDS_TABLES:
        found = getattr(verdict.tables, table.name.removeprefix("cds_"))
        assert found.schema.equals(arrow_schema(table)), table.name
        for column in table.columns:
            if not column.nullable:
                assert found[column.name].null_count == 0, (table.name, column.name)


def test_a_slot_holds_for_its_interval_from_the_start_of_the_segment() -> None:
    verdict = judged(segment(*net(1, 2, 3), interval=Raw("0.000300")))
    expected = [
        (n, START + timedelta(microseconds=300 * n), START + timedelta(microseconds=300 * (n + 1)))
        for n in range(3)
    ]
    assert rows(verdict, "set_position interval_start_utc cds_interval_end_utc") == expected
    assert rows(verdict, "cds_interval_seconds") == [(Decimal("0.000300"),)] * 3


def test_rows_say_where_they_come_from() -> None:
    (row,) = judged(segment(*net(1))).tables.intervals.to_pylist()
    assert row["receipt_id"] == SOURCE.receipt_id
    assert row["received_date"] == SOURCE.received_date
    assert row["cds_server"] == SOURCE.server


def test_missing_is_not_zero() -> None:
    sets = [[{"eu": 0}], [None], None, [{}], [{"eu": None}], [{"eu": Raw("-0.0")}]]
    verdict = judged(segment(*sets))
    assert verdict.status is UploadStatus.ACCEPTED
    assert rows(verdict, "value_status cds_value cds_value_text") == [
        ("value", Decimal("0E-12"), "0"),
        ("missing", None, None),
        ("missing", None, None),
        ("missing", None, None),
        ("missing", None, None),
        ("value", Decimal("0E-12"), "-0.0"),
    ]
    assert places(verdict, CdsCode.MISSING_KEY) == ["/usage_segments/0/values/3/0"]
    (row,) = verdict.tables.segments.to_pylist()
    assert (row["slot_count"], row["value_count"], row["missing_count"]) == (6, 2, 4)


def test_repeated_formats_stay_apart_by_position() -> None:
    verdict = judged(segment([{"eu": 1}, {"eu": 10}], [{"eu": 2}, None], formats=[NET, NET]))
    assert rows(verdict, "format_position set_position cds_value_text") == [
        (0, 0, "1"),
        (0, 1, "2"),
        (1, 0, "10"),
        (1, 1, None),
    ]
    old = judged(segment([{"v": 1}, {"v": 10}], formats=["kwh_net", "kwh_net"], key="format"))
    assert rows(old, "format_position cds_value_text") == [(0, "1"), (1, "10")]


def test_positive_is_toward_the_customer_in_every_direction() -> None:
    verdict = judged(
        segment([{"eu": 1.5}, {"eu": 2}, {"eu": -0.5}], formats=[NET, FORWARD, REVERSE])
    )
    assert rows(verdict, "flow_direction cds_value_text") == [
        ("net", "1.5"),
        ("forward", "2"),
        ("reverse", "-0.5"),
    ]


@pytest.mark.parametrize(
    ("slots", "told"),
    [
        pytest.param(["1.5", "2", "-0.5"], None, id="forward plus reverse"),
        pytest.param(["1.5", "2.001", "-0.5"], None, id="rounded"),
        pytest.param(["1.5", "2", None], None, id="one missing"),
        pytest.param(["1.5", "2", "0.5"], "sign of reverse turned", id="positive reverse"),
        pytest.param(["1.5", "2", "-0.4"], "in 1 of 2 sets; values are kept", id="something else"),
    ],
)
def test_net_is_forward_plus_reverse_and_nothing_is_turned_over(
    slots: list[str | None], told: str | None
) -> None:
    sets = [[{"eu": 1}, {"eu": 1}, {"eu": 0}], [text and {"eu": Raw(text)} for text in slots]]
    verdict = judged(segment(*sets, formats=[NET, FORWARD, REVERSE]))
    assert verdict.status is UploadStatus.ACCEPTED
    assert places(verdict, CdsCode.NET_MISMATCH) == (
        ["/usage_segments/0/values/1/0"] if told else []
    )
    if told:
        assert told in verdict.findings.listed[0].detail
    assert [text for (text,) in rows(verdict, "cds_value_text")][1::2] == slots


def test_formats_that_differ_in_more_than_direction_are_not_compared() -> None:
    sets = [{"eu": 9}, {"eu": 1}, {"eu": 0}]
    for more in ({"quality": "raw"}, {"tou": "peak"}, {"related_meterdevices": ["x"]}):
        verdict = judged(segment(sets, formats=[{**NET, **more}, FORWARD, REVERSE]))
        assert codes(verdict) == set()
    verdict = judged(segment([*sets, {"eu": 1}], formats=[NET, FORWARD, REVERSE, NET]))
    assert codes(verdict) == set()


@pytest.mark.parametrize(
    ("digits", "stored", "is_exact"),
    [
        ("123456789012345678.123456789012", "123456789012345678.123456789012", True),
        ("99999999999999999999999999.999999999999",
         "99999999999999999999999999.999999999999", True),
        ("2.50e1", "25.000000000000", True),
        ("-1E-3", "-0.001000000000", True),
        ("1.00000000000000", "1.000000000000", True),
        ("0.1234567890125", "0.123456789012", False),
        ("0.1234567890135", "0.123456789014", False),
        ("0.000000000000000000000000000001", "0.000000000000", False),
    ],
)  # fmt: skip
def test_numbers_keep_their_digits(digits: str, stored: str, is_exact: bool) -> None:
    verdict = judged(segment(*net(Raw(digits), 1)))
    value, text, exact = rows(verdict, "cds_value cds_value_text is_value_exact")[0]
    assert (f"{value:f}", text, exact) == (stored, digits, is_exact)
    assert ("VALUE_ROUNDED" in codes(verdict)) is not is_exact


@pytest.mark.parametrize(
    "digits", ["1e26", "-100000000000000000000000000", "1e999999999", "0." + "1" * 300, "9" * 5_000]
)
def test_a_number_that_no_decimal_can_hold_is_refused_and_kept_as_text(digits: str) -> None:
    verdict = judged(segment(*net(1, Raw(digits))))
    assert verdict.status is UploadStatus.PARTIAL
    assert rows(verdict, "value_status cds_value cds_value_text")[1] == ("invalid", None, digits)
    assert places(verdict, CdsCode.VALUE_OUT_OF_RANGE) == ["/usage_segments/0/values/1/0"]


@pytest.mark.parametrize(
    ("slot", "place"),
    [
        pytest.param({"eu": "lots"}, "/eu", id="text"),
        pytest.param({"eu": True}, "/eu", id="true"),
        pytest.param({"eu": [1]}, "/eu", id="list"),
        pytest.param({"eu": {"v": 1}}, "/eu", id="object"),
        pytest.param({"eu": Raw("NaN")}, "/eu", id="NaN"),
        pytest.param({"eu": Raw("-Infinity")}, "/eu", id="-Infinity"),
        pytest.param(3, "", id="bare number"),
        pytest.param([{"eu": 3}], "", id="list of an object"),
    ],
)
def test_a_value_that_is_no_number_is_refused_alone(slot: object, place: str) -> None:
    verdict = judged(segment([{"eu": 1}], [slot], [None], [{"eu": 2}]))
    assert verdict.status is UploadStatus.PARTIAL
    assert places(verdict, CdsCode.BAD_VALUE) == [f"/usage_segments/0/values/1/0{place}"]
    statuses = [status for (status,) in rows(verdict, "value_status")]
    assert statuses == ["value", "invalid", "missing", "value"]
    assert verdict.tables.segments["invalid_count"].to_pylist() == [1]


def test_digits_written_as_text_are_read_and_told() -> None:
    verdict = judged(segment(*net("1.50", 2)))
    assert verdict.status is UploadStatus.ACCEPTED
    assert rows(verdict, "cds_value cds_value_text")[0] == (Decimal("1.5"), "1.50")
    assert places(verdict, CdsCode.VALUE_TYPE) == ["/usage_segments/0/values/0/0/eu"]


def test_sets_that_are_too_short_or_long_mark_the_segment_and_keep_their_rows() -> None:
    sets = [[{"eu": 1}], [{"eu": 2}, {"eu": 20}, {"eu": 200}, None], [{"eu": 3}, {"eu": 30}]]
    verdict = judged(segment(*sets, formats=[NET, FORWARD]))
    assert rows(verdict, "format_position set_position cds_value_text") == [
        (0, 0, "1"), (0, 1, "2"), (0, 2, "3"), (1, 0, None), (1, 1, "20"), (1, 2, "30"),
    ]  # fmt: skip
    assert verdict.tables.segments["has_length_mismatch"].to_pylist() == [True]
    assert places(verdict, CdsCode.LENGTH_MISMATCH) == ["/usage_segments/0/values/0"]
    assert places(verdict, CdsCode.EXTRA_SLOT) == ["/usage_segments/0/values/1/2"]


@pytest.mark.parametrize("end", ["2026-03-01T00:30:00Z", "2026-03-01T01:00:00Z"])
def test_intervals_that_miss_the_span_mark_the_segment_and_are_never_stretched(end: str) -> None:
    verdict = judged(segment(*net(1, 2, 3), end=end))
    assert verdict.status is UploadStatus.ACCEPTED
    assert verdict.tables.segments["has_span_mismatch"].to_pylist() == [True]
    starts = rows(verdict, "interval_start_utc")
    assert starts == [(START + timedelta(minutes=15 * n),) for n in range(3)]


def test_formats_and_values_of_none_are_a_period_marker() -> None:
    verdict = judged(segment(formats=[], end="2026-04-01T00:00:00Z"))
    assert verdict.status is UploadStatus.ACCEPTED
    assert verdict.tables.segments["is_period_marker"].to_pylist() == [True]
    assert (verdict.tables.intervals.num_rows, codes(verdict)) == (0, set())


def test_formats_without_values_are_no_period_marker() -> None:
    verdict = judged(segment(end="2026-04-01T00:00:00Z"))
    assert verdict.tables.segments["is_period_marker"].to_pylist() == [False]
    assert codes(verdict) == {"SPAN_MISMATCH"}


@pytest.mark.parametrize(("reads", "fits"), [(2, True), (3, True), (1, False), (4, False)])
def test_reads_may_stand_at_both_ends_of_their_span(reads: int, fits: bool) -> None:
    sets = [[{"r": str(100 + n)}] for n in range(reads)]
    verdict = judged(segment(*sets, formats=[READING], interval=86400, end="2026-03-03T00:00:00Z"))
    assert verdict.tables.segments["has_span_mismatch"].to_pylist() == [not fits]


def test_reads_are_texts_at_an_instant_and_never_summed() -> None:
    sets = [[{"r": "000123.40"}], [{"r": Raw("124.0")}], [{"r": "E-7"}]]
    verdict = judged(segment(*sets, formats=[{**READING, "register": None}], interval=3600))
    assert rows(verdict, "instant_utc value_status cds_value_text meter_register")[2] == (
        START + timedelta(hours=2), "invalid", "E-7", None,
    )  # fmt: skip
    assert rows(verdict, "register_known resource_id is_point_in_time")[0] == (
        "none", "meter-9", True,
    )  # fmt: skip
    assert verdict.sums == ()


def test_a_register_text_with_leading_zeros_is_a_number() -> None:
    verdict = judged(segment([{"r": "000123.40"}], formats=[READING]))
    assert rows(verdict, "value_status cds_value cds_value_text") == [
        ("value", Decimal("123.4"), "000123.40")
    ]
    assert codes(verdict) == set()


@pytest.mark.parametrize(
    ("kind", "instant"),
    [
        ("starting", START),
        ("ending", START + timedelta(minutes=15)),
        ("peak", None),
        ("average", None),
    ],
)
def test_starting_and_ending_demand_are_points_in_time(kind: str, instant: datetime | None) -> None:
    verdict = judged(segment([{"ed": 4}], formats=[{**PEAK, "demand_type": kind}]))
    assert rows(verdict, "is_point_in_time instant_utc") == [(instant is not None, instant)]


def test_a_tou_split_is_partitions_that_sum_to_the_undesignated_total() -> None:
    formats = [
        {**NET, "id": "all"},
        {**NET, "id": "on", "tou": "peak"},
        {**NET, "id": "off", "tou": "off_peak"},
    ]
    sets = [[{"eu": 5}, {"eu": 5}, None], [{"eu": 2}, None, {"eu": 2}]]
    verdict = judged(segment(*sets, formats=formats))
    sums = {one.format_id: one.total for one in verdict.sums}
    assert sums == {"all": 7, "on": 5, "off": 2}


def test_sums_are_of_the_body_to_the_last_digit_beyond_what_a_decimal_holds() -> None:
    digits = ["99999999999999999999999999.5", "0.0000000000000000000000000000001", "1e-3", "-7"]
    verdict = judged(segment(*net(*map(Raw, digits), None)))
    (one,) = verdict.sums
    assert one.as_json() == {
        "type": "electric_usage", "direction": "net", "unit": "kWh", "format": "n", "values": 4,
        "sum": "99999999999999999999999992.5010000000000000000000000000001",
    }  # fmt: skip


def test_a_file_of_strings_and_one_of_objects_give_the_same_rows() -> None:
    old = judged_text(text_of([segment([{"v": 2}, {"v": -1}], formats=["kwh_fwd", "kwh_rev"])]))
    quality = {"quality": "valid"}
    formats = [
        {key: value for key, value in one.items() if key not in quality} | {"id": name}
        for one, name in ((FORWARD, "kwh_fwd"), (REVERSE, "kwh_rev"))
    ]
    new = judged_text(text_of([segment([{"eu": 2}, {"eu": -1}], formats=formats)]))
    left = old.tables.intervals.drop(["segment_version_id"])
    assert left.equals(new.tables.intervals.drop(["segment_version_id"]))
