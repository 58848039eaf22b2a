"""Stretches of a series that match another one after moving in time."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

MAX_HOURS = 24
MIN_EVIDENCE = 24
MISMATCH_COST = 9
_TAKEN = -(1 << 30)
_HOUR = 3600


@dataclass(frozen=True, kw_only=True)
class Series:
    """Readings of one meter: `start` (n,) in seconds of UTC, rising; `nano_kwh` (n,)."""

    start: Integers
    nano_kwh: Integers


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """Rows `first` to `last` of a file (both included) that match after moving by `shift_seconds`.

    `matched` are the rows among them that do, as indices of the file's series.
    """

    first: int
    last: int
    shift_seconds: int
    matched: Integers


def shifted_stretches(
    *, file: Series, stored: Series, interval_seconds: int, tolerance_nano: int = 0
) -> tuple[Stretch, ...]:
    """Stretches of the file that equal `stored` when moved, in the order of the file.

    Tried are whole hours up to a day either way and one interval either way. A stretch needs
    `MIN_EVIDENCE` more rows that match moved than rows that match unmoved, where a row that speaks
    against the move costs `MISMATCH_COST`: nine rows of ten match. It is only claimed when every
    other move is beaten: it fails on most of the rows that it can be tried on, or in the same way
    explains `MIN_EVIDENCE` rows less. A row whose value stands in the file at the moved time as
    well says nothing. A flat load therefore has no stretch, and neither has one that repeats
    itself day by day.
    """
    if not len(file.start) or not len(stored.start):
        return ()
    trial = _Trial.of(file, stored, _candidates(interval_seconds), tolerance_nano)
    weights = trial.weights()
    found = []
    while True:
        best = [_best_segment(row) for row in weights]
        number = int(np.argmax([score for score, _, _ in best]))
        score, first, last = best[number]
        if score < MIN_EVIDENCE:
            break
        rows = slice(first, last + 1)
        if trial.is_unique(number, rows):
            found.append(trial.stretch(number, first, last))
            weights[:, rows] = _TAKEN
        else:
            weights[number, rows] = _TAKEN
    return tuple(sorted(found, key=lambda stretch: stretch.first))


def _candidates(interval_seconds: int) -> Integers:
    hours = [hour * _HOUR for hour in range(-MAX_HOURS, MAX_HOURS + 1) if hour]
    return np.unique(np.array([*hours, interval_seconds, -interval_seconds], np.int64))


@dataclass(frozen=True, kw_only=True)
class _Trial:
    """Every move tried on every row: all flags (moves, n) but `is_still` (n,).

    A row is present under a move when something is stored at its moved time, and repeated when the
    file itself has its value there.
    """

    moves: Integers
    is_present: Flags
    is_match: Flags
    is_repeated: Flags
    is_still: Flags

    @classmethod
    def of(cls, file: Series, stored: Series, moves: Integers, tolerance_nano: int) -> "_Trial":
        tried = [_tried(file, stored, int(move), tolerance_nano) for move in moves]
        _, is_still = _tried(file, stored, 0, tolerance_nano)
        return cls(
            moves=moves,
            is_present=np.stack([present for present, _ in tried]),
            is_match=np.stack([match for _, match in tried]),
            is_repeated=np.stack(
                [_tried(file, file, int(move), tolerance_nano)[1] for move in moves]
            ),
            is_still=is_still,
        )

    def weights(self) -> Integers:
        """What every row says for every move: 1 for it, `-MISMATCH_COST` against, 0 neither."""
        against = (self.is_present | self.is_still) & ~self.is_match
        for_it = self.is_match & ~self.is_still & ~self.is_repeated
        return for_it.astype(np.int64) - MISMATCH_COST * against

    def is_unique(self, number: int, rows: slice) -> bool:
        """Whether a move beats every other one on the rows."""
        match, present = self.is_match[:, rows], self.is_present[:, rows]
        own = match[number]
        gains = np.count_nonzero(own & present & ~match, axis=1)
        losses = np.count_nonzero(match & ~own, axis=1)
        fails = 2 * np.count_nonzero(match, axis=1) <= np.count_nonzero(present, axis=1)
        is_beaten = fails | (gains - MISMATCH_COST * losses >= MIN_EVIDENCE)
        is_beaten[number] = True
        return bool(is_beaten.all())

    def stretch(self, number: int, first: int, last: int) -> Stretch:
        rows = np.arange(first, last + 1)
        return Stretch(
            first=first,
            last=last,
            shift_seconds=int(self.moves[number]),
            matched=rows[self.is_match[number, first : last + 1]],
        )


def _tried(file: Series, stored: Series, move: int, tolerance_nano: int) -> tuple[Flags, Flags]:
    """Rows for which something is stored at the moved time, and those whose values match."""
    wanted = file.start + move
    at = np.minimum(np.searchsorted(stored.start, wanted), len(stored.start) - 1)
    present: Flags = stored.start[at] == wanted
    match: Flags = present & (np.abs(stored.nano_kwh[at] - file.nano_kwh) <= tolerance_nano)
    return present, match


def _best_segment(weights: Integers) -> tuple[int, int, int]:
    """Largest sum of neighbouring weights, and the first and last row of the shortest such run."""
    total = np.r_[0, np.cumsum(weights)]
    gain = total[1:] - np.minimum.accumulate(total[:-1])
    last = int(np.argmax(gain))
    first = last - int(np.argmin(total[last::-1]))
    return int(gain[last]), first, last
