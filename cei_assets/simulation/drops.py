"""The pilot as a client would hand it over: register, CSV drops, API batches, temperatures."""

import os
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import orjson
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as pa_csv

from cei_assets.simulation.design import (
    BOLOGNA,
    MAIN,
    ORGANIZATION_ID,
    PROCESS,
    QUARTER_HOUR_METER,
    TURIN,
    WAREHOUSE,
)
from cei_assets.simulation.pilot import SimulatedPilot
from cei_assets.simulation.register_text import register_texts
from cei_assets.simulation.truth import truth_of, write_truth
from cei_assets.storage.paths import DataPaths
from cei_assets.storage.register import write_register_csv

API_METER = (BOLOGNA.site_id, WAREHOUSE)
"""Its last month comes through the batch API, as files of request bodies."""
API_BATCH = 500
MISREAD = (TURIN.site_id, PROCESS)
"""One value of its first month is dropped ten times too high and corrected by a later file."""
MISREAD_HOUR = 250
BAD_ROWS = (
    f"{TURIN.site_id},boiler,2026-01-01T00:00:00Z,12.5,kWh\n"
    f"{TURIN.site_id},{MAIN},{{hour}},-3.2,kWh\n"
)
"""Appended to a drop: a meter that is not registered and a negative value."""


@dataclass(frozen=True, kw_only=True)
class _Drop:
    path: Path
    content: bytes


def write_pilot(pilot: SimulatedPilot, *, paths: DataPaths) -> None:
    """Write register, drops and `demo/truth.json` below the data folder.

    Readings in UTC and kWh with three decimals: a CSV per site and month, the last month of one
    meter as API batches, temperatures per site. On purpose there are an exact duplicate, two rows
    that must be refused and a value that a later file corrects. Modification times are fixed, so
    the same pilot gives the same receipts.
    """
    write_register_csv(paths, register_texts(first_day=pilot.first_day, end_day=pilot.end_day))
    rows = _rows(pilot)
    drops = [
        *_csv_drops(rows, pilot, paths),
        _correction(rows, paths),
        _api_drop(rows, pilot, paths),
        *_temperature_drops(pilot, paths),
    ]
    first_write = datetime.combine(pilot.end_day, time(), tzinfo=UTC)
    for position, drop in enumerate(drops):
        _put(drop, written_at=first_write + timedelta(seconds=position))
    write_truth(truth_of(pilot), paths=paths)


def _rows(pilot: SimulatedPilot) -> pa.Table:
    """Delivered readings as the columns of a drop, with the local month they belong to."""
    readings = pilot.readings.filter(pilot.readings["is_delivered"])
    is_end = pc.equal(readings["meter_id"], QUARTER_HOUR_METER)
    start = readings["interval_start_utc"]
    shifted = pc.add(start, pa.scalar(timedelta(seconds=900), pa.duration("us")))
    stamped = pc.if_else(is_end, shifted, start)
    return pa.table(
        {
            "site_id": readings["site_id"],
            "meter_id": readings["meter_id"],
            "timestamp_utc": pc.strftime(
                stamped.cast(pa.timestamp("s")), format="%Y-%m-%dT%H:%M:%SZ"
            ),
            "value": pc.multiply(
                readings["usage_wh"].cast(pa.decimal128(19, 0)), pa.scalar(Decimal("0.001"))
            ),
            "month": pc.strftime(readings["interval_start_local"], format="%Y-%m"),
        }
    )


def _csv_drops(rows: pa.Table, pilot: SimulatedPilot, paths: DataPaths) -> list[_Drop]:
    last_month = _last_month(pilot)
    by_api = _and(
        pc.equal(rows["site_id"], API_METER[0]),
        pc.equal(rows["meter_id"], API_METER[1]),
        pc.equal(rows["month"], last_month),
    )
    by_file = rows.filter(pc.invert(by_api))
    drops = []
    for site_id in (TURIN.site_id, BOLOGNA.site_id):
        for month in sorted(pc.unique(rows["month"]).to_pylist()):
            chosen = by_file.filter(
                _and(pc.equal(by_file["site_id"], site_id), pc.equal(by_file["month"], month))
            )
            text = _csv(chosen)
            if (site_id, month) == (TURIN.site_id, last_month):
                text = _with_faults(text)
            elif (site_id, month) == (TURIN.site_id, f"{pilot.first_day:%Y-%m}"):
                text = _misread(text, rows)
            name = f"{site_id}_{month}.csv"
            drops.append(_Drop(path=paths.landing("csv_drop") / name, content=text.encode()))
    return drops


