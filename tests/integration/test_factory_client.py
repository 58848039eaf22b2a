"""The factory's client as a program of its own, against a server that fails as networks do."""

import itertools
import random
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from clients import factory_client
from tests.factory_machine import (
    ALL_IN,
    SOME_FAILED,
    STOPPED,
    WAITING,
    Factory,
    Meter,
    Readings,
    csv_file,
    environment,
    is_killed_somewhere,
    readings_of,
)
from tests.faulty_server import TOKEN, FaultyServer

METERS = [("mill", "main"), ("mill", "press")]


@dataclass(frozen=True, kw_only=True)
class FaultyFactory(Factory):
    """A factory whose server fails on demand."""

    server: FaultyServer


def faulty(folder: Path, server: FaultyServer) -> FaultyFactory:
    return FaultyFactory(folder=folder, url=server.url, token=TOKEN, server=server)


@pytest.fixture
def factory(tmp_path: Path) -> Iterator[FaultyFactory]:
    with FaultyServer(METERS) as server:
        yield faulty(tmp_path, server)


def table(hours: int, *, meters: Sequence[Meter] = METERS, add: int = 0) -> Readings:
    return readings_of(hours, meters=meters, add=add)


def test_a_file_arrives_in_order_digit_by_digit_in_batches_of_at_most_500(
    factory: FaultyFactory,
) -> None:
    readings = table(600)
    done = factory.run(csv_file(factory.folder, readings))
    assert done.returncode == ALL_IN, done.stderr
    assert "1200 records in 3 batches: 1200 ingested, 0 duplicates, 0 failed" in done.stdout
    assert [len(batch) for batch in factory.server.batches] == [500, 500, 200]
    assert list(factory.server.table.latest.items()) == list(readings.items())
    assert factory.waiting() == 0
    assert not factory.failed()


def test_the_same_file_again_adds_nothing_and_a_changed_value_is_a_revision(
    factory: FaultyFactory,
) -> None:
    readings = table(30)
    path = csv_file(factory.folder, readings)
    factory.run(path)
    again = factory.run(path)
    assert again.returncode == ALL_IN
    assert "0 ingested, 60 duplicates, 0 failed" in again.stdout
    changed = next(iter(readings))
    readings[changed] = "999"
    done = factory.run(csv_file(factory.folder, readings))
    assert "1 ingested, 59 duplicates, 0 failed" in done.stdout
    assert factory.server.table.latest == readings
    assert len(factory.server.table.revisions[changed]) == 2


def test_an_earlier_value_comes_back_under_a_revision_label(factory: FaultyFactory) -> None:
    first, second = table(1), table(1, add=7)
    for readings in (first, second):
        factory.run(csv_file(factory.folder, readings))
    factory.run(csv_file(factory.folder, first))
    assert factory.server.table.latest == second
    factory.run(csv_file(factory.folder, first), "--revision", "meter-check")
    assert factory.server.table.latest == first


def test_what_goes_wrong_once_is_tried_again_and_counts_once(factory: FaultyFactory) -> None:
    faults = [
        *("500", "502", "503 0", "429 0", "429 date 0", "408", "204", "cut before", "cut after"),
        *("hang before", "hang after", "half answer", "garbage", "login page", "miscount"),
        "unnamed",
    ]
    readings = table(len(faults))
    for fault in faults:
        factory.server.faults.extend([fault, "ok"])
    done = factory.run(csv_file(factory.folder, readings), "--batch-size", "2")
    assert done.returncode == ALL_IN, done.stderr
    assert len(factory.server.requests) == 2 * len(faults)
    assert done.stdout.count("try 1 of 4") == len(faults)
    assert factory.server.table.latest == readings
    assert all(len(values) == 1 for values in factory.server.table.revisions.values())
    assert factory.waiting() == 0


