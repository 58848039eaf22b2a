"""Readings that CDS meters hand over become facts, change them, and leave them again."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import duckdb
import pytest
from dbt_session import DbtSession
from increments import write_register
from parquet_inputs import DataDirectory, Receipt, Row

AS_OF = datetime.fromisoformat("2024-04-03 12:00")
ROME = ZoneInfo("Europe/Rome")
FIRST = datetime.fromisoformat("2024-03-30 23:00")  # the day of the spring change begins in Rome
TABLES = (
    "intermediate.int_readings_versioned",
    "intermediate.int_intervals_missing",
    "marts.fct_interval_readings",
    "marts.fct_usage_hourly",
    "marts.fct_usage_daily",
    "marts.fct_completeness_daily",
    "marts.fct_gaps",
    "marts.fct_revisions",
)


def handed(number: int, usage: str, *, receipt: str = "cds-1", seen: str = "2024-04-02") -> Row:
    """The reading of the quarter of an hour `number` after the first."""
    start = FIRST + number * timedelta(minutes=15)
    local = start.replace(tzinfo=UTC).astimezone(ROME).date()
    observed = datetime.fromisoformat(seen)
    return {
        "site_id": "rome",
        "meter_id": "line",
        "interval_start_utc": start,
        "interval_seconds": 900,
        "local_date": local,
        "usage_month": local.replace(day=1),
        "usage_kwh": Decimal(usage),
        "reading_quality": "valid",
        "flow_direction": "forward",
        "receipt_id": receipt,
        "line_number": number,
        "received_at_utc": observed,
        "received_date": observed.date(),
        "organization_id": "org",
    }


def day(local: str) -> Row:
    return {"site_id": "rome", "meter_id": "line", "local_date": date.fromisoformat(local)}


@dataclass
class Stages:
    """Rows of the tables after each build, and after a full one of the same."""

    after: list[dict[str, list[tuple[object, ...]]]] = field(default_factory=list)
    full: dict[str, list[tuple[object, ...]]] = field(default_factory=dict)


def held(data: DataDirectory) -> dict[str, list[tuple[object, ...]]]:
    with duckdb.connect(str(data.warehouse), read_only=True) as connection:
        return {
            table: connection.execute(f"select * from {table} order by all").fetchall()
            for table in TABLES
        }


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Stages:
    data = DataDirectory(root=tmp_path_factory.mktemp("cds_readings"))
    write_register(data)
    uploaded = {
        "organization_id": "org", "site_id": "rome", "meter_id": "line", "interval_seconds": 900,
        "reading_quality": "raw", "flow_direction": "forward",
    }  # fmt: skip
    receipts = [
        Receipt(receipt_id=name, received_at_utc=datetime.fromisoformat(seen), upload_source="cds")
        for name, seen in (("cds-1", "2024-04-02"), ("cds-2", "2024-04-03"))
    ]
    csv = Receipt(
        receipt_id="csv",
        received_at_utc=datetime.fromisoformat("2024-04-01 12:00"),
        readings=[
            uploaded | {"interval_start_utc": FIRST, "usage_kwh": Decimal(9)},
            uploaded
            | {"interval_start_utc": FIRST - timedelta(minutes=15), "usage_kwh": Decimal(8)},
        ],
    )
    for receipt in (csv, *receipts):
        data.receive(receipt)
    stages = Stages()
    first = [handed(number, "0.25") for number in range(92 + 96)]
    # Revised: a quarter of an hour has another value, the last hour of the first day has gone, and
    # so has all of the second day.
    revised = [
        handed(3, "1.5", receipt="cds-2", seen="2024-04-03") if row["line_number"] == 3 else row
        for row in first[:88]
    ]
    with DbtSession(data.root) as dbt:
        data.hand_over(first, changed=[day("2024-03-31"), day("2024-04-01")])
        data.prepare_build(as_of=AS_OF, previous=None, is_full=True)
        dbt.build(
            "--full-refresh", "--select", "tag:readings", "--exclude-resource-type", "unit_test"
        )
        stages.after.append(held(data))
        data.built()
        data.hand_over(revised, changed=[day("2024-03-31"), day("2024-04-01")])
        data.prepare_build(as_of=AS_OF, previous=AS_OF)
        dbt.build("--select", "tag:readings", "--exclude-resource-type", "unit_test")
        stages.after.append(held(data))
        for receipt in (csv, *receipts):
            data.pending.append(receipt)
        data.prepare_build(as_of=AS_OF, previous=None, is_full=True)
        dbt.build(
            "--full-refresh", "--select", "tag:readings", "--exclude-resource-type", "unit_test"
        )
        stages.full = held(data)
    return stages


def rows_of(stage: dict[str, list[tuple[object, ...]]], table: str) -> list[tuple[object, ...]]:
    return [row for row in stage[f"marts.{table}"] if row[:2] == ("rome", "line")]


def test_hours_and_days_hold_what_was_handed_over(stages: Stages) -> None:
    days = {row[2]: row for row in rows_of(stages.after[0], "fct_usage_daily")}
    # 92 quarters of an hour on the day of the spring change, 96 on the next.
    assert days[date(2024, 3, 31)][4:7] == (Decimal(92) / 4, 92, 92)
    assert days[date(2024, 4, 1)][4:7] == (Decimal(96) / 4, 96, 96)
    hours = rows_of(stages.after[0], "fct_usage_hourly")
    assert sum(row[7] for row in hours) == Decimal(188) / 4 + 8


def test_the_value_received_last_holds_whatever_its_source(stages: Stages) -> None:
    facts = {row[2]: row for row in rows_of(stages.after[0], "fct_interval_readings")}
    both, alone = facts[FIRST], facts[FIRST - timedelta(minutes=15)]
    assert (both[7], both[10], both[15]) == (Decimal("0.25"), "cds", 2)
    assert (alone[7], alone[10]) == (Decimal(8), "csv_drop")
    assert both[4] == datetime.fromisoformat("2024-03-31 00:00"), "the site's clock"


def test_what_disappears_at_the_server_disappears_from_the_facts(stages: Stages) -> None:
    after = stages.after[1]
    days = {row[2]: row for row in rows_of(after, "fct_usage_daily")}
    assert date(2024, 4, 1) not in days
    assert days[date(2024, 3, 31)][4:7] == (Decimal(87) / 4 + Decimal("1.5"), 92, 88)
    facts = {row[2]: row[7] for row in rows_of(after, "fct_interval_readings")}
    assert facts[FIRST + 3 * timedelta(minutes=15)] == Decimal("1.5")
    assert max(facts) == FIRST + 87 * timedelta(minutes=15)
    gaps = {row[2]: row[3] for row in rows_of(after, "fct_gaps")}
    assert gaps[FIRST + 88 * timedelta(minutes=15)] >= datetime.fromisoformat("2024-04-01 22:00")


def test_days_that_changed_give_the_rows_of_a_full_build(stages: Stages) -> None:
    assert stages.after[1] == stages.full
