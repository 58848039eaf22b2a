"""`POST /api/v1/timeseries/batch`: records in, an answer for each."""

import asyncio
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response

from cei_assets.core.intake.batch_body import (
    Body,
    NotABatchError,
    TooManyRecordsError,
    read_body,
)
from cei_assets.core.intake.batch_judge import JudgedBatch
from cei_assets.gateway.access import Grant, authorize
from cei_assets.gateway.answers import BatchAnswer, Problem
from cei_assets.gateway.bodies import bounded_body
from cei_assets.gateway.committer import Answer, Arrival
from cei_assets.gateway.problem import GatewayError
from cei_assets.gateway.services import Services
from cei_assets.gateway.state.tokens import Scope

router = APIRouter(prefix="/api/v1", tags=["readings in"])
# Parsing and judging more than this would keep other requests waiting.
_INLINE_BYTES = 64 << 10
_EXAMPLE = {
    "records": [
        {
            "site_id": "mill",
            "meter_id": "main",
            "timestamp_utc": "2026-01-31T13:00:00Z",
            "value": 41.25,
            "unit": "kWh",
            "idempotency_key": "mill-main-2026-01-31T13",
        }
    ],
    "source": "factory-scada-line1",
}
_RECORD_SCHEMA = {
    "type": "object",
    "required": ["site_id", "meter_id", "timestamp_utc", "value"],
    "properties": {
        "site_id": {"type": "string", "description": "As in the integration mapping."},
        "meter_id": {"type": "string", "description": "As in the integration mapping."},
        "timestamp_utc": {
            "type": "string",
            "description": "ISO 8601 with Z or an offset: the interval's start, or its end where "
            "the register says so.",
        },
        "value": {"type": "number", "description": "Energy of the interval in kWh."},
        "unit": {"type": "string", "description": "`kWh`, or left out."},
        "idempotency_key": {
            "type": "string",
            "description": "Names the record for good; made of organization, site, meter and "
            "interval when left out. A corrected value needs a new key.",
        },
    },
}
_REQUEST_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["records"],
                    "properties": {
                        "records": {"type": "array", "minItems": 1, "items": _RECORD_SCHEMA},
                        "source": {"type": "string"},
                    },
                },
                "example": _EXAMPLE,
            }
        },
    }
}


@router.post(
    "/timeseries/batch",
    response_model=BatchAnswer,
    responses={status: {"model": Problem} for status in (401, 403, 408, 413, 422, 429)},
    openapi_extra=_REQUEST_BODY,
    summary="Send interval readings",
)
async def batch(request: Request) -> Response:
    """Takes up to 10,000 records; each gets its own verdict, and 200 also when all fail.

    `ingested` records are on disk before the answer leaves. A record sent again with the same key
    and payload is counted in `skipped_duplicate` and changes nothing, so a request whose answer
    was lost is simply sent again.
    """
    services: Services = request.app.state.services
    settings = services.settings
    content = await bounded_body(
        request,
        limit=settings.gateway_max_body_bytes,
        seconds=settings.gateway_body_seconds,
    )
    if len(content) <= _INLINE_BYTES:
        body, problem = _read(content, settings.gateway_max_records)
    else:
        body, problem = await asyncio.to_thread(_read, content, settings.gateway_max_records)
    if isinstance(problem, TooManyRecordsError):
        raise GatewayError(
            413,
            "TOO_MANY_RECORDS",
            f"a request takes at most {settings.gateway_max_records} records; send them in parts",
            detail=problem.detail,
        )
    grant = authorize(request, Scope.INGEST)
    if body is None:
        raise GatewayError(
            422,
            "INVALID_BODY",
            'the body is no batch; expected {"records": [{...}, ...]}',
            detail=problem.detail if problem else None,
        )
    arrival = await _judged(services, request, grant, content, body)
    answer = await asyncio.wrap_future(services.committer.submit(arrival))
    request.state.counts = (answer.ingested, answer.skipped_duplicate, answer.failed)
    return Response(_as_json(answer), media_type="application/json")


def _read(content: bytes, limit: int) -> tuple[Body | None, NotABatchError | None]:
    try:
        return read_body(content, max_records=limit), None
    except NotABatchError as error:
        return None, error


async def _judged(
    services: Services, request: Request, grant: Grant, content: bytes, body: Body
) -> Arrival:
    received_at = services.received_at()
    version = services.register.current

    def judged() -> JudgedBatch:
        plain = version.judge.judge_plain(
            body, organization_id=grant.organization_id, received_at=received_at
        )
        return services.register.judge(
            version,
            body,
            organization_id=grant.organization_id,
            received_at=received_at,
            plain=plain,
        )

    is_small = len(content) <= _INLINE_BYTES
    return Arrival(
        request_id=request.state.request_id,
        organization_id=grant.organization_id,
        token_id=grant.token_id,
        received_at=received_at,
        body=content.replace(b"\n", b" ").replace(b"\r", b" "),
        batch=judged() if is_small else await asyncio.to_thread(judged),
    )


def _as_json(answer: Answer) -> bytes:
    return orjson.dumps(
        {
            "ingested": answer.ingested,
            "skipped_duplicate": answer.skipped_duplicate,
            "failed": answer.failed,
            "errors": answer.errors,
        }
    )
