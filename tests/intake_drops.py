"""A small register and drops for tests of intake."""

import io
import os
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pyarrow as pa

from cei_assets.contracts.vocabulary import UploadSource
from cei_assets.core.intake.files import judge_file
from cei_assets.core.intake.verdict import Limits, ReceiptFacts, Verdict
from cei_assets.storage.archive import Receipt, take
from cei_assets.storage.landing import waiting_files
from cei_assets.storage.paths import DataPaths


def at(text: str) -> datetime:
    """A time on the UTC clock, without zone as our tables have it."""
    return datetime.fromisoformat(text)


NOW = at("2026-11-21T12:00")
HEADER = "site_id,meter_id,timestamp_utc,value,unit\n"

REGISTER: Mapping[str, pa.Table] = {
    "sites": pa.table(
        {
            "site_id": ["mill", "works", "plant_in"],
            "organization_id": ["acme", "other", "acme"],
            "timezone": ["Europe/Rome", "Europe/Rome", "Asia/Kolkata"],
            "station_id": ["LIML", None, None],
        }
    ),
    "meters": pa.table(
        {
            "site_id": ["mill", "mill", "mill", "works", "plant_in"],
            "meter_id": ["main", "quarter", "ending", "main", "main"],
            "interval_seconds": pa.array([3600, 900, 3600, 3600, 3600], pa.int32()),
            "interval_label": ["start", "start", "end", "start", "start"],
        }
    ),
}


def in_memory() -> duckdb.DuckDBPyConnection:
    """A connection as the platform opens them."""
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def judged(
    content: bytes | str,
    *,
    source: UploadSource = UploadSource.CSV_DROP,
    sidecar: str | None = None,
    limits: Limits | None = None,
    connection: duckdb.DuckDBPyConnection | None = None,
) -> Verdict:
    """The verdict on a drop that arrives at `NOW`."""
    data = content.encode() if isinstance(content, str) else content
    with connection or in_memory() as session:
        return judge_file(
            stream=io.BytesIO(data),
            sidecar=sidecar,
            connection=session,
            register=REGISTER,
            receipt=ReceiptFacts(
                receipt_id="0" * 24,
                upload_source=source.value,
                received_at_utc=NOW,
                received_date=NOW.date(),
            ),
            limits=limits or Limits(),
        )


def rows(*lines: str) -> str:
    """A CSV drop with the usual header."""
    return HEADER + "".join(line + "\n" for line in lines)


def codes(verdict: Verdict) -> list[tuple[int, str]]:
    """Line and code of every reject."""
    table = verdict.rejects
    return list(zip(table["line_number"].to_pylist(), table["code"].to_pylist(), strict=True))


def details(verdict: Verdict) -> list[str]:
    """Detail of every reject."""
    texts: list[str] = verdict.rejects["detail"].to_pylist()
    return texts


def accepted(verdict: Verdict, *names: str) -> list[tuple[Any, ...]]:
    """The named columns of the accepted readings, row by row."""
    assert verdict.readings is not None
    table = verdict.readings.table()
    return list(zip(*(table[name].to_pylist() for name in names), strict=True))


def batch_line(
    *records: object,
    organization_id: str | None = "acme",
    received_at: str | None = None,
    verdict: object = None,
) -> str:
    """A line of an API file: one request body with its receipt, and the verdict given on it."""
    receipt = {
        "request_id": "r",
        "organization_id": organization_id,
        "received_at_utc": received_at or "2026-11-21T12:00:00Z",
    }
    given = {} if verdict is None else {"verdict": verdict}
    line = {"receipt": receipt, **given, "body": {"records": list(records)}}
    return orjson.dumps(line).decode()


def record(**fields: object) -> dict[str, object]:
    """A good API record with some fields replaced."""
    good: dict[str, object] = {
        "site_id": "mill",
        "meter_id": "main",
        "timestamp_utc": "2026-01-01T00:00:00Z",
        "value": 1.5,
        "unit": "kWh",
    }
    return {**good, **fields}


def judged_api(*lines: str) -> Verdict:
    """The verdict on a file of API batches."""
    return judged("\n".join(lines) + "\n", source=UploadSource.CEI_API)


def land(
    paths: DataPaths, name: str, content: bytes | str, *, source: str = "csv_drop", age: float = 60
) -> Path:
    """Drops a file that was last touched `age` seconds before `NOW`."""
    path = paths.landing(source) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    touched = NOW.replace(tzinfo=UTC).timestamp() - age
    os.utime(path, (touched, touched))
    return path


def take_all(paths: DataPaths, *, source: str = "csv_drop", at: datetime = NOW) -> list[Receipt]:
    """Takes every waiting file of a landing folder."""
    moment = at.replace(tzinfo=UTC)
    return [
        take(landed, paths=paths, upload_source=source, received_at=moment)
        for landed in waiting_files(paths.landing(source), settle_seconds=2, now=moment)
    ]


DAY: date = NOW.date()
