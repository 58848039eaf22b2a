"""Files are there whole or not at all."""

import os
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cei_assets.storage.atomic import incoming, replacing, write_bytes, write_parquet


def test_a_file_is_replaced_at_once(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "file"
    write_bytes(path, b"one")
    write_bytes(path, b"two")
    assert path.read_bytes() == b"two"
    assert list(path.parent.iterdir()) == [path]


def test_an_error_leaves_the_earlier_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_bytes(path, b"one")
    with pytest.raises(TypeError), replacing(path) as file:
        file.writelines([b"half", "no bytes"])  # type: ignore[list-item]  # the error it is about
    assert path.read_bytes() == b"one"
    assert list(tmp_path.iterdir()) == [path]


def test_what_is_not_kept_disappears(tmp_path: Path) -> None:
    with incoming(tmp_path) as copy:
        copy.file.write(b"x")
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_is_removed_and_a_living_one_s_is_not(tmp_path: Path) -> None:
    gone = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"],
                          capture_output=True, text=True, check=True).stdout.strip()  # fmt: skip
    (tmp_path / f".file.{gone}.tmp").write_bytes(b"left")
    (tmp_path / f".file.{os.getppid()}.tmp").write_bytes(b"in use")
    (tmp_path / ".file.somebody.tmp").write_bytes(b"not ours")
    write_bytes(tmp_path / "file", b"x")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        f".file.{os.getppid()}.tmp", ".file.somebody.tmp", "file",
    ]  # fmt: skip


def test_parquet_holds_plain_types_and_an_empty_file_keeps_its_columns(tmp_path: Path) -> None:
    coded = pa.record_batch({"a": pa.array(["x", "x", "y"]).dictionary_encode(), "n": [1, 2, 3]})
    write_parquet(tmp_path / "rows.parquet", [coded, coded], schema=coded.schema)
    table = pq.read_table(tmp_path / "rows.parquet")
    assert table.schema.field("a").type == pa.string()
    assert table["n"].to_pylist() == [1, 2, 3, 1, 2, 3]
    schema = pa.schema([("d", pa.decimal128(18, 9)), ("t", pa.timestamp("us"))])
    write_parquet(tmp_path / "none.parquet", [], schema=schema)
    assert pq.read_table(tmp_path / "none.parquet").schema.types == schema.types
