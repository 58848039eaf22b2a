"""The utility's files of the demo: nothing to object to, and the same energy as the readings."""

import hashlib
from collections import Counter
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from cei_assets.contracts.vocabulary import UploadStatus
from cei_assets.simulation.cds_drops import (
    METER,
    MISBILLED,
    NULL_SLOT,
    REVISED,
    SERVER,
    month_uses,
    supply_shares,
    write_customer_data,
)
from cei_assets.simulation.drops import write_pilot
from cei_assets.simulation.pilot import default_first_day, simulate_pilot
from cei_assets.storage.cds_check import CdsFileVerdict, judge_cds_file
from cei_assets.storage.cds_register import load_cds_register
from cei_assets.storage.paths import DataPaths
from cei_assets.storage.register import load_register
from tests.simulated_pilot import END_DAY, of_meter, pilot

OBSERVED = datetime.fromisoformat("2026-11-21T00:00:00")
MONTHS = ["2026-08", "2026-09", "2026-10"]
REVISED_FILE = "turin_usage_segments_revised"
Use = dict[datetime, Decimal | None]


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> DataPaths:
    written = DataPaths(root=tmp_path_factory.mktemp("utility"))
    write_pilot(pilot(), paths=written)
    write_customer_data(pilot(), paths=written)
    return written


@pytest.fixture(scope="module")
def judged(paths: DataPaths) -> dict[str, CdsFileVerdict]:
    return {file.stem: judge_cds_file(file, observed_at_utc=OBSERVED) for file in drops(paths)}


def drops(paths: DataPaths) -> list[Path]:
    files = paths.landing("cds").glob("*.json")
    return sorted(file for file in files if not file.name.endswith(".drop.json"))


def body(paths: DataPaths, name: str) -> list[dict[str, Any]]:
    content = orjson.loads((paths.landing("cds") / f"turin_{name}.json").read_bytes())
    found: list[dict[str, Any]] = content[name]
    return found


