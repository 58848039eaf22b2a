"""Rules R01 to R04, R08, R09, X01 and X02: identity, numbers, columns that must stay empty."""

from decimal import Decimal

import pytest

from cei_assets.contracts.csi_vocabulary import BackupType, CsiResult
from cei_assets.core.csi.finding import CsiVerdict
from cei_assets.core.csi.program import CsiOptions
from tests.csi_reports import (
    Rows,
    application,
    broken,
    edits,
    fill,
    first,
    form,
    judged,
    put,
    register,
    report,
)

TWO_TANK = application(tank_configuration=2)


def two_tank(content: bytes) -> CsiVerdict:
    return judged(content, given_register=register(TWO_TANK))


def cells_of(verdict: CsiVerdict, name: str, count: int) -> list[object]:
    """The first accepted values of a column."""
    assert verdict.intervals is not None, verdict.findings
    values: list[object] = verdict.intervals[name].slice(0, count).to_pylist()
    return values


# --- R01 to R04


@pytest.mark.parametrize(
    "cell",
    ["", "scg-00987", "SCG-0987", "SCG-009870", " SCG-00987", "SCG-00987 ", "SCG_00987",
     "SC1-00987", "SCG-0098\u0667", "SCG\uff0d00987", "\u0421CG-00987", "SCG-00987\n", "00987"],
)  # fmt: skip
def test_r01_rejects_what_is_no_application_id(cell: str) -> None:
    verdict = judged(report(edit=put("A", cell, line=9)))
    assert broken(verdict) == {"R01": 1}
    assert (verdict.findings[0].line, verdict.findings[0].column) == (9, "A")
    assert "is not an application ID (AAA-#####)" in verdict.findings[0].message


@pytest.mark.parametrize(
    ("cell", "hint"),
    [
        ("", "Write it on every row."),
        (" SCG-00987", "Delete the blanks around it."),
        ("scg-00987", "Letters are capitals."),
        ("scg", "Write it as the register does, such as SCG-00987."),
        (" x ", "Write it as the register does, such as SCG-00987."),
        ("\u0421CG-00987", "Type it anew: only A to Z, 0 to 9 and the hyphen are taken."),
    ],
)
def test_r01_hints_at_what_would_make_it_an_id(cell: str, hint: str) -> None:
    verdict = judged(report(edit=put("A", cell, line=9)))
    assert verdict.findings[0].message.endswith(hint)


@pytest.mark.parametrize("application_id", ["AAA-00000", "ZZZ-99999", "SCG-00987"])
def test_r01_takes_three_capitals_and_five_digits(application_id: str) -> None:
    verdict = judged(
        report(application_id=application_id),
        given_form=form(application_id=application_id),
        given_register=register(application(application_id)),
    )
    assert verdict.result is CsiResult.SUCCESS


def test_r01_follows_the_pattern_of_the_options() -> None:
    six_places = "SDG-001234"
    given_form, given_register = form(application_id=six_places), register(application(six_places))
    content = report(application_id=six_places)
    taken = judged(
        content,
        given_form=given_form,
        given_register=given_register,
        options=CsiOptions(application_id_pattern=r"[A-Z]{3}-[0-9]{5,6}"),
    )
    assert taken.result is CsiResult.SUCCESS
    refused = judged(content, given_form=given_form, given_register=given_register)
    assert broken(refused) == {"R01": 2880}


def test_r02_rejects_rows_of_another_application_and_names_both_lines() -> None:
    both = register(application(), application("SCG-00123"))
    verdict = judged(report(edit=put("A", "SCG-00123", line=1502)), given_register=both)
    assert broken(verdict) == {"R02": 1, "R03": 1}
    assert (
        "line 1502, column A \"Application ID\": 'SCG-00123' differs from line 2 'SCG-00987'"
        in first(verdict, "R02").message
    )


def test_r02_compares_with_the_first_well_formed_id() -> None:
    both = register(application(), application("SCG-00123"))
    verdict = judged(report(edit=put("A", "", "SCG-00123")), given_register=both)
    assert broken(verdict) == {"R01": 1, "R02": 2878, "R03": 1}
    assert first(verdict, "R02").line == 4
    assert "differs from line 3 'SCG-00123'" in first(verdict, "R02").message


def test_r03_rejects_another_application_once_for_each_value() -> None:
    given = register(application(), application("PGE-01357"), application("PGE-01358"))
    verdict = judged(report(edit=fill("A", "PGE-01357")), given_register=given)
    assert broken(verdict) == {"R03": 2880}
    assert "file is for PGE-01357 (on 2,880 rows), form says SCG-00987" in (
        verdict.findings[0].message
    )
    mixed = edits(fill("A", "PGE-01357"), put("A", "PGE-01358", "PGE-01358", line=7))
    verdict = judged(report(edit=mixed), given_register=given)
    assert broken(verdict) == {"R02": 2, "R03": 2880}
    third = [finding.line for finding in verdict.findings if finding.rule.name == "R03"]
    assert third == [2, 7]


