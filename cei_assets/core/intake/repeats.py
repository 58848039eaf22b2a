"""Records that come twice in one file: exact duplicates, and conflicts under one key."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Repeats:
    """What became of `n` valid rows, given in the file's order.

    `order` (kept,) lists the rows that stay; `duplicate` (n,) marks rows that repeat the first one
    of their key in every respect, `conflict` (n,) those that differ from it; `first` (n,) is the
    first row of each row's key.
    """

    duplicate: Flags
    conflict: Flags
    first: Integers

    @property
    def kept(self) -> Flags:
        """Rows that are neither duplicate nor conflict."""
        return ~(self.duplicate | self.conflict)


def find_repeats(
    *,
    identity: Integers,
    meter: Integers,
    start: Integers,
    nano_kwh: Integers,
    key_group: Integers | None,
) -> Repeats:
    """Compares every row with the first row of its key (ingest API, section 2, code 7).

    `identity` is that of `interval_identity`. `key_group` numbers the keys that senders gave, one
    number an organization and key; it is negative for a row without one, whose key is its meter and
    interval, and None when no row has one.
    """
    rows = len(meter)
    repeats = Repeats(
        duplicate=np.zeros(rows, bool), conflict=np.zeros(rows, bool), first=np.arange(rows)
    )
    if key_group is None:
        _compare(repeats, None, identity, (nano_kwh,))
        return repeats
    keyed = key_group >= 0
    own, derived = np.flatnonzero(keyed), np.flatnonzero(~keyed)
    _compare(repeats, own, key_group[own], (meter[own], start[own], nano_kwh[own]))
    _compare(repeats, derived, identity[derived], (nano_kwh[derived],))
    return repeats


def interval_identity(meter: Integers, start: Integers) -> Integers:
    """One number for meter and interval, in the order of meter, then interval.

    Seconds of the years 0 to 9999 span less than 2^39, which leaves 2^24 meters.
    """
    if not len(start):
        return start
    identity = meter.astype(np.int64)
    identity <<= 39
    identity += start
    identity -= start.min()
    return identity


def _compare(
    repeats: Repeats, rows: Integers | None, identity: Integers, payload: tuple[Integers, ...]
) -> None:
    if len(identity) < 2 or np.all(identity[1:] > identity[:-1]):
        return
    order = np.argsort(identity, kind="stable")
    ordered = identity[order]
    is_first = np.r_[True, ordered[1:] != ordered[:-1]]
    if is_first.all():
        return
    first_at = np.maximum.accumulate(np.where(is_first, np.arange(len(order)), 0))
    later, first = order[~is_first], order[first_at[~is_first]]
    same = np.logical_and.reduce([column[later] == column[first] for column in payload])
    if rows is not None:
        later, first = rows[later], rows[first]
    repeats.duplicate[later] = same
    repeats.conflict[later] = ~same
    repeats.first[later] = first
