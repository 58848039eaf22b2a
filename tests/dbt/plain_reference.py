"""The rules of measurement, section 1, once more: plain Python over one row after another.

Slow and simple on purpose, so that it can be read beside the specification and compared with what
the warehouse holds.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import groupby, pairwise

from increments import METERS, Meter
from parquet_inputs import Receipt, Row

Key = tuple[str, str]
LATE = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """A row as received; `order` is its place in the ledger."""

    order: tuple[datetime, str, int]
    meter: Key
    start: datetime
    usage_kwh: Decimal
    quality: str


def accepted(receipts: Iterable[Receipt]) -> list[Arrival]:
    """Rows that count, in the order of the ledger: a key counts once per organization."""
    rows = sorted(
        (
            ((receipt.received_at_utc, receipt.receipt_id, line), receipt, row)
            for receipt in receipts
            for line, row in enumerate(receipt.readings, start=2)
        ),
        key=lambda item: item[0],
    )
    seen: set[object] = set()
    kept = []
    for order, receipt, row in rows:
        key = _counted_key(receipt, row)
        if key is None or key not in seen:
            kept.append(
                Arrival(
                    order=order,
                    meter=(row["site_id"], row["meter_id"]),
                    start=row["interval_start_utc"],
                    usage_kwh=row["usage_kwh"],
                    quality=row["reading_quality"],
                )
            )
        seen.add(key)
    return kept


def error_counts(receipts: Iterable[Receipt]) -> set[tuple[object, ...]]:
    """Day of receipt, source, code, organization, site, meter, count of refused rows."""
    known = {meter.key for meter in METERS}
    sites = {site for site, _ in known}
    counts: Counter[tuple[object, ...]] = Counter()
    for receipt in receipts:
        for row in receipt.rejects:
            named = ((row["site_id_text"] or "").strip(), row["meter_id_text"])
            is_own = row["organization_id"] == "org" and named[0] in sites
            place = (named[0] if is_own else None, named[1] if is_own and named in known else None)
            counts[
                receipt.received_date,
                receipt.upload_source,
                row["code"],
                row["organization_id"],
                *place,
            ] += 1
    for receipt, row in _key_conflicts(receipts):
        counts[
            receipt.received_date,
            receipt.upload_source,
            "DUPLICATE_IDEMPOTENCY_KEY",
            row["organization_id"],
            row["site_id"],
            row["meter_id"],
        ] += 1
    return {(*key, count) for key, count in counts.items()}


def _key_conflicts(receipts: Iterable[Receipt]) -> Iterator[tuple[Receipt, Row]]:
    """Rows whose key stands earlier in the ledger with another payload."""
    holders: dict[object, tuple[object, ...]] = {}
    for receipt in sorted(receipts, key=lambda one: (one.received_at_utc, one.receipt_id)):
        for row in receipt.readings:
            key = _counted_key(receipt, row)
            payload = tuple(
                row[name] for name in ("site_id", "meter_id", "interval_start_utc", "usage_kwh")
            )
            if key is not None and holders.setdefault(key, payload) != payload:
                yield receipt, row


def _counted_key(receipt: Receipt, row: Row) -> object:
    given = row.get("idempotency_key")
    if given is not None:
        return row["organization_id"], given
    if receipt.upload_source != "cei_api":
        return None
    return row["organization_id"], row["site_id"], row["meter_id"], row["interval_start_utc"]


def versions(arrivals: Iterable[Arrival]) -> dict[tuple[Key, datetime], list[Arrival]]:
    """Values that held in turn, by meter and interval."""
    held: dict[tuple[Key, datetime], list[Arrival]] = defaultdict(list)
    for arrival in arrivals:
        values = held[arrival.meter, arrival.start]
        if not values or values[-1].usage_kwh != arrival.usage_kwh:
            values.append(arrival)
    return held


def local_date(meter: Meter, instant: datetime) -> date:
    """The site's local day of a naive UTC instant."""
    return instant.replace(tzinfo=UTC).astimezone(meter.zone).date()


