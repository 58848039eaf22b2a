"""Whatever the order of arrival: the same ledger, every upload once, one Success a month."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from hypothesis import given, settings
from hypothesis import strategies as st

from cei_assets.contracts.tables.csi import CSI_LEDGER
from cei_assets.core.csi.ledger import adjudicate
from cei_assets.core.csi.program import CsiRegister
from tests.csi_uploads import (
    METER,
    OCTOBER,
    REPORT,
    SEPTEMBER,
    at,
    authorised,
    decided,
    findings_table,
    later,
    upload,
    uploads_table,
)

START = at("2013-10-31")
# Few moments, so that uploads, authorisations and decisions often meet; the deadline is among them.
MOMENTS = st.integers(0, 5).map(lambda days: later(START, days=days))
RECEIPTS = [f"r{number}" for number in range(9)]
MONTHS = st.sampled_from([SEPTEMBER, SEPTEMBER, SEPTEMBER, OCTOBER, None])
# What an upload later in the order may still change of an earlier one.
OPEN_ENDED = (
    "is_effective",
    "effective_to_utc",
    "superseded_by_receipt_id",
    "late_decision",
    "late_decided_at_utc",
)

UPLOADS = st.lists(
    st.builds(
        upload,
        st.sampled_from(RECEIPTS),
        MOMENTS,
        application=st.sampled_from(["SCG-00987", "SCG-00987", "PGE-01357", None]),
        month=MONTHS,
        file_type=st.sampled_from([REPORT, REPORT, REPORT, METER, None]),
        fails=st.sampled_from([(), (), ("U02",), ("R08", "T06")]),
        tells=st.sampled_from([(), ("W02",)]),
        received_at_utc=MOMENTS,
    ),
    max_size=9,
    unique_by=lambda row: row["receipt_id"],
)
REPLACEMENTS = st.lists(
    st.builds(
        authorised,
        MOMENTS,
        name=st.sampled_from(["a1", "a2", "a3"]),
        replaces=st.sampled_from([None, None, *RECEIPTS]),
        late=st.sampled_from([None, "pay", "deny"]),
    ),
    max_size=3,
    unique_by=lambda each: each.authorization_id,
)
DECISIONS = st.lists(
    st.builds(
        decided,
        MOMENTS.map(lambda moment: moment + timedelta(hours=1)),
        st.sampled_from(["pay", "deny"]),
        receipt=st.sampled_from([None, *RECEIPTS]),
    ),
    max_size=3,
)


def ledger(rows: Sequence[dict[str, Any]], register: CsiRegister) -> tuple[pa.Table, pa.Table]:
    made = adjudicate(uploads_table(rows), findings=findings_table(rows), register=register)
    return made.uploads, made.findings


def of_register(replacements: Sequence[Any], decisions: Sequence[Any]) -> CsiRegister:
    return CsiRegister(replacements=tuple(replacements), late_decisions=tuple(decisions))


@settings(deadline=None)
@given(rows=UPLOADS, replacements=REPLACEMENTS, decisions=DECISIONS, data=st.data())
def test_any_order_of_arrival_gives_the_same_ledger(
    rows: list[dict[str, Any]], replacements: list[Any], decisions: list[Any], data: st.DataObject
) -> None:
    expected = ledger(rows, of_register(replacements, decisions))
    found = ledger(
        data.draw(st.permutations(rows)),
        of_register(
            data.draw(st.permutations(replacements)), data.draw(st.permutations(decisions))
        ),
    )
    assert found[0].equals(expected[0])
    assert found[1].equals(expected[1])


@settings(deadline=None)
@given(rows=UPLOADS, replacements=REPLACEMENTS)
def test_every_upload_is_in_the_ledger_once_with_what_was_received(
    rows: list[dict[str, Any]], replacements: list[Any]
) -> None:
    uploads, findings = ledger(rows, of_register(replacements, ()))
    received = {row["receipt_id"]: row for row in uploads_table(rows).to_pylist()}
    assert sorted(uploads["receipt_id"].to_pylist()) == sorted(received)
    own = {"finding_count", "warning_count", "data_rows", "empty_intervals", "zero_intervals"}
    for row in uploads.to_pylist():
        for name in set(CSI_LEDGER.column_names) & received[row["receipt_id"]].keys() - own:
            if not name.endswith("_sum"):
                assert row[name] == received[row["receipt_id"]][name]
    rejects = findings.filter(pc.equal(findings["csi_severity"], "reject"))["receipt_id"]
    failed = {row["receipt_id"] for row in uploads.to_pylist() if row["csi_result"] == "Failure"}
    readable = {
        row["receipt_id"] for row in rows if row["application_id"] and row["application_month"]
    }
    assert set(rejects.to_pylist()) & readable == failed & readable
    assert sum(uploads["finding_count"].to_pylist()) == len(rejects)
    total = sum(uploads["finding_count"].to_pylist()) + sum(uploads["warning_count"].to_pylist())
    assert total == findings.num_rows


@settings(deadline=None)
@given(rows=UPLOADS, replacements=REPLACEMENTS, decisions=DECISIONS)
def test_what_is_decided_does_not_depend_on_later_uploads(
    rows: list[dict[str, Any]], replacements: list[Any], decisions: list[Any]
) -> None:
    register = of_register(replacements, decisions)
    uploads, findings = ledger(rows, register)
    order = uploads["receipt_id"].to_pylist()
    by_receipt = {row["receipt_id"]: row for row in rows}
    for length in range(len(order)):
        early = [by_receipt[receipt] for receipt in order[:length]]
        early_uploads, early_findings = ledger(early, register)
        assert early_uploads.drop_columns(OPEN_ENDED).equals(
            uploads.slice(0, length).drop_columns(OPEN_ENDED)
        )
        is_early = pc.is_in(findings["receipt_id"], value_set=pa.array(order[:length], pa.string()))
        assert early_findings.equals(findings.filter(is_early))


@settings(deadline=None)
@given(rows=UPLOADS, replacements=REPLACEMENTS)
def test_one_success_holds_a_month_without_gap_or_overlap(
    rows: list[dict[str, Any]], replacements: list[Any]
) -> None:
    uploads, _ = ledger(rows, of_register(replacements, ()))
    reports: dict[tuple[str, date], list[dict[str, Any]]] = defaultdict(list)
    for row in uploads.to_pylist():
        if row["file_type"] == REPORT and row["application_id"] and row["application_month"]:
            reports[row["application_id"], row["application_month"]].append(row)
        else:
            assert not row["is_effective"]
            assert row["effective_from_utc"] is None
    for history in reports.values():
        in_force = [row for row in history if row["effective_from_utc"]]
        good = [row for row in history if row["content_result"] == "Success"]
        assert bool(in_force) == bool(good)
        assert in_force[:1] == good[:1]
        for row, after in pairwise([*in_force, None]):
            assert row is not None
            assert row["csi_result"] == "Success"
            assert row["is_effective"] == (after is None)
            assert row["superseded_by_receipt_id"] == (after and after["receipt_id"])
            assert row["effective_to_utc"] == (after and after["effective_from_utc"])
            assert after is None or after["replaces_receipt_id"] == row["receipt_id"]


@settings(deadline=None)
@given(rows=UPLOADS, replacements=REPLACEMENTS)
def test_no_authorisation_is_used_twice_or_before_it_was_given(
    rows: list[dict[str, Any]], replacements: list[Any]
) -> None:
    uploads, _ = ledger(rows, of_register(replacements, ()))
    given_at = {each.authorization_id: each.authorized_at_utc for each in replacements}
    used = [row for row in uploads.to_pylist() if row["authorization_id"]]
    assert len({row["authorization_id"] for row in used}) == len(used)
    assert all(given_at[row["authorization_id"]] <= row["submitted_at_utc"] for row in used)
