"""What every rule on a CSI-Thermal upload means and where it lives, in the order of the gates."""

from cei_assets.contracts.csi_upload_rules import (
    CSI_BYTES,
    CSI_CODE,
    CSI_RECORDS,
    CSI_UPLOAD_RULES,
    csi_rule,
)
from cei_assets.contracts.csi_vocabulary import CsiRule
from cei_assets.contracts.rules import RuleMeaning

_IDENTITY = f"{CSI_CODE}/identity.py"
_CELLS = f"{CSI_CODE}/cells.py"
_TIMES = f"{CSI_CODE}/times.py"
_EXCLUSIVE = f"{CSI_CODE}/exclusive.py"
_CONTENT = f"{CSI_CODE}/content.py"

CSI_RULES: tuple[RuleMeaning, ...] = (
    *CSI_UPLOAD_RULES,
    csi_rule(
        CsiRule.R01,
        "Rejects",
        "Column A is empty or no application ID (`AAA-#####`).",
        f"{_IDENTITY}::_add_malformed",
    ),
    csi_rule(
        CsiRule.R02,
        "Rejects",
        "An ID differs from the first well-formed one of the file.",
        f"{_IDENTITY}::judge_identity",
    ),
    csi_rule(
        CsiRule.R03,
        "Rejects",
        "An ID is not the form's application; told once for each value.",
        f"{_IDENTITY}::_judge_value",
    ),
    csi_rule(
        CsiRule.R04,
        "Rejects",
        "An ID is not in the register; told once for each value.",
        f"{_IDENTITY}::_judge_value",
    ),
    csi_rule(
        CsiRule.R05,
        "Rejects",
        "Column B is empty or not written `YYYY-MM-DD HH:MM`.",
        f"{_TIMES}::LABEL",
        f"{_TIMES}::_lacks_form",
    ),
    csi_rule(
        CsiRule.R06,
        "Rejects",
        "The label names a day or a time that does not exist, 24:00 included.",
        f"{_TIMES}::_unreal",
    ),
    csi_rule(
        CsiRule.R07,
        "Rejects",
        "The label's minute is not 00, 15, 30 or 45.",
        f"{_TIMES}::_judge_labels",
    ),
    csi_rule(
        CsiRule.R08,
        "Rejects",
        "A cell of column D or E is neither empty nor an integer that a BIGINT holds.",
        f"{_CELLS}::_read_integer",
    ),
    csi_rule(
        CsiRule.R09,
        "Rejects",
        "A cell of columns F to H is neither empty nor a finite decimal number that "
        "DECIMAL(28,12) holds exactly.",
        f"{_CELLS}::_read_decimal",
    ),
    csi_rule(
        CsiRule.T01,
        "Rejects",
        "An interval comes twice.",
        f"{_TIMES}::_judge_repeats",
    ),
    csi_rule(
        CsiRule.T02,
        "Rejects",
        "A label is earlier than that of the row before.",
        f"{_TIMES}::_judge_order",
    ),
    csi_rule(
        CsiRule.T03,
        "Rejects",
        "Labels outside the chosen month, told once for each block of rows. A month runs from its "
        "1st 00:15 to the next 1st 00:00: labels are interval ends in Pacific Standard Time.",
        f"{_TIMES}::_judge_window",
        f"{CSI_CODE}/months.py::month_labels",
    ),
    csi_rule(
        CsiRule.T04,
        "Rejects",
        "The file's first row is not the month's first interval.",
        f"{_TIMES}::_judge_ends",
    ),
    csi_rule(
        CsiRule.T05,
        "Rejects",
        "The file's last row is not the month's last interval.",
        f"{_TIMES}::_judge_ends",
    ),
    csi_rule(
        CsiRule.T06,
        "Rejects",
        "Intervals of the month are missing, told by range.",
        f"{_TIMES}::_judge_missing",
    ),
    csi_rule(
        CsiRule.X01,
        "Rejects",
        "Data in the heat column of the other number of tanks; zero is data.",
        f"{_EXCLUSIVE}::judge_exclusive",
    ),
    csi_rule(
        CsiRule.X02,
        "Rejects",
        "Data in a back-up column other than that of the application's back-up type; zero is data.",
        f"{_EXCLUSIVE}::judge_exclusive",
    ),
    csi_rule(
        CsiRule.W01,
        "Warns",
        "The heat column is empty all month.",
        f"{_CONTENT}::_judge_energy",
    ),
    csi_rule(
        CsiRule.W02,
        "Informs",
        "Share of intervals without heat data.",
        f"{_CONTENT}::_judge_energy",
    ),
    csi_rule(
        CsiRule.W03,
        "Informs",
        "The first value after empty intervals is more than the collectors deliver in 15 minutes "
        "(capacity in kWth x 3412.142 / 4 BTU): it looks like the sum of the gap.",
        f"{_CONTENT}::_catch_up_rows",
    ),
    csi_rule(
        CsiRule.W05,
        "Warns",
        "The month is outside the application's term: stored, not payable.",
        f"{_CONTENT}::_judge_term",
    ),
    csi_rule(
        CsiRule.W06,
        "Warns",
        "A negative number in columns D to H.",
        f"{_CONTENT}::_judge_negatives",
    ),
    csi_rule(
        CsiRule.W07,
        "Warns",
        "Gallons that are not numeric, or less than the reading before.",
        f"{_CONTENT}::_judge_gallons",
    ),
    csi_rule(
        CsiRule.W08,
        "Warns",
        "A log text that starts like a formula; stored as text.",
        f"{_CONTENT}::_judge_logs",
    ),
    csi_rule(CsiRule.W09, "Informs", "A byte-order mark was removed.", f"{CSI_BYTES}::decoded"),
    csi_rule(
        CsiRule.W10,
        "Warns",
        "The file is not UTF-8 and was read as Windows-1252.",
        f"{CSI_BYTES}::decoded",
    ),
    csi_rule(
        CsiRule.W11,
        "Informs",
        "Blank lines at the end were ignored.",
        f"{CSI_RECORDS}::_without_blank_end",
    ),
    csi_rule(
        CsiRule.W13,
        "Warns",
        "1-tank intervals with heat and no back-up reading, or the reverse; they are not paid.",
        f"{_CONTENT}::_judge_pairs",
    ),
    csi_rule(
        CsiRule.W14,
        "Warns",
        "The heat column is zero all month.",
        f"{_CONTENT}::_judge_energy",
    ),
)
"""Warnings on content (W01 to W08, W13, W14) are told only where nothing rejects."""
