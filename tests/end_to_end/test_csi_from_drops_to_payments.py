"""The CSI-Thermal programme from dropped pairs to sealed payments, in stages and at once."""

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow.parquet as pq
import pytest

from cei_assets.contracts.tables.csi_models import CSI_MARTS
from cei_assets.simulation.csi_design import ProgrammeDesign, demo_programme
from cei_assets.simulation.csi_drops import land
from cei_assets.simulation.csi_programme import SimulatedUpload, csi_uploads
from cei_assets.simulation.csi_register_text import register_texts
from cei_assets.storage.register import write_register_csv
from tests.small_factory import Installation

pytestmark = pytest.mark.filterwarnings("default")

FIRST_MONTH = date(2023, 10, 1)
# The run of the first quarter is due on 2 February 2024, that of the second on 2 May.
BETWEEN = "2024-03-15T12:00:00Z"
AFTER = "2024-05-20T12:00:00Z"
MARTS = [table.name for table in CSI_MARTS]


@pytest.fixture(scope="module", autouse=True)
def environment_restored() -> Iterator[None]:
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="module")
def design() -> ProgrammeDesign:
    return demo_programme(seed=11, first_month=FIRST_MONTH)


@pytest.fixture(scope="module")
def uploads(design: ProgrammeDesign) -> list[SimulatedUpload]:
    return list(csi_uploads(design))


@dataclass(frozen=True, kw_only=True)
class Stages:
    """What was there after the first of two runs, and after the second."""

    paid_first: list[tuple[object, ...]]
    sealed_first: dict[str, bytes]
    finally_held: dict[str, list[tuple[object, ...]]]


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory, design: ProgrammeDesign) -> Installation:
    installation = Installation(folder=tmp_path_factory.mktemp("programme") / "data")
    write_register_csv(installation.settings.paths, register_texts(design))
    return installation


@pytest.fixture(scope="module")
def stages(installation: Installation, uploads: list[SimulatedUpload]) -> Stages:
    """Two runs: what was submitted first arrives first, the newest of it before the oldest."""
    paths = installation.settings.paths
    early = [upload for upload in uploads if _submitted(upload) < _moment(BETWEEN)]
    for upload in reversed(early):
        land(upload, paths=paths)
    installation.run(as_of=BETWEEN)
    paid = installation.rows("select * from fct_csi_payments order by all")
    sealed = _seals(installation)
    for upload in uploads:
        if upload not in early:
            land(upload, paths=paths)
    installation.run(as_of=AFTER)
    return Stages(paid_first=paid, sealed_first=sealed, finally_held=_held(installation))


@pytest.fixture(scope="module")
def at_once(installation: Installation, stages: Stages) -> Installation:
    """One run over all receipts, after everything was lost that follows from them."""
    paths = installation.settings.paths
    assert stages.sealed_first
    paths.warehouse.unlink()
    for folder in (
        *(paths.csi(table) for table in ("ledger", "findings", "intervals")),
        *(paths.raw(table) for table in ("csi_uploads", "csi_findings", "csi_intervals")),
        paths.raw("outcomes"),
    ):
        shutil.rmtree(folder)
    installation.run(as_of=AFTER)
    return installation


def _held(installation: Installation) -> dict[str, list[tuple[object, ...]]]:
    return {mart: installation.rows(f"select * from {mart} order by all") for mart in MARTS}


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _submitted(upload: SimulatedUpload) -> datetime:
    return datetime.fromisoformat(str(upload.form["submitted_at"])).astimezone(UTC)


def _seals(installation: Installation) -> dict[str, bytes]:
    folder = installation.settings.paths.csi("payment_lines")
    return {path.name: path.read_bytes() for path in sorted(folder.glob("20*.parquet"))}


def test_every_upload_stands_in_the_list_with_its_outcome(
    at_once: Installation, uploads: list[SimulatedUpload]
) -> None:
    listed = dict(
        at_once.rows(
            "select split_part(original_filename, '.', 1), csi_result from rpt_csi_performance_data"
        )
    )
    expected = {
        upload.filename.split(".")[0]: "Failure" if upload.breaks else "Success"
        for upload in uploads
    }
    assert listed == expected


def test_an_upload_fails_for_the_rule_it_breaks(
    at_once: Installation, uploads: list[SimulatedUpload]
) -> None:
    found = at_once.rows(
        "select original_filename, csi_rule from fct_csi_findings "
        "join rpt_csi_performance_data using (receipt_id) where csi_severity = 'reject'"
    )
    assert {(upload.filename, upload.breaks.value) for upload in uploads if upload.breaks} <= set(
        found
    )


