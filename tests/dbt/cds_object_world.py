"""A made-up history of service points under two grants, and what must be known of it."""

import json
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from cds_object_inputs import Drop, Page

SERVER = "riverside"
KIND = "service_points"
FIRST = datetime.fromisoformat("2026-01-10T06:00:00")
PULLS = 12
GRANTS = {"g1": range(6), "g2": range(4, 9)}
DAY = timedelta(days=1)
LAST = FIRST + 1000 * DAY


def service_point(number: int, *, modified: datetime, contracts: Sequence[str]) -> dict[str, Any]:
    """A point as a body has it; its former contracts are those before the last."""
    return {
        "cds_servicepoint_id": f"p{number}",
        "cds_created": "2025-01-01T00:00:00Z",
        "cds_modified": f"{modified.isoformat()}Z",
        "cds_synced": f"{modified.isoformat()}Z",
        "servicepoint_number": f"P-{number}",
        "servicepoint_types": ["electric"],
        "current_servicecontracts": list(contracts[-1:]),
        "previous_servicecontracts": list(contracts[:-1]),
    }


def pulls(seed: int) -> Iterator[Drop]:
    """Pages of daily pulls, one listing a grant.

    Points change contract, sometimes without a new `cds_modified`, go and come back; listings may
    lack a page or access; now and then an older state is shown again, as by a dropped file.
    """
    chance = random.Random(seed)  # noqa: S311 - a made-up history, no secret
    told: dict[int, list[dict[str, Any]]] = {
        number: [service_point(number, modified=FIRST - DAY, contracts=["c0"])]
        for number in {number for numbers in GRANTS.values() for number in numbers}
    }
    gone: set[int] = set()
    for day in range(PULLS):
        at = FIRST + day * DAY
        for number, states in told.items():
            if chance.random() < 0.25:
                names = [f"c{index}" for index in range(len(states) + 1)]
                hours = 0 if chance.random() < 0.4 else chance.randrange(1, 20)
                last = datetime.fromisoformat(states[-1]["cds_modified"].removesuffix("Z"))
                modified = last if hours == 0 else max(at - timedelta(hours=hours), last)
                states.append(service_point(number, modified=modified, contracts=names))
            if chance.random() < 0.15:
                gone ^= {number}
        for grant, numbers in GRANTS.items():
            shown = [told[number][-1] for number in numbers if number not in gone]
            yield from _listing(grant, day, at, shown, chance)
        if chance.random() < 0.3:
            yield Drop(
                receipt_id=f"{day:02}-dropped",
                observed_at=at + timedelta(hours=5),
                body={KIND: [chance.choice(chance.choice(list(told.values())))]},
                server=SERVER,
            )


def _listing(
    grant: str, day: int, at: datetime, shown: list[dict[str, Any]], chance: random.Random
) -> Iterator[Drop]:
    """Two pages, of which one may be lost."""
    lost = chance.choice([0, 1]) if chance.random() < 0.15 else None
    access = "incomplete" if chance.random() < 0.15 else "complete"
    for number in range(2):
        if number == lost:
            continue
        yield Drop(
            receipt_id=f"{day:02}-{grant}-{number}",
            observed_at=at + timedelta(minutes=number + 10 * (grant == "g2")),
            body={KIND: shown[number::2]},
            server=SERVER,
            page=Page(
                batch=f"{day:02}", kind=KIND, number=number, count=2, grants=grant,
                listing=int(grant[1]), access=access,
            ),
        )  # fmt: skip


def _content(point: dict[str, Any]) -> str:
    return json.dumps({name: value for name, value in point.items() if name != "cds_synced"})


def histories(drops: Iterable[Drop]) -> dict[str, list[tuple[Any, ...]]]:
    """By point: (number, contract, valid from, valid to, first seen, last seen) of each version."""
    seen: dict[str, dict[tuple[datetime, str], list[datetime]]] = defaultdict(dict)
    contract: dict[str, str] = {}
    for drop in drops:
        for point in drop.body[KIND]:
            modified = datetime.fromisoformat(point["cds_modified"].removesuffix("Z"))
            content = _content(point)
            contract[content] = point["current_servicecontracts"][0]
            versions = seen[point["cds_servicepoint_id"]]
            versions.setdefault((modified, content), []).append(drop.observed_at)
    found = {}
    for point_id, versions in seen.items():
        order = sorted(versions, key=lambda key: (key[0], min(versions[key])))
        starts = []
        groups = [list(group) for _, group in groupby(order, key=lambda key: key[0])]
        for group, later in zip(groups, [*groups[1:], None], strict=True):
            end = later[0][0] if later else LAST
            for place, key in enumerate(group):
                start = key[0] if place == 0 else max(key[0], min(versions[key]))
                starts.append(min(start, end))
        found[point_id] = [
            (number, contract[key[1]], start, end, min(versions[key]), max(versions[key]))
            for number, (key, start, end) in enumerate(
                zip(order, starts, [*starts[1:], None], strict=True), start=1
            )
        ]
    return found


def withdrawn(drops: Sequence[Drop]) -> dict[str, datetime]:
    """Points that the next whole listing of every grant that ever showed them lacks."""
    pages: dict[tuple[str, str], list[Drop]] = defaultdict(list)
    last_seen: dict[str, datetime] = {}
    last_shown: dict[str, dict[str, datetime]] = defaultdict(dict)
    for drop in sorted(drops, key=lambda drop: drop.observed_at):
        for point in drop.body[KIND]:
            point_id = point["cds_servicepoint_id"]
            last_seen[point_id] = drop.observed_at
            if drop.page and drop.page.grants:
                last_shown[point_id][drop.page.grants] = drop.observed_at
        if drop.page and drop.page.grants:
            pages[drop.page.batch, drop.page.grants].append(drop)
    whole = [
        (grant, found[0].observed_at, found[-1].observed_at)
        for (_, grant), found in pages.items()
        if len(found) == 2 and all(drop.page and drop.page.access == "complete" for drop in found)
    ]
    gone = {}
    for point_id, shown in last_shown.items():
        missed = [
            min((end for other, start, end in whole if other == grant and start > at), default=None)
            for grant, at in shown.items()
        ]
        if None not in missed and max(missed) > last_seen[point_id]:
            gone[point_id] = max(missed)
    return gone
