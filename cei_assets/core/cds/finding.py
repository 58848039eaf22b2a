"""What is found in a file of customer data, each with the place where it stands."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from cei_assets.contracts.cds_vocabulary import CDS_REFUSING_CODES, CdsCode
from cei_assets.core.intake.batch_body import clean

LISTED = 20
"""How many findings of one code are listed where a file is shown; all are counted."""

_CUT = 80


@dataclass(frozen=True, kw_only=True)
class CdsFinding:
    """A finding: RFC 6901 pointer into the file, code, what to do, and what stood there."""

    pointer: str
    code: CdsCode
    detail: str
    value: str | None = None

    @property
    def refuses(self) -> bool:
        """Whether a file, segment or value was refused for it."""
        return self.code in CDS_REFUSING_CODES

    def as_json(self) -> dict[str, Any]:
        """The finding as one object of a JSON line."""
        return {
            "pointer": self.pointer,
            "code": self.code.value,
            "detail": self.detail,
            "value": self.value,
        }


class CdsReadError(ValueError):
    """What makes a file, a segment or a value unusable."""

    def __init__(
        self, code: CdsCode, detail: str, *, pointer: str = "", value: object = None
    ) -> None:
        super().__init__(detail)
        self.finding = CdsFinding(pointer=pointer, code=code, detail=detail, value=shown(value))


@dataclass
class Findings:
    """Collects findings: every one that refuses, and the first of each code that only tells.

    `unknown_fields`, `unknown_types` and `unknown_words` count what readers have to ignore.
    """

    listed: list[CdsFinding] = field(default_factory=list)
    counts: Counter[CdsCode] = field(default_factory=Counter)
    unknown_fields: Counter[str] = field(default_factory=Counter)
    unknown_types: Counter[str] = field(default_factory=Counter)
    unknown_words: Counter[str] = field(default_factory=Counter)

    def add(self, finding: CdsFinding) -> None:
        """Take a finding."""
        self.counts[finding.code] += 1
        if finding.refuses or self.counts[finding.code] <= LISTED:
            self.listed.append(finding)

    def tell(self, code: CdsCode, pointer: str, detail: str, value: object = None) -> None:
        """Take a finding made of its parts; `value` is shown as it stood in the file."""
        self.add(CdsFinding(pointer=pointer, code=code, detail=detail, value=shown(value)))

    def take(self, other: "Findings") -> None:
        """Take all that another collected."""
        for finding in other.listed:
            self.add(finding)
        for code, count in other.counts.items():
            self.counts[code] += count - sum(found.code is code for found in other.listed)
        self.unknown_fields += other.unknown_fields
        self.unknown_types += other.unknown_types
        self.unknown_words += other.unknown_words

    def first_of_each_code(self) -> tuple[CdsFinding, ...]:
        """At most the first 20 findings of each code, in the order of the file."""
        seen: Counter[CdsCode] = Counter()
        kept = []
        for finding in self.listed:
            seen[finding.code] += 1
            if seen[finding.code] <= LISTED:
                kept.append(finding)
        return tuple(kept)


def shown(value: object) -> str | None:
    """A value of the file in few characters, None for none.

    Control characters and lone surrogates are spelled out; the whole is cut at 80 characters.
    """
    if value is None:
        return None
    if isinstance(value, dict | list):
        return f"{'an object' if isinstance(value, dict) else 'a list'} of {len(value)}"
    if isinstance(value, bool):
        return str(value).lower()
    # Bounded before it is escaped: a hostile text may have millions of characters.
    text = clean(str(value)[: _CUT + 1])
    text = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return text if len(text) <= _CUT else f"{text[:_CUT]}..."


def escaped(key: str) -> str:
    """A member's name as a part of a pointer (RFC 6901, section 3)."""
    return clean(key).replace("~", "~0").replace("/", "~1")
