"""Sites that share their hours, calendar and temperature, so that their meters share designs."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cei_assets.core.baseline.arrays import BoolArray, FloatArray, IntArray
from cei_assets.core.baseline.frame import SiteFrame

HOURS_PER_DAY = 24
DAYS_PER_WORKING_WEEK = 5


@dataclass(frozen=True, kw_only=True)
class Training:
    """A site's frame, the hours (T,) that may be fitted and optional drivers (T, Q).

    Drivers are further regressors known for every hour, such as production volume; a NaN leaves
    the hour out. Closures are never fitted, whatever `train` says.
    """

    frame: SiteFrame
    train: BoolArray
    drivers: FloatArray | None = None


@dataclass(frozen=True, kw_only=True)
class Axis:
    """What the meters of a group have in common, over hours T and local days D.

    `day_of` (T,) numbers the local day of an hour, `clock` (T,) its local hour, `slots` (D, 24) is
    the position of each hour of each day, T where there is none (a day on which clocks go forward,
    an incomplete day); of two hours with one label the later is taken. `temperature` is degrees
    Celsius, NaN where unknown, `drivers` (T, Q), `day_type` (D,) the day of the week with
    holidays as Sunday, `day` (D,) days since 1970-01-01.
    """

    hours: IntArray
    hour_of_week: IntArray
    temperature: FloatArray
    drivers: FloatArray
    day_of: IntArray
    clock: IntArray
    slots: IntArray
    day: IntArray
    day_type: IntArray

    @property
    def size(self) -> int:
        """Number of hours."""
        return len(self.hours)

    @property
    def working(self) -> BoolArray:
        """Days (D,) from Monday to Friday that are no holiday."""
        return np.asarray(self.day_type < DAYS_PER_WORKING_WEEK)


def axis_of(frame: SiteFrame, drivers: FloatArray | None = None) -> Axis:
    """The axis of a site's frame; temperatures that are not finite are unknown."""
    size = len(frame.hours)
    fresh = np.diff(frame.day, prepend=frame.day[:1] - 1) != 0
    day_of = np.cumsum(fresh) - 1
    days = int(day_of[-1]) + 1 if size else 0
    slots = np.full((days, HOURS_PER_DAY), size, dtype=np.int64)
    slots[day_of, frame.local_hour] = np.arange(size)
    return Axis(
        hours=frame.hours,
        hour_of_week=frame.hour_of_week,
        temperature=np.where(np.isfinite(frame.temperature), frame.temperature, np.nan),
        drivers=np.zeros((size, 0)) if drivers is None else drivers,
        day_of=np.asarray(day_of, dtype=np.int64),
        clock=frame.local_hour,
        slots=slots,
        day=frame.day[fresh],
        day_type=frame.hour_of_week[fresh] // HOURS_PER_DAY,
    )


def shared_groups(trainings: Sequence[Training]) -> list[list[int]]:
    """Numbers of the trainings that have hours, calendar, temperature, drivers and mask in common.

    Candidates are found by a cheap key and compared in full.
    """
    found: dict[tuple[float, ...], list[list[int]]] = {}
    for number, training in enumerate(trainings):
        alike = found.setdefault(_key(training), [])
        for group in alike:
            if _same(trainings[group[0]], training):
                group.append(number)
                break
        else:
            alike.append([number])
    return [group for alike in found.values() for group in alike]


def _key(training: Training) -> tuple[float, ...]:
    frame = training.frame
    ends = frame.hours[[0, -1]].tolist() if len(frame.hours) else []
    return (float(len(frame.hours)), *map(float, ends), float(training.train.sum()))


def _same(one: Training, other: Training) -> bool:
    """Whether two trainings share everything but their usage.

    Unbroken hours are known by their ends, their local days and hours by the hours of the week and
    the first day; comparing them all would cost more than fitting a naive model.
    """
    names = ["hour_of_week", "closure"]
    if not (_is_unbroken(one.frame) and _is_unbroken(other.frame)):
        names += ["hours", "day", "local_hour"]
    pairs = [(getattr(one.frame, name), getattr(other.frame, name)) for name in names]
    pairs += [
        (one.frame.day[:1], other.frame.day[:1]),
        (one.train, other.train),
        (_bits(one.frame.temperature), _bits(other.frame.temperature)),
    ]
    if (one.drivers is None) != (other.drivers is None):
        return False
    if one.drivers is not None and other.drivers is not None:
        pairs.append((_bits(one.drivers), _bits(other.drivers)))
    return all(a is b or np.array_equal(a, b) for a, b in pairs)


def _is_unbroken(frame: SiteFrame) -> bool:
    return len(frame.hours) > 0 and int(frame.hours[-1] - frame.hours[0]) == len(frame.hours) - 1


def _bits(values: FloatArray) -> IntArray:
    """The values as integers, so that NaN equals NaN without another pass."""
    return np.ascontiguousarray(values, dtype=np.float64).view(np.int64)
