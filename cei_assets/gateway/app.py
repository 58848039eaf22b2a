"""The application: routes, the form of errors, life and death of the services."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from cei_assets.gateway import batch, health, reading, upload
from cei_assets.gateway.middleware import RequestLog
from cei_assets.gateway.problem import GatewayError, problem_answer
from cei_assets.gateway.services import Services
from cei_assets.settings import Settings

_REFRESH_SECONDS = 2.0
_CODES = {404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED", 413: "PAYLOAD_TOO_LARGE"}
_MESSAGES = {
    400: "the request cannot be read; /api/v1/docs shows what is expected",
    413: "the body is too large; send it in parts",
}
_NOTHING_HERE = "there is nothing here; /api/v1/docs shows what there is"
_DESCRIPTION = """
Interval readings of factories in, and back out. Every request but those of `health` needs a token
in the header `Authorization: Bearer cei_int_...`. An answer other than 200 has the form
`{"code", "message", "request_id", "detail"}`.
"""


def create_app(settings: Settings, *, built: Services | None = None) -> FastAPI:
    """The gateway over one data folder; its services live as long as the application runs.

    They are made when it starts, unless they are `built` already.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        services = built or Services(settings)
        services.start()
        app.state.services = services
        refreshing = asyncio.create_task(_refresh_register(services))
        try:
            yield
        finally:
            refreshing.cancel()
            await asyncio.to_thread(services.stop)

    app = FastAPI(
        title="CEI readings",
        version="1",
        description=_DESCRIPTION,
        lifespan=lifespan,
        docs_url="/api/v1/docs",
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
    )
    for part in (batch, upload, reading, health):
        app.include_router(part.router)
    app.openapi_schema = _with_tokens(app.openapi())
    app.add_middleware(RequestLog)
    app.exception_handler(GatewayError)(_refused)
    app.exception_handler(RequestValidationError)(_invalid)
    app.exception_handler(HTTPException)(_http)
    return app


def _with_tokens(description: dict[str, Any]) -> dict[str, Any]:
    """The description of the interface with the tokens that all but the routes of health need."""
    schemes = {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "cei_int_..."}}
    description["components"]["securitySchemes"] = schemes
    for path, operations in description["paths"].items():
        if not path.startswith(health.router.prefix):
            for operation in operations.values():
                operation["security"] = [{"token": []}]
    return description


async def _refresh_register(services: Services) -> None:
    while True:
        await asyncio.sleep(_REFRESH_SECONDS)
        await asyncio.to_thread(services.register.refresh)


def _refused(request: Request, error: GatewayError) -> Response:
    return problem_answer(error, request_id=request.state.request_id)


def _invalid(request: Request, error: RequestValidationError) -> Response:
    found = [
        {"where": ".".join(str(part) for part in one["loc"]), "problem": one["msg"]}
        for one in error.errors()
    ]
    problem = GatewayError(
        422, "INVALID_REQUEST", "a parameter is missing or not as documented", detail=found
    )
    return problem_answer(problem, request_id=request.state.request_id)


def _http(request: Request, error: HTTPException) -> Response:
    code = _CODES.get(error.status_code, "REFUSED")
    message = _MESSAGES.get(error.status_code, _NOTHING_HERE)
    problem = GatewayError(
        error.status_code, code, message, detail=error.detail, headers=error.headers
    )
    return problem_answer(problem, request_id=request.state.request_id)