def expected(meter: Meter, as_of: datetime) -> Iterator[datetime]:
    """Starts of the intervals that are expected and have ended."""
    midnight = datetime.combine(meter.expected_from, datetime.min.time(), meter.zone)
    start = midnight.astimezone(UTC).replace(tzinfo=None)
    while start + meter.length <= as_of:
        day = local_date(meter, start)
        if meter.expected_to is None or day <= meter.expected_to:
            yield start
        start += meter.length


def completeness(receipts: Sequence[Receipt], as_of: datetime) -> set[tuple[object, ...]]:
    """Site, meter, day, expected, received, gap hours, gaps, longest gap, late, estimated hours,
    revisions."""
    held = versions(accepted(receipts))
    rows = set()
    for meter in METERS:
        hours = meter.interval_seconds / 3600
        days = groupby(expected(meter, as_of), key=lambda start, m=meter: local_date(m, start))
        for day, starts in days:
            listed = list(starts)
            values = [held[meter.key, start] for start in listed if (meter.key, start) in held]
            missing = [
                len(list(run))
                for is_missing, run in groupby(
                    listed, key=lambda start, m=meter: (m.key, start) not in held
                )
                if is_missing
            ]
            late = [v for v in values if v[0].order[0] > v[0].start + meter.length + LATE]
            estimated = [v for v in values if v[-1].quality == "estimated"]
            rows.add(
                (
                    *meter.key,
                    day,
                    len(listed),
                    len(values),
                    sum(missing) * hours,
                    len(missing),
                    max(missing, default=0) * hours,
                    len(late) * hours,
                    len(estimated) * hours,
                    sum(len(v) - 1 for v in values),
                )
            )
    return rows


def gaps(receipts: Sequence[Receipt], as_of: datetime) -> set[tuple[object, ...]]:
    """Site, meter, start, end, missing intervals, whether the gap is open, whether it alarms."""
    held = versions(accepted(receipts))
    rows = set()
    for meter in METERS:
        starts = list(expected(meter, as_of))
        is_ended = meter.expected_to is not None and local_date(meter, as_of) > meter.expected_to
        runs = groupby(starts, key=lambda start, m=meter: (m.key, start) not in held)
        for is_missing, run in runs:
            if is_missing:
                listed = list(run)
                is_open = listed[-1] == starts[-1] and not is_ended
                length = len(listed) * meter.length
                rows.add(
                    (
                        *meter.key,
                        listed[0],
                        listed[-1] + meter.length,
                        len(listed),
                        is_open,
                        length >= timedelta(hours=3),
                    )
                )
    return rows


def hours(receipts: Sequence[Receipt], as_of: datetime) -> set[tuple[object, ...]]:
    """Site, meter, start of the site's hour, energy, expected and received intervals."""
    due = {(meter.key, start) for meter in METERS for start in expected(meter, as_of)}
    sums: dict[tuple[Key, datetime], Decimal] = defaultdict(Decimal)
    received: dict[tuple[Key, datetime], int] = defaultdict(int)
    wanted: dict[tuple[Key, datetime], int] = defaultdict(int)
    zones = {meter.key: meter.zone for meter in METERS}

    def hour_of(key: Key, start: datetime) -> datetime:
        local = start.replace(tzinfo=UTC).astimezone(zones[key])
        return start - timedelta(minutes=local.minute)

    for key, start in due:
        wanted[key, hour_of(key, start)] += 1
    for (key, start), values in versions(accepted(receipts)).items():
        hour = hour_of(key, start)
        sums[key, hour] += values[-1].usage_kwh
        received[key, hour] += (key, start) in due
    return {
        (*key, hour, usage, wanted[key, hour], received[key, hour])
        for (key, hour), usage in sums.items()
        if hour + timedelta(hours=1) <= as_of
    }


def revisions(receipts: Sequence[Receipt]) -> set[tuple[object, ...]]:
    """Site, meter, interval, number, value, value before, receipt, receipt before."""
    return {
        (*meter, start, number, after.usage_kwh, before.usage_kwh, after.order[1], before.order[1])
        for (meter, start), values in versions(accepted(receipts)).items()
        for number, (before, after) in enumerate(pairwise(values), start=1)
    }
