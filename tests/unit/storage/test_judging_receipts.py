"""Receipts to raw Parquet: rows, rejects, outcome and marker."""

import json
from datetime import timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.tables.intake import INTAKE_TABLES, OUTCOMES, READINGS, REJECTS
from cei_assets.core.intake.verdict import Limits
from cei_assets.storage import intake
from cei_assets.storage.archive import unjudged_dates
from cei_assets.storage.build_state import pending_receipts, remove_pending
from cei_assets.storage.intake import JudgedDate, ensure_empty_partitions, judge_date
from cei_assets.storage.paths import DataPaths
from tests.intake_drops import (
    DAY,
    NOW,
    REGISTER,
    batch_line,
    in_memory,
    land,
    record,
    rows,
    take_all,
)

GOOD = rows("mill,main,2026-01-01T01:00:00Z,2,kWh", "mill,main,2026-01-01T00:00:00Z,1,kWh")


def _judge(paths: DataPaths, *, judgement: str = "j1", force: bool = False) -> JudgedDate:
    with in_memory() as connection:
        return judge_date(
            DAY,
            paths=paths,
            register=REGISTER,
            limits=Limits(),
            judgement_id=judgement,
            connection=connection,
            force=force,
        )


def _rows(paths: DataPaths, table: str) -> list[dict[str, object]]:
    files = sorted(paths.raw_partition(table, DAY).glob("*.parquet"))
    return [row for file in files for row in pq.read_table(file, partitioning=None).to_pylist()]


@pytest.fixture
def paths(tmp_path: Path) -> DataPaths:
    """An empty data folder."""
    return DataPaths(root=tmp_path)


def test_a_good_drop_gives_readings_an_empty_rejects_file_an_outcome_and_a_marker(
    paths: DataPaths,
) -> None:
    land(paths, "a.csv", GOOD)
    (receipt,) = take_all(paths)
    (outcome,) = _judge(paths).outcomes
    assert (outcome.status, outcome.rows_read, outcome.rows_accepted) == ("accepted", 2, 2)
    assert [row["line_number"] for row in _rows(paths, "readings")] == [3, 2]
    assert _rows(paths, "rejects") == []
    assert len(list(paths.raw_partition("rejects", DAY).glob("*.parquet"))) == 1
    assert _rows(paths, "outcomes") == [vars(outcome)]
    assert [p.receipt_id for p in pending_receipts(paths)] == [receipt.receipt_id]
    assert unjudged_dates(paths) == []


def test_files_have_the_contract_s_columns_and_types(paths: DataPaths) -> None:
    land(paths, "a.csv", GOOD + "bad\n")
    take_all(paths)
    _judge(paths)
    for table in (READINGS, REJECTS, OUTCOMES):
        (file,) = paths.raw_partition(table.name, DAY).glob("*.parquet")
        schema = pq.read_table(file, partitioning=None).schema
        assert schema.names == list(table.column_names)
        assert schema.types == arrow_schema(table).types


def test_duckdb_reads_the_files_as_declared(paths: DataPaths) -> None:
    ensure_empty_partitions(paths)
    land(paths, "a.csv", GOOD)
    take_all(paths)
    _judge(paths)
    with in_memory() as connection:
        for table in INTAKE_TABLES:
            pattern = str(paths.raw(table.name) / "*" / "*.parquet")
            relation = connection.sql(
                "SELECT * FROM read_parquet($pattern, hive_partitioning = true)",
                params={"pattern": pattern},
            )
            found = dict(zip(relation.columns, map(str, relation.types), strict=True))
            assert found == {column.name: column.field.type for column in table.columns}
        total = connection.execute(
            "SELECT sum(usage_kwh) FROM read_parquet($pattern)",
            {"pattern": str(paths.raw("readings") / "*" / "*.parquet")},
        ).fetchone()
    assert total == (3,)


def test_the_same_bytes_again_are_a_duplicate_file_without_rows(paths: DataPaths) -> None:
    land(paths, "a.csv", GOOD, age=7200)
    (first,) = take_all(paths, at=NOW - timedelta(hours=1))
    land(paths, "again.csv", GOOD, age=50)
    (second,) = take_all(paths)
    statuses = {o.receipt_id: o.status for o in _judge(paths).outcomes}
    assert statuses == {first.receipt_id: "accepted", second.receipt_id: "duplicate_file"}
    assert {row["receipt_id"] for row in _rows(paths, "readings")} == {first.receipt_id}


def test_the_first_receipt_counts_whatever_is_judged_first(paths: DataPaths) -> None:
    land(paths, "later.csv", GOOD, age=50)
    (later,) = take_all(paths)
    _judge(paths)
    land(paths, "earlier.csv", GOOD, age=7200)
    (earlier,) = take_all(paths, at=NOW - timedelta(hours=1))
    _judge(paths, force=True)
    assert {row["receipt_id"] for row in _rows(paths, "readings")} == {earlier.receipt_id}
    statuses = {row["receipt_id"]: row["status"] for row in _rows(paths, "outcomes")}
    assert statuses == {earlier.receipt_id: "accepted", later.receipt_id: "duplicate_file"}


