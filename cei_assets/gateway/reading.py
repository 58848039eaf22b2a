"""Reading back: summary, series, export and the state of every feed."""

from collections.abc import Iterator, Sequence
from enum import IntEnum
from itertools import chain
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import StreamingResponse

from cei_assets.core.readings.export import export_csv
from cei_assets.core.readings.ingest_metrics import ingest_metrics
from cei_assets.core.readings.meters import Meter
from cei_assets.core.readings.series import Resolution, daily_series, hourly_series
from cei_assets.core.readings.summary import summarise
from cei_assets.core.readings.windows import Span, last_hours
from cei_assets.gateway.answers import Problem
from cei_assets.gateway.asked import (
    Asked,
    MeterId,
    OptionalMeterId,
    OptionalSiteId,
    SiteId,
    asked,
    instant,
    invalid,
)
from cei_assets.gateway.reading_answers import (
    IngestMetricsAnswer,
    SeriesAnswer,
    SummaryAnswer,
)

router = APIRouter(
    prefix="/api/v1",
    tags=["readings back"],
    responses={status: {"model": Problem} for status in (401, 403, 404, 422, 429)},
)

_YEAR_HOURS = 366 * 24
_DAY_HOURS = 24
_EXPORT_EXAMPLE = (
    "site_id,meter_id,timestamp_utc,value,unit\nmill,main,2026-01-31T13:00:00Z,41.25,kWh\n"
)
Question = Annotated[Asked, Depends(asked)]
WindowHours = Annotated[
    int,
    Query(
        ge=1,
        le=_YEAR_HOURS,
        description="Length of the window, which ends with the last complete interval.",
    ),
]


class MetricsHours(IntEnum):
    """Windows of ingest metrics."""

    DAY = 24
    WEEK = 168


@router.get(
    "/timeseries/summary", response_model=SummaryAnswer, summary="Use of a meter over a window"
)
def summary(
    question: Question, site_id: SiteId, meter_id: MeterId = None, window_hours: WindowHours = 24
) -> Response:
    """Total, points and completeness; a site without `meter_id` counts its main incomer only."""
    meter = question.one_meter(site_id, meter_id)
    with question.readings() as connection:
        found = summarise(connection, meter=meter, as_of=question.as_of, window_hours=window_hours)
    return SummaryAnswer.model_validate({"as_of_utc": question.as_of, **vars(found)}).response()


@router.get(
    "/timeseries/series",
    response_model=SeriesAnswer,
    summary="Use of a meter by hour or by local day",
)
def series(
    question: Question,
    site_id: SiteId,
    meter_id: MeterId = None,
    window_hours: WindowHours = 24,
    resolution: Annotated[
        Resolution, Query(description="`day`: whole days of the site; 24 hours of window each.")
    ] = Resolution.HOUR,
) -> Response:
    """Every hour or day of the window; one of which nothing was received has the use null.

    Hours are those of the site's clock, days have 23, 24 or 25 of them. Shorter intervals are
    summed, and `coverage` says which share of them was received.
    """
    meter = question.one_meter(site_id, meter_id)
    days, rest = divmod(window_hours, _DAY_HOURS)
    if resolution is Resolution.DAY and rest:
        raise invalid("window_hours", window_hours, "a multiple of 24 with resolution=day")
    with question.readings() as connection:
        if resolution is Resolution.DAY:
            found = daily_series(connection, meter=meter, as_of=question.as_of, days=days)
        else:
            found = hourly_series(connection, meter=meter, as_of=question.as_of, hours=window_hours)
    return SeriesAnswer.model_validate(
        {
            "as_of_utc": question.as_of,
            "timezone": meter.timezone,
            **vars(found),
            "buckets": found.buckets.to_pylist(),
        }
    ).response()


@router.get(
    "/timeseries/export",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "CSV, streamed; taking it in again changes nothing.",
            "content": {"text/csv": {"schema": {"type": "string"}, "example": _EXPORT_EXAMPLE}},
        }
    },
    summary="Readings as CSV",
)
def export(
    question: Question,
    site_id: OptionalSiteId = None,
    meter_id: OptionalMeterId = None,
    start_utc: Annotated[
        str | None, Query(description="First interval start, ISO 8601 with offset.")
    ] = None,
    end_utc: Annotated[
        str | None, Query(description="Intervals start before this, ISO 8601 with offset.")
    ] = None,
    window_hours: Annotated[
        int | None,
        Query(ge=1, le=10 * _YEAR_HOURS, description="In place of `start_utc` and `end_utc`."),
    ] = None,
) -> StreamingResponse:
    """The readings that hold, timestamped as each meter labels its intervals.

    Columns site_id, meter_id, timestamp_utc, value, unit: the form of a CSV drop.
    """
    meters = question.chosen(site_id, meter_id)
    windows = _windows(question, meters, start_utc, end_utc, window_hours)

    def pieces() -> Iterator[bytes]:
        with question.readings() as connection:
            yield from export_csv(connection, meters=meters, as_of=question.as_of, windows=windows)

    # What is wrong shows with the first piece, before the answer's status has left.
    stream = pieces()
    return StreamingResponse(
        chain([next(stream)], stream),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="readings.csv"'},
    )


@router.get(
    "/analytics/ingest-metrics",
    response_model=IngestMetricsAnswer,
    summary="How complete every meter's feed is",
)
def metrics(
    question: Question,
    window_hours: Annotated[
        MetricsHours, Query(description="Length of every meter's window.")
    ] = MetricsHours.DAY,
) -> Response:
    """A row for every registered meter: a silent one is 0 %, a perfect feed 100 %."""
    with question.readings() as connection:
        found = ingest_metrics(
            connection,
            organization_id=question.organization_id,
            meters=question.meters,
            as_of=question.as_of,
            window_hours=window_hours,
            is_only_organization=question.is_only_organization,
        )
    return IngestMetricsAnswer.model_validate(
        {"as_of_utc": question.as_of, "window_hours": window_hours, **vars(found)}
    ).response()


def _windows(
    question: Asked,
    meters: Sequence[Meter],
    start_utc: str | None,
    end_utc: str | None,
    window_hours: int | None,
) -> list[Span]:
    """The window of each meter. Raises GatewayError 422 unless one way is chosen to say it."""
    if window_hours is not None:
        if start_utc is not None or end_utc is not None:
            raise invalid("window_hours", window_hours, "either this or start_utc and end_utc")
        return [
            last_hours(
                question.as_of,
                hours=window_hours,
                seconds=meter.interval_seconds,
                zone=meter.zone,
            )
            for meter in meters
        ]
    if start_utc is None or end_utc is None:
        missing = "start_utc" if start_utc is None else "end_utc"
        raise invalid(missing, "nothing", "start_utc and end_utc, or window_hours")
    span = Span(
        start_utc=instant(start_utc, name="start_utc"), end_utc=instant(end_utc, name="end_utc")
    )
    if span.start_utc >= span.end_utc:
        raise invalid("end_utc", end_utc, "a time after start_utc")
    return [span] * len(meters)