def test_r04_rejects_an_application_that_is_not_registered_once_for_each_value() -> None:
    verdict = judged(report(edit=fill("A", "SCG-99999")))
    assert broken(verdict) == {"R03": 2880, "R04": 2880}
    assert "'SCG-99999' (on 2,880 rows) is not a CSI-Thermal application" in (
        first(verdict, "R04").message
    )


def test_r04_takes_a_registered_application_that_is_not_the_forms() -> None:
    both = register(application(), application("SCG-00123"))
    assert "R04" not in broken(judged(report(edit=fill("A", "SCG-00123")), given_register=both))


def test_r01_cells_are_left_out_of_r02_to_r04() -> None:
    assert broken(judged(report(edit=fill("A", "scg-99999")))) == {"R01": 2880}


# --- R08


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("", None),
        ("0", 0),
        ("-0", 0),
        ("+5", 5),
        ("-120", -120),
        ("007", 7),
        ("4424709", 4_424_709),
        ("3000000000", 3_000_000_000),
        ("9223372036854775807", 2**63 - 1),
        ("-9223372036854775808", -(2**63)),
        ("0" * 30 + "1", 1),
    ],
)
@pytest.mark.parametrize("letter", ["D", "E"])
def test_r08_takes_integers_and_empty_cells(letter: str, cell: str, value: int | None) -> None:
    edit = put(letter, cell)
    verdict = judged(report(edit=edit)) if letter == "E" else two_tank(report(edit=edit, tank=2))
    assert verdict.result is CsiResult.SUCCESS
    name = "total_btu" if letter == "E" else "solar_btu"
    assert cells_of(verdict, name, 1) == [value]


@pytest.mark.parametrize(
    "cell",
    ["1234.5", "1,234", "1_000", "1.2E+05", "1200.0", " 5", "5 ", " ", "\t", "\uff11\uff12",
     "\u0665", "N/A", "NA", "NULL", "nan", "-", "+", "+-5", "0x1F", "1e3", "\u22125", "5\u00a0",
     "=5", "#REF!", "true", "12\n34", "\u00b2"],
)  # fmt: skip
@pytest.mark.parametrize("letter", ["D", "E"])
def test_r08_rejects_what_is_no_integer(letter: str, cell: str) -> None:
    edit = put(letter, cell, line=62)
    verdict = judged(report(edit=edit)) if letter == "E" else two_tank(report(edit=edit, tank=2))
    assert broken(verdict) == {"R08": 1}
    finding = verdict.findings[0]
    assert (finding.line, finding.column) == (62, letter)
    assert "is not an integer" in finding.message
    assert verdict.intervals is None


@pytest.mark.parametrize(
    "cell", ["9223372036854775808", "-9223372036854775809", "1" * 20, "9" * 5_000]
)
def test_r08_rejects_what_no_bigint_holds(cell: str) -> None:
    verdict = judged(report(edit=put("E", cell)))
    assert broken(verdict) == {"R08": 1}
    assert "beyond what a 64-bit integer holds" in verdict.findings[0].message


# --- R09


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("", None),
        ("0", Decimal(0)),
        ("12.5", Decimal("12.5")),
        (".5", Decimal("0.5")),
        ("2.", Decimal(2)),
        ("+.5", Decimal("0.5")),
        ("-1.5", Decimal("-1.5")),
        ("1E-05", Decimal("0.00001")),
        ("1e3", Decimal(1000)),
        ("2.5E+2", Decimal(250)),
        ("0E50", Decimal(0)),
        ("0e-99999999999999999999", Decimal(0)),
        ("0.000000000001", Decimal("0.000000000001")),
        ("0.1000000000000000000000", Decimal("0.1")),
        ("9999999999999999.999999999999", Decimal("9999999999999999.999999999999")),
        ("0000000000000000000000000000000000000000001.5", Decimal("1.5")),
        ("1" + "0" * 40 + "E-40", Decimal(1)),
    ],
)
@pytest.mark.parametrize(
    ("backup", "letter", "name"),
    [
        ("gas", "F", "backup_gas_therms"),
        ("electric", "G", "backup_electric_kwh"),
        ("propane", "H", "backup_propane_therms"),
    ],
)
def test_r09_takes_finite_decimals_exactly(
    backup: str, letter: str, name: str, cell: str, value: Decimal | None
) -> None:
    given = register(application(backup_type=BackupType(backup)))
    verdict = judged(report(edit=put(letter, cell), backup=backup), given_register=given)
    assert verdict.result is CsiResult.SUCCESS
    assert cells_of(verdict, name, 1) == [value]


@pytest.mark.parametrize(
    "cell",
    ["12.5 therms", "NaN", "nan", "inf", "-Infinity", "0,5", "#DIV/0!", "=1+1", ".", "+", "1.2.3",
     "1e", "e5", "1e5.0", " 1", "1 ", " ", "1_0", "0x1", "\uff11.\uff15", "\u0661", "1.5\n", "N/A",
     "1\u066b5", "--1", "1..5"],
)  # fmt: skip
def test_r09_rejects_what_is_no_number(cell: str) -> None:
    verdict = judged(report(edit=put("F", cell, line=7)))
    assert broken(verdict) == {"R09": 1}
    assert (verdict.findings[0].line, verdict.findings[0].column) == (7, "F")
    assert "is not a number" in verdict.findings[0].message


