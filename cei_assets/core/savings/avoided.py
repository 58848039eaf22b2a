"""Avoided energy of measures: counterfactual less metered (IPMVP Option C, whole facility)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy import stats

from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.tables.analysis import AVOIDED_ENERGY
from cei_assets.core.baseline.arrays import FloatArray
from cei_assets.core.baseline.fit import SiteFit, fit_site
from cei_assets.core.baseline.frame import SiteFrame, site_frames, timestamps
from cei_assets.core.baseline.history import insufficiency
from cei_assets.core.baseline.quality import fit_quality
from cei_assets.core.baseline.settings import BaselineSettings
from cei_assets.core.savings.settings import SavingsSettings

HOURS_PER_MONTH = 8760 / 12


@dataclass(frozen=True, kw_only=True)
class _Reported:
    """Sums over the reporting hours that have both a meter value and a counterfactual."""

    hours: int
    metered: float
    expected: float


def avoided_energy(
    *,
    measures: pa.Table,
    usage: pa.Table,
    site_hours: pa.Table,
    meters: pa.Table,
    as_of: datetime,
    baseline: BaselineSettings,
    settings: SavingsSettings,
) -> pa.Table:
    """One row for every measure in place before `as_of` (schema `avoided_energy`).

    Baseline: the `baseline.baseline_days` before the local day `implemented_on`; reporting period:
    from the start of that day to `as_of`. Only complete hours with a counterfactual are summed; the
    reasons say how many were not. `as_of` without a zone is UTC. The 90 % interval comes from the
    spread of left-out months (placebo errors); the ASHRAE figure stands beside it for compliance.
    A measure whose site has no hours after it, or that is not yet in place, has no row. Raises
    ValueError for a measure on an unknown meter.
    """
    end_hour = _hour_of(as_of)
    rows = []
    for measure in measures.sort_by("measure_id").to_pylist():
        frame = _meter_frame(measure, usage=usage, site_hours=site_hours, meters=meters)
        start = int(np.searchsorted(frame.day, _day_number(measure["implemented_on"])))
        stop = int(np.searchsorted(frame.hours, end_hour))
        if start < stop:
            fit = fit_site(frame, start=start, stop=stop, settings=baseline)
            rows.append(_row(measure, fit, baseline, settings))
    return pa.Table.from_pylist(rows, schema=arrow_schema(AVOIDED_ENERGY))


def _hour_of(instant: datetime) -> int:
    """First whole hour since 1970-01-01 UTC that is not over at the instant."""
    aware = instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant
    return int(aware.timestamp() // 3600)


def _day_number(day: date) -> int:
    return (day - date(1970, 1, 1)).days


def _meter_frame(
    measure: dict[str, object], *, usage: pa.Table, site_hours: pa.Table, meters: pa.Table
) -> SiteFrame:
    site_id, meter_id = measure["site_id"], measure["meter_id"]

    def own(table: pa.Table) -> pa.Table:
        at_site = pc.equal(table["site_id"], site_id)
        if "meter_id" not in table.column_names:
            return table.filter(at_site)
        return table.filter(pc.and_(at_site, pc.equal(table["meter_id"], meter_id)))

    registered, calendar = own(meters), own(site_hours)
    if not (registered.num_rows and calendar.num_rows):
        raise ValueError(
            f"measure {measure['measure_id']!r} is on meter {meter_id!r} of site {site_id!r}, "
            "which is not registered or whose site has no calendar"
        )
    return next(site_frames(usage=own(usage), site_hours=calendar, meters=registered))


def _row(
    measure: dict[str, object],
    fit: SiteFit,
    baseline: BaselineSettings,
    settings: SavingsSettings,
) -> dict[str, object]:
    reported = _reported(fit)
    avoided = reported.expected - reported.metered
    share = placebo_share(fit, settings)
    reasons = _reasons(fit, reported, share, baseline, settings)
    # Without placebo months the width is unknown: the interval then holds everything possible.
    width = reported.expected * (1.0 if np.isnan(share) else share)
    quality = fit_quality(fit)
    uncertainty = ashrae_uncertainty(
        avoided_share=avoided / reported.expected if reported.expected > 0 else 0.0,
        cv_rmse=float(quality.cv_rmse[0]),
        autocorrelation=float(quality.autocorrelation[0]),
        baseline_hours=int(quality.hours[0]),
        parameters=int(fit.parameters[0]),
        reporting_hours=reported.hours,
        settings=settings,
    )
    hours = np.append(fit.window.hours, fit.window.hours[-1] + 1)
    starts = timestamps(hours[[int(fit.past.first[0]), fit.split, -1]]).to_pylist()
    return {
        "measure_id": measure["measure_id"],
        "site_id": measure["site_id"],
        "meter_id": measure["meter_id"],
        "model_kind": str(fit.kinds[0]),
        "baseline_start_utc": starts[0],
        "baseline_end_utc": starts[1],
        "baseline_hours": int(quality.hours[0]),
        "reporting_start_utc": starts[1],
        "reporting_end_utc": starts[2],
        "reporting_hours": reported.hours,
        "metered_kwh": reported.metered,
        "counterfactual_kwh": reported.expected,
        "avoided_kwh": avoided,
        "avoided_low_kwh": avoided - width,
        "avoided_high_kwh": avoided + width,
        "ashrae_uncertainty": uncertainty,
        "is_detectable": bool(abs(avoided) > width) and not np.isnan(share),
        "is_sufficient": not reasons,
        "sufficiency_reasons": "; ".join(reasons) or None,
    }


def _reported(fit: SiteFit) -> _Reported:
    level = fit.window.usage[0, fit.split :]
    expected = fit.expected[0, fit.split :]
    both = np.isfinite(level) & np.isfinite(expected)
    return _Reported(
        hours=int(both.sum()),
        metered=float(level[both].sum()),
        expected=float(expected[both].sum()),
    )


def _reasons(
    fit: SiteFit,
    reported: _Reported,
    share: float,
    baseline: BaselineSettings,
    settings: SavingsSettings,
) -> list[str]:
    reasons = list(insufficiency(fit.past, 0, fit.kinds[0], baseline))
    offered = len(fit.window.hours) - fit.split
    if reported.hours < baseline.min_hour_coverage * offered:
        reasons.append(
            f"{reported.hours} of {offered} hours of the reporting period are complete and have "
            f"a counterfactual, {baseline.min_hour_coverage:.0%} needed"
        )
    if np.isnan(share):
        reasons.append(
            f"fewer than {settings.min_placebo_months} months of the baseline could be left out "
            "to calibrate the interval"
        )
    return reasons


def placebo_share(fit: SiteFit, settings: SavingsSettings) -> float:
    """Half-width of the interval of a sum, as a share of the counterfactual.

    Every baseline month, predicted by the fit without it, is a placebo: its saving is known to be
    zero. With s the root mean square of their relative errors over K months, the half-width is
    t(K - 1) s sqrt(1 + 1 / K), that of one further month, whatever the length of the sum: a load's
    bias lasts and does not average out over months (`benchmarks/year_ahead.py` prints how often
    the interval of a placebo year holds). NaN with fewer than `settings.min_placebo_months` months.
    """
    errors = placebo_errors(fit)
    if len(errors) < settings.min_placebo_months:
        return float("nan")
    spread = float(np.sqrt(np.mean(errors**2)))
    quantile = float(stats.t.ppf(0.5 + settings.confidence / 2.0, len(errors) - 1))
    return quantile * spread * float(np.sqrt(1.0 + 1.0 / len(errors)))


def placebo_errors(fit: SiteFit) -> FloatArray:
    """Relative error of the energy of every left-out baseline month of the first meter."""
    if not fit.is_month_blocked:
        return np.array([])
    usage = fit.window.usage[0, : fit.split]
    expected = fit.left_out[0, : fit.split]
    both = fit.past.usable[0, : fit.split] & np.isfinite(usage) & np.isfinite(expected)
    month = fit.window.month[: fit.split][both] - fit.window.month[0]
    size = np.bincount(month)
    metered = np.bincount(month, usage[both])
    predicted = np.bincount(month, expected[both])
    # A sliver of a month at the edge of the period is no placebo for a month.
    full = (size >= HOURS_PER_MONTH / 2) & (predicted > 0)
    return np.asarray((metered[full] - predicted[full]) / predicted[full])


def ashrae_uncertainty(
    *,
    avoided_share: float,
    cv_rmse: float,
    autocorrelation: float,
    baseline_hours: int,
    parameters: int,
    reporting_hours: int,
    settings: SavingsSettings,
) -> float | None:
    """Fractional savings uncertainty dE/E (ASHRAE Guideline 14-2014, annex B).

    t * 1.26 * CV * sqrt(n / n' * (1 + 2 / n') / m) / F with n' = n (1 - rho) / (1 + rho); n
    baseline and m reporting hours, F the avoided share. None where it is not defined.
    """
    freedom = baseline_hours - parameters
    defined = np.isfinite([cv_rmse, autocorrelation]).all() and freedom > 0
    if not defined or avoided_share == 0.0 or reporting_hours == 0 or autocorrelation >= 1.0:
        return None
    effective = baseline_hours * (1.0 - autocorrelation) / (1.0 + autocorrelation)
    quantile = float(stats.t.ppf(0.5 + settings.confidence / 2.0, freedom))
    return abs(
        quantile
        * settings.ashrae_factor
        * cv_rmse
        * float(np.sqrt(baseline_hours / effective * (1.0 + 2.0 / effective) / reporting_hours))
        / avoided_share
    )
