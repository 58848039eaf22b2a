"""Parts of the CSI-Thermal pages: calendar, details, assumptions, text that is safe to export."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from cei_assets.contracts.csi_vocabulary import (
    BTU_PER_KWH,
    BTU_PER_THERM,
    CalendarStatus,
    CatchUp,
)
from cei_assets.contracts.tables.csi_models import CSI_MARTS
from cei_assets.core.reports.csi_assumptions import NOT_USED, Assumption, assumptions
from cei_assets.core.reports.csi_calendar import MARKS, calendar_cell, calendar_of
from cei_assets.core.reports.csi_uploads import upload_details
from cei_assets.core.reports.formats import cents, exact, quantity
from cei_assets.core.reports.spreadsheet_text import without_formulas
from tests.csi_marts import MONTH, application, failure, finding, upload

MACROS = Path(__file__).parents[3] / "dbt_project" / "macros" / "csi_quantity.sql"
(LIST,) = (table for table in CSI_MARTS if table.name == "rpt_csi_performance_data")
SETTINGS = [
    {"name": "catch_up", "setting": "hold", "rows": 3},
    {"name": "catch_up", "setting": "pay", "rows": 9},
    {"name": "conversion_method", "setting": "delivered_energy", "rows": 12},
    {"name": "template_version", "setting": "2013-09", "rows": 12},
    {"name": "validator_version", "setting": "7", "rows": 12},
]


def calendar_row(
    application_id: str, month: date = MONTH, status: str = "success", **changes: object
) -> dict[str, Any]:
    row = {
        "application_id": application_id,
        "application_month": month,
        "calendar_status": status,
        "due_pacific": datetime.fromisoformat("2013-11-01T23:59:59"),
        "attempts": 1,
        "failures": 0,
    }
    return row | changes


def whole(row: dict[str, Any]) -> dict[str, Any]:
    """The row as the query of the details gives it: every column of the mart, and local times."""
    pacific = {
        f"{name.removesuffix('_utc').removesuffix('_at')}_pacific": row.get(name)
        for name in LIST.column_names
        if name.endswith("_utc")
    }
    return dict.fromkeys(LIST.column_names) | row | pacific


def value_of(topic: str, settings: list[dict[str, Any]], **changes: object) -> str:
    found = assumptions(settings, [application(**changes)])
    (one,) = (each for each in found if each.topic.startswith(topic))
    return one.value


def test_every_calendar_status_has_a_word_of_its_own() -> None:
    assert set(MARKS) == {status.value for status in CalendarStatus}
    assert len(set(MARKS.values())) == len(MARKS)


def test_a_calendar_cell_tells_due_date_and_attempts() -> None:
    cell = calendar_cell(calendar_row("A", status="overdue", attempts=3, failures=3))
    assert cell.css_class == "overdue"
    assert cell.tip == ("2013-09: overdue; due 2013-11-01 23:59:59 Pacific; 3 uploads, 3 failed")


def test_the_calendar_has_a_column_for_every_month_and_a_blank_outside_the_term() -> None:
    made = calendar_of([calendar_row("A"), calendar_row("B", date(2013, 10, 1))])
    assert list(made.months) == [MONTH, date(2013, 10, 1)]
    (first, cells), (second, others) = made.rows
    assert (first, second) == ("A", "B")
    assert cells[1] is None
    assert others[0] is None


def test_the_shortened_calendar_keeps_those_with_most_overdue_months() -> None:
    rows = [calendar_row(name) for name in "ABC"]
    rows.append(calendar_row("C", date(2013, 10, 1), "overdue"))
    made = calendar_of(rows, limit=2)
    assert [name for name, _ in made.rows] == ["C", "A"]
    assert made.left_out == 1


def test_details_part_what_rejects_from_what_only_tells() -> None:
    (detail,) = upload_details(
        [whole(failure("r1"))],
        findings=[
            finding("r1"),
            finding("r1", 2, csi_rule="CSI-L01", csi_severity="flag"),
            finding("other"),
        ],
        attempts=[failure("r1"), upload("r2", attempt_number=2), upload("o", application_id="X")],
        archive="../archive",
    )
    assert [found["csi_rule"] for found in detail.errors] == ["CSI-R08"]
    assert [found["csi_rule"] for found in detail.warnings] == ["CSI-L01"]
    assert [attempt["receipt_id"] for attempt in detail.attempts] == ["r1", "r2"]
    sha256 = detail.row["sha256"]
    assert detail.original == f"../archive/{sha256[:2]}/{sha256}"


def test_an_upload_for_no_month_has_no_other_attempts() -> None:
    row = whole(failure("r1", month=None))
    (detail,) = upload_details([row], findings=[], attempts=[row], archive="..")
    assert detail.attempts == []


def test_sums_are_told_for_filled_columns_alone() -> None:
    row = whole(upload("r1", total_btu_sum=Decimal(57_366_132)))
    (detail,) = upload_details([row], findings=[], attempts=[], archive="..")
    assert [fact for fact in detail.facts if fact[0].startswith("Sum of")] == [
        ("Sum of E, total heat", "57\u202f366\u202f132 BTU"),
        ("Sum of F, back-up gas", "250.57629 therm"),
    ]


def test_factors_that_are_printed_are_those_of_the_sql() -> None:
    macros = MACROS.read_text()
    assert str(int(BTU_PER_KWH * 1000)) in macros
    assert str(BTU_PER_THERM) in macros


@pytest.mark.parametrize(
    "topic",
    [
        "Displaced fuel, 2 tanks", "Displaced fuel, 1 tank with back-up",
        "Displaced fuel, 1 tank without", "Efficiency", "Conversion method", "BTU per therm",
        "BTU per kWh", "Catch-up", "Zero and empty", "Negative heat", "Negative back-up",
        "Unpaired", "Meter interval", "Rate", "Rounding", "Cap", "Corrections", "Grid",
        "Late", "Cutoff", "Term", "Version of the rules", "Version of the header",
    ],
)  # fmt: skip
def test_every_assumption_is_printed_with_a_value(topic: str) -> None:
    assert value_of(topic, SETTINGS)


@pytest.mark.parametrize(
    ("topic", "text"),
    [
        ("Efficiency", "0.82"),
        ("Rate", "7.27 USD; columns rate and rate_unit"),
        ("Cap", "500\u202f000 USD"),
        ("BTU per kWh", "3412.142"),
        ("Conversion method", "used: delivered_energy; known: delivered_energy"),
        ("Version of the rules", "7"),
        ("Version of the header", "2013-09"),
    ],
)
def test_assumptions_carry_the_values_in_force(topic: str, text: str) -> None:
    assert text in value_of(topic, SETTINGS)


def test_several_catch_up_settings_are_all_told() -> None:
    told = value_of("Catch-up", SETTINGS)
    assert CatchUp.HOLD.value in told
    assert CatchUp.PAY.value in told


def test_without_lines_an_assumption_says_that_none_was_used() -> None:
    assert value_of("Version of the rules", []) == NOT_USED


def test_a_missing_efficiency_is_said_to_be_missing() -> None:
    assert value_of("Efficiency", SETTINGS, baseline_efficiency=None).startswith("not given")


def test_many_values_are_told_by_their_ends() -> None:
    terms = [application(rate=Decimal(number)) for number in range(1, 8)]
    found = {each.topic: each for each in assumptions(SETTINGS, terms)}
    assert isinstance(found["Rate"], Assumption)
    assert found["Rate"].value.startswith("7 values, 1 to 7 USD")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_text_that_starts_like_a_formula_is_neutralised(start: str) -> None:
    table = pa.table({"text": [f"{start}1+1", f"a{start}", None, ""], "number": [-1, 2, 3, 4]})
    safe = without_formulas(table)
    assert safe["text"].to_pylist() == [f"'{start}1+1", f"a{start}", None, ""]
    assert safe["number"].to_pylist() == [-1, 2, 3, 4]


@pytest.mark.parametrize(
    ("shown", "value", "text"),
    [
        (cents, Decimal("3264.3"), "3\u202f264.30"),
        (cents, Decimal("-0.05"), "\u22120.05"),
        (quantity, Decimal("449.0107"), "449.0107"),
        (exact, Decimal("0.820000"), "0.82"),
        (exact, Decimal("500000.00"), "500\u202f000"),
    ],
)
def test_money_and_quantities_keep_their_places(
    shown: Callable[[Decimal], str], value: Decimal, text: str
) -> None:
    assert shown(value) == text
