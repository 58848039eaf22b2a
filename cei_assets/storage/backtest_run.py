"""Runs a backtest and writes its page and tables."""

import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pacsv

from cei_assets.core.backtest.coverage import CoverageRow, PlaceboYear, coverage_rows, placebo_years
from cei_assets.core.backtest.models import BLEND, TOWT, Model, own_models
from cei_assets.core.backtest.portfolio import PortfolioRow, portfolio_rows
from cei_assets.core.backtest.run import Comparison, compare
from cei_assets.core.backtest.splits import Scheme, has_holidays
from cei_assets.core.backtest.tables import (
    coverage_table,
    placebo_table,
    portfolio_table,
    score_table,
)
from cei_assets.core.baseline.blend_settings import BlendSettings
from cei_assets.core.baseline.frame import SiteFrame
from cei_assets.core.savings.settings import SavingsSettings
from cei_assets.storage.atomic import write_bytes, write_parquet

PAGE = "backtest.html"


@dataclass(frozen=True, kw_only=True)
class Backtest:
    """What a backtest found; ratios are against `reference`."""

    reference: str
    comparison: Comparison
    portfolio: list[PortfolioRow]
    years: list[PlaceboYear]
    coverage: list[CoverageRow]

    def tables(self) -> dict[str, pa.Table]:
        """Every table by its name."""
        return {
            "portfolio": portfolio_table(self.portfolio),
            "coverage": coverage_table(self.coverage),
            "scores": score_table(self.comparison),
            "placebo_years": placebo_table(self.years),
        }

    def write(self, folder: Path, *, subject: str, facts: Sequence[str]) -> Path:
        """Writes the page and every table as CSV and Parquet; returns the page."""
        from cei_assets.core.reports.backtest import BacktestReport, render_backtest

        tables = self.tables()
        for name, table in tables.items():
            write_parquet(folder / f"{name}.parquet", table.to_batches(), schema=table.schema)
            text = io.BytesIO()
            pacsv.write_csv(table, text)
            write_bytes(folder / f"{name}.csv", text.getvalue())
        page = render_backtest(
            BacktestReport(
                subject=subject,
                facts=facts,
                reference=self.reference,
                model=BLEND,
                portfolio=tables["portfolio"],
                coverage=tables["coverage"],
                scores=tables["scores"],
            )
        )
        write_bytes(folder / PAGE, page.encode())
        return folder / PAGE


def run_backtest(
    batches: Iterable[Sequence[SiteFrame]],
    *,
    others: Sequence[Model],
    is_blocked: bool,
    cpu_clock: Callable[[], float],
    told: Callable[[str], None],
) -> Backtest:
    """Compares our models, the naive ones and `others`; ratios are against the first of `others`.

    Without `others` they are against TOWT. Public holidays are tried both ways where a calendar of
    the batch names any.
    """
    blend, savings = BlendSettings(), SavingsSettings()
    schemes = (Scheme.YEAR_AHEAD, *([Scheme.BLOCKED] if is_blocked else []))
    comparison = Comparison()
    years: list[PlaceboYear] = []
    for frames in batches:
        calendars = (True, False) if has_holidays(frames) else (False,)
        comparison.add(
            compare(
                frames,
                [*own_models(blend), *others],
                calendars=calendars,
                schemes=schemes,
                cpu_clock=cpu_clock,
                told=told,
            )
        )
        told("placebo years")
        years += placebo_years(frames, calendars=calendars, blend=blend, savings=savings)
    reference = others[0].name if others else TOWT
    return Backtest(
        reference=reference,
        comparison=comparison,
        portfolio=portfolio_rows(comparison, reference),
        years=years,
        coverage=coverage_rows(years),
    )
