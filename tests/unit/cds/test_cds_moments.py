"""Moments and durations, exactly, with their offset."""

from datetime import UTC, datetime, timedelta

import pytest

from cei_assets.contracts.cds_vocabulary import CdsCode
from cei_assets.core.cds.finding import CdsReadError
from cei_assets.core.cds.moments import duration_of, microseconds_of
from cei_assets.core.intake.batch_body import Number

NOON = datetime(2026, 2, 28, 12, tzinfo=UTC)


def moment(text: object) -> datetime:
    us = microseconds_of(text, pointer="/at")
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-02-28T12:00:00Z", NOON),
        ("2026-02-28t12:00:00z", NOON),
        ("2026-02-28 12:00:00+00:00", NOON),
        ("2026-02-28T13:00:00+01:00", NOON),
        ("2026-02-28T06:30:00-05:30", NOON),
        ("20260228T120000Z", NOON),
        ("2026-02-28T12Z", NOON),
        ("2026-02-28T12:00+00", NOON),
        ("2026-02-28T12:00:00,5Z", NOON + timedelta(milliseconds=500)),
        ("2026-02-28T12:00:00.0000000Z", NOON),
        ("2026-02-28T12:00:00.123456Z", NOON + timedelta(microseconds=123456)),
        ("2026-02-27T24:00:00Z", datetime(2026, 2, 28, tzinfo=UTC)),
        ("1969-12-31T23:59:59.9Z", datetime(1969, 12, 31, 23, 59, 59, 900_000, tzinfo=UTC)),
    ],
)
def test_moments_of_rfc_3339_and_iso_8601_are_instants(text: str, expected: datetime) -> None:
    assert moment(text) == expected


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2026-02-28T12:00:00", CdsCode.BAD_MOMENT),
        ("2026-02-28", CdsCode.BAD_MOMENT),
        ("2026-02-30T12:00:00Z", CdsCode.BAD_MOMENT),
        ("2026-02-28T24:00:01Z", CdsCode.BAD_MOMENT),
        ("2026-02-28T23:59:60Z", CdsCode.BAD_MOMENT),
        ("2026-02-28T12:00:00.0000001Z", CdsCode.BAD_MOMENT),
        ("2026-02-28T12:00:00+24:00", CdsCode.BAD_MOMENT),
        ("0001-01-01T00:00:00+01:00", CdsCode.BAD_MOMENT),
        ("0000-01-01T00:00:00Z", CdsCode.BAD_MOMENT),
        ("9999-12-31T23:59:59-01:00", CdsCode.BAD_MOMENT),
        ("٢٠٢٦-02-28T12:00:00Z", CdsCode.BAD_MOMENT),
        ("", CdsCode.BAD_MOMENT),
        (Number("1772280000"), CdsCode.WRONG_TYPE),
        (None, CdsCode.WRONG_TYPE),
        ([], CdsCode.WRONG_TYPE),
    ],
)
def test_what_is_no_instant_is_refused_where_it_stands(text: object, code: CdsCode) -> None:
    with pytest.raises(CdsReadError) as refused:
        moment(text)
    assert (refused.value.finding.code, refused.value.finding.pointer) == (code, "/at")


@pytest.mark.parametrize(
    ("digits", "microseconds"),
    [
        ("900", 900_000_000),
        ("900.000", 900_000_000),
        ("9e2", 900_000_000),
        ("0.5", 500_000),
        ("0.000001", 1),
        ("2678400", 2_678_400_000_000),
        ("90000.25", 90_000_250_000),
    ],
)
def test_seconds_are_exact_decimals(digits: str, microseconds: int) -> None:
    assert duration_of(Number(digits), pointer="/interval") == microseconds


@pytest.mark.parametrize(
    "digits",
    ["0", "-900", "0.0000001", "1e-999999999", "1e999999999", "1" * 50, "900.0000001"],
)
def test_a_duration_is_above_zero_and_of_whole_microseconds(digits: str) -> None:
    with pytest.raises(CdsReadError) as refused:
        duration_of(Number(digits), pointer="/interval")
    assert refused.value.finding.code is CdsCode.BAD_INTERVAL


@pytest.mark.parametrize("seconds", ["900", None, True, [900]])
def test_a_duration_is_a_number(seconds: object) -> None:
    with pytest.raises(CdsReadError) as refused:
        duration_of(seconds, pointer="/interval")
    assert refused.value.finding.code is CdsCode.WRONG_TYPE
