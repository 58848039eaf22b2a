"""`cei reconcile`: a published file, an export, and what the command says of the two."""

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
import typer
from sqlalchemy import insert

from cei_assets.cli.reconcile import (
    ReconciledFile,
    kwh_option,
    reconcile_file,
    refuse_overwriting,
    zone_option,
)
from cei_assets.cli.reconcile_words import shift_words
from cei_assets.contracts.render.sql import create_table
from cei_assets.contracts.tables.marts import MART_TABLES
from cei_assets.gateway.state.database import open_state
from cei_assets.gateway.state.tables import JOURNALS
from cei_assets.settings import Settings
from tests.intake_drops import batch_line
from tests.reconciled_rows import HOUR, Readings, hourly, moved, stored, uneven
from tests.small_factory import AS_OF, REGISTER, Installation

THERE = uneven(24 * 6)


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    """A register, and six days of one meter as published."""
    installation = Installation(folder=tmp_path / "data")
    paths = installation.settings.paths
    paths.register.mkdir(parents=True)
    for name, text in REGISTER.items():
        (paths.register / f"{name}.csv").write_text(text, encoding="utf-8")
    paths.published.parent.mkdir(parents=True)
    _publish(paths.published, stored(main=THERE))
    return installation


def _publish(file: Path, readings: pa.Table) -> None:
    """A published file with readings alone, of which the columns that comparing reads."""
    with duckdb.connect(str(file)) as connection:
        connection.execute("SET TimeZone = 'UTC'; CREATE SCHEMA marts")
        for table in MART_TABLES:
            connection.execute(create_table(table, schema="marts").replace("NOT NULL", ""))
        connection.register("readings", readings)
        connection.execute(
            "INSERT INTO marts.fct_interval_readings BY NAME "
            "SELECT * REPLACE ('rome' AS site_id), TIMESTAMP '2026-02-01' AS received_at_utc "
            "FROM readings"
        )


def _export(folder: Path, readings: Readings, *others: str, zone: str = "Z") -> str:
    file = folder / "scada.csv"
    lines = [f"rome;main;{start.isoformat(sep=' ')}{zone};{value}".replace(".", ",")
             for start, value in readings.items()]  # fmt: skip
    text = "\n".join(["Site;Meter;Timestamp;kWh", *lines, *others]) + "\n"
    file.write_text(text, encoding="utf-16")
    return str(file)


def _reconciled(
    installation: Installation, file: str, *, timezone: str | None = None
) -> ReconciledFile:
    settings = Settings(
        data_dir=installation.folder, as_of=datetime.fromisoformat(AS_OF), settle_seconds=0
    )
    return reconcile_file(
        Path(file), settings=settings, timezone=timezone, tolerance_kwh=Decimal(0)
    )


def test_an_export_that_says_what_is_stored_ends_with_0(installation: Installation) -> None:
    ended = installation.cei("reconcile", _export(installation.folder, THERE))
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ": equal - 144 rows read" in ended.stdout
    assert "published at 20" in ended.stdout


def test_differences_end_with_1_and_go_to_the_file_that_is_asked_for(
    installation: Installation, tmp_path: Path
) -> None:
    first = min(THERE)
    export = {start: value + (start == first) for start, value in THERE.items()}
    out = tmp_path / "differences.csv"
    ended = installation.cei(
        "reconcile", _export(installation.folder, export), "--out", str(out), "--json"
    )
    assert ended.returncode == 1, ended.stderr
    meter, file = (json.loads(line) for line in ended.stdout.splitlines())
    assert (meter["meter_id"], meter["rows_equal"], meter["rows_different"]) == ("main", 143, 1)
    assert meter["difference_kwh"] == "1"
    assert (file["rows_read"], file["is_equal"]) == (144, False)
    header, row = out.read_text(encoding="utf-8").splitlines()
    assert header.replace('"', "").split(",")[:4] == [
        "finding", "site_id", "meter_id", "interval_start_utc",
    ]  # fmt: skip
    assert "2026-01-05T00:00:00Z" in row


def test_a_shift_and_refused_rows_are_said_in_words(installation: Installation) -> None:
    export = _export(installation.folder, moved(THERE, 2 * HOUR), "rome;[main;2026-01-05 00:00Z;1")
    ended = installation.cei("reconcile", export)
    assert ended.returncode == 1
    assert (
        "rows from 2026-01-05T02:00:00Z to 2026-01-11T01:00:00Z match when moved by -2 h "
        "(144 of 144)\n"
    ) in ended.stdout
    assert "UNKNOWN_METER 1" in ended.stdout
    assert "146" in ended.stdout
    assert "[main" in ended.stdout


