"""Which part of the past a pull asks for, and how a listing is told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from cei_assets.contracts.cds_vocabulary import CdsObjectKind
from cei_assets.pull.objects import OBJECTS, WindowKind
from cei_assets.pull.problem import PullError
from cei_assets.pull.servers import UsageBy

HOT_DAYS = 45
WARM_MONTHS = 13
_MONTHS = 12


class WindowName(StrEnum):
    """How far back: 45 days (daily), 13 months (weekly), or all there is (monthly)."""

    HOT = "hot"
    WARM = "warm"
    FULL = "full"


@dataclass(frozen=True, kw_only=True)
class Window:
    """Instants, aware UTC; None is open. Both edges count, as the server's filters have it.

    `question` is what was asked for: the same whenever the clock stands.
    """

    name: str
    since: datetime | None = None
    until: datetime | None = None
    question: str = ""

    def as_json(self) -> dict[str, str | None]:
        """For manifest and sidecar."""
        return {"name": self.name, "since": _instant(self.since), "until": _instant(self.until)}

    @classmethod
    def from_json(cls, content: Mapping[str, str | None]) -> "Window":
        """The window that `as_json` wrote."""
        since, until = content["since"], content["until"]
        return cls(
            name=str(content["name"]),
            since=datetime.fromisoformat(since) if since else None,
            until=datetime.fromisoformat(until) if until else None,
        )


def window(
    name: WindowName,
    *,
    now: datetime,
    zone: str,
    since: str | None = None,
    until: str | None = None,
) -> Window:
    """The window of a run that starts at `now` (aware).

    `hot` and `warm` begin at a local midnight of `zone` and end now. `since` and `until` take the
    place of its edges: ISO dates (whole local days) or instants with offset. Raises PullError.
    """
    local = ZoneInfo(zone)
    today = now.astimezone(local).date()
    begin: datetime | None = None
    if name is WindowName.HOT:
        begin = _midnight(today - timedelta(days=HOT_DAYS), local)
    elif name is WindowName.WARM:
        begin = _midnight(months_before(today, WARM_MONTHS), local)
    end = None if name is WindowName.FULL else now.astimezone(UTC)
    if since is not None:
        begin = _edge(since, local, option="--since")
    if until is not None:
        end = _edge(until, local, option="--until", is_end=True)
    if begin is not None and end is not None and begin >= end:
        raise PullError(
            f"a window that ends ({_instant(end)}) before it begins ({_instant(begin)})",
            where="--since and --until",
            fix="give a --since that lies before --until, or before now",
        )
    is_own = since is not None or until is not None
    return Window(
        name="custom" if is_own else name.value,
        since=begin,
        until=end,
        question=f"{name.value}/{since}/{until}",
    )


def months_before(day: date, months: int) -> date:
    """The same day of an earlier month, or that month's last when it is shorter."""
    index = day.year * _MONTHS + day.month - 1 - months
    year, month = index // _MONTHS, index % _MONTHS + 1
    first_of_next = date(year + month // _MONTHS, month % _MONTHS + 1, 1)
    return min(
        date(year, month, 1) + timedelta(days=day.day - 1), first_of_next - timedelta(days=1)
    )


def filters(item: CdsObjectKind, *, window: Window, zone: str) -> dict[str, str]:
    """`after` and `before` of an object's listing; empty for lists that know no window.

    Bills are filtered by local calendar dates, so the days of both edges are taken whole.
    """
    kind = OBJECTS[item].window
    if kind is WindowKind.NONE:
        return {}
    if kind is WindowKind.DATE:
        since, until = _local_date(window.since, zone), _local_date(window.until, zone)
    else:
        since, until = _instant(window.since), _instant(window.until)
    return {key: edge for key, edge in (("after", since), ("before", until)) if edge is not None}


def narrowed(usage_by: UsageBy, ids: Sequence[str], *, size: int) -> list[dict[str, str]]:
    """Filters of the usage listings of a run: one, or one for every `size` contracts or meters."""
    if usage_by is UsageBy.NONE:
        return [{}]
    key = "cds_servicecontract_ids" if usage_by is UsageBy.CONTRACT else "cds_meterdevice_ids"
    return [{key: " ".join(ids[at : at + size])} for at in range(0, len(ids), size)]


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def _edge(text: str, zone: ZoneInfo, *, option: str, is_end: bool = False) -> datetime:
    """A date is its local midnight, as an end that of the next day."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is not None:
        return _midnight(day + timedelta(days=1) if is_end else day, zone)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise PullError(
            f"{text!r} is neither a date nor an instant with offset",
            where=option,
            fix="write 2026-01-31 or 2026-01-31T00:00:00+01:00",
        )
    return moment.astimezone(UTC)


def _local_date(moment: datetime | None, zone: str) -> str | None:
    return None if moment is None else moment.astimezone(ZoneInfo(zone)).date().isoformat()


def _instant(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
