"""A client's own export against what is stored: what `cei reconcile` computes and writes."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pyarrow as pa
import pyarrow.compute as pc
import typer
from pyarrow import csv as pa_csv
from sqlalchemy import select

from cei_assets.core.intake.sidecar import read_sidecar
from cei_assets.core.reconciliation.comparison import reconcile, stored_windows
from cei_assets.core.reconciliation.verdict import Reconciliation
from cei_assets.gateway.state.database import autocommitting, open_state
from cei_assets.gateway.state.tables import JOURNALS
from cei_assets.settings import Settings
from cei_assets.storage.atomic import write_bytes
from cei_assets.storage.duckdb_session import connect
from cei_assets.storage.file_check import FileVerdict, judge_file
from cei_assets.storage.landing import SIDECAR_SUFFIX
from cei_assets.storage.register import load_register
from cei_assets.storage.stored_readings import stored_readings

MOST_TOLERANCE = 1_000_000


@dataclass(frozen=True, kw_only=True)
class ReconciledFile:
    """A file, how intake reads it, and how it compares with what is stored.

    `zones` names the time zone of every registered site.
    """

    judged: FileVerdict
    result: Reconciliation
    published_at_utc: datetime | None
    zones: Mapping[str, str]

    @property
    def refused_by_code(self) -> dict[str, int]:
        """Refused rows by code."""
        return dict(Counter(self.judged.verdict.rejects["code"].to_pylist()))


def zone_option(timezone: str | None, *, file: Path) -> str | None:
    """The zone given for a file; typer.BadParameter for an unknown one, or another sidecar's."""
    if timezone is None:
        return None
    sidecar = file.with_name(file.name + SIDECAR_SUFFIX)
    text = sidecar.read_text(encoding="utf-8", errors="replace") if sidecar.exists() else None
    said = read_sidecar(text).timezone
    if said not in (None, timezone):
        raise typer.BadParameter(
            f"{timezone!r}, but the file's sidecar names {said!r}; keep one of them",
            param_hint="--timezone",
        )
    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise typer.BadParameter(
            f"{timezone!r} is no IANA zone such as Europe/Rome", param_hint="--timezone"
        ) from error
    return timezone


def kwh_option(text: str) -> Decimal:
    """Energy given as text; typer.BadParameter unless it is between 0 and 1,000,000 kWh."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or not 0 <= value <= MOST_TOLERANCE:
        raise typer.BadParameter(
            f"{text!r} is no energy between 0 and {MOST_TOLERANCE} kWh, such as 0.01",
            param_hint="--tolerance",
        )
    return value


def refuse_overwriting(out: Path | None, *, file: Path) -> None:
    """Raises typer.BadParameter when the differences would replace the export itself."""
    if out is not None and out.exists() and out.samefile(file):
        raise typer.BadParameter("that is the export itself", param_hint="--out")


def reconcile_file(
    file: Path, *, settings: Settings, timezone: str | None, tolerance_kwh: Decimal
) -> ReconciledFile:
    """Compare a file with the stored readings; nothing of it is stored.

    `timezone` is that of timestamps without offset where the sidecar names none. Raises
    RegisterError when the register has errors.
    """
    judged = judge_file(file, settings=settings, timezone=timezone)
    stored = stored_readings(
        settings, windows=stored_windows(judged.verdict), journals=_open_journals(settings)
    )
    with connect(None, read_only=False, settings=settings.session) as connection:
        result = reconcile(
            connection,
            verdict=judged.verdict,
            stored=stored.readings,
            tolerance_kwh=tolerance_kwh,
        )
    sites = load_register(settings.paths).tables["sites"]
    return ReconciledFile(
        judged=judged,
        result=result,
        published_at_utc=stored.published_at_utc,
        zones=dict(zip(sites["site_id"].to_pylist(), sites["timezone"].to_pylist(), strict=True)),
    )


def _open_journals(settings: Settings) -> list[tuple[Path, int]]:
    """Journals of a gateway that it has not handed over yet, with the bytes that count."""
    folder = settings.paths.journal
    if not any(folder.glob("*.jsonl")):
        return []
    engine = open_state(settings)
    try:
        with autocommitting(engine) as connection:
            journals = connection.execute(select(JOURNALS)).mappings().all()
    finally:
        engine.dispose()
    return [(folder / journal["name"], journal["committed_bytes"]) for journal in journals]


def write_differences(result: Reconciliation, target: Path) -> None:
    """Write the intervals that differ as CSV, whole or not at all; times in UTC."""
    found = result.differences
    at = found.column_names.index("interval_start_utc")
    seconds = found["interval_start_utc"].cast(pa.timestamp("s"))
    instants = pc.strftime(seconds, "%Y-%m-%dT%H:%M:%SZ")
    sink = pa.BufferOutputStream()
    pa_csv.write_csv(found.set_column(at, "interval_start_utc", instants), sink)
    write_bytes(target, sink.getvalue().to_pybytes())
