"""A site's baselines with the blend in place of TOWT alone: what the monthly analysis can take."""

from dataclasses import replace

import numpy as np

from cei_assets.contracts.vocabulary import ModelKind
from cei_assets.core.baseline.arrays import FloatArray, IntArray
from cei_assets.core.baseline.batch import fit_batch, predict_batch, predict_left_out
from cei_assets.core.baseline.blend_settings import BlendSettings
from cei_assets.core.baseline.design import cell_grid
from cei_assets.core.baseline.fit import SiteFit, fit_site
from cei_assets.core.baseline.frame import HOURS_PER_WEEK, SiteFrame
from cei_assets.core.baseline.robust import hour_of_week_scale, mean_where
from cei_assets.core.baseline.shared import Training

BLENDED = (ModelKind.TOWT, ModelKind.HOUR_OF_WEEK_SEASONAL)
DAYS_PER_WEEK = 7


def fit_site_blended(
    frame: SiteFrame,
    *,
    start: int,
    stop: int,
    settings: BlendSettings,
    drivers: FloatArray | None = None,
) -> SiteFit:
    """As `fit.fit_site`, with expectations, left-out months and scales of the blend.

    What says how good the history is, which hours are supported and which coefficients are
    published stays that of TOWT; meters with a profile, or none, keep what they have. `drivers`
    (hours of the frame, Q) are further regressors, such as production volume. Leaving every month
    out costs a fit each.
    """
    plain = fit_site(frame, start=start, stop=stop, settings=settings.baseline)
    chosen = np.flatnonzero([kind in BLENDED for kind in plain.kinds])
    if not chosen.size:
        return plain
    training = _training(plain, drivers, stop)
    expected = predict_batch(
        fit_batch([training], settings), [training.frame], drivers=[training.drivers]
    )[0]
    left_out = predict_left_out([training], [_blocks(plain)], settings)[0]
    merged = replace(
        plain,
        expected=_with(plain.expected, expected, chosen),
        left_out=_with(plain.left_out, left_out, chosen),
    )
    return replace(merged, scale=_with(plain.scale, _scales(merged, settings), chosen))


def _training(plain: SiteFit, drivers: FloatArray | None, stop: int) -> Training:
    """The fit's window with what may be fitted, and nothing else, in its usage."""
    usable = plain.past.usable
    size = len(plain.window.hours)
    return Training(
        frame=replace(plain.window, usage=np.where(usable, plain.window.usage, np.nan)),
        train=np.arange(size) < plain.split,
        drivers=None if drivers is None else drivers[stop - size : stop],
    )


def _blocks(plain: SiteFit) -> IntArray:
    """Month of every hour (T,), or its week in a short baseline."""
    if plain.is_month_blocked:
        return plain.window.month
    return np.asarray((plain.window.day - plain.window.day[:1]) // DAYS_PER_WEEK)


def _with(plain: FloatArray, blended: FloatArray, chosen: IntArray) -> FloatArray:
    """Rows of the blend where it is chosen and the plain ones elsewhere."""
    merged = plain.copy()
    merged[chosen] = blended[chosen]
    return merged


def _scales(fit: SiteFit, settings: BlendSettings) -> FloatArray:
    """Robust scales (M, 168) of the left-out residuals; see `fit`."""
    usage, usable = fit.window.usage[:, : fit.split], fit.past.usable[:, : fit.split]
    residual = usage - fit.left_out[:, : fit.split]
    residual = np.where(np.isfinite(residual), residual, usage - fit.expected[:, : fit.split])
    grid = cell_grid(fit.window.hour_of_week[: fit.split], HOURS_PER_WEEK)
    floor = settings.baseline.min_scale_share * mean_where(usage, usable)
    return hour_of_week_scale(residual, usable & np.isfinite(residual), grid, floor)
