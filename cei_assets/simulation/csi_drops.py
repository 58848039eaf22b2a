"""Puts the simulated programme where real uploads arrive: pairs in landing folders, register."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import orjson

from cei_assets.simulation.csi_design import ProgrammeDesign
from cei_assets.simulation.csi_programme import SimulatedUpload, csi_uploads
from cei_assets.simulation.csi_register_text import register_texts
from cei_assets.storage.landing import FORM_SUFFIX
from cei_assets.storage.paths import DataPaths
from cei_assets.storage.register import write_register_csv


@dataclass(frozen=True, kw_only=True)
class WrittenProgramme:
    """How many uploads were written and the bytes of their files, forms not counted."""

    uploads: int
    size_bytes: int


def write_programme(design: ProgrammeDesign, *, paths: DataPaths) -> WrittenProgramme:
    """Write register files and every upload with its `.form.json` below the data folder.

    A pair's modification time is its time of submission, so the same design gives the same
    receipts. A file appears before its form, each whole.
    """
    write_register_csv(paths, register_texts(design))
    uploads = size_bytes = 0
    for upload in csi_uploads(design):
        land(upload, paths=paths)
        uploads += 1
        size_bytes += len(upload.content)
    return WrittenProgramme(uploads=uploads, size_bytes=size_bytes)


def land(upload: SimulatedUpload, *, paths: DataPaths) -> Path:
    """Write one upload and its form into its landing folder; returns the file."""
    folder = paths.landing(upload.source.value)
    folder.mkdir(parents=True, exist_ok=True)
    submitted = datetime.fromisoformat(str(upload.form["submitted_at"])).astimezone(UTC)
    file = folder / upload.filename
    _put(file, upload.content, written_at=submitted)
    _put(folder / f"{file.name}{FORM_SUFFIX}", orjson.dumps(upload.form), written_at=submitted)
    return file


def _put(path: Path, content: bytes, *, written_at: datetime) -> None:
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.write_bytes(content)
    os.utime(temporary, (written_at.timestamp(), written_at.timestamp()))
    temporary.replace(path)
