"""Uploads with everything that is known of them, made ready for a page."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from cei_assets.contracts.csi_vocabulary import CsiSeverity
from cei_assets.core.reports.formats import exact, moment, month, number, words, yes_no
from cei_assets.core.reports.model import Row

NOT_GIVEN = "none given"
BTU = "BTU"
_SUMS = (
    ("solar_btu_sum", "D, solar heat", BTU),
    ("total_btu_sum", "E, total heat", BTU),
    ("backup_gas_therms_sum", "F, back-up gas", "therm"),
    ("backup_electric_kwh_sum", "G, back-up electricity", "kWh"),
    ("backup_propane_therms_sum", "H, back-up propane", "therm"),
)


@dataclass(frozen=True, kw_only=True)
class UploadDetail:
    """One upload: its row, what rejects it, what else was said, and the month's other attempts.

    `facts` are terms and texts; `original` is the relative address of the archived file.
    """

    row: Row
    errors: Sequence[Row]
    warnings: Sequence[Row]
    attempts: Sequence[Row]
    original: str
    facts: Sequence[tuple[str, str]]


def upload_details(
    rows: Sequence[Row], *, findings: Iterable[Row], attempts: Iterable[Row], archive: str
) -> list[UploadDetail]:
    """The uploads in their order, with the findings and attempts that concern each."""
    by_receipt: Mapping[str, list[Row]] = _grouped(findings, "receipt_id")
    by_month: Mapping[tuple[object, ...], list[Row]] = _by_month(attempts)
    return [
        UploadDetail(
            row=row,
            errors=[found for found in by_receipt[row["receipt_id"]] if _rejects(found)],
            warnings=[found for found in by_receipt[row["receipt_id"]] if not _rejects(found)],
            attempts=by_month[_month_key(row)],
            original=f"{archive}/{row['sha256'][:2]}/{row['sha256']}",
            facts=_facts(row),
        )
        for row in rows
    ]


def _facts(row: Row) -> list[tuple[str, str]]:
    """What is known of an upload; terms that do not apply are left out."""
    return [
        *_identity(row),
        *_history(row),
        ("Data rows", number(row["data_rows"])),
        *_counts(row),
        ("Bytes", number(row["size_bytes"])),
        ("Rules", row["validator_version"]),
        ("Template", row["template_version"]),
    ]


def _identity(row: Row) -> list[tuple[str, str]]:
    due, late = row["due_pacific"], row["csi_is_late"]
    chosen, kind = row["application_month"], row["file_type"]
    facts = [
        ("Application", row["application_id"] or NOT_GIVEN),
        ("Administrator", row["program_administrator"] or "unknown"),
        ("PDP", row["uploader_pdp"] or NOT_GIVEN),
        ("Month", month(chosen) if chosen else NOT_GIVEN),
        ("Type", words(kind) if kind else NOT_GIVEN),
        ("Received, Pacific", moment(row["submitted_pacific"])),
        ("Due, Pacific", moment(due) if due else "no month, no due date"),
        ("Late", "not known" if late is None else yes_no(late)),
        ("Result", row["csi_result"]),
    ]
    if row["content_result"] != row["csi_result"]:
        facts.append(("Form and content alone", row["content_result"]))
    return facts


def _history(row: Row) -> list[tuple[str, str]]:
    facts = [("In force", yes_no(row["is_effective"]))]
    if row["attempt_number"] is not None:
        facts.insert(0, ("Upload number of the month", str(row["attempt_number"])))
    if row["effective_from_pacific"]:
        facts.append(("In force from, Pacific", moment(row["effective_from_pacific"])))
    if row["effective_to_pacific"]:
        facts.append(("In force until, Pacific", moment(row["effective_to_pacific"])))
    if row["authorization_id"]:
        facts.append(("Authorisation", row["authorization_id"]))
    if row["late_decision"]:
        decided = row["late_decided_pacific"]
        since = f", {moment(decided)} Pacific" if decided else ""
        facts.append(("Late decision", f"{row['late_decision']}{since}"))
    return facts


def _counts(row: Row) -> list[tuple[str, str]]:
    return [
        *(
            (term, number(row[name]))
            for name, term in (
                ("empty_intervals", "Empty intervals"),
                ("zero_intervals", "Zero intervals"),
            )
            if row[name] is not None
        ),
        *(
            (f"Sum of {label}", f"{number(row[name]) if unit == BTU else exact(row[name])} {unit}")
            for name, label, unit in _SUMS
            if row[name] is not None
        ),
    ]


def _rejects(finding: Row) -> bool:
    return bool(finding["csi_severity"] == CsiSeverity.REJECT.value)


def _month_key(row: Row) -> tuple[object, ...]:
    return row["application_id"], row["application_month"], row["file_type"]


def _by_month(rows: Iterable[Row]) -> Mapping[tuple[object, ...], list[Row]]:
    grouped: dict[tuple[object, ...], list[Row]] = defaultdict(list)
    for row in rows:
        # What no month can be named for has no other attempts.
        if None not in _month_key(row):
            grouped[_month_key(row)].append(row)
    return grouped


def _grouped(rows: Iterable[Row], name: str) -> Mapping[str, list[Row]]:
    grouped: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[row[name]].append(row)
    return grouped
