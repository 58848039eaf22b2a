"""Sealed payment runs: what was paid is written once and never again.

A run is sealed by its file below `csi/payment_runs`; its lines are written before. That file
carries the digest of the lines, so that a later change of either shows.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cei_assets.contracts.model import Table
from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.render.pandera import validate_arrow
from cei_assets.contracts.tables.csi import CSI_PAYMENT_LINES, CSI_PAYMENT_RUNS
from cei_assets.storage.atomic import write_parquet
from cei_assets.storage.paths import DataPaths

_LINES_DIGEST = "lines_sha256"
_SEALED_AT = "sealed_at_utc"


class SealError(Exception):
    """A payment run cannot be sealed as asked; the message says which and why."""


@dataclass(frozen=True, kw_only=True)
class SealedRuns:
    """The quarters whose runs were sealed now, in order, and the lines they hold."""

    quarters: tuple[str, ...]
    lines: int

    def __str__(self) -> str:
        if not self.quarters:
            return "no payment run to seal"
        return f"sealed {', '.join(self.quarters)} with {self.lines} lines"


def sealed_quarters(paths: DataPaths) -> tuple[str, ...]:
    """Quarters whose payment run is sealed, in order."""
    return tuple(
        sorted(file.stem for file in paths.csi(CSI_PAYMENT_RUNS.name).glob("????-Q?.parquet"))
    )


def seal_payment_runs(
    paths: DataPaths, *, lines: pa.Table, runs: pa.Table, sealed_at_utc: datetime
) -> SealedRuns:
    """Seal every run of `runs` that is not sealed yet, in order of quarter.

    `runs` has `run_quarter` and `run_cutoff_utc`, `lines` the columns of `csi/payment_lines`,
    with or without `sealed_at_utc`; other columns are left out. Lines of sealed runs may be among
    them and must be the sealed ones. `sealed_at_utc` is naive UTC. A run without lines is sealed
    too. After a kill the same call gives the same files: lines without a run are not sealed.
    Raises SealError, and then has written nothing, when lines break the contract, belong to no
    run, differ from what is sealed, when a run is older than a sealed one, or when its cutoff has
    not come.
    """
    asked = dict(
        zip(runs["run_quarter"].to_pylist(), runs["run_cutoff_utc"].to_pylist(), strict=True)
    )
    sealed = sealed_quarters(paths)
    new = sorted(asked.keys() - set(sealed))
    _check_order(new, asked, sealed, sealed_at_utc)
    written = _as_lines(lines, sealed_at_utc)
    unknown = set(written["run_quarter"].to_pylist()) - asked.keys() - set(sealed)
    if unknown:
        raise SealError(
            f"lines of {', '.join(sorted(unknown))}, which is not among the runs "
            f"{', '.join(sorted(asked))}; give every run with its lines"
        )
    for quarter in sorted(set(sealed) & (asked.keys() | set(written["run_quarter"].to_pylist()))):
        _check_same(paths, quarter, _of(written, quarter))
    total = 0
    for quarter in new:
        total += _seal(paths, quarter, asked[quarter], _of(written, quarter), sealed_at_utc)
    return SealedRuns(quarters=tuple(new), lines=total)


def sealed_lines(paths: DataPaths, quarter: str) -> pa.Table:
    """The lines of a sealed run."""
    path = _path(paths, CSI_PAYMENT_LINES, quarter)
    return pq.read_table(path, partitioning=None).cast(arrow_schema(CSI_PAYMENT_LINES))


def broken_seals(paths: DataPaths) -> list[str]:
    """What was changed in sealed runs: a sentence for every run whose lines are not as sealed."""
    broken = []
    for quarter in sealed_quarters(paths):
        path = _path(paths, CSI_PAYMENT_LINES, quarter)
        footer = pq.read_metadata(_path(paths, CSI_PAYMENT_RUNS, quarter)).metadata or {}
        digest = footer.get(_LINES_DIGEST.encode(), b"").decode()
        if not path.exists():
            broken.append(f"{quarter}: {path.name} of its lines is gone; restore it from a backup")
        elif _digest(path) != digest:
            broken.append(
                f"{quarter}: the file of its lines was changed after the run was sealed; "
                "restore it from a backup"
            )
    return broken


def _check_order(
    new: Sequence[str],
    cutoffs: dict[str, datetime],
    sealed: Sequence[str],
    sealed_at_utc: datetime,
) -> None:
    for quarter in new:
        if sealed and quarter < sealed[-1]:
            raise SealError(
                f"the run of {quarter} is older than {sealed[-1]}, which is sealed; what it owes "
                "belongs to the adjustments of the next run"
            )
        if sealed_at_utc < cutoffs[quarter]:
            raise SealError(
                f"the run of {quarter} is not over before {cutoffs[quarter]} UTC; it cannot be "
                f"sealed at {sealed_at_utc}"
            )


def _as_lines(lines: pa.Table, sealed_at_utc: datetime) -> pa.Table:
    schema = arrow_schema(CSI_PAYMENT_LINES)
    names = [name for name in schema.names if name != _SEALED_AT]
    missing = [name for name in names if name not in lines.column_names]
    if missing:
        raise SealError(f"payment lines lack {', '.join(missing)}; expected {', '.join(names)}")
    stamp = pa.repeat(pa.scalar(sealed_at_utc, schema.field(_SEALED_AT).type), lines.num_rows)
    stamped = lines.select(names).append_column(_SEALED_AT, stamp).select(schema.names)
    findings = validate_arrow(CSI_PAYMENT_LINES, stamped)
    if findings:
        raise SealError(
            "payment lines break their contract:\n" + "\n".join(str(each) for each in findings)
        )
    return stamped.cast(schema).sort_by([(name, "ascending") for name in CSI_PAYMENT_LINES.grain])


def _of(lines: pa.Table, quarter: str) -> pa.Table:
    return lines.filter(pc.equal(lines["run_quarter"], quarter))


def _check_same(paths: DataPaths, quarter: str, lines: pa.Table) -> None:
    """Refuse lines of a sealed run that are not the sealed ones, whenever they were sealed."""
    held = sealed_lines(paths, quarter)
    if not lines.drop_columns(_SEALED_AT).equals(held.drop_columns(_SEALED_AT)):
        raise SealError(
            f"the run of {quarter} is sealed with {held.num_rows} lines, and other lines "
            f"({lines.num_rows}) were given for it; a sealed run never changes: corrections are "
            "adjustment lines of the next run"
        )


def _seal(
    paths: DataPaths, quarter: str, cutoff: datetime, lines: pa.Table, sealed_at_utc: datetime
) -> int:
    path = _path(paths, CSI_PAYMENT_LINES, quarter)
    write_parquet(path, lines.combine_chunks().to_batches(), schema=lines.schema)
    run = pa.Table.from_pylist(
        [{"run_quarter": quarter, "run_cutoff_utc": cutoff, _SEALED_AT: sealed_at_utc}],
        schema=arrow_schema(CSI_PAYMENT_RUNS),
    )
    write_parquet(
        _path(paths, CSI_PAYMENT_RUNS, quarter),
        run.to_batches(),
        schema=run.schema,
        metadata={_LINES_DIGEST: _digest(path)},
    )
    return int(lines.num_rows)


def _path(paths: DataPaths, table: Table, quarter: str) -> Path:
    return paths.csi(table.name) / f"{quarter}.parquet"


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
