"""Rules U01 to U06 and L01, and how a form is read."""

from datetime import date, datetime, timedelta, timezone

import pytest

from cei_assets.contracts.csi_vocabulary import CsiResult, CsiSeverity
from cei_assets.core.csi.form import read_form
from cei_assets.core.csi.program import CsiOptions
from tests.csi_reports import (
    MONTH,
    PDP,
    RECEIVED,
    application,
    broken,
    first,
    form,
    form_text,
    judged,
    register,
    report,
    told,
)

VALID = report()
NAIVE_RECEIVED = RECEIVED.replace(tzinfo=None)


def rules(**changes: object) -> dict[str, int]:
    """Rules that a form with changed fields breaks."""
    return broken(judged(VALID, given_form=form(**changes)))


def test_a_form_on_which_everything_is_right_breaks_no_rule() -> None:
    verdict = judged(VALID)
    assert (verdict.findings, verdict.warnings) == ((), ())
    assert verdict.result is CsiResult.SUCCESS
    assert verdict.due_at_utc == datetime.fromisoformat("2013-11-02T06:59:59")
    assert not verdict.is_late


# --- reading the form


def test_numbers_may_be_numbers_or_text() -> None:
    as_numbers = form(year=2013, month=9)
    as_text = form(year="2013", month="09")
    assert as_numbers.application_month == as_text.application_month == MONTH


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2013-11-01T23:59:59", "2013-11-01T23:59:59"),
        ("2013-11-01T23:59:59Z", "2013-11-01T23:59:59"),
        ("2013-11-01 16:59:59-07:00", "2013-11-01T23:59:59"),
        ("2013-11-02T00:59:59.25+0100", "2013-11-01T23:59:59.250000"),
        ("2013-11-01T23:59Z", "2013-11-01T23:59:00"),
    ],
)
def test_time_of_submission_is_converted_to_utc(text: str, utc: str) -> None:
    read = form(submitted_at=text)
    assert read.submitted_at_utc == datetime.fromisoformat(utc)
    assert read.submitted_at == text
    assert read.submitted_at_is_readable


def test_time_of_receipt_stands_in_for_a_missing_time_of_submission() -> None:
    assert form(submitted_at=None).submitted_at_utc == NAIVE_RECEIVED
    received = RECEIVED.astimezone(timezone(timedelta(hours=-7)))
    text = form_text(submitted_at=None)
    read = read_form(text, received_at_utc=received, filename="a.csv")
    assert read.submitted_at_utc == NAIVE_RECEIVED


def test_the_stored_name_stands_in_for_a_missing_original_name() -> None:
    assert form(original_filename=None).original_filename == "stored-name.csv"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (None, "no .form.json"),
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[1]", "one JSON object"),
        ("null", "one JSON object"),
        ('{"application_id": "\ud800"}', "not JSON"),
    ],
    ids=["missing", "empty", "cut off", "a list", "null", "half a character"],
)
def test_a_form_that_cannot_be_read_says_why_in_every_rule_of_its_fields(
    text: str | None, why: str
) -> None:
    read = read_form(text, received_at_utc=RECEIVED, filename="a.csv")
    assert why in (read.problem or "")
    assert read.submitted_at_utc == NAIVE_RECEIVED
    verdict = judged(VALID, given_form=read)
    assert broken(verdict) == {"U01": 1, "U03": 1, "U04": 1, "U05": 1}
    assert all(why in finding.message for finding in verdict.findings)
    assert verdict.due_at_utc is None
    assert not verdict.is_late


def test_a_form_with_a_byte_order_mark_is_read() -> None:
    read = read_form("\ufeff" + form_text(), received_at_utc=RECEIVED, filename="a.csv")
    assert read.application_month == MONTH


@pytest.mark.parametrize("value", [True, 1.5, [2013], {"a": 1}, "", "  ", -1, 2**63])
def test_fields_of_any_json_type_are_read_without_raising(value: object) -> None:
    fields = dict.fromkeys(("application_id", "year", "month", "file_type", "uploader_pdp"), value)
    read = form(**fields, original_filename=value, submitted_at=value)
    assert read.application_month is None
    assert {"U01", "U03", "U04", "U05"} == set(broken(judged(VALID, given_form=read)))


def test_deeply_nested_fields_are_read_without_raising() -> None:
    nested = '{"year": ' + "[" * 900 + "]" * 900 + "}"
    read = read_form(nested, received_at_utc=RECEIVED, filename="a.csv")
    assert read.application_month is None


