"""`cei run` on a small factory: everything arrives, nothing twice, whatever happens meanwhile."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from filelock import FileLock

from tests.small_factory import Installation, command, new_installation

# Great Expectations and matplotlib use what their own dependencies have deprecated.
pytestmark = pytest.mark.filterwarnings("default")
# Its rows carry the clock of the validation and stand for no data of their own.
NOT_DATA = ["fct_quality_results"]


@pytest.fixture(autouse=True)
def environment_restored() -> Iterator[None]:
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    installation = new_installation(tmp_path_factory.mktemp("factory") / "data")
    installation.run()
    return installation


def test_every_row_has_a_verdict(ran: Installation) -> None:
    uploads = ran.rows(
        "select status, rows_read, rows_accepted, rows_rejected, rows_exact_duplicate "
        "from fct_uploads"
    )
    accepted = ran.rows("select count(*) from fct_interval_readings")[0][0]
    assert isinstance(accepted, int)
    assert uploads == [("partial", accepted + 3, accepted, 2, 1)]
    assert ran.rows("select code, column_name from fct_rejects order by code") == [
        ("INVALID_VALUE", "value"),
        ("UNKNOWN_METER", "meter_id"),
    ]


def test_hours_sum_to_the_received_energy_exactly(ran: Installation) -> None:
    (received,), (hourly,) = (
        *ran.rows("select sum(usage_kwh) from fct_interval_readings"),
        *ran.rows("select sum(hour_usage_kwh) from fct_usage_hourly"),
    )
    assert received == hourly


def test_spring_day_has_23_hours(ran: Installation) -> None:
    assert ran.rows(
        "select expected_intervals, received_intervals from fct_completeness_daily "
        "where meter_id = 'main' and local_date = '2026-03-29'"
    ) == [(23, 23)]


def test_gap_is_named_with_its_hours(ran: Installation) -> None:
    gaps = ran.rows(
        "select gap_start_utc::varchar, missing_intervals, is_open, is_alarm from fct_gaps "
        "where meter_id = 'line' order by gap_start_utc"
    )
    assert gaps[0] == ("2026-02-13 00:00:00", 5, False, True)


def test_scorecard_is_printed_and_published(ran: Installation) -> None:
    metrics = {metric for (metric,) in ran.rows("select metric from rpt_pilot_scorecard")}
    assert {"coverage", "gap_share", "avoidable_share", "avoidable_cost"} <= metrics
    assert (ran.settings.paths.reports / "pilot_closeout.html").stat().st_size > 10_000


def test_rebuilt_warehouse_is_the_same_row_for_row(ran: Installation) -> None:
    before = ran.digests(without=NOT_DATA)
    ran.settings.paths.warehouse.unlink()
    ran.run()
    assert ran.digests(without=NOT_DATA) == before


def copy_of(ran: Installation, folder: Path) -> Installation:
    shutil.copytree(ran.folder, folder)
    return Installation(folder=folder)


def test_correction_is_a_revision_and_a_reader_keeps_what_it_opened(
    ran: Installation, tmp_path: Path
) -> None:
    factory = copy_of(ran, tmp_path / "data")
    moment = "timestamp '2026-02-02 08:00:00'"
    query = f"select usage_kwh from marts.fct_interval_readings where interval_start_utc = {moment} and meter_id = 'line'"  # noqa: E501 - one query
    with duckdb.connect(str(factory.settings.paths.published), read_only=True) as reader:
        before = reader.execute(query).fetchall()
        factory.drop(
            "correction.csv",
            "site_id,meter_id,timestamp_utc,value\nrome,line,2026-02-02T08:00:00Z,123.4\n",
        )
        factory.run(as_of="2026-03-31T07:00:00Z")
        assert reader.execute(query).fetchall() == before
    after = factory.rows(query)
    assert after != before
    assert [tuple(map(float, row)) for row in after] == [(123.4,)]
    assert factory.rows(
        "select revision_number, previous_usage_kwh = "
        f"{before[0][0]}, usage_kwh = 123.4 from fct_revisions"
    ) == [(1, True, True)]


def test_meter_added_later_gets_its_archived_rows_by_backfill(
    ran: Installation, tmp_path: Path
) -> None:
    factory = copy_of(ran, tmp_path / "data")
    meters = factory.settings.paths.register / "meters.csv"
    meters.write_text(
        meters.read_text(encoding="utf-8")
        + "rome,unknown,New meter,submeter,main,3600,start,2026-02-01,2026-02-01\n",
        encoding="utf-8",
    )
    done = factory.cei("backfill", "days", "2026-03-31", "2026-03-31")
    assert done.returncode == 0, done.stderr
    assert factory.rows(
        "select usage_kwh = 1 from fct_interval_readings where meter_id = 'unknown'"
    ) == [(True,)]
    assert factory.rows("select count(*) from fct_rejects") == [(1,)]


def test_killed_run_and_restart_give_the_tables_of_an_undisturbed_run(
    ran: Installation, tmp_path: Path
) -> None:
    factory = new_installation(tmp_path / "data")
    process = subprocess.Popen(
        [*command(), "run"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=factory.environment(),
    )
    time.sleep(14.0)
    process.send_signal(signal.SIGKILL)
    process.wait()
    factory.run()
    assert factory.digests(without=NOT_DATA) == ran.digests(without=NOT_DATA)


def test_second_command_on_the_same_folder_says_so(ran: Installation) -> None:
    with FileLock(ran.settings.paths.state / "command.lock"):
        second = ran.cei("run")
    assert second.returncode == 1
    assert "another `cei` command is at work" in second.stderr


RUN_JOB = """
import sys
from cei_assets.cli.instance import open_instance
from cei_assets.definitions import defs
from cei_assets.settings import Settings
with open_instance(Settings().paths.dagster_home) as instance:
    job = defs.resolve_job_def("build")
    sys.exit(not job.execute_in_process(instance=instance, raise_on_error=False).success)