def _with_faults(text: str) -> str:
    """Repeat the first row and append rows that must be refused."""
    first_row = text.splitlines()[1]
    hour = first_row.split(",")[2]
    return text + first_row + "\n" + BAD_ROWS.format(hour=hour)


def _misread_row(rows: pa.Table) -> dict[str, object]:
    of_meter = rows.filter(
        _and(pc.equal(rows["site_id"], MISREAD[0]), pc.equal(rows["meter_id"], MISREAD[1]))
    )
    row: dict[str, object] = of_meter.slice(MISREAD_HOUR, 1).to_pylist()[0]
    return row


def _misread(text: str, rows: pa.Table) -> str:
    row = _misread_row(rows)
    right = f"{row['site_id']},{row['meter_id']},{row['timestamp_utc']},{row['value']},kWh\n"
    wrong = right.replace(f"{row['value']},kWh", f"{row['value'] * 10},kWh")  # type: ignore[operator] # a Decimal
    return text.replace(right, wrong)


def _correction(rows: pa.Table, paths: DataPaths) -> _Drop:
    row = _misread_row(rows)
    text = (
        "site_id,meter_id,timestamp_utc,value,unit\n"
        f"{row['site_id']},{row['meter_id']},{row['timestamp_utc']},{row['value']},kWh\n"
    )
    return _Drop(
        path=paths.landing("csv_drop") / f"{MISREAD[0]}_correction.csv", content=text.encode()
    )


def _api_drop(rows: pa.Table, pilot: SimulatedPilot, paths: DataPaths) -> _Drop:
    """Request bodies of at most 500 records with their receipts, one a line."""
    chosen = rows.filter(
        _and(
            pc.equal(rows["site_id"], API_METER[0]),
            pc.equal(rows["meter_id"], API_METER[1]),
            pc.equal(rows["month"], _last_month(pilot)),
        )
    ).select(["site_id", "meter_id", "timestamp_utc", "value"])
    received_at = datetime.combine(pilot.end_day, time(), tzinfo=UTC).isoformat()
    lines = []
    for number, start in enumerate(range(0, chosen.num_rows, API_BATCH)):
        records = chosen.slice(start, API_BATCH).to_pylist()
        lines.append(
            orjson.dumps(
                {
                    "receipt": {
                        "request_id": f"demo-{number:04d}",
                        "organization_id": ORGANIZATION_ID,
                        "received_at_utc": received_at,
                    },
                    "body": {
                        "records": [
                            record | {"value": float(record["value"]), "unit": "kWh"}
                            for record in records
                        ],
                        "source": "demo-scada",
                    },
                }
            )
        )
    return _Drop(
        path=paths.landing("cei_api") / f"{API_METER[0]}_{_last_month(pilot)}.jsonl",
        content=b"\n".join(lines) + b"\n",
    )


def _temperature_drops(pilot: SimulatedPilot, paths: DataPaths) -> list[_Drop]:
    observed = pilot.temperatures
    table = pa.table(
        {
            "site_id": observed["site_id"],
            "timestamp_utc": pc.strftime(
                observed["observed_at_utc"].cast(pa.timestamp("s")), format="%Y-%m-%dT%H:%M:%SZ"
            ),
            "temperature_c": observed["temperature_c"],
        }
    )
    return [
        _Drop(
            path=paths.landing("temperature") / f"{site_id}.csv",
            content=_text(table.filter(pc.equal(table["site_id"], site_id))).encode(),
        )
        for site_id in (TURIN.site_id, BOLOGNA.site_id)
    ]


def _csv(rows: pa.Table) -> str:
    unit = pa.array(["kWh"] * rows.num_rows)
    return _text(rows.drop_columns(["month"]).append_column("unit", unit))


def _text(table: pa.Table) -> str:
    sink = pa.BufferOutputStream()
    pa_csv.write_csv(table, sink, pa_csv.WriteOptions(quoting_style="none"))
    text: str = sink.getvalue().to_pybytes().decode()
    return text.replace('"', "")


def _last_month(pilot: SimulatedPilot) -> str:
    last_day: date = pilot.end_day - timedelta(days=1)
    return f"{last_day:%Y-%m}"


def _and(first: pa.ChunkedArray, *others: pa.ChunkedArray) -> pa.ChunkedArray:
    for other in others:
        first = pc.and_(first, other)
    return first


def _put(drop: _Drop, *, written_at: datetime) -> None:
    drop.path.parent.mkdir(parents=True, exist_ok=True)
    temporary = drop.path.with_name(f".{drop.path.name}.tmp")
    temporary.write_bytes(drop.content)
    os.utime(temporary, (written_at.timestamp(), written_at.timestamp()))
    temporary.replace(drop.path)
