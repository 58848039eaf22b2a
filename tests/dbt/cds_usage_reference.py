"""Which slots of usage segments hold, worked out row by row from the files alone."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cds_object_inputs import Drop

from cei_assets.contracts.cds_vocabulary import CDS_QUALITY_ORDER
from cei_assets.core.cds.interval_table import CdsSource
from cei_assets.core.cds.judge import judge_cds
from tests.cds_segments import text_of

Row = dict[str, Any]
Key = tuple[str, str, datetime]
RANKS = {quality.value: rank for rank, quality in enumerate(CDS_QUALITY_ORDER)}
LIKENESS = (
    "cds_server", "resource_kind", "resource_id", "is_aggregated", "cds_value_type", "series_kind",
    "flow_direction", "native_unit", "currency", "demand_type", "tou", "tou_known", "tier",
    "tier_known", "season", "season_known", "meter_register", "register_known",
    "cds_interval_seconds",
)  # fmt: skip
DEEP_PAST = datetime.fromisoformat("1900-01-01")
FAR_FUTURE = datetime.fromisoformat("2900-01-01")


@dataclass(kw_only=True)
class Version:
    """A version with everything that any file says of it."""

    segment: Row
    sightings: list[tuple[datetime, str, Row]] = field(default_factory=list)
    slots: list[Row] = field(default_factory=list)

    @property
    def first(self) -> Row:
        return min(self.sightings, key=lambda seen: seen[:2])[2]

    @property
    def key(self) -> Key:
        row = self.segment
        return row["cds_server"], row["cds_usagesegment_id"], row["segment_start_utc"]

    @property
    def last_seen(self) -> datetime:
        return max(seen[0] for seen in self.sightings)


@dataclass(frozen=True, kw_only=True)
class Resolved:
    """Status by version, and slots that hold by likeness, variant and start."""

    status: dict[str, str]
    slots: dict[tuple[Any, ...], Row]


def resolve(drops: Iterable[Drop]) -> Resolved:
    """What holds once all of these files are in."""
    drops = list(drops)
    versions = _versions(drops)
    by_key: dict[Key, list[Version]] = defaultdict(list)
    for version in versions.values():
        by_key[version.key].append(version)
    status = {}
    holding = []
    for key, found in by_key.items():
        best = max(
            found,
            key=lambda one: (
                one.segment["cds_modified_utc"],
                one.first["observed_at_utc"],
                one.segment["segment_version_id"],
            ),
        )
        for one in found:
            status[one.segment["segment_version_id"]] = "superseded"
        is_gone = _is_withdrawn(key, found, best, drops)
        status[best.segment["segment_version_id"]] = "withdrawn" if is_gone else "current"
        if not is_gone:
            holding.append(best)
    return Resolved(status=status, slots=_slots(holding))


def _versions(drops: Iterable[Drop]) -> dict[str, Version]:
    versions: dict[str, Version] = {}
    for drop in drops:
        source = CdsSource(
            receipt_id=drop.receipt_id, server=drop.server, observed_at_utc=drop.observed_at
        )
        tables = judge_cds(text_of(drop.body).encode(), source=source).tables
        slots = defaultdict(list)
        for row in tables.intervals.to_pylist():
            slots[row["segment_version_id"]].append(row)
        for row in tables.segments.to_pylist():
            name = row["segment_version_id"]
            version = versions.setdefault(name, Version(segment=row))
            version.sightings.append((drop.observed_at, drop.receipt_id, row))
            version.slots = slots[name]
    return versions


def _is_withdrawn(key: Key, found: list[Version], best: Version, drops: list[Drop]) -> bool:
    """Every grant that showed the segment has since listed all there is without it."""
    pages = {drop.receipt_id: drop.page for drop in drops}
    shown = {
        page.grants or ""
        for version in found
        for _, receipt, _ in version.sightings
        if (page := pages[receipt]) is not None
    }
    last_seen = max(version.last_seen for version in found)
    start, end = key[2], best.segment["segment_end_utc"]
    missing = {
        grants
        for grants, began, since, until in _whole_listings(key[0], drops)
        if began > last_seen and start < until and end > since
    }
    return bool(shown) and shown <= missing


def _whole_listings(
    server: str, drops: list[Drop]
) -> Iterable[tuple[str, datetime, datetime, datetime]]:
    batches = defaultdict(list)
    for drop in drops:
        page = drop.page
        if page is not None and page.kind == "usage_segments" and drop.server == server:
            batches[page.batch].append((drop.observed_at, page))
    for found in batches.values():
        pages = [page for _, page in found]
        if len({page.number for page in pages}) < pages[0].count:
            continue
        if any(page.is_filtered or page.access != "complete" for page in pages):
            continue
        yield (
            pages[0].grants or "",
            min(seen for seen, _ in found),
            pages[0].since or DEEP_PAST,
            pages[0].until or FAR_FUTURE,
        )


def _slots(holding: Iterable[Version]) -> dict[tuple[Any, ...], Row]:
    rivals: dict[tuple[Any, ...], list[tuple[Version, Row]]] = defaultdict(list)
    for version in holding:
        for slot, variant in _with_variants(version):
            likeness = tuple(slot[name] for name in LIKENESS)
            if slot["resource_id"] is None:
                likeness = (*likeness, version.segment["cds_usagesegment_id"])
            rivals[(*likeness, variant, slot["interval_start_utc"])].append((version, slot))
    return {key: _best(found) for key, found in rivals.items()}


def _with_variants(version: Version) -> Iterable[tuple[Row, str | None]]:
    formats = {slot["format_position"]: slot for slot in version.slots}
    alike: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for position, slot in sorted(formats.items()):
        alike[(*(slot[name] for name in LIKENESS), slot["reading_quality"])].append(position)
    repeated = {key[:-1] for key, positions in alike.items() if len(positions) > 1}
    variants: dict[int, str | None] = {}
    for key, positions in alike.items():
        turns: dict[str, int] = defaultdict(int)
        for position in positions:
            name = formats[position]["format_id"]
            turns[name] += 1
            turn = f"#{turns[name]}" if turns[name] > 1 else ""
            variants[position] = f"{name}{turn}" if key[:-1] in repeated else None
    for slot in version.slots:
        if slot["cds_value_type"] != "electric_supply_mix":
            yield slot, variants[slot["format_position"]]


def _best(rivals: list[tuple[Version, Row]]) -> Row:
    """Of each quality the newest; of these the best quality that has a value."""
    newest: dict[str, tuple[Version, Row]] = {}
    for version, slot in sorted(rivals, key=_recency):
        newest[slot["reading_quality"]] = (version, slot)
    _, slot = min(
        newest.values(),
        key=lambda one: (
            one[1]["value_status"] != "value",
            RANKS[one[1]["reading_quality"]],
        ),
    )
    return slot


def _recency(rival: tuple[Version, Row]) -> tuple[Any, ...]:
    version, slot = rival
    first = version.first
    return (
        version.segment["cds_modified_utc"],
        first["cds_synced_utc"] or DEEP_PAST,
        first["observed_at_utc"],
        version.segment["cds_usagesegment_id"],
        version.segment["segment_version_id"],
        -slot["format_position"],
    )
