"""The analysis of one batch of meters: what Dagster calls and reports read.

Arrow in, Arrow out, no file, no clock: baselines and flagged hours of judged months, avoidable
energy, its yearly figure and the verified savings of measures.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

import numpy as np
import pyarrow as pa

from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.tables.analysis import (
    BASELINE_MODELS,
    COUNTERFACTUAL_HOURLY,
    FLAGGED_HOURS,
)
from cei_assets.core.baseline.fit import SiteFit, fit_site
from cei_assets.core.baseline.frame import (
    SiteFrame,
    month_date,
    month_number,
    site_frames,
)
from cei_assets.core.baseline.report import counterfactual_rows, model_rows
from cei_assets.core.baseline.settings import BaselineSettings
from cei_assets.core.detection.report import flagged_rows
from cei_assets.core.detection.rules import detect
from cei_assets.core.detection.settings import DetectionSettings
from cei_assets.core.savings import annual, attribution, avoided
from cei_assets.core.savings.settings import SavingsSettings


@dataclass(frozen=True, kw_only=True)
class AnalysisSettings:
    """All thresholds of the analysis; each stands with its source in its own class."""

    baseline: BaselineSettings = field(default_factory=BaselineSettings)
    detection: DetectionSettings = field(default_factory=DetectionSettings)
    savings: SavingsSettings = field(default_factory=SavingsSettings)


@dataclass(frozen=True, kw_only=True)
class MonthlyAnalysis:
    """Rows of the judged months, each table with its contract's schema and sorted by its grain."""

    baseline_models: pa.Table
    counterfactual_hourly: pa.Table
    flagged_hours: pa.Table


def judge_months(
    *,
    usage: pa.Table,
    site_hours: pa.Table,
    meters: pa.Table,
    months: Sequence[date],
    settings: AnalysisSettings,
) -> MonthlyAnalysis:
    """Fits, predicts and judges every meter of a batch in the given site-local months.

    `usage` (site_id, meter_id, hour_start_utc, hour_usage_kwh, is_complete) and `site_hours` have
    to reach back over the baseline (`settings.baseline.baseline_days` before the first month) as
    far as it exists. Only complete hours are used. A month's rows depend on nothing after the
    month. Every registered meter has a row in `baseline_models` for every month that its site's
    calendar has; a meter that warms up has no other rows. Raises ValueError for usage of a meter
    or hour that `meters` or `site_hours` lacks.
    """
    models: list[pa.Table] = []
    expected: list[pa.Table] = []
    flagged: list[pa.Table] = []
    for frame in site_frames(usage=usage, site_hours=site_hours, meters=meters):
        for month in sorted({month_number(month) for month in months}):
            fit = _fit_month(frame, month, settings)
            if fit is None:
                continue
            models.append(model_rows(fit, month_date(month), settings.baseline))
            expected.append(counterfactual_rows(fit, month_date(month)))
            flags = detect(fit, settings.detection)
            flagged.append(flagged_rows(fit, flags, month_date(month)))
    return MonthlyAnalysis(
        baseline_models=_table(models, arrow_schema(BASELINE_MODELS)),
        counterfactual_hourly=_table(expected, arrow_schema(COUNTERFACTUAL_HOURLY)),
        flagged_hours=_table(flagged, arrow_schema(FLAGGED_HOURS)),
    )


def _fit_month(frame: SiteFrame, month: int, settings: AnalysisSettings) -> SiteFit | None:
    at = np.flatnonzero(frame.month == month)
    if not at.size:
        return None
    return fit_site(frame, start=int(at[0]), stop=int(at[-1]) + 1, settings=settings.baseline)


def _table(parts: list[pa.Table], schema: pa.Schema) -> pa.Table:
    return pa.concat_tables(parts).cast(schema) if parts else schema.empty_table()


def attribute_avoidable(*, flagged_hours: pa.Table, meters: pa.Table) -> pa.Table:
    """The part of every flagged hour that counts in totals; see `savings.attribution`."""
    return attribution.attribute_avoidable(flagged_hours=flagged_hours, meters=meters)


def annualise(
    *,
    avoidable_hours: pa.Table,
    counterfactual_hourly: pa.Table,
    meters: pa.Table,
    settings: AnalysisSettings,
    rng: np.random.Generator,
) -> pa.Table:
    """Avoidable energy of every judged site scaled to a year; see `savings.annual`."""
    return annual.annualise(
        avoidable_hours=avoidable_hours,
        counterfactual_hourly=counterfactual_hourly,
        meters=meters,
        settings=settings.savings,
        rng=rng,
    )


def avoided_energy(
    *,
    measures: pa.Table,
    usage: pa.Table,
    site_hours: pa.Table,
    meters: pa.Table,
    as_of: datetime,
    settings: AnalysisSettings,
) -> pa.Table:
    """Avoided energy of every measure since it was in place; see `savings.avoided`."""
    return avoided.avoided_energy(
        measures=measures,
        usage=usage,
        site_hours=site_hours,
        meters=meters,
        as_of=as_of,
        baseline=settings.baseline,
        settings=settings.savings,
    )
