"""The answer of a check: what was expected, what was found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class CheckVerdict:
    """A check's answer in words a person can act on; `examples` are the first offenders.

    `rows` are the offenders as a table, where a check gives one: a mapping from column to value
    each, all with the same columns.
    """

    passed: bool
    expected: str
    found: str
    examples: tuple[str, ...] = ()
    rows: tuple[Mapping[str, str | int | float | None], ...] = ()


def verdict_of(
    offenders: Sequence[str],
    *,
    expected: str,
    none_found: str,
    examples: int = 20,
    rows: Sequence[Mapping[str, str | int | float | None]] = (),
) -> CheckVerdict:
    """Passed when nothing offends; otherwise the count and the first `examples` offenders."""
    return CheckVerdict(
        passed=not offenders,
        expected=expected,
        found=f"{len(offenders)}: {offenders[0]}" if offenders else none_found,
        examples=tuple(offenders[:examples]),
        rows=tuple(rows[:examples]),
    )