@pytest.mark.parametrize("fault", ["429 1", "429 date 2"])
def test_the_wait_that_the_server_asks_for_is_kept(factory: FaultyFactory, fault: str) -> None:
    factory.server.faults.append(fault)
    done = factory.run(csv_file(factory.folder, table(1)))
    assert done.returncode == ALL_IN
    wait = float(done.stdout.split("again in ")[1].split(" s")[0])
    assert wait >= 1.0


def test_a_wait_longer_than_allowed_is_left_to_the_next_run(factory: FaultyFactory) -> None:
    factory.server.faults.append("429 3600")
    done = factory.run(csv_file(factory.folder, table(1)))
    assert done.returncode == WAITING
    assert "the server asks to wait 3600 s, longer than --max-wait" in done.stderr
    assert "1 batches wait" in done.stderr
    assert factory.run().returncode == ALL_IN
    assert factory.server.table.latest == table(1)


def test_while_the_server_is_down_runs_pile_up_and_go_out_in_order(factory: FaultyFactory) -> None:
    factory.server.stop()
    versions = [table(3), table(3, add=1), table(5, add=2)]
    for readings in versions:
        done = factory.run(csv_file(factory.folder, readings), "--max-tries", "1")
        assert done.returncode == WAITING
        assert "gave up after 1 tries: no answer (ConnectionRefusedError" in done.stderr
    assert factory.waiting() == 3
    repeated = factory.run(csv_file(factory.folder, versions[-1]), "--max-tries", "1")
    assert "10 were waiting already" in repeated.stdout
    assert factory.waiting() == 3
    status = factory.run("--status")
    assert status.returncode == WAITING
    assert "waiting: 22 records in 3 batches" in status.stdout
    factory.server.start()
    assert factory.run().returncode == ALL_IN
    assert factory.server.table.latest == versions[-1]
    assert len(factory.server.table.revisions["mill", "main", "2026-01-01T00:00:00Z"]) == 3
    assert factory.run("--status").returncode == ALL_IN


def test_a_server_that_restarts_on_its_port_goes_on_receiving(factory: FaultyFactory) -> None:
    readings = table(100)
    factory.server.delay = 0.02

    def restart() -> None:
        factory.server.committed.wait(timeout=20)
        factory.server.stop()
        time.sleep(0.3)
        factory.server.start()

    thread = threading.Thread(target=restart)
    thread.start()
    done = factory.run(
        csv_file(factory.folder, readings),
        *("--batch-size", "10", "--first-wait", "0.5", "--max-tries", "20"),
    )
    thread.join()
    assert "again in" in done.stdout
    assert done.returncode == ALL_IN, done.stderr
    assert factory.server.table.latest == readings
    assert all(len(values) == 1 for values in factory.server.table.revisions.values())


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("401", "ask for a new one"),
        ("403", "lacks the scope 'ingest'"),
        ("404", "--url is the platform's base address"),
        ("422", "does not understand the batch"),
        ("418", "ask the operator"),
    ],
)
def test_a_refusal_of_the_whole_stops_at_once_says_what_to_do_and_loses_nothing(
    factory: FaultyFactory, status: str, words: str
) -> None:
    factory.server.faults.append(status)
    done = factory.run(csv_file(factory.folder, table(2)))
    assert done.returncode == STOPPED
    assert words in done.stderr
    assert len(factory.server.requests) == 1
    assert factory.waiting() == 1
    assert factory.run().returncode == ALL_IN
    assert factory.server.table.latest == table(2)


def test_a_token_is_shown_to_nobody_even_when_the_server_repeats_it(factory: FaultyFactory) -> None:
    done = factory.run(csv_file(factory.folder, table(1)), token="cei_int_wrong")  # noqa: S106
    assert done.returncode == STOPPED
    assert "cei_int_wrong" not in done.stdout + done.stderr
    assert "no such token: Bearer [token]" in done.stderr
    for path in factory.spool.rglob("*"):
        assert not path.is_file() or "cei_int_" not in path.read_text()


