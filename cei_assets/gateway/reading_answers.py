"""Shapes of answers of reading back, and their JSON: energy in exact decimal numbers."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated

import msgspec
from fastapi import Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema

from cei_assets.core.readings.series import Resolution

_ENCODER = msgspec.json.Encoder(decimal_format="number")


def _in_utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC)


def _plain(energy: Decimal) -> Decimal:
    """Without the zeros of the stored scale, and without an exponent."""
    return Decimal(f"{energy.normalize():f}")


Utc = Annotated[datetime, AfterValidator(_in_utc)]
"""A naive UTC time, written with `Z`."""
Kwh = Annotated[Decimal, AfterValidator(_plain), WithJsonSchema({"type": "number"})]
"""Energy with all its decimals."""


class ReadingAnswer(BaseModel):
    """What answers of reading back have in common."""

    model_config = ConfigDict(from_attributes=True)

    as_of_utc: Utc = Field(description="The moment whose knowledge this is.")

    def response(self) -> Response:
        """The answer as JSON; pydantic's own would make text of decimals."""
        return Response(_ENCODER.encode(self.model_dump()), media_type="application/json")


class SummaryAnswer(ReadingAnswer):
    """Use of a meter over a window, and how much of the window that covers."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "as_of_utc": "2026-01-31T14:05:00Z",
                    "site_id": "mill",
                    "meter_id": "main",
                    "interval_seconds": 3600,
                    "window_start_utc": "2026-01-30T14:00:00Z",
                    "window_end_utc": "2026-01-31T14:00:00Z",
                    "total_kwh": 1012.375,
                    "points": 23,
                    "expected_points": 24,
                    "completeness_percent": 95.83333333333333,
                    "first_interval_utc": "2026-01-30T14:00:00Z",
                    "last_interval_utc": "2026-01-31T13:00:00Z",
                }
            ]
        }
    )

    site_id: str
    meter_id: str = Field(description="The site's main incomer where none was asked for.")
    interval_seconds: int
    window_start_utc: Utc
    window_end_utc: Utc = Field(description="End of the last interval that was over.")
    total_kwh: Kwh | None = Field(description="Sum of the points received; null without any.")
    points: int = Field(description="Intervals received in the window.")
    expected_points: int = Field(description="Intervals that the register expects in it.")
    completeness_percent: float | None = Field(
        description="Expected intervals received, 0 to 100; null where none is expected."
    )
    first_interval_utc: Utc | None = Field(description="Start of the first interval received.")
    last_interval_utc: Utc | None = Field(description="Start of the last interval received.")


class Bucket(BaseModel):
    """An hour or a local day."""

    start_utc: Utc
    end_utc: Utc
    local_date: date = Field(description="The site's day in which it starts.")
    usage_kwh: Kwh | None = Field(description="Sum of what was received; null without any.")
    points: int
    expected_points: int
    coverage: float | None = Field(
        description="Share of the expected intervals received, 0 to 1: below 1 the sum is not "
        "that of the whole bucket."
    )


class SeriesAnswer(ReadingAnswer):
    """Use of a meter by hour or local day; no bucket of the window is left out."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "as_of_utc": "2026-01-31T14:05:00Z",
                    "site_id": "mill",
                    "meter_id": "main",
                    "timezone": "Europe/Rome",
                    "resolution": "hour",
                    "window_start_utc": "2026-01-31T13:00:00Z",
                    "window_end_utc": "2026-01-31T14:00:00Z",
                    "buckets": [
                        {
                            "start_utc": "2026-01-31T13:00:00Z",
                            "end_utc": "2026-01-31T14:00:00Z",
                            "local_date": "2026-01-31",
                            "usage_kwh": 41.25,
                            "points": 1,
                            "expected_points": 1,
                            "coverage": 1.0,
                        }
                    ],
                }
            ]
        }
    )

    site_id: str
    meter_id: str = Field(description="The site's main incomer where none was asked for.")
    timezone: str = Field(description="Zone of the site's days and hours.")
    resolution: Resolution
    window_start_utc: Utc
    window_end_utc: Utc
    buckets: list[Bucket]


class MeterFeedAnswer(BaseModel):
    """The feed of one registered meter."""

    model_config = ConfigDict(from_attributes=True)

    site_id: str
    meter_id: str
    window_start_utc: Utc
    window_end_utc: Utc = Field(description="End of the meter's last interval that was over.")
    last_interval_utc: Utc | None = Field(description="Latest interval ever received.")
    last_received_at_utc: Utc | None = Field(description="Latest receipt of a reading.")
    expected_points: int
    received_points: int
    completeness_percent: float | None = Field(
        description="0 for a silent meter, 100 for a perfect feed; null where none is expected."
    )
    gap_hours: float = Field(description="Hours of the missing intervals.")
    longest_gap_hours: float = Field(description="Longest run of missing intervals.")
    error_counts: dict[str, int] = Field(
        description="Refused records that name this meter and were received in the window, by code."
    )


class IngestMetricsAnswer(ReadingAnswer):
    """A row for every registered meter, whether it sends or not."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "as_of_utc": "2026-01-31T14:05:00Z",
                    "window_hours": 24,
                    "meters": [
                        {
                            "site_id": "mill",
                            "meter_id": "main",
                            "window_start_utc": "2026-01-30T14:00:00Z",
                            "window_end_utc": "2026-01-31T14:00:00Z",
                            "last_interval_utc": "2026-01-31T13:00:00Z",
                            "last_received_at_utc": "2026-01-31T14:01:12Z",
                            "expected_points": 24,
                            "received_points": 24,
                            "completeness_percent": 100.0,
                            "gap_hours": 0.0,
                            "longest_gap_hours": 0.0,
                            "error_counts": {"INVALID_VALUE": 2},
                        }
                    ],
                    "unassigned_error_counts": {"UNKNOWN_METER": 1},
                }
            ]
        }
    )

    window_hours: int
    meters: list[MeterFeedAnswer]
    unassigned_error_counts: dict[str, int] = Field(
        description="Refused records that name none of the organization's meters, by code."
    )
