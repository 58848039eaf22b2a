"""Files and megabytes a second of the CSI check beside `csv.reader` alone, in the same run.

Run `python benchmarks/csi_check.py [FILES]` from the repository; 138 files are a year of 11.5
applications. `csv.reader` reads the same bytes, decoded, in strict mode, and keeps nothing. The
check judges form and content of every file and makes the rows that intake would store. Both are
the best of some rounds in one process; wall and CPU seconds are printed, since a busy machine
counts in the first only. Then `cei check csi` on all files in one call and on one file, start-up
included, each the best of some rounds.
"""

import argparse
import csv
import io
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa

from cei_assets.contracts.csi_vocabulary import HEADER_TEMPLATE, CsiResult
from cei_assets.core.csi.form import read_form
from cei_assets.core.csi.judge import judge_upload
from cei_assets.core.csi.months import month_labels, next_month
from cei_assets.core.csi.program import CsiOptions, CsiRegister
from cei_assets.storage.csi_register import load_csi_register
from cei_assets.storage.landing import FORM_SUFFIX

ROUNDS = 3
FIRST_MONTH = date(2013, 9, 1)
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
APPLICATIONS = (
    "application_id,program_administrator,pdp_id,tank_configuration,backup_type,displaced_fuel,"
    "icf_approved,capacity_kwth,baseline_efficiency,rate,rate_unit,incentive_cap\n"
)
Report = tuple[bytes, str]


def write_reports(folder: Path, files: int) -> list[Path]:
    """Valid reports of 1-tank applications with gas back-up and some log text, with their forms."""
    register = folder / "register"
    register.mkdir()
    (register / "csi_pdps.csv").write_text("pdp_id,name,active\nsunmetrics,Sun Metrics,true\n")
    with (register / "csi_applications.csv").open("w", encoding="utf-8") as applications:
        applications.write(APPLICATIONS)
        for number in range((files + 11) // 12):
            applications.write(
                f"SCG-{number:05d},SCG,sunmetrics,1,gas,gas,2013-08-14,300,0.82,7.27,therm,500000\n"
            )
    return [write_report(folder, number) for number in range(files)]


def write_report(folder: Path, number: int) -> Path:
    """One month of one application, some 0.2 MB."""
    application_id, month = f"SCG-{number // 12:05d}", next_month(FIRST_MONTH, number % 12)
    lines = [",".join(HEADER_TEMPLATE)]
    for row, label in enumerate(month_labels(month)):
        btu = 40_000 + (row * 7919 + number) % 9_000 if 24 < (row + 1) % 96 <= 72 else 0
        log = "pump on,collector 71 C" if row % 4 == 0 else ","
        lines.append(
            f"{application_id},{label},{120_000 + row * 3},,{btu},0.{row % 1000:03d},,,,{log},"
        )
    file = folder / f"{application_id}_{month:%Y-%m}.csv"
    file.write_text("\r\n".join(lines) + "\r\n", encoding="utf-8", newline="")
    form = {
        "application_id": application_id,
        "year": month.year,
        "month": month.month,
        "file_type": "application_interval",
        "original_filename": file.name,
        "uploader_pdp": "sunmetrics",
        "submitted_at": f"{next_month(month) + timedelta(days=9)}T12:00:00Z",
    }
    file.with_name(file.name + FORM_SUFFIX).write_text(json.dumps(form), encoding="utf-8")
    return file


def best(work: Callable[[], None], *, rounds: int = ROUNDS) -> tuple[float, float]:
    """Wall and CPU seconds, children's included, of the fastest round."""
    timed = []
    for _ in range(rounds):
        began, used = time.perf_counter(), cpu_seconds()
        work()
        timed.append((time.perf_counter() - began, cpu_seconds() - used))
    return min(timed)


def cpu_seconds() -> float:
    """CPU time of this process and of those it waited for."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def read_alone(reports: Sequence[Report]) -> None:
    """What any check in Python needs at least."""
    for content, _ in reports:
        for _row in csv.reader(io.StringIO(content.decode(), newline=""), strict=True):
            pass


def check(reports: Sequence[Report], register: CsiRegister) -> None:
    """The verdict on every report, all of them good."""
    for content, form in reports:
        verdict = judge_upload(
            content,
            form=read_form(form, received_at_utc=NOW, filename="report.csv"),
            register=register,
            options=CsiOptions(),
        )
        if verdict.result is not CsiResult.SUCCESS:
            raise SystemExit(f"not a good report: {verdict.findings[0].message}")


def command(files: Sequence[Path]) -> None:
    """`cei check csi`, as people start it."""
    done = subprocess.run(
        [
            *(sys.executable, "-c", "from cei_assets.cli.app import main; main()"),
            *("check", "csi", *map(str, files), "--json"),
            *("--register", str(files[0].parent / "register")),
        ],
        capture_output=True,
        check=False,
    )
    if done.returncode != 0 or len(done.stdout.splitlines()) != len(files):
        raise SystemExit(done.stderr.decode())


def show(name: str, files: int, megabytes: float, timed: tuple[float, float]) -> None:
    """One line of the table."""
    wall, cpu = timed
    print(
        f"{name:<34}{files / wall:>10,.1f}{megabytes / wall:>10.2f}{wall:>10.2f}{cpu:>10.2f}",
        flush=True,
    )


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", type=int, nargs="?", default=138)
    wanted: int = parser.parse_args().files
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"Arrow {pa.__version__}"
    )
    with tempfile.TemporaryDirectory() as folder:
        files = write_reports(Path(folder), wanted)
        reports = [
            (file.read_bytes(), file.with_name(file.name + FORM_SUFFIX).read_text())
            for file in files
        ]
        size = sum(len(content) for content, _ in reports) / 1e6
        register = load_csi_register(Path(folder) / "register").register
        print(f"{wanted} files, {size:,.1f} MB")
        print(f"{'':<34}{'files/s':>10}{'MB/s':>10}{'wall s':>10}{'CPU s':>10}")
        show("csv.reader alone", wanted, size, best(lambda: read_alone(reports)))
        show("check, in process", wanted, size, best(lambda: check(reports, register)))
        show("cei check csi, all in one call", wanted, size, best(lambda: command(files)))
        one = len(reports[0][0]) / 1e6
        show("cei check csi, one file", 1, one, best(lambda: command(files[:1])))


if __name__ == "__main__":
    main()
