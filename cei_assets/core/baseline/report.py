"""Rows of `baseline_models` and `counterfactual_hourly` from a fitted site."""

from datetime import date

import numpy as np
import pyarrow as pa

from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.tables.analysis import BASELINE_MODELS, COUNTERFACTUAL_HOURLY
from cei_assets.core.baseline.arrays import FloatArray
from cei_assets.core.baseline.errors import published_coefficients
from cei_assets.core.baseline.fit import SiteFit
from cei_assets.core.baseline.frame import timestamps
from cei_assets.core.baseline.history import insufficiency
from cei_assets.core.baseline.quality import fit_quality
from cei_assets.core.baseline.settings import BaselineSettings


def model_ids(fit: SiteFit, month: date) -> list[str]:
    """Identifiers of the models of a site's meters for a judged month."""
    return [
        f"{fit.window.site_id}/{meter_id}/{month:%Y-%m}/{kind}"
        for meter_id, kind in zip(fit.window.meter_ids, fit.kinds, strict=True)
    ]


def model_rows(fit: SiteFit, month: date, settings: BaselineSettings) -> pa.Table:
    """One row per meter (schema `baseline_models`)."""
    meters = len(fit.window.meter_ids)
    quality = fit_quality(fit)
    reasons = [insufficiency(fit.past, m, fit.kinds[m], settings) for m in range(meters)]
    end = int(fit.window.hours[fit.split])
    starts = np.append(fit.window.hours[: fit.split], end)[fit.past.first]
    return pa.table(
        {
            "model_id": model_ids(fit, month),
            "site_id": [fit.window.site_id] * meters,
            "meter_id": list(fit.window.meter_ids),
            "usage_month": [month] * meters,
            "model_kind": [str(kind) for kind in fit.kinds],
            "baseline_start_utc": timestamps(starts),
            "baseline_end_utc": timestamps(np.full(meters, end)),
            "baseline_hours": quality.hours.astype(np.int64),
            "parameter_count": fit.parameters,
            "baseline_coverage": fit.past.coverage,
            "temperature_coverage": fit.past.temperature_coverage,
            "is_sufficient": [not found for found in reasons],
            "sufficiency_reasons": pa.array(
                ["; ".join(found) or None for found in reasons], pa.string()
            ),
            "cv_rmse": _nullable(quality.cv_rmse),
            "nmbe": _nullable(quality.nmbe),
            "cv_rmse_out_of_sample": _nullable(quality.cv_rmse_out_of_sample),
            "nmbe_out_of_sample": _nullable(quality.nmbe_out_of_sample),
            "autocorrelation": _nullable(quality.autocorrelation),
            "coefficients": pa.array(
                [published_coefficients(fit, m, settings.hac_max_lags) for m in range(meters)],
                pa.string(),
            ),
        },
    ).cast(arrow_schema(BASELINE_MODELS))


def counterfactual_rows(fit: SiteFit, month: date) -> pa.Table:
    """One row per meter and judged hour with a counterfactual (`counterfactual_hourly`)."""
    level = fit.window.usage[:, fit.split :]
    expected = fit.expected[:, fit.split :]
    meter, hour = np.nonzero(np.isfinite(level) & np.isfinite(expected))
    names = np.array(fit.window.meter_ids, dtype=object)
    ids = np.array(model_ids(fit, month), dtype=object)
    hour_of_week = fit.window.hour_of_week[fit.split :][hour]
    return pa.table(
        {
            "site_id": pa.array([fit.window.site_id] * len(meter), pa.string()),
            "meter_id": pa.array(names[meter], pa.string()),
            "hour_start_utc": timestamps(fit.window.hours[fit.split :][hour]),
            "usage_month": pa.array([month] * len(meter), pa.date32()),
            "model_id": pa.array(ids[meter], pa.string()),
            "level_kwh": level[meter, hour],
            "counterfactual_kwh": expected[meter, hour],
            "residual_kwh": level[meter, hour] - expected[meter, hour],
            "residual_scale_kwh": fit.scale[meter, hour_of_week],
        },
    ).cast(arrow_schema(COUNTERFACTUAL_HOURLY))


def _nullable(values: FloatArray) -> pa.Array:
    return pa.array(values, pa.float64(), from_pandas=True)
