"""Whatever the tree and the flags: energy is conserved and no kWh counts twice."""

from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.tables.analysis import FLAGGED_HOURS
from cei_assets.core.analysis import attribute_avoidable
from cei_assets.core.detection.rules import RULE_ORDER
from tests.example_meters import SITE, meter_rows

START = datetime(2025, 3, 29, 22)  # noqa: DTZ001  # naive timestamps read UTC by contract


@st.composite
def trees(draw: st.DrawFn) -> dict[str, str | None]:
    """A main incomer and up to nine meters below it, in any shape."""
    size = draw(st.integers(0, 9))
    parents: dict[str, str | None] = {"m0": None}
    for number in range(1, size + 1):
        parents[f"m{number}"] = f"m{draw(st.integers(0, number - 1))}"
    return parents


@st.composite
def cases(draw: st.DrawFn) -> tuple[dict[str, str | None], pa.Table]:
    parents = draw(trees())
    keys = draw(
        st.sets(
            st.tuples(
                st.sampled_from(sorted(parents)),
                st.sampled_from([str(rule) for rule in RULE_ORDER]),
                st.integers(0, 2),
            ),
            max_size=25,
        )
    )
    rows = []
    for meter, rule, hour in sorted(keys):
        excess = draw(st.floats(0.001, 1000))
        rows.append(
            {
                "site_id": SITE,
                "meter_id": meter,
                "rule": rule,
                "hour_start_utc": START + timedelta(hours=hour),
                "usage_month": START.date().replace(day=1),
                "level_kwh": excess,
                "reference_kwh": 0.0,
                "excess_kwh": excess,
                "excess_low_kwh": excess / 2,
                "excess_high_kwh": excess * 2,
                "score": 1.0,
            }
        )
    return parents, pa.Table.from_pylist(rows, schema=arrow_schema(FLAGGED_HOURS))


def naive_total(parents: dict[str, str | None], own: dict[str, float], meter: str) -> float:
    """What a meter and all below it count in an hour: the larger of its own and its children's."""
    children = [child for child, parent in parents.items() if parent == meter]
    below = sum(naive_total(parents, own, child) for child in children)
    return max(own.get(meter, 0.0), below)


@given(cases())
def test_a_site_hour_counts_the_larger_of_own_and_children_at_every_node(
    case: tuple[dict[str, str | None], pa.Table],
) -> None:
    parents, flagged = case
    counted = attribute_avoidable(flagged_hours=flagged, meters=meter_rows(parents)).to_pylist()
    assert len({(row["meter_id"], row["hour_start_utc"]) for row in counted}) == len(counted)
    for hour in {row["hour_start_utc"] for row in flagged.to_pylist()}:
        own: dict[str, float] = {}
        for row in flagged.to_pylist():
            if row["hour_start_utc"] == hour:
                own[row["meter_id"]] = max(own.get(row["meter_id"], 0.0), row["excess_kwh"])
        total = sum(row["counted_kwh"] for row in counted if row["hour_start_utc"] == hour)
        assert total == pytest.approx(naive_total(parents, own, "m0"))
    for row in counted:
        assert row["counted_kwh"] > 0
        assert row["counted_low_kwh"] <= row["counted_kwh"] <= row["counted_high_kwh"]


@given(cases(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(
    case: tuple[dict[str, str | None], pa.Table], random: np.random.RandomState
) -> None:
    parents, flagged = case
    order = list(range(flagged.num_rows))
    random.shuffle(order)
    meters = meter_rows(parents)
    shuffled = flagged.take(pa.array(order, pa.int64()))
    assert attribute_avoidable(flagged_hours=shuffled, meters=meters).equals(
        attribute_avoidable(flagged_hours=flagged, meters=meters)
    )
