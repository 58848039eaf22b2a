"""Faults of the platform: nothing is acknowledged that is not stored, and work goes on."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cei_assets.core.intake.batch_judge import JudgedBatch
from cei_assets.gateway.committer import Arrival
from cei_assets.gateway.services import GatewayRunningError, Services
from tests.live_gateway import live_gateway, record


def test_a_full_disk_fails_the_records_and_the_next_ones_go_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.pwrite
    is_full = True

    def short_then_full(descriptor: int, content: memoryview, offset: int) -> int:
        if not is_full:
            return write(descriptor, content, offset)
        if len(content) < 60:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(descriptor, content[:50], offset)

    with live_gateway(tmp_path) as gateway:
        monkeypatch.setattr("cei_assets.gateway.journal.os.pwrite", short_then_full)
        one = record(idempotency_key="a")
        answer = gateway.post(one, record(value=-1)).json()
        assert (answer["ingested"], answer["skipped_duplicate"], answer["failed"]) == (0, 0, 2)
        assert [error["code"] for error in answer["errors"]] == ["INTERNAL_ERROR", "INVALID_VALUE"]
        assert gateway.landed() == []
        is_full = False
        assert gateway.post(one).json()["ingested"] == 1
        assert [line["body"]["records"] for line in gateway.landed()] == [[one]]


def test_a_state_that_cannot_be_written_fails_the_records(tmp_path: Path) -> None:
    with live_gateway(tmp_path) as gateway:
        one = record(idempotency_key="a")
        with gateway.services.state.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE journals RENAME TO away")
        assert gateway.post(one).json()["errors"][0]["code"] == "INTERNAL_ERROR"
        with gateway.services.state.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE away RENAME TO journals")
        assert gateway.post(one).json()["ingested"] == 1
        assert gateway.post(one).json()["skipped_duplicate"] == 1


def test_a_data_folder_has_one_gateway(tmp_path: Path) -> None:
    with (
        live_gateway(tmp_path) as gateway,
        pytest.raises(GatewayRunningError, match="running already"),
    ):
        Services(gateway.settings)


def test_a_changed_register_is_in_force_without_a_restart(tmp_path: Path) -> None:
    with live_gateway(tmp_path) as gateway:
        meters = gateway.settings.paths.register / "meters.csv"
        before = meters.read_text()
        new = record(meter_id="new")
        assert gateway.post(new).json()["errors"][0]["code"] == "UNKNOWN_METER"
        meters.write_text(before + "mill,new,Line,submeter,main,3600,start,2020-01-01,\n")
        gateway.services.register.refresh()
        assert gateway.post(new).json()["ingested"] == 1
        meters.write_text("site_id\n")
        gateway.services.register.refresh()
        assert "meters.csv" in gateway.get("health/ready").json()["register_problem"]
        assert gateway.post(new).json()["skipped_duplicate"] == 1


def test_a_request_that_is_given_up_neither_takes_back_nor_stops_a_commit(tmp_path: Path) -> None:
    with live_gateway(tmp_path) as gateway:
        arrival = Arrival(
            request_id="r",
            organization_id="acme",
            token_id=gateway.token.token.token_id,
            received_at=gateway.services.received_at(),
            body=b'{"records": [{}]}',
            batch=JudgedBatch(records=1, valid=[], refused=[]),
        )
        future = gateway.services.committer.submit(arrival)
        assert not future.cancel()
        assert future.result(timeout=30).ingested == 1
        assert gateway.post(record()).json()["ingested"] == 1


def serve(root: Path) -> subprocess.CompletedProcess[str]:
    """`cei serve` where it cannot start."""
    program = "from cei_assets.cli.app import main; main()"
    return subprocess.run(
        [sys.executable, "-c", program, "serve", "--data-dir", str(root), "--port", "0"],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_serving_without_a_register_says_what_to_fill_in(tmp_path: Path) -> None:
    done = serve(tmp_path)
    assert done.returncode == 1
    assert "register/sites.csv" in done.stderr
    assert "Traceback" not in done.stderr


def test_serving_beside_another_gateway_says_so(tmp_path: Path) -> None:
    with live_gateway(tmp_path):
        done = serve(tmp_path)
    assert done.returncode == 1
    assert "a gateway is running already" in done.stderr
    assert "Traceback" not in done.stderr