# --- U01 to U06


def test_u01_takes_an_active_account() -> None:
    assert "U01" not in rules(uploader_pdp=PDP)


@pytest.mark.parametrize("uploader", ["nobody", PDP.upper(), f" {PDP}"])
def test_u01_rejects_an_unknown_account(uploader: str) -> None:
    assert rules(uploader_pdp=uploader) == {"U01": 1}


def test_u01_rejects_an_account_that_is_not_active() -> None:
    verdict = judged(VALID, given_register=register(**{PDP: False}))
    assert broken(verdict) == {"U01": 1}
    assert "not an approved PDP account any more" in verdict.findings[0].message


def test_u01_rejects_a_form_without_account() -> None:
    verdict = judged(VALID, given_form=form(uploader_pdp=None))
    assert broken(verdict) == {"U01": 1}
    assert "names no uploader_pdp: the .form.json lacks it" in verdict.findings[0].message


def test_u02_rejects_another_provider() -> None:
    given = register(application(), other=True)
    verdict = judged(VALID, given_form=form(uploader_pdp="other"), given_register=given)
    assert broken(verdict) == {"U02": 1}
    assert "SCG-00987 is not assigned to PDP 'other'" in verdict.findings[0].message


def test_u02_judges_by_the_provider_of_that_month() -> None:
    given = register(
        application(valid_to_month=date(2013, 9, 1)),
        application(pdp_id="later", valid_from_month=date(2013, 10, 1)),
        later=True,
    )
    october = date(2013, 10, 1)

    def rejected(month: date, uploader: str) -> bool:
        judged_form = form(month, uploader_pdp=uploader)
        verdict = judged(report(month), given_form=judged_form, given_register=given)
        return "U02" in broken(verdict)

    assert not rejected(MONTH, PDP)
    assert rejected(MONTH, "later")
    assert rejected(october, PDP)
    assert not rejected(october, "later")


def test_u02_is_silent_where_account_or_application_is_unknown() -> None:
    assert rules(uploader_pdp="nobody", application_id="SCG-99999") == {"U01": 1, "U03": 1}


@pytest.mark.parametrize("application_id", ["SCG-99999", "scg-00987", "SCG-00987 ", "x"])
def test_u03_rejects_what_is_not_in_the_register(application_id: str) -> None:
    assert rules(application_id=application_id) == {"U03": 1}


def test_u03_takes_a_registered_application() -> None:
    given = register(application("PGE-01357"))
    verdict = judged(
        report(application_id="PGE-01357"),
        given_form=form(application_id="PGE-01357"),
        given_register=given,
    )
    assert verdict.result is CsiResult.SUCCESS


def test_u03_rejects_a_form_without_application() -> None:
    assert rules(application_id=None) == {"U03": 1}


@pytest.mark.parametrize("file_type", ["application_interval", "meter_interval"])
def test_u04_takes_both_types(file_type: str) -> None:
    assert rules(file_type=file_type) == {}


@pytest.mark.parametrize("file_type", ["", "Application_Interval", "zip", None])
def test_u04_rejects_any_other_type(file_type: str | None) -> None:
    assert rules(file_type=file_type) == {"U04": 1}


@pytest.mark.parametrize(("year", "month"), [("2013", "1"), ("2013", "01"), (2013, 12)])
def test_u05_takes_months_of_the_programme(year: object, month: object) -> None:
    broken_rules = rules(year=year, month=month, submitted_at="2014-01-20T00:00:00Z")
    assert "U05" not in broken_rules
    assert "T03" in broken_rules, "the content of another month is judged"


@pytest.mark.parametrize(
    ("year", "month"),
    [
        (2013, 0),
        (2013, 13),
        (2013, "٩"),
        (2013, " 9"),
        (2013, "009"),
        (2012, 12),
        (2014, 1),
        (13, 9),
        ("02013", 9),
        (None, 9),
        (2013, None),
        (2013.0, 9),
    ],
)
def test_u05_rejects_what_names_no_month(year: object, month: object) -> None:
    verdict = judged(VALID, given_form=form(year=year, month=month))
    assert broken(verdict) == {"U05": 1}
    assert verdict.due_at_utc is None


