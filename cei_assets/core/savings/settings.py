"""Limits and levels of the savings figures, each with its source."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class SavingsSettings:
    """How seen waste becomes a year's figure and how sure a saving is."""

    hours_per_year: int = 8760
    """Hours to which annual figures are scaled."""
    confidence: float = 0.90
    """Two-sided level of every interval (ASHRAE Guideline 14 asks for at least 0.68)."""
    bootstrap_samples: int = 500
    """Resampled years of the bootstrap over weeks."""
    active_days: int = 28
    """A deviation or drift seen in the last days is taken to persist; an older one is over."""
    ashrae_factor: float = 1.26
    """Empirical factor of the fractional uncertainty (ASHRAE Guideline 14-2014, B-14)."""
    min_placebo_months: int = 3
    """Left-out months without which no calibrated interval exists."""
