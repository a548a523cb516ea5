"""The shape of a body that goes in both directions: a handshake that is answered, and then the WebSocket (RFC 6455) itself."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final, TypeAlias, cast

from martlet.http import Headers
from martlet.messages.body import Stream
from martlet.messages.response import Response, prepared_response
from martlet.messages.socket_connection import NORMAL, SocketClosedError, SocketConnection, SocketTransport

__all__ = ["Upgrade", "open_socket"]

Closing: TypeAlias = Callable[[Exception], Awaitable[tuple[int, str]]]  # from what a handler raised to a code and a reason
SWITCHING: Final = 101
GOING_AWAY: Final = 1001
TOO_BIG: Final = 1009


class Upgrade(Stream):
    """A WebSocket whose handler has begun and waits for the handshake to be answered.

    Its adapter calls `run`; closed unsent, as any stream may be, it cancels the handler.
    """

    __slots__ = ("_closing", "_connection", "_handler", "_message_bytes")

    def __init__(self, connection: SocketConnection, handler: asyncio.Task[Any], closing: Closing, message_bytes: int) -> None:
        """closing: gives the code and the reason to close with where the handler raises. message_bytes: the bound of each."""
        super().__init__(_Unsent(handler))
        self._connection = connection
        self._handler = handler
        self._closing = closing
        self._message_bytes = message_bytes

    async def run(self, transport: SocketTransport, headers: Headers) -> None:
        """Answer the handshake, bring the messages, and close when the handler has ended; never raises what the handler raised.

        headers: of the answer.
        """
        connection = self._connection
        try:
            await transport.accept(connection.subprotocol, headers)
            connection.begin(transport)
        except SocketClosedError as error:
            connection.end(error.code, error.reason)
            connection.begin(None)
        reader = asyncio.ensure_future(self._read(transport))
        try:
            await asyncio.wait([self._handler])
        finally:
            reader.cancel()
            await cancel(self._handler)
            code, reason = await self._outcome()
            await connection.close(code, reason)

    async def _outcome(self) -> tuple[int, str]:
        """Give what to close with; the handler has ended."""
        if self._handler.cancelled():
            return GOING_AWAY, ""
        error = self._handler.exception()
        if error is None or is_about_closing(error):
            return NORMAL, ""
        if not isinstance(error, Exception):
            error = RuntimeError(f"A handler of a WebSocket raised {error!r}, which is not for a request to raise.")
        return await self._closing(error)

    async def _read(self, transport: SocketTransport) -> None:
        """Bring messages as the handler takes them, and see the client leave."""
        connection, limit = self._connection, self._message_bytes
        try:
            while True:
                message = await transport.receive()
                if len(message) > limit or (isinstance(message, str) and _is_long(message, limit)):
                    await connection.close(TOO_BIG, f"a message has at most {limit} bytes")
                    return
                await connection.bring(message)
        except SocketClosedError as error:
            connection.end(error.code, error.reason)
            if not connection.is_received:
                self._handler.cancel()  # who never receives would not see it


class _Unsent:
    """In the place of a stream's chunks: there are none, and closing it ends the handler."""

    __slots__ = ("_handler",)

    def __init__(self, handler: asyncio.Task[Any]) -> None:
        self._handler = handler

    def __aiter__(self) -> _Unsent:
        return self

    async def __anext__(self) -> bytes:
        raise StopAsyncIteration

    async def aclose(self) -> None:
        await cancel(self._handler)


async def open_socket(
    connection: SocketConnection, handler: Coroutine[Any, Any, Any], closing: Closing, message_bytes: int
) -> Response:
    """Begin a handler, and give the answer to the handshake once it wants one; raises what the handler raises before.

    A Response that the handler returns before it used the socket is the answer, too.
    """
    task = asyncio.ensure_future(handler)
    try:
        await asyncio.wait([task, connection.wanted], return_when=asyncio.FIRST_COMPLETED)
    except asyncio.CancelledError:
        await cancel(task)
        raise
    if task.done():
        result = task.result()
        if isinstance(result, Response):
            return result
    return prepared_response(SWITCHING, connection.headers, Upgrade(connection, task, closing, message_bytes))


async def cancel(task: asyncio.Task[Any]) -> None:
    """Cancel a task and wait for its end, however often whoever waits is cancelled."""
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        task.cancel()
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled


def is_about_closing(error: BaseException) -> bool:
    """Tell whether an error says no more than that the WebSocket was closed; in a group, whether all of them do."""
    if isinstance(error, BaseExceptionGroup):
        return all(map(is_about_closing, cast("BaseExceptionGroup[BaseException]", error).exceptions))
    return isinstance(error, SocketClosedError)


def _is_long(message: str, limit: int) -> bool:
    return len(message) * 4 > limit and len(message.encode("utf-8", "replace")) > limit