def objects(judged: dict[str, CdsFileVerdict], kind: str, table: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = judged[f"turin_{kind}"].verdict.tables.objects[table].to_pylist()
    return found


def versions(judged: dict[str, CdsFileVerdict]) -> list[dict[str, Any]]:
    """Segments as shown, oldest version first, each with its energy by interval."""
    found = []
    for one in judged.values():
        tables = one.verdict.tables
        usage = tables.intervals.filter(
            pc.equal(tables.intervals["cds_value_type"], "electric_usage")
        )
        for segment in tables.segments.to_pylist():
            rows = usage.filter(
                pc.equal(usage["segment_version_id"], segment["segment_version_id"])
            )
            starts, kwh = rows["interval_start_utc"].to_pylist(), rows["energy_kwh"].to_pylist()
            qualities = set(rows["reading_quality"].to_pylist())
            directions = set(rows["flow_direction"].to_pylist())
            use: Use = dict(zip(starts, kwh, strict=True))
            found.append(segment | {"use": use, "said": (directions, qualities)})
    return sorted(found, key=lambda one: (one["segment_start_utc"], one["cds_modified_utc"]))


def held(judged: dict[str, CdsFileVerdict]) -> list[dict[str, Any]]:
    """The newest version of every segment."""
    newest = {one["cds_usagesegment_id"]: one for one in versions(judged)}
    return list(newest.values())


def digests(paths: DataPaths) -> dict[str, tuple[str, float]]:
    files = [*paths.landing("cds").iterdir(), paths.register / "cds_meters.csv"]
    return {
        file.name: (
            hashlib.sha256(file.read_bytes()).hexdigest(),
            file.stat().st_mtime if file.suffix == ".json" else 0.0,
        )
        for file in files
    }


def test_nothing_in_the_files_is_refused_told_or_unknown(
    judged: dict[str, CdsFileVerdict],
) -> None:
    assert len(judged) == 8
    for one in judged.values():
        findings = one.verdict.findings
        assert one.verdict.status is UploadStatus.ACCEPTED
        assert not findings.listed, findings.listed
        assert not findings.unknown_fields
        assert not findings.unknown_types
        assert not findings.unknown_words
        assert one.verdict.dialect is not None
        assert one.verdict.dialect.value == "C"


def test_kept_are_the_objects_of_one_connection(judged: dict[str, CdsFileVerdict]) -> None:
    kept: Counter[str] = Counter()
    for one in judged.values():
        kept.update({kind.value: count for kind, count in one.verdict.counts.kept.items()})
    assert {kind: count for kind, count in kept.items() if count} == {
        "accounts": 1,
        "service_contracts": 1,
        "service_points": 1,
        "meter_devices": 1,
        "usage_segments": 4,
        "bill_statements": 3,
        "bill_sections": 3,
    }


def test_the_use_that_holds_is_the_delivered_readings_to_the_last_digit(
    judged: dict[str, CdsFileVerdict],
) -> None:
    readings = of_meter(pilot().readings, *METER)
    months = pc.strftime(readings["interval_start_local"], format="%Y-%m")
    expected: Use = {
        row["interval_start_utc"]: Decimal(row["usage_wh"]) / 1000 if row["is_delivered"] else None
        for row in readings.filter(pc.is_in(months, pa.array(MONTHS))).to_pylist()
    }
    position, slot = NULL_SLOT
    emptied = sorted(held(judged)[position]["use"])[slot]
    assert expected[emptied] is not None, "the pilot has a reading where the utility has no value"
    expected[emptied] = None
    found: Use = {}
    for segment in held(judged):
        found |= segment["use"]
    assert found == expected


def test_segments_are_local_months_with_the_hour_more_of_the_clock_change(
    judged: dict[str, CdsFileVerdict],
) -> None:
    assert [len(segment["use"]) for segment in held(judged)] == [744, 720, 745]
    assert held(judged)[-1]["segment_end_utc"] == datetime.fromisoformat("2026-10-31T23:00:00")


def test_what_holds_is_forward_and_of_revenue_quality(judged: dict[str, CdsFileVerdict]) -> None:
    assert [segment["said"] for segment in held(judged)] == [({"forward"}, {"revenue"})] * 3


def test_one_segment_is_shown_again_newer_with_one_day_changed(
    judged: dict[str, CdsFileVerdict],
) -> None:
    counts = Counter(one["cds_usagesegment_id"] for one in versions(judged))
    revised_id = held(judged)[REVISED]["cds_usagesegment_id"]
    assert {name: count for name, count in counts.items() if count > 1} == {revised_id: 2}
    first, last = (one for one in versions(judged) if one["cds_usagesegment_id"] == revised_id)
    assert first["cds_modified_utc"] < last["cds_modified_utc"]
    assert first["said"] == ({"forward"}, {"raw"})
    changed = [start for start, kwh in last["use"].items() if kwh != first["use"][start]]
    assert 20 <= len(changed) <= 24
    assert max(changed) - min(changed) < timedelta(days=1)
    assert judged[REVISED_FILE].verdict.segments == 1


def test_shares_and_carbon_are_of_every_hour_of_the_last_month_alone(
    judged: dict[str, CdsFileVerdict],
) -> None:
    mix = judged["turin_usage_segments"].verdict.tables.supply_mix
    last = held(judged)[-1]
    assert set(mix["segment_version_id"].to_pylist()) == {last["segment_version_id"]}
    assert mix.num_rows == 4 * len(last["use"])
    sums = mix.group_by("interval_start_utc").aggregate([("share", "sum")])
    assert set(sums["share_sum"].to_pylist()) == {Decimal(1)}
    assert mix["carbon_intensity"].null_count == 0
    assert mix["emissions_g"].null_count == 4 * list(last["use"].values()).count(None)


def test_shares_are_never_negative_whatever_the_draw() -> None:
    hours = pa.array(np.arange("2026-07-01", "2026-08-01", 3600, dtype="datetime64[s]"))
    for seed in range(20):
        shares = supply_shares(hours, rng=np.random.default_rng(seed))
        assert min(pc.min(share).as_py() for share in shares.values()) >= 0


def test_one_bill_states_three_percent_more_than_the_meter(
    judged: dict[str, CdsFileVerdict],
) -> None:
    details = objects(judged, "bill_sections", "cds_bill_usage_details")
    billed = [row["detail_kwh"] for row in details]
    metered = [use.total_kwh for use in month_uses(pilot())]
    for position, (stated, measured) in enumerate(zip(billed, metered, strict=True)):
        factor = Decimal("1.03") if position == MISBILLED else Decimal(1)
        assert abs(stated - measured * factor) <= Decimal("0.0005")


def test_bills_cost_what_their_lines_cost(judged: dict[str, CdsFileVerdict]) -> None:
    lines = objects(judged, "bill_sections", "cds_bill_line_items")
    costs: Counter[str] = Counter()
    for line in lines:
        costs[f"{line['line_start_date']:%Y-%m}"] += line["detail_cost"]
    due = [bill["amount_due"] for bill in objects(judged, "bill_statements", "cds_bill_statements")]
    assert [costs[month] for month in MONTHS] == due


def test_sections_bill_whole_local_months_of_the_meter(
    judged: dict[str, CdsFileVerdict], paths: DataPaths
) -> None:
    sections = objects(judged, "bill_sections", "cds_bill_sections")
    days = [(row["section_start_date"], row["section_end_date"]) for row in sections]
    assert days == [
        (date(2026, 8, 1), date(2026, 8, 31)),
        (date(2026, 9, 1), date(2026, 9, 30)),
        (date(2026, 10, 1), date(2026, 10, 31)),
    ]
    (device,) = body(paths, "meter_devices")
    billed = [one["related_meterdevices"] for one in body(paths, "bill_sections")]
    assert billed == [[device["cds_meterdevice_id"]]] * 3


def test_the_mapping_leads_from_the_meters_number_to_the_main_incomer(paths: DataPaths) -> None:
    result = load_cds_register(paths, register=load_register(paths))
    assert result.findings == ()
    (row,) = result.tables["cds_meters"].to_pylist()
    (device,) = body(paths, "meter_devices")
    named = (row["cds_server"], row["resource_kind"], row["cds_reference"])
    assert named == (SERVER, "meter_device", device["meter_number"])
    assert (row["site_id"], row["meter_id"], row["mapped_direction"]) == (*METER, "forward")


def test_every_file_says_whose_it_is_and_all_was_known_when_the_pilot_ends(
    paths: DataPaths,
) -> None:
    end = datetime.fromisoformat(f"{END_DAY}T00:00:00+00:00")
    for file in drops(paths):
        sidecar = orjson.loads(file.with_name(f"{file.name}.drop.json").read_bytes())
        assert sidecar == {"server": SERVER}
        for item in next(iter(orjson.loads(file.read_bytes()).values())):
            assert item["cds_created"] <= item["cds_modified"] <= item["cds_synced"]
            assert datetime.fromisoformat(item["cds_synced"]) <= end


def test_the_same_pilot_gives_the_same_files_and_another_seed_others(
    paths: DataPaths, tmp_path: Path
) -> None:
    again, other = DataPaths(root=tmp_path / "again"), DataPaths(root=tmp_path / "other")
    write_customer_data(pilot(), paths=again)
    assert digests(again) == digests(paths)
    first_day = default_first_day(date(2026, 11, 21))
    write_customer_data(simulate_pilot(seed=8, first_day=first_day), paths=other)
    assert digests(other).keys() == digests(paths).keys()
    assert body(other, "meter_devices") != body(paths, "meter_devices")
