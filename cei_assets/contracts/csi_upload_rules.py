"""What the rules on a CSI-Thermal upload as a whole mean: form, ledger, bytes, CSV, header."""

from cei_assets.contracts.csi_vocabulary import CsiRule
from cei_assets.contracts.rules import RuleMeaning

CSI_CODE = "cei_assets/core/csi"
CSI_BYTES = f"{CSI_CODE}/source_bytes.py"
CSI_RECORDS = f"{CSI_CODE}/records.py"
_FORM = f"{CSI_CODE}/form_gate.py"
_HEADER = f"{CSI_CODE}/header.py"


def csi_rule(rule: CsiRule, severity: str, meaning: str, *places: str) -> RuleMeaning:
    """A rule in words; its meaning begins with what it does to an upload."""
    return RuleMeaning(name=rule.value, meaning=f"{severity}. {meaning}", places=places)


CSI_UPLOAD_RULES: tuple[RuleMeaning, ...] = (
    csi_rule(
        CsiRule.U01,
        "Rejects",
        "The uploader's account is not an approved, active provider (PDP).",
        f"{_FORM}::_judge_uploader",
    ),
    csi_rule(
        CsiRule.U02,
        "Rejects",
        "The application is assigned to another provider in the chosen month.",
        f"{_FORM}::_judge_assignment",
    ),
    csi_rule(
        CsiRule.U03,
        "Rejects",
        "The chosen application is not in the register.",
        f"{_FORM}::_judge_application",
    ),
    csi_rule(
        CsiRule.U04,
        "Rejects",
        "The file type is neither `application_interval` nor `meter_interval`.",
        f"{_FORM}::_judge_file_type",
    ),
    csi_rule(
        CsiRule.U05,
        "Rejects",
        "Year and month name no month from 2013 to the year of submission.",
        f"{_FORM}::_judge_month",
        f"{CSI_CODE}/form.py::application_month",
    ),
    csi_rule(
        CsiRule.U06,
        "Rejects",
        "The chosen month had not ended when the file was submitted, or the form's time of "
        "submission cannot be read.",
        f"{_FORM}::_judge_month_end",
    ),
    csi_rule(
        CsiRule.U07,
        "Rejects",
        "Another upload is the month's Success already, and no authorisation to replace it is "
        "left.",
        f"{CSI_CODE}/ledger_pass.py::CsiRule.U07",
    ),
    csi_rule(
        CsiRule.U08,
        "Informs",
        "The upload replaces the month's Success, as the administrator authorised.",
        f"{CSI_CODE}/ledger_pass.py::CsiRule.U08",
    ),
    csi_rule(
        CsiRule.L01,
        "Flags",
        "Submitted after 23:59:59 in Los Angeles on the 1st of the second month after the data. "
        "Success or Failure is not touched by it.",
        f"{_FORM}::_judge_deadline",
        f"{CSI_CODE}/months.py::due_at_utc",
    ),
    csi_rule(
        CsiRule.F01,
        "Rejects",
        "The file is empty, or holds only a byte-order mark and blanks. Of a meter interval "
        "report: warns.",
        f"{CSI_BYTES}::judge_bytes",
        f"{CSI_BYTES}::judge_meter_bytes",
    ),
    csi_rule(
        CsiRule.F02,
        "Rejects",
        "More than 10 MiB, more than 20,000 data rows, or a cell of more than 32,767 characters.",
        f"{CSI_BYTES}::judge_bytes",
        f"{CSI_RECORDS}::read_records",
        f"{CSI_RECORDS}::_judge_cell_lengths",
    ),
    csi_rule(
        CsiRule.F03,
        "Rejects",
        "Not text: a NUL byte, UTF-16 or UTF-32.",
        f"{CSI_BYTES}::_judge_text",
    ),
    csi_rule(
        CsiRule.F04,
        "Rejects",
        "A workbook or an archive by its first bytes.",
        f"{CSI_BYTES}::_archive_kind",
    ),
    csi_rule(
        CsiRule.F05,
        "Rejects",
        "The name that the uploader chose does not end in `.csv`, in any case.",
        f"{CSI_BYTES}::judge_bytes",
    ),
    csi_rule(
        CsiRule.F06,
        "Rejects",
        "A quote is never closed, or text follows a closing quote.",
        f"{CSI_RECORDS}::_explain_error",
    ),
    csi_rule(
        CsiRule.F07,
        "Rejects",
        "A row without exactly 12 fields, or a blank line between rows. The row is left out of the "
        "rules R, T and X.",
        f"{CSI_RECORDS}::whole_rows",
    ),
    csi_rule(
        CsiRule.F08,
        "Rejects",
        "Fields are separated by semicolons, tabs or bars.",
        f"{CSI_RECORDS}::_other_delimiter",
    ),
    csi_rule(CsiRule.F10, "Rejects", "A header without data rows.", f"{CSI_RECORDS}::whole_rows"),
    csi_rule(
        CsiRule.H01,
        "Rejects",
        "Line 1 is data: the header is missing.",
        f"{_HEADER}::_is_data",
    ),
    csi_rule(
        CsiRule.H02,
        "Rejects",
        "The header differs from the template in text, case, blanks, order or count.",
        f"{_HEADER}::judge_header",
        "cei_assets/contracts/csi_vocabulary.py::HEADER_TEMPLATE",
    ),
)
