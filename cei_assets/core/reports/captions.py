"""One sentence under each chart, with the figures that a reader would take from it."""

from collections.abc import Callable, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from cei_assets.core.reports.formats import day, energy, number


def profile_caption(table: pa.Table) -> str:
    """Mean metered and expected hour over all judged hours."""
    hours = pc.sum(table["hours"]).as_py()
    metered = _weighted_mean(table, "metered_kwh") / hours
    expected = _weighted_mean(table, "expected_kwh") / hours
    return (
        f"Over {number(hours)} judged hours the meter took {energy(metered)} kWh an hour on "
        f"average; the baseline expected {energy(expected)}."
    )


def heatmap_caption(table: pa.Table) -> str:
    """Number of hours, days and the highest hour."""
    days = pc.min_max(table["local_date"])
    highest = pc.max(table["hour_usage_kwh"]).as_py()
    return (
        f"{number(table.num_rows)} complete hours from {day(days['min'].as_py())} to "
        f"{day(days['max'].as_py())}; the highest took {energy(highest)} kWh. Grey: not received."
    )


def cusum_caption(table: pa.Table) -> str:
    """Where the running sum ends, and its highest and lowest point."""
    sums = table["cusum_kwh"]
    ends = pc.min_max(sums)
    return (
        f"Ends at {energy(sums[-1].as_py())} kWh on {day(table['local_date'][-1].as_py())} "
        f"(highest {energy(ends['max'].as_py())}, lowest {energy(ends['min'].as_py())}). "
        "Rising: more than the baseline; falling: less."
    )


def calendar_caption(table: pa.Table) -> str:
    """Meter-days in all, complete ones and those on which nothing came."""
    ratio = table["completeness_ratio"]
    complete = pc.sum(pc.greater_equal(ratio, 1.0)).as_py() or 0
    silent = pc.sum(pc.equal(ratio, 0.0)).as_py() or 0
    return (
        f"{number(table.num_rows)} meter-days expected: {number(complete)} complete, "
        f"{number(table.num_rows - complete - silent)} with gaps, {number(silent)} without any "
        "reading. White: not expected."
    )


CAPTIONS: Mapping[str, Callable[[pa.Table], str]] = {
    "profile": profile_caption,
    "heatmap": heatmap_caption,
    "cusum": cusum_caption,
    "calendar": calendar_caption,
}


def _weighted_mean(table: pa.Table, column: str) -> float:
    return float(pc.sum(pc.multiply(table[column], pc.cast(table["hours"], pa.float64()))).as_py())
