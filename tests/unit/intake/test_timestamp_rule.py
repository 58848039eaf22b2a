"""Timestamps: ISO 8601 with an offset, within the limits, on the meter's grid."""

import pytest

from cei_assets.core.intake.verdict import Limits
from tests.intake_drops import accepted, at, codes, details, judged, rows


def _one(timestamp: str, meter: str = "mill,main") -> str:
    return rows(f"{meter},{timestamp},1,kWh")


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-01T12:00:00Z",
        "2026-01-01T12:00:00z",
        "2026-01-01t12:00:00Z",
        "2026-01-01 12:00:00Z",
        "2026-01-01T12:00Z",
        "2026-01-01T12:00:00.000Z",
        "2026-01-01T12:00:00.000000000Z",
        "2026-01-01T13:00:00+01:00",
        "2026-01-01T13:00:00+0100",
        "2026-01-01T13:00:00+01",
        "2026-01-01T07:00:00-05:00",
        "2026-01-01T17:30:00+05:30",
        "2026-01-01T12:00:00-00:00",
        " 2026-01-01T12:00:00Z ",
    ],
)
def test_every_offset_is_accepted_and_converted(text: str) -> None:
    verdict = judged(_one(text))
    assert accepted(verdict, "interval_start_utc") == [(at("2026-01-01T12:00"),)]


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-01T24:00:00Z",
        "2026-02-30T00:00:00Z",
        "2026-01-01T12:00:60Z",
        "2026-13-01T00:00:00Z",
        "2026-1-1T00:00:00Z",
        "2026-01-01T00:00:00 Europe/Rome",
        "2026-01-01T00:00:00+1:00",
        "2026-01-01T00:00:00+16:00",
        "01/01/2026 00:00",
        "infinity",
        "epoch",
        "now",
        "2026-01-01",
        "1767225600",
        "2026-01-01T00:00:00ZZ",
    ],
)
def test_what_is_not_iso_8601_is_refused(text: str) -> None:
    verdict = judged(_one(text))
    assert codes(verdict) == [(2, "INVALID_TIMESTAMP")]
    assert "ISO 8601" in details(verdict)[0]


def test_a_timestamp_without_offset_is_refused_and_says_how_to_mend_it() -> None:
    verdict = judged(_one("2026-01-01T00:00:00"))
    assert codes(verdict) == [(2, "INVALID_TIMESTAMP")]
    assert "has no offset; append Z" in details(verdict)[0]


def test_the_receipt_is_the_clock_of_the_future_limit() -> None:
    verdict = judged(
        rows(
            "mill,quarter,2026-11-21T12:00:00Z,1,kWh",
            "mill,quarter,2026-11-21T12:15:00Z,1,kWh",
        )
    )
    assert codes(verdict) == [(3, "INVALID_TIMESTAMP")]
    just = judged(_one("2026-11-21T13:00:00Z"), limits=Limits(max_future_seconds=3600))
    assert just.rows_accepted == 1


def test_the_age_limit_counts_days_before_the_receipt() -> None:
    verdict = judged(
        rows("mill,main,2026-11-11T12:00:00Z,1,kWh", "mill,main,2026-11-11T11:00:00Z,1,kWh"),
        limits=Limits(max_age_days=10),
    )
    assert codes(verdict) == [(3, "INVALID_TIMESTAMP")]
    assert "older than 10 days" in details(verdict)[0]


@pytest.mark.parametrize(
    ("meter", "time", "on_grid"),
    [
        ("mill,main", "11:00:00", True),
        ("mill,main", "11:17:23", False),
        ("mill,main", "11:15:00", False),
        ("mill,quarter", "11:15:00", True),
        ("mill,quarter", "11:05:00", False),
        ("mill,main", "11:00:00.5", False),
        ("plant_in,main", "11:30:00", True),
        ("plant_in,main", "11:00:00", False),
    ],
)
def test_an_interval_starts_on_the_grid_of_the_site_s_clock(
    meter: str, time: str, on_grid: bool
) -> None:
    verdict = judged(_one(f"2026-01-01T{time}Z", meter))
    assert (verdict.rows_accepted == 1) == on_grid
    if not on_grid:
        assert "grid" in details(verdict)[0]


def test_a_meter_that_labels_the_end_is_shifted_to_the_start() -> None:
    verdict = judged(_one("2026-01-01T12:00:00Z", "mill,ending"))
    assert accepted(verdict, "interval_start_utc") == [(at("2026-01-01T11:00"),)]
