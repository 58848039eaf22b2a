"""What a body says is what its rows say, to the last digit, and what its hours say."""

import json
import os
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, localcontext
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cei_assets.core.cds.formats import VALUE_KEYS
from cei_assets.core.cds.judge import CdsVerdict
from cei_assets.core.cds.rollup import energy_hours
from tests.cds_segments import NET, Raw, judged, judged_text, segment

REPOSITORY = Path(__file__).parents[2]
SHARED = Path(os.environ.get("CEI_SHARED_DATA", REPOSITORY.parent / "shared" / "data"))
FIXTURES = sorted((SHARED / "cds").glob("*.json"))

Totals = dict[tuple[str, int], Decimal]

DIGITS = st.one_of(
    st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-10, max_value=10),
    st.decimals(allow_nan=False, allow_infinity=False, places=12, min_value=-1, max_value=1),
    st.decimals(allow_nan=False, allow_infinity=False, places=30, min_value=0, max_value=1),
    st.just(Decimal("123456789012345678.123456789012")),
).map(lambda number: f"{number:f}")
SLOTS = st.one_of(st.none(), DIGITS)
STARTS = st.integers(min_value=0, max_value=2 * 366 * 86_400 * 1_000).map(
    lambda ms: datetime(2025, 6, 1, tzinfo=UTC) + timedelta(milliseconds=ms)
)
INTERVALS = st.sampled_from(["60", "300", "420", "900", "1800", "3600", "0.25", "3599.999999"])


def body_totals(body: Any) -> Totals:  # noqa: ANN401  # JSON of any form
    """Sums of a body by segment id and format, by nothing but the specification's words."""
    items = body["usage_segments"] if isinstance(body, dict) else body
    totals: Totals = defaultdict(Decimal)
    with localcontext(prec=500):
        for item in items:
            for value_set in item["values"]:
                for position, (value_format, slot) in enumerate(
                    zip(item["formats"], value_set or [], strict=False)
                ):
                    key = {kind.value: key for kind, key in VALUE_KEYS.items()}.get(
                        value_format["type"]
                    )
                    if key and slot:
                        place = (item["cds_usagesegment_id"], position)
                        totals[place] += Decimal(slot[key])
    return totals


def row_totals(verdict: CdsVerdict, column: str) -> Totals:
    """Sums of the intervals by segment id and format; of texts, or of decimals."""
    segments = verdict.tables.segments.to_pylist()
    names = {row["segment_version_id"]: row["cds_usagesegment_id"] for row in segments}
    totals: Totals = defaultdict(Decimal)
    with localcontext(prec=500):
        for row in verdict.tables.intervals.to_pylist():
            if row["value_status"] == "value":
                place = (names[row["segment_version_id"]], row["format_position"])
                totals[place] += Decimal(row[column])
    return totals


def nonzero(totals: Totals) -> Totals:
    """Totals without those of nothing, which some ways of adding leave out."""
    return {place: total for place, total in totals.items() if total}


def added(amounts: Iterable[Decimal | None]) -> Decimal:
    """A sum with all of its digits, nothing for nothing."""
    with localcontext(prec=500):
        return sum((amount for amount in amounts if amount is not None), Decimal(0))


@st.composite
def segments(draw: st.DrawFn) -> dict[str, Any]:
    """A segment of one to three net formats, of any start, with gaps of every kind."""
    formats = [{**NET, "id": f"n{index}"} for index in range(draw(st.integers(1, 3)))]
    width = len(formats)
    a_set = st.one_of(st.none(), st.lists(SLOTS, min_size=width, max_size=width))
    sets = draw(st.lists(a_set, min_size=1, max_size=40))
    return segment(
        *(
            texts and [None if text is None else {"eu": Raw(text)} for text in texts]
            for texts in sets
        ),
        formats=formats,
        start=draw(STARTS).isoformat(),
        interval=Raw(draw(INTERVALS)),
        end="2099-01-01T00:00:00Z",
    )


def exact_body(item: dict[str, Any]) -> list[dict[str, Any]]:
    """The segment as a parser with decimals would see it."""
    values = [
        value_set and [slot and {"eu": slot["eu"].digits} for slot in value_set]
        for value_set in item["values"]
    ]
    return [{**item, "values": values}]


