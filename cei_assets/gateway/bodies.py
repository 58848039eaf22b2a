"""Request bodies in memory, bounded in size and time."""

import asyncio

from fastapi import Request

from cei_assets.gateway.problem import GatewayError


async def bounded_body(request: Request, *, limit: int, seconds: float) -> bytes:
    """The body, at most `limit` bytes that arrive within `seconds`.

    Raises GatewayError: 413 as soon as the announced or received size is over the limit, 408 when
    it takes too long. The connection is closed then: the rest is not read.
    """
    announced = request.headers.get("content-length", "")
    if announced.isascii() and announced.isdecimal() and int(announced[:20]) > limit:
        raise _too_large(limit)
    pieces: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(seconds):
            async for piece in request.stream():
                size += len(piece)
                if size > limit:
                    raise _too_large(limit)
                pieces.append(piece)
    except TimeoutError as error:
        raise GatewayError(
            408,
            "REQUEST_TIMEOUT",
            f"the body did not arrive within {seconds:g} s; send it in one go",
            headers={"Connection": "close"},
        ) from error
    return b"".join(pieces)


def _too_large(limit: int) -> GatewayError:
    return GatewayError(
        413,
        "PAYLOAD_TOO_LARGE",
        f"the body is over {limit} bytes; send fewer records in a request",
        headers={"Connection": "close"},
    )
