"""A pilot whose readings arrive in increments, with all that makes increments difficult.

Rome with both a quarter-hourly and hourly meters over the spring change of the clocks, Kolkata
with its clock off the full hour; missing, late, repeated and revised values; keys that come twice
or for another interval; a receipt that is judged after younger ones; a meter that falls silent;
hours in which nothing arrives while the clock runs on; a past in which nothing happens but that an
older receipt takes a key away from it.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from parquet_inputs import DataDirectory, Receipt, Row

FIRST_DAY = date(2024, 3, 24)
PAST_FIRST, PAST_LAST = date(2024, 3, 1), date(2024, 3, 10)
VOWED = datetime.fromisoformat("2024-03-06 10:00")
SILENT_FROM = datetime.fromisoformat("2024-03-27 09:00")
ZONES = {"rome": "Europe/Rome", "kolkata": "Asia/Kolkata"}


@dataclass(frozen=True, kw_only=True)
class Meter:
    """A registered meter; days are local."""

    site_id: str
    meter_id: str
    interval_seconds: int
    expected_from: date = FIRST_DAY
    expected_to: date | None = None
    silent_from: datetime | None = None
    is_fed: bool = True

    @property
    def key(self) -> tuple[str, str]:
        return self.site_id, self.meter_id

    @property
    def length(self) -> timedelta:
        return timedelta(seconds=self.interval_seconds)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(ZONES[self.site_id])


METERS = (
    Meter(site_id="rome", meter_id="main", interval_seconds=3600),
    Meter(
        site_id="rome",
        meter_id="line",
        interval_seconds=900,
        expected_from=date(2024, 3, 26),
        expected_to=date(2024, 4, 2),
    ),
    Meter(site_id="rome", meter_id="hvac", interval_seconds=3600, silent_from=SILENT_FROM),
    Meter(site_id="rome", meter_id="mute", interval_seconds=3600, is_fed=False),
    Meter(
        site_id="rome",
        meter_id="past",
        interval_seconds=3600,
        expected_from=PAST_FIRST,
        expected_to=PAST_LAST,
        is_fed=False,
    ),
    Meter(site_id="kolkata", meter_id="main", interval_seconds=3600),
    Meter(site_id="kolkata", meter_id="press", interval_seconds=900),
)


def write_register(data: DataDirectory) -> None:
    """The register of the pilot."""
    data.write_register(
        "organizations",
        [
            {"organization_id": "org", "organization_name": "Org"},
        ],
    )
    data.write_register(
        "sites",
        [
            {
                "site_id": site,
                "organization_id": "org",
                "site_name": site,
                "timezone": zone,
                "country": zone[:2].upper(),
                "station_id": "station",
            }
            for site, zone in ZONES.items()
        ],
    )
    data.write_register(
        "meters",
        [
            {
                "site_id": meter.site_id,
                "meter_id": meter.meter_id,
                "description": meter.meter_id,
                "role": "main_incomer" if meter.meter_id == "main" else "submeter",
                "parent_meter_id": None if meter.meter_id == "main" else "main",
                "interval_seconds": meter.interval_seconds,
                "interval_label": "start",
                "expected_from": meter.expected_from,
                "expected_to": meter.expected_to,
            }
            for meter in METERS
        ],
    )
    data.write_register(
        "operating_hours",
        [
            {
                "site_id": site,
                "weekday": weekday,
                "opens": "22:00",
                "closes": "06:00",
                "valid_from": FIRST_DAY,
            }
            for site in ZONES
            for weekday in range(5)
        ],
    )
    data.write_register(
        "tariffs",
        [
            {
                "site_id": site,
                "valid_from": FIRST_DAY,
                "currency": "EUR",
                "price_per_kwh": Decimal("0.2"),
                "hour_from": 0,
                "hour_to": 24,
                "weekday_from": 0,
                "weekday_to": 6,
            }
            for site in ZONES
        ],
    )


@dataclass(frozen=True, kw_only=True)
class Increment:
    """What arrives before a build, and the build's clock."""

    as_of: datetime
    receipts: tuple[Receipt, ...]


# From a little before Rome's change of clocks to some days after it.
FIRST_BUILD = datetime.fromisoformat("2024-03-30 09:20")
MINUTES_BETWEEN_BUILDS = (60, 195, 1500, 600, 5000)


def increments(*, seed: int) -> Iterator[Increment]:
    """Increments of an hour to some days, the last one with nothing but time."""
    chance = random.Random(seed)  # noqa: S311  test data, not secrets
    as_of = FIRST_BUILD
    sent = {meter.key: _first_start(meter) for meter in METERS}
    withheld: list[Receipt] = []
    for number, minutes in enumerate((*MINUTES_BETWEEN_BUILDS, None)):
        receipts = list(_arrivals(chance, number, as_of, sent)) if minutes else []
        if number == 1:
            withheld.append(receipts.pop())
        if number == 0:
            receipts.append(_past(chance))
        if number == 3:
            receipts.extend([*withheld, _older_claim(chance)])
        if number == 4:
            receipts.append(_oldest_claim())
        yield Increment(as_of=as_of, receipts=tuple(receipts))
        as_of += timedelta(minutes=minutes or 0)


def _first_start(meter: Meter) -> datetime:
    midnight = datetime.combine(FIRST_DAY, datetime.min.time(), meter.zone)
    return midnight.astimezone(ZoneInfo("UTC")).replace(tzinfo=None)


