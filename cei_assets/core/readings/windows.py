"""Windows of whole intervals on the clock of a site, ending at the last complete one.

Instants are naive UTC, spans half-open. Intervals and hours lie on the grid of the site's clock: a
local midnight is an anchor of it, also in zones off the full hour. Days are those of the site, of
23, 24 or 25 hours. The rules are those of the warehouse (`int_zone_days`, `int_meters_expected`).
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)
HOUR_SECONDS = 3600
_NO_END = datetime(9999, 12, 31)  # noqa: DTZ001 - naive UTC, as all instants here


@dataclass(frozen=True, kw_only=True)
class Span:
    """A stretch of time; one that does not end after it starts is empty."""

    start_utc: datetime
    end_utc: datetime

    def overlap(self, other: "Span") -> "Span":
        """What both cover; starts and ends at the same instant when that is nothing."""
        start = max(self.start_utc, other.start_utc)
        return Span(start_utc=start, end_utc=max(start, min(self.end_utc, other.end_utc)))

    def interval_count(self, seconds: int) -> int:
        """Number of whole intervals of that length, counted from the start."""
        length = self.end_utc - self.start_utc
        return max(0, length // timedelta(seconds=seconds))


@dataclass(frozen=True, kw_only=True)
class LocalDay:
    """A day of a site and the stretch of time that it is."""

    local_date: date
    span: Span


def local_date(instant: datetime, *, zone: ZoneInfo) -> date:
    """The day that the site's clock shows."""
    return instant.replace(tzinfo=UTC).astimezone(zone).date()


@lru_cache(maxsize=4096)
def day_start(day: date, *, zone: ZoneInfo) -> datetime:
    """The first instant of a local day.

    The first of two midnights where the clock goes back over midnight, and the instant after the
    jump where it jumps over midnight: what an unfolded local time means to zoneinfo.
    """
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    return midnight.astimezone(UTC).replace(tzinfo=None)


def last_interval_end(instant: datetime, *, seconds: int, zone: ZoneInfo) -> datetime:
    """The latest end of an interval that is not after the instant."""
    midnight = day_start(local_date(instant, zone=zone), zone=zone)
    length = timedelta(seconds=seconds)
    return midnight + (instant - midnight) // length * length


def last_hours(as_of: datetime, *, hours: int, seconds: int, zone: ZoneInfo) -> Span:
    """The last `hours` hours of intervals of a length that divides the hour."""
    end = last_interval_end(as_of, seconds=seconds, zone=zone)
    return Span(start_utc=end - timedelta(hours=hours), end_utc=end)


def hours_of(span: Span) -> list[Span]:
    """The whole hours of a span, from its start on."""
    hour = timedelta(hours=1)
    return [
        Span(start_utc=span.start_utc + number * hour, end_utc=span.start_utc + (number + 1) * hour)
        for number in range(span.interval_count(HOUR_SECONDS))
    ]


def last_days(as_of: datetime, *, days: int, zone: ZoneInfo) -> list[LocalDay]:
    """The last `days` local days that were over at `as_of`, in order."""
    today = local_date(as_of, zone=zone)
    dates = [today - number * _DAY for number in range(days, -1, -1)]
    starts = [day_start(day, zone=zone) for day in dates]
    return [
        LocalDay(local_date=day, span=Span(start_utc=start, end_utc=end))
        for day, start, end in zip(dates, starts, starts[1:], strict=False)
    ]


def expected_span(first: date, last: date | None, *, zone: ZoneInfo) -> Span:
    """From the first instant of the first expected day to the end of the last, or without end."""
    return Span(
        start_utc=day_start(first, zone=zone),
        end_utc=_NO_END if last is None else day_start(last + _DAY, zone=zone),
    )
