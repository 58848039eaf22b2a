"""Sites as matrices: one shared calendar and temperature, one row of usage per meter."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cei_assets.contracts.vocabulary import MeterRole
from cei_assets.core.baseline.arrays import BoolArray, FloatArray, IntArray

MICROSECONDS_PER_HOUR = 3_600_000_000
HOURS_PER_WEEK = 168
SUNDAY = 6

_FLAGS = (
    "is_operating",
    "is_working_day",
    "is_holiday",
    "is_closure",
    "has_operating_hours",
)


@dataclass(frozen=True, kw_only=True)
class SiteFrame:
    """The hours of a site (axis T, ascending) and its meters (axis M).

    `hours` are whole hours since 1970-01-01 UTC, `day` days and `month` months since 1970-01 on
    the site's clock. `hour_of_week` is weekday x 24 + local hour with Monday 0; public holidays
    and closures count as Sundays. `usage` is kWh per hour, (M, T), NaN where missing; `zeros`
    counts the hours of each meter that were zero and taken as missing.
    """

    site_id: str
    meter_ids: tuple[str, ...]
    hours: IntArray
    day: IntArray
    month: IntArray
    local_hour: IntArray
    hour_of_week: IntArray
    operating: BoolArray
    working_day: BoolArray
    holiday: BoolArray
    closure: BoolArray
    has_operating_hours: BoolArray
    temperature: FloatArray
    usage: FloatArray
    zero: BoolArray

    def part(self, start: int, stop: int) -> "SiteFrame":
        """The same site from position `start` to `stop` (excluded) of the time axis."""
        window = slice(start, stop)
        return SiteFrame(
            site_id=self.site_id,
            meter_ids=self.meter_ids,
            hours=self.hours[window],
            day=self.day[window],
            month=self.month[window],
            local_hour=self.local_hour[window],
            hour_of_week=self.hour_of_week[window],
            operating=self.operating[window],
            working_day=self.working_day[window],
            holiday=self.holiday[window],
            closure=self.closure[window],
            has_operating_hours=self.has_operating_hours[window],
            temperature=self.temperature[window],
            usage=self.usage[:, window],
            zero=self.zero[:, window],
        )


def month_number(month: date) -> int:
    """Months since January 1970 of the month in which a day lies."""
    return (month.year - 1970) * 12 + month.month - 1


def month_date(number: int) -> date:
    """First day of a month given as months since January 1970."""
    return date(1970 + number // 12, number % 12 + 1, 1)


def site_frames(*, usage: pa.Table, site_hours: pa.Table, meters: pa.Table) -> Iterator[SiteFrame]:
    """The sites of one batch of meters, in the order of their identifiers.

    `usage`: site_id, meter_id, hour_start_utc, hour_usage_kwh, is_complete; `site_hours`: the
    calendar with temperature_c, one row per site and hour; `meters`: site_id, meter_id, role.
    Incomplete hours, values that are not finite or negative, and zeros of main incomers are
    missing (CalTRACK 2.3.5: zero means missing for electricity). Raises ValueError when usage
    names a meter that `meters` lacks or an hour that `site_hours` lacks.
    """
    registered = _registered(meters)
    calendar = _rows_by_site(site_hours, tuple(registered))
    readings = _rows_by_site(usage, tuple(registered))
    for site_id, roles in registered.items():
        site_calendar = calendar[site_id]
        if site_calendar.num_rows:
            yield _frame(site_id, roles, site_calendar, readings[site_id])
        elif readings[site_id].num_rows:
            raise ValueError(
                f"site {site_id!r} has {readings[site_id].num_rows} usage rows and no row in "
                "site_hours; its calendar must cover every hour of its usage"
            )


def _registered(meters: pa.Table) -> dict[str, dict[str, str]]:
    """Role of every meter by site and meter, both in the order of their identifiers."""
    rows = meters.select(["site_id", "meter_id", "role"]).sort_by(
        [("site_id", "ascending"), ("meter_id", "ascending")]
    )
    registered: dict[str, dict[str, str]] = {}
    for site_id, meter_id, role in zip(*(column.to_pylist() for column in rows), strict=True):
        registered.setdefault(site_id, {})[meter_id] = role
    return registered


def _rows_by_site(table: pa.Table, sites: tuple[str, ...]) -> Mapping[str, pa.Table]:
    """The rows of each site; raises ValueError for a site that is not in `sites`."""
    codes = pc.index_in(table["site_id"], value_set=pa.array(sites, pa.string()))
    if codes.null_count:
        unknown = table["site_id"].filter(pc.is_null(codes))[0].as_py()
        raise ValueError(f"site {unknown!r} has rows but no meter in the meters table")
    code = codes.to_numpy()
    if (np.diff(code) < 0).any():
        order = np.argsort(code, kind="stable")
        table, code = table.take(pa.array(order)), code[order]
    bounds = np.searchsorted(code, np.arange(len(sites) + 1))
    return {site: table.slice(bounds[i], bounds[i + 1] - bounds[i]) for i, site in enumerate(sites)}


def _frame(
    site_id: str, roles: Mapping[str, str], calendar: pa.Table, readings: pa.Table
) -> SiteFrame:
    calendar = calendar.sort_by("hour_start_utc")
    hours = whole_hours(calendar["hour_start_utc"])
    holiday, closure = flag(calendar["is_holiday"]), flag(calendar["is_closure"])
    local_hour = _integers(calendar["local_hour"])
    weekday = np.where(holiday | closure, SUNDAY, _integers(calendar["weekday"]))
    usage = _usage_matrix(site_id, tuple(roles), hours, readings)
    is_main = np.array([role == MeterRole.MAIN_INCOMER for role in roles.values()], dtype=bool)
    zero = (usage == 0.0) & is_main[:, None]
    usage[zero | ~(usage >= 0.0) | ~np.isfinite(usage)] = np.nan
    return SiteFrame(
        site_id=site_id,
        meter_ids=tuple(roles),
        hours=hours,
        day=_days(calendar["local_date"]),
        month=_months(calendar["usage_month"]),
        local_hour=local_hour,
        hour_of_week=weekday * 24 + local_hour,
        operating=flag(calendar["is_operating"]),
        working_day=flag(calendar["is_working_day"]),
        holiday=holiday,
        closure=closure,
        has_operating_hours=flag(calendar["has_operating_hours"]),
        temperature=finite(calendar["temperature_c"]),
        usage=usage,
        zero=zero,
    )


def _usage_matrix(
    site_id: str, meter_ids: tuple[str, ...], hours: IntArray, readings: pa.Table
) -> FloatArray:
    """Usage (M, T) of the complete hours, NaN elsewhere."""
    matrix = np.full((len(meter_ids), len(hours)), np.nan)
    rows = readings.filter(readings["is_complete"])
    codes = pc.index_in(rows["meter_id"], value_set=pa.array(meter_ids, pa.string()))
    if codes.null_count:
        unknown = rows["meter_id"].filter(pc.is_null(codes))[0].as_py()
        raise ValueError(f"site {site_id!r} has usage of meter {unknown!r}, not in meters")
    at = whole_hours(rows["hour_start_utc"])
    position = np.minimum(np.searchsorted(hours, at), len(hours) - 1)
    strange = hours[position] != at
    if strange.any():
        first = np.datetime64(int(at[strange][0]), "h")
        raise ValueError(
            f"site {site_id!r} has usage at {first} UTC ({int(strange.sum())} such hours) that "
            "site_hours lacks; the calendar must cover every hour of the usage"
        )
    matrix[codes.to_numpy(), position] = finite(rows["hour_usage_kwh"])
    return matrix


def whole_hours(column: pa.ChunkedArray) -> IntArray:
    """Hours since 1970-01-01 of a column of UTC timestamps."""
    microseconds = pc.cast(pc.cast(column, pa.timestamp("us")), pa.int64()).to_numpy()
    return np.asarray(microseconds // MICROSECONDS_PER_HOUR, dtype=np.int64)


def timestamps(hours: IntArray) -> pa.Array:
    """UTC timestamps without zone of hours since 1970-01-01."""
    return pa.array(hours * MICROSECONDS_PER_HOUR, pa.int64()).cast(pa.timestamp("us"))


def finite(column: pa.ChunkedArray) -> FloatArray:
    """A numeric or decimal column as floats, nulls as NaN."""
    return np.asarray(pc.cast(column, pa.float64()).to_numpy(), dtype=np.float64)


def flag(column: pa.ChunkedArray) -> BoolArray:
    """A boolean column; null counts as false."""
    return np.asarray(pc.fill_null(column, False).to_numpy(), dtype=bool)


def _integers(column: pa.ChunkedArray) -> IntArray:
    return np.asarray(pc.cast(column, pa.int64()).to_numpy(), dtype=np.int64)


def _days(column: pa.ChunkedArray) -> IntArray:
    return np.asarray(pc.cast(column, pa.date32()).to_numpy(), dtype="M8[D]").astype(np.int64)


def _months(column: pa.ChunkedArray) -> IntArray:
    return _days(column).astype("M8[D]").astype("M8[M]").astype(np.int64)
