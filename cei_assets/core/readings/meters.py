"""The meters that an organization may read, from the register."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from cei_assets.contracts.vocabulary import IntervalLabel, MeterRole
from cei_assets.core.readings.windows import Span, expected_span

_SITE_COLUMNS = ("site_id", "timezone")
_METER_COLUMNS = (
    "site_id",
    "meter_id",
    "role",
    "interval_seconds",
    "interval_label",
    "expected_from",
    "expected_to",
)


class UnknownPlaceError(LookupError):
    """A site or meter that the organization does not have, whoever else may have it.

    The text is the same for all of them and names nothing.
    """

    def __init__(self) -> None:
        super().__init__(
            "no such site or meter; expected a site_id, and a meter_id registered at it, of the "
            "token's organization: the integration mapping lists them"
        )


@dataclass(frozen=True, kw_only=True)
class Meter:
    """A registered meter with the zone of its site; days are local."""

    site_id: str
    meter_id: str
    timezone: str
    role: str
    interval_seconds: int
    interval_label: str
    expected_from: date
    expected_to: date | None

    @property
    def zone(self) -> ZoneInfo:
        """The clock of its site."""
        return ZoneInfo(self.timezone)

    @property
    def expected(self) -> Span:
        """When the meter is expected to send."""
        return expected_span(self.expected_from, self.expected_to, zone=self.zone)

    @property
    def label_shift(self) -> timedelta:
        """What its timestamps lie after the start of their interval."""
        is_end = self.interval_label == IntervalLabel.END.value
        return timedelta(seconds=self.interval_seconds if is_end else 0)


def meters_of(register: Mapping[str, pa.Table], *, organization_id: str) -> tuple[Meter, ...]:
    """All meters of an organization in a validated register, by site and meter."""
    sites = register["sites"]
    own = sites.filter(pc.equal(sites["organization_id"], organization_id)).select(_SITE_COLUMNS)
    rows = register["meters"].select(_METER_COLUMNS).join(own, "site_id", join_type="inner")
    ordered = rows.sort_by([("site_id", "ascending"), ("meter_id", "ascending")])
    return tuple(Meter(**row) for row in ordered.to_pylist())


def chosen(
    meters: Sequence[Meter], *, site_id: str | None = None, meter_id: str | None = None
) -> tuple[Meter, ...]:
    """The meters of a site, or the one that is named; all of them when nothing is named.

    Raises UnknownPlaceError when there is none.
    """
    found = tuple(
        meter
        for meter in meters
        if site_id in (None, meter.site_id) and meter_id in (None, meter.meter_id)
    )
    if not found and (site_id is not None or meter_id is not None):
        raise UnknownPlaceError
    return found


def one_meter(meters: Sequence[Meter], *, site_id: str, meter_id: str | None = None) -> Meter:
    """The meter that is named, or the site's main incomer, which stands for the site.

    Raises UnknownPlaceError when there is none.
    """
    of_site = chosen(meters, site_id=site_id, meter_id=meter_id)
    if meter_id is not None:
        return of_site[0]
    return next(meter for meter in of_site if meter.role == MeterRole.MAIN_INCOMER.value)
