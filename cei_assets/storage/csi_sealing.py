"""Payment runs from the warehouse into their sealed files."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from cei_assets.settings import Settings
from cei_assets.storage.csi_payments import seal_payment_runs
from cei_assets.storage.duckdb_session import connect

_RUNS = "select run_quarter, run_cutoff_utc from intermediate.int_csi_runs order by run_quarter"
_LINES = """
    select * from marts.fct_csi_payments
    order by run_quarter, application_id, paid_quarter, quantity_unit
"""


@dataclass(frozen=True, kw_only=True)
class SealedNow:
    """Quarters whose payment runs were sealed, the lines they hold and their sum."""

    quarters: tuple[str, ...]
    lines: int
    amount_usd: Decimal


def seal_due_runs(settings: Settings, *, sealed_at_utc: datetime) -> SealedNow:
    """Seal every payment run of the warehouse that is due and not sealed yet.

    `sealed_at_utc` is naive UTC, the clock of the build. Raises SealError when the warehouse holds
    other lines for a sealed run than its file.
    """
    with connect(settings.paths.warehouse, read_only=True, settings=settings.session) as connection:
        runs = connection.execute(_RUNS).to_arrow_table()
        lines = connection.execute(_LINES).to_arrow_table()
    sealed = seal_payment_runs(settings.paths, lines=lines, runs=runs, sealed_at_utc=sealed_at_utc)
    amounts = zip(lines["run_quarter"].to_pylist(), lines["amount_usd"].to_pylist(), strict=True)
    return SealedNow(
        quarters=sealed.quarters,
        lines=sealed.lines,
        amount_usd=sum(
            (amount for quarter, amount in amounts if quarter in sealed.quarters), Decimal(0)
        ),
    )
