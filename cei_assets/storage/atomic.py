"""Files that are there whole or not at all: temporary name, fsync, rename."""

import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq


def write_bytes(data: bytes, path: Path) -> None:
    """Write a file atomically and durably, making its folder."""
    temporary = _temporary(path)
    temporary.write_bytes(data)
    replace_durably(temporary, path)


def write_parquet(table: pa.Table, path: Path) -> None:
    """Write an Arrow table as one Parquet file, atomically and durably."""
    temporary = _temporary(path)
    pq.write_table(table, temporary, compression="zstd")
    replace_durably(temporary, path)


def replace_durably(temporary: Path, target: Path) -> None:
    """Give a complete file its name: on disk before the rename, and the rename on disk after."""
    _sync(temporary)
    temporary.replace(target)
    _sync(target.parent)


def _temporary(path: Path) -> Path:
    """Hidden, so that no reader's pattern meets it; of this process, so that two do not mix."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.with_name(f".{path.name}.{os.getpid()}.tmp")


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
