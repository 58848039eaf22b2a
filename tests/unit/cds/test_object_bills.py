"""Bills and sections: exact money, local days, what is never summed, and what must agree."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from cei_assets.contracts.cds_vocabulary import CdsCode, CdsObjectKind
from tests.cds_objects import (
    OLD_SECTION_PARTS,
    body,
    judged_objects,
    refusal,
    relations_of,
    row_of,
    rows_of,
    utc,
)
from tests.cds_segments import Raw, codes, places

STATEMENTS, SECTIONS = CdsObjectKind.BILL_STATEMENTS, CdsObjectKind.BILL_SECTIONS


def charge(amount: object, *, included: object = True, **members: object) -> dict[str, object]:
    return {
        "id": "c",
        "name": "Electricity",
        "types": ["electric_total"],
        "amount": amount,
        "included_in_amount_due": included,
        **members,
    }


def parts(table: str, dialect: str = "C", **changes: object) -> list[dict[str, Any]]:
    """Rows of a table of parts of one section."""
    verdict = judged_objects(SECTIONS, body(SECTIONS, dialect, **changes))
    assert not verdict.refusals, verdict.refusals
    return rows_of(verdict, table)


def test_money_is_the_number_that_was_written() -> None:
    row = row_of(STATEMENTS, previous_balance_amount=Raw("10.10"), new_charges=...)
    assert row["previous_balance_amount"] == Decimal("10.10")
    assert row["previous_balance_amount_text"] == "10.10"
    assert (row["previous_balance_paid"], row["previous_balance_paid_text"]) == (None, None)


def test_money_beyond_the_decimal_refuses_the_bill_and_finer_money_is_told() -> None:
    code, pointer = refusal(STATEMENTS, new_balance_amount=Raw("1e26"))
    assert (code, pointer) == ("VALUE_OUT_OF_RANGE", "/bill_statements/0/new_balance_amount")
    fine = body(STATEMENTS, new_balance_amount=Raw("0.1234567890125"))
    verdict = judged_objects(STATEMENTS, fine)
    assert places(verdict, CdsCode.VALUE_ROUNDED) == ["/bill_statements/0/new_balance_amount"]
    row = rows_of(verdict, "cds_bill_statements")[0]
    assert row["new_balance_amount"] == Decimal("0.123456789012")
    assert row["new_balance_amount_text"] == "0.1234567890125"


def test_money_written_as_text_is_read_and_told() -> None:
    verdict = judged_objects(STATEMENTS, body(STATEMENTS, new_balance_amount="120.50"))
    assert rows_of(verdict, "cds_bill_statements")[0]["new_balance_amount"] == Decimal("120.5")
    assert places(verdict, CdsCode.VALUE_TYPE) == ["/bill_statements/0/new_balance_amount"]


@pytest.mark.parametrize("currency", ["eur", "EURO", ""])
def test_a_bill_without_a_currency_of_iso_4217_is_refused(currency: str) -> None:
    assert refusal(STATEMENTS, currency=currency)[1] == "/bill_statements/0/currency"


@pytest.mark.parametrize("day", ["2026-02-30", "03/02/2026", "2026-02", "2026-02-03T00:00:00"])
def test_what_is_no_date_refuses_the_bill(day: str) -> None:
    code, pointer = refusal(STATEMENTS, statement_date=day)
    assert (code, pointer) == ("BAD_DATE", "/bill_statements/0/statement_date")


def test_charges_are_rows_in_the_order_of_the_bill() -> None:
    listed = [
        charge(Raw("100.25"), related_billsections=["sec-1", "sec-2"]),
        charge(
            Raw("-3.5"),
            included=False,
            types=["credit_bank", "program"],
            related_billsections=["sec-1"],
        ),
    ]
    changed = body(STATEMENTS, new_charges=listed, amount_due=Raw("100.25"))
    verdict = judged_objects(STATEMENTS, changed)
    first, second = rows_of(verdict, "cds_bill_charges")
    assert [first["part_position"], second["part_position"]] == [0, 1]
    assert first["charge_billsections"] == '["sec-1","sec-2"]'
    assert (second["charge_amount"], second["is_in_amount_due"]) == (Decimal("-3.5"), False)
    assert second["part_types"] == "credit_bank,program"
    assert {row["object_version_id"] for row in (first, second)} == {
        rows_of(verdict, "cds_bill_statements")[0]["object_version_id"]
    }
    # A section that two charges name is related once.
    assert relations_of(verdict)[1:] == [
        ("bill_statement", "bil-1", "related", "bill_section", "sec-1"),
        ("bill_statement", "bil-1", "related", "bill_section", "sec-2"),
    ]
    assert not codes(verdict)


@pytest.mark.parametrize(
    ("unpaid", "listed", "due", "agrees"),
    [
        pytest.param("20.10", [charge(Raw("1.20"))], "21.30", True, id="they agree"),
        pytest.param("20.10", [charge(Raw("1.20"))], "21.31", False, id="a cent off"),
        pytest.param(
            "0", [charge(5), charge(7, included=False)], "5", True, id="not included: not counted"
        ),
        pytest.param(
            "0.00", [charge(Raw("0.1")), charge(Raw("0.2"))], "0.3", True, id="exactly, no float"
        ),
    ],
)
def test_the_unpaid_balance_and_the_charges_included_make_the_amount_due(
    unpaid: str, listed: list[object], due: str, agrees: bool
) -> None:
    changed = body(
        STATEMENTS,
        previous_balance_unpaid=Raw(unpaid),
        new_charges=listed,
        amount_due=Raw(due),
    )
    verdict = judged_objects(STATEMENTS, changed)
    assert verdict.counts.kept[STATEMENTS] == 1
    found = places(verdict, CdsCode.AMOUNT_DUE_MISMATCH)
    assert found == ([] if agrees else ["/bill_statements/0/amount_due"])


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"previous_balance_unpaid": ...}, id="no balance"),
        pytest.param({"new_charges": ...}, id="no charges"),
        pytest.param({"new_charges": [charge(1, included=None)]}, id="not said what is included"),
    ],
)
def test_an_amount_due_is_not_compared_with_what_is_not_there(changes: dict[str, Any]) -> None:
    verdict = judged_objects(STATEMENTS, body(STATEMENTS, amount_due=999, **changes))
    assert not codes(verdict)


def test_charges_of_the_old_dialects_do_not_say_what_is_included() -> None:
    verdict = judged_objects(STATEMENTS, body(STATEMENTS, "B", amount_due=Raw("0.01")))
    (row,) = rows_of(verdict, "cds_bill_charges")
    assert (row["charge_amount"], row["is_in_amount_due"]) == (Decimal("120.5"), None)
    assert not codes(verdict)


def test_what_comes_together_is_told_when_half_is_missing() -> None:
    alone = body(STATEMENTS, shutoff_prevention_date="2026-03-01", file_uri="https://x.example/f")
    verdict = judged_objects(STATEMENTS, alone)
    assert places(verdict, CdsCode.MISSING_KEY) == [
        "/bill_statements/0/shutoff_prevention_date",
        "/bill_statements/0/file_mimetype",
    ]


def test_the_last_day_of_a_section_is_billed() -> None:
    row = row_of(SECTIONS, start_date="2025-12-01", end_date="2025-12-31")
    assert (row["section_start_date"], row["section_end_date"]) == (
        date(2025, 12, 1),
        date(2025, 12, 31),
    )
    one_day = row_of(SECTIONS, start_date="2025-12-31", end_date="2025-12-31")
    assert one_day["section_start_date"] == one_day["section_end_date"]


def test_a_section_that_ends_before_it_starts_is_refused() -> None:
    code, pointer = refusal(SECTIONS, start_date="2026-01-02", end_date="2026-01-01")
    assert (code, pointer) == ("END_BEFORE_START", "/bill_sections/0/end_date")


def test_a_section_leads_to_everything_that_it_is_about() -> None:
    changed = body(SECTIONS, related_billsections=["sec-9"], related_servicepoints=[])
    assert set(relations_of(judged_objects(SECTIONS, changed))) == {
        ("bill_section", "sec-1", "account", "account", "acc-1"),
        ("bill_section", "sec-1", "statement", "bill_statement", "bil-1"),
        ("bill_section", "sec-1", "sibling", "bill_section", "sec-9"),
        ("bill_section", "sec-1", "related", "service_contract", "con-1"),
        ("bill_section", "sec-1", "related", "meter_device", "met-1"),
    }


def test_totals_of_a_section_overlap_and_each_keeps_its_own_row() -> None:
    listed = [
        {"id": "a", "name": "All", "types": ["bill_section_total"], "cost": Raw("9.99")},
        {"id": "b", "name": "Wires", "types": ["subtotal", "distribution"], "cost": "4.99"},
        {"id": "c", "name": "Later", "types": ["other"], "cost": "see the back"},
    ]
    rows = parts("cds_bill_cost_details", cost_details=listed)
    assert [row["part_types"] for row in rows] == [
        "overall_total",
        "distribution,subtotal",
        "other",
    ]
    assert [row["detail_cost"] for row in rows] == [Decimal("9.99"), Decimal("4.99"), None]
    assert rows[2]["detail_cost_text"] == "see the back"


def detail(**members: object) -> dict[str, object]:
    return {"id": "u", "name": "Use", "types": ["electric_usage"], "value": 1, **members}


@pytest.mark.parametrize(
    ("unit", "kwh"),
    [("Wh", "1.25"), ("kWh", "1250"), ("MWh", "1250000"), ("therm", None), (None, None)],
)
def test_billed_energy_is_exact_in_kwh(unit: str | None, kwh: str | None) -> None:
    (row,) = parts(
        "cds_bill_usage_details", usage_details=[detail(value=Raw("1250.000"), units=unit)]
    )
    assert row["detail_kwh"] == (None if kwh is None else Decimal(kwh))
    assert row["detail_value_text"] == "1250.000"


def test_gas_in_kwh_is_no_electric_energy() -> None:
    gas = detail(types=["natural_gas_usage"], units="kWh", value=7)
    assert parts("cds_bill_usage_details", usage_details=[gas])[0]["detail_kwh"] is None


def test_a_quantity_keeps_its_designations_reads_and_text() -> None:
    listed = [
        detail(
            types=["electric_usage", "amr_reading", "estimated", "directional"],
            direction="reverse",
            start_read=Raw("100000.0"),
            end_read="100050",
            multiplier=Raw("1.0"),
            start_date="2025-12-01",
            end_date="2025-12-31",
        ),
        detail(types=["electric_demand"], value="n/a", demand_type="peak", tou="peak", tier=None),
    ]
    read, demand = parts("cds_bill_usage_details", usage_details=listed)
    assert (read["is_estimated"], read["flow_direction"]) == (True, "reverse")
    assert (read["start_read"], read["end_read"]) == ("100000.0", "100050")
    assert (read["read_multiplier"], read["detail_end_date"]) == (1, date(2025, 12, 31))
    assert (demand["detail_value"], demand["detail_value_text"]) == (None, "n/a")
    assert (demand["demand_type"], demand["tou"], demand["tier"]) == ("peak", "peak", None)


@pytest.mark.parametrize("dialect", ["A", "B"])
def test_summaries_of_the_old_dialects_are_quantities(dialect: str) -> None:
    read, feed_in, demand = parts("cds_bill_usage_details", dialect, **OLD_SECTION_PARTS)
    assert (read["part_types"], read["detail_kwh"]) == ("meter_reading", Decimal(1100))
    assert (read["start_read"], read["end_read"], read["read_multiplier"]) == ("4000", "4110", 10)
    assert (feed_in["flow_direction"], feed_in["detail_kwh"]) == ("reverse", Decimal("-7.5"))
    assert (feed_in["tou"], feed_in["tier"]) == ("peak", None)
    assert (demand["part_types"], demand["detail_kwh"]) == ("demand", None)
    assert read["detail_start_utc"] == utc("2025-12-01T00:00:00Z")
    assert read["detail_end_utc"] == utc("2026-01-01T00:00:00Z")
    assert (read["detail_start_date"], read["detail_end_date"]) == (
        date(2025, 12, 1),
        date(2025, 12, 31),
    )


def test_rows_that_total_others_are_marked_and_dates_fall_back_to_the_section() -> None:
    dates = {"start_date": "2025-12-01", "end_date": "2025-12-31"}
    rows = parts("cds_bill_line_items", "B", **OLD_SECTION_PARTS, **dates)
    delivery, subtotal, taxes, total = rows
    assert [row["is_total"] for row in rows] == [False, True, False, True]
    summed = sum(row["detail_cost"] for row in rows if not row["is_total"])
    assert summed == total["detail_cost"] == Decimal("2.99")
    assert delivery["part_types"] == "charge,distribution"
    assert (delivery["line_start_date"], delivery["line_end_date"]) == (
        date(2025, 12, 10),
        date(2025, 12, 31),
    )
    assert (delivery["line_rate"], delivery["line_rate_text"]) == (Decimal("0.04"), "0.0400")
    assert (delivery["has_own_dates"], taxes["has_own_dates"]) == (True, False)
    assert (taxes["line_start_date"], taxes["line_end_date"]) == (
        date(2025, 12, 1),
        date(2025, 12, 31),
    )
    assert subtotal["part_name"] == "Delivery in all"


@pytest.mark.parametrize(
    ("end", "last"),
    [
        pytest.param("2026-01-01T00:00:00Z", date(2025, 12, 31), id="midnight UTC"),
        pytest.param("2026-01-01T00:00:00-08:00", date(2025, 12, 31), id="midnight elsewhere"),
        pytest.param("2026-01-01T00:00:01Z", date(2026, 1, 1), id="after midnight"),
        pytest.param("2025-12-31", date(2025, 12, 31), id="a date"),
    ],
)
def test_a_moment_that_ends_a_charge_at_midnight_belongs_to_the_day_before(
    end: str, last: date
) -> None:
    line = {"item_type": "charge", "for": "other", "cost": 1, "start": "2025-12-01", "end": end}
    (row,) = parts("cds_bill_line_items", "B", line_items=[line])
    assert row["line_end_date"] == last


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"line_items": [{"name": "x"}]}, "line_items/0/cost"),
        ({"line_items": [{"cost": 1, "value": "much"}]}, "line_items/0/value"),
        ({"usage_details": ["much"]}, "usage_details/0"),
        ({"usage_details": [{"id": "u"}]}, "usage_details/0/value"),
        ({"cost_details": {}}, "cost_details"),
        ({"cost_details": [{"cost": None}]}, "cost_details/0/cost"),
    ],
)
def test_a_part_that_cannot_be_read_refuses_its_section(
    changes: dict[str, Any], place: str
) -> None:
    assert refusal(SECTIONS, **changes)[1] == f"/bill_sections/0/{place}"
