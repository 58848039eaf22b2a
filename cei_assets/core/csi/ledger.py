"""The ledger of uploads: what the history of its month makes of every one of them.

Groups of application, month and file type do not touch each other; within one, the pass of
`ledger_pass` goes by submission. The outcome depends on the set of uploads alone, not on the order
in which they arrived or were judged.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cei_assets.contracts.csi_vocabulary import CsiRule, CsiSeverity
from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.tables.csi import CSI_LEDGER, CSI_LEDGER_FINDINGS
from cei_assets.core.csi.ledger_pass import Standing, Submission, pass_over
from cei_assets.core.csi.program import CsiOptions, CsiRegister
from cei_assets.core.csi.wording import severity_of

_ORDER = [(name, "ascending") for name in ("submitted_at_utc", "received_at_utc", "receipt_id")]
_FORM_RULES = (CsiRule.U01, CsiRule.U02, CsiRule.U03, CsiRule.U04, CsiRule.U05, CsiRule.U06)
_WITHOUT_CONTENT = (*_FORM_RULES, CsiRule.L01)
_OF_CONTENT = (
    "empty_intervals", "zero_intervals", "solar_btu_sum", "total_btu_sum",
    "backup_gas_therms_sum", "backup_electric_kwh_sum", "backup_propane_therms_sum",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """Every upload with its standing, and what was found in it.

    `uploads` has the columns of `analysis.ledger`, by submission; `findings` those of
    `analysis.findings`, by receipt and number.
    """

    uploads: pa.Table
    findings: pa.Table


def adjudicate(
    uploads: pa.Table,
    *,
    findings: pa.Table,
    register: CsiRegister,
    zone: str = CsiOptions().deadline_zone,
) -> Ledger:
    """Adjudicate all uploads, in any order of rows.

    `uploads` has the columns of `raw.csi_uploads`, one row a receipt, `findings` those of
    `raw.csi_findings`; findings of other receipts are left out. `zone` is the legal time in which
    messages name days. Of an upload that U07 refuses, content counts for nothing: its findings,
    row counts and sums are dropped, form findings and the Late flag stay.
    Raises ValueError when a receipt stands twice.
    """
    ordered = uploads.sort_by(_ORDER)
    receipts = ordered["receipt_id"].combine_chunks()
    if pc.count_distinct(receipts).as_py() != len(receipts):
        raise ValueError(
            f"csi_uploads holds {len(receipts)} rows of "
            f"{pc.count_distinct(receipts).as_py()} receipts; expected one row a receipt: remove "
            "the repeated file of the receipt below raw/csi_uploads"
        )
    standings = _standings(_submissions(ordered), register=register, zone=zone)
    held_findings = _findings(findings, receipts=receipts, standings=standings)
    return Ledger(
        uploads=_uploads(ordered, standings=standings, findings=held_findings),
        findings=held_findings,
    )


def _submissions(ordered: pa.Table) -> list[Submission]:
    names = (
        "receipt_id", "submitted_at_utc", "application_id", "application_month", "file_type",
        "content_result", "csi_is_late",
    )  # fmt: skip
    return [
        Submission(
            receipt_id=receipt_id,
            submitted_at_utc=submitted_at_utc,
            application_id=application_id,
            application_month=application_month,
            file_type=file_type,
            content_result=content_result,
            is_late=bool(is_late),
        )
        for (
            receipt_id, submitted_at_utc, application_id, application_month, file_type,
            content_result, is_late,
        ) in zip(*(ordered[name].to_pylist() for name in names), strict=True)
    ]  # fmt: skip


def _standings(
    submissions: Sequence[Submission], *, register: CsiRegister, zone: str
) -> list[Standing]:
    """One standing per submission, in the same order."""
    replacements = defaultdict(list)
    for authorization in register.replacements:
        replacements[authorization.application_id, authorization.application_month].append(
            authorization
        )
    late_decisions = defaultdict(list)
    for decision in register.late_decisions:
        late_decisions[decision.application_id, decision.application_month].append(decision)
    groups: dict[tuple[str | None, date | None, str | None], list[int]] = defaultdict(list)
    for index, one in enumerate(submissions):
        groups[one.application_id, one.application_month, one.file_type].append(index)
    standings: dict[int, Standing] = {}
    # A loop, since what an upload may do depends on what became of the one before it: 0.4 s for
    # 24,000 uploads.
    for (application_id, month, _), indices in groups.items():
        key = (application_id or "", month or date.min)
        passed = pass_over(
            [submissions[index] for index in indices],
            replacements=replacements.get(key, ()),
            late_decisions=late_decisions.get(key, ()),
            zone=zone,
        )
        standings.update(zip(indices, passed, strict=True))
    return [standings[index] for index in range(len(submissions))]


def _findings(raw: pa.Table, *, receipts: pa.Array, standings: Sequence[Standing]) -> pa.Table:
    """Findings that hold: those of the form, then of the ledger, then of the content."""
    schema = arrow_schema(CSI_LEDGER_FINDINGS)
    is_refused = pa.array([standing.rule is CsiRule.U07 for standing in standings], pa.bool_())
    of_uploads = pc.is_in(raw["receipt_id"], value_set=receipts)
    unread = pc.is_in(raw["receipt_id"], value_set=receipts.filter(is_refused))
    allowed = pc.is_in(raw["csi_rule"], value_set=pa.array(_WITHOUT_CONTENT, pa.string()))
    kept = raw.filter(pc.and_(of_uploads, pc.or_(pc.invert(unread), allowed)))
    kept = kept.select(schema.names).cast(schema)
    is_form = pc.is_in(kept["csi_rule"], value_set=pa.array(_FORM_RULES, pa.string()))
    own = _ledger_findings(receipts, standings, schema)
    place = pa.chunked_array(
        [
            pc.if_else(is_form, 0, 2).cast(pa.int8()).combine_chunks(),
            pa.array(np.ones(own.num_rows, dtype=np.int8)),
        ]
    )
    ordered = (
        pa.concat_tables([kept, own])
        .append_column("place", place)
        .sort_by([(name, "ascending") for name in ("receipt_id", "place", "finding_number")])
    )
    number = pa.array(_number_within(ordered["receipt_id"]), pa.int32())
    column = schema.get_field_index("finding_number")
    return ordered.select(schema.names).set_column(column, schema.field(column), number)


def _ledger_findings(
    receipts: pa.Array, standings: Sequence[Standing], schema: pa.Schema
) -> pa.Table:
    rows = [
        {
            "receipt_id": receipt_id,
            "finding_number": 1,
            "csi_rule": standing.rule.value,
            "csi_severity": severity_of(standing.rule).value,
            "message": standing.message,
            "rule_count": 1,
        }
        for receipt_id, standing in zip(receipts.to_pylist(), standings, strict=True)
        if standing.rule is not None
    ]
    return pa.Table.from_pylist(rows, schema=schema)


def _number_within(groups: pa.ChunkedArray) -> np.ndarray:
    """1, 2, 3 ... within every run of equal values."""
    codes = groups.combine_chunks().dictionary_encode().indices.to_numpy()
    position = np.arange(len(codes))
    starts = np.concatenate([[True], codes[1:] != codes[:-1]])[: len(codes)]
    return position - np.maximum.accumulate(np.where(starts, position, 0)) + 1


def _uploads(ordered: pa.Table, *, standings: Sequence[Standing], findings: pa.Table) -> pa.Table:
    schema = arrow_schema(CSI_LEDGER)
    is_refused = pa.array([standing.rule is CsiRule.U07 for standing in standings], pa.bool_())
    rejecting, other = _counts(findings, ordered["receipt_id"])
    columns: dict[str, pa.Array | pa.ChunkedArray | list[object]] = {
        name: ordered[name] for name in schema.names if name in ordered.column_names
    }
    columns |= {
        "csi_result": [standing.result.value for standing in standings],
        "finding_count": rejecting,
        "warning_count": other,
        "data_rows": pc.if_else(is_refused, 0, ordered["data_rows"]),
    }
    for name in _OF_CONTENT:
        columns[name] = pc.if_else(is_refused, pa.scalar(None, ordered[name].type), ordered[name])
    for name in (
        "attempt_number", "is_effective", "effective_from_utc", "effective_to_utc",
        "replaces_receipt_id", "superseded_by_receipt_id", "authorization_id", "late_decision",
        "late_decided_at_utc",
    ):  # fmt: skip
        columns[name] = [getattr(standing, name) for standing in standings]
    return pa.table({name: columns[name] for name in schema.names}, schema=schema)


def _counts(findings: pa.Table, receipts: pa.ChunkedArray) -> tuple[np.ndarray, np.ndarray]:
    """Rejecting findings and others per receipt, in the order of `receipts`."""
    index = pc.index_in(findings["receipt_id"], value_set=receipts.combine_chunks()).to_numpy()
    rejects = pc.equal(findings["csi_severity"], CsiSeverity.REJECT.value).to_numpy()
    size = len(receipts)
    return (
        np.bincount(index[rejects], minlength=size),
        np.bincount(index[~rejects], minlength=size),
    )