@pytest.mark.parametrize("status", [302, 307])
def test_a_redirect_is_not_followed_with_the_token(factory: FaultyFactory, status: int) -> None:
    with FaultyServer(METERS) as other:
        factory.server.faults.append(f"redirect {status} {other.url}/api/v1/timeseries/batch")
        done = factory.run(csv_file(factory.folder, table(1)))
        assert done.returncode == STOPPED
        assert f"points to {other.url}" in done.stderr
        assert not other.requests
    assert factory.waiting() == 1


def test_a_body_that_is_too_large_is_halved_until_it_fits(factory: FaultyFactory) -> None:
    readings = table(50)
    factory.server.limit = 30
    done = factory.run(csv_file(factory.folder, readings))
    assert done.returncode == ALL_IN, done.stderr
    assert [len(batch) for batch in factory.server.batches] == [25, 25, 25, 25]
    assert list(factory.server.table.latest.items()) == list(readings.items())
    assert factory.waiting() == 0


def test_a_record_that_is_too_large_alone_is_kept_as_failed(factory: FaultyFactory) -> None:
    factory.server.limit = 0
    done = factory.run(csv_file(factory.folder, table(1)))
    assert done.returncode == SOME_FAILED
    assert [failure["code"] for failure in factory.failed()] == ["HTTP_413", "HTTP_413"]
    assert factory.waiting() == 0


def test_failed_records_are_told_kept_once_and_go_out_again_when_asked(
    factory: FaultyFactory,
) -> None:
    unknown = table(3, meters=[("mill", "new")])
    readings = table(3)
    path = csv_file(factory.folder, {**readings, **unknown})
    for _ in range(2):
        done = factory.run(path)
        assert done.returncode == SOME_FAILED
        assert done.stderr.count('failed {"code":"UNKNOWN_METER","detail":"because') == 3
        assert "3 records failed and are kept" in done.stderr
        assert factory.server.table.latest == readings
        assert factory.waiting() == 0
        assert len(factory.failed()) == 3
    assert factory.run("--status").returncode == SOME_FAILED
    factory.server.table.meters.add(("mill", "new"))
    again = factory.run("--retry-failed")
    assert again.returncode == ALL_IN
    assert factory.server.table.latest == {**readings, **unknown}
    assert not factory.failed()


def test_a_row_that_does_not_fit_is_kept_and_the_others_go_in(factory: FaultyFactory) -> None:
    path = csv_file(factory.folder, table(2))
    with path.open("a") as file:
        file.write("mill,main,2026-01-05T00:00:00Z,1,5,kWh\n")
    for _ in range(2):
        done = factory.run(path)
        assert done.returncode == SOME_FAILED
        assert "line 6: 6 cells, the header has 5" in done.stderr
    (failure,) = factory.failed()
    assert failure["row"] == "mill,main,2026-01-05T00:00:00Z,1,5,kWh"
    assert factory.server.table.latest == table(2)
    assert factory.run("--retry-failed").returncode == ALL_IN
    assert factory.failed() == [failure]


def test_what_the_server_could_not_store_goes_out_again_before_the_rest(
    factory: FaultyFactory,
) -> None:
    readings = table(5)
    path = csv_file(factory.folder, readings)
    factory.server.table.transient.add(first_key(path))
    done = factory.run(path, "--batch-size", "5")
    assert done.returncode == ALL_IN, done.stderr
    assert [len(batch) for batch in factory.server.batches] == [5, 1, 5]
    assert factory.server.table.latest == readings
    assert factory.waiting() == 0


def test_a_server_that_cannot_store_is_left_to_the_next_run(factory: FaultyFactory) -> None:
    factory.server.faults.extend(["internal"] * 4)
    done = factory.run(csv_file(factory.folder, table(2)))
    assert done.returncode == WAITING
    assert "gave up after 4 tries: the server failed to store 4 records" in done.stderr
    assert not factory.failed()
    assert factory.run().returncode == ALL_IN
    assert factory.server.table.latest == table(2)