def _past(chance: random.Random) -> Receipt:
    """Every hour of the past but the last of 4 March; the first of 5 March and one hour of 6 March
    hold a key each."""
    meter = next(meter for meter in METERS if meter.meter_id == "past")
    start = datetime.fromisoformat("2024-02-29 23:00")
    hours = [start + hour * meter.length for hour in range(10 * 24)]
    missing, pledged = (datetime.fromisoformat(f"2024-03-04 {hour}:00") for hour in (22, 23))
    return Receipt(
        receipt_id="past",
        received_at_utc=FIRST_BUILD - timedelta(minutes=20),
        readings=[
            _reading(chance, meter, hour)
            | {"idempotency_key": {pledged: "pledge", VOWED: "vow"}.get(hour)}
            for hour in hours
            if hour != missing
        ],
    )


def _older_claim(chance: random.Random) -> Receipt:
    """A receipt from before the past's, judged late, that claims its key for another interval.

    The past's row loses its verdict, so the gap of the day before runs on over midnight.
    """
    meter = next(meter for meter in METERS if meter.meter_id == "past")
    claimed = _reading(chance, meter, datetime.fromisoformat("2024-03-08 12:00"))
    return Receipt(
        receipt_id="older",
        received_at_utc=FIRST_BUILD - timedelta(minutes=60),
        readings=[claimed | {"idempotency_key": "pledge"}],
    )


def _oldest_claim() -> Receipt:
    """A receipt of the day before the past's, judged last, with another value under its key.

    The past's row becomes a conflict on a day of receipt on which nothing arrives any more.
    """
    meter = next(meter for meter in METERS if meter.meter_id == "past")
    claimed = _reading(random.Random(0), meter, VOWED)  # noqa: S311  test data, not secrets
    return Receipt(
        receipt_id="oldest",
        received_at_utc=FIRST_BUILD - timedelta(days=1),
        readings=[claimed | {"idempotency_key": "vow", "usage_kwh": Decimal(7)}],
    )


def _arrivals(
    chance: random.Random, number: int, as_of: datetime, sent: dict[tuple[str, str], datetime]
) -> Iterator[Receipt]:
    received = as_of - timedelta(minutes=10)
    fresh: list[Row] = []
    for meter in METERS:
        fresh.extend(_fresh(chance, meter, as_of, sent))
    yield Receipt(
        receipt_id=f"csv{number}",
        received_at_utc=received,
        readings=[row for row in fresh if row["meter_id"] != "main"],
        temperatures=[
            {
                "station_id": "station",
                "observed_at_utc": received - timedelta(minutes=chance.choice((17, 61)) * step),
                "temperature_c": chance.uniform(-5, 30),
            }
            for step in range(chance.randrange(90))
        ],
    )
    mains = [row for row in fresh if row["meter_id"] == "main"]
    yield Receipt(
        receipt_id=f"api{number}",
        upload_source="cei_api",
        received_at_utc=received + timedelta(minutes=1),
        readings=[dict(row) | _key(chance) for row in mains],
    )
    yield Receipt(
        receipt_id=f"late{number}",
        upload_source=chance.choice(("cei_api", "csv_drop")),
        received_at_utc=received + timedelta(minutes=2),
        readings=list(_again(chance, as_of)),
        rejects=list(_refused(number)),
    )


def _fresh(
    chance: random.Random, meter: Meter, as_of: datetime, sent: dict[tuple[str, str], datetime]
) -> Iterator[Row]:
    start = sent[meter.key]
    while start + meter.length <= as_of:
        is_silent = meter.silent_from is not None and start >= meter.silent_from
        if meter.is_fed and not is_silent and chance.random() < 0.9:
            yield _reading(chance, meter, start)
        start += meter.length
    sent[meter.key] = start


def _again(chance: random.Random, as_of: datetime) -> Iterator[Row]:
    """Values for intervals of the past: missing ones, the same ones, other ones."""
    for _ in range(25):
        meter = chance.choice([meter for meter in METERS if meter.is_fed])
        first = _first_start(meter)
        elapsed = int((as_of - first) / meter.length)
        start = first + chance.randrange(elapsed) * meter.length
        yield _reading(chance, meter, start) | _key(chance)


def _refused(number: int) -> Iterator[Row]:
    """Refused rows: of a meter, of an unknown one, of a foreign site, of nobody known."""
    chance = random.Random(number)  # noqa: S311  test data, not secrets
    for _ in range(20):
        yield {
            "organization_id": chance.choice(("org", "stranger", None)),
            "site_id_text": chance.choice(("rome", " rome ", "kolkata", "atlantis", None)),
            "meter_id_text": chance.choice(("main", "hvac", "nowhere", None)),
            "code": chance.choice(("UNKNOWN_METER", "INVALID_VALUE")),
            "detail": "wrong",
        }


def _reading(chance: random.Random, meter: Meter, start: datetime) -> dict[str, object]:
    return {
        "organization_id": "org",
        "site_id": meter.site_id,
        "meter_id": meter.meter_id,
        "interval_start_utc": start,
        "interval_seconds": meter.interval_seconds,
        "usage_kwh": Decimal(chance.choice(("1", "2.5", "0"))),
        "reading_quality": chance.choice(("raw", "estimated")),
        "flow_direction": "forward",
    }


def _key(chance: random.Random) -> Row:
    """Few keys, so that many come twice; or none, which the batch API derives."""
    return {"idempotency_key": chance.choice((None, None, f"key{chance.randrange(60)}"))}
