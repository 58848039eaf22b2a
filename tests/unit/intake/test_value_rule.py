"""Values: decimal numbers, exact to nine places, within the limit."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cei_assets.core.intake.accepted import decimal_array, nano_values
from cei_assets.core.intake.values import read_energies, value_verdicts
from cei_assets.core.intake.verdict import Limits
from tests.intake_drops import accepted, codes, details, in_memory, judged, rows


def _one(value: str) -> str:
    return rows(f"mill,main,2026-01-01T00:00:00Z,{value},kWh")


@pytest.mark.parametrize(
    ("text", "usage"),
    [
        ("0", "0"),
        ("-0", "0"),
        ("1.5", "1.5"),
        ("+1.5", "1.5"),
        (".5", "0.5"),
        ("5.", "5"),
        (" 7 ", "7"),
        ("1e3", "1000"),
        ("1.5E-3", "0.0015"),
        ("1000000", "1000000"),
        ("0.123456789", "0.123456789"),
        ("0.0000000005", "0.000000001"),
        ("0.00000000049", "0"),
        ("0.1234567895", "0.123456790"),
        ("123456.12345678949999999999999999", "123456.123456789"),
        ("9" * 5000 + "e-4999", "10"),
        ("0." + "3" * 5000, "0.333333333"),
        ("1e-10000000", "0"),
        ("1e-99999999999", "0"),
        ("0e99999999999", "0"),
    ],
)
def test_numbers_are_taken_exactly_and_rounded_half_away_from_zero(text: str, usage: str) -> None:
    assert accepted(judged(_one(text)), "usage_kwh") == [(Decimal(usage),)]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "missing"),
        ("  ", "blank"),
        ("true", "not a number"),
        ("n/a", "not a number"),
        ("1_000", "not a number"),
        ("1 000", "not a number"),
        ("0x10", "not a number"),
        ("1e", "not a number"),
        (".", "not a number"),
        ("NaN", "not a finite number"),
        ("inf", "not a finite number"),
        ("-Infinity", "not a finite number"),
        ("-1", "negative"),
        ("-1e-12", "negative"),
        ("-1e300", "negative"),
        ("1000000.000000001", "over 1000000 kWh"),
        ("1e300", "over 1000000 kWh"),
        ("9" * 60, "over 1000000 kWh"),
    ],
)
def test_other_values_are_refused_with_the_reason(text: str, reason: str) -> None:
    verdict = judged(_one(text))
    assert codes(verdict) == [(2, "INVALID_VALUE")]
    assert reason in details(verdict)[0]


def test_the_limit_is_a_setting() -> None:
    assert judged(_one("11"), limits=Limits(max_interval_kwh=10)).rows_accepted == 0


SESSION = in_memory()


def _cells(texts: list[str]) -> pa.Table:
    return pa.table(
        {
            "line_number": list(range(len(texts))),
            "value": pa.array(texts, pa.string()),
            "value_type": pa.nulls(len(texts), pa.string()),
        }
    )


@given(
    st.lists(
        st.one_of(
            st.from_regex(r"[+-]?[0-9]{1,8}(\.[0-9]{0,12})?([eE][+-]?[0-9]{1,2})?", fullmatch=True),
            st.text(alphabet="0123456789+-.eE_ ,x", max_size=12),
        ),
        min_size=1,
        max_size=8,
    )
)
@settings(max_examples=60, deadline=None)
def test_the_quick_way_and_the_rule_agree_with_exact_arithmetic(texts: list[str]) -> None:
    rule = value_verdicts(SESSION, rows=_cells(texts), decimal_mark=".", limit=1_000_000)
    exact = [_exact(text) for text in texts]
    assert rule["usage_kwh"].to_pylist() == exact
    for text, expected in zip(texts, exact, strict=True):
        quick = read_energies(SESSION, rows=_cells([text]), decimal_mark=".", limit=1_000_000)
        assert bool(quick.is_valid[0]) == (expected is not None)
        if expected is not None:
            assert Decimal(int(quick.nano_kwh[0])).scaleb(-9) == expected


def _exact(text: str) -> Decimal | None:
    """What the rule means, by another arithmetic: nine decimals, at most a million."""
    try:
        number = Decimal(text.strip(" "))
    except InvalidOperation:
        return None
    if "_" in text or not number.is_finite() or number < 0 or number > 10**12:
        return None
    rounded = number.quantize(Decimal("1e-9"), rounding=ROUND_HALF_UP)
    return abs(rounded) if rounded <= 1_000_000 else None


@given(st.lists(st.integers(0, 10**18 - 1), max_size=20), st.integers(0, 5))
def test_nano_kwh_and_decimals_are_the_same_numbers(numbers: list[int], skipped: int) -> None:
    values = decimal_array(pa.array(numbers, pa.int64()).to_numpy())
    assert values.to_pylist() == [Decimal(number).scaleb(-9) for number in numbers]
    assert nano_values(values.slice(skipped)).tolist() == numbers[skipped:]
