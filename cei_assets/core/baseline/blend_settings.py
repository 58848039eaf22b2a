"""Limits and weights of the blended baseline, each with its reason."""

from dataclasses import dataclass, field

from cei_assets.core.baseline.settings import BaselineSettings


@dataclass(frozen=True, kw_only=True)
class DayModelSettings:
    """Prior of the day model: how far a day's profile follows what, in units of the noise.

    Variances are relative to each other and to `noise`. Chosen on half of the Fox buildings; the
    result hardly moves within a factor of three of any of them (docs/decisions/0017).
    """

    weekday: float = 1.0
    """Each day of the week, and working days against others, has a level of its own."""
    season_days: float = 40.0
    """Correlation length of the season."""
    season: float = 0.5
    """Variance of the season."""
    break_days: float = 7.0
    """Correlation length of what returns in the same weeks of the year: breaks, holidays."""
    breaks: float = 0.15
    """Variance of what returns in the same weeks of the year."""
    temperature_c: float = 10.0
    """Correlation length of the response to a day's mean temperature, degrees Celsius."""
    temperature: float = 3.0
    """Variance of the response to a day's mean temperature."""
    lagged_temperature: float = 0.5
    """Variance of the response to the two days before: buildings store heat."""
    shared: float = 0.4
    """Part of season and temperature that working and other days have in common."""
    apart: float = 0.6
    """Part of season and temperature that each of the two has for itself."""
    noise: float = 0.5
    """Variance of a day's own deviation."""


@dataclass(frozen=True, kw_only=True)
class BlendSettings:
    """Settings of the batched baselines; `baseline` holds the limits they share with TOWT alone."""

    baseline: BaselineSettings = field(default_factory=BaselineSettings)
    day_model: DayModelSettings = field(default_factory=DayModelSettings)
    towt_weight: float = 0.35
    """Share of TOWT in the blend."""
    day_weight: float = 0.5
    """Share of the day model; the rest is the mean of the hour of the week."""
    memory_weight: float = 0.12
    """Share of the same hour 52 weeks away, where it was trained on, taken from the others."""
    min_blend_days: int = 28
    """Days of history from which the day model is averaged in; it helps from five weeks on."""
    clip_scales: float = 5.0
    """Hours further from TOWT than so many robust standard deviations are drawn in to there."""
    meters_per_chunk: int = 32
    """Meters of one calendar that are computed together: what fits into the processor's caches."""
