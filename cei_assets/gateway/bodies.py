"""Request bodies, bounded in size and time."""

import asyncio

from fastapi import Request
from starlette.types import Message

from cei_assets.gateway.problem import GatewayError


async def bounded_body(request: Request, *, limit: int, seconds: float) -> bytes:
    """The body, at most `limit` bytes that arrive within `seconds`.

    Raises GatewayError: 413 as soon as the announced or received size is over the limit, 408 when
    it takes too long. The connection is closed then: the rest is not read.
    """
    refuse_announced(request, limit=limit)
    try:
        async with asyncio.timeout(seconds):
            return await bounded(request, limit=limit).body()
    except TimeoutError as error:
        raise too_slow(seconds) from error


def refuse_announced(request: Request, *, limit: int) -> None:
    """Raises GatewayError 413 when the request announces a body over the limit."""
    announced = request.headers.get("content-length", "")
    if announced.isascii() and announced.isdecimal() and int(announced[:20]) > limit:
        raise _too_large(limit)


def bounded(request: Request, *, limit: int) -> Request:
    """The request; reading its body raises GatewayError 413 as soon as that is over the limit."""
    size = 0

    async def receive() -> Message:
        nonlocal size
        message = await request.receive()
        size += len(message.get("body", b""))
        if size > limit:
            raise _too_large(limit)
        return message

    return Request(request.scope, receive)


def too_slow(seconds: float) -> GatewayError:
    """The refusal of a body that did not arrive in time."""
    return GatewayError(
        408,
        "REQUEST_TIMEOUT",
        f"the body did not arrive within {seconds:g} s; send it in one go",
        headers={"Connection": "close"},
    )


def _too_large(limit: int) -> GatewayError:
    return GatewayError(
        413,
        "PAYLOAD_TOO_LARGE",
        f"the body is over {limit} bytes; send it in parts",
        headers={"Connection": "close"},
    )
