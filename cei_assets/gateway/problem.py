"""Answers other than 200: one form, `{"code", "message", "request_id", "detail"}`."""

from collections.abc import Mapping

import orjson
from starlette.responses import Response


class GatewayError(Exception):
    """A request that is refused as a whole.

    `code` is for programs, `message` says what to do; `detail` adds what was found. `headers` go
    with the answer.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        detail: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.detail = detail
        self.headers = dict(headers or {})


def problem_answer(problem: GatewayError, *, request_id: str) -> Response:
    """The answer that tells a problem."""
    return Response(
        problem_content(problem, request_id=request_id),
        status_code=problem.status,
        media_type="application/json",
        headers=problem.headers,
    )


def problem_content(problem: GatewayError, *, request_id: str) -> bytes:
    """The body of that answer."""
    return orjson.dumps(
        {
            "code": problem.code,
            "message": problem.message,
            "request_id": request_id,
            "detail": problem.detail,
        }
    )
