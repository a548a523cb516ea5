"""Let the handler of a WebSocket begin, and tell its client why it ended."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final

from martlet.handling.calling.replaced_streams import close_stream
from martlet.http import HTTPError, ValidationError
from martlet.messages import FAILED, Request, Response, Stream, open_socket

__all__ = ["open_handler"]

# What a status is as a code to close with (RFC 6455 section 7.4.1); any other error of the client's is 4000 more than its status.
CODES: Final = {400: 1007, 413: 1009, 415: 1003, 422: 1007}
PRIVATE: Final = 4000


async def open_handler(
    handler: Coroutine[Any, Any, Any], request: Request, failed: Callable[[Request, Exception], Awaitable[Response]]
) -> Response:
    """Begin a handler that was called; gives the answer to the handshake, and raises what the handler raises before it.

    failed: answers an error, and logs it where it is ours; of its answer the status alone is told.
    """

    async def closing(error: Exception) -> tuple[int, str]:
        response = await failed(request, error)
        if isinstance(response.body, Stream):
            await close_stream(response.body, None)
        status = response.status_code
        code = FAILED if status >= 500 else CODES.get(status, PRIVATE + status)
        return code, _reason(error) if isinstance(error, HTTPError) and status < 500 else ""

    connection = request.extras.socket
    if connection is None:
        raise RuntimeError("No WebSocket was made for this handler.")
    return await open_socket(connection, handler, closing, request.limits)


def _reason(error: HTTPError) -> str:
    """Say what is wrong, and where; of many fields the first, as a closing has little room."""
    if isinstance(error, ValidationError) and error.errors:
        first = error.errors[0]
        return f"{first.pointer}: {first.detail}" if first.pointer else first.detail
    return error.message