def test_two_runs_do_not_overlap(factory: FaultyFactory) -> None:
    path = csv_file(factory.folder, table(1))
    factory.server.delay = 0.4
    spool = factory_client.Spool(factory.spool)
    with spool.held(patience=1):
        done = factory.run(path)
    assert done.returncode == WAITING
    assert "another run holds the spool" in done.stderr
    assert not factory.server.requests
    assert factory.run(path).returncode == ALL_IN


def test_a_dry_run_shows_what_would_go_and_touches_nothing(factory: FaultyFactory) -> None:
    done = factory.run(csv_file(factory.folder, table(30)), "--dry-run", token="")
    assert done.returncode == ALL_IN
    first, main, press, total = done.stdout.splitlines()
    assert '"value":0.1000000000000000000' in first
    assert main == "mill main: 30 records, 2026-01-01T00:00:00Z to 2026-01-02T05:00:00Z"
    assert press.startswith("mill press: 30 records")
    assert total == "60 records in 1 batches, 0 malformed rows; nothing was sent"
    assert not factory.server.requests
    assert not factory.spool.exists()


def test_the_one_off_record_of_the_guide_prints_the_answer_as_it_came(
    factory: FaultyFactory,
) -> None:
    one = ("--test", "--site-id", "mill", "--meter-id", "main", "--value", "12.50")
    done = factory.run(*one)
    assert done.returncode == ALL_IN, done.stderr
    assert done.stdout == '{"ingested":1,"skipped_duplicate":0,"failed":0,"errors":[]}\n'
    ((_, _, timestamp), value) = next(iter(factory.server.table.latest.items()))
    assert (timestamp[-7:], value) == (":00:00Z", "12.50")
    assert not factory.spool.exists()
    unknown = factory.run(*one[:-3], "nowhere", *one[-2:])
    assert unknown.returncode == SOME_FAILED
    assert "UNKNOWN_METER" in unknown.stdout


def test_the_one_off_record_needs_its_parts(factory: FaultyFactory) -> None:
    done = factory.run("--test", "--site-id", "mill", "--value", "12,5")
    assert done.returncode == STOPPED
    assert "--test needs --site-id, --meter-id and --value" in done.stderr


def test_a_command_is_read_when_it_ends_well_and_never_sees_the_token(
    factory: FaultyFactory,
) -> None:
    (factory.folder / "export.py").write_text(
        "import os, sys\n"
        "print('timestamp;kwh')\n"
        "print('2026-01-01T00:00Z;1,5')\n"
        "print('2026-01-01T01:00Z;', len(os.environ.get('CEI_TOKEN', '')), sep='')\n"
        "sys.exit(int(sys.argv[1]))\n"
    )
    command = f"{sys.executable} {factory.folder / 'export.py'} "
    meter = ("--site-id", "mill", "--meter-id", "main")
    broken = factory.run("--command", command + "7", *meter)
    assert broken.returncode == STOPPED
    assert "ended with code 7; nothing of it was taken" in broken.stderr
    assert not factory.server.requests
    done = factory.run("--command", command + "0", *meter)
    assert done.returncode == ALL_IN, done.stderr
    assert list(factory.server.table.latest.values()) == ["1.5", "0"]


@pytest.mark.parametrize("command", ["no-such-program", "'open", ""])
def test_a_command_that_cannot_run_says_so(factory: FaultyFactory, command: str) -> None:
    done = factory.run("--command", command)
    assert done.returncode == STOPPED
    assert "cannot run --command" in done.stderr


def test_a_command_without_end_is_given_up(factory: FaultyFactory) -> None:
    sleeper = f'{sys.executable} -c "import time; time.sleep(60)"'
    done = factory.run("--command", sleeper, "--command-timeout", "0.2")
    assert done.returncode == STOPPED
    assert "did not end within 0.2 s" in done.stderr