def test_every_effective_month_has_its_96_intervals_a_day(at_once: Installation) -> None:
    months = at_once.rows(
        "select application_id, application_month, count(*), count(distinct interval_end_pst), "
        "count(distinct receipt_id), min(96 * day(last_day(application_month))) "
        "from fct_csi_intervals group by all"
    )
    assert len(months) == 30
    assert all(rows == labels == grid for _, _, rows, labels, _, grid in months)
    assert {receipts for *_, receipts, _ in months} == {1}


def test_spring_has_no_gap_on_the_fixed_grid(at_once: Installation) -> None:
    labels = at_once.rows(
        "select distinct strftime(interval_end_pst, '%H:%M') from fct_csi_intervals "
        "where interval_end_pst::date = '2024-03-10' and hour(interval_end_pst) = 2 order by 1"
    )
    assert labels == [("02:00",), ("02:15",), ("02:30",), ("02:45",)]


def test_the_runs_that_are_due_are_sealed_with_what_was_paid(at_once: Installation) -> None:
    lines = at_once.rows(
        "select run_quarter, application_id, paid_quarter, amount_usd from fct_csi_payments "
        "order by all"
    )
    sealed = []
    for name in _seals(at_once):
        path = at_once.settings.paths.csi("payment_lines") / name
        sealed += [
            tuple(row.values())
            for row in pq.read_table(path, partitioning=None)
            .select(["run_quarter", "application_id", "paid_quarter", "amount_usd"])
            .to_pylist()
        ]
    assert sorted(sealed) == lines
    assert list(_seals(at_once)) == ["2023-Q4.parquet", "2024-Q1.parquet"]
    assert at_once.rows("select count(*) from fct_csi_payments where sealed_at_utc is null") == [
        (0,)
    ]


def test_a_replacement_after_the_run_is_an_adjustment_of_the_next(at_once: Installation) -> None:
    lines = at_once.rows(
        "select run_quarter, paid_quarter, line_kind from fct_csi_payments "
        "where application_id = 'PGE-00101' order by all"
    )
    assert lines == [
        ("2023-Q4", "2023-Q4", "payment"),
        ("2024-Q1", "2023-Q4", "adjustment"),
        ("2024-Q1", "2024-Q1", "payment"),
    ]


def test_the_cap_is_never_exceeded(at_once: Installation) -> None:
    paid = at_once.rows(
        "select sum(amount_usd) <= max(incentive_cap) from fct_csi_payments group by application_id"
    )
    assert paid == [(True,)] * 5


def test_money_is_decimal_to_the_report(at_once: Installation) -> None:
    runs = at_once.rows("select sum(amount_usd) from fct_csi_payments group by run_quarter")
    page = (at_once.settings.paths.reports / "csi_payments.html").read_text(encoding="utf-8")
    digits = re.sub(r"[^0-9.<]", "", page)
    assert len(runs) == 2
    for (amount,) in runs:
        assert isinstance(amount, Decimal)
        assert f"{amount:.2f}<" in digits


def test_reports_open_offline_and_name_every_upload(
    at_once: Installation, uploads: list[SimulatedUpload]
) -> None:
    page = (at_once.settings.paths.reports / "csi_performance_data.html").read_text("utf-8")
    assert all(str(upload.form["original_filename"]) in page for upload in uploads)
    assert "http://" not in page
    assert "https://" not in page


def test_stages_and_one_run_give_the_same(at_once: Installation, stages: Stages) -> None:
    assert _held(at_once) == stages.finally_held


def test_what_was_sealed_stays_as_it_was(at_once: Installation, stages: Stages) -> None:
    assert list(stages.sealed_first) == ["2023-Q4.parquet"]
    sealed = _seals(at_once)
    assert {name: sealed[name] for name in stages.sealed_first} == stages.sealed_first
    again = at_once.rows(
        "select * from fct_csi_payments where run_quarter = '2023-Q4' order by all"
    )
    assert again == stages.paid_first


def test_every_expectation_over_the_marts_holds(at_once: Installation) -> None:
    held = at_once.rows(
        "select is_success, count(*) > 100 from fct_quality_results "
        "where table_name like '%csi%' group by is_success"
    )
    assert held == [(True, True)]
