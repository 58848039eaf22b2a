"""CSI uploads from receipt to raw Parquet: intervals, findings, verdict, outcome."""

from datetime import UTC
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cei_assets.checks.intake import conservation
from cei_assets.contracts.model import Table
from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.render.pandera import validate_arrow
from cei_assets.contracts.tables.csi import (
    CSI_FINDINGS,
    CSI_INTAKE_TABLES,
    CSI_INTERVALS,
    CSI_UPLOADS,
)
from cei_assets.contracts.tables.intake import OUTCOMES
from cei_assets.core.csi.program import CsiOptions, CsiRegister
from cei_assets.core.intake.verdict import Limits
from cei_assets.storage import csi_intake
from cei_assets.storage.archive import take, unjudged_dates
from cei_assets.storage.csi_intake import judge_csi_date
from cei_assets.storage.intake import JudgedDate, judge_date
from cei_assets.storage.landing import waiting_files
from cei_assets.storage.paths import DataPaths
from tests.csi_reports import application, fill, form_text, put, register, report
from tests.intake_drops import DAY, NOW, REGISTER, in_memory, land

TAKEN_AT = NOW.replace(tzinfo=UTC)


@pytest.fixture
def paths(tmp_path: Path) -> DataPaths:
    """An empty data folder."""
    return DataPaths(root=tmp_path)


def _upload(
    paths: DataPaths, content: bytes, *, source: str = "csi_application", **form: object
) -> None:
    land(paths, "report.csv.form.json", form_text(**form), source=source)
    landed = land(paths, "report.csv", content, source=source)
    (seen,) = waiting_files(paths.landing(source), settle_seconds=2, now=TAKEN_AT)
    assert seen.path == landed
    take(seen, paths=paths, upload_source=source, received_at=TAKEN_AT)


def _judge(
    paths: DataPaths, *, given: CsiRegister | None = None, force: bool = False
) -> JudgedDate:
    return judge_csi_date(
        DAY, paths=paths, register=given or register(), options=CsiOptions(), force=force
    )


def _table(paths: DataPaths, table: Table) -> pa.Table:
    files = sorted(paths.raw_partition(table.name, DAY).glob("*.parquet"))
    parts = [pq.read_table(file, partitioning=None) for file in files]
    return pa.concat_tables(parts) if parts else arrow_schema(table).empty_table()


def test_a_valid_report_gives_its_intervals_and_sums(paths: DataPaths) -> None:
    _upload(paths, report(edit=fill("E", "100")))
    (outcome,) = _judge(paths).outcomes
    (row,) = _table(paths, CSI_UPLOADS).to_pylist()
    assert (outcome.status, outcome.rows_read, outcome.rows_accepted) == ("accepted", 2880, 2880)
    assert (row["content_result"], row["data_rows"]) == ("Success", 2880)
    assert row["total_btu_sum"] == Decimal(288_000)
    assert (row["tank_configuration"], row["backup_type"]) == (1, "gas")
    intervals = _table(paths, CSI_INTERVALS)
    assert intervals.num_rows == 2880
    assert validate_arrow(CSI_INTERVALS, intervals) == []


def test_every_table_keeps_its_contract_whatever_arrives(paths: DataPaths) -> None:
    _upload(paths, report())
    _upload(paths, report(edit=put("E", "1.5")))
    _upload(paths, b"PK\x03\x04 a workbook", application_id="?")
    _upload(paths, b"", source="csi_meter", file_type="meter_interval")
    assert [outcome.status for outcome in _judge(paths).outcomes].count("rejected") == 2
    for table in CSI_INTAKE_TABLES:
        assert validate_arrow(table, _table(paths, table)) == [], table.name


def test_a_refused_report_keeps_its_findings_and_no_interval(paths: DataPaths) -> None:
    _upload(paths, report(edit=put("E", "1.5", "2,5")))
    (outcome,) = _judge(paths).outcomes
    assert (outcome.status, outcome.rows_rejected) == ("rejected", 2880)
    assert outcome.detail is not None
    assert outcome.detail.startswith("CSI-R08 line 2, column E")
    assert outcome.detail.endswith("(and 1 more)")
    findings = _table(paths, CSI_FINDINGS).to_pylist()
    assert [(row["csi_rule"], row["line_number"], row["rule_count"]) for row in findings] == [
        ("CSI-R08", 2, 2),
        ("CSI-R08", 3, 2),
    ]
    assert _table(paths, CSI_INTERVALS).num_rows == 0