def test_an_unusable_input_does_not_hold_back_what_waits(factory: FaultyFactory) -> None:
    factory.server.faults.append("429 3600")
    assert factory.run(csv_file(factory.folder, table(1))).returncode == WAITING
    done = factory.run(factory.folder / "absent.csv")
    assert done.returncode == STOPPED
    assert "absent.csv: No such file or directory" in done.stderr
    assert factory.server.table.latest == table(1)


def test_the_token_file_is_read_and_a_careless_one_is_told(factory: FaultyFactory) -> None:
    path = factory.folder / "token"
    path.write_text(TOKEN + "\r\n")
    path.chmod(0o644)
    readings = csv_file(factory.folder, table(1))
    done = factory.run(readings, "--token-file", path, token="")
    assert done.returncode == ALL_IN
    assert "can be read by others: chmod 600" in done.stderr
    path.chmod(0o600)
    assert factory.run(readings, "--token-file", path, "--quiet", token="").stderr == ""


@pytest.mark.parametrize("token", ["", "line\nX-Other: 1", "schlüssel"])
def test_a_token_that_is_none_is_not_sent(factory: FaultyFactory, token: str) -> None:
    done = factory.run(csv_file(factory.folder, table(1)), token=token)
    assert done.returncode == STOPPED
    assert "CEI_TOKEN holds no token" in done.stderr
    assert not factory.server.requests


