"""Columns of the CSI-Thermal tables, named once: type, unit, meaning and limits.

Labels are interval ends on the programme's fixed grid: `_pst` reads Pacific Standard Time (UTC-8)
all year, so every day has 96 intervals. A month is `(1st 00:00, next 1st 00:00]` and is named by
its first day. Received quantities are exact: BIGINT BTU, DECIMAL therms and kWh; money is DECIMAL.
"""

from enum import StrEnum

from cei_assets.contracts.csi_vocabulary import (
    BackupType,
    CalendarStatus,
    CsiFileType,
    CsiResult,
    CsiRule,
    CsiSeverity,
    DisplacedFuel,
    LateDecision,
    PayableStatus,
    PaymentLineKind,
    QuantityUnit,
)
from cei_assets.contracts.model import Field

APPLICATION_ID = r"^[A-Z]{3}-[0-9]{5}$"
QUARTER = r"^[0-9]{4}-Q[1-4]$"
METERED = "DECIMAL(28,12)"
METERED_SUM = "DECIMAL(38,12)"
# The months of a hostile file may sum to 3e22 BTU: wide enough for what they would be worth.
QUANTITY = "DECIMAL(28,4)"
AMOUNT = "DECIMAL(28,2)"
USD = "DECIMAL(18,2)"


def _values(enum: type[StrEnum]) -> tuple[str, ...]:
    return tuple(member.value for member in enum)


