"""Judging a batch does not depend on the order of its rows, nor on who else is in it."""

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from cei_assets.core.analysis import AnalysisSettings, MonthlyAnalysis, judge_months
from tests.example_meters import Tables, between, calendar, months, single_shift, tables

HOURS = calendar(days=150, opens=6, closes=14)
PARENTS = {"main": None, "press": "main"}
RNG = np.random.default_rng(0)
LOAD = single_shift(HOURS, RNG)
WASTE = 20.0 * between(HOURS, "2024-05-06", "2024-05-19") * (HOURS.index.hour < 5)
GIVEN = tables(
    HOURS,
    {
        "main": 2 * LOAD + WASTE,
        "press": np.where(RNG.random(len(LOAD)) < 0.1, np.nan, LOAD + WASTE),
    },
    parents=PARENTS,
)


def judge(given_tables: Tables) -> MonthlyAnalysis:
    return judge_months(
        usage=given_tables.usage,
        site_hours=given_tables.site_hours,
        meters=given_tables.meters,
        months=months("2024-04", "2024-05"),
        settings=AnalysisSettings(),
    )


EXPECTED = judge(GIVEN)


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_order_of_rows_does_not_matter(seed: int) -> None:
    rng = np.random.default_rng(seed)

    def shuffled(table: pa.Table) -> pa.Table:
        return table.take(pa.array(rng.permutation(table.num_rows)))

    found = judge(
        Tables(
            usage=shuffled(GIVEN.usage),
            site_hours=shuffled(GIVEN.site_hours),
            meters=shuffled(GIVEN.meters),
        )
    )
    assert found == EXPECTED
    assert EXPECTED.flagged_hours.num_rows > 0
