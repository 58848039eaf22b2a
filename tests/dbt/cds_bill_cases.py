"""Bills beside meters, case by case: what is billed, what is metered, and what must come out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from cds_bill_bodies import (
    APRIL,
    Usage,
    contract,
    meter_device,
    point,
    section,
    usage,
    utc,
)
from cds_object_inputs import Drop, Page

from tests.cds_segments import Raw

SERVER = "utility"
ZONE = "Asia/Kolkata"
QUARTER = 900


@dataclass(frozen=True, kw_only=True)
class Case:
    """A section, the usage of what it bills, and columns of its row; None: no row."""

    section: Mapping[str, Any]
    usage: Sequence[Usage] = ()
    expected: Mapping[str, object] | None = None
    objects: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)


def _hours(start: str, count: int, *, edges: tuple[int, int] = (1, 1)) -> Usage:
    return {"start": utc(start), "values": [edges[0], *[1] * (count - 2), edges[1]]}


def _comparable(billed: str, metered: str, **columns: object) -> dict[str, object]:
    return {
        "billed_kwh": Decimal(billed),
        "metered_use_kwh": Decimal(metered),
        "bill_difference_kwh": Decimal(billed) - Decimal(metered),
        "covered_share": Decimal(1),
        "is_comparable": True,
        "comparison_obstacle": None,
        "timezone": ZONE,
        "timezone_source": "server",
    } | columns


def _obstacle(reason: str, **columns: object) -> dict[str, object]:
    return {
        "is_comparable": False, "comparison_obstacle": reason, "bill_difference_kwh": None,
        "is_within_tolerance": None,
    } | columns  # fmt: skip


IN_NEW_YORK = {"timezone": "America/New_York", "timezone_source": "site"}
HALF = 60  # six-hour values of half of April

CASES: dict[str, Case] = {
    "a month of 743 hours in the zone of the mapped site": Case(
        section=section("spring", billed=743, meters=["ny"], days=("2026-03-01", "2026-03-31")),
        usage=[
            usage("ny1", **_hours("2026-03-01T00:00:00", 780), meter="ny", seconds=3600),
        ],
        expected=_comparable(
            "743", "743", **IN_NEW_YORK, metered_seconds=3600, is_within_tolerance=True,
            bill_start_utc=utc("2026-03-01T05:00:00"), bill_end_utc=utc("2026-04-01T04:00:00"),
        ),
    ),
    "a month of 721 hours, billed 5 % more": Case(
        section=section("autumn", billed=760, meters=["ny"], days=("2026-11-01", "2026-11-30")),
        usage=[usage("ny2", **_hours("2026-11-01T00:00:00", 760), meter="ny", seconds=3600)],
        expected=_comparable(
            "760", "721", **IN_NEW_YORK, is_within_tolerance=False,
            bill_difference_percent=Decimal("5.1316"), is_cut=False,
        ),
    ),
    "local days of 23 and 24 hours are one length": Case(
        section=section("days", billed=744, meters=["ny-days"], days=("2026-03-01", "2026-03-31")),
        usage=[
            usage("d1", [24] * 7, start=utc("2026-03-01T05:00:00"), seconds=86_400,
                  meter="ny-days"),
            usage("d2", [24], start=utc("2026-03-08T05:00:00"), seconds=82_800, meter="ny-days"),
            usage("d3", [24] * 23, start=utc("2026-03-09T04:00:00"), seconds=86_400,
                  meter="ny-days"),
        ],
        expected=_comparable("744", "744", **IN_NEW_YORK, metered_seconds=86_400),
    ),
    "hours that straddle a local midnight off the full hour are cut": Case(
        section=section("cut", billed=Raw("723.000000000001"), meters=["cut"]),
        usage=[
            usage("c1", **_hours("2026-03-31T18:00:00", 721, edges=(3, 5)), meter="cut",
                  seconds=3600),
        ],
        expected=_comparable(
            "723.000000000001", "723", is_cut=True, is_within_tolerance=True,
            bill_difference_percent=Decimal(0),
        ),
    ),
    "the finest complete series counts, not the sum with the month": Case(
        section=section("fine", billed=730, meters=["fine"]),
        usage=[
            usage("f1", [Raw("0.25")] * 2880, seconds=QUARTER, meter="fine"),
            usage("f2", [9999], seconds=2_592_000, meter="fine"),
        ],
        expected=_comparable("730", "720", metered_seconds=QUARTER, is_within_tolerance=True),
    ),
    "the month counts where the finer series has holes": Case(
        section=section("coarse", billed=800, meters=["coarse"]),
        usage=[
            usage("k1", [1] * HALF + [None] * HALF, meter="coarse"),
            usage("k2", [Raw("799.5")], seconds=2_592_000, meter="coarse"),
        ],
        expected=_comparable("800", "799.5", metered_seconds=2_592_000),
    ),
    "meters that followed one another cover the days together": Case(
        section=section("swap", billed=120, meters=["old", "new"]),
        usage=[
            usage("s1", [1] * HALF, meter="old"),
            usage("s2", [1] * HALF, start=APRIL + timedelta(days=15), meter="new"),
        ],
        expected=_comparable("120", "120", metered_count=2, metered_by="meter_device"),
    ),
    "meters beside each other are added": Case(
        section=section("beside", billed=360, meters=["left", "right"]),
        usage=[
            usage("l1", [1] * 120, meter="left"),
            usage("r1", [2] * 120, meter="right"),
        ],
        expected=_comparable("360", "360", metered_count=2),
    ),
    "a meter without intervals is missing, not zero": Case(
        section=section("half", billed=120, meters=["left", "unheard"]),
        expected=_obstacle(
            "intervals do not cover the days", covered_share=Decimal("0.5"),
            metered_use_kwh=Decimal(120),
        ),
    ),
    "a gas meter of the section has no electric use to miss": Case(
        section=section("mixed", billed=120, meters=["left", "gas"]),
        objects={"meter_devices": [meter_device("gas", types="natural_gas_usage")]},
        expected=_comparable("120", "120", metered_count=1),
    ),
    "the point counts where its meter has nothing": Case(
        section=section("point", billed=61, meters=["unheard"], points=["p1"]),
        usage=[usage("p1", [Raw("0.5")] * 120, point="p1")],
        expected=_comparable(
            "61", "60", metered_by="service_point", is_within_tolerance=True,
            bill_difference_percent=Decimal("1.6393"),
        ),
    ),
    "meters are reached from a contract, also former ones": Case(
        section=section("contract", billed=240, contracts=["c9"]),
        usage=[
            usage("n1", [2] * HALF, meter="m8"),
            usage("n2", [2] * HALF, start=APRIL + timedelta(days=15), meter="m9"),
        ],
        objects={
            "service_points": [point("p9", "c9")],
            "meter_devices": [
                meter_device("m9", current=["p9"], types="electric_usage"),
                meter_device("m8", previous=["p9"], types="electric_usage"),
            ],
        },
        expected=_comparable("240", "240", metered_by="meter_device", metered_count=2),
    ),
    "net is forward with reverse where nothing says net": Case(
        section=section("sun", billed=48, meters=["sun"], direction="net"),
        usage=[
            usage("w1", [1] * 120, meter="sun", direction="forward"),
            usage("w2", [Raw("-0.6")] * 120, meter="sun", direction="reverse"),
        ],
        expected=_comparable(
            "48", "48", billed_direction="net", metered_way="forward and reverse"
        ),
    ),
    "what was billed as forward is not held against net": Case(
        section=section("forward", billed=200, meters=["left"], direction="forward"),
        expected=_obstacle("billed forward, metered net", metered_use_kwh=Decimal(120)),
    ),
    "forecasts are no metered use": Case(
        section=section("forecast", billed=120, meters=["forecast"]),
        usage=[usage("z1", [1] * 120, meter="forecast", series_kind="forecast_day_ahead")],
        expected=_obstacle("no intervals of what it bills", metered_use_kwh=None),
    ),
    "estimated readings are told by their share of the time": Case(
        section=section("estimated", billed=120, meters=["estimated"]),
        usage=[
            usage("e1", [1] * 30, meter="estimated", quality="estimated"),
            usage("e2", [1] * 90, start=APRIL + timedelta(hours=180), meter="estimated",
                  quality="revenue"),
        ],
        expected=_comparable("120", "120", estimated_share=Decimal("0.25")),
    ),
    "a value that nobody can read": Case(
        section=section("unread", billed="a lot", meters=["left"]),
        expected=_obstacle("a value or its unit cannot be read", billed_kwh=None),
    ),
    "gas is no electric use": Case(
        section=section(
            "gas", billed=5, meters=["gas"],
            usage_details=[{"id": "u", "name": "Gas", "types": ["natural_gas_usage"],
                            "value": 5, "units": "therm"}],
        ),
    ),
}  # fmt: skip

MAPPED = {
    "meter_device": {"ny": "ny", "ny-days": "ny-days", "SPARE": "spare"},
    "service_contract": {"c11": "house"},
}
METERS = [
    {"cds_server": SERVER, "resource_kind": kind, "cds_reference": reference,
     "site_id": "mill", "meter_id": meter_id, "mapped_direction": "net"}
    for kind, references in MAPPED.items()
    for reference, meter_id in references.items()
]  # fmt: skip
SITES = [
    {"site_id": "mill", "organization_id": "o", "timezone": "America/New_York", "country": "US"}
]
SITE_METERS = [
    {"site_id": "mill", "meter_id": meter_id, "interval_seconds": 3600}
    for references in MAPPED.values()
    for meter_id in references.values()
]


def drops() -> list[Drop]:
    """One file of sections, one of usage and one of other objects for every case."""
    found = []
    at = datetime.fromisoformat("2026-12-05T00:00:00")
    for number, case in enumerate(CASES.values()):
        bodies: dict[str, Mapping[str, Sequence[Any]]] = {
            "bill_sections": {"bill_sections": [case.section]},
            "usage_segments": {"usage_segments": case.usage},
        }
        bodies |= {kind: {kind: objects} for kind, objects in case.objects.items()}
        found += [
            Drop(
                receipt_id=f"bill-{number:02}-{kind}",
                observed_at=at + timedelta(minutes=number),
                body=body,
                page=Page(batch=f"b{number}", kind=kind, is_filtered=True, timezone=ZONE),
            )
            for kind, body in bodies.items()
            if any(body.values())
        ]
    return found


def moved_meter() -> list[Drop]:
    """A meter that went from point p11 to p12 on 10 April, with their contracts and account."""
    account = {
        "cds_account_id": "a11", "cds_created": "2026-01-01T00:00:00Z",
        "cds_modified": "2026-01-01T00:00:00Z", "cds_synced": "2026-01-01T00:00:00Z",
        "cds_account_parent": None, "account_number": "A-11",
    }  # fmt: skip
    bodies: tuple[Mapping[str, Sequence[Any]], ...] = (
        {"accounts": [account]},
        {"service_contracts": [contract("c11", "a11"), contract("c12", "a11")]},
        {"service_points": [point("p11", "c11"), point("p12", "c12")]},
        {
            "meter_devices": [
                meter_device("m11", types="electric_usage", current=["p11"]),
                meter_device("spare", types="electric_usage"),
                meter_device("unused", types="ami_meter"),
            ]
        },
        {
            "meter_devices": [
                meter_device(
                    "m11", types="electric_usage", current=["p12"], previous=["p11"],
                    modified="2026-04-10T00:00:00Z",
                )
            ]
        },
        {
            "usage_segments": [
                usage("moved", [1] * 720, start=utc("2026-04-01T00:00:00"), seconds=3600,
                      meter="m11")
            ]
        },
    )  # fmt: skip
    return [
        Drop(
            receipt_id=f"moved-{place}",
            observed_at=utc("2026-05-01T00:00:00") + timedelta(minutes=place),
            body=body,
            server=SERVER,
        )
        for place, body in enumerate(bodies)
    ]