# A dictionary to look things up in: two lines a column keep it on a third of the pages.
# fmt: off
CSI_FIELDS: tuple[Field, ...] = (
    # programme
    Field(name="application_id", type="VARCHAR",
          description="CSI-Thermal application, such as SCG-00987."),
    Field(name="application_month", type="DATE",
          description="First day of the month whose intervals are reported."),
    Field(name="program_administrator", type="VARCHAR",
          description="Administrator of the application: PGE, SCE, SCG or SDG."),
    Field(name="pdp_id", type="VARCHAR",
          description="Performance data provider (PDP) that reports for the application."),
    Field(name="pdp_name", type="VARCHAR", description="The provider's name."),
    Field(name="pdp_active", type="BOOLEAN",
          description="Whether the provider's account is approved and active."),
    Field(name="tank_configuration", type="INTEGER", ge=1, le=2,
          description="Number of tanks: 1 meters total heat, 2 meters solar heat."),
    Field(name="backup_type", type="VARCHAR", isin=_values(BackupType),
          description="Fuel of the back-up heater, or none."),
    Field(name="displaced_fuel", type="VARCHAR", isin=_values(DisplacedFuel),
          description="Fuel that the solar heat displaces; gas is paid by therm, the others by "
                      "kWh."),
    Field(name="icf_approved", type="DATE",
          description="Day on which the incentive claim form was approved."),
    Field(name="capacity_kwth", type="DECIMAL(12,3)", unit="kWth", ge=0,
          description="Thermal capacity of the collectors."),
    Field(name="baseline_efficiency", type="DECIMAL(9,6)", ge=0,
          description="Efficiency of the heater that is displaced; fuel is heat over efficiency. "
                      "Without it nothing is paid."),
    Field(name="rate", type="DECIMAL(12,6)", unit="USD per unit", ge=0,
          description="Incentive of a displaced therm or kWh."),
    Field(name="rate_unit", type="VARCHAR", isin=_values(QuantityUnit),
          description="What the rate is paid for."),
    Field(name="incentive_cap", type=USD, unit="USD", ge=0,
          description="Most that the application is paid in all; empty: no cap."),
    Field(name="first_data_month", type="DATE",
          description="First month of the term: the month after ICF approval unless the "
                      "administrator set another."),
    Field(name="last_data_month", type="DATE", description="Last of the term's 24 months."),
    Field(name="conversion_method", type="VARCHAR",
          description="How metered heat becomes displaced fuel; an unknown one is not paid."),
    Field(name="valid_from_month", type="DATE",
          description="First month for which this version of the application holds; empty: from "
                      "the beginning."),
    Field(name="valid_to_month", type="DATE",
          description="Last month for which it holds; empty: to the end."),
    Field(name="authorization_id", type="VARCHAR",
          description="Name of a one-use authorisation to replace a successful upload."),
    Field(name="authorized_by", type="VARCHAR", description="Who authorised the replacement."),
    Field(name="authorized_at_utc", type="TIMESTAMP",
          description="When; it holds for uploads from then on."),
    Field(name="replacement_reason", type="VARCHAR", description="Why it was authorised."),
    Field(name="replaces_receipt_id", type="VARCHAR",
          description="Upload that is replaced; in an authorisation, empty: whichever holds."),
    Field(name="late_decision", type="VARCHAR", isin=_values(LateDecision),
          description="Whether a late month is paid."),
    Field(name="late_decided_by", type="VARCHAR", description="Who decided about the late month."),
    Field(name="late_decided_at_utc", type="TIMESTAMP", description="When it was decided."),
    Field(name="late_receipt_id", type="VARCHAR",
          description="Late upload that is decided about; empty: the one that holds then."),
    # uploads
    Field(name="file_type", type="VARCHAR", isin=_values(CsiFileType),
          description="Application interval report, or meter interval report (kept unread)."),
    Field(name="uploader_pdp", type="VARCHAR", description="Provider whose account uploaded."),
    Field(name="form_filename", type="VARCHAR",
          description="Name of the file as the uploader chose it."),
    Field(name="submitted_at_utc", type="TIMESTAMP",
          description="When the complete file reached the receiver, UTC."),
    Field(name="due_at_utc", type="TIMESTAMP",
          description="Last second that is on time: the 1st of the second month after the data, "
                      "23:59:59 in Los Angeles, as UTC."),
    Field(name="csi_is_late", type="BOOLEAN", description="Whether it came after the deadline."),
    Field(name="csi_result", type="VARCHAR", isin=_values(CsiResult),
          description="Success or Failure of the upload."),
    Field(name="content_result", type="VARCHAR", isin=_values(CsiResult),
          description="Verdict on form and content alone, before the history of the month."),
    Field(name="data_rows", type="BIGINT", ge=0, description="Rows below the header."),
    Field(name="empty_intervals", type="BIGINT", ge=0,
          description="Intervals without a value in the energy column."),
    Field(name="zero_intervals", type="BIGINT", ge=0,
          description="Intervals whose energy is zero."),
    Field(name="solar_btu_sum", type="DECIMAL(38,0)", unit="BTU",
          description="Sum of column D; empty when no cell is filled."),
    Field(name="total_btu_sum", type="DECIMAL(38,0)", unit="BTU",
          description="Sum of column E; empty when no cell is filled."),
    Field(name="backup_gas_therms_sum", type=METERED_SUM, unit="therm",
          description="Sum of column F; empty when no cell is filled."),
    Field(name="backup_electric_kwh_sum", type=METERED_SUM, unit="kWh",
          description="Sum of column G; empty when no cell is filled."),
    Field(name="backup_propane_therms_sum", type=METERED_SUM, unit="therm",
          description="Sum of column H; empty when no cell is filled."),
    Field(name="finding_count", type="BIGINT", ge=0, description="Rejecting findings."),
    Field(name="warning_count", type="BIGINT", ge=0, description="Warnings, notes and flags."),
    Field(name="validator_version", type="VARCHAR", description="Version of the rules."),
    Field(name="template_version", type="VARCHAR", description="Version of the header template."),
    # findings
    Field(name="finding_number", type="INTEGER", ge=1,
          description="Place of the finding within the upload."),
    Field(name="csi_rule", type="VARCHAR", isin=_values(CsiRule), description="Id of the rule."),
    Field(name="csi_severity", type="VARCHAR", isin=_values(CsiSeverity),
          description="Whether it rejects the upload, warns, informs or flags."),
    Field(name="column_letter", type="VARCHAR", pattern="^[A-L]$",
          description="Column as a spreadsheet names it."),
    Field(name="finding_value", type="VARCHAR",
          description="What stood there, control characters escaped, cut at 80 characters."),
    Field(name="message", type="VARCHAR", description="What is wrong, where, and how to fix it."),
    Field(name="rule_count", type="BIGINT", ge=1,
          description="How often the rule was broken in the upload; the first 20 are listed."),
    # intervals
    Field(name="interval_end_pst", type="TIMESTAMP",
          description="End of the 15-minute interval, Pacific Standard Time all year."),
    Field(name="interval_end_utc", type="TIMESTAMP", description="End of the interval, UTC."),
    Field(name="gallons_text", type="VARCHAR",
          description="Cumulative gallons of water as written; no format is prescribed."),
    Field(name="solar_btu", type="BIGINT", unit="BTU",
          description="Solar heat delivered (2-tank); empty: no data, zero: none delivered."),
    Field(name="total_btu", type="BIGINT", unit="BTU",
          description="Total heat delivered (1-tank); empty: no data, zero: none delivered."),
    Field(name="backup_gas_therms", type=METERED, unit="therm", description="Back-up gas."),
    Field(name="backup_electric_kwh", type=METERED, unit="kWh", description="Back-up electricity."),
    Field(name="backup_propane_therms", type=METERED, unit="therm", description="Back-up propane."),
    Field(name="is_catch_up", type="BOOLEAN",
          description="Whether the value follows empty intervals and exceeds what the collectors "
                      "deliver in 15 minutes."),
    Field(name="alarms", type="VARCHAR", description="Log data: alarms, as written."),
    Field(name="system_messages", type="VARCHAR", description="Log data: messages, as written."),
    Field(name="system_events", type="VARCHAR", description="Log data: events, as written."),
    Field(name="trends", type="VARCHAR", description="Log data: trends, as written."),
    # ledger
    Field(name="attempt_number", type="INTEGER", ge=1,
          description="Upload number within application, month and file type, by submission."),
    Field(name="is_effective", type="BOOLEAN",
          description="Whether this upload is the month's Success now."),
    Field(name="effective_from_utc", type="TIMESTAMP",
          description="Since when the upload is, or was, the month's Success."),
    Field(name="effective_to_utc", type="TIMESTAMP",
          description="When a replacement superseded it; empty while it holds."),
    Field(name="superseded_by_receipt_id", type="VARCHAR",
          description="Upload that replaced this one."),
    # quantities and payments
    Field(name="interval_count", type="BIGINT", ge=0, description="Intervals stored."),
    Field(name="grid_intervals", type="BIGINT", ge=0,
          description="Intervals of the month's grid: 96 a day."),
    Field(name="unpaired_intervals", type="BIGINT", ge=0,
          description="1-tank: intervals with heat but no back-up reading, or the reverse; they "
                      "are not paid."),
    Field(name="negative_backup_intervals", type="BIGINT", ge=0,
          description="1-tank: intervals with a negative back-up reading; they are not paid."),
    Field(name="catch_up_intervals", type="BIGINT", ge=0, description="Catch-up values."),
    Field(name="held_catch_up_intervals", type="BIGINT", ge=0,
          description="Catch-up values that wait for a review before they are paid: all of them "
                      "under the setting `hold`."),
    Field(name="delivered_btu", type="DECIMAL(38,0)", unit="BTU",
          description="Metered heat that counts: solar (2-tank) or total (1-tank)."),
    Field(name="backup_input_btu", type="DECIMAL(38,12)", unit="BTU",
          description="1-tank: energy content of the back-up fuel of the same intervals."),
    Field(name="displaced_quantity", type=QUANTITY,
          description="Fuel displaced, in the unit beside it; at least 0, 4 decimals."),
    Field(name="quantity_unit", type="VARCHAR", isin=_values(QuantityUnit),
          description="Unit of the quantity."),
    Field(name="payable_status", type="VARCHAR", isin=_values(PayableStatus),
          description="Whether the month is paid, or why not."),
    Field(name="run_quarter", type="VARCHAR", pattern=QUARTER,
          description="Payment run, named by the quarter it closes, such as 2013-Q3."),
    Field(name="run_cutoff_utc", type="TIMESTAMP",
          description="What was submitted or decided before it counts in the run."),
    Field(name="paid_quarter", type="VARCHAR", pattern=QUARTER,
          description="Calendar quarter of data that the line pays or adjusts."),
    Field(name="line_kind", type="VARCHAR", isin=_values(PaymentLineKind),
          description="The quarter's own payment, or an adjustment of an earlier run."),
    Field(name="months_included", type="VARCHAR",
          description="Months of data that the quarter's amount rests on."),
    Field(name="receipts_included", type="VARCHAR",
          description="Uploads that the quarter's amount rests on."),
    Field(name="entitled_quantity", type=QUANTITY,
          description="Displaced quantity of the quarter, all its payable months, at the cutoff."),
    Field(name="line_quantity", type=QUANTITY,
          description="Quantity that the line adds to what earlier runs paid."),
    Field(name="uncapped_usd", type=AMOUNT, unit="USD",
          description="Quantity times rate, half-up to cents, before the cap."),
    Field(name="entitled_usd", type=AMOUNT, unit="USD",
          description="Amount of the quarter at the cutoff, after the application's cap."),
    Field(name="amount_usd", type=AMOUNT, unit="USD",
          description="Amount of the line: what is due less what earlier runs paid."),
    Field(name="sealed_at_utc", type="TIMESTAMP",
          description="When the run was sealed; from then on its lines never change."),
    Field(name="calendar_status", type="VARCHAR", isin=_values(CalendarStatus),
          description="Not due, open, overdue, success or success late."),
    Field(name="attempts", type="BIGINT", ge=0, description="Uploads for the month so far."),
    Field(name="failures", type="BIGINT", ge=0, description="Uploads that failed."),
    Field(name="is_in_term", type="BOOLEAN",
          description="Whether the month belongs to the application's term."),
    Field(name="payment_obstacle", type="VARCHAR", isin=_values(PayableStatus),
          description="Why the terms allow no payment of the month, whatever is uploaded; empty "
                      "where they allow it."),
    Field(name="input_digest", type="VARCHAR",
          description="Digest of what the month's intervals are read with: which uploads hold, "
                      "the system's tanks and back-up, the setting for catch-up values."),
    Field(name="backup_reading_sum", type=METERED_SUM,
          description="1-tank: back-up fuel of the intervals that count, in therms or, for "
                      "electric back-up, in kWh."),
    Field(name="late_decided_until_utc", type="TIMESTAMP",
          description="When another decision took its place; empty while it holds."),
    Field(name="catch_up_setting", type="VARCHAR",
          description="What the programme does with catch-up values: pay, hold or exclude."),
)
# fmt: on
