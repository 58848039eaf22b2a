"""All rules on one site's judged hours."""

from cei_assets.contracts.vocabulary import EpisodeRule
from cei_assets.core.baseline.fit import SiteFit
from cei_assets.core.detection.attainable import night_load, weekend_load
from cei_assets.core.detection.closed_hours import closed_hours
from cei_assets.core.detection.deviation import baseline_deviation
from cei_assets.core.detection.drift import baseload_drift
from cei_assets.core.detection.flags import Flags
from cei_assets.core.detection.settings import DetectionSettings
from cei_assets.core.detection.spike import spike

RULE_ORDER: tuple[EpisodeRule, ...] = (
    EpisodeRule.NIGHT_LOAD,
    EpisodeRule.WEEKEND_LOAD,
    EpisodeRule.SPIKE,
    EpisodeRule.BASELINE_DEVIATION,
    EpisodeRule.BASELOAD_DRIFT,
)
"""Which rule gets an hour on which two find the same excess: the one that names a cause first."""


def detect(fit: SiteFit, settings: DetectionSettings) -> tuple[Flags, ...]:
    """Flags of every rule over the whole window of a fit; callers take the judged hours."""
    closed = closed_hours(fit, settings)
    return (
        night_load(fit, closed, settings),
        weekend_load(fit, closed, settings),
        spike(fit, settings),
        baseline_deviation(fit, settings),
        baseload_drift(fit, settings),
    )
