"""The programme's calendar: a month's grid of labels, its end, and its deadline.

A month is named by its first day and covers `(1st 00:00, next 1st 00:00]` in labels that are
interval ends. The grid reads Pacific Standard Time all year; deadlines read legal time of a zone.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

INTERVAL = timedelta(minutes=15)
INTERVALS_PER_DAY = 96
PST_BEHIND_UTC = timedelta(hours=8)
LABEL_FORMAT = "%Y-%m-%d %H:%M"
_LAST_ON_TIME = time(23, 59, 59)


def next_month(month: date, n: int = 1) -> date:
    """First day of the month `n` months after (before, when negative) that of a date."""
    years, index = divmod(month.month - 1 + n, 12)
    return date(month.year + years, index + 1, 1)


def month_start_pst(month: date) -> datetime:
    """The month's 1st 00:00, naive Pacific Standard Time; the end of no interval of the month."""
    return datetime.combine(month.replace(day=1), time())


def month_end_pst(month: date) -> datetime:
    """The next 1st 00:00, naive Pacific Standard Time: the end of the month's last interval."""
    return datetime.combine(next_month(month), time())


@lru_cache(maxsize=64)
def month_interval_ends_pst(month: date) -> tuple[datetime, ...]:
    """Interval ends of a month, naive Pacific Standard Time: days x 96, in order."""
    start = month_start_pst(month)
    count = (month_end_pst(month) - start) // INTERVAL
    return tuple(start + number * INTERVAL for number in range(1, count + 1))


@lru_cache(maxsize=64)
def month_labels(month: date) -> tuple[str, ...]:
    """Labels of a month as column B must hold them, `YYYY-MM-DD HH:MM`: days x 96, in order."""
    return tuple(end.strftime(LABEL_FORMAT) for end in month_interval_ends_pst(month))


@lru_cache(maxsize=64)
def label_set(month: date) -> frozenset[str]:
    """The labels of a month as a set."""
    return frozenset(month_labels(month))


@lru_cache(maxsize=1024)
def month_end_utc(month: date, *, zone: str) -> datetime:
    """The moment at which a month is over in the legal time of `zone`, naive UTC."""
    return _as_utc(month_end_pst(month), zone)


@lru_cache(maxsize=1024)
def due_at_utc(month: date, *, zone: str) -> datetime:
    """Last second on time, naive UTC: the 1st of the second following month, 23:59:59 in `zone`."""
    return _as_utc(datetime.combine(next_month(month, 2), _LAST_ON_TIME), zone)


def is_late(submitted_at_utc: datetime, *, month: date, zone: str) -> bool:
    """Whether a submission (naive UTC) is past the last second on time, parts of it included."""
    return submitted_at_utc >= due_at_utc(month, zone=zone) + timedelta(seconds=1)


def local_time(at_utc: datetime, *, zone: str) -> datetime:
    """A naive UTC time as the clock of `zone` shows it, naive."""
    return at_utc.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def _as_utc(local: datetime, zone: str) -> datetime:
    return local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).replace(tzinfo=None)
