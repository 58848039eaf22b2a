"""Findings as people read them: id, place, value, what is expected, how to fix it.

Of every rule the first 20 findings are kept and all are counted.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from cei_assets.contracts.csi_vocabulary import (
    COLUMN_LETTERS,
    HEADER_TEMPLATE,
    CsiRule,
    CsiSeverity,
)
from cei_assets.core.csi.finding import CsiFinding

LISTED = 20
LONGEST_VALUE = 80
_CUT = "…"

_NOT_REJECTING = {
    CsiRule.U08: CsiSeverity.INFO,
    CsiRule.L01: CsiSeverity.FLAG,
    CsiRule.W02: CsiSeverity.INFO,
    CsiRule.W03: CsiSeverity.INFO,
    CsiRule.W09: CsiSeverity.INFO,
    CsiRule.W11: CsiSeverity.INFO,
}


def severity_of(rule: CsiRule) -> CsiSeverity:
    """What a finding of the rule does to an upload."""
    usual = CsiSeverity.WARN if rule.value.startswith("CSI-W") else CsiSeverity.REJECT
    return _NOT_REJECTING.get(rule, usual)


def escaped(text: str) -> str:
    """A value with its control and other unprintable characters escaped, at most 80 characters."""
    pieces: list[str] = []
    length = 0
    for character in text[: LONGEST_VALUE + 1]:
        # What repr writes of a single character, without the quotes it chose for it.
        piece = character if character in "'\"" else repr(character)[1:-1]
        pieces.append(piece)
        length += len(piece)
        if length > LONGEST_VALUE:
            return _cut(pieces, length)
    return "".join(pieces)


def quoted(text: str) -> str:
    """A value as a message shows it: escaped, cut, in quotes."""
    shown = escaped(text)
    return f'"{shown}"' if "'" in shown and '"' not in shown else f"'{shown}'"


def listed(texts: Iterable[str]) -> str:
    """Choices as a sentence names them: `a, b or c`."""
    *others, last = texts
    return f"{', '.join(others)} or {last}" if others else last


@dataclass(frozen=True, kw_only=True)
class FindingCollector:
    """Gathers findings in the order in which rules meet them."""

    _kept: dict[CsiRule, list[CsiFinding]] = field(default_factory=dict)
    _counts: Counter[CsiRule] = field(default_factory=Counter)

    def add(
        self,
        rule: CsiRule,
        text: str,
        *,
        line: int | None = None,
        column: int | None = None,
        value: str | None = None,
        count: int = 1,
        severity: CsiSeverity | None = None,
    ) -> None:
        """Adds a finding; `text` says what is wrong, what was expected and how to fix it.

        `column` is a position, 0 for A. `count` is how many breaches the finding stands for.
        """
        self._counts[rule] += count
        kept = self._kept.setdefault(rule, [])
        if len(kept) == LISTED:
            return
        kept.append(
            CsiFinding(
                rule=rule,
                severity=severity or severity_of(rule),
                message=f"{rule.value}{_place(line, column)}: {text}",
                line=line,
                column=None if column is None else _letter(column),
                column_name=None if column is None else _name(column),
                value=None if value is None else escaped(value),
            )
        )

    def rejects(self) -> bool:
        """Whether any finding so far rejects the upload."""
        return any(kept[0].severity is CsiSeverity.REJECT for kept in self._kept.values())

    def has(self, rule: CsiRule) -> bool:
        """Whether the rule was broken."""
        return self._counts[rule] > 0

    def rejecting(self) -> tuple[CsiFinding, ...]:
        """Findings that reject, by rule in the order of the gates, each with its rule's count."""
        return tuple(each for each in self._all() if each.severity is CsiSeverity.REJECT)

    def telling(self) -> tuple[CsiFinding, ...]:
        """Findings that warn, inform or flag, likewise."""
        return tuple(each for each in self._all() if each.severity is not CsiSeverity.REJECT)

    def _all(self) -> Iterable[CsiFinding]:
        for rule in CsiRule:
            for finding in self._kept.get(rule, ()):
                yield replace(finding, count=self._counts[rule])


def _cut(pieces: list[str], length: int) -> str:
    """As many whole pieces as leave room for the mark of the cut."""
    while length > LONGEST_VALUE - len(_CUT):
        length -= len(pieces.pop())
    return "".join(pieces) + _CUT


def _place(line: int | None, column: int | None) -> str:
    parts = []
    if line is not None:
        parts.append(f"line {line}")
    if column is not None:
        name = _name(column)
        parts.append(f"column {_letter(column)}" + ("" if name is None else f' "{name}"'))
    return f" {', '.join(parts)}" if parts else ""


def _letter(column: int) -> str:
    return COLUMN_LETTERS[column]


def _name(column: int) -> str | None:
    return HEADER_TEMPLATE[column]
