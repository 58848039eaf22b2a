"""What the Python analysis writes as Parquet, most of it per `usage_month`."""

from cei_assets.contracts.fields import columns
from cei_assets.contracts.model import Table


def _analysis(name: str, subject: str, description: str, names: str, grain: str) -> Table:
    return Table(
        name=name,
        layer="analysis",
        subject=subject,
        description=description,
        columns=columns(names),
        grain=tuple(grain.split()),
    )


BASELINE_MODELS = _analysis(
    "baseline_models",
    "baselines",
    "One fitted baseline per meter and judged month, with fit quality and sufficiency.",
    "model_id site_id meter_id usage_month model_kind baseline_start_utc baseline_end_utc "
    "baseline_hours parameter_count baseline_coverage temperature_coverage is_sufficient "
    "sufficiency_reasons? cv_rmse? nmbe? cv_rmse_out_of_sample? nmbe_out_of_sample? "
    "autocorrelation? coefficients?",
    "site_id meter_id usage_month",
)
COUNTERFACTUAL_HOURLY = _analysis(
    "counterfactual_hourly",
    "baselines",
    "Expected energy of every complete hour of the judged month.",
    "site_id meter_id hour_start_utc usage_month model_id level_kwh counterfactual_kwh "
    "residual_kwh residual_scale_kwh",
    "site_id meter_id hour_start_utc",
)
FLAGGED_HOURS = _analysis(
    "flagged_hours",
    "detection",
    "Hours on which a rule fired, with the level, the reference and the excess.",
    "site_id meter_id rule hour_start_utc usage_month level_kwh reference_kwh excess_kwh "
    "excess_low_kwh excess_high_kwh score",
    "site_id meter_id rule hour_start_utc",
)
AVOIDABLE_HOURS = _analysis(
    "avoidable_hours",
    "savings",
    "Excess of a meter's hour that counts in totals, given to one rule.",
    "site_id meter_id rule hour_start_utc usage_month counted_kwh counted_low_kwh counted_high_kwh",
    "site_id meter_id hour_start_utc",
)
ANNUAL_AVOIDABLE = _analysis(
    "annual_avoidable",
    "savings",
    "Avoidable energy of a site scaled to a year, with an interval.",
    "site_id judged_hours metered_kwh annual_use_kwh annual_low_kwh annual_mid_kwh annual_high_kwh",
    "site_id",
)
AVOIDED_ENERGY = _analysis(
    "avoided_energy",
    "savings",
    "Avoided energy of every measure over its reporting period (IPMVP Option C).",
    "measure_id site_id meter_id model_kind baseline_start_utc baseline_end_utc baseline_hours "
    "reporting_start_utc reporting_end_utc reporting_hours metered_kwh counterfactual_kwh "
    "avoided_kwh avoided_low_kwh avoided_high_kwh ashrae_uncertainty? is_detectable "
    "is_sufficient sufficiency_reasons?",
    "measure_id",
)
QUALITY_RESULTS = _analysis(
    "quality_results",
    "quality",
    "Result of every Great Expectations expectation over the published marts.",
    "validated_at_utc suite_name table_name column_name? expectation is_success observed_value? "
    "expected_value?",
    "",
)

ANALYSIS_TABLES: tuple[Table, ...] = (
    BASELINE_MODELS,
    COUNTERFACTUAL_HOURLY,
    FLAGGED_HOURS,
    AVOIDABLE_HOURS,
    ANNUAL_AVOIDABLE,
    AVOIDED_ENERGY,
    QUALITY_RESULTS,
)
