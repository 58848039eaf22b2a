"""The short way for records written as the interface describes them.

A single record has to be answered within milliseconds, and the judge's set-up alone takes about
fifteen (`benchmarks/gateway.py` prints both). What this module accepts, the judge accepts with the
same result; it refuses nothing: whatever it does not recognise goes to the judge.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from cei_assets.core.intake.batch_body import Body
from cei_assets.core.intake.places import Meters
from cei_assets.core.intake.verdict import Limits

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_USUAL_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z", re.ASCII
)
_USUAL_VALUE = re.compile(r"(0|[1-9][0-9]{0,6})(?:\.([0-9]{1,9}))?", re.ASCII)
_NANO = 10**9


@dataclass(frozen=True, kw_only=True)
class PlainMeter:
    """A registered meter: its index, and its grid in seconds.

    `label_shift` leads from a timestamp to the interval's start, `clock_offset` from UTC to a clock
    on which intervals are whole.
    """

    meter: int
    interval_seconds: int
    label_shift: int
    clock_offset: int


PlainMeters = Mapping[tuple[str, str], PlainMeter]


def plain_meters(meters: Meters) -> dict[str, dict[tuple[str, str], PlainMeter]]:
    """The registered meters by organization, then site and meter.

    Those whose clock changes its offset by parts of an interval are left to the judge.
    """
    found: dict[str, dict[tuple[str, str], PlainMeter]] = {}
    names = zip(
        meters.organization_id.to_pylist(),
        meters.site_id.to_pylist(),
        meters.meter_id.to_pylist(),
        strict=True,
    )
    for index, (organization_id, site_id, meter_id) in enumerate(names):
        grid = meters.grids[meters.grid[index]]
        if grid.changes:
            continue
        found.setdefault(organization_id, {})[site_id, meter_id] = PlainMeter(
            meter=index,
            interval_seconds=int(meters.interval_seconds[index]),
            label_shift=int(meters.label_shift[index]),
            clock_offset=grid.offsets[0],
        )
    return found


class PlainReading(NamedTuple):
    """A record that goes in: meter index, start of the interval in seconds of UTC, 10^-9 kWh."""

    meter: int
    start: int
    nano_kwh: int


def plain_readings(
    body: Body, *, meters: PlainMeters, received_at: datetime, limits: Limits
) -> list[PlainReading | None]:
    """Readings of the records that are plain and valid, None for those the judge has to see.

    `meters` are those of the sender's organization; `received_at` is naive UTC. A loop over
    records: see the module's text.
    """
    if not body.is_plain:
        return [None] * body.records
    times = _Times(received_at=received_at, limits=limits)
    largest = limits.max_interval_kwh * _NANO
    return list(_readings(body, meters, times, largest))


def _readings(
    body: Body, meters: PlainMeters, times: "_Times", largest: int
) -> Iterator[PlainReading | None]:
    cells = body.cells
    columns = (cells["site_id"], cells["meter_id"], cells["timestamp_utc"])
    for site_id, meter_id, time, value, unit in zip(
        *columns, cells["value"], cells["unit"], strict=True
    ):
        meter = meters.get((site_id, meter_id))
        if meter is None or value is None or time is None or unit not in (None, "kWh"):
            yield None
            continue
        number = _USUAL_VALUE.fullmatch(value)
        instant = times.instant(time)
        if (
            number is None
            or instant is None
            or (instant + meter.clock_offset) % meter.interval_seconds
        ):
            yield None
            continue
        whole, fraction = number.groups()
        nano = int(whole) * _NANO + (int(fraction.ljust(9, "0")) if fraction else 0)
        if nano > largest:
            yield None
            continue
        yield PlainReading(meter.meter, instant - meter.label_shift, nano)


class _Times:
    """Usual timestamps within the limits, each text read once."""

    def __init__(self, *, received_at: datetime, limits: Limits) -> None:
        received = received_at.replace(tzinfo=UTC)
        self._latest = received + timedelta(seconds=limits.max_future_seconds)
        self._earliest = received - timedelta(days=limits.max_age_days)
        self._known: dict[str, int | None] = {}

    def instant(self, text: str) -> int | None:
        """Seconds of UTC since 1970, None for a text that the judge has to see."""
        if text not in self._known:
            self._known[text] = self._read(text)
        return self._known[text]

    def _read(self, text: str) -> int | None:
        if _USUAL_TIME.fullmatch(text) is None:
            return None
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            return None
        if not self._earliest <= moment <= self._latest:
            return None
        return (moment - _EPOCH) // timedelta(seconds=1)
