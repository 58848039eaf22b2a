"""What every rule on a CSI-Thermal upload means and where it lives, in the order of the gates."""

from cei_assets.contracts.csi_vocabulary import CsiRule
from cei_assets.contracts.rules import RuleMeaning

_CSI = "cei_assets/core/csi"
_FORM = f"{_CSI}/form_gate.py"
_BYTES = f"{_CSI}/source_bytes.py"
_RECORDS = f"{_CSI}/records.py"
_HEADER = f"{_CSI}/header.py"
_IDENTITY = f"{_CSI}/identity.py"
_CELLS = f"{_CSI}/cells.py"
_TIMES = f"{_CSI}/times.py"
_EXCLUSIVE = f"{_CSI}/exclusive.py"
_CONTENT = f"{_CSI}/content.py"


def _rule(rule: CsiRule, severity: str, meaning: str, *places: str) -> RuleMeaning:
    return RuleMeaning(name=rule.value, meaning=f"{severity}. {meaning}", places=places)


CSI_RULES: tuple[RuleMeaning, ...] = (
    _rule(
        CsiRule.U01,
        "Rejects",
        "The uploader's account is not an approved, active provider (PDP).",
        f"{_FORM}::_judge_uploader",
    ),
    _rule(
        CsiRule.U02,
        "Rejects",
        "The application is assigned to another provider in the chosen month.",
        f"{_FORM}::_judge_assignment",
    ),
    _rule(
        CsiRule.U03,
        "Rejects",
        "The chosen application is not in the register.",
        f"{_FORM}::_judge_application",
    ),
    _rule(
        CsiRule.U04,
        "Rejects",
        "The file type is neither `application_interval` nor `meter_interval`.",
        f"{_FORM}::_judge_file_type",
    ),
    _rule(
        CsiRule.U05,
        "Rejects",
        "Year and month name no month from 2013 to the year of submission.",
        f"{_FORM}::_judge_month",
        f"{_CSI}/form.py::application_month",
    ),
    _rule(
        CsiRule.U06,
        "Rejects",
        "The chosen month had not ended when the file was submitted, or the form's time of "
        "submission cannot be read.",
        f"{_FORM}::_judge_month_end",
    ),
    _rule(
        CsiRule.U07,
        "Rejects",
        "Another upload is the month's Success already, and no authorisation to replace it is "
        "left.",
        f"{_CSI}/ledger_pass.py::CsiRule.U07",
    ),
    _rule(
        CsiRule.U08,
        "Informs",
        "The upload replaces the month's Success, as the administrator authorised.",
        f"{_CSI}/ledger_pass.py::CsiRule.U08",
    ),
    _rule(
        CsiRule.L01,
        "Flags",
        "Submitted after 23:59:59 in Los Angeles on the 1st of the second month after the data. "
        "Success or Failure is not touched by it.",
        f"{_FORM}::_judge_deadline",
        f"{_CSI}/months.py::due_at_utc",
    ),
    _rule(
        CsiRule.F01,
        "Rejects",
        "The file is empty, or holds only a byte-order mark and blanks. Of a meter interval "
        "report: warns.",
        f"{_BYTES}::judge_bytes",
        f"{_BYTES}::judge_meter_bytes",
    ),
    _rule(
        CsiRule.F02,
        "Rejects",
        "More than 10 MiB, more than 20,000 data rows, or a cell of more than 32,767 characters.",
        f"{_BYTES}::judge_bytes",
        f"{_RECORDS}::read_records",
        f"{_RECORDS}::_judge_cell_lengths",
    ),
    _rule(
        CsiRule.F03,
        "Rejects",
        "Not text: a NUL byte, UTF-16 or UTF-32.",
        f"{_BYTES}::_judge_text",
    ),
    _rule(
        CsiRule.F04,
        "Rejects",
        "A workbook or an archive by its first bytes.",
        f"{_BYTES}::_archive_kind",
    ),
    _rule(
        CsiRule.F05,
        "Rejects",
        "The name that the uploader chose does not end in `.csv`, in any case.",
        f"{_BYTES}::judge_bytes",
    ),
    _rule(
        CsiRule.F06,
        "Rejects",
        "A quote is never closed, or text follows a closing quote.",
        f"{_RECORDS}::_explain_error",
    ),
    _rule(
        CsiRule.F07,
        "Rejects",
        "A row without exactly 12 fields, or a blank line between rows. The row is left out of the "
        "rules R, T and X.",
        f"{_RECORDS}::whole_rows",
    ),
    _rule(
        CsiRule.F08,
        "Rejects",
        "Fields are separated by semicolons, tabs or bars.",
        f"{_RECORDS}::_other_delimiter",
    ),
    _rule(CsiRule.F10, "Rejects", "A header without data rows.", f"{_RECORDS}::whole_rows"),
    _rule(
        CsiRule.H01,
        "Rejects",
        "Line 1 is data: the header is missing.",
        f"{_HEADER}::_is_data",
    ),
    _rule(
        CsiRule.H02,
        "Rejects",
        "The header differs from the template in text, case, blanks, order or count.",
        f"{_HEADER}::judge_header",
        "cei_assets/contracts/csi_vocabulary.py::HEADER_TEMPLATE",
    ),
    _rule(
        CsiRule.R01,
        "Rejects",
        "Column A is empty or no application ID (`AAA-#####`).",
        f"{_IDENTITY}::_add_malformed",
    ),
    _rule(
        CsiRule.R02,
        "Rejects",
        "An ID differs from the first well-formed one of the file.",
        f"{_IDENTITY}::judge_identity",
    ),
    _rule(
        CsiRule.R03,
        "Rejects",
        "An ID is not the form's application; told once for each value.",
        f"{_IDENTITY}::_judge_value",
    ),
    _rule(
        CsiRule.R04,
        "Rejects",
        "An ID is not in the register; told once for each value.",
        f"{_IDENTITY}::_judge_value",
    ),
    _rule(
        CsiRule.R05,
        "Rejects",
        "Column B is empty or not written `YYYY-MM-DD HH:MM`.",
        f"{_TIMES}::LABEL",
        f"{_TIMES}::_lacks_form",
    ),
    _rule(
        CsiRule.R06,
        "Rejects",
        "The label names a day or a time that does not exist, 24:00 included.",
        f"{_TIMES}::_unreal",
    ),
    _rule(
        CsiRule.R07,
        "Rejects",
        "The label's minute is not 00, 15, 30 or 45.",
        f"{_TIMES}::_judge_labels",
    ),
    _rule(
        CsiRule.R08,
        "Rejects",
        "A cell of column D or E is neither empty nor an integer that a BIGINT holds.",
        f"{_CELLS}::_read_integer",
    ),
    _rule(
        CsiRule.R09,
        "Rejects",
        "A cell of columns F to H is neither empty nor a finite decimal number that "
        "DECIMAL(28,12) holds exactly.",
        f"{_CELLS}::_read_decimal",
    ),
    _rule(
        CsiRule.T01,
        "Rejects",
        "An interval comes twice.",
        f"{_TIMES}::_judge_repeats",
    ),
    _rule(
        CsiRule.T02,
        "Rejects",
        "A label is earlier than that of the row before.",
        f"{_TIMES}::_judge_order",
    ),
    _rule(
        CsiRule.T03,
        "Rejects",
        "Labels outside the chosen month, told once for each block of rows. A month runs from its "
        "1st 00:15 to the next 1st 00:00: labels are interval ends in Pacific Standard Time.",
        f"{_TIMES}::_judge_window",
        f"{_CSI}/months.py::month_labels",
    ),
    _rule(
        CsiRule.T04,
        "Rejects",
        "The file's first row is not the month's first interval.",
        f"{_TIMES}::_judge_ends",
    ),
    _rule(
        CsiRule.T05,
        "Rejects",
        "The file's last row is not the month's last interval.",
        f"{_TIMES}::_judge_ends",
    ),
    _rule(
        CsiRule.T06,
        "Rejects",
        "Intervals of the month are missing, told by range.",
        f"{_TIMES}::_judge_missing",
    ),
    _rule(
        CsiRule.X01,
        "Rejects",
        "Data in the heat column of the other number of tanks; zero is data.",
        f"{_EXCLUSIVE}::judge_exclusive",
    ),
    _rule(
        CsiRule.X02,
        "Rejects",
        "Data in a back-up column other than that of the application's back-up type; zero is data.",
        f"{_EXCLUSIVE}::judge_exclusive",
    ),
    _rule(
        CsiRule.W01,
        "Warns",
        "The heat column is empty all month.",
        f"{_CONTENT}::_judge_energy",
    ),
    _rule(
        CsiRule.W02,
        "Informs",
        "Share of intervals without heat data.",
        f"{_CONTENT}::_judge_energy",
    ),
    _rule(
        CsiRule.W03,
        "Informs",
        "The first value after empty intervals is more than the collectors deliver in 15 minutes "
        "(capacity in kWth x 3412.142 / 4 BTU): it looks like the sum of the gap.",
        f"{_CONTENT}::_catch_up_rows",
    ),
    _rule(
        CsiRule.W05,
        "Warns",
        "The month is outside the application's term: stored, not payable.",
        f"{_CONTENT}::_judge_term",
    ),
    _rule(
        CsiRule.W06,
        "Warns",
        "A negative number in columns D to H.",
        f"{_CONTENT}::_judge_negatives",
    ),
    _rule(
        CsiRule.W07,
        "Warns",
        "Gallons that are not numeric, or less than the reading before.",
        f"{_CONTENT}::_judge_gallons",
    ),
    _rule(
        CsiRule.W08,
        "Warns",
        "A log text that starts like a formula; stored as text.",
        f"{_CONTENT}::_judge_logs",
    ),
    _rule(CsiRule.W09, "Informs", "A byte-order mark was removed.", f"{_BYTES}::decoded"),
    _rule(
        CsiRule.W10,
        "Warns",
        "The file is not UTF-8 and was read as Windows-1252.",
        f"{_BYTES}::decoded",
    ),
    _rule(
        CsiRule.W11,
        "Informs",
        "Blank lines at the end were ignored.",
        f"{_RECORDS}::_without_blank_end",
    ),
    _rule(
        CsiRule.W13,
        "Warns",
        "1-tank intervals with heat and no back-up reading, or the reverse; they are not paid.",
        f"{_CONTENT}::_judge_pairs",
    ),
    _rule(
        CsiRule.W14,
        "Warns",
        "The heat column is zero all month.",
        f"{_CONTENT}::_judge_energy",
    ),
)
"""Warnings on content (W01 to W08, W13, W14) are told only where nothing rejects."""