def test_no_row_of_a_report_is_lost_without_a_reason(paths: DataPaths) -> None:
    _upload(paths, report())
    _upload(paths, report(edit=put("E", "x")))
    _judge(paths)
    verdict = conservation([DAY], paths=paths)
    assert verdict.passed, verdict.found
    next(iter(paths.raw_partition(CSI_INTERVALS.name, DAY).glob("*.parquet"))).unlink()
    assert not conservation([DAY], paths=paths).passed


def test_a_meter_report_is_kept_unread(paths: DataPaths) -> None:
    _upload(paths, b"\xd0\xcf anything", source="csi_meter", file_type="meter_interval")
    (outcome,) = _judge(paths).outcomes
    (row,) = _table(paths, CSI_UPLOADS).to_pylist()
    assert (outcome.status, outcome.rows_read) == ("accepted", 0)
    assert (row["content_result"], row["file_type"]) == ("Success", "meter_interval")


def test_the_same_bytes_again_are_an_upload_of_their_own(paths: DataPaths) -> None:
    for submitted_at in ("2013-10-03T00:00:00Z", "2013-10-04T00:00:00Z"):
        _upload(paths, report(), submitted_at=submitted_at)
    assert [outcome.status for outcome in _judge(paths).outcomes] == ["accepted", "accepted"]
    assert _table(paths, CSI_UPLOADS).num_rows == 2


def test_judging_again_replaces_what_the_receipt_had(paths: DataPaths) -> None:
    _upload(paths, report())
    _judge(paths)
    two_tanks = register(application(tank_configuration=2))
    (outcome,) = _judge(paths, given=two_tanks).outcomes
    assert outcome.status == "rejected"
    assert _table(paths, CSI_INTERVALS).num_rows == 0
    assert {row["csi_rule"] for row in _table(paths, CSI_FINDINGS).to_pylist()} == {"CSI-X01"}


def test_an_upload_is_judged_again_only_when_register_or_rules_changed(paths: DataPaths) -> None:
    _upload(paths, report())
    assert len(_judge(paths).outcomes) == 1
    assert _judge(paths).outcomes == ()
    assert len(_judge(paths, force=True).outcomes) == 1
    assert len(_judge(paths, given=register(application(tank_configuration=2))).outcomes) == 1


def test_the_judge_of_readings_leaves_uploads_alone(paths: DataPaths) -> None:
    _upload(paths, report())
    with in_memory() as connection:
        judged = judge_date(
            DAY,
            paths=paths,
            register=REGISTER,
            limits=Limits(),
            judgement_id="j1",
            connection=connection,
        )
    assert judged.outcomes == ()
    assert unjudged_dates(paths) == [DAY]


def test_without_a_time_of_submission_the_time_of_landing_counts(paths: DataPaths) -> None:
    _upload(paths, report(), submitted_at=None)
    _judge(paths)
    (row,) = _table(paths, CSI_UPLOADS).to_pylist()
    assert row["submitted_at_utc"] > NOW
    assert row["csi_is_late"] is True


class KilledError(Exception):
    """Stands for the process ending at this instant."""


@pytest.mark.parametrize("survives", [0, 1, 2, 3])
def test_killed_between_any_two_files_and_repeated_gives_the_same(
    paths: DataPaths, monkeypatch: pytest.MonkeyPatch, survives: int
) -> None:
    _upload(paths, report(edit=put("E", "-5")))
    written: list[str] = []
    original = csi_intake.write_parquet

    def dying(path: Path, batches: list[pa.RecordBatch], *, schema: pa.Schema) -> None:
        if len(written) == survives:
            raise KilledError
        original(path, batches, schema=schema)
        written.append(path.parent.parent.name)

    with monkeypatch.context() as killed:
        killed.setattr(csi_intake, "write_parquet", dying)
        if survives < 3:
            with pytest.raises(KilledError):
                _judge(paths)
            assert _table(paths, OUTCOMES).num_rows == 0
    _judge(paths)
    assert _table(paths, OUTCOMES).num_rows == 1
    (row,) = _table(paths, CSI_UPLOADS).to_pylist()
    assert row["warning_count"] == _table(paths, CSI_FINDINGS).num_rows == 1
    assert _table(paths, CSI_INTERVALS).num_rows == 2880
