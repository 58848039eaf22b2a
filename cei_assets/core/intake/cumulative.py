"""Meters whose values are register readings instead of the energy of each interval."""

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

MIN_ROWS = 24
LONG_ROWS = 48
MIN_RISES = (8, 12)
MIN_RISING_SHARE = 0.1
MIN_LEVEL = (200, 20)
"""Of a series under `LONG_ROWS`, and of one from there on."""

CUMULATIVE_PROBLEM = (
    "the meter's values rise again and again and never fall, as those of a cumulative register do; "
    "send the energy of each interval, which is the difference between two readings"
)


def cumulative_rows(*, meter: Integers, nano_kwh: Integers) -> Flags:
    """Rows of meters that send a cumulative register; rows are sorted by meter and interval.

    A meter counts as cumulative when its values, 24 at least, never fall but for one start from
    zero, rise in at least a tenth of the intervals and `MIN_RISES` times, and lie in the mean at
    `MIN_LEVEL` times the largest rise or more. Consumption falls somewhere between its rises; a
    flat load does not rise. A start from zero falls by more than nine tenths and rises again.
    """
    if not len(meter):
        return np.zeros(0, bool)
    starts = np.flatnonzero(np.r_[True, meter[1:] != meter[:-1]])
    sizes = np.diff(np.r_[starts, len(meter)])
    steps = np.diff(nano_kwh, prepend=nano_kwh[:1])
    steps[starts] = 0
    restarts = (steps < 0) & (-10 * steps > 9 * (nano_kwh - steps))
    falls = _counted(steps < 0, starts)
    largest = np.maximum.reduceat(steps, starts)
    rises = _counted(steps > 0, starts)
    restart_value = np.maximum.reduceat(np.where(restarts, nano_kwh, -1), starts)
    level = np.add.reduceat(nano_kwh.astype(float), starts) / sizes
    is_long = sizes >= LONG_ROWS
    is_cumulative = (
        (sizes >= MIN_ROWS)
        & (falls == _counted(restarts, starts))
        & (falls <= 1)
        & (nano_kwh[starts + sizes - 1] > restart_value)
        & (rises >= np.where(is_long, MIN_RISES[1], MIN_RISES[0]))
        & (rises >= MIN_RISING_SHARE * sizes)
        & (level >= np.where(is_long, MIN_LEVEL[1], MIN_LEVEL[0]) * largest.astype(float))
    )
    return np.repeat(is_cumulative, sizes)


def _counted(flags: Flags, starts: Integers) -> Integers:
    counts: Integers = np.add.reduceat(flags.astype(np.int64), starts)
    return counts
