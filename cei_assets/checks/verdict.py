"""The answer of a check: what was expected, what was found."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class CheckVerdict:
    """A check's answer in words a person can act on; `examples` are the first offenders."""

    passed: bool
    expected: str
    found: str
    examples: tuple[str, ...] = ()


def verdict_of(
    offenders: Sequence[str], *, expected: str, none_found: str, examples: int = 20
) -> CheckVerdict:
    """Passed when nothing offends; otherwise the count and the first `examples` offenders."""
    return CheckVerdict(
        passed=not offenders,
        expected=expected,
        found=f"{len(offenders)}: {offenders[0]}" if offenders else none_found,
        examples=tuple(offenders[:examples]),
    )
