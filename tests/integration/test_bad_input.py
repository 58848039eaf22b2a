"""Bad input from the landing folder to the raw tables: a clear message, and nothing lost."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cei_assets.core.intake.verdict import Limits
from cei_assets.storage.archive import received_dates, take, unjudged_dates
from cei_assets.storage.intake import Outcome, judge_date
from cei_assets.storage.landing import waiting_files
from cei_assets.storage.paths import DataPaths
from cei_assets.storage.problem import FileChangedError, IntakeError
from tests.intake_drops import DAY, NOW, REGISTER, in_memory, land, rows, take_all

MOMENT = NOW.replace(tzinfo=UTC)
GOOD = "mill,main,2026-01-01T00:00:00Z,1.5,kWh"


def _through(paths: DataPaths, content: bytes | str) -> tuple[Outcome, pa.Table]:
    """One drop all the way: its outcome and its rejects; the archive holds its bytes."""
    land(paths, "drop.csv", content)
    (receipt,) = take_all(paths)
    with in_memory() as connection:
        (outcome,) = judge_date(
            DAY,
            paths=paths,
            register=REGISTER,
            limits=Limits(),
            judgement_id="j",
            connection=connection,
        ).outcomes
    data = content.encode() if isinstance(content, str) else content
    assert paths.archived(receipt.sha256).read_bytes() == data
    assert outcome.rows_read == (
        outcome.rows_accepted + outcome.rows_rejected + outcome.rows_exact_duplicate
    )
    file = paths.raw_partition("rejects", DAY) / f"{receipt.receipt_id}.parquet"
    rejects = pq.read_table(file, partitioning=None)
    assert rejects.num_rows == outcome.rows_rejected
    return outcome, rejects


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        (bytes(range(256)) * 20, "binary"),
        ("a,b,c\n1,2,3\n", "the header lacks site_id, meter_id, timestamp_utc, value"),
        (f"site_id;meter_id,timestamp_utc;value\n{GOOD}\n", "mixes the delimiters"),
    ],
    ids=["empty", "binary", "wrong header", "mixed delimiters"],
)
def test_a_file_that_cannot_be_used_is_refused_whole(
    tmp_path: Path, content: bytes | str, words: str
) -> None:
    outcome, rejects = _through(DataPaths(root=tmp_path), content)
    assert outcome.status == "rejected"
    assert outcome.detail is not None
    assert words in outcome.detail
    assert rejects["code"].to_pylist() == ["MALFORMED_FILE"]
    assert rejects["detail"].to_pylist() == [outcome.detail]


def test_utf_16_is_read(tmp_path: Path) -> None:
    outcome, _ = _through(DataPaths(root=tmp_path), rows(GOOD).encode("utf-16"))
    assert (outcome.status, outcome.encoding, outcome.rows_accepted) == ("accepted", "utf-16", 1)


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        ("mill,unheard,2026-01-01T00:00:00Z,1,kWh", "UNKNOWN_METER", "'unheard'"),
        ("mill,main,2026-01-01T00:00:00Z,7,kWh", "DUPLICATE_IDEMPOTENCY_KEY", "line 2"),
        (GOOD.replace(",", ";"), "MALFORMED_ROW", "1 cells"),
    ],
    ids=["unknown meter", "conflicting values", "mixed delimiters in rows"],
)
def test_a_bad_row_is_refused_and_the_good_ones_go_in(
    tmp_path: Path, line: str, code: str, words: str
) -> None:
    outcome, rejects = _through(DataPaths(root=tmp_path), rows(GOOD, line))
    assert (outcome.status, outcome.rows_accepted) == ("partial", 1)
    assert rejects["code"].to_pylist() == [code]
    assert rejects["line_number"].to_pylist() == [3]
    assert words in rejects["detail"].to_pylist()[0]


def test_duplicate_rows_are_counted(tmp_path: Path) -> None:
    outcome, _ = _through(DataPaths(root=tmp_path), rows(GOOD, GOOD, GOOD))
    assert (outcome.status, outcome.rows_exact_duplicate) == ("accepted", 2)


def test_a_file_that_changes_stays_until_it_is_at_rest(tmp_path: Path) -> None:
    paths = DataPaths(root=tmp_path)
    path = land(paths, "drop.csv", rows(GOOD))
    (seen,) = waiting_files(paths.landing("csv_drop"), settle_seconds=2, now=MOMENT)
    with path.open("a") as file:
        file.write("mill,main,2026-01-01T01:00:00Z,2,kWh\n")
    with pytest.raises(FileChangedError):
        take(seen, paths=paths, upload_source="csv_drop", received_at=MOMENT)
    assert received_dates(paths) == []
    os.utime(path, (MOMENT.timestamp() - 60,) * 2)
    (receipt,) = take_all(paths)
    assert receipt.size_bytes == len(rows(GOOD, "mill,main,2026-01-01T01:00:00Z,2,kWh"))


_AS_NOBODY = """
import os, sys
from datetime import datetime, UTC
from pathlib import Path
from cei_assets.storage.archive import take
from cei_assets.storage.landing import waiting_files
from cei_assets.storage.paths import DataPaths
from cei_assets.storage.problem import IntakeError