"""


def test_two_runs_at_once_share_the_pool_and_never_meet_a_lock(ran: Installation) -> None:
    before = ran.digests(without=NOT_DATA)
    runs = [
        subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", RUN_JOB],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=ran.environment(),
        )
        for _ in range(2)
    ]
    outputs = [run.communicate()[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0], outputs
    assert ran.digests(without=NOT_DATA) == before


def test_check_csv_judges_by_the_register_and_stores_nothing(
    ran: Installation, tmp_path: Path
) -> None:
    before = sorted(path for path in ran.folder.rglob("*") if "dagster" not in path.parts)
    drop = tmp_path / "april.csv"
    drop.write_text(
        "meter;site;time;kWh\nline;rome;2026-03-30T00:00:00Z;1,5\n"
        "line;rome;2026-03-30T00:30:00Z;1,5\nline;rome;2026-03-30T01:00:00Z;-2\n",
        encoding="utf-8",
    )
    done = ran.cei("check", "csv", str(drop), "--json")
    assert done.returncode == 1, done.stderr
    verdict = json.loads(done.stdout)
    assert verdict["status"] == "partial"
    assert (verdict["rows_read"], verdict["rows_accepted"], verdict["rows_rejected"]) == (3, 1, 2)
    assert [(found["line"], found["code"]) for found in verdict["findings"]] == [
        (3, "INVALID_TIMESTAMP"),
        (4, "INVALID_VALUE"),
    ]
    assert sorted(path for path in ran.folder.rglob("*") if "dagster" not in path.parts) == before


def test_check_csv_passes_a_clean_file(ran: Installation, tmp_path: Path) -> None:
    drop = tmp_path / "clean.csv"
    drop.write_text(
        "site_id,meter_id,timestamp_utc,value\nrome,line,2026-03-30T00:00:00Z,1.5\n",
        encoding="utf-8",
    )
    done = ran.cei("check", "csv", str(drop))
    assert done.returncode == 0, done.stdout
    assert "1 rows read, 1 accepted" in done.stdout


def test_sql_answers_as_table_and_as_csv(ran: Installation) -> None:
    query = "select meter_id, role from dim_meters order by meter_id"
    assert "main_incomer" in ran.cei("sql", query).stdout
    assert ran.cei("sql", query, "--csv").stdout.splitlines() == [
        '"meter_id","role"',
        '"hvac","submeter"',
        '"line","submeter"',
        '"main","main_incomer"',
    ]


def test_sql_cannot_change_the_published_marts(ran: Installation) -> None:
    done = ran.cei("sql", "delete from dim_meters")
    assert done.returncode == 1
    assert "read-only" in done.stderr


def test_wrong_sql_is_one_clear_error(ran: Installation) -> None:
    done = ran.cei("sql", "select nothing_like_this from dim_meters")
    assert done.returncode == 1
    assert "nothing_like_this" in done.stderr
    assert "Traceback" not in done.stderr


def test_backfill_of_months_is_one_run_and_changes_nothing(ran: Installation) -> None:
    before = ran.digests(without=NOT_DATA)
    done = ran.cei("backfill", "months", "2026-02", "2026-03")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("monthly_analysis started") == 1
    assert ran.digests(without=NOT_DATA) == before


def test_run_without_a_register_says_what_to_fill_in(tmp_path: Path) -> None:
    done = Installation(folder=tmp_path / "data").cei("run")
    assert done.returncode == 1
    assert "register/sites.csv" in done.stderr
    assert "Traceback" not in done.stderr
