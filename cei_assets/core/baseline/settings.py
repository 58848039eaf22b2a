"""Limits of the baseline models, each with its source."""

from dataclasses import dataclass

FAHRENHEIT_KNOTS = (40.0, 55.0, 65.0, 80.0, 90.0)


def celsius(fahrenheit: float) -> float:
    """Degrees Celsius of a temperature in degrees Fahrenheit."""
    return (fahrenheit - 32.0) * 5.0 / 9.0


@dataclass(frozen=True, kw_only=True)
class BaselineSettings:
    """Thresholds of fitting and sufficiency; temperatures in degrees Celsius.

    Sources: M = Mathieu et al. 2011 and LBNL RMV2.0; C = CalTRACK 2.0 methods; O = opendsm 1.2
    defaults; G = ASHRAE Guideline 14-2014; P = this project's measurement specification.
    """

    baseline_days: int = 365
    """Days before the judged month that make the baseline period (C 2.2.1)."""
    knots_c: tuple[float, ...] = tuple(celsius(knot) for knot in FAHRENHEIT_KNOTS)
    """Knots of the piecewise-linear temperature response, 40/55/65/80/90 F (M)."""
    min_hours_beyond_knot: int = 20
    """An end knot with fewer baseline hours beyond it is dropped (M, as in C 3.9)."""
    heating_balance_c: float = celsius(50.0)
    """Heating balance point of the occupancy regression, 50 F (C 3.9)."""
    cooling_balance_c: float = celsius(65.0)
    """Cooling balance point of the occupancy regression, 65 F (C 3.9)."""
    occupied_share: float = 0.65
    """An hour of the week is occupied above this share of positive residuals (M, C 3.9)."""
    min_cell_hours: int = 2
    """Observations that an hour of the week needs before it is predicted (P)."""
    day_coverage: float = 0.8
    """Share of its hours with which a local day counts as history (P)."""
    min_judged_days: int = 7
    """Days of history below which nothing is judged (P: warming up)."""
    min_model_days: int = 28
    """Days of history below which the robust profile stands in for a regression (P)."""
    min_seasonal_days: int = 330
    """Span of history from which annual terms are fitted; shorter spans extrapolate wildly (P)."""
    min_temperature_coverage: float = 0.9
    """Share of hours with a temperature, in baseline and judged month (C 2.2.4, O)."""
    min_hour_coverage: float = 0.9
    """Share of the baseline's hours that must be complete (C 2.2.4, O)."""
    min_sufficient_days: int = 329
    """Days a baseline spans before savings may be claimed: 90 % of 365 (O)."""
    max_cv_rmse: float = 0.30
    """Hourly CV(RMSE) out of sample above which the fit is reported as poor (G 4.3.2.1)."""
    max_nmbe: float = 0.10
    """Hourly NMBE out of sample, absolute, above which the fit is reported as poor (G 4.3.2.1)."""
    episode_window_hours: int = 24
    """Length of the moving mean that ranks residual episodes for the robust re-fit (P)."""
    episode_score: float = 2.0
    """Mean standardised residual above which an episode leaves the re-fit (P)."""
    max_dropped_share: float = 0.05
    """At most this share of the hours leaves the re-fit (P)."""
    min_scale_share: float = 0.01
    """Residual scales are not taken below this share of the meter's mean (P)."""
    hac_max_lags: int = 24
    """Lags of the Newey-West errors of the published coefficients: one day (P)."""
