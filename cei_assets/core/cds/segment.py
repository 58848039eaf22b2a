"""One usage segment: its members typed, its values as they stood."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from cei_assets.contracts.cds_vocabulary import CdsCode, CdsRelation, CdsSeriesKind
from cei_assets.core.cds.finding import CdsReadError, Findings
from cei_assets.core.cds.formats import ValueFormat, read_format
from cei_assets.core.cds.members import count_unknown, ids, required, required_list, required_text
from cei_assets.core.cds.moments import LATEST_US, duration_of, microseconds_of
from cei_assets.core.cds.series_kinds import series_kind
from cei_assets.core.intake.batch_body import type_name

RELATED: dict[str, CdsRelation] = {
    "related_aggregations": CdsRelation.AGGREGATION,
    "related_accounts": CdsRelation.ACCOUNT,
    "related_servicecontracts": CdsRelation.SERVICE_CONTRACT,
    "related_servicepoints": CdsRelation.SERVICE_POINT,
    "related_meterdevices": CdsRelation.METER_DEVICE,
    "related_billsections": CdsRelation.BILL_SECTION,
    "related_eacs": CdsRelation.EAC,
}
"""Lists of ids of a segment; `related_eacs` is in dialect A's bodies only."""

_ID = "cds_usagesegment_id"
_SYNCED = "cds_synced"
_OWN = (
    _ID, "cds_created", "cds_modified", _SYNCED, "segment_start", "segment_end", "interval",
    "format", "formats", "values", "series_kind",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Segment:
    """A usage segment; `values` is the list of its sets, each a list or null.

    Moments and interval are whole microseconds (UTC). `content_sha256` is the digest of the
    members without `cds_synced`, which moves while nothing else does; `version_id` that of server,
    id, start, modification and content, so that it names a version wherever it is seen.
    """

    pointer: str
    segment_id: str
    created_us: int | None
    modified_us: int
    synced_us: int | None
    start_us: int
    end_us: int
    interval_us: int
    formats: tuple[ValueFormat, ...]
    values: list[Any]
    related: Mapping[CdsRelation, tuple[str, ...]]
    content_sha256: str
    version_id: str
    series_kind: CdsSeriesKind | None = None

    @property
    def is_period_marker(self) -> bool:
        """Whether it only says that there is a period: neither formats nor values."""
        return not self.formats and not self.values

    @property
    def is_aggregated(self) -> bool:
        """Whether its values are those of several customers together."""
        return bool(self.related[CdsRelation.AGGREGATION])


def read_segment(item: object, *, pointer: str, server: str, findings: Findings) -> Segment:
    """A usage segment of any dialect; `server` is whose id it is.

    Unknown members and words are counted and ignored; absent lists of ids are told and empty.
    Raises CdsReadError with the pointer to what makes the segment unusable: no object, a required
    member that is absent or of another type, no moment, an interval that is not above zero, an end
    before the start, values that are no list of lists.
    """
    if not isinstance(item, dict):
        raise CdsReadError(
            CdsCode.NOT_AN_OBJECT,
            f"a usage segment is {type_name(item)}, not an object",
            pointer=pointer,
            value=item,
        )
    segment_id = required_text(item, _ID, pointer=pointer)
    start, end = _moment(item, "segment_start", pointer), _moment(item, "segment_end", pointer)
    interval = duration_of(
        required(item, "interval", pointer=pointer), pointer=f"{pointer}/interval"
    )
    if end < start:
        raise CdsReadError(
            CdsCode.END_BEFORE_START,
            "segment_end is before segment_start",
            pointer=f"{pointer}/segment_end",
            value=item["segment_end"],
        )
    modified = _moment(item, "cds_modified", pointer)
    formats = _formats(item, pointer=pointer, findings=findings)
    values = _values(item, pointer=pointer)
    if start + interval * len(values) >= LATEST_US:
        raise CdsReadError(
            CdsCode.BAD_INTERVAL,
            "the last value lies beyond the year 9999",
            pointer=f"{pointer}/interval",
            value=item["interval"],
        )
    count_unknown(item, (*_OWN, *RELATED), of="segment", findings=findings)
    content = content_sha256(item)
    return Segment(
        pointer=pointer,
        segment_id=segment_id,
        created_us=moment_or_none(item, "cds_created", pointer, findings, is_expected=True),
        modified_us=modified,
        synced_us=moment_or_none(item, _SYNCED, pointer, findings, is_expected=False),
        start_us=start,
        end_us=end,
        interval_us=interval,
        formats=formats,
        values=values,
        related=_related(item, pointer=pointer, findings=findings),
        content_sha256=content,
        version_id=digest([server, segment_id, start, modified, content]),
        series_kind=series_kind(item, pointer=pointer, findings=findings),
    )


def content_sha256(members: Mapping[str, Any]) -> str:
    """Digest of an object without `cds_synced`, whatever the order of its members and its blanks.

    Digits count as written, so that 1.0 and 1.00 differ; a number and the same digits as text do
    not, since both are read alike.
    """
    content = {name: member for name, member in members.items() if name != _SYNCED}
    return digest(content)


def digest(content: object) -> str:
    """Digest of JSON, whatever the order of its members."""
    return sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _moment(item: Mapping[str, Any], name: str, pointer: str) -> int:
    moment = required(item, name, pointer=pointer)
    return microseconds_of(moment, pointer=f"{pointer}/{name}")


def moment_or_none(
    item: Mapping[str, Any], name: str, pointer: str, findings: Findings, *, is_expected: bool
) -> int | None:
    """A moment that orders nothing: without it the object is usable all the same."""
    if item.get(name) is None:
        if is_expected:
            findings.tell(CdsCode.MISSING_KEY, f"{pointer}/{name}", f"{name} is missing")
        return None
    try:
        return microseconds_of(item[name], pointer=f"{pointer}/{name}")
    except CdsReadError as error:
        findings.tell(
            CdsCode.VALUE_TYPE,
            error.finding.pointer,
            f"{name} is ignored: {error.finding.detail}",
            item[name],
        )
        return None


def _formats(
    item: Mapping[str, Any], *, pointer: str, findings: Findings
) -> tuple[ValueFormat, ...]:
    name = "formats" if item.get("formats") is not None else "format"
    if item.get(name) is None:
        name = "formats"
    listed = required_list(item, name, pointer=pointer)
    return tuple(
        read_format(entry, position, pointer=f"{pointer}/{name}/{position}", findings=findings)
        for position, entry in enumerate(listed)
    )


def _values(item: Mapping[str, Any], *, pointer: str) -> list[Any]:
    values = required_list(item, "values", pointer=pointer)
    for index, value_set in enumerate(values):
        if value_set is not None and not isinstance(value_set, list):
            raise CdsReadError(
                CdsCode.WRONG_TYPE,
                f"a value set is {type_name(value_set)}, neither a list nor null",
                pointer=f"{pointer}/values/{index}",
                value=value_set,
            )
    return values


def _related(
    item: Mapping[str, Any], *, pointer: str, findings: Findings
) -> dict[CdsRelation, tuple[str, ...]]:
    missing = [name for name in RELATED if name not in item and name != "related_eacs"]
    if missing:
        findings.tell(
            CdsCode.MISSING_KEY, pointer, f"without {', '.join(missing)}; taken as empty lists"
        )
    return {
        relation: ids(item, name, pointer=pointer, findings=findings)
        for name, relation in RELATED.items()
    }
