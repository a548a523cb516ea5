"""One request in a mounted ASGI application: the events that cross between it and us."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import Any, Final, Self

from martlet.adapters.asgi.application import ASGIApplication
from martlet.adapters.asgi.inbox import Event
from martlet.adapters.asgi.request import ASGIRequest, Scope
from martlet.adapters.exits import survived
from martlet.adapters.mounts.mount import foreign_response, served_request, stated_length
from martlet.adapters.rsgi.application import RSGIRequest
from martlet.http import HTTPError
from martlet.messages import File, IncompleteBodyError, Request, Response, Stream

log: Final = logging.getLogger("martlet.errors")


class MountedExchange:
    """Gives the application its `receive` and `send`, and us its response."""

    def __init__(self, request: Request) -> None:
        """Nothing is read or sent before `run`."""
        self._request = request
        self._chunks: AsyncGenerator[bytes] | None = request.chunks()
        self._reading = asyncio.Lock()  # some applications ask for events in two tasks
        self._gone = asyncio.Event()  # the client has left, or has all of the answer
        self._watching: asyncio.Task[None] | None = None
        self._start: Event | None = None
        self._parts: asyncio.Queue[Event | None] = asyncio.Queue(1)  # so that a slow client holds the application back
        self._is_answered = False  # its last part was sent
        self._is_over = False  # nobody takes another part
        self._is_handed_over = False  # the answer's start is ours no more
        self._error: BaseException | None = None
        self._refusal: HTTPError | None = None  # of the body, which counts for more than what the application makes of it

    async def run(self, application: ASGIApplication, scope: Scope) -> None:
        """Run the application; what it raises is raised by whoever waits for its answer, and logged if nobody does."""
        try:
            await application(scope, self.receive, self.send)
        except BaseException as error:  # noqa: BLE001  some would end the loop, from here
            self._error = error
        if self._is_answered or self._is_over:
            self._log_late()
        else:
            await self._parts.put(None)
        if self._chunks is not None:
            await self._chunks.aclose()

    async def receive(self) -> Event:
        """Give the next piece of the body; after its end, wait until the client has left.

        Of a body that is refused the application learns as if the client had left, which it knows to take quietly.
        """
        async with self._reading:
            if self._chunks is not None:
                try:
                    return {"type": "http.request", "body": await anext(self._chunks), "more_body": True}
                except StopAsyncIteration:
                    self._chunks = None
                    return {"type": "http.request", "body": b"", "more_body": False}
                except HTTPError as refusal:
                    self._refuse(refusal)
        self._watch()
        await self._gone.wait()
        return {"type": "http.disconnect"}

    def _refuse(self, refusal: HTTPError) -> None:
        self._chunks, self._refusal = None, refusal
        self._gone.set()
        if not self._is_handed_over and self._parts.empty():
            self._parts.put_nowait(None)  # the client need not wait for what the application does next

    async def send(self, event: Event) -> None:
        """Take one event of the answer; waits while the client is slow. Raises OSError once nobody takes it."""
        match event["type"]:
            case "http.response.start":
                if self._start is not None:
                    raise RuntimeError("The mounted application began a second answer.")
                self._start = event
            case "http.response.body" | "http.response.pathsend":
                await self._send_part(event)
            case "http.response.early_hint":
                await self._request.early_hints(link.decode("latin-1") for link in event.get("links", ()))
            case _:
                return  # of an extension that was not offered

    async def _send_part(self, event: Event) -> None:
        if self._start is None or self._is_answered:
            raise RuntimeError("The mounted application sent a body outside an answer.")
        if not self._is_over:
            self._is_answered = _is_last(event)
            await self._parts.put(event)
        if self._is_over and not self._is_answered:
            raise OSError("The client has left.")

    async def response(self) -> Response:
        """Wait for the answer's start and its first part; raises what the application raised, or refused its body."""
        part = await self._parts.get()
        if self._watching is not None:
            self._watching.cancel()
        if self._refusal is not None:
            self.end()
            raise self._refusal
        self._is_handed_over = True
        if part is None or self._start is None:
            raise self._failure()
        status, fields = self._start["status"], self._start.get("headers", ())
        try:
            is_file = part["type"] == "http.response.pathsend"
            response = foreign_response(status, fields, File(part["path"]) if is_file else bytes(part.get("body", b"")))
        except BaseException:
            self.end()
            raise
        if _is_last(part):
            self.end()
        else:
            response.body = Stream(Parts(self, part), stated_length(self._request.method, response))
        return response

    async def next_part(self) -> Event:
        """Give the answer's next part; raises what keeps it from coming."""
        part = await self._parts.get()
        if part is None:
            raise self._failure()
        return part

    def end(self) -> None:
        """Take no more parts, and let the application know; a second call does nothing."""
        self._is_over = True
        self._gone.set()
        if not self._parts.empty():
            self._parts.get_nowait()

    def _failure(self) -> BaseException:
        """Say why there is no answer, or no more of it."""
        error = self._refusal or self._error
        if self._gone.is_set() and not isinstance(error, Exception):
            return IncompleteBodyError()
        if error is None:
            return RuntimeError("The mounted application ended before its answer did.")
        return error if isinstance(error, Exception) else survived(self._request, error)

    def _log_late(self) -> None:
        """Log what was raised after the answer, which no client can be told; one who left early is no failure."""
        if self._error is None or self._refusal is not None or isinstance(self._error, asyncio.CancelledError):
            return
        if isinstance(self._error, OSError) and not self._is_answered:
            return
        path = ascii(self._request.path)[1:-1]
        log.error("%s %s: the mounted application failed after its answer.", self._request.method, path, exc_info=self._error)

    def _watch(self) -> None:
        """Look out for the client's leaving, until the answer begins; from then on whoever sends it does."""
        if self._watching is None and self._start is None:
            self._watching = asyncio.create_task(self._wait_for_leaving())

    async def _wait_for_leaving(self) -> None:
        request: Any = served_request(self._request)
        with suppress(Exception):  # the server cannot tell
            if isinstance(request, ASGIRequest):
                while (await request.receive())["type"] != "http.disconnect":
                    continue
                self._gone.set()
            elif isinstance(request, RSGIRequest):
                await request.protocol.client_disconnect()
                self._gone.set()


class Parts:
    """The parts of a streamed answer as chunks; `aclose`, or the last of them, ends the exchange."""

    __slots__ = ("_exchange", "_first", "_is_ended")

    def __init__(self, exchange: MountedExchange, first: Event) -> None:
        """first: is here already."""
        self._exchange = exchange
        self._first: Event | None = first
        self._is_ended = False

    def __aiter__(self) -> Self:
        """Iterate once."""
        return self

    async def __anext__(self) -> bytes:
        """Give the next chunk; raises what the application raised."""
        if self._is_ended:
            raise StopAsyncIteration
        part, self._first = self._first or await self._exchange.next_part(), None
        self._is_ended = _is_last(part)
        return bytes(part.get("body", b""))

    async def aclose(self) -> None:
        """End the exchange."""
        self._exchange.end()


def _is_last(part: Event) -> bool:
    return part["type"] == "http.response.pathsend" or not part.get("more_body", False)