@given(segments())
def test_rows_sum_to_the_body_to_the_last_digit(item: dict[str, Any]) -> None:
    verdict = judged(item)
    expected = nonzero(body_totals(exact_body(item)))
    assert nonzero(row_totals(verdict, "cds_value_text")) == expected
    slots = len(item["values"]) * len(item["formats"])
    assert verdict.tables.intervals.num_rows == slots
    by_format = {one.format_id: one.total for one in verdict.sums}
    for (_, position), total in expected.items():
        assert by_format[f"n{position}"] == total


@given(segments())
def test_hours_sum_to_the_rows_wherever_they_straddle(item: dict[str, Any]) -> None:
    verdict = judged(item)
    hourly = energy_hours(verdict.tables.intervals)
    assert hourly.longer.num_rows == 0
    totals: dict[int, Decimal] = defaultdict(Decimal)
    for row in hourly.hours.to_pylist():
        position = row["format_position"]
        totals[position] = added([totals[position], row["hour_quantity"]])
        assert 0 <= row["covered_seconds"] + row["missing_seconds"] <= 3600
        assert row["is_hour_covered"] == (row["covered_seconds"] == 3600)
    expected = row_totals(verdict, "cds_value")
    assert {k: v for k, v in totals.items() if v} == {k[1]: v for k, v in expected.items() if v}


@pytest.mark.parametrize("zone", ["America/New_York", "Australia/Lord_Howe", "Europe/Rome"])
@given(item=segments())
def test_local_days_sum_to_the_same_through_every_change_of_the_clock(
    zone: str, item: dict[str, Any]
) -> None:
    verdict = judged(item)
    local: dict[tuple[int, date], Decimal] = defaultdict(Decimal)
    for row in energy_hours(verdict.tables.intervals).hours.to_pylist():
        start = row["cds_hour_start_utc"].replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
        place = (row["format_position"], start.date())
        local[place] = added([local[place], row["hour_quantity"]])
    assert added(local.values()) == added(row_totals(verdict, "cds_value").values())


@pytest.mark.parametrize(
    ("start", "hours"),
    [("2026-03-08T00:00:00-05:00", 23), ("2026-11-01T00:00:00-04:00", 25)],
    ids=["spring forward", "fall back"],
)
def test_a_local_day_of_quarter_hours_keeps_every_kwh(start: str, hours: int) -> None:
    sets = [[{"eu": Raw(f"0.{n + 1:03d}")}] for n in range(4 * hours)]
    verdict = judged(segment(*sets, start=start))
    found = energy_hours(verdict.tables.intervals).hours.to_pylist()
    zone = ZoneInfo("America/New_York")
    days = {row["cds_hour_start_utc"].replace(tzinfo=UTC).astimezone(zone).date() for row in found}
    assert (len(found), len(days)) == (hours, 1)
    assert all(row["is_hour_covered"] for row in found)
    total = sum(Decimal(f"0.{n + 1:03d}") for n in range(4 * hours))
    assert sum(row["hour_quantity"] for row in found) == total


@pytest.mark.skipif(
    not FIXTURES, reason="no CDS bodies: set CEI_SHARED_DATA to the folder that has cds/"
)
def test_every_shared_body_is_conserved() -> None:
    read = 0
    for path in FIXTURES:
        text = path.read_text(encoding="utf-8")
        body = json.loads(text, parse_float=str, parse_int=str)
        if "usage_segments" not in body:
            continue
        read += 1
        verdict = judged_text(text)
        assert not verdict.refusals, path.name
        assert row_totals(verdict, "cds_value_text") == body_totals(body), path.name
        assert row_totals(verdict, "cds_value") == body_totals(body), path.name
        hourly = energy_hours(verdict.tables.intervals)
        summed = added(hourly.hours["hour_quantity"].to_pylist())
        longer = added(hourly.longer["cds_value"].to_pylist())
        usage = added(
            row["cds_value"]
            for row in verdict.tables.intervals.to_pylist()
            if row["cds_value_type"].endswith("_usage")
        )
        assert summed + longer == usage, path.name
    assert read
