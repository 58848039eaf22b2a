"""Grids: the instants at which the intervals of a meter start on its site's clock."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
_MICROSECONDS = 1_000_000
_FIRST = datetime(2000, 1, 1, tzinfo=UTC)
# Shorter than any time for which a zone has kept an offset that is no whole hour off another one.
_STEP = timedelta(days=28)


@dataclass(frozen=True, kw_only=True)
class Grid:
    """Intervals of `interval_seconds` that start on a clock of changing offset from UTC.

    `offsets` are the clock's offsets modulo the interval, in seconds; the first one holds until the
    first of `changes` (seconds of UTC since 1970), the next one from there on. `label_shift` leads
    from a timestamp as received back to the interval's start; it is 0 where nothing changes, since
    a whole interval leaves the grid where it is.
    """

    interval_seconds: int
    label_shift: int
    offsets: tuple[int, ...]
    changes: tuple[int, ...] = ()

    def is_off(self, instants: Integers) -> Flags:
        """Whether timestamps, in microseconds of UTC since 1970, mean no interval of the grid."""
        start = instants - self.label_shift * _MICROSECONDS
        changes = np.array(self.changes, np.int64) * _MICROSECONDS
        offsets = np.array(self.offsets, np.int64) * _MICROSECONDS
        offset = offsets[np.searchsorted(changes, start, side="right")] if self.changes else offsets
        off: Flags = (start + offset) % (self.interval_seconds * _MICROSECONDS) != 0
        return off


@cache
def clock_grid(timezone: str, *, interval_seconds: int, label_shift: int, year: int) -> Grid:
    """The grid of a meter whose site has the clock `timezone`.

    It holds from 2000 to nine years after `year`, that of the register's use; a process may run on.
    Most clocks are always whole intervals apart from UTC by one and the same rest; Lord Howe Island
    puts its clock forward by half an hour, and some zones have moved by one for good.
    """
    zone = ZoneInfo(timezone)
    last = datetime(year + 10, 1, 1, tzinfo=UTC)
    offsets, changes = [_rest(zone, _FIRST, interval_seconds)], []
    before = _FIRST
    while before < last:
        after = before + _STEP
        rest = _rest(zone, after, interval_seconds)
        if rest != offsets[-1]:
            changes.append(_change(zone, before, after, interval_seconds))
            offsets.append(rest)
        before = after
    return Grid(
        interval_seconds=interval_seconds,
        label_shift=label_shift if changes else 0,
        offsets=tuple(offsets),
        changes=tuple(changes),
    )


def _rest(zone: ZoneInfo, instant: datetime, interval_seconds: int) -> int:
    """What the clock's offset from UTC leaves over whole intervals, in seconds."""
    offset = instant.astimezone(zone).utcoffset() or timedelta()
    return int(offset.total_seconds()) % interval_seconds


def _change(zone: ZoneInfo, before: datetime, after: datetime, interval_seconds: int) -> int:
    """The second between two instants from which on the rest is that of `after`."""
    low, high = int(before.timestamp()), int(after.timestamp())
    rest = _rest(zone, after, interval_seconds)
    while high - low > 1:
        middle = (low + high) // 2
        moment = datetime.fromtimestamp(middle, tz=UTC)
        low, high = (
            (low, middle) if _rest(zone, moment, interval_seconds) == rest else (middle, high)
        )
    return high
