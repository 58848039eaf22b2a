"""Normal units: exact where the factor is, never energy from a volume of gas."""

from decimal import Decimal

import pytest

from tests.cds_segments import Raw, judged, rows, segment

KEYS = {
    "electric_usage": "eu", "electric_demand": "ed", "water_usage": "wu",
    "natural_gas_usage": "gu", "fuel_oil_usage": "fu",
}  # fmt: skip


def converted(value_type: str, unit: str, digits: str) -> tuple[object, ...]:
    value_format = {"id": "x", "type": value_type, "units": unit, "demand_type": "peak"}
    verdict = judged(segment([{KEYS[value_type]: Raw(digits)}], formats=[value_format]))
    ((value, name, wh, kwh),) = rows(verdict, "normal_value normal_unit energy_wh energy_kwh")
    return value, name, wh, kwh


@pytest.mark.parametrize(
    ("unit", "digits", "wh", "kwh"),
    [
        ("Wh", "1", "1", "0.001"),
        ("Wh", "0.000000000001", "0.000000000001", "0.000000000000001"),
        ("kWh", "1.000000000001", "1000.000000001", "1.000000000001"),
        ("MWh", "-2.5", "-2500000", "-2500"),
        ("MWh", "0.000000000001", "0.000001", "0.000000001"),
    ],
)
def test_electric_energy_is_exact_in_wh_and_in_kwh(
    unit: str, digits: str, wh: str, kwh: str
) -> None:
    found = converted("electric_usage", unit, digits)
    assert found == (Decimal(kwh), "kWh", Decimal(wh), Decimal(kwh))


@pytest.mark.parametrize(
    ("value_type", "unit", "digits", "expected", "normal"),
    [
        ("electric_demand", "W", "1500", "1.5", "kW"),
        ("electric_demand", "MW", "0.0015", "1.5", "kW"),
        ("water_usage", "gal", "1000", "3.785411784", "m3"),
        ("water_usage", "L", "1", "0.001", "m3"),
        ("water_usage", "CCF", "1", "2.8316846592", "m3"),
        ("water_usage", "MMCF", "1", "28316.846592", "m3"),
        ("fuel_oil_usage", "gal", "2", "7.570823568", "L"),
        ("natural_gas_usage", "therm", "1", "29.307107017222222", "kWh"),
        ("natural_gas_usage", "Btu", "100000", "29.3071070172222", "kWh"),
        ("natural_gas_usage", "MCF", "1", "28.316846592", "m3"),
        ("natural_gas_usage", "Sm3", "3", "3", "Sm3"),
        ("natural_gas_usage", "scf", "3", "3", "scf"),
    ],
)
def test_other_quantities_have_a_normal_unit_and_no_electric_energy(
    value_type: str, unit: str, digits: str, expected: str, normal: str
) -> None:
    found = converted(value_type, unit, digits)
    assert found == (Decimal(expected), normal, None, None)


def test_a_hundred_cubic_feet_of_gas_are_no_therm() -> None:
    verdict = judged(segment([{"v": 1}, {"v": 1}], formats=["gas_ccf", "gas_therm"], key="format"))
    ccf, therm = rows(verdict, "native_unit normal_value normal_unit energy_kwh")
    assert ccf == ("CCF", Decimal("2.8316846592"), "m3", None)
    assert therm == ("therm", Decimal("29.307107017222222"), "kWh", None)


def test_an_mmbtu_is_ten_therms() -> None:
    formats = ["gas_mmbtu", "gas_therm"]
    verdict = judged(segment([{"v": 1}, {"v": 10}], formats=formats, key="format"))
    mmbtu, therms = rows(verdict, "normal_value")
    assert mmbtu == (therms[0],) == (Decimal("293.071070172222222"),)


@pytest.mark.parametrize("unit", ["furlong", "kvarh", "therm"])
def test_a_unit_outside_of_the_table_keeps_its_native_value_alone(unit: str) -> None:
    assert converted("electric_usage", unit, "3") == (None, None, None, None)


def test_what_a_normal_unit_cannot_hold_stays_native() -> None:
    digits = "99999999999999999999999999"
    assert converted("electric_usage", "MWh", digits) == (None, "kWh", None, None)
