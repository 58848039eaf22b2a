"""Files whose keys the gateway resolved beside files whose keys the warehouse has to resolve."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from dbt_session import DbtSession
from increments import write_register
from parquet_inputs import DataDirectory

from cei_assets.core.intake.verdict import Limits
from cei_assets.storage.build_state import finish_build, prepare_build
from cei_assets.storage.intake import judge_date
from cei_assets.storage.paths import DataPaths
from tests.intake_drops import NOW, batch_line, in_memory, land, record, take_all

NOON = datetime.fromisoformat("2024-03-26 12:00")
TAKEN = {"failed": [{"index": 1, "code": "DUPLICATE_IDEMPOTENCY_KEY", "detail": "key b is taken"}]}


def hour(number: int, value: int, key: str | None = None) -> dict[str, object]:
    """A record of an hour of the day."""
    return record(
        site_id="rome",
        timestamp_utc=f"2024-03-26T{number:02d}:00:00Z",
        value=value,
        idempotency_key=key,
    )


def line(minute: int, *records: object, verdict: object = None) -> str:
    """A batch that was received some minutes after noon."""
    received_at = (NOON + timedelta(minutes=minute)).isoformat()
    return batch_line(*records, organization_id="org", received_at=received_at, verdict=verdict)


FIRST = (
    line(0, hour(0, 1, "a"), hour(1, 2, "b"), verdict={"skipped": []}),
    line(1, hour(0, 1, "a"), hour(1, 9, "b"), verdict={"skipped": [0], **TAKEN}),
)
ELSEWHERE = (line(2, hour(0, 1, "a"), hour(1, 9, "b"), hour(2, 3, "c")),)
LATER = (
    line(3, hour(1, 5, "d"), hour(1, 5, "d"), hour(3, 7), verdict={"skipped": [1]}),
    line(4, hour(3, 8), hour(3, 7), verdict={"skipped": [1], "failed": [
        {"index": 0, "code": "DUPLICATE_IDEMPOTENCY_KEY", "detail": "hour is stored"}]}),
)  # fmt: skip


class Platform:
    """Intake and builds over one data folder."""

    def __init__(self, root: Path) -> None:
        data = DataDirectory(root=root)
        write_register(data)
        self.paths = DataPaths(root=root)
        self._register = {
            path.stem: pq.read_table(path) for path in (root / "raw" / "register").glob("*.parquet")
        }

    def take(self, name: str, lines: tuple[str, ...], *, minute: int) -> None:
        """A file that was sealed some minutes after noon, taken and judged."""
        moment = NOON + timedelta(minutes=minute)
        age = (NOW - moment).total_seconds() + 60
        land(self.paths, name, "\n".join(lines) + "\n", source="cei_api", age=age)
        take_all(self.paths, source="cei_api", at=moment)
        with in_memory() as connection:
            judged = judge_date(
                moment.date(),
                paths=self.paths,
                register=self._register,
                limits=Limits(),
                judgement_id="j",
                connection=connection,
            )
        assert not judged.errors

    def build(self, dbt: DbtSession) -> None:
        """The readings half, anew or by increments as intake's markers ask for."""
        plan = prepare_build(
            self.paths,
            as_of=(NOON + timedelta(hours=1)).replace(tzinfo=UTC),
            register_fingerprint="r",
            project_fingerprint="p",
        )
        refresh = ("--full-refresh",) if plan.is_full_refresh else ()
        wanted = "+fct_interval_readings +fct_error_counts_daily +fct_uploads"
        dbt.build("--select", wanted, "--exclude-resource-type", "unit_test", *refresh)
        finish_build(self.paths, plan)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """Two files in a first build, one more in a second."""
    platform = Platform(tmp_path_factory.mktemp("gateway"))
    with DbtSession(platform.paths.root) as dbt:
        platform.take("first.jsonl", FIRST, minute=10)
        platform.take("elsewhere.jsonl", ELSEWHERE, minute=20)
        platform.build(dbt)
        platform.take("later.jsonl", LATER, minute=30)
        platform.build(dbt)
    with duckdb.connect(str(platform.paths.warehouse), read_only=True) as connection:
        yield connection


def test_what_the_gateway_resolved_never_reaches_the_pass_over_keys(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    found = warehouse.execute("""
        select uploads.original_filename, received.line_number, received.disposition
        from intermediate.int_readings_received as received
        inner join marts.fct_uploads as uploads using (receipt_id)
        order by received.received_at_utc, received.line_number
    """).fetchall()
    assert found == [
        ("first.jsonl", 1, "accepted"),
        ("first.jsonl", 2, "accepted"),
        ("elsewhere.jsonl", 1, "key_duplicate"),
        ("elsewhere.jsonl", 2, "key_conflict"),
        ("elsewhere.jsonl", 3, "accepted"),
        ("later.jsonl", 1, "accepted"),
        ("later.jsonl", 3, "accepted"),
    ]


def test_the_latest_acknowledged_value_holds(warehouse: duckdb.DuckDBPyConnection) -> None:
    found = warehouse.execute("""
        select hour(interval_start_utc), usage_kwh, version_count
        from marts.fct_interval_readings order by all
    """).fetchall()
    assert found == [(0, Decimal(1), 1), (1, Decimal(5), 2), (2, Decimal(3), 1), (3, Decimal(7), 1)]


def test_every_record_of_every_file_is_counted_once(warehouse: duckdb.DuckDBPyConnection) -> None:
    found = warehouse.execute("""
        select original_filename, rows_read, rows_accepted, rows_rejected, rows_exact_duplicate
        from marts.fct_uploads order by received_at_utc
    """).fetchall()
    assert found == [
        ("first.jsonl", 4, 2, 1, 1),
        ("elsewhere.jsonl", 3, 3, 0, 0),
        ("later.jsonl", 5, 2, 1, 2),
    ]


def test_errors_are_those_the_senders_were_told_and_those_the_warehouse_found(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    found = warehouse.execute("""
        select received_date::varchar, code, organization_id, site_id, meter_id, error_count
        from marts.fct_error_counts_daily
    """).fetchall()
    assert found == [("2024-03-26", "DUPLICATE_IDEMPOTENCY_KEY", "org", "rome", "main", 3)]
