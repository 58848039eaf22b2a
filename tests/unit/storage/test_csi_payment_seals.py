"""Sealed payment runs: written once, in order, never again."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.tables.csi import CSI_PAYMENT_LINES, CSI_PAYMENT_RUNS
from cei_assets.core.csi.timeline import run_cutoff_utc
from cei_assets.storage import csi_payments
from cei_assets.storage.csi_layout import ensure_csi_layout
from cei_assets.storage.csi_payments import (
    SealError,
    broken_seals,
    seal_payment_runs,
    sealed_lines,
    sealed_quarters,
)
from cei_assets.storage.paths import DataPaths
from tests.csi_uploads import ZONE, at

Q3, Q4, Q1 = "2013-Q3", "2013-Q4", "2014-Q1"
SEALED_AT = at("2014-02-03")
LATER = at("2014-05-03")


class KilledError(Exception):
    """Stands for a process that is gone."""


@pytest.fixture
def paths(tmp_path: Path) -> DataPaths:
    found = DataPaths(root=tmp_path)
    ensure_csi_layout(found)
    return found


def line(run: str, paid: str, amount: str, **changed: object) -> dict[str, Any]:
    return {
        "run_quarter": run,
        "run_cutoff_utc": run_cutoff_utc(run, zone=ZONE),
        "application_id": "SCG-00987",
        "paid_quarter": paid,
        "line_kind": "payment" if run == paid else "adjustment",
        "months_included": "2013-09",
        "receipts_included": "r1",
        "entitled_quantity": Decimal("449.0107"),
        "line_quantity": Decimal("449.0107"),
        "quantity_unit": "therm",
        "baseline_efficiency": Decimal("0.82"),
        "conversion_method": "delivered_energy",
        "catch_up_setting": "pay",
        "rate": Decimal("7.27"),
        "uncapped_usd": Decimal(amount),
        "entitled_usd": Decimal(amount),
        "amount_usd": Decimal(amount),
        "sealed_at_utc": None,
    } | changed


def lines(*rows: dict[str, Any]) -> pa.Table:
    """Lines as the marts hold them: the time of sealing may be missing."""
    schema = arrow_schema(CSI_PAYMENT_LINES)
    last = schema.get_field_index("sealed_at_utc")
    nullable = schema.set(last, schema.field(last).with_nullable(nullable=True))
    return pa.Table.from_pylist(list(rows), schema=nullable)


def runs(*quarters: str) -> pa.Table:
    return pa.table(
        {
            "run_quarter": pa.array(quarters, pa.string()),
            "run_cutoff_utc": pa.array(
                [run_cutoff_utc(quarter, zone=ZONE) for quarter in quarters], pa.timestamp("us")
            ),
        }
    )


def contents(paths: DataPaths) -> dict[str, bytes]:
    return {
        file.relative_to(paths.root).as_posix(): file.read_bytes()
        for name in (CSI_PAYMENT_LINES.name, CSI_PAYMENT_RUNS.name)
        for file in paths.csi(name).glob("????-Q?.parquet")
    }


THREE = lines(line(Q3, Q3, "3264.31"), line(Q4, Q4, "100.00"), line(Q4, Q3, "-12.50"))


def test_every_run_is_sealed_with_its_lines_also_one_without_any(paths: DataPaths) -> None:
    made = seal_payment_runs(
        paths, lines=lines(line(Q3, Q3, "3264.31")), runs=runs(Q4, Q3), sealed_at_utc=SEALED_AT
    )
    assert made.quarters == sealed_quarters(paths) == (Q3, Q4)
    assert str(made) == "sealed 2013-Q3, 2013-Q4 with 1 lines"
    assert sealed_lines(paths, Q3).to_pylist() == [
        line(Q3, Q3, "3264.31", sealed_at_utc=SEALED_AT, incentive_cap=None)
    ]
    assert sealed_lines(paths, Q4).num_rows == 0
    run = pq.read_table(paths.csi("payment_runs") / f"{Q4}.parquet", partitioning=None)
    assert run.to_pylist() == [
        {
            "run_quarter": Q4,
            "run_cutoff_utc": at("2014-02-02 08:00:00"),
            "sealed_at_utc": SEALED_AT,
        }
    ]


def test_lines_keep_their_run_and_the_quarter_they_adjust(paths: DataPaths) -> None:
    seal_payment_runs(paths, lines=THREE, runs=runs(Q3, Q4), sealed_at_utc=SEALED_AT)
    found = sealed_lines(paths, Q4)
    assert list(
        zip(
            found["paid_quarter"].to_pylist(),
            found["line_kind"].to_pylist(),
            found["amount_usd"].to_pylist(),
            strict=True,
        )
    ) == [(Q3, "adjustment", Decimal("-12.50")), (Q4, "payment", Decimal("100.00"))]


def test_sealing_again_changes_no_byte(paths: DataPaths) -> None:
    seal_payment_runs(paths, lines=THREE, runs=runs(Q3, Q4), sealed_at_utc=SEALED_AT)
    before = contents(paths)
    again = seal_payment_runs(paths, lines=THREE, runs=runs(Q3, Q4), sealed_at_utc=LATER)
    assert str(again) == "no payment run to seal"
    assert contents(paths) == before


@pytest.mark.parametrize(
    "given",
    [lines(line(Q3, Q3, "3264.32")), lines(), lines(line(Q3, Q3, "3264.31"), line(Q3, Q1, "1.00"))],
    ids=["another amount", "a line less", "a line more"],
)
def test_other_lines_for_a_sealed_run_are_refused(paths: DataPaths, given: pa.Table) -> None:
    seal_payment_runs(
        paths, lines=lines(line(Q3, Q3, "3264.31")), runs=runs(Q3), sealed_at_utc=SEALED_AT
    )
    before = contents(paths)
    with pytest.raises(SealError, match="2013-Q3 is sealed with 1 lines, and other lines"):
        seal_payment_runs(paths, lines=given, runs=runs(Q3, Q4), sealed_at_utc=LATER)
    assert contents(paths) == before


@pytest.mark.parametrize("survived", range(4))
def test_kill_between_two_writes_gives_the_same_files_when_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, survived: int
) -> None:
    whole, killed = DataPaths(root=tmp_path / "whole"), DataPaths(root=tmp_path / "killed")
    seal_payment_runs(whole, lines=THREE, runs=runs(Q3, Q4), sealed_at_utc=SEALED_AT)
    write, done = csi_payments.write_parquet, []

    def dying(path: Path, *rows: object, **named: object) -> None:
        if len(done) == survived:
            raise KilledError
        done.append(path)
        write(path, *rows, **named)

    with monkeypatch.context() as patch:
        patch.setattr(csi_payments, "write_parquet", dying)
        with pytest.raises(KilledError):
            seal_payment_runs(killed, lines=THREE, runs=runs(Q3, Q4), sealed_at_utc=SEALED_AT)
    assert sealed_quarters(killed) == (Q3,)[: survived // 2]
    seal_payment_runs(killed, lines=THREE, runs=runs(Q3, Q4), sealed_at_utc=SEALED_AT)
    assert contents(killed) == contents(whole)


def test_lines_without_their_run_are_not_sealed(paths: DataPaths) -> None:
    seal_payment_runs(paths, lines=THREE, runs=runs(Q3, Q4), sealed_at_utc=SEALED_AT)
    (paths.csi("payment_runs") / f"{Q4}.parquet").unlink()
    assert sealed_quarters(paths) == (Q3,)
    corrected = lines(line(Q3, Q3, "3264.31"), line(Q4, Q4, "99.00"))
    seal_payment_runs(paths, lines=corrected, runs=runs(Q3, Q4), sealed_at_utc=LATER)
    assert sealed_lines(paths, Q4)["amount_usd"].to_pylist() == [Decimal("99.00")]


def test_run_older_than_a_sealed_one_is_refused(paths: DataPaths) -> None:
    seal_payment_runs(paths, lines=lines(), runs=runs(Q4), sealed_at_utc=SEALED_AT)
    with pytest.raises(SealError, match="2013-Q3 is older than 2013-Q4, which is sealed"):
        seal_payment_runs(paths, lines=lines(), runs=runs(Q3, Q4), sealed_at_utc=LATER)


@pytest.mark.parametrize(("moment", "sealed"), [("07:59:59", ()), ("08:00:00", (Q4,))])
def test_run_is_sealed_from_its_cutoff_on(
    paths: DataPaths, moment: str, sealed: tuple[str, ...]
) -> None:
    clock: datetime = at(f"2014-02-02 {moment}")
    try:
        seal_payment_runs(paths, lines=lines(), runs=runs(Q4), sealed_at_utc=clock)
    except SealError as error:
        assert "cannot be sealed at 2014-02-02 07:59:59" in str(error)  # noqa: PT017 - one of two
    assert sealed_quarters(paths) == sealed


def test_lines_of_a_run_that_is_not_given_are_refused(paths: DataPaths) -> None:
    with pytest.raises(SealError, match="lines of 2013-Q4, which is not among the runs 2013-Q3"):
        seal_payment_runs(paths, lines=THREE, runs=runs(Q3), sealed_at_utc=SEALED_AT)
    assert sealed_quarters(paths) == ()


@pytest.mark.parametrize(
    ("given", "named"),
    [
        (THREE.drop_columns("rate"), "payment lines lack rate"),
        (lines(line(Q3, Q3, "1.00"), line(Q3, Q3, "2.00")), "one row each"),
        (lines(line(Q3, Q3, "1.00", quantity_unit="BTU")), "one of therm, kWh"),
        (lines(line(Q3, Q3, "1.00", application_id=None)), "a value"),
    ],
    ids=["column missing", "line twice", "unknown unit", "no application"],
)
def test_lines_that_break_the_contract_are_refused(
    paths: DataPaths, given: pa.Table, named: str
) -> None:
    with pytest.raises(SealError, match=named):
        seal_payment_runs(paths, lines=given, runs=runs(Q3, Q4), sealed_at_utc=SEALED_AT)
    assert contents(paths) == {}


def test_changed_or_lost_lines_of_a_sealed_run_show(paths: DataPaths) -> None:
    seal_payment_runs(paths, lines=THREE, runs=runs(Q3, Q4), sealed_at_utc=SEALED_AT)
    assert broken_seals(paths) == []
    first, second = (paths.csi("payment_lines") / f"{quarter}.parquet" for quarter in (Q3, Q4))
    first.write_bytes(second.read_bytes())
    second.unlink()
    changed, lost = broken_seals(paths)
    assert changed.startswith("2013-Q3: the file of its lines was changed")
    assert lost.startswith("2013-Q4: 2013-Q4.parquet of its lines is gone")
