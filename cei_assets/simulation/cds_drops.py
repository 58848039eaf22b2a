"""The utility's view of a main incomer of the pilot: CDS bodies dropped as files, and the mapping.

It says of three months what the works' own readings say, so that nothing the platform makes of
the readings depends on it: where a reading never arrived the utility has no value either.
"""

import os
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from cei_assets.contracts.cds_vocabulary import CdsObjectKind, CdsRelation
from cei_assets.contracts.tables.cds_hand_over import CDS_METERS
from cei_assets.contracts.vocabulary import FlowDirection, UploadSource
from cei_assets.simulation.cds_bodies import (
    Connection,
    MonthUse,
    account,
    bill_section,
    bill_statement,
    envelope,
    meter_device,
    service_contract,
    service_point,
    usage_segment,
)
from cei_assets.simulation.design import MAIN, TURIN
from cei_assets.simulation.pilot import SimulatedPilot
from cei_assets.storage.landing import sidecar_suffix
from cei_assets.storage.paths import DataPaths
from cei_assets.storage.register import write_register_csv

SERVER = "pilot-utility"
METER = (TURIN.site_id, MAIN)
MONTHS = 3
MISBILLED = 1
"""Position of the month whose bill states 3 % more than was metered."""
MISBILLED_FACTOR = Decimal("1.03")
REVISED = 0
"""Position of the month that is first shown raw, with `REVISED_DAY` at half its energy."""
REVISED_DAY = 10
NULL_SLOT = (2, 300)
"""Position of a month and of its interval of which the utility has no value."""

_KWH = Decimal("0.001")
_STREAM = 5
"""Sets the utility's random numbers apart from those of the readings, which stay as they are."""
_CDS = UploadSource.CDS.value


def write_customer_data(pilot: SimulatedPilot, *, paths: DataPaths) -> None:
    """Write the files to `landing/cds`, each with a sidecar that names the server, and the mapping.

    One listing a file in dialect C: account, contract, point, meter, hourly usage of the last three
    months with the supply mix of the last, bills and sections; then the first month's usage again,
    revised. Modification times are fixed, so the same pilot gives the same files.
    """
    rng = np.random.default_rng([pilot.seed, _STREAM])
    months = _months(pilot)
    connection = _connection(pilot, rng=rng, synced_at=_use(months[-1]).end_utc)
    shares = supply_shares(months[-1]["interval_start_local"], rng=rng)
    files = _files(month_uses(pilot), connection, shares=shares)
    write_register_csv(paths, {CDS_METERS.name: _mapping(connection)})
    folder = paths.landing(_CDS)
    folder.mkdir(parents=True, exist_ok=True)
    written_at = datetime.combine(pilot.end_day, time(), tzinfo=UTC) + timedelta(minutes=1)
    for position, (name, content) in enumerate(files.items()):
        moment = written_at + timedelta(seconds=position)
        file = folder / f"{METER[0]}_{name}.json"
        sidecar = orjson.dumps({"server": SERVER})
        _put(file.with_name(file.name + sidecar_suffix(_CDS)), sidecar, written_at=moment)
        _put(file, content, written_at=moment)


def month_uses(pilot: SimulatedPilot) -> list[MonthUse]:
    """The last months of the meter as the utility finally has them, oldest first.

    Values are the readings that were delivered, exactly; at `NULL_SLOT` there is none.
    """
    uses = [_use(readings) for readings in _months(pilot)]
    position, slot = NULL_SLOT
    has_value = pa.array(np.arange(len(uses[position].kwh)) != slot)
    uses[position] = replace(uses[position], kwh=_where(has_value, uses[position].kwh))
    return uses


def supply_shares(start_local: pa.Array, *, rng: np.random.Generator) -> dict[str, pa.Array]:
    """Shares of the grid's supply by kind, DECIMAL with three places that add up to one.

    Sun follows the clock of the site, its strength and the wind change from day to day, gas is
    the rest. One element for each interval of a month, whose starts on the clock are given.
    """
    hour = pc.hour(start_local).to_numpy(zero_copy_only=False)
    day = pc.day(start_local).to_numpy(zero_copy_only=False)
    clear, windy = rng.uniform(0.3, 1.0, 32), rng.uniform(20, 150, 32)
    sun = np.clip(np.sin(np.pi * (hour - 6) / 13), 0, None)
    thousandths = {
        "solar": np.rint(320 * sun * clear[day]),
        "hydro": np.rint(rng.uniform(140, 220, len(hour))),
        "wind": np.rint(windy[day]),
    }
    thousandths["natural_gas"] = 1000 - np.sum(list(thousandths.values()), axis=0)
    return {kind: _thousandths(shares.astype(np.int64)) for kind, shares in thousandths.items()}