def test_the_same_bytes_with_another_sidecar_or_source_are_judged(paths: DataPaths) -> None:
    local = rows("mill,main,2026-01-01T00:00:00,1,kWh")
    land(paths, "a.csv", local, age=100)
    take_all(paths)
    land(paths, "a.csv", local, age=50)
    land(paths, "a.csv.drop.json", json.dumps({"timezone": "Europe/Rome"}))
    take_all(paths)
    assert [o.status for o in _judge(paths).outcomes].count("duplicate_file") == 0
    assert len(_rows(paths, "readings")) == 1


def test_files_of_customer_data_are_left_to_their_own_judge(paths: DataPaths) -> None:
    land(paths, "a.json", "{}", source="cds")
    take_all(paths, source="cds")
    assert _judge(paths).outcomes == ()
    assert unjudged_dates(paths) == [DAY]


def test_api_batches_and_temperatures_are_stored(paths: DataPaths) -> None:
    land(paths, "b.jsonl", batch_line(record(), record(value=-1)), source="cei_api")
    land(paths, "t.csv", "site,ts,temperature\nmill,2026-01-01T00:00:00Z,5\n", source="temperature")
    take_all(paths, source="cei_api")
    take_all(paths, source="temperature")
    statuses = {o.upload_source: o.status for o in _judge(paths).outcomes}
    assert statuses == {"cei_api": "partial", "temperature": "accepted"}
    assert [row["record_index"] for row in _rows(paths, "readings")] == [0]
    assert [row["temperature_c"] for row in _rows(paths, "temperatures")] == [5.0]


def test_a_day_is_judged_once_per_judgement(paths: DataPaths) -> None:
    land(paths, "a.csv", GOOD)
    take_all(paths)
    assert len(_judge(paths).outcomes) == 1
    assert len(_judge(paths).outcomes) == 0
    assert len(_judge(paths, force=True).outcomes) == 1
    assert len(_judge(paths, judgement="j2").outcomes) == 1
    assert _rows(paths, "outcomes")[0]["judgement_id"] == "j2"
    assert len(_rows(paths, "outcomes")) == 1


def test_a_receipt_judged_again_after_it_was_built_says_so(paths: DataPaths) -> None:
    land(paths, "a.csv", GOOD)
    take_all(paths)
    _judge(paths)
    _judge(paths, judgement="j2")
    assert [p.is_rejudged for p in pending_receipts(paths)] == [False]
    remove_pending(paths, tuple(pending_receipts(paths)))
    _judge(paths, judgement="j2", force=True)
    assert [p.is_rejudged for p in pending_receipts(paths)] == [False]
    remove_pending(paths, tuple(pending_receipts(paths)))
    _judge(paths, judgement="j3")
    assert [p.is_rejudged for p in pending_receipts(paths)] == [True]


def test_judging_twice_writes_the_same_bytes(paths: DataPaths) -> None:
    land(paths, "a.csv", GOOD + "bad\n")
    take_all(paths)
    _judge(paths)
    before = {path: path.read_bytes() for path in paths.raw("readings").rglob("*.parquet")}
    for _ in range(5):
        _judge(paths, force=True)
        assert {path: path.read_bytes() for path in before} == before


def test_an_interrupted_receipt_has_no_outcome_and_is_judged_again(
    paths: DataPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    land(paths, "a.csv", GOOD)
    take_all(paths)
    original = intake._write

    def killed(*arguments: object) -> None:
        if arguments[1] is OUTCOMES:
            raise KeyboardInterrupt
        original(*arguments)  # type: ignore[arg-type]  # passed on as they came

    with monkeypatch.context() as patch:
        patch.setattr(intake, "_write", killed)
        with pytest.raises(KeyboardInterrupt):
            _judge(paths)
    assert unjudged_dates(paths) == [DAY]
    _judge(paths)
    assert unjudged_dates(paths) == []
    assert [p.is_rejudged for p in pending_receipts(paths)] == [False]


def test_a_receipt_whose_bytes_are_gone_is_an_error_and_the_others_go_on(paths: DataPaths) -> None:
    land(paths, "a.csv", GOOD, age=100)
    (lost,) = take_all(paths)
    paths.archived(lost.sha256).unlink()
    land(paths, "b.csv", GOOD + "\n", age=90)
    (kept,) = take_all(paths)
    judged = _judge(paths)
    assert [o.receipt_id for o in judged.outcomes] == [kept.receipt_id]
    (error,) = judged.errors
    assert lost.sha256 in str(error)
    assert unjudged_dates(paths) == [DAY]


def test_empty_partitions_are_typed_and_written_once(paths: DataPaths) -> None:
    ensure_empty_partitions(paths)
    files = sorted(paths.root.rglob("empty.parquet"))
    assert len(files) == len(INTAKE_TABLES)
    before = [file.stat().st_mtime_ns for file in files]
    ensure_empty_partitions(paths)
    assert [file.stat().st_mtime_ns for file in files] == before
    assert all(pq.read_table(file, partitioning=None).num_rows == 0 for file in files)


def test_judging_leaves_nothing_on_the_connection(paths: DataPaths) -> None:
    land(paths, "a.csv", GOOD + "bad\nmill,none,x,y,z\n")
    take_all(paths)
    connection: duckdb.DuckDBPyConnection
    with in_memory() as connection:
        judge_date(
            DAY, paths=paths, register=REGISTER, limits=Limits(), judgement_id="j",
            connection=connection,
        )  # fmt: skip
        left = connection.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal")
        assert left.fetchall() == []
    assert isinstance(REGISTER["sites"], pa.Table)
