"""Rows of `flagged_hours` from the flags of a site's judged hours."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pyarrow as pa

from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.tables.analysis import FLAGGED_HOURS
from cei_assets.core.baseline.fit import SiteFit
from cei_assets.core.baseline.frame import timestamps
from cei_assets.core.detection.flags import Flags


def flagged_rows(fit: SiteFit, flags: Sequence[Flags], month: date) -> pa.Table:
    """One row per rule, meter and judged hour on which the rule fired (`flagged_hours`).

    The excess never exceeds the hour's level; its interval is cut at zero and at the level.
    """
    return pa.concat_tables(_rule_rows(fit, found, month) for found in flags)


def _rule_rows(fit: SiteFit, found: Flags, month: date) -> pa.Table:
    judged = slice(fit.split, None)
    meter, hour = np.nonzero(found.fired[:, judged])
    at = (meter, hour + fit.split)
    level = fit.window.usage[at]
    excess = np.minimum(found.excess[at], level)
    scale = fit.scale[meter, fit.window.hour_of_week[at[1]]]
    names = np.array(fit.window.meter_ids, dtype=object)
    return pa.table(
        {
            "site_id": pa.array([fit.window.site_id] * len(meter), pa.string()),
            "meter_id": pa.array(names[meter], pa.string()),
            "rule": pa.array([str(found.rule)] * len(meter), pa.string()),
            "hour_start_utc": timestamps(fit.window.hours[at[1]]),
            "usage_month": pa.array([month] * len(meter), pa.date32()),
            "level_kwh": level,
            "reference_kwh": level - excess,
            "excess_kwh": excess,
            "excess_low_kwh": np.maximum(excess - found.below[at], 0.0),
            "excess_high_kwh": np.minimum(excess + found.above[at], level),
            "score": np.where(scale > 0, excess / np.where(scale > 0, scale, 1.0), 0.0),
        },
    ).cast(arrow_schema(FLAGGED_HOURS))
