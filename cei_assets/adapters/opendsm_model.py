"""opendsm's hourly model as a competitor of the backtest, in another Python's process.

Its pins conflict with ours, so it lives in an environment of its own and meters go over as Parquet.
"""

import json
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from cei_assets.core.backtest.models import Expected, Model
from cei_assets.core.backtest.splits import Split
from cei_assets.core.baseline.arrays import FloatArray
from cei_assets.core.baseline.frame import SiteFrame, timestamps, whole_hours

OPENDSM = "opendsm"
WORKER = Path(__file__).with_name("opendsm_worker.py")
_CHECK = "from opendsm import __version__; import pyarrow; print(__version__)"


class OpendsmError(RuntimeError):
    """The other environment cannot be used; the message says what to install."""


def opendsm_version(python: Path) -> str:
    """The version in the environment of a Python; raises OpendsmError where there is none."""
    try:
        answer = subprocess.run(  # noqa: S603  # the person who runs the backtest names the program
            [str(python), "-c", _CHECK], capture_output=True, text=True, check=False
        )
    except OSError as error:
        raise OpendsmError(
            f"cannot start {python}: {error.strerror}; expected the Python of an environment with "
            "opendsm"
        ) from error
    if answer.returncode:
        last = (answer.stderr.strip().splitlines() or ["no message"])[-1]
        raise OpendsmError(
            f"{python} cannot import opendsm and pyarrow ({last}); install them there with "
            "pip install 'opendsm==1.2.7' 'multimethod<2' pyarrow"
        )
    return answer.stdout.strip().splitlines()[-1]


def opendsm_model(python: Path, zones: Mapping[str, str]) -> Model:
    """The model, run by `python`; `zones` names the time zone of every site.

    opendsm wants an unbroken training period, so it takes part in year-ahead cases only.
    """

    def predict(frames: Sequence[SiteFrame], splits: Sequence[Split]) -> Expected:
        with tempfile.TemporaryDirectory(prefix="cei-backtest-") as folder:
            return _predict(python, zones, frames, splits, Path(folder))

    return Model(name=OPENDSM, predict=predict, ignores_holidays=True, year_ahead_only=True)


def _predict(
    python: Path,
    zones: Mapping[str, str],
    frames: Sequence[SiteFrame],
    splits: Sequence[Split],
    folder: Path,
) -> Expected:
    source, target, report = (folder / name for name in ("in.parquet", "out.parquet", "out.json"))
    _write(source, zones, frames, splits)
    answer = subprocess.run(  # noqa: S603  # our own script, by the Python that was named
        [str(python), str(WORKER), str(source), str(target), str(report)],
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode:
        last = (answer.stderr.strip().splitlines() or ["no message"])[-1]
        raise OpendsmError(f"opendsm's process ended with {answer.returncode}: {last}")
    notes = json.loads(report.read_text(encoding="utf-8"))
    errors = {
        _place(note["meter"]): str(note["error"]) for note in notes["meters"] if note["error"]
    }
    return Expected(
        usage=_read(target, frames),
        errors=errors,
        cpu_seconds=float(sum(note["cpu_seconds"] for note in notes["meters"])),
        peak_mib=float(notes["peak_mib"]),
    )


def _place(name: str) -> tuple[int, int]:
    site, row = name.split("/")
    return int(site), int(row)


def _write(
    path: Path, zones: Mapping[str, str], frames: Sequence[SiteFrame], splits: Sequence[Split]
) -> None:
    """One row per meter and hour that is trained on or judged; a meter is named site/row."""
    schema = pa.schema(
        {
            "meter": pa.string(),
            "hour_start_utc": pa.timestamp("us"),
            "zone": pa.string(),
            "temperature_c": pa.float64(),
            "usage_kwh": pa.float64(),
            "is_train": pa.bool_(),
        }
    )
    with pq.ParquetWriter(path, schema) as writer:
        for site, (frame, split) in enumerate(zip(frames, splits, strict=True)):
            used = split.train | split.judged
            size = int(used.sum())
            for row in range(len(frame.meter_ids)):
                columns = {
                    "meter": pa.array([f"{site}/{row}"] * size),
                    "hour_start_utc": timestamps(frame.hours[used]),
                    "zone": pa.array([zones[frame.site_id]] * size),
                    "temperature_c": pa.array(frame.temperature[used], from_pandas=True),
                    "usage_kwh": pa.array(frame.usage[row, used], from_pandas=True),
                    "is_train": pa.array(split.train[used]),
                }
                writer.write_table(pa.table(columns, schema=schema))


def _read(path: Path, frames: Sequence[SiteFrame]) -> list[FloatArray]:
    """Predictions (M, T) of every site; hours that opendsm added for itself are left out."""
    usage = [np.full(frame.usage.shape, np.nan) for frame in frames]
    for part in pq.read_table(path).to_pandas().groupby("meter", sort=False):
        name, rows = part
        site, row = _place(str(name))
        hours = whole_hours(pa.chunked_array([pa.array(rows["hour_start_utc"])]))
        own = frames[site].hours
        at = np.minimum(np.searchsorted(own, hours), len(own) - 1)
        known = own[at] == hours
        # Its predictions may be negative; an expectation of use is cut at zero as ours are.
        usage[site][row, at[known]] = np.maximum(rows["predicted_kwh"].to_numpy()[known], 0.0)
    return usage
