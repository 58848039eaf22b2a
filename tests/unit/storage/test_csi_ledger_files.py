"""The ledger's files: rebuilt from what intake wrote, months rewritten only when they change."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cei_assets.contracts.tables.csi import (
    CSI_FINDINGS,
    CSI_INTERVALS,
    CSI_LEDGER,
    CSI_LEDGER_FINDINGS,
    CSI_LEDGER_INTERVALS,
    CSI_UPLOADS,
)
from cei_assets.core.csi.program import CsiRegister
from cei_assets.storage import csi_ledger
from cei_assets.storage.csi_layout import ensure_csi_layout
from cei_assets.storage.csi_ledger import (
    month_path,
    months_to_write,
    rebuild_ledger,
    write_months,
)
from cei_assets.storage.paths import DataPaths
from cei_assets.storage.receipt_files import read_receipts
from tests.csi_uploads import (
    METER,
    OCTOBER,
    SEPTEMBER,
    authorised,
    interval_path,
    ledger_of,
    store,
    upload,
)

NOTHING = CsiRegister()


class KilledError(Exception):
    """Stands for a process that is gone."""


@pytest.fixture
def paths(tmp_path: Path) -> DataPaths:
    found = DataPaths(root=tmp_path)
    ensure_csi_layout(found)
    return found


def stored(paths: DataPaths, table: str) -> pa.Table:
    return pq.read_table(paths.csi(table) / "part.parquet", partitioning=None)


def month_rows(paths: DataPaths, month: date) -> pa.Table:
    return pq.read_table(month_path(paths, month), partitioning=None)


def everything(paths: DataPaths) -> dict[str, tuple[int, int]]:
    """Inode and time of every file that readers use: equal when nothing was written."""
    return {
        str(file): (file.stat().st_ino, file.stat().st_mtime_ns)
        for file in paths.csi("").rglob("*.parquet")
    }


def run(paths: DataPaths, register: CsiRegister = NOTHING) -> dict[date, int]:
    rebuild_ledger(paths, register=register)
    return write_months(paths, months_to_write(paths))


def test_empty_installation_has_a_typed_file_of_every_dataset(paths: DataPaths) -> None:
    assert str(rebuild_ledger(paths, register=NOTHING)).startswith("0 uploads: 0 Success")
    assert months_to_write(paths) == []
    files = [file.relative_to(paths.root).as_posix() for file in paths.root.rglob("*.parquet")]
    assert sorted(files) == [
        "csi/findings/part.parquet",
        "csi/intervals/application_month=1970-01-01/empty.parquet",
        "csi/ledger/part.parquet",
        "csi/payment_lines/empty.parquet",
        "csi/payment_runs/empty.parquet",
        "raw/csi_findings/received_date=1970-01-01/empty.parquet",
        "raw/csi_intervals/received_date=1970-01-01/empty.parquet",
        "raw/csi_register/applications.parquet",
        "raw/csi_register/late_decisions.parquet",
        "raw/csi_register/pdps.parquet",
        "raw/csi_register/replacements.parquet",
        "raw/csi_uploads/received_date=1970-01-01/empty.parquet",
        "state/csi_findings.parquet",
        "state/csi_uploads.parquet",
    ]
    assert stored(paths, "ledger").schema.names == list(CSI_LEDGER.column_names)


def test_layout_leaves_files_with_rows_alone(paths: DataPaths) -> None:
    store(paths, upload("r1", "2013-10-05"))
    run(paths)
    before = everything(paths)
    ensure_csi_layout(paths)
    assert everything(paths) == before


def test_ledger_is_what_the_pass_makes_of_the_stored_uploads(paths: DataPaths) -> None:
    rows = [
        upload("r1", "2013-10-05"),
        upload("r2", "2013-10-06", fails=["R08"]),
        upload("r3", "2013-11-20", month=OCTOBER, fails=["T06"], tells=["W10"]),
    ]
    store(paths, *rows)
    summary = rebuild_ledger(paths, register=NOTHING)
    expected = ledger_of(*rows)
    assert stored(paths, "ledger").to_pylist() == expected.uploads.to_pylist()
    assert stored(paths, "findings").to_pylist() == expected.findings.to_pylist()
    assert str(summary) == (
        "3 uploads: 1 Success, 2 Failure, 0 late; 1 refused after a Success, 0 replacements; "
        "1 effective months"
    )


def test_runs_after_every_arrival_give_the_files_of_one_run_after_all(tmp_path: Path) -> None:
    rows = [
        upload("r1", "2013-10-05"),
        upload("r2", "2013-10-12"),
        upload("r3", "2013-10-13"),
        upload("r0", "2013-10-04", fails=["T01"]),
    ]
    register = CsiRegister(replacements=(authorised("2013-10-10"),))
    tables = []
    for name, arrivals in {
        "at once": [rows],
        "one by one": [[row] for row in rows],
        "backwards": [[row] for row in reversed(rows)],
    }.items():
        paths = DataPaths(root=tmp_path / name)
        ensure_csi_layout(paths)
        for arrived in arrivals:
            store(paths, *arrived)
            run(paths, register)
        tables.append(
            (
                stored(paths, "ledger").to_pylist(),
                stored(paths, "findings").to_pylist(),
                month_rows(paths, SEPTEMBER).to_pylist(),
            )
        )
    assert tables[0] == tables[1] == tables[2]


def test_nothing_is_written_when_nothing_changed(paths: DataPaths) -> None:
    store(paths, upload("r1", "2013-10-05"), upload("r2", "2013-10-06"))
    run(paths)
    before = everything(paths)
    assert not rebuild_ledger(paths, register=NOTHING).is_changed
    assert months_to_write(paths) == []
    assert everything(paths) == before


def test_months_hold_every_upload_that_is_or_was_effective(paths: DataPaths) -> None:
    register = CsiRegister(replacements=(authorised("2013-10-10"),))
    store(
        paths,
        upload("r2", "2013-10-12"),
        upload("r1", "2013-10-05"),
        upload("r3", "2013-10-13"),
        upload("r4", "2013-10-14", application="PGE-01357"),
        upload("r5", "2013-10-14", file_type=METER),
        upload("r6", "2013-11-14", month=OCTOBER),
    )
    assert run(paths, register) == {SEPTEMBER: 3 * 2880, OCTOBER: 2976}
    rows = month_rows(paths, SEPTEMBER)
    assert rows.schema.names == list(CSI_LEDGER_INTERVALS.column_names)
    places = list(
        zip(*(rows[name].to_pylist() for name in (
            "application_id", "interval_end_pst", "receipt_id",
        )), strict=True)
    )  # fmt: skip
    assert places == sorted(places)
    assert set(rows["receipt_id"].to_pylist()) == {"r1", "r2", "r4"}


def test_only_months_whose_uploads_changed_are_written(paths: DataPaths) -> None:
    store(paths, upload("r1", "2013-10-05"), upload("r2", "2013-11-05", month=OCTOBER))
    run(paths)
    store(paths, upload("r3", "2013-11-06", month=OCTOBER, application="PGE-01357"))
    rebuild_ledger(paths, register=NOTHING)
    assert months_to_write(paths) == [OCTOBER]


def test_failure_or_refused_upload_rewrites_no_month(paths: DataPaths) -> None:
    store(paths, upload("r1", "2013-10-05"))
    run(paths)
    store(paths, upload("r2", "2013-10-06"), upload("r3", "2013-10-07", fails=["R08"]))
    assert rebuild_ledger(paths, register=NOTHING).is_changed
    assert months_to_write(paths) == []


def test_upload_judged_again_rewrites_its_month(paths: DataPaths) -> None:
    store(paths, upload("r1", "2013-10-05"))
    run(paths)
    store(paths, upload("r1", "2013-10-05", judgement_id="j2"))
    rebuild_ledger(paths, register=NOTHING)
    assert months_to_write(paths) == [SEPTEMBER]


def test_month_that_lost_its_uploads_is_removed(paths: DataPaths) -> None:
    store(paths, upload("r1", "2013-10-05"))
    run(paths)
    store(paths, upload("r1", "2013-10-05", fails=["R04"], judgement_id="j2"))
    assert run(paths) == {SEPTEMBER: 0}
    assert not month_path(paths, SEPTEMBER).exists()
    assert months_to_write(paths) == []


def test_month_of_many_reports_is_written_in_groups_that_part_no_application(
    paths: DataPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csi_ledger, "_REPORTS_AT_ONCE", 2)
    register = CsiRegister(replacements=(authorised("2013-10-11", application="SCG-00001"),))
    rows = [
        upload(f"r{number}", f"2013-10-{10 + number}", application=f"SCG-0000{number // 2}")
        for number in range(7)
    ]
    store(paths, *rows)
    assert run(paths, register) == {SEPTEMBER: 5 * 2880}
    assert pq.read_metadata(month_path(paths, SEPTEMBER)).num_row_groups == 2
    applications = month_rows(paths, SEPTEMBER)["application_id"].to_pylist()
    assert applications == sorted(applications)


def test_missing_intervals_are_named(paths: DataPaths) -> None:
    row = upload("r1", "2013-10-05")
    store(paths, row)
    interval_path(paths, row).unlink()
    rebuild_ledger(paths, register=NOTHING)
    with pytest.raises(FileNotFoundError, match="judge the uploads of received_date=2013-10-05"):
        write_months(paths, [SEPTEMBER])
    assert not month_path(paths, SEPTEMBER).exists()


@pytest.mark.parametrize("survived", range(4))
def test_kill_at_any_write_is_made_good_by_the_next_run(
    paths: DataPaths, monkeypatch: pytest.MonkeyPatch, survived: int
) -> None:
    """Findings, ledger and two months are four writes; the process dies after some of them."""
    store(paths, upload("r1", "2013-10-05"), upload("r2", "2013-11-05", month=OCTOBER))
    run(paths)
    register = CsiRegister(replacements=(authorised("2013-10-10"),))
    store(
        paths,
        upload("r3", "2013-10-12"),
        upload("r4", "2013-11-06", month=OCTOBER, application="PGE-01357"),
    )
    write, done = csi_ledger.write_parquet, []

    def dying(path: Path, *rows: object, **named: object) -> None:
        if len(done) == survived:
            raise KilledError
        done.append(path)
        write(path, *rows, **named)

    with monkeypatch.context() as patch:
        patch.setattr(csi_ledger, "write_parquet", dying)
        with pytest.raises(KilledError):
            run(paths, register)
    assert len(done) == survived
    run(paths, register)
    assert stored(paths, "ledger")["receipt_id"].to_pylist() == ["r1", "r3", "r2", "r4"]
    assert stored(paths, "findings")["csi_rule"].to_pylist() == ["CSI-U08"]
    assert set(month_rows(paths, SEPTEMBER)["receipt_id"].to_pylist()) == {"r1", "r3"}
    assert set(month_rows(paths, OCTOBER)["receipt_id"].to_pylist()) == {"r2", "r4"}
    assert months_to_write(paths) == []


def test_month_written_before_a_kill_and_then_undone_is_written_again(paths: DataPaths) -> None:
    """A, then B but killed before the ledger's other work, then A again: the file must be A's."""
    store(paths, upload("r1", "2013-10-05"))
    run(paths)
    store(paths, upload("r1", "2013-10-05", judgement_id="j2"))
    run(paths)
    store(paths, upload("r1", "2013-10-05", judgement_id="j1"))
    rebuild_ledger(paths, register=NOTHING)
    assert months_to_write(paths) == [SEPTEMBER]


def test_receipts_are_read_once_and_again_when_replaced_or_removed(
    paths: DataPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    def receipts() -> Sequence[tuple[str, str]]:
        rows = read_receipts(paths, CSI_UPLOADS).to_pylist()
        return sorted((row["receipt_id"], row["judgement_id"]) for row in rows)

    first, second = upload("r1", "2013-10-05"), upload("r2", "2013-10-06")
    store(paths, first, second)
    assert receipts() == [("r1", "j1"), ("r2", "j1")]
    with monkeypatch.context() as patch:
        patch.setattr("cei_assets.storage.receipt_files.ds.dataset", pytest.fail)
        assert receipts() == [("r1", "j1"), ("r2", "j1")]
    store(paths, first | {"judgement_id": "j2"})
    assert receipts() == [("r1", "j2"), ("r2", "j1")]
    interval_path(paths, second, CSI_UPLOADS).unlink()
    assert receipts() == [("r1", "j2")]
    (paths.state / "csi_uploads.parquet").unlink()
    assert receipts() == [("r1", "j2")]


def test_findings_that_an_upload_no_longer_has_disappear(paths: DataPaths) -> None:
    row = upload("r1", "2013-10-05", fails=["R04"])
    store(paths, row)
    rebuild_ledger(paths, register=NOTHING)
    interval_path(paths, row, CSI_FINDINGS).unlink()
    rebuild_ledger(paths, register=NOTHING)
    assert stored(paths, CSI_LEDGER_FINDINGS.name).num_rows == 0


def test_half_written_files_are_not_read(paths: DataPaths) -> None:
    row = upload("r1", "2013-10-05")
    store(paths, row)
    interval_path(paths, row, CSI_UPLOADS).with_name(".r2.parquet.99.tmp").write_bytes(b"PAR1")
    assert read_receipts(paths, CSI_UPLOADS).num_rows == 1
    assert interval_path(paths, row, CSI_INTERVALS).exists()
    assert rebuild_ledger(paths, register=NOTHING).uploads == 1


def test_times_come_back_as_naive_utc(paths: DataPaths) -> None:
    store(paths, upload("r1", "2013-10-05 12:00:00"))
    rebuild_ledger(paths, register=NOTHING)
    found = stored(paths, "ledger").to_pylist()[0]["effective_from_utc"]
    assert found == datetime(2013, 10, 5, 12)  # noqa: DTZ001 - the platform's clock is naive UTC
