"""A random history of a small programme: reports, failures, replacements, late decisions."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from csi_inputs import BACKUPS, ZONE, Upload, application

from cei_assets.core.csi.months import due_at_utc, month_end_utc, next_month
from cei_assets.core.csi.timeline import months_between

FIRST = date(2013, 9, 1)
LAST_OF_RANDOM = date(2014, 5, 1)
FILLED_CELLS = 12
READING = {"gas": BACKUPS[0], "electric": BACKUPS[1], "propane": BACKUPS[2]}
NINE_PAYMENTS, EIGHT_PAYMENTS, CAPPED = "SCG-00009", "SCG-00008", "SCG-00500"


@dataclass(kw_only=True)
class History:
    """Everything that happens, in rows of the register and uploads."""

    applications: list[dict[str, Any]] = field(default_factory=list)
    uploads: list[Upload] = field(default_factory=list)
    replacements: list[dict[str, Any]] = field(default_factory=list)
    late_decisions: list[dict[str, Any]] = field(default_factory=list)


def history(seed: int) -> History:
    """Systems of every kind with eventful months, and three that report all 24 months in time."""
    rng = random.Random(seed)  # noqa: S311 - a history, no secret
    told = History()
    kinds = [
        (1, backup, fuel)
        for backup in ("gas", "electric", "propane", "none")
        for fuel in ("gas", "electric")
    ]
    for number, (tanks, backup, fuel) in enumerate(
        [*kinds, (2, "gas", "gas"), (2, "none", "propane")]
    ):
        _eventful(rng, told, _system(rng, f"PGE-{number:05}", tanks, backup, fuel))
    _eventful(rng, told, _changed_mid_term(rng))
    unpaid = application("SDG-00001", tank_configuration=2, conversion_method="cop")
    for changes in ({}, {"application_id": "SDG-00002", "baseline_efficiency": None}):
        told.applications.append(unpaid | {"conversion_method": "cop"} | changes)
    told.applications[-1]["conversion_method"] = "delivered_energy"
    for application_id in ("SDG-00001", "SDG-00002"):
        told.uploads.append(_report(rng, told.applications[-1], application_id, FIRST, 0))
    _largest(told)
    for application_id, first, cap in (
        (NINE_PAYMENTS, FIRST, None),
        (EIGHT_PAYMENTS, next_month(FIRST), None),
        (CAPPED, FIRST, Decimal("500.00")),
    ):
        row = application(
            application_id,
            first_data_month=first,
            last_data_month=next_month(first, 23),
            incentive_cap=cap,
        )
        told.applications.append(row)
        for month in months_between(first, row["last_data_month"]):
            told.uploads.append(_report(rng, row, application_id, month, 0))
    rng.shuffle(told.uploads)
    return told


def _largest(told: History) -> None:
    """As much as column D can hold, in an accepted file, at terms as generous as is promised."""
    row = application(
        "SDG-99999",
        displaced_fuel="electric",
        baseline_efficiency=Decimal("0.01"),
        rate=Decimal("9999.999999"),
        rate_unit="kWh",
    )
    told.applications.append(row)
    told.uploads.append(
        Upload(
            receipt_id="largest",
            application_id="SDG-99999",
            application_month=FIRST,
            submitted_at_utc=due_at_utc(FIRST, zone=ZONE),
            cells={place: {"solar_btu": 2**63 - 1} for place in range(100)},
        )
    )


def _system(
    rng: random.Random, application_id: str, tanks: int, backup: str, fuel: str
) -> list[dict[str, Any]]:
    return [
        application(
            application_id,
            tank_configuration=tanks,
            backup_type=backup,
            displaced_fuel=fuel,
            baseline_efficiency=Decimal(rng.randint(500_000, 1_000_000)).scaleb(-6),
            rate=Decimal(rng.choice(["7.27", "4.94", "0.21", "3.141593"])),
            rate_unit="therm" if fuel == "gas" else "kWh",
            incentive_cap=rng.choice([None, Decimal("1500.00"), Decimal("40000.00")]),
            last_data_month=rng.choice([date(2015, 8, 1), date(2014, 4, 1)]),
        )
    ]


def _changed_mid_term(rng: random.Random) -> list[dict[str, Any]]:
    """Another provider, tank and rate from February 2014 on."""
    (old,) = _system(rng, "SCE-00001", 2, "gas", "gas")
    change = {"tank_configuration": 1, "pdp_id": "q", "rate": Decimal("4.94")}
    return [
        old | {"valid_to_month": date(2014, 1, 1)},
        old | change | {"valid_from_month": date(2014, 2, 1)},
    ]


def _eventful(rng: random.Random, told: History, versions: list[dict[str, Any]]) -> None:
    told.applications.extend(versions)
    application_id = versions[0]["application_id"]
    for month in months_between(FIRST, LAST_OF_RANDOM):
        terms = versions[-1] if month >= date(2014, 2, 1) else versions[0]
        for upload in _attempts(rng, terms, application_id, month):
            told.uploads.append(upload)
            _decide(rng, told, upload)
            if upload.content_result == "Success" and rng.random() < 0.3:
                _replace(rng, told, upload, terms)


def _attempts(
    rng: random.Random, terms: dict[str, Any], application_id: str, month: date
) -> Iterator[Upload]:
    if rng.random() < 0.1:
        return
    number = 0
    if rng.random() < 0.2:
        yield _report(rng, terms, application_id, month, number, content_result="Failure")
        number += 1
    if rng.random() < 0.2:
        yield _report(rng, terms, application_id, month, number, file_type="meter_interval")
        number += 1
    yield _report(rng, terms, application_id, month, number, is_late=rng.random() < 0.3)


def _replace(rng: random.Random, told: History, upload: Upload, terms: dict[str, Any]) -> None:
    authorized_at = upload.submitted_at_utc + timedelta(hours=rng.randint(1, 1500))
    told.replacements.append(
        {
            "authorization_id": f"auth-{upload.receipt_id}",
            "application_id": upload.application_id,
            "application_month": upload.application_month,
            "authorized_by": "PA",
            "authorized_at_utc": authorized_at,
            "replacement_reason": "meter was misread",
            "replaces_receipt_id": rng.choice([None, upload.receipt_id]),
            "late_decision": rng.choice([None, "pay", "deny"]),
        }
    )
    for number in range(rng.randint(1, 2)):
        told.uploads.append(
            _report(
                rng, terms, upload.application_id, upload.application_month, 10 + number,
                submitted_at=authorized_at + timedelta(hours=rng.randint(0, 1500)),
                content_result=rng.choice(["Success", "Success", "Failure"]),
            )
        )  # fmt: skip
        _decide(rng, told, told.uploads[-1])


def _decide(rng: random.Random, told: History, upload: Upload) -> None:
    if not upload.is_late:
        return
    at = upload.submitted_at_utc
    for _ in range(rng.randint(0, 3)):
        at += timedelta(seconds=rng.randint(1, 60 * 86400))
        told.late_decisions.append(
            {
                "application_id": upload.application_id,
                "application_month": upload.application_month,
                "late_receipt_id": rng.choice([None, upload.receipt_id]),
                "late_decision": rng.choice(["pay", "pay", "deny"]),
                "late_decided_by": "PA",
                "late_decided_at_utc": at,
            }
        )


def _report(
    rng: random.Random,
    terms: dict[str, Any],
    application_id: str,
    month: date,
    number: int,
    *,
    is_late: bool = False,
    submitted_at: datetime | None = None,
    content_result: str = "Success",
    file_type: str = "application_interval",
) -> Upload:
    due = due_at_utc(month, zone=ZONE)
    if submitted_at is None:
        end = month_end_utc(month, zone=ZONE)
        seconds = int((due - end).total_seconds())
        # the very last second on time, and the first that is late, are among them
        submitted_at = (
            due + timedelta(seconds=rng.choice([1, rng.randint(1, 90 * 86400)]))
            if is_late
            else end + timedelta(seconds=rng.choice([seconds, rng.randint(0, seconds)]))
        )
    places = rng.sample(range(28 * 96), FILLED_CELLS)
    return Upload(
        receipt_id=f"{application_id}-{month:%Y%m}-{number}-{rng.randrange(16**6):06x}",
        application_id=application_id,
        application_month=month,
        submitted_at_utc=submitted_at,
        cells={place: _cell(rng, terms) for place in places} if rng.random() > 0.05 else {},
        content_result=content_result,
        file_type=file_type,
    )


def _cell(rng: random.Random, terms: dict[str, Any]) -> dict[str, Any]:
    heat = rng.choice([None, 0, -rng.randint(1, 10**5), *(rng.randint(0, 10**7) for _ in range(9))])
    cell: dict[str, Any] = {"is_catch_up": heat is not None and rng.random() < 0.1}
    cell["solar_btu" if terms["tank_configuration"] == 2 else "total_btu"] = heat
    if terms["backup_type"] != "none":
        reading = Decimal(rng.randint(-(10**11), 10**13)).scaleb(-12)
        cell[READING[terms["backup_type"]]] = rng.choice([None, Decimal(0), *[reading] * 6])
    return cell
