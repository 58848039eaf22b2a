"""Which intervals never arrive: single ones, short gaps, one long gap."""

from datetime import date, timedelta

import numpy as np
import pandas as pd

from cei_assets.simulation.conditions import BoolArray
from cei_assets.simulation.design import HVAC, TURIN

SINGLE_SHARE = 0.0012
SHORT_GAPS = 3
LONG_GAP_HOURS = 76
LONG_GAP_METER = (TURIN.site_id, HVAC)


def delivered(
    start_local: pd.DatetimeIndex,
    *,
    interval_seconds: int,
    site_id: str,
    meter_id: str,
    long_gap_day: date,
    rng: np.random.Generator,
) -> BoolArray:
    """True for every interval that reaches the platform.

    About one interval in 800 is lost alone, three times a meter two to six hours are lost, and
    one meter is silent for 76 hours from 14:00 on `long_gap_day`.
    """
    count = len(start_local)
    arrives = rng.random(count) >= SINGLE_SHARE
    per_hour = 3600 // interval_seconds
    for first in rng.integers(0, count - 6 * per_hour, SHORT_GAPS):
        arrives[first : first + int(rng.integers(2, 7)) * per_hour] = False
    if (site_id, meter_id) == LONG_GAP_METER:
        silent_from = pd.Timestamp(long_gap_day) + timedelta(hours=14)
        hours = np.asarray((start_local - silent_from) / pd.Timedelta(hours=1))
        arrives &= ~((hours >= 0) & (hours < LONG_GAP_HOURS))
    return np.asarray(arrives, dtype=np.bool_)
