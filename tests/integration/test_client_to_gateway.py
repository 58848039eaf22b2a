"""The factory's client and the gateway, both as they are: nothing lost, nothing doubled."""

import csv
import random
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from cei_assets.gateway.state.tokens import Scope
from tests.factory_machine import (
    ALL_IN,
    SOME_FAILED,
    STOPPED,
    WAITING,
    Factory,
    Readings,
    csv_file,
    is_killed_somewhere,
    readings_of,
)
from tests.live_gateway import LiveGateway, live_gateway

METERS = [("mill", "main"), ("mill", "quarter")]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveGateway]:
    with live_gateway(tmp_path_factory.mktemp("gateway")) as running:
        yield running


def factory_of(gateway: LiveGateway, folder: Path) -> Factory:
    return Factory(folder=folder, url=gateway.url, token=gateway.token.secret)


def stored(gateway: LiveGateway) -> Readings:
    """What reading back gives for January, as text of the numbers' values."""
    answer = gateway.get(
        "timeseries/export",
        site_id="mill",
        start_utc="2026-01-01T00:00:00Z",
        end_utc="2026-02-01T00:00:00Z",
    )
    assert answer.status_code == 200, answer.text
    rows = csv.DictReader(answer.text.splitlines())
    return {
        (row["site_id"], row["meter_id"], row["timestamp_utc"]): plain(row["value"]) for row in rows
    }


def plain(number: str) -> str:
    return str(Decimal(number).normalize())


def in_nano(readings: Readings) -> Readings:
    """Readings as the platform keeps them, to nine decimals."""
    nano = Decimal("1e-9")
    return {key: plain(str(Decimal(value).quantize(nano))) for key, value in readings.items()}


def test_the_one_off_record_of_the_guide(tmp_path: Path) -> None:
    with live_gateway(tmp_path / "data", as_of=None) as gateway:
        factory = factory_of(gateway, tmp_path)
        done = factory.run("--test", "--site-id=mill", "--meter-id=main", "--value=12.5")
        assert done.stdout == '{"ingested":1,"skipped_duplicate":0,"failed":0,"errors":[]}\n'
        assert done.returncode == ALL_IN


def test_a_file_its_repetition_and_its_correction_read_back_as_the_file(
    tmp_path: Path,
) -> None:
    with live_gateway(tmp_path / "data", gateway_max_records=40) as gateway:
        factory = factory_of(gateway, tmp_path)
        readings = readings_of(48, meters=METERS)
        done = factory.run(csv_file(tmp_path, readings))
        assert "96 ingested, 0 duplicates, 0 failed" in done.stdout, done.stderr
        assert "413" in done.stdout
        assert stored(gateway) == in_nano(readings)
        again = factory.run(csv_file(tmp_path, readings))
        assert "0 ingested, 96 duplicates, 0 failed" in again.stdout
        changed = readings_of(5, meters=METERS, add=1)
        done = factory.run(csv_file(tmp_path, readings | changed))
        assert "10 ingested, 86 duplicates, 0 failed" in done.stdout
        assert stored(gateway) == in_nano(readings | changed)


def test_refused_records_are_kept_with_the_code_of_the_gateway(
    shared: LiveGateway, tmp_path: Path
) -> None:
    factory = factory_of(shared, tmp_path)
    path = tmp_path / "mixed.csv"
    path.write_text(
        "site;meter;ts;kwh;unit\n"
        "mill;main;2026-02-01T00:00:00Z;1,5;kWh\n"
        "nowhere;main;2026-02-01T00:00:00Z;1,5;kWh\n"
        "mill;nothing;2026-02-01T00:00:00Z;1,5;kWh\n"
        "mill;main;2026-02-01T00:00:00Z;1,5;MWh\n"
        "mill;main;2026-02-01 00:00;1,5;kWh\n"
        "mill;main;2026-02-01T01:00:00Z;;kWh\n"
        "mill;main;2026-02-01T02:00:00Z;1.234,5;kWh\n"
        "mill;main;2026-02-01T03:00:00Z;1e999;kWh\n"
        "mill;main;2026-02-01T04:00:00Z;1,5\n"
    )
    done = factory.run(path)
    assert done.returncode == SOME_FAILED
    assert "1 ingested, 0 duplicates, 8 failed" in done.stdout
    assert Counter(failure["code"] for failure in factory.failed()) == {
        "MALFORMED_ROW": 1,
        "UNKNOWN_SITE": 1,
        "UNKNOWN_METER": 1,
        "INVALID_UNIT": 1,
        "INVALID_TIMESTAMP": 1,
        "INVALID_VALUE": 3,
    }


def test_refused_tokens_say_what_to_do(shared: LiveGateway, tmp_path: Path) -> None:
    factory = factory_of(shared, tmp_path)
    path = csv_file(tmp_path, readings_of(1, meters=METERS))
    unknown = factory.run(path, token="cei_int_" + "x" * 43)
    assert (unknown.returncode, "ask for a new one" in unknown.stderr) == (STOPPED, True)
    reader = shared.token_for(scopes=frozenset({Scope.READ}))
    forbidden = factory.run(token=reader)
    assert (forbidden.returncode, "scope 'ingest'" in forbidden.stderr) == (STOPPED, True)
    assert factory.waiting() == 1
    slow = shared.token_for(requests_per_minute=1)
    assert factory.run("--batch-size=1", token=slow).returncode == ALL_IN
    more = csv_file(tmp_path, readings_of(4, meters=METERS))
    hurried = factory.run(more, "--batch-size=1", token=slow)
    assert hurried.returncode == WAITING
    assert "longer than --max-wait" in hurried.stderr
    assert factory.run().returncode == ALL_IN


def test_a_client_killed_anywhere_leaves_each_record_accepted_once(tmp_path: Path) -> None:
    chance = random.Random(11)  # noqa: S311 - moments of kills, not secrets
    with live_gateway(tmp_path / "data") as gateway:
        factory = factory_of(gateway, tmp_path)
        readings = readings_of(200, meters=METERS)
        path = csv_file(tmp_path, readings)
        program = factory.arguments(path, "--batch-size=2")
        kills = 0
        while kills < 8 and is_killed_somewhere(program, chance, token=factory.token):
            kills += 1
        assert kills > 1
        assert factory.run(path).returncode == ALL_IN
        assert stored(gateway) == in_nano(readings)
        accepted = Counter(
            (record["meter_id"], record["timestamp_utc"])
            for line in gateway.landed()
            for index, record in enumerate(line["body"]["records"])
            if index not in line.get("verdict", {}).get("skipped", [])
        )
        assert set(accepted.values()) == {1}
        assert len(accepted) == len(readings)
