"""The programme's register: what people write, what it means, what is refused and how."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from cei_assets.contracts.csi_vocabulary import (
    BackupType,
    DisplacedFuel,
    LateDecision,
    QuantityUnit,
)
from cei_assets.contracts.render.arrow import arrow_schema
from cei_assets.contracts.tables.csi import CSI_REGISTER_TABLES
from cei_assets.core.csi.program import Application, CsiOptions, CsiRegister
from cei_assets.core.csi.register import judge_csi_register
from tests.csi_reports import APPLICATION_ID, PDP
from tests.small_csi_register import APPLICATION, HEADERS, findings, texts, verdict, with_cells

APPLICATIONS = "register/csi_applications.csv"


def at(text: str) -> datetime:
    """Naive UTC."""
    return datetime.fromisoformat(text)


def only_application(row: str) -> Application:
    judged = verdict(csi_applications=(row,))
    assert [str(finding) for finding in judged.findings if finding.is_error] == []
    (version,) = judged.register.applications[APPLICATION_ID]
    return version


def test_the_small_register_is_valid_and_typed() -> None:
    judged = verdict()
    assert judged.findings == ()
    assert {
        table.name: judged.tables[table.name].schema.equals(arrow_schema(table))
        for table in CSI_REGISTER_TABLES
    } == dict.fromkeys(("applications", "pdps", "replacements", "late_decisions"), True)
    register = judged.register
    (version,) = register.applications[APPLICATION_ID]
    assert version == Application(
        application_id=APPLICATION_ID,
        program_administrator="SCG",
        pdp_id=PDP,
        tank_configuration=1,
        backup_type=BackupType.GAS,
        displaced_fuel=DisplacedFuel.GAS,
        icf_approved=date(2013, 8, 14),
        capacity_kwth=Decimal(300),
        baseline_efficiency=Decimal("0.82"),
        rate=Decimal("7.27"),
        rate_unit=QuantityUnit.THERM,
        incentive_cap=Decimal(500_000),
        first_data_month=date(2013, 9, 1),
        last_data_month=date(2015, 8, 1),
        conversion_method="delivered_energy",
    )
    assert register.pdp_active == {PDP: True, "other": False}
    (replacement,) = register.replacements
    assert replacement.authorized_at_utc == at("2013-12-09T18:30")
    assert replacement.application_month == date(2013, 9, 1)
    assert (replacement.replaces_receipt_id, replacement.late_decision) == (None, None)
    (decision,) = register.late_decisions
    assert decision.late_decided_at_utc == at("2013-12-09T18:30")
    assert decision.late_decision is LateDecision.PAY


def test_money_rate_and_efficiency_stay_decimals() -> None:
    row = judge_csi_register(texts()).tables["applications"].to_pylist()[0]
    assert all(
        isinstance(row[name], Decimal)
        for name in ("rate", "incentive_cap", "baseline_efficiency", "capacity_kwth")
    )


def test_without_files_the_programme_is_not_in_use() -> None:
    judged = judge_csi_register({})
    assert (judged.findings, judged.register) == ((), CsiRegister())
    assert {name: table.num_rows for name, table in judged.tables.items()} == dict.fromkeys(
        ("applications", "pdps", "replacements", "late_decisions"), 0
    )


def test_headers_alone_are_not_in_use_either() -> None:
    judged = verdict(csi_applications=(), csi_pdps=(), csi_replacements=(), csi_late_decisions=())
    assert (judged.findings, judged.register) == ((), CsiRegister())


@pytest.mark.parametrize(
    ("column", "written", "meant"),
    [
        ("tank_configuration", "2", 2),
        ("tank_configuration", "1-tank", 1),
        ("tank_configuration", "2-Tank", 2),
        ("tank_configuration", "1_tank", 1),
        ("tank_configuration", "2 tanks", 2),
        ("backup_type", "Electric", BackupType.ELECTRIC),
        ("backup_type", "NONE", BackupType.NONE),
        ("displaced_fuel", "GAS", DisplacedFuel.GAS),
        ("rate_unit", "Therms", QuantityUnit.THERM),
        ("rate_unit", "USD/therm", QuantityUnit.THERM),
        ("rate_unit", "$/THERM", QuantityUnit.THERM),
        ("rate_unit", "usd per therm", QuantityUnit.THERM),
        ("conversion_method", "Delivered_Energy", "delivered_energy"),
        ("conversion_method", "", "delivered_energy"),
        ("first_data_month", "2013-10", date(2013, 10, 1)),
        ("first_data_month", "2013-10-01", date(2013, 10, 1)),
        ("last_data_month", "2015-09-30", date(2015, 9, 1)),
        ("valid_to_month", "2014-02-28", date(2014, 2, 1)),
        ("incentive_cap", "", None),
    ],
)
def test_what_people_write_is_understood(column: str, written: str, meant: object) -> None:
    row = with_cells(**{column: written})
    assert getattr(only_application(row), column) == meant
    assert findings(csi_applications=(row,)) == ()


@pytest.mark.parametrize("unit", ["kWh", "KWH", "$/kWh", "USD/kwh"])
@pytest.mark.parametrize("fuel", ["electric", "Propane"])
def test_electric_and_propane_are_paid_by_kwh(fuel: str, unit: str) -> None:
    row = with_cells(displaced_fuel=fuel, rate_unit=unit, rate="0.21")
    assert only_application(row).rate_unit is QuantityUnit.KWH


@pytest.mark.parametrize(
    ("written", "active"),
    [("true", True), ("YES", True), ("1", True), ("Active", True),
     ("False", False), ("no", False), ("0", False), ("inactive", False)],
)  # fmt: skip
def test_a_provider_is_active_or_not(written: str, active: bool) -> None:
    judged = verdict(csi_pdps=(f"{PDP},Sun Metrics,{written}",))
    assert judged.findings == ()
    assert judged.register.pdp_active == {PDP: active}


@pytest.mark.parametrize(
    ("icf_approved", "first", "last"),
    [
        ("2013-08-01", date(2013, 9, 1), date(2015, 8, 1)),
        ("2013-08-31", date(2013, 9, 1), date(2015, 8, 1)),
        ("2013-09-01", date(2013, 10, 1), date(2015, 9, 1)),
        ("2013-12-31", date(2014, 1, 1), date(2015, 12, 1)),
    ],
)
def test_an_empty_term_is_the_24_months_after_approval(
    icf_approved: str, first: date, last: date
) -> None:
    version = only_application(with_cells(icf_approved=icf_approved))
    assert (version.first_data_month, version.last_data_month) == (first, last)


def test_an_empty_last_month_follows_the_first_that_was_set() -> None:
    version = only_application(with_cells(first_data_month="2014-01"))
    assert (version.first_data_month, version.last_data_month) == (
        date(2014, 1, 1),
        date(2015, 12, 1),
    )


def test_other_headers_mean_the_same() -> None:
    changed = texts()
    changed["csi_applications"] = (
        changed["csi_applications"]
        .replace("valid_from_month", "Valid_From")
        .replace("valid_to_month", "valid_to")
    )
    changed["csi_pdps"] = f"pdp_active;pdp_name;pdp_id\ntrue;Sun Metrics;{PDP}\n"
    changed["csi_replacements"] = changed["csi_replacements"].replace(
        "replacement_reason", "reason"
    )
    changed["csi_late_decisions"] = (
        changed["csi_late_decisions"]
        .replace("late_receipt_id", "receipt_id")
        .replace("late_decision,", "decision,")
    )
    judged = judge_csi_register(changed)
    assert judged.findings == ()
    assert judged.register.replacements == verdict().register.replacements
    assert judged.register.late_decisions == verdict().register.late_decisions
    assert judged.register.pdp_active == {PDP: True}


def test_the_columns_of_the_issue_are_enough() -> None:
    names = HEADERS["csi_applications"].split(",")[:14]
    assert names[-1] == "last_data_month"
    rows = ",".join(APPLICATION.split(",")[:14])
    judged = judge_csi_register(
        {"csi_applications": f"{','.join(names)}\n{rows}\n", "csi_pdps": texts()["csi_pdps"]}
    )
    assert judged.findings == ()
    assert judged.register.applications == verdict().register.applications


def test_a_column_given_twice_under_two_names_is_refused() -> None:
    changed = texts()["csi_applications"].replace(
        "valid_from_month,", "valid_from_month,valid_from,"
    )
    (finding,) = (
        finding
        for finding in judge_csi_register(texts() | {"csi_applications": changed}).findings
        if finding.column == "valid_from"
    )
    assert finding.is_error


@pytest.mark.parametrize(
    ("cells", "column", "found"),
    [
        ({"application_id": "scg-00987"}, "application_id", "'scg-00987'"),
        ({"application_id": "SCG-0987"}, "application_id", "'SCG-0987'"),
        ({"application_id": "SCG-٠٠٩٨٧"}, "application_id", "'SCG-٠٠٩٨٧'"),
        ({"application_id": ""}, "application_id", "an empty cell"),
        ({"tank_configuration": "3"}, "tank_configuration", "'3'"),
        ({"tank_configuration": "one"}, "tank_configuration", "'one'"),
        ({"backup_type": "oil"}, "backup_type", "'oil'"),
        ({"backup_type": ""}, "backup_type", "an empty cell"),
        ({"baseline_efficiency": "0"}, "baseline_efficiency", "'0.000000'"),
        ({"baseline_efficiency": "0.009999"}, "baseline_efficiency", "'0.009999'"),
        ({"baseline_efficiency": "1.500001"}, "baseline_efficiency", "'1.500001'"),
        ({"baseline_efficiency": "82%"}, "baseline_efficiency", "'82%'"),
        ({"rate": "-7.27"}, "rate", "'-7.270000'"),
        ({"rate": "$7.27"}, "rate", "'$7.27'"),
        ({"rate": "10000.000001"}, "rate", "'10000.000001'"),
        ({"incentive_cap": "-1"}, "incentive_cap", "'-1.00'"),
        ({"incentive_cap": "500000.001"}, "incentive_cap", "'500000.001'"),
        ({"rate_unit": "kWh"}, "rate_unit", "'kWh' for displaced_fuel gas"),
        ({"displaced_fuel": "electric"}, "rate_unit", "'therm' for displaced_fuel electric"),
        ({"displaced_fuel": "propane"}, "rate_unit", "'therm' for displaced_fuel propane"),
        ({"rate_unit": "MMBtu"}, "rate_unit", "'MMBtu'"),
        ({"rate_unit": ""}, "rate_unit", "a rate without its unit"),
        ({"icf_approved": "8/14/2013"}, "icf_approved", "'8/14/2013'"),
        ({"first_data_month": "Sep-13"}, "first_data_month", "'Sep-13'"),
        ({"first_data_month": "2013-02-30"}, "first_data_month", "'2013-02-30'"),
        ({"first_data_month": "2013-13"}, "first_data_month", "'2013-13'"),
        ({"last_data_month": "2013-08"}, "last_data_month",
         "2013-08 before first_data_month 2013-09"),
        ({"valid_from_month": "2014-02", "valid_to_month": "2014-01"}, "valid_to_month",
         "2014-01 before valid_from_month 2014-02"),
    ],
)  # fmt: skip
def test_a_wrong_cell_is_refused_with_its_place(
    cells: dict[str, str], column: str, found: str
) -> None:
    judged = verdict(
        csi_applications=(with_cells(**cells),), csi_replacements=(), csi_late_decisions=()
    )
    (finding,) = [finding for finding in judged.findings if finding.is_error]
    assert (finding.where, finding.line, finding.column) == (APPLICATIONS, 2, column)
    assert finding.found == found
    assert finding.expected
    assert finding.fix
    assert (judged.tables, judged.register) == ({}, CsiRegister())


@pytest.mark.parametrize("efficiency", ["0.01", "1.5"])
def test_the_edges_of_efficiency_are_accepted(efficiency: str) -> None:
    row = with_cells(baseline_efficiency=efficiency)
    assert only_application(row).baseline_efficiency == Decimal(efficiency)


def test_the_highest_rate_is_accepted() -> None:
    assert only_application(with_cells(rate="10000")).rate == Decimal(10_000)


@pytest.mark.parametrize(
    ("cells", "column", "says"),
    [
        ({"baseline_efficiency": ""}, "baseline_efficiency", "nothing is paid"),
        ({"rate": ""}, "rate", "nothing is paid"),
        ({"conversion_method": "chiller_cop"}, "conversion_method", "payment is refused"),
        ({"first_data_month": "2013-09-15"}, "first_data_month", "write 2013-09"),
    ],
)
def test_what_only_stops_payment_warns(cells: dict[str, str], column: str, says: str) -> None:
    (finding,) = findings(csi_applications=(with_cells(**cells),))
    assert (finding.where, finding.line, finding.column) == (APPLICATIONS, 2, column)
    assert not finding.is_error
    assert says in finding.fix
    only_application(with_cells(**cells))


def versions(*spans: tuple[str, str]) -> tuple[str, ...]:
    return tuple(with_cells(valid_from_month=first, valid_to_month=last) for first, last in spans)


@pytest.mark.parametrize("written", ["Sep-13", "2013-13", "2013-02-30"])
def test_a_wrong_month_is_told_what_a_month_looks_like(written: str) -> None:
    row = with_cells(first_data_month=written)
    finding = next(finding for finding in findings(csi_applications=(row,)) if finding.is_error)
    assert finding.expected == "a month as YYYY-MM"


def test_versions_follow_each_other_in_order() -> None:
    rows = versions(("2014-07", ""), ("", "2014-06"))
    judged = verdict(csi_applications=rows)
    assert judged.findings == ()
    several = judged.register.applications[APPLICATION_ID]
    assert [version.valid_from_month for version in several] == [None, date(2014, 7, 1)]


@pytest.mark.parametrize(
    ("spans", "line"),
    [
        ((("", "2014-07"), ("2014-07", "")), 3),
        ((("", ""), ("2014-07", "")), 3),
        ((("2014-07", ""), ("2014-01", "2014-09")), 2),
    ],
    ids=["one month", "no end", "other order"],
)
def test_versions_that_overlap_are_refused(spans: tuple[tuple[str, str], ...], line: int) -> None:
    (finding,) = findings(csi_applications=versions(*spans))
    assert finding.is_error
    assert (finding.line, finding.column) == (line, "valid_from_month")
    assert finding.found.startswith("2014-07, but line ")


def test_a_gap_between_versions_warns() -> None:
    (finding,) = findings(csi_applications=versions(("", "2014-05"), ("2014-07", "")))
    assert not finding.is_error
    assert finding.found == "2014-07, but line 2 ends with 2014-05"


@pytest.mark.parametrize("begins", ["", "2014-07"])
def test_the_same_version_twice_is_refused(begins: str) -> None:
    found = findings(csi_applications=versions((begins, "2014-08"), (begins, "2014-09")))
    assert [finding.line for finding in found] == [2, 3]
    assert {finding.column for finding in found} == {"application_id, valid_from_month"}
    assert all(finding.is_error for finding in found)


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("csi_replacements", "A1,SCG-00978,2013-09,Rivera,2013-12-09T18:30:00Z,scaled,,"),
        ("csi_late_decisions", "SCG-00978,2013-09,,pay,Osei,2013-12-09T18:30:00Z"),
    ],
)
def test_an_unknown_application_is_refused_where_it_is_named(name: str, row: str) -> None:
    (finding,) = findings(**{name: (row,)})
    assert finding.is_error
    assert (finding.where, finding.line, finding.column, finding.found) == (
        f"register/{name}.csv", 2, "application_id", "'SCG-00978'",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "row", "column", "found"),
    [
        ("csi_replacements", "A1,SCG-00987,2013-09,Rivera,yesterday,scaled,,",
         "authorized_at_utc", "'yesterday'"),
        ("csi_replacements", "A1,SCG-00987,2013-09,Rivera,2013-12-09T25:00:00Z,scaled,,",
         "authorized_at_utc", "'2013-12-09T25:00:00Z'"),
        ("csi_replacements", "A1,SCG-00987,2013-09,Rivera,2013-12-09T18:30:00Z,,,",
         "replacement_reason", "an empty cell"),
        ("csi_replacements", "A1,SCG-00987,2013-09,Rivera,2013-12-09T18:30:00Z,scaled,,maybe",
         "late_decision", "'maybe'"),
        ("csi_late_decisions", "SCG-00987,2013-09,,,Osei,2013-12-09T18:30:00Z",
         "late_decision", "an empty cell"),
        ("csi_late_decisions", "SCG-00987,,,pay,Osei,2013-12-09T18:30:00Z",
         "application_month", "an empty cell"),
        ("csi_pdps", "sunmetrics,Sun Metrics,perhaps", "active", "'perhaps'"),
        ("csi_pdps", "sunmetrics,Sun Metrics,", "active", "an empty cell"),
    ],
)  # fmt: skip
def test_a_wrong_cell_of_the_other_files_is_refused(
    name: str, row: str, column: str, found: str
) -> None:
    (finding,) = findings(**{name: (row,)})
    assert finding.is_error
    assert (finding.where, finding.line) == (f"register/{name}.csv", 2)
    assert (finding.column, finding.found) == (column, found)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2013-12-09T18:30:00Z", at("2013-12-09T18:30")),
        ("2013-12-09 10:30-08:00", at("2013-12-09T18:30")),
        ("2013-12-09T18:30:00.250000", at("2013-12-09T18:30:00.25")),
        ("2013-12-09", at("2013-12-09")),
    ],
)
def test_times_are_utc_unless_they_say_otherwise(written: str, meant: datetime) -> None:
    judged = verdict(csi_late_decisions=(f"{APPLICATION_ID},2013-09,,deny,Osei,{written}",))
    assert judged.findings == ()
    (decision,) = judged.register.late_decisions
    assert decision.late_decided_at_utc == meant
    assert decision.late_decision is LateDecision.DENY


def test_an_authorization_is_named_once() -> None:
    row = f"A1,{APPLICATION_ID},2013-09,Rivera,2013-12-09T18:30:00Z,scaled,,"
    found = findings(csi_replacements=(row, row.replace("2013-09", "2013-10")))
    assert [(finding.line, finding.column) for finding in found] == [
        (2, "authorization_id"),
        (3, "authorization_id"),
    ]


def test_applications_without_providers_are_refused_once() -> None:
    changed = texts()
    del changed["csi_pdps"]
    (finding,) = judge_csi_register(changed).findings
    assert finding.is_error
    assert (finding.where, finding.found) == ("register/csi_pdps.csv", "no such file")


def test_a_file_that_cannot_be_read_is_blamed_alone() -> None:
    for name in ("csi_pdps", "csi_applications"):
        broken = texts() | {name: texts()[name].replace("pdp_id,", "", 1)}
        found = judge_csi_register(broken).findings
        assert {finding.where for finding in found} == {f"register/{name}.csv"}


def test_an_unknown_file_of_the_programme_warns_with_the_name_that_is_meant() -> None:
    (finding,) = judge_csi_register(texts() | {"csi_aplications": ""}).findings
    assert not finding.is_error
    assert finding.fix == "rename it to csi_applications.csv"


def test_the_form_of_an_application_id_is_a_setting() -> None:
    six = {"application_id": "SDG-001357"}
    given = texts(csi_applications=(with_cells(**six),), csi_replacements=(), csi_late_decisions=())
    assert judge_csi_register(given).findings
    options = CsiOptions(application_id_pattern="^[A-Z]{3}-[0-9]{5,6}$")
    assert judge_csi_register(given, options=options).findings == ()


def test_an_unlisted_provider_is_a_warning_since_its_uploads_fail_anyway() -> None:
    (finding,) = findings(csi_applications=(with_cells(pdp_id="nobody"),))
    assert (finding.column, finding.found, finding.is_error) == ("pdp_id", "'nobody'", False)
    assert "CSI-U01" in finding.fix


def test_who_checks_a_report_is_not_told_about_payments() -> None:
    row = with_cells(baseline_efficiency="82%", rate="$7", rate_unit="MWh", incentive_cap="-1")
    written = texts(csi_applications=(row,))
    assert judge_csi_register(written).has_errors
    checked = judge_csi_register(written, for_payment=False)
    assert checked.findings == ()
    (application,) = checked.register.applications["SCG-00987"]
    assert (application.rate, application.baseline_efficiency) == (None, None)
    assert application.tank_configuration == 1


@pytest.mark.parametrize(
    ("cells", "name", "meaning"),
    [
        ({"backup_type": "Natural gas"}, "backup_type", "gas"),
        ({"backup_type": "Not Required"}, "backup_type", "none"),
        ({"displaced_fuel": "natural gas"}, "displaced_fuel", "gas"),
        ({"tank_configuration": "2-tank system"}, "tank_configuration", 2),
        ({"tank_configuration": "2.0"}, "tank_configuration", 2),
        ({"rate_unit": "per therm"}, "rate_unit", "therm"),
    ],
)
def test_other_words_for_the_same_are_understood(
    cells: dict[str, str], name: str, meaning: object
) -> None:
    judged = judge_csi_register(texts(csi_applications=(with_cells(**cells),)))
    (application,) = judged.register.applications["SCG-00987"]
    assert getattr(application, name) == meaning