def test_u05_takes_the_year_of_submission_and_no_later_one() -> None:
    assert "U05" not in rules(year=2013, submitted_at="2013-12-31T23:59:59Z")
    assert "U05" in rules(year=2014, submitted_at="2013-12-31T23:59:59Z")
    later = form(year=2014, submitted_at="2013-12-31T23:59:59Z")
    message = first(judged(VALID, given_form=later), "U05").message
    assert "a year from 2013 to that of the submission, 2013" in message
    assert rules(year=2014, month=1, submitted_at="2014-01-01T00:00:00Z") == {"U06": 1}


def test_u06_takes_a_submission_from_the_month_end_in_los_angeles() -> None:
    assert rules(submitted_at="2013-10-01T07:00:00Z") == {}


def test_u06_rejects_a_submission_before_the_month_end() -> None:
    verdict = judged(VALID, given_form=form(submitted_at="2013-10-01T06:59:59Z"))
    assert broken(verdict) == {"U06": 1}
    message = verdict.findings[0].message
    assert "September 2013 ends 2013-10-01 00:00; submitted 2013-09-30 23:59:59" in message


@pytest.mark.parametrize(
    "text",
    [
        "yesterday",
        "2013-10-20",
        "20131020T120000Z",
        "2013-10-32T00:00Z",
        "2013-W42-1",
        "9999-12-31T23:59:59Z",
    ],
)
def test_u06_rejects_a_time_of_submission_that_cannot_be_read(text: str) -> None:
    verdict = judged(VALID, given_form=form(submitted_at=text))
    assert broken(verdict) == {"U06": 1}
    assert "not an ISO 8601 time of this century" in verdict.findings[0].message


def test_all_u_findings_come_together_and_the_content_is_not_read() -> None:
    verdict = judged(
        b"",
        given_form=form(uploader_pdp="nobody", file_type="zip", submitted_at="2013-09-20T12:00Z"),
    )
    assert broken(verdict) == {"U01": 1, "U04": 1, "U06": 1}
    assert verdict.data_rows == 0


# --- L01


def test_l01_is_silent_through_the_last_second() -> None:
    verdict = judged(VALID, given_form=form(submitted_at="2013-11-01T23:59:59.999-07:00"))
    assert not verdict.is_late
    assert told(verdict) == {}


def test_l01_flags_from_midnight_on_and_leaves_the_result() -> None:
    verdict = judged(VALID, given_form=form(submitted_at="2013-11-02T00:00:00-07:00"))
    assert verdict.is_late
    assert verdict.result is CsiResult.SUCCESS
    flag = first(verdict, "L01")
    assert flag.severity is CsiSeverity.FLAG
    assert "due 2013-11-01 23:59:59, received 2013-11-02 00:00:00" in flag.message


def test_l01_flags_failures_too() -> None:
    late = form(submitted_at="2014-01-01T00:00:00Z", uploader_pdp="nobody")
    verdict = judged(VALID, given_form=late)
    assert (broken(verdict), told(verdict), verdict.is_late) == ({"U01": 1}, {"L01": 1}, True)


def test_l01_follows_the_zone_of_the_options() -> None:
    given = form(submitted_at="2013-11-02T00:00:00Z")
    verdict = judged(VALID, given_form=given, options=CsiOptions(deadline_zone="UTC"))
    assert verdict.is_late
    assert not judged(VALID, given_form=given).is_late


# --- meter interval reports


def test_a_meter_report_is_never_read() -> None:
    meter = form(file_type="meter_interval", original_filename="meter.zip")
    verdict = judged(b"PK\x03\x04 not a csv", given_form=meter)
    assert verdict.result is CsiResult.SUCCESS
    assert verdict.intervals is None
    assert verdict.data_rows == 0


def test_f01_only_warns_of_an_empty_meter_report() -> None:
    verdict = judged(b"", given_form=form(file_type="meter_interval"))
    assert verdict.result is CsiResult.SUCCESS
    assert first(verdict, "F01").severity is CsiSeverity.WARN


def test_l01_flags_a_late_meter_report() -> None:
    late = form(file_type="meter_interval", submitted_at="2013-11-02T07:00:00Z")
    verdict = judged(b"x", given_form=late)
    assert (verdict.is_late, told(verdict)) == (True, {"L01": 1})


def test_u_rules_hold_for_meter_reports() -> None:
    meter = form(file_type="meter_interval", uploader_pdp="nobody")
    assert broken(judged(b"x", given_form=meter)) == {"U01": 1}
