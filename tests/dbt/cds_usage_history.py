"""Files of usage segments as they come in: random ones with all that competes, and plain cases."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from cds_object_inputs import Drop, Page

from tests.cds_segments import NET, Raw, net, segment

FIRST = datetime.fromisoformat("2026-03-28T22:00:00")
PULLED = datetime.fromisoformat("2026-04-02T09:00:00")
ARRIVES_LAST = "arrives last"
QUALITIES = ("corrected", "revenue", "valid", "raw", "estimated", None)
SERVERS = ("random-0", "random-1", "random-2")
MODIFIED = ("2026-04-01T06:00:00Z", "2026-04-01T06:00:00Z", "2026-04-01T18:00:00Z")


def random_drops(*, seed: int) -> Iterator[Drop]:
    """Files and whole listings of three servers, over the European change of the clocks.

    Segments share ids, starts, times of modification and series; they overlap, repeat formats, are
    shown again, vanish and come back. The times at which they were observed are told apart.
    """
    chance = random.Random(seed)  # noqa: S311  test data, not secrets
    for server in SERVERS:
        known: list[dict[str, Any]] = []
        for number in range(14):
            observed = PULLED + timedelta(hours=7 * number, minutes=chance.randrange(60))
            fresh = [_segment(chance) for _ in range(chance.randrange(4))]
            fresh += [_revision(chance, one) for one in chance.sample(known, min(len(known), 2))]
            again = chance.sample(known, min(len(known), chance.randrange(6)))
            known.extend(fresh)
            bodies = {_identity(one): one for one in (*fresh, *again)}
            yield from _files(chance, server, number, observed, list(bodies.values()))


def _files(
    chance: random.Random, server: str, number: int, observed: datetime, bodies: list[Any]
) -> Iterator[Drop]:
    """One file from elsewhere, or the two pages of a listing, of which some do not count."""
    receipt = f"{server}-{number:02}"
    if chance.random() < 0.4:
        yield Drop(
            receipt_id=receipt, observed_at=observed, server=server,
            body={"usage_segments": bodies},
        )  # fmt: skip
        return
    half = len(bodies) // 2
    since = FIRST + timedelta(hours=chance.choice((0, 9))) if chance.random() < 0.5 else None
    grants = chance.choice((None, None, "grant-1", "grant-2"))
    access = chance.choice(("complete", "complete", "complete", "incomplete"))
    is_filtered = chance.random() < 0.1
    for page, listed in enumerate((bodies[:half], bodies[half:])):
        yield Drop(
            receipt_id=f"{receipt}-{page}",
            observed_at=observed + timedelta(minutes=page),
            server=server,
            body={"usage_segments": listed},
            page=Page(
                batch=receipt, kind="usage_segments", number=page, count=2, grants=grants,
                access=access, is_filtered=is_filtered, since=since, timezone="Asia/Kolkata",
            ),
        )  # fmt: skip


def _identity(body: dict[str, Any]) -> tuple[Any, ...]:
    return body["cds_usagesegment_id"], body["segment_start"], body["cds_modified"]


def _segment(chance: random.Random) -> dict[str, Any]:
    interval = chance.choice((900, 900, 900, 1500, 3600, 86400))
    step = timedelta(seconds=interval if interval != 86400 else 3600)
    start = FIRST + chance.randrange(12) * step + timedelta(minutes=chance.choice((0, 0, 0, 5)))
    formats = [
        {
            **NET,
            "id": chance.choice("ab"),
            "direction": chance.choice(("net", "net", "net", "forward", "reverse")),
            "units": chance.choice(("kWh", "kWh", "Wh")),
            "quality": chance.choice(QUALITIES),
        }
        for _ in range(chance.choice((1, 1, 1, 2, 3)))
    ]
    has_mix = len(formats) == 1 and chance.random() < 0.3
    if has_mix:
        formats += [mix_format("wind", "individual"), mix_format("general", "residual")]
    count = 2 if interval == 86400 else chance.randrange(3, 14)
    sets = [
        [_slot(chance), *_mix_slots(chance)] if has_mix else [_slot(chance) for _ in formats]
        for _ in range(count)
    ]
    return segment(
        *sets,
        formats=[{k: v for k, v in one.items() if v is not None} for one in formats],
        start=start.isoformat() + "Z",
        interval=interval,
        cds_usagesegment_id=chance.choice(("s1", "s2", "s3", "s4", "s5", "s6")),
        cds_modified=chance.choice(MODIFIED),
        cds_synced=chance.choice(("2026-04-02T00:00:00Z", "2026-04-02T01:00:00Z")),
        related_meterdevices=chance.choice((["m1"], ["m1"], ["m2"], ["m1", "m2"])),
        related_servicepoints=chance.choice(([], ["p1"])),
        related_servicecontracts=[],
        related_accounts=[],
    )


def _revision(chance: random.Random, body: dict[str, Any]) -> dict[str, Any]:
    """Other values under the same id, with a time of modification that may be the same or older."""
    return body | {
        "values": [
            [slot if slot and "sm" in slot else _slot(chance) for slot in value_set]
            for value_set in body["values"]
        ],
        "cds_modified": chance.choice(MODIFIED),
    }


def _slot(chance: random.Random) -> dict[str, Raw] | None:
    if chance.random() < 0.15:
        return None
    digits = chance.choice((3, 12))
    return {"eu": Raw(f"{Decimal(chance.randrange(-(10**digits), 10**digits)).scaleb(-digits):f}")}


def _mix_slots(chance: random.Random) -> list[dict[str, object]]:
    """Shares of wind and of the rest, at times not whole or without an intensity."""
    wind = chance.choice(("0.25", "0.3333", "0.5"))
    rest = Decimal(1) - Decimal(wind) if chance.random() < 0.8 else Decimal("0.1")
    return [mix(Raw(wind), 0), mix(Raw(str(rest)), chance.choice((400, Raw("0.5"), None)))]


def listed(server: str, number: int, *bodies: dict[str, Any], hours: float, **page: object) -> Drop:
    """A whole listing of usage segments on one page, so many hours after the first pull."""
    receipt = f"{server}-{number}"
    return Drop(
        receipt_id=receipt,
        observed_at=PULLED + timedelta(hours=hours),
        server=server,
        body={"usage_segments": bodies},
        page=replace(Page(batch=receipt, kind="usage_segments"), **page),
    )


def plain_drops() -> Sequence[Drop]:
    """The cases that have a name, each on a server of its own."""
    first = segment(*net(1, 1, 1), interval=3600)
    revised = segment(
        *net(Raw("1.1"), Raw("0.9"), None), interval=3600, cds_modified="2026-04-02T06:00:00Z"
    )
    kept = segment(*net(5), interval=3600, cds_usagesegment_id="kept")
    gone = segment(*net(7), interval=3600, start="2026-03-01T02:00:00Z", cds_usagesegment_id="gone")
    whole = segment(*net(2, 2, 2, 2), cds_usagesegment_id="whole")
    trimmed = segment(
        *net(3, 3), start="2026-03-01T00:30:00Z", cds_usagesegment_id="trimmed",
        cds_modified="2026-04-02T06:00:00Z",
    )  # fmt: skip
    evening = segment(
        *net(1, 1), interval=1500, start="2026-03-01T23:25:00Z", cds_usagesegment_id="evening"
    )
    morning = segment(
        *net(2, 2), interval=1500, start="2026-03-02T00:15:00Z", cds_usagesegment_id="morning"
    )
    other_morning = morning | {"values": net(3, 3), "cds_modified": "2026-04-02T06:00:00Z"}
    same_bytes = segment(*net(4), cds_usagesegment_id="same")
    other_bytes = segment(*net(6), cds_usagesegment_id="same")
    return (
        listed("revised", 1, first, hours=0),
        listed("revised", 2, revised, hours=24),
        listed("late", 1, revised, hours=0),
        listed("late", 2, first, hours=24),
        listed("same", 1, same_bytes, hours=0),
        listed("same", 2, other_bytes, hours=24),
        listed("withdrawn", 1, kept, gone, hours=0),
        listed("withdrawn", 2, kept, hours=24),
        listed("returned", 1, kept, gone, hours=0),
        listed("returned", 2, kept, hours=24),
        listed("returned", 3, kept, gone, hours=48),
        listed("later", 1, kept, gone, hours=0),
        listed("later", 2, kept, hours=10),
        listed("later", 3, kept, gone, hours=72),
        listed("window", 1, kept, gone, hours=0),
        listed("window", 2, kept, hours=24, until=datetime.fromisoformat("2026-03-01T02:00")),
        listed("pending", 1, kept, gone, hours=0),
        listed("pending", 2, kept, hours=24, access="incomplete"),
        listed("half", 1, kept, gone, hours=0),
        listed("half", 2, kept, hours=24, count=2),
        listed("grants", 1, whole, hours=0, grants="one"),
        listed("grants", 2, trimmed, hours=1, grants="two"),
        listed("grants", 3, whole, hours=24, grants="one"),
        listed("grants", 4, trimmed, hours=25, grants="two"),
        listed("midnight", 1, evening, morning, hours=0),
        listed("midnight", 2, evening, other_morning, hours=72),
        listed("overtaken", 1, same_bytes, hours=1),
        listed("overtaken", 2, other_bytes, hours=2),
        listed("overtaken", 3, other_bytes, hours=0, batch=ARRIVES_LAST),
        *_reading_drops(),
    )


FORWARD = {**NET, "id": "f", "direction": "forward"}
REVERSE = {**NET, "id": "r", "direction": "reverse"}
PLAIN = {"id": "p", "type": "electric_usage", "units": "kWh"}


def of_meter(meter: str) -> dict[str, list[str]]:
    """Relations to nothing but a meter."""
    return {
        "related_meterdevices": [meter], "related_servicepoints": [],
        "related_servicecontracts": [], "related_accounts": [],
    }  # fmt: skip


def sets(*rows: Sequence[Any]) -> list[list[Any]]:
    """Value sets of electric usage; cells are digits."""
    return [[None if cell is None else {"eu": Raw(str(cell))} for cell in row] for row in rows]


def mix(share: object, intensity: object = None) -> dict[str, object]:
    """A slot of a supply mix."""
    return {"sm": share} if intensity is None else {"sm": share, "ci": intensity}


def mix_format(kind: str, attribution: str) -> dict[str, Any]:
    """A format of a supply mix that describes the first format."""
    return {
        "id": f"{attribution}-{kind}", "type": "electric_supply_mix", "indexes": [0],
        "attribution": attribution, "supply_type": kind,
    }  # fmt: skip


def _reading_drops() -> Sequence[Drop]:
    designated = [
        {**FORWARD, "id": "peak", "tou": "peak"}, {**FORWARD, "id": "off", "tou": "off_peak"},
    ]  # fmt: skip
    total = {**FORWARD, "id": "total", "tou": None}
    bodies = (
        segment(
            *sets(("1.5", "-0.25"), ("2", None), ("3", 0), ("4", "-1")),
            formats=(FORWARD, REVERSE), cds_usagesegment_id="two ways", **of_meter("two-ways"),
        ),
        segment(
            *sets(("1", None), (None, "2")), formats=designated, cds_usagesegment_id="parts",
            **of_meter("parts"),
        ),
        segment(
            *sets(("1", None, "1.2"), (None, "2", None)), formats=(*designated, total),
            cds_usagesegment_id="parts and total", **of_meter("parts-and-total"),
        ),
        segment(
            *sets(("1", "2"), ("3", None)), formats=(PLAIN, {**PLAIN, "id": "again"}),
            cds_usagesegment_id="twice", **of_meter("twice"),
        ),
        segment(
            *sets(("-0.5",), ("0.25",)), formats=(NET,), cds_usagesegment_id="negative",
            **of_meter("negative"),
        ),
        segment(
            *sets(("10",)), formats=(FORWARD,), interval=3600, cds_usagesegment_id="hourly",
            **of_meter("two-ways"),
        ),
        segment(
            *sets(("40",)), formats=(FORWARD,), interval=86400, cds_usagesegment_id="daily",
            **of_meter("two-ways"),
        ),
        segment(
            *sets(("9",)), formats=({**FORWARD, "series_kind": "forecast_day_ahead"},),
            cds_usagesegment_id="forecast", **of_meter("forecast"),
        ),
        segment(*net(8), cds_usagesegment_id="nobody", **of_meter("unmapped")),
        segment(*net(3), cds_usagesegment_id="of the point", **of_meter("moved")),
        *_mixed_bodies(),
    )  # fmt: skip
    return (
        Drop(
            receipt_id="readings", observed_at=PULLED, server="readings",
            body={"usage_segments": bodies},
        ),
        Drop(
            receipt_id="readings-objects", observed_at=PULLED + timedelta(hours=30),
            server="readings", body={"meter_devices": [_moved_meter()]},
        ),
    )  # fmt: skip


def _mixed_bodies() -> Sequence[dict[str, Any]]:
    """Hours with their own supply mix: whole, two sets, contained kinds, not whole, stated."""
    halves = (mix_format("solar", "individual"), mix_format("general", "residual"))
    based = (*halves, mix_format("general", "base"))
    free = (
        mix_format("carbonfree", "base"), mix_format("solar", "base"), mix_format("general", "base")
    )  # fmt: skip
    hour: dict[str, Any] = {"interval": 3600}
    return (
        segment(
            [{"eu": "2"}, mix(Raw("0.25"), 0), mix(Raw("0.75"), 400)],
            formats=(FORWARD, *halves), cds_usagesegment_id="mix", **of_meter("mix"), **hour,
        ),
        segment(
            [{"eu": "2"}, mix(Raw("0.25"), 0), mix(Raw("0.75"), 400), mix(1, 300)],
            formats=(FORWARD, *based), cds_usagesegment_id="mix sets", **of_meter("mix-sets"),
            **hour,
        ),
        segment(
            [{"eu": "2"}, mix(Raw("0.5"), 0), mix(Raw("0.5"), 0), mix(Raw("0.5"), 100)],
            formats=(FORWARD, *free), cds_usagesegment_id="mix kinds", **of_meter("mix-kinds"),
            **hour,
        ),
        segment(
            [{"eu": "2"}, mix(Raw("0.25"), 0), mix(Raw("0.25"), 400)],
            formats=(FORWARD, *halves), cds_usagesegment_id="mix part", **of_meter("mix-part"),
            **hour,
        ),
    )  # fmt: skip


def _moved_meter() -> dict[str, Any]:
    """A meter that was at a point of the mapping before."""
    return {
        "cds_meterdevice_id": "moved", "cds_created": "2026-01-01T00:00:00Z",
        "cds_modified": "2026-01-02T00:00:00Z", "cds_synced": "2026-04-01T00:00:00Z",
        "meter_number": "0815", "meter_types": ["electric_usage"],
        "current_servicepoints": [], "previous_servicepoints": ["old-point"],
    }  # fmt: skip