def _files(
    uses: list[MonthUse], connection: Connection, *, shares: dict[str, pa.Array]
) -> dict[str, bytes]:
    """Contents by what their names end in, in the order in which they come."""
    synced_at = connection.synced_at
    shown = [
        usage_segment(
            use,
            modified_at=use.end_utc,
            synced_at=synced_at,
            quality="revenue",
            shares=shares if use is uses[-1] else None,
        )
        for use in uses
    ]
    shown[REVISED] = usage_segment(
        _before_revision(uses[REVISED]),
        modified_at=uses[REVISED].end_utc,
        synced_at=synced_at,
        quality="raw",
    )
    revised = usage_segment(
        uses[REVISED],
        modified_at=uses[REVISED].end_utc + timedelta(days=8),
        synced_at=synced_at,
        quality="revenue",
    )
    bills = [(use, _billed_kwh(use, is_wrong=use is uses[MISBILLED])) for use in uses]
    kind = CdsObjectKind
    listings = {
        kind.ACCOUNTS: [account(connection)],
        kind.SERVICE_CONTRACTS: [service_contract(connection)],
        kind.SERVICE_POINTS: [service_point(connection)],
        kind.METER_DEVICES: [meter_device(connection)],
        kind.USAGE_SEGMENTS: shown,
        kind.BILL_STATEMENTS: [bill_statement(connection, use, billed) for use, billed in bills],
        kind.BILL_SECTIONS: [bill_section(connection, use, billed) for use, billed in bills],
    }
    usage = kind.USAGE_SEGMENTS.value
    return {
        **{one.value: envelope(one.value, bodies) for one, bodies in listings.items()},
        f"{usage}_revised": envelope(usage, [revised]),
    }


def _connection(
    pilot: SimulatedPilot, *, rng: np.random.Generator, synced_at: datetime
) -> Connection:
    account_number, contract_number, point_number, meter_number = rng.integers(10**7, 10**8, 4)
    return Connection(
        account_number=f"{account_number}",
        contract_number=f"K-{contract_number}",
        servicepoint_number=f"P-{point_number}",
        meter_number=f"M-{meter_number}",
        site_name=TURIN.site_name,
        created_at=datetime.combine(pilot.first_day, time()),
        synced_at=synced_at,
    )


def _mapping(connection: Connection) -> str:
    row = (
        SERVER,
        CdsRelation.METER_DEVICE.value,
        connection.meter_number,
        *METER,
        FlowDirection.FORWARD.value,
        "",
        "",
    )
    return f"{','.join(CDS_METERS.column_names)}\n{','.join(row)}\n"


def _months(pilot: SimulatedPilot) -> list[pa.Table]:
    """The meter's readings by local month; also those that never arrived."""
    readings = pilot.readings
    of_meter = readings.filter(
        pc.and_(pc.equal(readings["site_id"], METER[0]), pc.equal(readings["meter_id"], METER[1]))
    )
    month = pc.strftime(of_meter["interval_start_local"], format="%Y-%m")
    last = sorted(pc.unique(month).to_pylist())[-MONTHS:]
    return [of_meter.filter(pc.equal(month, one)).combine_chunks() for one in last]


def _use(readings: pa.Table) -> MonthUse:
    first_day: date = readings["interval_start_local"][0].as_py().date()
    last_day: date = readings["interval_start_local"][-1].as_py().date()
    kwh = _thousandths(readings["usage_wh"].to_numpy())
    return MonthUse(
        first_day=first_day,
        last_day=last_day,
        start_utc=readings["interval_start_utc"][0].as_py(),
        interval_seconds=readings["interval_seconds"][0].as_py(),
        kwh=_where(readings["is_delivered"].combine_chunks(), kwh),
    )


def _before_revision(use: MonthUse) -> MonthUse:
    """The month as it was first shown: hours of a day at half their energy."""
    hours = np.arange(len(use.kwh))
    is_of_day = pa.array((hours >= 24 * REVISED_DAY) & (hours < 24 * (REVISED_DAY + 1)))
    halved = pc.round(pc.multiply(use.kwh, pa.scalar(Decimal("0.5"))), 3).cast(use.kwh.type)
    return replace(use, kwh=pc.if_else(is_of_day, halved, use.kwh))


def _billed_kwh(use: MonthUse, *, is_wrong: bool) -> Decimal:
    metered = use.total_kwh
    return (metered * MISBILLED_FACTOR).quantize(_KWH, ROUND_HALF_UP) if is_wrong else metered


def _thousandths(values: np.ndarray) -> pa.Array:
    """Whole thousandths as DECIMAL with three places."""
    whole = pa.array(values, pa.int64()).cast(pa.decimal128(19, 0))
    return pc.multiply(whole, pa.scalar(_KWH))


def _where(condition: pa.Array, values: pa.Array) -> pa.Array:
    return pc.if_else(condition, values, None)


def _put(path: Path, content: bytes, *, written_at: datetime) -> None:
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.write_bytes(content)
    os.utime(temporary, (written_at.timestamp(), written_at.timestamp()))
    temporary.replace(path)
