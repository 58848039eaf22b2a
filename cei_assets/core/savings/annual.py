"""The yearly avoidable energy of a site, as an interval."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.tables.analysis import ANNUAL_AVOIDABLE
from cei_assets.contracts.vocabulary import EpisodeRule
from cei_assets.core.baseline.arrays import BoolArray, FloatArray, IntArray
from cei_assets.core.baseline.frame import finite, whole_hours
from cei_assets.core.savings.settings import SavingsSettings

HOURS_PER_WEEK = 168
HOURS_PER_DAY = 24
CHANGES = (EpisodeRule.BASELINE_DEVIATION, EpisodeRule.BASELOAD_DRIFT)


@dataclass(frozen=True, kw_only=True)
class _Interval:
    low: float
    mid: float
    high: float


def annualise(
    *,
    avoidable_hours: pa.Table,
    counterfactual_hourly: pa.Table,
    meters: pa.Table,
    settings: SavingsSettings,
    rng: np.random.Generator,
) -> pa.Table:
    """Avoidable energy of every judged site scaled to a year (schema `annual_avoidable`).

    A site's hours and use are those of its main incomer; a site whose incomer was never judged
    takes its judged meters nearest to the root. Recurring waste (nights, weekends) is scaled by
    the judged hours; a deviation or drift only while it was seen within the last
    `settings.active_days`; a spike, and a change that is over, counts as seen and no more. The
    interval joins, as independent errors, the bootstrap over weeks and the interval of the counted
    excess. A site without judged hours has no row: unknown is not zero.
    """
    schema = arrow_schema(ANNUAL_AVOIDABLE)
    totals = _root_rows(counterfactual_hourly, meters)
    rows: list[dict[str, object]] = []
    for site_id in sorted(set(totals["site_id"].to_pylist())):
        judged = totals.filter(pc.equal(totals["site_id"], site_id))
        waste = avoidable_hours.filter(pc.equal(avoidable_hours["site_id"], site_id))
        hours = whole_hours(judged["hour_start_utc"])
        judged_hours = len(np.unique(hours))
        metered = float(finite(judged["level_kwh"]).sum())
        annual_use = metered * settings.hours_per_year / judged_hours
        annual = _annual(hours, waste, annual_use, settings, rng)
        rows.append(
            {
                "site_id": site_id,
                "judged_hours": judged_hours,
                "metered_kwh": metered,
                "annual_use_kwh": annual_use,
                "annual_low_kwh": annual.low,
                "annual_mid_kwh": annual.mid,
                "annual_high_kwh": annual.high,
            }
        )
    return pa.Table.from_pylist(rows, schema=schema)


def _root_rows(counterfactual: pa.Table, meters: pa.Table) -> pa.Table:
    """Judged hours of the meters nearest to the root of every site."""
    depths = meters.select(["site_id", "meter_id", "tree_depth"])
    rows = counterfactual.select(["site_id", "meter_id", "hour_start_utc", "level_kwh"]).join(
        depths, keys=["site_id", "meter_id"], join_type="inner"
    )
    least = rows.group_by("site_id").aggregate([("tree_depth", "min")])
    joined = rows.join(least, keys="site_id", join_type="inner")
    top = joined.filter(pc.equal(joined["tree_depth"], joined["tree_depth_min"]))
    return top.sort_by([(name, "ascending") for name in ("site_id", "meter_id", "hour_start_utc")])


def _annual(
    hours: IntArray,
    waste: pa.Table,
    annual_use: float,
    settings: SavingsSettings,
    rng: np.random.Generator,
) -> _Interval:
    unique_hours = np.unique(hours)
    week = (unique_hours - unique_hours[0]) // HOURS_PER_WEEK
    weeks = int(week[-1]) + 1
    hours_by_week = np.bincount(week, minlength=weeks).astype(np.float64)
    waste_hour = whole_hours(waste["hour_start_utc"])
    scales = _recurs(waste, waste_hour, int(unique_hours[-1]), settings)
    at = np.clip((waste_hour - unique_hours[0]) // HOURS_PER_WEEK, 0, weeks - 1)
    factor = settings.hours_per_year / len(unique_hours)
    seen_factor = min(1.0, factor)
    values = [finite(waste[f"counted_{end}kwh"]) for end in ("low_", "", "high_")]
    low, mid, high = (
        factor * float(value[scales].sum()) + seen_factor * float(value[~scales].sum())
        for value in values
    )
    recurring = np.bincount(at[scales], values[1][scales], minlength=weeks).astype(np.float64)
    down, up = _bootstrap(recurring, hours_by_week, settings, rng)
    return _Interval(
        low=max(mid - float(np.hypot(mid - low, down)), 0.0),
        mid=mid,
        high=min(mid + float(np.hypot(high - mid, up)), max(annual_use, mid)),
    )


def _recurs(
    waste: pa.Table, waste_hour: IntArray, last_hour: int, settings: SavingsSettings
) -> BoolArray:
    """Whether each row is scaled to the year: recurring waste, or a change that goes on."""
    rule = np.asarray(waste["rule"].to_pylist(), dtype=object)
    meter = np.asarray(waste["meter_id"].to_pylist(), dtype=object)
    scales = ~np.isin(rule, [str(EpisodeRule.SPIKE), *map(str, CHANGES)])
    fresh = waste_hour > last_hour - HOURS_PER_DAY * settings.active_days
    for change in CHANGES:
        of_rule = rule == str(change)
        active = np.unique(meter[of_rule & fresh].astype(str))
        scales |= of_rule & np.isin(meter.astype(str), active)
    return np.asarray(scales, dtype=bool)


def _bootstrap(
    waste: FloatArray, hours: FloatArray, settings: SavingsSettings, rng: np.random.Generator
) -> tuple[float, float]:
    """Distances of a year's recurring waste to the ends of its bootstrap interval over weeks."""
    weeks = len(hours)
    rate = settings.hours_per_year / hours.sum()
    draws = rng.multinomial(weeks, np.full(weeks, 1.0 / weeks), size=settings.bootstrap_samples)
    drawn_hours = draws @ hours
    years = settings.hours_per_year * (draws @ waste) / np.maximum(drawn_hours, 1.0)
    tail = (1.0 - settings.confidence) / 2.0
    bottom, top = np.quantile(years, [tail, 1.0 - tail])
    middle = rate * float(waste.sum())
    return max(middle - float(bottom), 0.0), max(float(top) - middle, 0.0)
