"""`cei backtest` on a folder of drops: what is read, what is written, what is said."""

import csv
import sys
from pathlib import Path

import duckdb
import numpy as np
import pytest
from typer.testing import CliRunner

from cei_assets.adapters.opendsm_model import OpendsmError, opendsm_version
from cei_assets.cli.app import app
from cei_assets.settings import Settings
from cei_assets.storage.backtest_input import BacktestInputError, read_drops, read_installation
from tests.baseline_frames import factory, weather

FIRST = np.datetime64("2023-01-01T23", "h")
DAYS = 366
REGISTER = {
    "organizations": "organization_id,organization_name\nacme,Acme\n",
    "sites": (
        "site_id,organization_id,site_name,timezone,country,station_id\n"
        "rome,acme,Plant,Europe/Rome,IT,air\n"
    ),
    "meters": (
        "site_id,meter_id,description,role,parent_meter_id,interval_seconds,interval_label,"
        "expected_from\n"
        "rome,main,Incomer,main_incomer,,3600,start,2023-01-02\n"
        "rome,line,Line,submeter,main,1800,start,2023-01-02\n"
    ),
    "closures": "site_id,first_day,last_day,reason\nrome,2023-08-07,2023-08-20,summer\n",
}


WAREHOUSE = """
    create schema marts;
    create schema intermediate;
    create table marts.dim_sites as
        select * from (values ('rome', 'Europe/Rome'), ('oslo', 'Europe/Oslo'))
            as sites(site_id, timezone);
    create table marts.dim_meters as
        select * from (values
            ('rome', 'main', 'main_incomer'), ('rome', 'line', 'submeter'),
            ('oslo', 'main', 'main_incomer')
        ) as meters(site_id, meter_id, role);
    create table intermediate.int_site_hours as
        select site_id, hour_start_utc, hour_start_utc + interval 1 hour as hour_start_local,
            (hour_start_utc + interval 1 hour)::date as local_date,
            hour(hour_start_utc + interval 1 hour) as local_hour,
            isodow(hour_start_utc + interval 1 hour) - 1 as weekday,
            date '2024-01-01' as usage_month, false as is_operating, false as is_working_day,
            false as is_holiday, false as is_closure, false as has_operating_hours,
            7.5::double as temperature_c
        from marts.dim_sites, generate_series(
            timestamp '2023-12-31 23:00', timestamp '2024-01-02 22:00', interval 1 hour
        ) as hours(hour_start_utc);
    create table marts.fct_usage_hourly as
        select site_id, meter_id, hour_start_utc,
            if(meter_id = 'line', 1, 2)::decimal(38, 9) as hour_usage_kwh,
            meter_id = 'line' or hour_start_utc >= timestamp '2024-01-01 23:00' as is_complete
        from marts.dim_meters join intermediate.int_site_hours using (site_id)
"""


