"""The ordered pass: one Success a month, replacements, Late, by rule."""

from datetime import date
from decimal import Decimal

import pytest

from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.render.pandera import validate_arrow
from cei_assets.contracts.tables.csi import CSI_LEDGER, CSI_LEDGER_FINDINGS
from cei_assets.core.csi.ledger import adjudicate
from cei_assets.core.csi.program import CsiRegister, Replacement
from tests.csi_uploads import (
    METER,
    OCTOBER,
    at,
    authorised,
    by_receipt,
    decided,
    findings_table,
    ledger_of,
    upload,
    uploads_table,
)

LATE = "2013-11-20"


def test_u07_first_success_holds_and_the_next_upload_is_not_read() -> None:
    rows = by_receipt(ledger_of(upload("r1", "2013-10-05"), upload("r2", "2013-10-06")))
    assert (rows["r1"]["csi_result"], rows["r1"]["is_effective"]) == ("Success", True)
    assert rows["r1"]["effective_from_utc"] == at("2013-10-05")
    assert (rows["r2"]["csi_result"], rows["r2"]["is_effective"]) == ("Failure", False)
    assert rows["r2"]["rules"] == ["U07"]
    assert rows["r2"]["content_result"] == "Success"
    assert (rows["r2"]["data_rows"], rows["r2"]["solar_btu_sum"]) == (0, None)
    assert (rows["r1"]["data_rows"], rows["r1"]["solar_btu_sum"]) == (2880, Decimal(57_366_132))


def test_u07_message_names_attempt_and_pacific_day() -> None:
    ledger = ledger_of(
        upload("r1", "2013-10-05", fails=["R08"]),
        upload("r2", "2013-10-16 03:00:00"),
        upload("r3", "2013-10-17"),
    )
    assert ledger.findings.to_pylist()[-1]["message"] == (
        "CSI-U07: upload #2 of 2013-10-15 already succeeded; contact the administrator"
    )


def test_u07_drops_content_findings_and_keeps_those_of_the_form_and_the_late_flag() -> None:
    rows = by_receipt(
        ledger_of(
            upload("r1", "2013-10-05"),
            upload("r2", "2013-10-06", fails=["F07", "R08"], tells=["W10"]),
            upload("r3", LATE, fails=["U02"]),
        )
    )
    assert (rows["r2"]["rules"], rows["r2"]["finding_count"]) == (["U07"], 1)
    assert rows["r2"]["warning_count"] == 0
    assert rows["r3"]["rules"] == ["U02", "U07", "L01"]
    assert (rows["r3"]["finding_count"], rows["r3"]["warning_count"]) == (2, 1)


def test_u07_holds_for_the_same_bytes_again() -> None:
    rows = by_receipt(
        ledger_of(
            upload("r1", "2013-10-05", sha256="a" * 64), upload("r2", "2013-10-06", sha256="a" * 64)
        )
    )
    assert rows["r2"]["rules"] == ["U07"]


def test_u07_failures_never_block() -> None:
    rows = by_receipt(
        ledger_of(
            upload("r1", "2013-10-05", fails=["T06"]),
            upload("r2", "2013-10-06", fails=["U02"]),
            upload("r3", "2013-10-07"),
        )
    )
    assert [rows[name]["attempt_number"] for name in ("r1", "r2", "r3")] == [1, 2, 3]
    assert rows["r3"]["is_effective"]
    assert rows["r1"]["rules"] == ["T06"]


def test_u07_other_months_and_applications_do_not_block() -> None:
    rows = by_receipt(
        ledger_of(
            upload("r1", "2013-11-10"),
            upload("r2", "2013-11-11", month=OCTOBER),
            upload("r3", "2013-11-12", application="PGE-01357"),
        )
    )
    assert all(row["is_effective"] for row in rows.values())


def test_u07_exactly_one_of_two_uploads_at_once_wins() -> None:
    same = [upload(name, "2013-10-05 12:00:00") for name in ("rb", "ra")]
    rows = by_receipt(ledger_of(*same))
    assert {name: row["is_effective"] for name, row in rows.items()} == {"ra": True, "rb": False}
    first_received = upload("rb", "2013-10-05 12:00:00", received_at_utc=at("2013-10-05 11:00:00"))
    assert by_receipt(ledger_of(same[1], first_received))["rb"]["is_effective"]


