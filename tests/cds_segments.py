"""Usage segments of our own, as text with the digits we want, and the verdict on them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cei_assets.contracts.cds_vocabulary import CdsCode
from cei_assets.core.cds.interval_table import CdsSource
from cei_assets.core.cds.judge import CdsLimits, CdsVerdict, judge_cds

SOURCE = CdsSource(
    receipt_id="mill.json",
    server="riverside",
    observed_at_utc=datetime.fromisoformat("2026-04-02T09:30:00"),
)
NET = {"id": "n", "type": "electric_usage", "units": "kWh", "direction": "net", "quality": "valid"}


@dataclass(frozen=True)
class Raw:
    """A number that JSON text shows with exactly these digits."""

    digits: str


def text_of(value: object) -> str:
    """JSON text; `Raw` numbers as their digits, everything else as `json` writes it."""
    if isinstance(value, Raw):
        return value.digits
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(k)}:{text_of(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(text_of, value)) + "]"
    return json.dumps(value)


def segment(
    *sets: object,
    formats: Sequence[object] = (NET,),
    start: str = "2026-03-01T00:00:00Z",
    end: str | None = None,
    interval: object = 900,
    key: str = "formats",
    **members: object,
) -> dict[str, Any]:
    """A segment of the given sets; its end follows from them unless it is given."""
    if end is None:
        seconds = float(interval.digits if isinstance(interval, Raw) else str(interval))
        end = (datetime.fromisoformat(start) + timedelta(seconds=len(sets) * seconds)).isoformat()
    return {
        "cds_usagesegment_id": "mill-march",
        "cds_created": "2026-04-01T00:00:00Z",
        "cds_modified": "2026-04-01T06:00:00Z",
        "cds_synced": "2026-04-02T00:00:00Z",
        "related_aggregations": [],
        "related_accounts": ["account-1"],
        "related_servicecontracts": ["contract-1"],
        "related_servicepoints": ["point-1"],
        "related_meterdevices": ["meter-1"],
        "related_billsections": [],
        "segment_start": start,
        "segment_end": end,
        "interval": interval,
        key: list(formats),
        "values": list(sets),
        **members,
    }


def net(*amounts: object) -> list[object]:
    """Sets of one net value each, None for a null slot."""
    return [[None if amount is None else {"eu": amount}] for amount in amounts]


def judged(*segments: object, limits: CdsLimits | None = None) -> CdsVerdict:
    """The verdict on an envelope of segments."""
    body = {"usage_segments": list(segments), "next": None, "previous": None}
    return judged_text(text_of(body), limits=limits)


def judged_text(text: str | bytes, *, limits: CdsLimits | None = None) -> CdsVerdict:
    """The verdict on a file."""
    content = text.encode() if isinstance(text, str) else text
    return judge_cds(content, source=SOURCE, limits=limits)


def rows(verdict: CdsVerdict, names: str) -> list[tuple[Any, ...]]:
    """Columns of the intervals, row by row."""
    found = verdict.tables.intervals.to_pylist()
    return [tuple(row[name] for name in names.split()) for row in found]


def places(verdict: CdsVerdict, code: CdsCode) -> list[str]:
    """Pointers of the findings of a code."""
    return [found.pointer for found in verdict.findings.listed if found.code is code]


def codes(verdict: CdsVerdict) -> set[str]:
    """Codes of everything that was found."""
    return {code.value for code in verdict.findings.counts}