def test_readings_that_were_accepted_since_are_stored_too(installation: Installation) -> None:
    """One API file waits in the landing folder, with a correction and a new hour."""
    corrected, added = max(THERE), max(THERE) + HOUR
    records = [
        {
            "site_id": "rome",
            "meter_id": "main",
            "timestamp_utc": f"{start.isoformat()}Z",
            "value": 77,
        }
        for start in (corrected, added)
    ]
    line = batch_line(*records, received_at="2026-03-30T00:00:00Z")
    export = _export(installation.folder, {**THERE, corrected: Decimal(77), added: Decimal(77)})
    before = _reconciled(installation, export).result
    assert [(meter.rows_different, meter.rows_missing) for meter in before.meters] == [(1, 1)]
    installation.drop("b.jsonl", line + "\n", source="cei_api")
    assert _reconciled(installation, export).result.is_equal


def test_what_a_gateway_acknowledged_and_still_holds_is_stored_too(
    installation: Installation,
) -> None:
    """The second line of its open journal is not committed yet."""
    added = max(THERE) + HOUR
    lines = [
        batch_line(
            {"site_id": "rome", "meter_id": "main", "timestamp_utc": f"{start.isoformat()}Z",
             "value": 77},
            received_at="2026-03-30T00:00:00Z",
        ) + "\n"
        for start in (added, added + HOUR)
    ]  # fmt: skip
    journal = installation.settings.paths.journal / "a-1.jsonl"
    journal.parent.mkdir(parents=True)
    journal.write_text("".join(lines), encoding="utf-8")
    engine = open_state(installation.settings)
    with engine.begin() as connection:
        connection.execute(
            insert(JOURNALS).values(name=journal.name, committed_bytes=len(lines[0]))
        )
    engine.dispose()
    export = {**THERE, added: Decimal(77), added + HOUR: Decimal(77)}
    (meter,) = _reconciled(installation, _export(installation.folder, export)).result.meters
    assert (meter.rows_equal, meter.rows_missing) == (145, 1)


def test_nothing_need_be_published(installation: Installation) -> None:
    installation.settings.paths.published.unlink()
    compared = _reconciled(installation, _export(installation.folder, THERE))
    assert compared.published_at_utc is None
    assert [meter.rows_missing for meter in compared.result.meters] == [144]


def test_local_times_need_a_zone_and_are_compared_in_it(installation: Installation) -> None:
    local = _export(installation.folder, moved(THERE, HOUR), zone="")
    assert _reconciled(installation, local).refused_by_code == {"INVALID_TIMESTAMP": 144}
    assert _reconciled(installation, local, timezone="Europe/Rome").result.is_equal


def test_a_usage_that_is_wrong_ends_with_2(installation: Installation) -> None:
    ended = installation.cei(
        "reconcile", _export(installation.folder, hourly([1])), "--timezone", "Europe/Milano"
    )
    assert ended.returncode == 2
    assert "no IANA zone" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_no_installation_ends_with_2(installation: Installation) -> None:
    export = _export(installation.folder, hourly([1]))
    ended = installation.cei("reconcile", export, "--data-dir", "nowhere")
    assert ended.returncode == 2
    assert "the register has" in ended.stderr


@pytest.mark.parametrize("text", ["little", "-1", "NaN", "inf", "1000001", ""])
def test_a_tolerance_is_an_energy(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="no energy"):
        kwh_option(text)


def test_a_zone_is_that_of_the_sidecar_or_given_and_not_both(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    (tmp_path / "a.csv.drop.json").write_text('{"timezone": "Europe/Rome"}')
    assert zone_option(None, file=file) is None
    assert zone_option("Europe/Rome", file=file) == "Europe/Rome"
    with pytest.raises(typer.BadParameter, match="keep one of them"):
        zone_option("Europe/Paris", file=file)


def test_the_differences_never_replace_the_export(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("x")
    refuse_overwriting(None, file=file)
    refuse_overwriting(tmp_path / "b.csv", file=file)
    with pytest.raises(typer.BadParameter, match="the export itself"):
        refuse_overwriting(tmp_path / "." / "a.csv", file=file)


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        (1, "local time of Europe/Rome sent as UTC would stand so or labels at the interval's"),
        (-1, "UTC sent as local time of Europe/Rome would stand so or labels at the interval's"),
    ],
)
def test_what_would_explain_a_shift_is_said(
    installation: Installation, hours: int, words: str
) -> None:
    compared = _reconciled(installation, _export(installation.folder, moved(THERE, hours * HOUR)))
    (meter,) = compared.result.meters
    assert words in shift_words(meter, meter.shifts[0], compared.zones["rome"])
