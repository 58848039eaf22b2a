"""Thresholds of the detection rules.

All are this project's own, chosen on simulated loads without waste, on the simulated pilot and on
waste injected into every second Fox building in 2017; `benchmarks/detection.py` prints what they
give there and on the buildings that were left aside. Scales are robust standard deviations of the
meter's own left-out residuals.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class DetectionSettings:
    """When a rule fires; shares are of the quantity named, energies per hour."""

    closed_margin_hours: int = 1
    """Hours next to opening hours are ramps, not closed hours."""
    min_contrast: float = 1.15
    """Without operating hours, occupied over unoccupied use from which closed hours exist."""
    min_occupied_hours: int = 3
    """Without operating hours, occupied hours of a weekday that make it a working day."""
    attainable_share: float = 0.10
    """Quantile of comparable nights that counts as attained."""
    recent_days: int = 90
    """Comparable nights are also taken from the last days alone, because seasons change."""
    min_comparable: int = 5
    """Comparable nights without which no attainable level is known."""
    night_score: float = 5.0
    """Night-to-night standard deviations above the attainable level."""
    night_min_share: float = 0.20
    """Least excess of a night as a share of the attainable level."""
    night_min_mean_share: float = 0.05
    """Least excess of a night as a share of the meter's mean use."""
    night_run: int = 3
    """Consecutive nights that make an episode."""
    weekend_score: float = 6.0
    """Standard deviations above the attainable level of a non-working day's eight hours."""
    weekend_min_share: float = 0.25
    """Least excess on a non-working day as a share of the attainable level."""
    spike_score: float = 6.5
    """Residual scales of an hour of the week above the counterfactual."""
    spike_quantile: float = 0.999
    """Share of the baseline's own standardised residuals a spike has to exceed."""
    spike_reach: float = 1.3
    """Times that quantile: what a year of the meter's own tail has reached is no news."""
    spike_min_share: float = 0.30
    """Least excess of a spike as a share of the counterfactual."""
    spike_min_mean_share: float = 0.30
    """Least excess of a spike as a share of the meter's mean use."""
    spike_max_hours: int = 6
    """Longest run of hours that is a spike and not a deviation."""
    deviation_slack: float = 1.5
    """Daily standard deviations that the CUSUM forgives each day (Page 1954)."""
    deviation_limit: float = 6.0
    """CUSUM in daily standard deviations that raises an alarm."""
    deviation_cap: float = 3.0
    """Daily standard deviations above which a day counts no more: one day is not sustained."""
    deviation_quantile: float = 0.95
    """The limit is not below this quantile of the baseline's own left-out CUSUM."""
    deviation_min_share: float = 0.10
    """Least mean excess of a deviation as a share of the counterfactual."""
    deviation_bias_score: float = 2.5
    """Least mean excess in standard deviations of the monthly bias of left-out expectations."""
    min_day_hours: int = 12
    """Judged hours without which a day has no daily mean."""
    drift_smooth_days: int = 7
    """Days of the trailing quantile of the baseload residual."""
    drift_low_share: float = 0.2
    """That quantile: with seven days the second lowest, so that a weekend without rise counts."""
    drift_run_days: int = 7
    """Consecutive days above the limit that make a drift lasting."""
    drift_score: float = 2.5
    """Scales of the smoothed baseload residual above zero."""
    drift_min_share: float = 0.08
    """Least rise of the baseload as a share of the expected baseload."""
    baseload_hours: int = 6
    """Hours of a day with the lowest expected use that make its baseload."""
    interval_score: float = 1.645
    """Standard deviations of a two-sided 90 % interval."""
