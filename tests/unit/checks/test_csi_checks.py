"""Verdicts on the CSI-Thermal programme: sound rows pass, each fault is named."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from cei_assets.checks.csi import (
    effective_months_complete,
    exclusive_columns,
    intervals_unique,
    payments_rest_on_effective_uploads,
    sealed_payments_still_hold,
    sealed_runs_unchanged,
)
from cei_assets.checks.intake import contract
from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.tables.csi import CSI_INTERVALS, CSI_PAYMENT_LINES
from cei_assets.core.csi.timeline import run_cutoff_utc
from cei_assets.storage.atomic import write_parquet
from cei_assets.storage.csi_payments import seal_payment_runs
from cei_assets.storage.paths import DataPaths
from tests.csi_uploads import (
    APPLICATION,
    ZONE,
    at,
    interval_path,
    intervals_table,
    ledger_of,
    store,
    upload,
)

DAY = date(2013, 10, 5)
ROWS = 2880
CUTOFF = run_cutoff_utc("2013-Q3", zone=ZONE)


@pytest.fixture
def paths(tmp_path: Path) -> DataPaths:
    return DataPaths(root=tmp_path)


def accepted(paths: DataPaths, *, tanks: int, backup: str, **columns: list[object]) -> None:
    """One accepted report of a system; `columns` gives the first cells of columns."""
    filled = {"solar_btu": [], "total_btu": []} | columns
    row = upload("r1", "2013-10-05", tank_configuration=tanks, backup_type=backup)
    store(paths, row)
    data = intervals_table(
        row, **{name: cells + [None] * (ROWS - len(cells)) for name, cells in filled.items()}
    )
    write_parquet(interval_path(paths, row), data.to_batches(), schema=data.schema)


@pytest.mark.parametrize(
    ("tanks", "backup", "columns"),
    [
        (2, "gas", {"solar_btu": [1, 0, -1]}),
        (2, "gas", {"solar_btu": [1], "backup_gas_therms": [Decimal("0.5")]}),
        (1, "electric", {"total_btu": [1], "backup_electric_kwh": [Decimal(0)]}),
        (1, "propane", {"total_btu": [1], "backup_propane_therms": [Decimal(1)]}),
        (1, "none", {"total_btu": [1]}),
        (1, "gas", {}),
    ],
    ids=["2-tank", "2-tank with back-up", "1-tank electric", "1-tank propane", "none", "empty"],
)
def test_values_in_the_columns_of_the_system_pass(
    paths: DataPaths, tanks: int, backup: str, columns: dict[str, list[object]]
) -> None:
    accepted(paths, tanks=tanks, backup=backup, **columns)
    verdict = exclusive_columns([DAY], paths=paths)
    assert verdict.passed, verdict.found
    assert verdict.found == f"so in all {ROWS} rows"


@pytest.mark.parametrize(
    ("tanks", "backup", "columns", "found"),
    [
        (1, "gas", {"solar_btu": [None, 5]}, "line 3: X01: column D only in 2-tank systems"),
        (2, "gas", {"total_btu": [0]}, "line 2: X01: column E only in 1-tank systems"),
        (
            1, "electric", {"backup_gas_therms": [Decimal(1)]},
            "line 2: X02: column F only with gas back-up",
        ),
        (
            1, "gas", {"backup_electric_kwh": [Decimal(1)]},
            "line 2: X02: column G only with electric back-up",
        ),
        (
            2, "none", {"backup_propane_therms": [Decimal(0)]},
            "line 2: X02: column H only with propane back-up",
        ),
    ],
    ids=["D of 1-tank", "E of 2-tank", "F of electric", "G of gas", "H of none"],
)  # fmt: skip
def test_x01_x02_value_in_another_column_is_named(
    paths: DataPaths, tanks: int, backup: str, columns: dict[str, list[object]], found: str
) -> None:
    accepted(paths, tanks=tanks, backup=backup, **columns)
    verdict = exclusive_columns([DAY], paths=paths)
    assert verdict.examples == (f"receipt r1, {found}",)


def test_x01_zero_in_another_column_passes_where_zero_is_no_data(paths: DataPaths) -> None:
    accepted(paths, tanks=2, backup="gas", total_btu=[0, None])
    assert not exclusive_columns([DAY], paths=paths).passed
    assert exclusive_columns([DAY], paths=paths, zero_is_data=False).passed


def test_accepted_rows_without_their_upload_do_not_pass(paths: DataPaths) -> None:
    row = upload("r1", "2013-10-05")
    data = intervals_table(row)
    write_parquet(interval_path(paths, row), data.to_batches(), schema=data.schema)
    verdict = exclusive_columns([DAY], paths=paths)
    assert verdict.found.startswith(f"{ROWS}: receipt r1, line 2: X01")


def test_accepted_rows_that_break_the_contract_are_named(paths: DataPaths) -> None:
    row = upload("r1", "2013-10-05")
    store(paths, row)
    data = intervals_table(row)
    twice = pa.concat_tables([data, data.slice(0, 1)]).drop_columns("is_catch_up")
    write_parquet(interval_path(paths, row), twice.to_batches(), schema=twice.schema)
    assert exclusive_columns([DAY], paths=paths).passed
    first, second = contract(CSI_INTERVALS, [DAY], paths=paths).examples
    assert "is_catch_up" in first
    assert "2013-09-01 00:15:00" in second


def test_days_without_uploads_pass(paths: DataPaths) -> None:
    assert exclusive_columns([DAY], paths=paths).found == "so in all 0 rows"


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """Marts of three uploads: r1 was replaced, r2 holds, r3 failed; a line rests on r1."""
    first, second = upload("r1", "2013-10-05"), upload("r2", "2013-11-20")
    failed = upload("r3", "2013-11-21", fails=["R08"])
    performance = ledger_of(first, second, failed).uploads.to_pandas()
    intervals = intervals_table(second)
    lines = payment_lines(line())
    with duckdb.connect() as connection:
        connection.execute("create schema marts")
        connection.register("given", pa.Table.from_pandas(performance))
        connection.execute("create table marts.rpt_csi_performance_data as from given")
        connection.execute(
            "update marts.rpt_csi_performance_data set csi_result = 'Success', "
            "is_effective = receipt_id = 'r2', effective_from_utc = submitted_at_utc, "
            "effective_to_utc = case receipt_id when 'r1' then timestamp '2013-11-20' end "
            "where receipt_id <> 'r3'"
        )
        for name, table in (("fct_csi_intervals", intervals), ("fct_csi_payments", lines)):
            connection.register("given", table)
            connection.execute(f"create table marts.{name} as from given")
        yield connection


def line(**changed: object) -> dict[str, Any]:
    return {
        "run_quarter": "2013-Q3",
        "run_cutoff_utc": CUTOFF,
        "application_id": APPLICATION,
        "paid_quarter": "2013-Q3",
        "line_kind": "payment",
        "months_included": "2013-09",
        "receipts_included": "r1",
        "entitled_quantity": Decimal("449.0107"),
        "line_quantity": Decimal("449.0107"),
        "quantity_unit": "therm",
        "baseline_efficiency": Decimal("0.82"),
        "conversion_method": "delivered_energy",
        "catch_up_setting": "pay",
        "rate": Decimal("7.27"),
        "uncapped_usd": Decimal("3264.31"),
        "entitled_usd": Decimal("3264.31"),
        "amount_usd": Decimal("3264.31"),
    } | changed


def payment_lines(*rows: dict[str, Any]) -> pa.Table:
    schema = arrow_schema(CSI_PAYMENT_LINES)
    last = schema.get_field_index("sealed_at_utc")
    nullable = schema.set(last, schema.field(last).with_nullable(nullable=True))
    return pa.Table.from_pylist(list(rows), schema=nullable)


def test_complete_effective_month_passes(connection: duckdb.DuckDBPyConnection) -> None:
    assert effective_months_complete(connection).passed


def test_effective_month_that_lacks_an_interval_is_named(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    connection.execute("delete from marts.fct_csi_intervals where line_number = 2")
    assert effective_months_complete(connection).examples == (
        "SCG-00987 2013-09 (receipt r2): 2879 intervals, expected 2880",
    )


def test_effective_month_without_intervals_is_named(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    connection.execute("delete from marts.fct_csi_intervals")
    assert "0 intervals, expected 2880" in effective_months_complete(connection).found


def test_intervals_of_an_upload_that_is_not_effective_are_named(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    connection.execute("update marts.fct_csi_intervals set receipt_id = 'r1'")
    missing, unexpected = sorted(effective_months_complete(connection).examples, reverse=True)
    assert missing.endswith("(receipt r2): 0 intervals, expected 2880")
    assert unexpected.endswith("(receipt r1): 2880 intervals, expected none, since it is not "
                               "effective")  # fmt: skip


def test_unique_intervals_pass_and_a_repeated_one_is_named(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    assert intervals_unique(connection).passed
    connection.execute(
        "insert into marts.fct_csi_intervals "
        "select * replace ('r1' as receipt_id) from marts.fct_csi_intervals where line_number = 2"
    )
    assert intervals_unique(connection).examples == ("SCG-00987 2013-09-01 00:15: 2 times",)


def test_line_on_a_success_that_was_in_force_at_the_cutoff_passes(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    assert payments_rest_on_effective_uploads(connection).passed


@pytest.mark.parametrize(
    ("receipts", "problem"),
    [
        ("r1,r3", "upload r3 is a Failure"),
        ("r2", "upload r2 was not in force at 2013-11-02 07:00:00 UTC"),
        ("r9", "upload r9 is not in the ledger"),
        (None, "449.0107 without any upload"),
    ],
    ids=["failure", "later", "unknown", "nothing"],
)
def test_line_that_rests_on_another_upload_is_named(
    connection: duckdb.DuckDBPyConnection, receipts: str | None, problem: str
) -> None:
    connection.execute("update marts.fct_csi_payments set receipts_included = ?", [receipts])
    verdict = payments_rest_on_effective_uploads(connection)
    assert len(verdict.examples) == 1
    assert problem in verdict.found
    assert "run 2013-Q3 of SCG-00987 for 2013-Q3" in verdict.found


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("file_type = 'meter_interval'", "is not an application interval report"),
        ("application_id = 'PGE-01357'", "is of PGE-01357"),
        ("effective_to_utc = timestamp '2013-11-02 06:59:59'", "was not in force"),
        ("effective_from_utc = timestamp '2013-11-02 07:00:00'", "was not in force"),
    ],
    ids=["meter report", "another application", "superseded before", "in force only from then"],
)
def test_upload_that_does_not_carry_its_line_is_named(
    connection: duckdb.DuckDBPyConnection, change: str, problem: str
) -> None:
    connection.execute(f"update marts.rpt_csi_performance_data set {change} where receipt_id='r1'")
    assert problem in payments_rest_on_effective_uploads(connection).found


def test_upload_superseded_at_the_cutoff_still_carries_its_line(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    connection.execute(
        "update marts.rpt_csi_performance_data set effective_to_utc = "
        "timestamp '2013-11-02 07:00:00' where receipt_id = 'r1'"
    )
    assert payments_rest_on_effective_uploads(connection).passed


def test_sealed_line_whose_upload_fell_later_is_told_apart(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    connection.execute(
        "update marts.fct_csi_payments set sealed_at_utc = timestamp '2013-11-03', "
        "receipts_included = 'r3'"
    )
    assert payments_rest_on_effective_uploads(connection).passed
    assert "upload r3 is a Failure" in sealed_payments_still_hold(connection).found


def test_sealed_runs_pass_as_sealed_and_fail_when_marts_or_files_differ(
    connection: duckdb.DuckDBPyConnection, paths: DataPaths
) -> None:
    assert sealed_runs_unchanged(connection, paths=paths).found == "so in all 0 sealed runs"
    runs = pa.table({"run_quarter": ["2013-Q3"], "run_cutoff_utc": [CUTOFF]})
    seal_payment_runs(paths, lines=payment_lines(line()), runs=runs, sealed_at_utc=at("2013-11-03"))
    assert sealed_runs_unchanged(connection, paths=paths).passed
    connection.execute("update marts.fct_csi_payments set amount_usd = 3264.30")
    assert sealed_runs_unchanged(connection, paths=paths).examples == (
        "run 2013-Q3 of SCG-00987 for 2013-Q3: 3264.30 USD only in the marts",
        "run 2013-Q3 of SCG-00987 for 2013-Q3: 3264.31 USD only in the sealed run",
    )
    (paths.csi("payment_lines") / "2013-Q3.parquet").unlink()
    assert "2013-Q3.parquet of its lines is gone" in (
        sealed_runs_unchanged(connection, paths=paths).found
    )
