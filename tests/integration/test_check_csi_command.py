"""`cei check csi`: one verdict a file, exit codes, and what it does not load."""

import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

from cei_assets.cli.app import app
from cei_assets.storage.csi_check import plain
from tests.csi_reports import form_text, put, report, report_bytes
from tests.small_csi_register import with_cells, write_csi_register

Drop = Callable[..., Path]


@pytest.fixture
def register(tmp_path: Path) -> Path:
    folder = tmp_path / "programme"
    write_csi_register(folder)
    return folder


@pytest.fixture
def drop(tmp_path: Path) -> Drop:
    """Writes a report with its form beside it."""

    def write(content: bytes, name: str = "report.csv", **form: object) -> Path:
        file = tmp_path / name
        file.write_bytes(content)
        (tmp_path / f"{name}.form.json").write_text(form_text(**form), encoding="utf-8")
        return file

    return write


def cei(*arguments: object) -> subprocess.CompletedProcess[str]:
    """The command as people start it."""
    return subprocess.run(
        [
            sys.executable,
            "-c",
            "from cei_assets.cli.app import main; main()",
            "check",
            "csi",
            *map(str, arguments),
        ],
        capture_output=True,
        text=True,
        check=False,
    )


def lines(text: str) -> list[dict[str, object]]:
    return [orjson.loads(line) for line in text.splitlines()]


def test_a_line_a_file_and_exit_1_when_any_fails(register: Path, drop: Drop) -> None:
    good = drop(report(), "good.csv")
    bad = drop(report(edit=put("D", "1234.5", line=62)), "bad.csv")
    done = cei(good, bad, "--register", register, "--json")
    assert (done.returncode, done.stderr) == (1, "")
    first, second = lines(done.stdout)
    assert list(first) == [
        "file", "status", "late", "due_at", "findings", "warnings", "data_rows", "sums",
    ]  # fmt: skip
    assert first["file"] == str(good)
    assert (first["status"], first["late"]) == ("Success", False)
    assert (first["due_at"], first["data_rows"]) == ("2013-11-02T06:59:59Z", 2880)
    assert first["findings"] == []
    assert first["sums"] == {
        "solar_btu": None,
        "total_btu": 6_939_862,
        "backup_gas_therms": "935.4",
        "backup_electric_kwh": None,
        "backup_propane_therms": None,
    }
    assert (second["file"], second["status"]) == (str(bad), "Failure")
    found = {finding["rule"]: finding for finding in second["findings"]}
    assert set(found) == {"CSI-R08", "CSI-X01"}
    assert list(found["CSI-R08"]) == [
        "rule", "line", "column", "column_name", "value", "message", "count",
    ]  # fmt: skip
    assert (found["CSI-R08"]["line"], found["CSI-R08"]["column"]) == (62, "D")
    assert (found["CSI-R08"]["value"], found["CSI-R08"]["count"]) == ("1234.5", 1)


def run(*arguments: object) -> tuple[int, str, str]:
    """The command in this process: exit code, standard output as bytes written, errors."""
    done = CliRunner().invoke(app, ["check", "csi", *map(str, arguments)])
    return done.exit_code, done.stdout, done.stderr


def test_exit_0_when_all_pass(register: Path, drop: Drop) -> None:
    code, out, _ = run(drop(report()), "--register", register, "--json")
    assert (code, len(lines(out))) == (0, 1)


@pytest.mark.parametrize(
    ("submitted_at", "late"),
    [("2013-11-02T06:59:59.999Z", False), ("2013-11-02T07:00:00Z", True)],
)
def test_late_is_a_flag_and_no_failure(
    register: Path, drop: Drop, submitted_at: str, late: bool
) -> None:
    file = drop(report(), submitted_at=submitted_at)
    code, out, _ = run(file, "--register", register, "--json")
    (told,) = lines(out)
    assert (code, told["status"], told["late"]) == (0, "Success", late)
    assert [warning["rule"] for warning in told["warnings"]] == (["CSI-L01"] if late else [])