def test_u08_authorised_upload_replaces_the_success() -> None:
    register = CsiRegister(replacements=(authorised("2013-10-10 05:00:00", replaces="r1"),))
    ledger = ledger_of(upload("r1", "2013-10-05"), upload("r2", "2013-10-12"), register=register)
    rows = by_receipt(ledger)
    assert (rows["r2"]["csi_result"], rows["r2"]["rules"]) == ("Success", ["U08"])
    assert (rows["r2"]["replaces_receipt_id"], rows["r2"]["authorization_id"]) == ("r1", "a1")
    assert rows["r2"]["warning_count"] == 1
    assert ledger.findings.to_pylist()[-1]["message"] == (
        "CSI-U08: replaces upload #1, authorised by SoCalGas on 2013-10-09"
    )
    old = rows["r1"]
    assert (old["csi_result"], old["is_effective"], old["data_rows"]) == ("Success", False, 2880)
    assert old["effective_from_utc"] == at("2013-10-05")
    assert old["effective_to_utc"] == rows["r2"]["effective_from_utc"] == at("2013-10-12")
    assert old["superseded_by_receipt_id"] == "r2"


def test_u08_faulty_replacement_leaves_the_success_and_the_authorisation() -> None:
    register = CsiRegister(replacements=(authorised("2013-10-10"),))
    rows = by_receipt(
        ledger_of(
            upload("r1", "2013-10-05"),
            upload("r2", "2013-10-12", fails=["R08"]),
            upload("r3", "2013-10-13"),
            register=register,
        )
    )
    assert (rows["r2"]["csi_result"], rows["r2"]["rules"]) == ("Failure", ["R08"])
    assert rows["r2"]["data_rows"] == 2880
    assert rows["r2"]["authorization_id"] is None
    assert rows["r3"]["is_effective"]
    assert rows["r1"]["superseded_by_receipt_id"] == "r3"


def test_u08_authorisation_is_used_once() -> None:
    register = CsiRegister(replacements=(authorised("2013-10-10"),))
    rows = by_receipt(
        ledger_of(
            upload("r1", "2013-10-05"),
            upload("r2", "2013-10-12"),
            upload("r3", "2013-10-13"),
            register=register,
        )
    )
    assert rows["r3"]["rules"] == ["U07"]
    assert rows["r2"]["is_effective"]


@pytest.mark.parametrize(
    "authorisation",
    [
        authorised("2013-10-12 00:00:01"),
        authorised("2013-10-10", replaces="another"),
        authorised("2013-10-10", month=OCTOBER),
        authorised("2013-10-10", application="PGE-01357"),
    ],
    ids=["given later", "for another upload", "for another month", "for another application"],
)
def test_u08_authorisation_that_does_not_fit_replaces_nothing(authorisation: Replacement) -> None:
    register = CsiRegister(replacements=(authorisation,))
    rows = by_receipt(
        ledger_of(upload("r1", "2013-10-05"), upload("r2", "2013-10-12"), register=register)
    )
    assert rows["r2"]["rules"] == ["U07"]


def test_u08_authorisation_given_at_the_moment_of_submission_fits() -> None:
    register = CsiRegister(replacements=(authorised("2013-10-12"),))
    rows = by_receipt(
        ledger_of(upload("r1", "2013-10-05"), upload("r2", "2013-10-12"), register=register)
    )
    assert rows["r2"]["rules"] == ["U08"]


def test_u08_authorisation_for_this_upload_goes_before_one_for_any() -> None:
    register = CsiRegister(
        replacements=(
            authorised("2013-10-06", name="any"),
            authorised("2013-10-10", name="this", replaces="r1"),
        )
    )
    rows = by_receipt(
        ledger_of(
            upload("r1", "2013-10-05"),
            upload("r2", "2013-10-12"),
            upload("r3", "2013-10-13"),
            register=register,
        )
    )
    assert (rows["r2"]["authorization_id"], rows["r3"]["authorization_id"]) == ("this", "any")
    assert rows["r3"]["replaces_receipt_id"] == "r2"


