"""The shape of a body that goes in both directions: a handshake that is answered, and then the WebSocket (RFC 6455) itself."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final, TypeAlias, cast

from martlet.http import Limits, ServiceUnavailableError
from martlet.messages.body import Stream
from martlet.messages.draining import LAST_WORD_SECONDS
from martlet.messages.interruption import Interruption
from martlet.messages.response import NO_HEADERS, Response, prepared_response
from martlet.messages.sockets.connection import (
    ABNORMAL,
    CLOSE_SECONDS,
    FAILED,
    GOING_AWAY,
    NORMAL,
    TOO_BIG,
    Message,
    SocketClosedError,
    SocketConnection,
    SocketTransport,
    do_nothing,
)

__all__ = ["Upgrade", "open_socket"]

Closing: TypeAlias = Callable[[Exception], Awaitable[tuple[int, str]]]  # from what a handler raised to a code and a reason
log: Final = logging.getLogger("martlet.websocket")
SWITCHING: Final = 101


class Upgrade(Stream):
    """A WebSocket whose handler has begun and waits for the handshake to be answered.

    Its adapter calls `run`, and `close` once what the handler was given is released; closed unsent, as any stream may be, it
    cancels the handler.

    PERF: the adapter's own task reads; one beside it would cost each idle socket 2 KB, a fifth.
    """

    __slots__ = (
        "_closing", "_connection", "_handler", "_interruption", "_is_drained", "_is_reading", "_message_bytes",
    )  # fmt: skip

    def __init__(self, connection: SocketConnection, handler: asyncio.Task[Any], closing: Closing, message_bytes: int) -> None:
        """closing: gives the code and the reason to close with where the handler raises. message_bytes: the bound of each."""
        super().__init__(_Unsent(handler))
        self._connection = connection
        self._handler = handler
        self._closing = closing
        self._message_bytes = message_bytes
        self._interruption: Interruption | None = None  # of the reading
        self._is_reading = self._is_drained = False

    async def run(self, transport: SocketTransport) -> None:
        """Answer the handshake, and bring the messages until the handler has ended; never raises what the handler raised.

        In a task of asyncio's. Cancelled, it cancels the handler.
        """
        connection, handler = self._connection, self._handler
        interruption = self._interruption = Interruption()
        handler.add_done_callback(self._handler_ended)
        connection.stop_reading = self._interrupt
        try:
            try:
                await transport.accept(connection.subprotocol)
                connection.begin(transport)
            except SocketClosedError as error:
                connection.end(error.code, error.reason)
                connection.begin(None)
            if connection.transport is not None:
                await self._read(transport, interruption)
            if connection.code is not None and not connection.inbox.will_be_asked:
                handler.cancel()
            if connection.is_to_tell:
                await connection.tell_closing(LAST_WORD_SECONDS if self._is_drained else CLOSE_SECONDS)
            await asyncio.wait([handler])
        finally:
            connection.stop_reading = do_nothing
            await cancel(handler)

    @property
    def failure(self) -> BaseException | None:
        """What the handler raised, CancelledError where it was cancelled, None where it returned; for who has awaited `run`."""
        error = asyncio.CancelledError() if self._handler.cancelled() else self._handler.exception()
        if error is None or isinstance(error, Exception | asyncio.CancelledError):
            return error
        return _not_for_a_request(error)

    async def close(self, failure: BaseException | None) -> None:
        """Tell the client why this has ended, unless one of both sides has closed it."""
        is_going = failure is not None and not isinstance(failure, Exception)
        code, reason = GOING_AWAY if is_going else NORMAL, ""
        try:
            if isinstance(failure, Exception) and not is_about_closing(failure):
                code = FAILED
                code, reason = await self._closing(failure)
        finally:
            if self._connection.code is None:
                self._connection.end(code, reason)
                await self._connection.tell_closing()
            transport, self._connection.transport = self._connection.transport, None
            if transport is not None:
                transport.release()

    def drain(self) -> None:
        """End in order: nothing comes any more, the client is told to go elsewhere, and the handler has time to end."""
        self._is_drained = True
        self._connection.want_closing(GOING_AWAY, "")
        if not self._connection.inbox.will_be_asked:
            self._handler.cancel()  # here, as Granian's RSGI may not wake its task any more

    def let_go(self) -> None:
        """End at once: the client takes nothing, or the handler has not noticed that it has left."""
        self._connection.end(ABNORMAL, "")
        self._handler.cancel()

    @property
    def unmoved_since(self) -> float:
        """By the loop's clock: since when the client takes nothing, or the handler goes on though it is closed; or inf."""
        return self._connection.unmoved_since

    @property
    def unheard_since(self) -> float:
        """By the loop's clock: since when a message waits for a handler that has never asked for one; or inf."""
        return self._connection.inbox.unheard_since

    def ignore_messages(self) -> None:
        """Drop what comes until the handler asks, as it seems to do nothing but send; so its client is seen to leave."""
        self._connection.inbox.ignore()

    def _handler_ended(self, _: object) -> None:
        self._interrupt()

    def _interrupt(self) -> None:
        """Read no more."""
        if self._is_reading and self._interruption is not None:
            self._is_reading = False
            self._interruption.begin()

    async def _read(self, transport: SocketTransport, interruption: Interruption) -> None:
        """Bring messages as the handler takes them, until the client leaves, or this is interrupted."""
        connection = self._connection
        self._is_reading = not self._handler.done() and connection.code is None
        interruption.open()
        try:
            while self._is_reading:
                message = await transport.receive()
                if is_longer(message, self._message_bytes):
                    self._is_reading = False
                    connection.want_closing(TOO_BIG, f"a message has at most {self._message_bytes} bytes")
                else:
                    await connection.inbox.put(message)
        except SocketClosedError as error:
            connection.end(error.code, error.reason)
        except asyncio.CancelledError:
            if not interruption.end():
                raise
        finally:
            self._is_reading = False
            interruption.end()


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
    connection: SocketConnection, handler: Coroutine[Any, Any, Any], closing: Closing, limits: Limits
) -> Response:
    """Begin a handler, and give the answer to the handshake once it wants one; raises what the handler raises before.

    A Response that the handler returns before it used the socket is the answer, too. Raises ServiceUnavailableError where it does
    neither in time.
    """
    task = asyncio.ensure_future(_surviving(handler))
    try:
        await asyncio.wait([task, connection.wanted], timeout=limits.handshake_seconds, return_when=asyncio.FIRST_COMPLETED)
    except asyncio.CancelledError:
        await cancel(task)
        raise
    if not task.done() and not connection.wanted.done():
        await cancel(task)
        log.warning(
            "A WebSocket's handler was cancelled: in %s s it neither used the socket nor ended.", limits.handshake_seconds
        )
        raise ServiceUnavailableError("The WebSocket was not opened in time.")
    if task.done():
        result = task.result()
        if isinstance(result, Response):
            return result
    fields = NO_HEADERS if connection.headers is None else connection.headers
    return prepared_response(SWITCHING, fields, Upgrade(connection, task, closing, limits.message_bytes))


async def _surviving(handler: Coroutine[Any, Any, Any]) -> Any:
    """Await a handler; `sys.exit()` in a task ends the whole loop, and with it every other request."""
    try:
        return await handler
    except SystemExit as error:
        raise _not_for_a_request(error) from error


def _not_for_a_request(error: BaseException) -> RuntimeError:
    return RuntimeError(f"A handler of a WebSocket raised {error!r}, which is not for a request to raise.")


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


def is_longer(message: Message, limit: int) -> bool:
    """Tell whether a message has more bytes, as UTF-8 where it is text.

    >>> is_longer("né", 2), is_longer("né", 3), is_longer(b"abc", 2)
    (True, False, True)
    """
    size = len(message)
    return size > limit or (isinstance(message, str) and size * 4 > limit and len(message.encode("utf-8", "replace")) > limit)