if os.geteuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
paths = DataPaths(root=Path(sys.argv[1]))
now = datetime(2026, 11, 21, 12, tzinfo=UTC)
try:
    for landed in waiting_files(paths.landing("csv_drop"), settle_seconds=2, now=now):
        take(landed, paths=paths, upload_source="csv_drop", received_at=now)
except IntakeError as error:
    print(error)
    sys.exit(3)
"""


def _as_nobody(root: Path) -> subprocess.CompletedProcess[str]:
    """Takes what waits as a user without rights; as root only, for it has to give rights away."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    return subprocess.run(
        [sys.executable, "-c", _AS_NOBODY, str(root)],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        cwd="/",
    )


def _open_up(folder: Path) -> None:
    """Lets every user pass the folders above, which pytest makes private."""
    for above in (folder, *folder.parents):
        if above.stat().st_uid == os.geteuid() and not above.stat().st_mode & 0o001:
            above.chmod(above.stat().st_mode | 0o011)


@pytest.mark.parametrize(
    ("closed", "mode"),
    [("landing/csv_drop", 0o000), ("landing/csv_drop/drop.csv", 0o000), ("archive", 0o555),
     ("landing/csv_drop", 0o555)],
    ids=["landing folder", "file", "archive", "landing folder without writing"],
)  # fmt: skip
def test_missing_permission_is_told_and_the_drop_stays(
    tmp_path: Path, closed: str, mode: int
) -> None:
    paths = DataPaths(root=tmp_path)
    path = land(paths, "drop.csv", rows(GOOD))
    for folder in ("archive", "receipts"):
        (tmp_path / folder).mkdir()
    for every in (tmp_path, *tmp_path.rglob("*")):
        every.chmod(0o777)
    _open_up(tmp_path)
    (tmp_path / closed).chmod(mode)
    try:
        done = _as_nobody(tmp_path)
        if "ModuleNotFoundError" in done.stderr or "PermissionError" in done.stderr:
            pytest.skip("the interpreter or the project cannot be read by another user")
        assert done.returncode == 3, done.stderr
        assert "permission" in done.stdout
        assert closed.split("/")[0] in done.stdout
        assert "give" in done.stdout or "correct owner or mode" in done.stdout
    finally:
        (tmp_path / closed).chmod(0o777)
    assert path.exists()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 256 KiB; mounting one needs root."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(disk)],
        capture_output=True,
        text=True,
        check=False,
    ) if os.geteuid() == 0 else None  # fmt: skip
    if mounted is None or mounted.returncode != 0:
        pytest.skip("a small disk cannot be mounted here: that needs root and the right to mount")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_is_told_and_the_drop_goes_in_once_there_is_room(small_disk: Path) -> None:
    paths = DataPaths(root=small_disk)
    path = land(paths, "drop.csv", rows(GOOD) + " " * 150_000)
    (seen,) = waiting_files(paths.landing("csv_drop"), settle_seconds=2, now=MOMENT)
    with pytest.raises(IntakeError, match=r"no space left.*free space on that disk"):
        take(seen, paths=paths, upload_source="csv_drop", received_at=MOMENT)
    assert path.exists()
    assert received_dates(paths) == []
    assert [p for p in (small_disk / "archive").rglob("*") if p.is_file()] == []
    subprocess.run(["mount", "-o", "remount,size=4m", str(small_disk)], check=True)
    (receipt,) = take_all(paths)
    assert paths.archived(receipt.sha256).stat().st_size == receipt.size_bytes


def _fill(filler: Path) -> None:
    """Writes a file until there is no room for another page."""
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while file.write(b"x" * 4096):
            pass


def test_a_disk_that_fills_while_rows_are_written_leaves_the_receipt_unjudged(
    small_disk: Path,
) -> None:
    paths = DataPaths(root=small_disk)
    land(paths, "drop.csv", rows(GOOD))
    take_all(paths)
    filler = small_disk / "filler"
    _fill(filler)
    with in_memory() as connection:
        options = {"paths": paths, "register": REGISTER, "limits": Limits(), "judgement_id": "j"}
        full = judge_date(DAY, connection=connection, **options)  # type: ignore[arg-type]  # as above
        assert full.outcomes == ()
        assert "no space left judging a receipt" in str(full.errors[0])
        assert unjudged_dates(paths) == [DAY]
        assert [p for p in (small_disk / "raw").rglob("*") if p.is_file()] == []
        filler.unlink()
        again = judge_date(DAY, connection=connection, **options)  # type: ignore[arg-type]  # as above
    assert [outcome.status for outcome in again.outcomes] == ["accepted"]
    assert unjudged_dates(paths) == []