@pytest.mark.parametrize(
    "cell",
    ["10000000000000000", "1E16", "1E400000", "1e999999999999999999999", "1" * 6_000,
     "-12345678901234567.5", "9999999999999999.9999999999999"],
)  # fmt: skip
def test_r09_rejects_what_is_too_large_to_be_kept(cell: str) -> None:
    verdict = judged(report(edit=put("F", cell)))
    assert broken(verdict) == {"R09": 1}
    assert "too large to be kept: at most 16 digits" in verdict.findings[0].message


@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        ("0.30000000000000004", "0.3"),
        ("0.086999999999999994", "0.087"),
        ("1.1234567890125", "1.123456789012"),
        ("1.1234567890135", "1.123456789014"),
        ("1E-13", "0"),
        ("-1e-999999999999999999999", "0"),
        ("0." + "3" * 6_000, "0.333333333333"),
        ("9999999999999999.4", "9999999999999999.4"),
    ],
)
def test_r09_keeps_twelve_places_of_a_longer_fraction(cell: str, kept: str) -> None:
    verdict = judged(report(edit=put("F", cell)))
    assert verdict.result is CsiResult.SUCCESS
    assert cells_of(verdict, "backup_gas_therms", 1) == [Decimal(kept)]


def test_r08_and_r09_keep_empty_and_zero_apart() -> None:
    verdict = judged(report(edit=edits(put("E", "", "0", "5"), put("F", "", "0", "0.0"))))
    assert cells_of(verdict, "total_btu", 3) == [None, 0, 5]
    assert cells_of(verdict, "backup_gas_therms", 3) == [None, Decimal(0), Decimal(0)]


# --- X01 and X02


@pytest.mark.parametrize("cell", ["4313", "0", "-1", "0.0"])
def test_x01_rejects_data_in_the_column_of_other_tanks(cell: str) -> None:
    verdict = judged(report(edit=put("D", cell)))
    assert broken(verdict) in ({"X01": 1}, {"R08": 1, "X01": 1})
    message = first(verdict, "X01").message
    assert "line 2, column D" in message
    assert f"data '{cell}' in a 2-tank column of a 1-tank application" in message
    verdict = two_tank(report(edit=put("E", cell, line=5), tank=2))
    assert f"data '{cell}' in a 1-tank column of a 2-tank" in first(verdict, "X01").message
    assert first(verdict, "X01").line == 5


def test_x01_takes_empty_columns_and_follows_the_register() -> None:
    assert judged(report()).result is CsiResult.SUCCESS
    assert two_tank(report(tank=2)).result is CsiResult.SUCCESS
    assert broken(two_tank(report())) == {"X01": 2880}


@pytest.mark.parametrize("backup", ["gas", "electric", "propane", "none"])
@pytest.mark.parametrize(("letter", "fuel"), [("F", "gas"), ("G", "electric"), ("H", "propane")])
@pytest.mark.parametrize("tank", [1, 2])
def test_x02_rejects_data_outside_the_column_of_the_backup_type(
    tank: int, letter: str, fuel: str, backup: str
) -> None:
    given = register(application(backup_type=BackupType(backup), tank_configuration=tank))
    content = report(edit=put(letter, "1.5", line=7), backup=backup, tank=tank)
    verdict = judged(content, given_register=given)
    if fuel == backup:
        assert verdict.result is CsiResult.SUCCESS
    else:
        assert broken(verdict) == {"X02": 1}
        message = first(verdict, "X02").message
        assert f"line 7, column {letter}" in message
        assert f"{fuel} back-up, but the back-up type is {backup}" in message


def test_x02_leaves_the_matching_column_optional_with_two_tanks() -> None:
    assert two_tank(report(tank=2, backup="none")).result is CsiResult.SUCCESS


def test_x02_counts_zero_as_data_unless_the_options_say_otherwise() -> None:
    content = report(edit=edits(put("H", "0", "0.00", "-0", "0E7"), put("D", "0", "+0")))
    assert broken(judged(content)) == {"X01": 2, "X02": 4}
    lenient = CsiOptions(zero_is_data=False)
    assert judged(content, options=lenient).result is CsiResult.SUCCESS
    verdict = judged(report(edit=put("H", "0", "0.1", "x")), options=lenient)
    assert broken(verdict) == {"R09": 1, "X02": 2}


def test_rules_of_cells_rows_times_and_columns_come_together() -> None:
    def everything(rows: Rows) -> None:
        put("A", "x")(rows)
        put("E", "1.5", line=3)(rows)
        put("F", "a", line=4)(rows)
        put("D", "9", line=5)(rows)
        put("G", "9", line=6)(rows)
        put("B", "bad", line=7)(rows)
        rows[20].pop()

    assert broken(judged(report(edit=everything))) == {
        "F07": 1, "R01": 1, "R05": 1, "R08": 1, "R09": 1, "T06": 2, "X01": 1, "X02": 1,
    }  # fmt: skip
