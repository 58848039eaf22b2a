"""Meters whose values are register readings instead of the energy of each interval."""

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

MIN_ROWS = 48
MIN_RISING_SHARE = 0.5
MIN_LEVEL = 20

CUMULATIVE_PROBLEM = (
    "the meter's values never fall and rise steadily, as a cumulative register does; send the "
    "energy of each interval, which is the difference between two readings"
)


def cumulative_rows(*, meter: Integers, nano_kwh: Integers) -> Flags:
    """Rows of meters that send a cumulative register; rows are sorted by meter and interval.

    A meter counts as cumulative when its values, 48 at least, never fall, rise in at least half of
    the intervals, and lie mostly (in the mean) at 20 times the largest rise or more. Consumption
    falls somewhere in two days; a flat load does not rise.
    """
    if not len(meter):
        return np.zeros(0, bool)
    starts = np.flatnonzero(np.r_[True, meter[1:] != meter[:-1]])
    sizes = np.diff(np.r_[starts, len(meter)])
    steps = np.diff(nano_kwh, prepend=nano_kwh[:1])
    steps[starts] = 0
    lowest = np.minimum.reduceat(steps, starts)
    largest = np.maximum.reduceat(steps, starts)
    rising = np.add.reduceat((steps > 0).astype(np.int64), starts)
    level = np.add.reduceat(nano_kwh.astype(float), starts) / sizes
    is_cumulative = (
        (sizes >= MIN_ROWS)
        & (lowest >= 0)
        & (rising >= MIN_RISING_SHARE * sizes)
        & (level >= MIN_LEVEL * largest.astype(float))
    )
    return np.repeat(is_cumulative, sizes)
