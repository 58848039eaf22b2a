"""CSI reports by HTTP: the verdict of `cei check csi`, stamped by the receiver and kept."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import httpx
import orjson
import pyarrow.parquet as pq
import pytest

from cei_assets.contracts.vocabulary import UploadSource
from cei_assets.settings import Settings
from cei_assets.storage.csi_check import judge_csi_file
from cei_assets.storage.csi_ledger import rebuild_ledger
from cei_assets.storage.csi_register import load_csi_register
from cei_assets.storage.landing import FORM_SUFFIX, SIDECAR_SUFFIX
from cei_assets.storage.taking_in import claim, judge_csi_days
from tests.csi_reports import form_fields, put, report
from tests.live_gateway import LiveGateway, live_gateway
from tests.small_csi_register import with_cells, write_csi_register

RECEIVED = datetime(2013, 11, 2, 6, 59, 59, 500_000, tzinfo=UTC)
STAMP = "2013-11-02T06:59:59.500000Z"
SENT = {
    name: str(value)
    for name, value in form_fields(
        submitted_at="2013-10-05T12:00:00Z", file_type=None, original_filename=None
    ).items()
}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveGateway]:
    root = tmp_path_factory.mktemp("gateway")
    with live_gateway(root, as_of=RECEIVED) as running:
        write_csi_register(running.settings.paths.register)
        yield running


def send(
    gateway: LiveGateway,
    content: bytes,
    *,
    name: str = "report.csv",
    kind: str = "csi_application",
    **fields: str,
) -> dict[str, object]:
    answer = httpx.post(
        gateway.url + "/api/v1/upload-csv",
        files={"file": (name, content)},
        data={"kind": kind, **SENT, **fields},
        headers={"Authorization": f"Bearer {gateway.token.secret}"},
        timeout=60,
    )
    assert answer.status_code == 200, answer.text
    told: dict[str, object] = answer.json()
    return told


def kept(gateway: LiveGateway, told: dict[str, object], kind: str = "csi_application") -> Path:
    return gateway.settings.paths.landing(kind) / str(told["stored_as"])


def form_of(file: Path) -> dict[str, str]:
    form: dict[str, str] = orjson.loads(file.with_name(file.name + FORM_SUFFIX).read_bytes())
    return form


@pytest.mark.parametrize(
    "content",
    [report(), report(edit=put("D", "1234.5", line=62)), b"", b"PK\x03\x04"],
    ids=["good", "bad cell", "empty", "workbook"],
)
def test_the_verdict_is_that_of_cei_check_csi(gateway: LiveGateway, content: bytes) -> None:
    told = send(gateway, content)
    file = kept(gateway, told)
    assert file.read_bytes() == content
    settings = gateway.settings
    expected = judge_csi_file(
        file,
        register=load_csi_register(settings.paths.register).register,
        options=settings.csi_options,
        received_at_utc=RECEIVED,
    ).as_json()
    stored_as = told.pop("stored_as")
    assert told == expected | {"file": "report.csv"}
    assert (told["status"] == "Success") == (content == report())
    assert sorted(path.name for path in file.parent.glob(f"{stored_as}*")) == [
        stored_as, f"{stored_as}{SIDECAR_SUFFIX}", f"{stored_as}{FORM_SUFFIX}",
    ]  # fmt: skip


def test_the_receiver_stamps_the_submission_whatever_the_sender_says(
    gateway: LiveGateway,
) -> None:
    told = send(gateway, report(), submitted_at="2013-10-05T12:00:00Z")
    assert form_of(kept(gateway, told)) == {
        **SENT,
        "file_type": "application_interval",
        "original_filename": "report.csv",
        "submitted_at": STAMP,
    }
    assert (told["status"], told["late"], told["due_at"]) == (
        "Success",
        False,
        "2013-11-02T06:59:59Z",
    )


def test_a_report_that_was_sent_is_taken_like_a_drop(tmp_path: Path) -> None:
    with live_gateway(tmp_path, as_of=RECEIVED, settle_seconds=0) as fresh:
        write_csi_register(fresh.settings.paths.register)
        told = send(fresh, report())
        form = form_of(kept(fresh, told))
        claimed = claim(
            UploadSource.CSI_APPLICATION, settings=fresh.settings, received_at=fresh.settings.now()
        )
        assert not claimed.problems
        (receipt,) = claimed.receipts
        assert orjson.loads(receipt.sidecar or "") == form
        assert list(kept(fresh, told).parent.iterdir()) == []


@pytest.mark.parametrize(
    "contents",
    [(report(), report()), (report(), report(edit=put("E", "777", line=62)))],
    ids=["the same file twice", "another file"],
)
def test_of_two_reports_sent_at_once_exactly_one_succeeds(
    tmp_path: Path, contents: tuple[bytes, bytes]
) -> None:
    with live_gateway(tmp_path, as_of=RECEIVED, settle_seconds=0) as fresh:
        write_csi_register(fresh.settings.paths.register)
        with ThreadPoolExecutor(max_workers=2) as pool:
            told = list(pool.map(lambda content: send(fresh, content), contents))
        settings = fresh.settings
    # Each is good by itself; what the month's history makes of it, only the ledger knows.
    assert [answer["status"] for answer in told] == ["Success", "Success"]
    assert len({answer["stored_as"] for answer in told}) == 2
    claimed = claim(UploadSource.CSI_APPLICATION, settings=settings, received_at=settings.now())
    assert (len(claimed.receipts), claimed.problems) == (2, ())
    loaded = load_csi_register(settings.paths.register)
    judge_csi_days([RECEIVED.date()], register=loaded.register, settings=settings)
    run = rebuild_ledger(settings.paths, register=loaded.register)
    assert (run.uploads, run.successes, run.refused, run.effective) == (2, 1, 1, 1)
    ledger = pq.read_table(settings.paths.csi("ledger") / "part.parquet")
    findings = pq.read_table(settings.paths.csi("findings") / "part.parquet")
    (refused,) = [row["receipt_id"] for row in ledger.to_pylist() if not row["is_effective"]]
    assert [row["receipt_id"] for row in findings.to_pylist() if row["csi_rule"] == "CSI-U07"] == [
        refused
    ]


def test_half_a_second_later_is_late_for_the_month(tmp_path: Path) -> None:
    with live_gateway(tmp_path, as_of=datetime(2013, 11, 2, 7, tzinfo=UTC)) as later:
        write_csi_register(later.settings.paths.register)
        told = send(later, report())
    assert (told["status"], told["late"]) == ("Success", True)


def test_what_the_sender_says_of_name_and_type_holds(gateway: LiveGateway) -> None:
    told = send(gateway, report(), original_filename="mine.txt", file_type="meter_interval")
    form = form_of(kept(gateway, told))
    assert (form["original_filename"], form["file_type"]) == ("mine.txt", "meter_interval")
    told = send(gateway, report(), original_filename="mine.txt")
    assert [finding["rule"] for finding in told["findings"]] == ["CSI-F05"]


def test_a_meter_report_is_kept_unread(gateway: LiveGateway) -> None:
    told = send(gateway, b"\xd0\xcf anything", name="report.xls", kind="csi_meter", ignored="x")
    assert (told["status"], told["data_rows"]) == ("Success", 0)
    form = form_of(kept(gateway, told, "csi_meter"))
    assert (form["file_type"], form["original_filename"]) == ("meter_interval", "report.xls")
    assert "ignored" not in form


def test_a_form_without_fields_is_a_failure_that_is_kept(gateway: LiveGateway) -> None:
    answer = httpx.post(
        gateway.url + "/api/v1/upload-csv",
        files={"file": ("report.csv", report())},
        data={"kind": "csi_application"},
        headers={"Authorization": f"Bearer {gateway.token.secret}"},
        timeout=60,
    )
    told = answer.json()
    assert (answer.status_code, told["status"], told["due_at"]) == (200, "Failure", None)
    assert set(form_of(kept(gateway, told))) == {"file_type", "original_filename", "submitted_at"}


def rewrite(settings: Settings, **rows: tuple[str, ...]) -> None:
    """Changes the register's files, whose new time of change may be the old one's."""
    folder = settings.paths.register
    before = (folder / "csi_applications.csv").stat().st_mtime_ns
    write_csi_register(folder, **rows)
    os.utime(folder / "csi_applications.csv", ns=(before + 10**9, before + 10**9))


def test_a_changed_register_is_in_force_at_the_next_report(gateway: LiveGateway) -> None:
    try:
        rewrite(gateway.settings, csi_applications=(with_cells(tank_configuration="2"),))
        told = send(gateway, report())
        assert {finding["rule"] for finding in told["findings"]} == {"CSI-X01"}
    finally:
        rewrite(gateway.settings)
    assert send(gateway, report())["status"] == "Success"


def test_a_register_that_broke_leaves_the_one_before_in_force(gateway: LiveGateway) -> None:
    assert send(gateway, report())["status"] == "Success"
    try:
        rewrite(gateway.settings, csi_applications=(with_cells(tank_configuration="3"),))
        assert send(gateway, report())["status"] == "Success"
        ready = httpx.get(gateway.url + "/api/v1/health/ready", timeout=60).json()
        assert "csi_applications.csv:2: tank_configuration" in ready["register_problem"]
    finally:
        rewrite(gateway.settings)
    assert send(gateway, report())["status"] == "Success"
    ready = httpx.get(gateway.url + "/api/v1/health/ready", timeout=60).json()
    assert ready["register_problem"] is None


def test_without_any_usable_register_a_report_waits_with_its_stamp(tmp_path: Path) -> None:
    with live_gateway(tmp_path, as_of=RECEIVED) as fresh:
        broken = (with_cells(tank_configuration="3"),)
        write_csi_register(fresh.settings.paths.register, csi_applications=broken)
        told = send(fresh, report())
        assert (told["status"], told["findings"]) == ("waiting", [])
        assert "csi_applications.csv:2: tank_configuration" in str(told["problem"])
        assert kept(fresh, told).read_bytes() == report()
        assert form_of(kept(fresh, told))["submitted_at"] == STAMP
