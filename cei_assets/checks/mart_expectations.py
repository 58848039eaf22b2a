"""Expectations of the published marts: those of the contract, and what no single column can say."""

from cei_assets.contracts.csi_vocabulary import CalendarStatus, CsiFileType, CsiResult
from cei_assets.contracts.model import Table
from cei_assets.contracts.render.expectations import Expectation, expectations_of

# The lower column, then the one that is never below it.
_ORDERED_PAIRS = {
    "fct_anomaly_episodes": (
        ("excess_low_kwh", "excess_kwh"),
        ("excess_kwh", "excess_high_kwh"),
        ("first_interval_utc", "last_interval_utc"),
    ),
    "fct_avoidable_energy": (("counted_low_kwh", "counted_high_kwh"),),
    "fct_avoided_energy": (
        ("avoided_low_kwh", "avoided_kwh"),
        ("avoided_kwh", "avoided_high_kwh"),
    ),
    "fct_completeness_daily": (("received_intervals", "expected_intervals"),),
    "fct_gaps": (("gap_start_utc", "gap_end_utc"),),
    "rpt_annual_avoidable": (
        ("annual_low_kwh", "annual_mid_kwh"),
        ("annual_mid_kwh", "annual_high_kwh"),
        ("annual_high_kwh", "annual_use_kwh"),
    ),
    "dim_csi_applications": (("first_data_month", "last_data_month"),),
    "rpt_csi_performance_data": (
        ("effective_from_utc", "effective_to_utc"),
        ("empty_intervals", "data_rows"),
        ("zero_intervals", "data_rows"),
    ),
    "fct_csi_months": (
        ("empty_intervals", "interval_count"),
        ("zero_intervals", "interval_count"),
        ("unpaired_intervals", "interval_count"),
        ("negative_backup_intervals", "interval_count"),
        ("catch_up_intervals", "interval_count"),
        ("held_catch_up_intervals", "catch_up_intervals"),
    ),
    "fct_csi_payments": (
        ("entitled_usd", "uncapped_usd"),
        ("entitled_usd", "incentive_cap"),
        ("paid_quarter", "run_quarter"),
    ),
    "rpt_csi_calendar": (("failures", "attempts"),),
    "fct_usage_segments": (
        ("segment_start_utc", "segment_end_utc"),
        ("missing_count", "slot_count"),
    ),
    "fct_cds_bill_sections": (("section_start_date", "section_end_date"),),
    "fct_cds_bills_metered": (("bill_start_utc", "bill_end_utc"),),
    "bridge_cds_relations": (("valid_from_utc", "valid_to_utc"),),
}
_EQUAL_PAIRS = {"fct_csi_months": (("interval_count", "grid_intervals"),)}
_IN_FORCE = ("is_effective", True)
_CONDITIONAL = {
    "rpt_csi_performance_data": (
        Expectation(
            kind="ExpectCompoundColumnsToBeUnique",
            arguments={"column_list": ["application_id", "application_month"]},
            only_where=_IN_FORCE,
        ),
        Expectation(
            kind="ExpectColumnValuesToBeInSet",
            column="csi_result",
            arguments={"value_set": [CsiResult.SUCCESS.value]},
            only_where=_IN_FORCE,
        ),
        Expectation(
            kind="ExpectColumnValuesToBeInSet",
            column="file_type",
            arguments={"value_set": [CsiFileType.APPLICATION_INTERVAL.value]},
            only_where=_IN_FORCE,
        ),
        Expectation(
            kind="ExpectColumnValuesToNotBeNull",
            column="effective_from_utc",
            only_where=_IN_FORCE,
        ),
        Expectation(
            kind="ExpectColumnValuesToBeNull",
            column="superseded_by_receipt_id",
            only_where=_IN_FORCE,
        ),
    ),
    "rpt_csi_calendar": tuple(
        Expectation(
            kind="ExpectColumnValuesToNotBeNull",
            column="receipt_id",
            only_where=("calendar_status", status.value),
        )
        for status in (CalendarStatus.SUCCESS, CalendarStatus.SUCCESS_LATE)
    ),
}


def expectations_for(table: Table) -> tuple[Expectation, ...]:
    """The contract's expectations of a mart, its ordered and equal pairs, and conditional ones."""
    return (
        *expectations_of(table),
        *(
            Expectation(
                kind="ExpectColumnPairValuesAToBeGreaterThanB",
                arguments={
                    "column_A": high,
                    "column_B": low,
                    "or_equal": True,
                    "ignore_row_if": "either_value_is_missing",
                },
            )
            for low, high in _ORDERED_PAIRS.get(table.name, ())
        ),
        *(
            Expectation(
                kind="ExpectColumnPairValuesToBeEqual",
                arguments={"column_A": first, "column_B": second},
            )
            for first, second in _EQUAL_PAIRS.get(table.name, ())
        ),
        *_CONDITIONAL.get(table.name, ()),
    )