@pytest.mark.parametrize(
    "wrong",
    [
        ["--batch-size", "501"],
        ["--batch-size", "0"],
        ["--timeout", "0"],
        ["--timeout", "nan"],
        ["--utc-offset", "CET"],
        ["--token", TOKEN],
        ["--test", "--dry-run"],
        ["--utc-offset=5"],
    ],
    ids=lambda wrong: " ".join(wrong[:1] + wrong[2:]),
)
def test_a_wrong_command_line_is_a_usage_error(
    wrong: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        factory_client.main(wrong)
    assert ended.value.code == STOPPED
    assert "usage:" in capsys.readouterr().err


def test_quiet_says_nothing_when_all_is_well(factory: FaultyFactory) -> None:
    factory.server.faults.append("500")
    done = factory.run(csv_file(factory.folder, table(1)), "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (ALL_IN, "", "")


def test_a_proxy_never_sees_a_local_connection(factory: FaultyFactory) -> None:
    done = subprocess.run(
        factory.arguments(csv_file(factory.folder, table(1)), "--max-tries", "1"),
        env={**environment(), "CEI_TOKEN": TOKEN, "http_proxy": "http://127.0.0.1:1"},
        check=False,
        timeout=30,
    )
    assert done.returncode == ALL_IN


def test_a_certificate_is_verified(factory: FaultyFactory) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs the openssl program to make a certificate")
    certificate, key = factory.folder / "cert.pem", factory.folder / "key.pem"
    subprocess.run(
        [
            *(openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-days", "2", "-subj", "/CN=factory test"),
            *("-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate),
        ],
        check=True,
        capture_output=True,
    )
    with FaultyServer(METERS, certificate=(certificate, key)) as server:
        secure = faulty(factory.folder, server)
        path = csv_file(factory.folder, table(1))
        refused = secure.run(path)
        assert refused.returncode == STOPPED
        assert "cannot be trusted" in refused.stderr
        assert not server.requests
        done = secure.run(path, "--ca-file", certificate)
        assert done.returncode == ALL_IN, done.stderr
        assert server.table.latest == table(1)


def test_killed_anywhere_and_started_again_nothing_is_lost_and_nothing_doubled(
    factory: FaultyFactory,
) -> None:
    chance = random.Random(5)  # noqa: S311 - moments of kills, not secrets
    readings = table(200)
    path = csv_file(factory.folder, readings)
    unknown = csv_file(factory.folder, table(4, meters=[("mill", "new")]), "unknown.csv")
    factory.server.delay = 0.01
    program = factory.arguments(path, unknown, "--batch-size", "5", "--max-tries", "50")
    kills = 0
    while kills < 15 and is_killed_somewhere(program, chance, token=TOKEN):
        kills += 1
        factory.server.faults.extend(chance.sample(["cut after", "cut before", "500", "ok"], k=2))
    assert kills > 3
    factory.server.delay = 0.0
    assert factory.run(path, unknown, "--max-tries", "50").returncode == SOME_FAILED
    assert factory.server.table.latest == readings
    assert all(len(values) == 1 for values in factory.server.table.revisions.values())
    assert len(factory.failed()) == 4
    assert factory.waiting() == 0


def test_what_was_spooled_arrives_although_the_input_is_gone(factory: FaultyFactory) -> None:
    chance = random.Random(7)  # noqa: S311 - moments of kills, not secrets
    readings = table(200)
    text = csv_file(factory.folder, readings).read_text()
    factory.server.stop()
    spooled = factory.run("-", "--batch-size", "10", "--max-tries", "1", typed=text)
    assert spooled.returncode == WAITING
    factory.server.delay = 0.01
    factory.server.start()
    program = factory.arguments("--max-tries", "50")
    kills = 0
    while kills < 15 and is_killed_somewhere(program, chance, token=TOKEN):
        kills += 1
    assert kills > 3
    assert factory.run().returncode == ALL_IN
    assert list(factory.server.table.latest.items()) == list(readings.items())
    assert all(len(values) == 1 for values in factory.server.table.revisions.values())


class Killed(BaseException):
    """Ends a run within a test's own process."""


class Steps:
    """Ends the run after step `last`: a write, a rename, a removal or an exchange."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.last = 0
        self.done = 0
        for owner, name in (
            (factory_client.os, "fsync"),
            (Path, "replace"),
            (Path, "unlink"),
            (factory_client.Sender, "_exchange"),
        ):
            monkeypatch.setattr(owner, name, self._stepping(getattr(owner, name)))

    def _stepping(self, original: Callable[..., object]) -> Callable[..., object]:
        def stepping(*arguments: object) -> object:
            try:
                return original(*arguments)
            finally:
                self.done += 1
                if self.done == self.last:
                    raise Killed

        return stepping


def test_every_single_step_may_be_the_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    readings, unknown = table(4), table(2, meters=[("mill", "new")])
    path = csv_file(tmp_path, {**readings, **unknown})
    monkeypatch.setenv("CEI_TOKEN", TOKEN)
    steps = Steps(monkeypatch)
    for last in itertools.count(1):
        with FaultyServer(METERS) as server:
            factory = faulty(tmp_path / str(last), server)
            run = factory.arguments("--batch-size", "5")[2:]
            server.limit = 3
            server.table.transient.add(first_key(path))
            steps.done, steps.last = 0, last
            try:
                factory_client.main([*run, str(path)])
                break
            except Killed:
                steps.last = 0
            # Once something has been sent, all is spooled: the input may be gone.
            again = run if server.requests else [*run, str(path)]
            assert factory_client.main(again) in (ALL_IN, SOME_FAILED)
            assert server.table.latest == readings
            assert all(len(values) == 1 for values in server.table.revisions.values())
            assert [failure["code"] for failure in factory.failed()] == ["UNKNOWN_METER"] * 2
            assert factory.waiting() == 0
    assert last > 30


def first_key(path: Path) -> str:
    """Key of the first record of a file."""
    with path.open("rb") as stream:
        readings = factory_client.CsvReadings(stream, name="x", defaults=factory_client.Defaults())
        (key,) = [item.key for item in itertools.islice(readings, 1)]
    return str(key)


@pytest.mark.parametrize("mode", ["--status", "--test", "--retry-failed"])
def test_a_mode_without_input_does_not_swallow_one(
    mode: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert factory_client.main(["x.csv", mode, "--spool", "absent"]) == STOPPED
    assert "take no input" in capsys.readouterr().err