def test_without_a_form_beside_it_a_file_fails(register: Path, drop: Drop) -> None:
    file = drop(report())
    file.with_name("report.csv.form.json").unlink()
    code, out, _ = run(file, "--register", register, "--json")
    (told,) = lines(out)
    assert (code, told["status"], told["due_at"]) == (1, "Failure", None)
    assert {finding["rule"][:5] for finding in told["findings"]} == {"CSI-U"}


def test_a_form_that_is_no_text_fails_and_nothing_breaks(register: Path, drop: Drop) -> None:
    file = drop(report())
    file.with_name("report.csv.form.json").write_bytes(b"\xff\xfe{\x00}\x00\xff")
    code, out, _ = run(file, "--register", register, "--json")
    (told,) = lines(out)
    assert (code, told["status"]) == (1, "Failure")


def test_a_file_over_the_limit_is_told_its_size(
    register: Path, drop: Drop, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = report()
    file = drop(content)
    monkeypatch.setenv("CEI_CSI_MAX_BYTES", str(len(content)))
    assert run(file, "--register", register)[0] == 0
    file.write_bytes(content + b" " * 1000)
    code, out, _ = run(file, "--register", register, "--json")
    ((finding,),) = [told["findings"] for told in lines(out)]
    assert (code, finding["rule"]) == (1, "CSI-F02")
    assert f"{len(content) + 1000:,}" in finding["message"]


def test_settings_reach_the_rules(
    register: Path, drop: Drop, monkeypatch: pytest.MonkeyPatch
) -> None:
    zero = drop(report(edit=put("D", "0")))
    assert run(zero, "--register", register)[0] == 1
    monkeypatch.setenv("CEI_CSI_ZERO_IS_DATA", "false")
    assert run(zero, "--register", register)[0] == 0
    monkeypatch.setenv("CEI_CSI_MAX_ROWS", "2879")
    code, out, _ = run(zero, "--register", register, "--json")
    ((finding,),) = [told["findings"] for told in lines(out)]
    assert (code, finding["rule"]) == (1, "CSI-F02")


def test_a_meter_report_is_not_read(register: Path, drop: Drop) -> None:
    file = drop(b"PK\x03\x04 anything", "meters.zip", file_type="meter_interval")
    code, out, _ = run(file, "--register", register, "--json")
    (told,) = lines(out)
    assert (code, told["status"], told["data_rows"]) == (0, "Success", 0)


def test_the_register_of_the_data_folder_is_the_default(tmp_path: Path, drop: Drop) -> None:
    write_csi_register(tmp_path / "data" / "register")
    assert run(drop(report()), "--data-dir", tmp_path / "data")[0] == 0


def test_people_see_rule_line_column_what_to_do_and_totals(register: Path, drop: Drop) -> None:
    bad = drop(
        report(edit=put("D", *["1234.5"] * 25, line=62)), submitted_at="2013-11-02T07:00:00Z"
    )
    done = cei(bad, "--register", register)
    assert done.returncode == 1
    for part in (
        "Failure Late", "2,880 data rows", "due 2013-11-01 23:59:59 America/Los_Angeles",
        'CSI-R08 line 62, column D "Solar BTUs delivered (2-Tank System)": value \'1234.5\'',
        "totals: CSI-R08 25 (first 20 listed), CSI-X01 25 (first 20 listed)", "CSI-L01 due",
    ):  # fmt: skip
        assert part in done.stdout, part
    assert done.stdout.count("line 62, column D") == 2
    assert "files" not in done.stdout


def test_people_see_where_a_missing_form_belongs_and_how_many_files_passed(
    register: Path, drop: Drop
) -> None:
    good, alone = drop(report(), "good.csv"), drop(report(), "alone.csv")
    alone.with_name("alone.csv.form.json").unlink()
    done = cei(good, alone, "--register", register)
    assert done.returncode == 1
    assert done.stdout.count("no form: write ") == 1
    assert "write alone.csv.form.json beside the file" in done.stdout
    assert '"uploader_pdp": "sunmetrics"' in done.stdout
    assert done.stdout.endswith("2 files: 1 Success, 1 Failure; 0 late\n")


def test_markup_in_a_file_is_printed_as_it_is(register: Path, drop: Drop) -> None:
    done = cei(drop(report(edit=put("D", "[red]x[/]")), "[b].csv"), "--register", register)
    assert done.returncode == 1
    assert "[red]x[/]" in done.stdout
    assert "[b].csv" in done.stdout


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ({"csi_applications": (with_cells(tank_configuration="3"),)},
         "register/csi_applications.csv:2: tank_configuration: found '3'"),
        ({"csi_applications": (), "csi_replacements": (), "csi_late_decisions": ()},
         "no applications in"),
    ],
    ids=["errors", "no applications"],
)  # fmt: skip
def test_a_register_that_cannot_be_used_is_exit_2_and_no_verdict(
    register: Path, drop: Drop, rows: dict[str, tuple[str, ...]], says: str
) -> None:
    write_csi_register(register, **rows)
    done = cei(drop(report()), "--register", register, "--json")
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_files_that_are_not_there_are_exit_2_before_any_verdict(
    register: Path, drop: Drop, tmp_path: Path
) -> None:
    for missing in (tmp_path / "none.csv", tmp_path):
        done = cei(drop(report()), missing, "--register", register, "--json")
        assert (done.returncode, done.stdout) == (2, "")
        assert "Traceback" not in done.stderr
    assert cei(drop(report()), "--register", tmp_path / "none").returncode == 2


