"""The pilot's drops: what the real intake reads from them is what was delivered."""

import hashlib
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from cei_assets.contracts.vocabulary import UploadSource
from cei_assets.simulation.design import BOLOGNA, PROCESS, TURIN, WAREHOUSE
from cei_assets.simulation.drops import API_BATCH, write_pilot
from cei_assets.simulation.pilot import simulate_pilot
from cei_assets.simulation.truth import read_truth, truth_of
from cei_assets.storage.paths import DataPaths
from tests.intake_drops import codes
from tests.judged_drops import Judged, judge_landing, latest_readings
from tests.simulated_pilot import FIRST_DAY, pilot

AS_OF = datetime.fromisoformat("2026-11-01T00:10:00+00:00")


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> DataPaths:
    written = DataPaths(root=tmp_path_factory.mktemp("pilot"))
    write_pilot(pilot(), paths=written)
    return written


@pytest.fixture(scope="module")
def drops(paths: DataPaths) -> list[Judged]:
    return judge_landing(paths, as_of=AS_OF)


def digests(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in root.rglob("*")
        if path.is_file()
    }


def rejects(drops: list[Judged]) -> list[tuple[str, str, str | None, str | None]]:
    return [
        (drop.path.name, reject["code"], reject["meter_id_text"], reject["value_text"])
        for drop in drops
        for reject in drop.verdict.rejects.to_pylist()
    ]


def test_intake_gives_back_exactly_the_watt_hours_that_were_delivered(
    drops: list[Judged],
) -> None:
    delivered = pilot().readings.filter(pilot().readings["is_delivered"])
    keys = ["site_id", "meter_id", "interval_start_utc"]
    expected = delivered.sort_by([(key, "ascending") for key in keys])
    found = latest_readings(drops)
    assert found.select(keys).equals(expected.select(keys).cast(found.select(keys).schema))
    watt_hours = pc.multiply(
        found["usage_kwh"].cast(pa.decimal128(20, 9)), pa.scalar(Decimal(1000))
    )
    assert pc.all(pc.equal(watt_hours, expected["usage_wh"].cast(pa.decimal128(19, 0)))).as_py()


def test_exactly_two_rows_are_refused(drops: list[Judged]) -> None:
    assert rejects(drops) == [
        ("turin_2026-10.csv", "UNKNOWN_METER", "boiler", "12.5"),
        ("turin_2026-10.csv", "INVALID_VALUE", "main", "-3.2"),
    ]


def test_exactly_one_row_is_an_exact_duplicate(drops: list[Judged]) -> None:
    repeated = {drop.path.name: drop.verdict.rows_exact_duplicate for drop in drops}
    assert {name: count for name, count in repeated.items() if count} == {"turin_2026-10.csv": 1}


def test_exactly_one_interval_is_revised_from_ten_times_its_value(drops: list[Judged]) -> None:
    found = latest_readings(drops)
    (revised,) = found.filter(pc.greater(found["versions"], 1)).to_pylist()
    assert (revised["site_id"], revised["meter_id"]) == (TURIN.site_id, PROCESS)
    assert drops[-1].source is UploadSource.TEMPERATURE
    csv = [drop for drop in drops if drop.source is UploadSource.CSV_DROP]
    assert csv[-1].path.name == "turin_correction.csv"
    first = csv[-1].verdict.readings
    assert first is not None
    assert first.table()["usage_kwh"].to_pylist() == [revised["usage_kwh"]]
    misread = next(drop for drop in csv if drop.path.name == "turin_2025-10.csv").verdict.readings
    assert misread is not None
    rows = misread.table()
    at = pc.and_(
        pc.equal(rows["meter_id"], PROCESS),
        pc.equal(rows["interval_start_utc"], pa.scalar(revised["interval_start_utc"])),
    )
    assert rows.filter(at)["usage_kwh"].to_pylist() == [revised["usage_kwh"] * 10]


def test_the_last_month_of_one_meter_comes_through_the_batch_api(
    paths: DataPaths, drops: list[Judged]
) -> None:
    (api,) = (drop for drop in drops if drop.source is UploadSource.CEI_API)
    assert api.verdict.readings is not None
    table = api.verdict.readings.table()
    assert pc.unique(table["site_id"]).to_pylist() == [BOLOGNA.site_id]
    assert pc.unique(table["meter_id"]).to_pylist() == [WAREHOUSE]
    lines = [orjson.loads(line) for line in api.path.read_bytes().splitlines()]
    sizes = [len(line["body"]["records"]) for line in lines]
    assert sizes[:-1] == [API_BATCH] * (len(sizes) - 1)
    assert sum(sizes) == table.num_rows
    by_file = (paths.landing("csv_drop") / "bologna_2026-10.csv").read_text()
    assert f"{BOLOGNA.site_id},{WAREHOUSE}," not in by_file


def test_temperatures_of_every_hour_are_read_as_they_were_made(drops: list[Judged]) -> None:
    found = pa.concat_tables(
        [drop.verdict.temperatures for drop in drops if drop.verdict.temperatures is not None]
    ).sort_by([("site_id", "ascending"), ("observed_at_utc", "ascending")])
    made = pilot().temperatures.sort_by(
        [("site_id", "ascending"), ("observed_at_utc", "ascending")]
    )
    for name in ("site_id", "observed_at_utc", "temperature_c"):
        assert found[name].to_pylist() == made[name].to_pylist()


def test_the_truth_is_read_as_it_was_written(paths: DataPaths) -> None:
    assert read_truth(paths) == truth_of(pilot())


def test_the_same_pilot_gives_the_same_files_with_the_same_times(
    paths: DataPaths, tmp_path: Path
) -> None:
    again = DataPaths(root=tmp_path)
    write_pilot(simulate_pilot(seed=7, first_day=FIRST_DAY), paths=again)
    assert digests(again.root) == digests(paths.root)
    times = [
        {path.name: path.stat().st_mtime_ns for path in (root / "landing").rglob("*.*")}
        for root in (paths.root, again.root)
    ]
    assert times[0] == times[1]
    assert len(set(times[0].values())) == len(times[0])


def test_another_seed_gives_other_readings(tmp_path: Path, paths: DataPaths) -> None:
    other = DataPaths(root=tmp_path)
    write_pilot(simulate_pilot(seed=8, first_day=FIRST_DAY), paths=other)
    first, second = digests(paths.root), digests(other.root)
    assert first.keys() == second.keys()
    assert {name for name in first if first[name] == second[name]} == {
        name for name in first if name.startswith("register/")
    }


def test_no_temporary_file_is_left(paths: DataPaths) -> None:
    assert [path.name for path in paths.root.rglob("*") if ".tmp" in path.name] == []


def test_rejects_name_their_lines(paths: DataPaths, drops: list[Judged]) -> None:
    (faulty,) = (drop for drop in drops if drop.path.name == "turin_2026-10.csv")
    lines = (paths.landing("csv_drop") / "turin_2026-10.csv").read_text().splitlines()
    assert codes(faulty.verdict) == [
        (len(lines) - 1, "UNKNOWN_METER"),
        (len(lines), "INVALID_VALUE"),
    ]