def test_l01_late_success_is_a_success_and_keeps_its_flag() -> None:
    row = by_receipt(ledger_of(upload("r1", LATE)))["r1"]
    assert (row["csi_result"], row["csi_is_late"], row["rules"]) == ("Success", True, ["L01"])
    assert row["late_decision"] is None


def test_l01_failure_on_time_does_not_protect_a_later_success() -> None:
    rows = by_receipt(ledger_of(upload("r1", "2013-10-30", fails=["T06"]), upload("r2", LATE)))
    assert not rows["r1"]["csi_is_late"]
    assert (rows["r2"]["csi_is_late"], rows["r2"]["is_effective"]) == (True, True)


def test_l01_failure_may_be_late_too() -> None:
    row = by_receipt(ledger_of(upload("r1", LATE, fails=["T06"])))["r1"]
    assert (row["csi_result"], row["rules"]) == ("Failure", ["T06", "L01"])


def test_late_decision_names_its_upload() -> None:
    register = CsiRegister(late_decisions=(decided("2013-11-25", "pay", receipt="r1"),))
    rows = by_receipt(ledger_of(upload("r1", LATE), upload("r2", "2013-11-21"), register=register))
    assert rows["r1"]["late_decision"] == "pay"
    assert rows["r1"]["late_decided_at_utc"] == at("2013-11-25")
    assert rows["r2"]["late_decision"] is None


def test_late_decision_without_upload_means_the_success_of_that_time() -> None:
    register = CsiRegister(
        replacements=(authorised("2013-11-26"),),
        late_decisions=(decided("2013-11-25", "pay"), decided("2013-11-28", "deny")),
    )
    rows = by_receipt(ledger_of(upload("r1", LATE), upload("r2", "2013-11-27"), register=register))
    assert (rows["r1"]["late_decision"], rows["r2"]["late_decision"]) == ("pay", "deny")


def test_late_decision_at_the_moment_of_replacement_means_the_new_success() -> None:
    register = CsiRegister(
        replacements=(authorised("2013-11-26"),),
        late_decisions=(decided("2013-11-27", "pay"),),
    )
    rows = by_receipt(ledger_of(upload("r1", LATE), upload("r2", "2013-11-27"), register=register))
    assert (rows["r1"]["late_decision"], rows["r2"]["late_decision"]) == (None, "pay")


def test_late_decision_goes_before_one_of_the_same_moment_in_the_authorisation() -> None:
    register = CsiRegister(
        replacements=(authorised("2013-11-26", late="pay"),),
        late_decisions=(decided("2013-11-26", "deny", receipt="r2"),),
    )
    rows = by_receipt(ledger_of(upload("r1", LATE), upload("r2", "2013-11-27"), register=register))
    assert rows["r2"]["late_decision"] == "deny"


def test_late_decision_before_the_success_means_nothing() -> None:
    register = CsiRegister(late_decisions=(decided("2013-11-19", "pay"),))
    assert (
        by_receipt(ledger_of(upload("r1", LATE), register=register))["r1"]["late_decision"] is None
    )


def test_late_decision_newest_holds() -> None:
    register = CsiRegister(
        late_decisions=(decided("2013-11-28", "pay"), decided("2013-11-25", "deny"))
    )
    row = by_receipt(ledger_of(upload("r1", LATE), register=register))["r1"]
    assert (row["late_decision"], row["late_decided_at_utc"]) == ("pay", at("2013-11-28"))


def test_late_decision_comes_with_the_authorisation_to_replace() -> None:
    register = CsiRegister(replacements=(authorised("2013-11-26", late="pay"),))
    rows = by_receipt(ledger_of(upload("r1", LATE), upload("r2", "2013-11-27"), register=register))
    assert rows["r1"]["late_decision"] is None
    assert rows["r2"]["late_decision"] == "pay"
    assert rows["r2"]["late_decided_at_utc"] == at("2013-11-26")


def test_late_decision_says_nothing_of_an_upload_on_time() -> None:
    register = CsiRegister(late_decisions=(decided("2013-11-28", "deny"),))
    assert (
        by_receipt(ledger_of(upload("r1", "2013-10-05"), register=register))["r1"]["late_decision"]
        is None
    )