def test_a_file_that_cannot_be_read_is_exit_2_and_costs_the_others_nothing(
    register: Path, drop: Drop
) -> None:
    blocked, good = drop(report(), "blocked.csv"), drop(report(), "good.csv")
    form = blocked.with_name("blocked.csv.form.json")
    form.unlink()
    form.mkdir()
    done = cei(blocked, good, "--register", register, "--json")
    assert done.returncode == 2
    assert [told["file"] for told in lines(done.stdout)] == [str(good)]
    assert f"no verdict on {blocked}" in done.stderr.replace("\n", " ")
    assert "Traceback" not in done.stderr
    people = cei(blocked, good, "--register", register)
    assert people.returncode == 2
    assert "2 files: 1 Success, 0 Failure, 1 without verdict; 0 late" in people.stdout


def test_warnings_about_the_register_do_not_stand_between_the_lines(
    register: Path, drop: Drop
) -> None:
    write_csi_register(register, csi_applications=(with_cells(conversion_method="cop"),))
    done = cei(drop(report()), "--register", register, "--json")
    assert (done.returncode, len(lines(done.stdout))) == (0, 1)
    assert "warning: conversion_method: found" in done.stderr


def test_a_name_that_is_no_text_has_a_line_all_the_same(register: Path, drop: Drop) -> None:
    kept = drop(report_bytes([]))
    odd = kept.with_name("rap\udce9.csv")
    kept.rename(odd)
    kept.with_name("report.csv.form.json").rename(kept.with_name("rap\udce9.csv.form.json"))
    done = cei(odd, "--register", register, "--json")
    (told,) = lines(done.stdout)
    assert told["file"] == str(kept.with_name("rap?.csv"))
    assert [finding["rule"] for finding in told["findings"]] == ["CSI-F10"]


def test_help_has_an_example() -> None:
    code, out, _ = run("--help")
    assert code == 0
    assert "cei check csi SCG-00987_2013-09.csv --register register/ --json" in " ".join(
        out.split()
    )


def test_nothing_heavy_is_loaded(register: Path, drop: Drop) -> None:
    arguments = ["check", "csi", str(drop(report())), "--register", str(register)]
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
    heavy = {"dagster", "dbt", "great_expectations", "duckdb", "pandera", "statsmodels", "holidays"}
    assert not loaded & heavy


@pytest.mark.parametrize(
    ("quantity", "text"),
    [
        ("1.500", "1.5"),
        ("100", "100"),
        ("0.000", "0"),
        ("1E+2", "100"),
        ("-1E-12", "-0.000000000001"),
    ],
)
def test_decimals_are_plain_digits(quantity: str, text: str) -> None:
    assert plain(Decimal(quantity)) == text
