"""Files of CDS customer data from receipt to raw Parquet: judged, each version's rows kept once."""

import hashlib
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pyarrow as pa

from cei_assets.contracts.model import Table
from cei_assets.contracts.tables.cds import (
    CDS_COSTS,
    CDS_INTERVALS,
    CDS_REJECTS,
    CDS_RELATIONS,
    CDS_SEGMENTS,
    CDS_SUPPLY_MIX,
)
from cei_assets.contracts.tables.cds_hand_over import CDS_LISTINGS
from cei_assets.contracts.tables.cds_objects import CDS_OBJECT_TABLES
from cei_assets.contracts.tables.intake import REJECTS
from cei_assets.core.cds.finding import CdsReadError
from cei_assets.core.cds.interval_table import CdsSource
from cei_assets.core.cds.judge import CdsLimits, CdsVerdict, judge_cds, refuse_cds
from cei_assets.core.cds.sidecar import NO_SERVER, PulledPage, listing_table, read_sidecar
from cei_assets.core.cds.stored import StoredVersions
from cei_assets.core.cds.units import UNIT_TABLE_VERSION
from cei_assets.storage.archive import Receipt, receipts_of
from cei_assets.storage.atomic import write_parquet
from cei_assets.storage.build_state import add_pending
from cei_assets.storage.cds_outcome import cds_outcome, common_rejects
from cei_assets.storage.cds_versions import VersionIndex
from cei_assets.storage.intake import (
    JudgedDate,
    Outcome,
    is_cds,
    judge_each,
    judgements,
    write_outcome,
)
from cei_assets.storage.paths import DataPaths
from cei_assets.storage.problem import intake_error

# Raised when a rule changes what a file gives, so that a backfill judges files again.
READER_VERSION = "1"
_EARLY = "observed_at is later than the receipt, whose time counts"


def cds_judgement_id(limits: CdsLimits | None = None) -> str:
    """Digest of what a verdict rests on besides the file: rules, units and limits; no register."""
    facts = [READER_VERSION, UNIT_TABLE_VERSION, repr(limits or CdsLimits())]
    return hashlib.sha256("|".join(facts).encode()).hexdigest()[:16]


def judge_cds_date(
    received_date: date,
    *,
    paths: DataPaths,
    limits: CdsLimits | None = None,
    force: bool = False,
) -> JudgedDate:
    """Judges the CDS files of a day that have no outcome, or one of another judgement."""
    judgement_id = cds_judgement_id(limits)
    receipts = [receipt for receipt in receipts_of(paths, received_date) if is_cds(receipt)]
    if not receipts:
        return JudgedDate(outcomes=(), errors=())
    with VersionIndex(paths) as index:
        return judge_each(
            receipts,
            judge=lambda receipt: judge_cds_receipt(
                receipt,
                paths=paths,
                index=index,
                limits=limits or CdsLimits(),
                judgement_id=judgement_id,
            ),
            known={} if force else judgements(paths, received_date),
            judgement_id=judgement_id,
        )


def judge_cds_receipt(
    receipt: Receipt,
    *,
    paths: DataPaths,
    index: VersionIndex,
    limits: CdsLimits,
    judgement_id: str,
) -> Outcome:
    """Judges a file and stores what it shows; rows of a version only when no other receipt has.

    Judging again replaces what the receipt had. Rows are written before the index says that they
    are there, and the outcome last: an interrupted receipt is judged again, to the same tables.
    Raises IntakeError when archive or index cannot be read or there is no room.
    """
    try:
        previous = judgements(paths, receipt.received_date, receipt.receipt_id)
        if any(known != judgement_id for known in previous.values()):
            index.forget(receipt)
        judged = _judged(
            receipt,
            content=paths.archived(receipt.sha256),
            stored=index.others(receipt, judgement_id=judgement_id),
            limits=limits,
        )
        if previous:
            # Killed from here on, the outcome of before would hide that rows have moved.
            _mark(receipt, paths, is_rejudged=True)
        _write_rows(receipt, judged, paths)
        index.remember(
            receipt,
            judgement_id=judgement_id,
            versions=judged.verdict.stored,
            texts=judged.verdict.texts,
        )
        _mark(receipt, paths, is_rejudged=bool(previous))
        outcome = cds_outcome(
            receipt, judged.verdict, judgement_id=judgement_id, warnings=judged.warnings
        )
        write_outcome(paths, receipt, outcome)
    except OSError as error:
        archived = paths.archived(receipt.sha256)
        raise intake_error(error, doing="judging a file", path=archived) from error
    return outcome