def test_meter_reports_are_versions_that_never_count() -> None:
    rows = by_receipt(
        ledger_of(
            upload("r1", "2013-10-05", file_type=METER),
            upload("r2", "2013-10-06", file_type=METER),
            upload("r3", "2013-10-07"),
            upload("r4", "2013-10-08", file_type=METER),
        )
    )
    meters = [rows[name] for name in ("r1", "r2", "r4")]
    assert [row["attempt_number"] for row in meters] == [1, 2, 3]
    assert all(row["csi_result"] == "Success" and not row["rules"] for row in meters)
    assert not any(row["is_effective"] or row["effective_from_utc"] for row in meters)
    assert (rows["r3"]["is_effective"], rows["r3"]["attempt_number"]) == (True, 1)


def test_upload_without_readable_form_stays_as_a_failure() -> None:
    rows = by_receipt(
        ledger_of(
            upload("r1", "2013-10-05", month=None, fails=["U05"]),
            upload("r2", "2013-10-06", application=None, fails=["U03"]),
            upload("r3", "2013-10-07", file_type=None, fails=["U04"]),
            upload("r4", "2013-10-08"),
        )
    )
    for name in ("r1", "r2", "r3"):
        assert (rows[name]["csi_result"], rows[name]["attempt_number"]) == ("Failure", None)
    assert rows["r4"]["is_effective"]


def test_provider_change_mid_term_leaves_every_month_to_its_provider() -> None:
    rows = by_receipt(
        ledger_of(
            upload("r1", "2013-10-05", uploader_pdp="old"),
            upload("r2", "2013-11-05", month=OCTOBER, uploader_pdp="old", fails=["U02"]),
            upload("r3", "2013-11-06", month=OCTOBER, uploader_pdp="new"),
        )
    )
    assert [rows[name]["is_effective"] for name in ("r1", "r2", "r3")] == [True, False, True]
    assert (rows["r3"]["attempt_number"], rows["r3"]["uploader_pdp"]) == (2, "new")


def test_findings_are_numbered_anew_in_the_order_form_ledger_content() -> None:
    register = CsiRegister(replacements=(authorised("2013-11-19"),))
    ledger = ledger_of(
        upload("r1", "2013-10-05"),
        upload("r2", LATE, tells=["W02"]),
        upload("r3", LATE, fails=["U01", "U02"]),
        register=register,
    )
    found = [
        (each["receipt_id"], each["finding_number"], each["csi_rule"])
        for each in ledger.findings.to_pylist()
    ]
    assert found == [
        ("r2", 1, "CSI-U08"),
        ("r2", 2, "CSI-L01"),
        ("r2", 3, "CSI-W02"),
        ("r3", 1, "CSI-U01"),
        ("r3", 2, "CSI-U02"),
        ("r3", 3, "CSI-U07"),
        ("r3", 4, "CSI-L01"),
    ]


def test_result_is_as_declared_also_when_there_is_nothing() -> None:
    register = CsiRegister(replacements=(authorised("2013-11-19", late="pay"),))
    some = ledger_of(
        upload("r1", "2013-10-05"), upload("r2", LATE), upload("r3", LATE), register=register
    )
    for ledger in (some, ledger_of()):
        assert ledger.uploads.schema.equals(arrow_schema(CSI_LEDGER))
        assert ledger.findings.schema.equals(arrow_schema(CSI_LEDGER_FINDINGS))
        assert not validate_arrow(CSI_LEDGER, ledger.uploads)
        assert not validate_arrow(CSI_LEDGER_FINDINGS, ledger.findings)


def test_findings_of_a_receipt_that_is_not_judged_yet_are_left_out() -> None:
    first, second = upload("r1", "2013-10-05"), upload("r2", "2013-10-06", fails=["R08"])
    ledger = adjudicate(
        uploads_table([first]), findings=findings_table([first, second]), register=CsiRegister()
    )
    assert ledger.findings.num_rows == 0


def test_receipt_that_stands_twice_is_refused() -> None:
    twice = upload("r1", "2013-10-05")
    with pytest.raises(ValueError, match="2 rows of 1 receipts; expected one row a receipt"):
        ledger_of(twice, twice)


def test_leap_february_is_a_month_like_others() -> None:
    row = by_receipt(ledger_of(upload("r1", "2016-03-05", month=date(2016, 2, 1))))["r1"]
    assert row["is_effective"]
    assert row["due_at_utc"] == at("2016-04-02 06:59:59")
