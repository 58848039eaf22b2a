"""The public marts: a stable interface, schema `marts` of the published file."""

from cei_assets.contracts.fields import columns
from cei_assets.contracts.model import Reference, Table
from cei_assets.contracts.tables.cds_models import CDS_USAGE_MARTS
from cei_assets.contracts.tables.cds_object_models import CDS_OBJECT_MARTS
from cei_assets.contracts.tables.csi_models import CSI_MARTS

_SITE = Reference(columns=("site_id",), table="dim_sites")
_METER = Reference(columns=("site_id", "meter_id"), table="dim_meters")
_UPLOAD = Reference(columns=("receipt_id",), table="fct_uploads")


def _mart(
    name: str,
    subject: str,
    description: str,
    names: str,
    grain: str,
    references: tuple[Reference, ...] = (),
) -> Table:
    return Table(
        name=name,
        layer="marts",
        subject=subject,
        description=description,
        columns=columns(names),
        grain=tuple(grain.split()),
        references=references,
    )


REGISTER_MARTS: tuple[Table, ...] = (
    _mart(
        "dim_organizations",
        "register",
        "Organizations that own sites.",
        "organization_id organization_name",
        "organization_id",
    ),
    _mart(
        "dim_sites",
        "register",
        "Sites with zone, country and main incomer.",
        "site_id organization_id site_name timezone country subdivision? floor_area_m2? "
        "station_id? main_meter_id",
        "site_id",
        (Reference(columns=("organization_id",), table="dim_organizations"),),
    ),
    _mart(
        "dim_meters",
        "register",
        "Meters with their place in the site's tree.",
        "site_id meter_id description role parent_meter_id? tree_depth interval_seconds "
        "interval_label expected_from expected_to?",
        "site_id meter_id",
        (_SITE,),
    ),
    _mart(
        "dim_tariffs",
        "register",
        "Prices of a kWh by site, validity, local hour and weekday band.",
        "site_id valid_from valid_to? currency price_per_kwh hour_from hour_to weekday_from "
        "weekday_to",
        "site_id valid_from hour_from weekday_from",
        (_SITE,),
    ),
)
READING_MARTS: tuple[Table, ...] = (
    _mart(
        "fct_interval_readings",
        "readings",
        "The value that holds for every interval, with where it came from.",
        "site_id meter_id interval_start_utc interval_seconds interval_start_local local_date "
        "usage_month usage_kwh reading_quality flow_direction upload_source receipt_id "
        "line_number received_at_utc is_late version_count",
        "site_id meter_id interval_start_utc",
        (_METER, _UPLOAD),
    ),
    _mart(
        "fct_usage_hourly",
        "readings",
        "Energy by hour: shorter intervals summed, with the share of the hour that is covered.",
        "site_id meter_id hour_start_utc hour_start_local local_date local_hour usage_month "
        "hour_usage_kwh expected_intervals received_intervals coverage is_complete",
        "site_id meter_id hour_start_utc",
        (_METER,),
    ),
    _mart(
        "fct_usage_daily",
        "readings",
        "Energy by local day (23, 24 or 25 hours), with the share of the day that is covered.",
        "site_id meter_id local_date usage_month day_usage_kwh expected_intervals "
        "received_intervals coverage is_complete",
        "site_id meter_id local_date",
        (_METER,),
    ),
    _mart(
        "fct_revisions",
        "readings",
        "Every change of an interval's value: what held before and after, with both receipts.",
        "site_id meter_id interval_start_utc revision_number usage_kwh previous_usage_kwh "
        "received_at_utc previous_received_at_utc receipt_id previous_receipt_id",
        "site_id meter_id interval_start_utc revision_number",
        (_METER, _UPLOAD),
    ),
)
COMPLETENESS_MARTS: tuple[Table, ...] = (
    _mart(
        "fct_completeness_daily",
        "completeness",
        "Expected and received intervals of every registered meter and local day.",
        "site_id meter_id local_date usage_month expected_intervals received_intervals "
        "completeness_ratio gap_hours gap_count longest_gap_hours late_hours estimated_hours "
        "revision_count",
        "site_id meter_id local_date",
        (_METER,),
    ),
    _mart(
        "fct_gaps",
        "completeness",
        "Maximal runs of missing intervals.",
        "site_id meter_id gap_start_utc gap_end_utc gap_start_local missing_intervals gap_hours "
        "is_open is_alarm",
        "site_id meter_id gap_start_utc",
        (_METER,),
    ),
)
UPLOAD_MARTS: tuple[Table, ...] = (
    _mart(
        "fct_uploads",
        "uploads",
        "Every file that arrived, its verdict and its conservation counts.",
        "receipt_id upload_source original_filename sha256 size_bytes received_at_utc "
        "received_date status detail? warnings? encoding? delimiter? rows_read rows_accepted "
        "rows_rejected rows_exact_duplicate judgement_id",
        "receipt_id",
    ),
    _mart(
        "fct_rejects",
        "uploads",
        "Every refused row with line, column, value and reason.",
        "receipt_id upload_source received_at_utc received_date line_number record_index? "
        "organization_id? code column_name? detail site_id_text? meter_id_text? timestamp_text? "
        "value_text? unit_text? raw_text?",
        "receipt_id line_number",
        (_UPLOAD,),
    ),
    _mart(
        "fct_error_counts_daily",
        "uploads",
        "Refused rows of a day of receipt by source, code, organization, site and meter, those "
        "included whose key only the warehouse finds taken. Site and meter are given where the "
        "row names registered ones of its organization, else empty: what it named instead stands "
        "in fct_rejects. Exact duplicates are no errors, fct_uploads counts them.",
        "received_date upload_source code organization_id? site_id? meter_id? error_count",
        "received_date upload_source code organization_id site_id meter_id",
    ),
)
ANALYSIS_MARTS: tuple[Table, ...] = (
    _mart(
        "fct_baseline_models",
        "baselines",
        "One fitted baseline per meter and judged month, with fit quality and sufficiency.",
        "model_id site_id meter_id usage_month model_kind baseline_start_utc baseline_end_utc "
        "baseline_hours parameter_count baseline_coverage temperature_coverage is_sufficient "
        "sufficiency_reasons? cv_rmse? nmbe? cv_rmse_out_of_sample? nmbe_out_of_sample? "
        "autocorrelation? coefficients?",
        "site_id meter_id usage_month",
        (_METER,),
    ),
    _mart(
        "fct_counterfactual_hourly",
        "baselines",
        "Metered and expected energy of every judged hour.",
        "site_id meter_id hour_start_utc hour_start_local local_date local_hour usage_month "
        "model_id level_kwh counterfactual_kwh residual_kwh residual_scale_kwh",
        "site_id meter_id hour_start_utc",
        (_METER,),
    ),
    _mart(
        "fct_anomaly_episodes",
        "detection",
        "Episodes of waste: where, when, by which rule, how much, at what cost.",
        "episode_id site_id meter_id rule severity first_interval_utc last_interval_utc "
        "first_interval_local last_interval_local episode_hours level_kwh reference_kwh "
        "excess_kwh excess_low_kwh excess_high_kwh counted_kwh currency? cost? cost_low? "
        "cost_high? kgco2e? score is_actionable episode_status root_cause? owner? note?",
        "episode_id",
        (_METER,),
    ),
    _mart(
        "fct_avoidable_energy",
        "savings",
        "Avoidable energy by meter, rule and month, without double counting, priced.",
        "site_id meter_id rule usage_month episode_hours counted_kwh counted_low_kwh "
        "counted_high_kwh currency? cost? cost_low? cost_high? kgco2e?",
        "site_id meter_id rule usage_month",
        (_METER,),
    ),
    _mart(
        "fct_avoided_energy",
        "savings",
        "Avoided energy, cost and payback of every measure since it was in place.",
        "measure_id site_id meter_id description implemented_on model_kind baseline_start_utc "
        "baseline_end_utc baseline_hours reporting_start_utc reporting_end_utc reporting_hours "
        "metered_kwh counterfactual_kwh avoided_kwh avoided_low_kwh avoided_high_kwh "
        "ashrae_uncertainty? is_detectable is_sufficient sufficiency_reasons? currency? cost? "
        "cost_low? cost_high? capex?",
        "measure_id",
        (_METER,),
    ),
    _mart(
        "rpt_annual_avoidable",
        "savings",
        "The headline of a site: avoidable share and cost of a year, as intervals.",
        "site_id judged_hours metered_kwh annual_use_kwh annual_low_kwh annual_mid_kwh "
        "annual_high_kwh sufficient_share currency? annual_cost_low? annual_cost_high?",
        "site_id",
        (_SITE,),
    ),
    _mart(
        "rpt_pilot_scorecard",
        "savings",
        "The pilot's success criteria per site: value, target, met or not, reproducing query.",
        "site_id metric metric_value? metric_value_high? unit target? is_met? query",
        "site_id metric",
        (_SITE,),
    ),
)
QUALITY_MARTS: tuple[Table, ...] = (
    _mart(
        "fct_quality_results",
        "quality",
        "Result of every Great Expectations expectation over the published marts.",
        "validated_at_utc suite_name table_name column_name? expectation is_success "
        "observed_value? expected_value?",
        "",
    ),
)

MART_TABLES: tuple[Table, ...] = (
    *REGISTER_MARTS,
    *READING_MARTS,
    *COMPLETENESS_MARTS,
    *UPLOAD_MARTS,
    *ANALYSIS_MARTS,
    *CSI_MARTS,
    *CDS_USAGE_MARTS,
    *CDS_OBJECT_MARTS,
    *QUALITY_MARTS,
)