@dataclass(frozen=True, kw_only=True)
class _Judged:
    """A verdict, where the file came from, and the page of a pull that it is."""

    source: CdsSource
    page: PulledPage | None
    verdict: CdsVerdict
    warnings: tuple[str, ...] = ()


def _judged(
    receipt: Receipt, *, content: Path, stored: StoredVersions, limits: CdsLimits
) -> _Judged:
    """A file is seen when its sidecar says, and no later than it was received."""
    source = CdsSource(
        receipt_id=receipt.receipt_id,
        server=NO_SERVER,
        observed_at_utc=receipt.received_at_utc,
        received_on=receipt.received_date,
    )
    try:
        sidecar = read_sidecar(receipt.sidecar)
    except CdsReadError as error:
        return _Judged(source=source, page=None, verdict=refuse_cds(error, source=source))
    observed_at = sidecar.observed_at or receipt.received_at_utc
    is_early = observed_at > receipt.received_at_utc
    source = replace(
        source,
        server=sidecar.server,
        observed_at_utc=receipt.received_at_utc if is_early else observed_at,
    )
    with content.open("rb") as file:
        verdict = judge_cds(
            file.read(limits.max_bytes + 1), source=source, limits=limits, stored=stored
        )
    return _Judged(
        source=source,
        page=sidecar.page,
        verdict=verdict,
        warnings=(_EARLY,) if is_early else (),
    )


def _write_rows(receipt: Receipt, judged: _Judged, paths: DataPaths) -> None:
    """Rows of the receipt, table by table; what an earlier judgement left is replaced or removed.

    The rejects are there even when empty, the segments, which count the others, come last.
    """
    tables = judged.verdict.tables
    for table in CDS_OBJECT_TABLES:
        _write(paths, table, receipt, tables.objects[table.name])
    _write(paths, CDS_INTERVALS, receipt, tables.intervals)
    _write(paths, CDS_RELATIONS, receipt, tables.relations)
    _write(paths, CDS_SUPPLY_MIX, receipt, tables.supply_mix)
    _write(paths, CDS_COSTS, receipt, tables.costs)
    _write(paths, CDS_LISTINGS, receipt, listing_table(judged.page, source=judged.source))
    _write(paths, REJECTS, receipt, common_rejects(receipt, judged.verdict), is_kept=True)
    _write(paths, CDS_REJECTS, receipt, tables.rejects, is_kept=True)
    _write(paths, CDS_SEGMENTS, receipt, tables.segments)


def _write(
    paths: DataPaths,
    table: Table,
    receipt: Receipt,
    rows: pa.Table,
    *,
    is_kept: bool = False,
) -> None:
    """Stores rows; without any the file is removed unless it `is_kept`."""
    path = paths.raw_partition(table.name, receipt.received_date) / f"{receipt.receipt_id}.parquet"
    if rows.num_rows == 0 and not is_kept:
        path.unlink(missing_ok=True)
        return
    write_parquet(path, rows.to_batches(), schema=rows.schema)


def _mark(receipt: Receipt, paths: DataPaths, *, is_rejudged: bool) -> None:
    """Marks the receipt for the builds of the CDS tables and of the uploads.

    Judged again, rows of a version may have moved to another receipt, also under the same rules:
    the CDS tables are built anew. A verdict of this source changes no reading by itself, so it asks
    for no full refresh of those.
    """
    for folder, again in ((paths.pending_cds, is_rejudged), (paths.pending, False)):
        add_pending(
            paths,
            receipt_id=receipt.receipt_id,
            received_date=receipt.received_date,
            is_rejudged=again,
            folder=folder,
        )