@pytest.fixture(scope="module")
def drops(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drops")
    (folder / "register").mkdir()
    for name, text in REGISTER.items():
        (folder / "register" / f"{name}.csv").write_text(text, encoding="utf-8")
    warm = weather(DAYS * 24)
    load = factory(warm, np.random.default_rng(0))
    hours = FIRST + np.arange(DAYS * 24)
    rows = [
        ("rome", "main", f"{at}:00:00Z", f"{value:.3f}", "kWh")
        for at, value in zip(hours, load, strict=True)
    ]
    rows += [
        ("rome", "line", f"{at}:{half}:00Z", f"{0.2 * value:.3f}", "kWh")
        for at, value in zip(hours, load, strict=True)
        for half in ("00", "30")
    ]
    # Half of the line's first hour is missing: that hour is not complete.
    rows.remove(next(row for row in rows if row[1] == "line"))
    header = ("site_id", "meter_id", "timestamp_utc", "value", "unit")
    _write(folder / "deep" / "readings.csv", header, [*rows, ("rome", "gone", *rows[0][2:])])
    warm_rows = [
        ("air", f"{at}:00:00Z", f"{value:.1f}") for at, value in zip(hours, warm, strict=True)
    ]
    _write(folder / "air.csv", ("station_id", "timestamp_utc", "temperature_c"), warm_rows)
    return folder


def _write(path: Path, header: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    path.parent.mkdir(exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])


def test_drops_become_hours_of_the_sites_clock(drops: Path, tmp_path: Path) -> None:
    given = read_drops(drops, Settings(data_dir=tmp_path))
    [[frame]] = given.batches
    assert given.zones == {"rome": "Europe/Rome"}
    assert frame.meter_ids == ("line", "main")
    assert frame.local_hour[0] == 0
    assert frame.hour_of_week[0] == 0
    assert np.isnan(frame.usage[0, 0])
    both = frame.usage[:, 1:]
    np.testing.assert_allclose(both[0], 0.4 * both[1], rtol=0.01)
    np.testing.assert_allclose(frame.temperature, weather(DAYS * 24), atol=0.06)
    closed = frame.closure.reshape(-1)
    assert closed.sum() == 14 * 24
    assert frame.holiday.any()
    assert [note.split(":")[0] for note in given.notes] == ["readings.csv"]


def test_the_command_writes_page_and_tables_and_stores_nothing_else(
    drops: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    data = tmp_path / "data"
    answer = CliRunner().invoke(
        app, ["backtest", str(drops), "--out", str(out), "--data-dir", str(data), "--no-blocked"]
    )
    assert answer.exit_code == 0
    names = ("portfolio", "coverage", "scores", "placebo_years")
    written = {f"{name}.{kind}" for name in names for kind in ("csv", "parquet")}
    assert {file.name for file in out.iterdir()} == written | {"backtest.html"}
    assert not data.exists()
    page = (out / "backtest.html").read_text(encoding="utf-8")
    assert "<svg" in page
    assert "http://" not in page.replace("http://www.w3.org", "")
    rows = duckdb.sql(
        f"select model, meters, cv_rmse_hourly from '{out}/portfolio.parquet' "
        "where direction = 'forward' and with_holidays"
    ).fetchall()
    errors = {model: (meters, error) for model, meters, error in rows}
    assert errors["blend"][0] == 2
    assert errors["blend"][1] < errors["hour_of_week"][1]


def test_the_installations_own_hours_are_read_by_whole_sites(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    settings.paths.warehouse.parent.mkdir(parents=True)
    with duckdb.connect(str(settings.paths.warehouse)) as connection:
        connection.execute(WAREHOUSE)
    given = read_installation(settings)
    [frames] = given.batches
    assert given.zones == {"oslo": "Europe/Oslo", "rome": "Europe/Rome"}
    assert [(frame.site_id, frame.meter_ids) for frame in frames] == [
        ("oslo", ("main",)),
        ("rome", ("line", "main")),
    ]
    rome = frames[1]
    np.testing.assert_array_equal(rome.usage, [[1.0] * 48, [np.nan] * 24 + [2.0] * 24])
    np.testing.assert_array_equal(rome.local_hour, np.arange(48) % 24)
    assert (rome.temperature == 7.5).all()


def test_an_installation_without_a_warehouse_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(BacktestInputError, match="cei run"):
        read_installation(Settings(data_dir=tmp_path))


def test_a_folder_without_drops_or_register_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(BacktestInputError, match=r"sites\.csv"):
        read_drops(tmp_path, Settings(data_dir=tmp_path / "data"))
    (tmp_path / "register").mkdir()
    for name, text in REGISTER.items():
        (tmp_path / "register" / f"{name}.csv").write_text(text, encoding="utf-8")
    with pytest.raises(BacktestInputError, match="no drops"):
        read_drops(tmp_path, Settings(data_dir=tmp_path / "data"))
    (tmp_path / "empty.csv").write_text("nothing,here\n1,2\n", encoding="utf-8")
    with pytest.raises(BacktestInputError, match="no row"):
        read_drops(tmp_path, Settings(data_dir=tmp_path / "data"))


def test_a_python_without_opendsm_is_named_with_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(OpendsmError, match="expected the Python of an environment with opendsm"):
        opendsm_version(tmp_path / "python")
    with pytest.raises(OpendsmError, match=r"pip install 'opendsm==1\.2\.7'"):
        opendsm_version(Path(sys.executable))
