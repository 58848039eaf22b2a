"""`cei check cds`: one verdict a file, exit codes, rows as Parquet, and what it does not load."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from click.testing import Result
from typer.testing import CliRunner

from cei_assets.cli.app import app
from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.tables.cds import CDS_INTERVALS
from tests.cds_mock_bodies import meter
from tests.cds_segments import NET, Raw, net, segment, text_of

GOOD = segment(*net(Raw("0.10"), None, Raw("123456789012345678.123456789012")))
BAD = segment(*net(1), interval=0, end="2026-03-01T00:15:00Z", cds_usagesegment_id="bad")


def drop(folder: Path, name: str, *segments: object) -> Path:
    path = folder / name
    path.write_text(text_of({"usage_segments": list(segments), "next": None}), encoding="utf-8")
    return path


def check(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["check", "cds", *map(str, arguments)])


def shown(path: Path) -> subprocess.CompletedProcess[str]:
    """What a terminal shows of a file."""
    program = "from cei_assets.cli.app import main; main()"
    command = [sys.executable, "-c", program, "check", "cds", str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def lines(done: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_json_has_one_line_per_file_with_everything_that_was_asked_for(tmp_path: Path) -> None:
    extra = segment(
        [{"eu": 1, "x": 1}, {"y": 2}],
        formats=[{**NET, "id": "m"}, {"id": "v", "type": "riverside_voltage"}],
        cds_usagesegment_id="extra",
    )
    path = drop(tmp_path, "march.json", GOOD, BAD, extra)
    done = check(path, drop(tmp_path, "other.json", GOOD), "--json")
    assert done.exit_code == 1
    first, second = lines(done)
    assert first == {
        "file": str(path),
        "status": "partial",
        "dialect": "C",
        "objects": {"usage_segments": 3},
        "kept": {"usage_segments": 2},
        "repeated": {},
        "refused": {"usage_segments": 1},
        "segments": 2,
        "rows": 4,
        "missing": 1,
        "invalid": 0,
        "rejected": 1,
        "unknown_fields": {"value.x": 1},
        "unknown_types": {"riverside_voltage": 1},
        "unknown_words": {},
        "findings": [
            {
                "pointer": "/usage_segments/1/interval",
                "code": "BAD_INTERVAL",
                "detail": "interval is not above zero, finer than a microsecond, or longer than "
                "8,000 years",
                "value": "0",
            }
        ],
        "finding_counts": {"BAD_INTERVAL": 1},
        "sums": [
            {
                "type": "electric_usage",
                "direction": "net",
                "unit": "kWh",
                "format": "n",
                "values": 2,
                "sum": "123456789012345678.223456789012",
            },
            {
                "type": "electric_usage",
                "direction": "net",
                "unit": "kWh",
                "format": "m",
                "values": 1,
                "sum": "1",
            },
        ],
    }
    assert (second["status"], second["rejected"]) == ("accepted", 0)


@pytest.mark.parametrize(
    ("segments", "status", "code"),
    [
        pytest.param([GOOD], "accepted", 0, id="all in"),
        pytest.param([GOOD, BAD], "partial", 1, id="a segment refused"),
        pytest.param([BAD], "rejected", 1, id="all refused"),
        pytest.param([segment(*net(1, "lots"))], "partial", 1, id="a value refused"),
    ],
)
def test_the_exit_code_is_one_when_anything_is_refused(
    tmp_path: Path, segments: list[object], status: str, code: int
) -> None:
    path = drop(tmp_path, "march.json", *segments)
    assert check(path).exit_code == code
    done = check(path, "--json")
    assert (done.exit_code, lines(done)[0]["status"]) == (code, status)


def test_a_file_that_is_no_json_is_a_verdict_and_no_error(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text("<html>", encoding="utf-8")
    done = check(path, "--json")
    assert done.exit_code == 1
    (line,) = lines(done)
    assert (line["status"], line["finding_counts"]) == ("rejected", {"NOT_JSON": 1})


def test_the_first_twenty_findings_of_a_code_are_listed_and_all_are_counted(tmp_path: Path) -> None:
    path = drop(tmp_path, "march.json", segment(*net(*["lots"] * 25)))
    (line,) = lines(check(path, "--json"))
    assert (len(line["findings"]), line["finding_counts"]) == (20, {"BAD_VALUE": 25})
    assert line["invalid"] == 25


def test_text_shows_counts_findings_what_was_ignored_and_sums(tmp_path: Path) -> None:
    odd = segment(*net("[bold]"), formats=[{**NET, "quality": "divine"}], cds_usagesegment_id="odd")
    path = drop(tmp_path, "march.json", GOOD, odd)
    done = shown(path)
    assert done.returncode == 1
    text = " ".join(done.stdout.split())
    assert "partial - dialect C, 2 segments, 4 rows, 1 missing, 1 invalid, 0 rejected" in text
    assert "/usage_segments/1/values/0/0/eu" in text
    assert "[bold]" in text
    assert "totals: UNKNOWN_WORD 1, BAD_VALUE 1" in text
    assert "unknown words, ignored: quality=divine 1" in text
    assert "123456789012345678.223456789012" in text


def test_rows_of_all_files_are_written_as_the_contract_has_them(tmp_path: Path) -> None:
    out = tmp_path / "rows.parquet"
    first = drop(tmp_path, "a.json", GOOD, BAD)
    second = drop(tmp_path, "b.json", segment(*net(7)))
    assert check(first, second, "--rows", out, "--as-of", "2026-04-02T09:30:00Z").exit_code == 1
    found = pq.read_table(out)
    expected = arrow_schema(CDS_INTERVALS)
    assert found.schema.names == expected.names
    assert [field.type for field in found.schema] == [field.type for field in expected]
    assert found["receipt_id"].to_pylist() == [str(first)] * 3 + [str(second)]
    assert found["cds_value_text"].to_pylist()[-1] == "7"
    assert {str(day) for day in found["received_date"].to_pylist()} == {"2026-04-02"}


def test_rows_of_a_file_without_any_are_an_empty_table(tmp_path: Path) -> None:
    out = tmp_path / "rows.parquet"
    check(drop(tmp_path, "a.json"), "--rows", out)
    assert pq.read_table(out).num_rows == 0


def test_rows_never_replace_a_file_that_is_judged(tmp_path: Path) -> None:
    path = drop(tmp_path, "march.json", GOOD)
    before = path.read_bytes()
    assert check(path, "--rows", path).exit_code == 2
    assert path.read_bytes() == before


def test_reference_objects_are_judged_and_counted_by_kind(tmp_path: Path) -> None:
    path = tmp_path / "meters.json"
    good = meter("C", 2)
    bad = {**meter("C", 3), "meter_types": "ami_meter"}
    path.write_text(json.dumps({"meter_devices": [good, good, bad]}), encoding="utf-8")
    done = check(path, "--json")
    (line,) = lines(done)
    assert done.exit_code == 1
    assert (line["status"], line["objects"]) == ("partial", {"meter_devices": 3})
    assert [line[name] for name in ("kept", "repeated", "refused")] == [{"meter_devices": 1}] * 3
    assert line["findings"][-1]["pointer"] == "/meter_devices/2/meter_types"
    assert "3 meter_devices: 1 kept, 1 repeated, 1 refused" in shown(path).stdout


def test_nothing_heavy_is_loaded(tmp_path: Path) -> None:
    arguments = ["check", "cds", str(drop(tmp_path, "march.json", GOOD))]
    program = (
        "import sys; from typer.testing import CliRunner; from cei_assets.cli.app import app\n"
        f"done = CliRunner().invoke(app, {arguments!r})\n"
        "assert done.exit_code == 0, done.output\n"
        "print(*sorted(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    loaded = {name.split(".")[0] for name in done.stdout.split()}
    heavy = {"dagster", "dbt", "great_expectations", "pandera", "statsmodels"}
    assert not loaded & heavy
