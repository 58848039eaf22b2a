"""Spikes: short excess far outside the residuals of that hour of the week."""

import numpy as np

from cei_assets.contracts.vocabulary import EpisodeRule
from cei_assets.core.baseline.fit import SiteFit
from cei_assets.core.baseline.robust import mean_where, row_quantile
from cei_assets.core.detection.flags import Flags, run_lengths
from cei_assets.core.detection.settings import DetectionSettings


def spike(fit: SiteFit, settings: DetectionSettings) -> Flags:
    """Hours above the counterfactual by more than the meter's own residuals ever reach.

    The limit is the larger of `spike_score` scales and `spike_reach` times the `spike_quantile` of
    the baseline's left-out residuals, and at least `spike_min_share` of the counterfactual. Runs
    longer than `spike_max_hours` are no spikes.
    """
    residual = fit.residual
    scale = fit.scale[:, fit.window.hour_of_week]
    score = np.where(np.isfinite(residual), residual / np.where(scale > 0, scale, np.inf), np.nan)
    own = row_quantile(np.where(fit.past.usable, score, np.nan), settings.spike_quantile)
    limit = np.fmax(settings.spike_score, settings.spike_reach * own)
    expected = fit.window.usage - residual
    mean_use = mean_where(fit.window.usage, fit.past.usable)
    least = np.maximum(
        settings.spike_min_share * expected, settings.spike_min_mean_share * mean_use[:, None]
    )
    over = np.isfinite(score) & (score > limit[:, None]) & (residual > least)
    spread = settings.interval_score * scale
    return Flags(
        rule=EpisodeRule.SPIKE,
        fired=over & (run_lengths(over) <= settings.spike_max_hours),
        excess=np.nan_to_num(residual),
        below=spread,
        above=spread,
    )
