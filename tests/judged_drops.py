"""Every file that waits in the landing folders of a data folder, judged by the real intake."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from cei_assets.contracts.vocabulary import UploadSource
from cei_assets.core.intake.files import judge_file
from cei_assets.core.intake.verdict import Limits, ReceiptFacts, Verdict
from cei_assets.storage.paths import DataPaths
from cei_assets.storage.register import load_register
from tests.intake_drops import in_memory

SOURCES = (UploadSource.CSV_DROP, UploadSource.CEI_API, UploadSource.TEMPERATURE)


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A drop and its verdict; `position` counts the drops in the order of their arrival."""

    position: int
    path: Path
    source: UploadSource
    verdict: Verdict


def judge_landing(paths: DataPaths, *, as_of: datetime) -> list[Judged]:
    """Verdicts on all drops, oldest first, under the register beside them; the clock is `as_of`."""
    register = load_register(paths)
    register.raise_for_errors()
    waiting = sorted(
        ((file.stat().st_mtime, file, source) for source in SOURCES
         for file in paths.landing(source.value).glob("*") if file.is_file()),
    )  # fmt: skip
    judged = []
    for position, (_, path, source) in enumerate(waiting):
        receipt = ReceiptFacts(
            receipt_id=f"{position:024d}",
            upload_source=source.value,
            received_at_utc=as_of.astimezone(UTC).replace(tzinfo=None),
            received_date=as_of.date(),
        )
        with path.open("rb") as stream, in_memory() as connection:
            verdict = judge_file(
                stream=stream,
                sidecar=None,
                connection=connection,
                register=register.tables,
                receipt=receipt,
                limits=Limits(),
            )
        judged.append(Judged(position=position, path=path, source=source, verdict=verdict))
    return judged


def latest_readings(drops: list[Judged]) -> pa.Table:
    """The value that holds for every interval, whole watt-hours beside the exact kWh.

    Columns site_id, meter_id, interval_start_utc, usage_kwh, versions; ordered by the first three.
    """
    parts = [
        drop.verdict.readings.table().append_column(
            "position", pa.array([drop.position] * drop.verdict.rows_accepted, pa.int64())
        )
        for drop in drops
        if drop.verdict.readings is not None
    ]
    with in_memory() as connection:
        connection.register("received", pa.concat_tables(parts, promote_options="permissive"))
        return connection.sql(
            "SELECT site_id, meter_id, interval_start_utc, "
            "arg_max(usage_kwh, position) AS usage_kwh, "
            "count(DISTINCT usage_kwh) AS versions "
            "FROM received GROUP BY ALL ORDER BY ALL"
        ).to_arrow_table()
