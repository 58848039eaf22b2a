"""Rows of a backtest as Arrow tables, one row per object, NaN as null."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import pyarrow as pa

from cei_assets.core.backtest.coverage import CoverageRow, PlaceboYear
from cei_assets.core.backtest.portfolio import PortfolioRow
from cei_assets.core.backtest.run import Comparison, Setting

_SETTING = [("scheme", pa.string()), ("direction", pa.string()), ("with_holidays", pa.bool_())]

SCORES = pa.schema(
    [
        *_SETTING,
        ("site_id", pa.string()),
        ("meter_id", pa.string()),
        ("model", pa.string()),
        ("hours", pa.int64()),
        ("mean_kwh", pa.float64()),
        ("cv_rmse_hourly", pa.float64()),
        ("cv_rmse_daily", pa.float64()),
        ("cv_rmse_monthly", pa.float64()),
        ("nmbe", pa.float64()),
        ("failure", pa.string()),
    ]
)
PORTFOLIO = pa.schema(
    [
        *_SETTING,
        ("model", pa.string()),
        ("reference", pa.string()),
        ("meters", pa.int64()),
        ("failures", pa.int64()),
        ("cv_rmse_hourly", pa.float64()),
        ("cv_rmse_daily", pa.float64()),
        ("cv_rmse_monthly", pa.float64()),
        ("nmbe", pa.float64()),
        ("absolute_nmbe", pa.float64()),
        ("ratio", pa.float64()),
        ("wins", pa.float64()),
        ("ratio_daily", pa.float64()),
        ("ratio_monthly", pa.float64()),
        ("milliseconds", pa.float64()),
        ("peak_mib", pa.float64()),
    ]
)
PLACEBO_YEARS = pa.schema(
    [
        *_SETTING,
        ("site_id", pa.string()),
        ("meter_id", pa.string()),
        ("model", pa.string()),
        ("interval", pa.string()),
        ("error", pa.float64()),
        ("half_width", pa.float64()),
        ("is_covered", pa.bool_()),
    ]
)
COVERAGE = pa.schema(
    [
        *_SETTING,
        ("model", pa.string()),
        ("interval", pa.string()),
        ("meters", pa.int64()),
        ("covered", pa.float64()),
        ("half_width", pa.float64()),
        ("error", pa.float64()),
    ]
)


def score_table(comparison: Comparison) -> pa.Table:
    """One row per setting, meter and model."""
    rows = [
        {"site_id": row.site_id, "meter_id": row.meter_id, **_setting(row.setting)}
        | asdict(row.score)
        for row in comparison.rows
    ]
    return _table(rows, SCORES)


def portfolio_table(rows: Sequence[PortfolioRow]) -> pa.Table:
    """One row per setting and model."""
    return _table([{**asdict(row), **_setting(row.setting)} for row in rows], PORTFOLIO)


def placebo_table(years: Sequence[PlaceboYear]) -> pa.Table:
    """One row per setting, meter and interval."""
    rows = [
        {**asdict(year), **_setting(year.setting), "is_covered": year.is_covered} for year in years
    ]
    return _table(rows, PLACEBO_YEARS)


def coverage_table(rows: Sequence[CoverageRow]) -> pa.Table:
    """One row per setting and interval."""
    return _table([{**asdict(row), **_setting(row.setting)} for row in rows], COVERAGE)


def _setting(setting: Setting) -> dict[str, Any]:
    return {
        "scheme": str(setting.scheme),
        "direction": str(setting.direction),
        "with_holidays": setting.with_holidays,
    }


def _table(rows: Sequence[dict[str, Any]], schema: pa.Schema) -> pa.Table:
    columns = [
        pa.array(
            [row[field.name] for row in rows],
            field.type,
            from_pandas=pa.types.is_floating(field.type),
        )
        for field in schema
    ]
    return pa.table(columns, schema=schema)
