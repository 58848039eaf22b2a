"""Files of demand and of costs as they come in, some of them later replaced by a newer version."""

import random
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from cds_object_inputs import Drop
from cds_usage_history import FIRST, FORWARD, PULLED, REVERSE, listed, of_meter

from tests.cds_segments import Raw, segment

DEMAND = {"type": "electric_demand", "units": "kW", "quality": "valid"}
AVERAGE = {**DEMAND, "id": "average", "demand_type": "average"}
PEAK = {**DEMAND, "id": "peak", "demand_type": "peak"}
STARTING = {**DEMAND, "id": "starting", "demand_type": "starting"}
NEWER = {"cds_modified": "2026-04-02T06:00:00Z"}


def demand_drops(*, seed: int) -> Sequence[Drop]:
    """Demand with a name, of more than an hour, and of chance over the ends of hours and days."""
    chance = random.Random(seed)  # noqa: S311  test data, not secrets
    named = segment(
        *_demand(("3", "4", "9"), ("1", None, "9"), ("2", "5", "9")),
        formats=(AVERAGE, PEAK, STARTING), interval=1500, **of_meter("demand"),
    )  # fmt: skip
    longer = segment(
        *_demand(("7", "8")), formats=(AVERAGE, PEAK), interval=7200,
        cds_usagesegment_id="longer", **of_meter("demand"),
    )  # fmt: skip
    evening = segment(
        *_demand(("1",), ("4",)), formats=(AVERAGE,), interval=1500,
        start="2026-03-01T23:25:00Z", cds_usagesegment_id="evening", **of_meter("midnight"),
    )  # fmt: skip
    morning = segment(
        *_demand(("2",), ("2",)), formats=(AVERAGE,), interval=1500,
        start="2026-03-02T00:15:00Z", cds_usagesegment_id="morning", **of_meter("midnight"),
    )  # fmt: skip
    other_morning = morning | NEWER | {"values": _demand(("3",), ("3",))}
    return (
        listed("demand", 1, named, longer, evening, morning, hours=0),
        listed("demand", 2, named, longer, evening, other_morning, hours=72),
        *(
            Drop(
                receipt_id=f"demands-{number}",
                observed_at=PULLED + timedelta(hours=20 * number),
                server="demands",
                body={"usage_segments": [_by_chance(chance) for _ in range(3)]},
            )
            for number in range(4)
        ),
    )


def _demand(*rows: Sequence[str | None]) -> list[list[Any]]:
    """Value sets of demand; cells are digits."""
    return [[None if cell is None else {"ed": Raw(cell)} for cell in row] for row in rows]


def _by_chance(chance: random.Random) -> dict[str, Any]:
    interval = chance.choice((720, 900, 1500, 1800, 3600))
    rows = [[_digits(chance) for _ in range(2)] for _ in range(chance.randrange(4, 40))]
    return segment(
        *_demand(*rows), formats=(AVERAGE, PEAK), interval=interval,
        start=(FIRST + timedelta(minutes=chance.choice((0, 0, 0, 5)))).isoformat() + "Z",
        cds_usagesegment_id=f"{interval} {chance.choice('ab')}",
        cds_modified=f"2026-04-01T{chance.randrange(24):02}:00:00Z", **of_meter("chance"),
    )  # fmt: skip


def _digits(chance: random.Random) -> str | None:
    """Values of few and of many digits, so that means fall between two last places or tie."""
    if chance.random() < 0.15:
        return None
    digits = chance.choice((1, 12, 26))
    return f"{Decimal(chance.randrange(-(10**digits) + 1, 10**digits)).scaleb(-12):f}"


def cost_drops() -> Sequence[Drop]:
    """Costs of one format, of two, and of none that is named; then other ones in their place."""
    cost = {"type": "cost", "currency": "EUR"}
    formats = (
        FORWARD, REVERSE,
        {**cost, "id": "of use", "indexes": [0]},
        {**cost, "id": "of both", "indexes": [0, 1]},
        {**cost, "id": "of all", "indexes": []},
    )  # fmt: skip

    def body(of_use: str, **members: object) -> dict[str, Any]:
        amounts = ({"eu": 2}, {"eu": -1}, {"c": Raw(of_use)}, {"c": Raw("0.75")}, None)
        return segment(amounts, formats=formats, **of_meter("priced"), **members)

    return (
        listed("costs", 1, body("0.5"), hours=0),
        listed("costs", 2, body("-0.123456789012", **NEWER), hours=30),
    )
