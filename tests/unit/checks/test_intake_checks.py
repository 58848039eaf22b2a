"""Verdicts on what intake wrote: a lost row and a broken contract do not pass."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from cei_assets.checks.intake import conservation, contract
from cei_assets.contracts.model import Table
from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.tables.intake import OUTCOMES, READINGS, REJECTS
from cei_assets.storage.atomic import write_parquet
from cei_assets.storage.paths import DataPaths

DAY = date(2026, 3, 1)
AT = datetime(2026, 3, 1, 12)  # noqa: DTZ001 - the platform's clock is naive UTC


@pytest.fixture
def paths(tmp_path: Path) -> DataPaths:
    return DataPaths(root=tmp_path)


def write(paths: DataPaths, table: Table, rows: list[dict[str, Any]]) -> None:
    data = pa.Table.from_pylist(rows, schema=arrow_schema(table))
    path = paths.raw_partition(table.name, DAY) / "r1.parquet"
    write_parquet(path, data.to_batches(), schema=data.schema)


def outcome(*, read: int, accepted: int, rejected: int, repeated: int) -> dict[str, Any]:
    return {
        "receipt_id": "r1",
        "upload_source": "csv_drop",
        "original_filename": "march.csv",
        "sha256": "0" * 64,
        "size_bytes": 1,
        "received_at_utc": AT,
        "received_date": DAY,
        "status": "partial",
        "rows_read": read,
        "rows_accepted": accepted,
        "rows_rejected": rejected,
        "rows_exact_duplicate": repeated,
        "judgement_id": "j",
    }


def reading(line: int, **changed: object) -> dict[str, Any]:
    return {
        "receipt_id": "r1",
        "received_at_utc": AT,
        "received_date": DAY,
        "upload_source": "csv_drop",
        "line_number": line,
        "organization_id": "acme",
        "site_id": "rome",
        "meter_id": "main",
        "interval_start_utc": AT,
        "interval_seconds": 3600,
        "usage_kwh": Decimal("1.5"),
        "reading_quality": "raw",
        "flow_direction": "forward",
    } | changed


def reject(line: int) -> dict[str, Any]:
    return {
        "receipt_id": "r1",
        "received_at_utc": AT,
        "received_date": DAY,
        "upload_source": "csv_drop",
        "line_number": line,
        "code": "INVALID_VALUE",
        "detail": "value '-1' is negative",
    }


def test_conserved_rows_pass(paths: DataPaths) -> None:
    write(paths, OUTCOMES, [outcome(read=4, accepted=2, rejected=1, repeated=1)])
    write(paths, READINGS, [reading(2), reading(3)])
    write(paths, REJECTS, [reject(4)])
    verdict = conservation([DAY], paths=paths)
    assert verdict.passed
    assert verdict.found == "equal for all 1 receipts"


def test_row_lost_on_the_way_to_the_store_is_named(paths: DataPaths) -> None:
    write(paths, OUTCOMES, [outcome(read=3, accepted=2, rejected=1, repeated=0)])
    write(paths, READINGS, [reading(2)])
    write(paths, REJECTS, [reject(4)])
    verdict = conservation([DAY], paths=paths)
    assert not verdict.passed
    assert "march.csv" in verdict.found
    assert "accepted 2 (stored 1)" in verdict.found


def test_counts_that_do_not_add_up_are_named(paths: DataPaths) -> None:
    write(paths, OUTCOMES, [outcome(read=9, accepted=1, rejected=0, repeated=0)])
    write(paths, READINGS, [reading(2)])
    write(paths, REJECTS, [])
    assert "read 9, accepted 1" in conservation([DAY], paths=paths).found


def test_day_without_receipts_passes(paths: DataPaths) -> None:
    assert conservation([DAY], paths=paths).passed


def test_contract_holds(paths: DataPaths) -> None:
    write(paths, READINGS, [reading(2), reading(3)])
    verdict = contract(READINGS, [DAY], paths=paths)
    assert verdict.passed, verdict.examples
    assert verdict.found == "as declared in all 2 rows"


@pytest.mark.parametrize(
    ("changed", "column"),
    [
        ({"usage_kwh": Decimal(-1)}, "usage_kwh"),
        ({"reading_quality": "guessed"}, "reading_quality"),
        ({"interval_seconds": 0}, "interval_seconds"),
        ({"site_id": " rome "}, "site_id"),
    ],
)
def test_broken_contract_names_the_column(
    paths: DataPaths, changed: dict[str, object], column: str
) -> None:
    write(paths, READINGS, [reading(2), reading(3, **changed)])
    verdict = contract(READINGS, [DAY], paths=paths)
    assert not verdict.passed
    assert column in verdict.found
