"""The crossing of one request between a WSGI server's worker thread and the background loop.

The worker stays with its request: it reads `wsgi.input` when the loop asks, and takes the chunks of a streamed answer, one
at a time. Neither waits for the other once that one is gone: `close`, which PEP 3333 promises, ends the loop's part, and a
loop that was closed is noticed.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from queue import Empty, SimpleQueue
from typing import Any, Final

from martlet.adapters.exits import not_the_client, survived
from martlet.adapters.framing import has_content
from martlet.adapters.streams.pulling import leave, pull
from martlet.messages import Application, Held, Request, Respond, Response, Stream

REQUEST_TASK: Final = "martlet-request"  # the name of a request's task, by which it is ended with the process
LEAVE_SECONDS: Final = 10.0  # for a stream on the loop to be closed; the server's thread waits for it
LOOK_SECONDS: Final = 1.0  # between two looks whether the loop still is; it can be closed under a request at process exit


class LoopPart:
    """What happens to one request on the loop, and what it posts to the worker.

    Posts: `("read", future)`, `("call", (function, future))`,
    `("response", response)`, `("chunk", (data, taken))`, `("end", None)`, `("failed", error)`.
    """

    __slots__ = ("_answered", "_cancelled", "_task", "app", "finished", "loop", "post", "request", "respond")

    def __init__(
        self, loop: asyncio.AbstractEventLoop, request: Request, app: Application, respond: Respond | None = None
    ) -> None:
        """Not begun yet; `call(part.begin, …)` does. What answers is `respond`, or else the application."""
        self.loop = loop
        self.request = request
        self.app = app
        self.respond = respond or app.respond
        self.post: SimpleQueue[tuple[str, Any]] = SimpleQueue()
        self.finished = threading.Event()  # everything is over here, clean-up too
        self._answered = False  # the worker reads no more
        self._cancelled = False
        self._task: asyncio.Task[None] | None = None

    def call(self, function: Callable[..., object], *arguments: object) -> bool:
        """From any thread: call a function on the loop, soon; False where the loop was closed."""
        try:
            self.loop.call_soon_threadsafe(function, *arguments)
        except RuntimeError:
            return False
        return True

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Start the one piece of work of this request."""
        self._task = self.loop.create_task(self._guarded(work), name=REQUEST_TASK)

    def cancel(self) -> None:
        """End the work, if it has not ended; once, since a second cancellation would interrupt the clean-up."""
        if self._task is not None and not self._cancelled:
            self._cancelled = True
            # One turn later: a task that is cancelled before its first step would never come to its `finally`.
            self.loop.call_soon(self._task.cancel)

    async def read_chunk(self) -> bytes:
        """Have the worker read the next piece of the body; empty at its end. Raises RuntimeError after the answer."""
        if self._answered:
            raise RuntimeError("The request is answered, so its body can be read no more: read it before the handler returns.")
        answer: asyncio.Future[bytes] = self.loop.create_future()
        self.post.put(("read", answer))
        return await answer

    async def call_in_worker(self, function: Callable[[], object]) -> None:
        """Have the worker call a function; does nothing after the answer."""
        if not self._answered:
            answer: asyncio.Future[object] = self.loop.create_future()
            self.post.put(("call", (function, answer)))
            await answer

    async def answer(self) -> None:
        """Answer the request; a stream goes on after its response was posted, and one without content is closed before."""
        try:
            await self._answer()
        finally:
            await self.request.close()

    async def _answer(self) -> None:
        response = await self.respond(self.request)
        body = response.body
        streams = isinstance(body, Stream) and has_content(self.request.method, response)
        if isinstance(body, Stream) and not streams:
            async with pull(body, self.app.threads):
                pass
        self._answered = not streams
        if streams:  # which goes on here while the fields are put on elsewhere
            self.app.default_fields.settle_nonce(self.request)
        self.post.put(("response", response))
        if isinstance(body, Stream) and streams:
            await self.send(body)

    async def send(self, stream: Stream) -> None:
        """Post a stream's chunks, each when the one before was taken."""
        limits, most_seconds = self.request.limits, self.request.limits.wsgi_stream_seconds
        async with pull(stream, self.app.threads) as chunks:
            await self.app.open_streams.send(chunks, self._post_chunk, limits, stream, most_seconds=most_seconds)
        self.post.put(("end", None))

    async def _post_chunk(self, chunk: bytes) -> None:
        taken: asyncio.Future[None] = self.loop.create_future()
        self.post.put(("chunk", (chunk, taken)))
        await taken

    async def discard(self, stream: Stream) -> None:
        """Close a stream unread."""
        async with pull(stream, self.app.threads):
            pass
        self.post.put(("end", None))

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except BaseException as error:  # noqa: BLE001  raised in the worker; out of here, some would end the loop
            self.post.put(("failed", error))
        finally:
            self._answered = True
            self.finished.set()


class Exchange:
    """The worker's part of one request: waits for what the loop posts, reads the body for it, hands chunks to the server."""

    __slots__ = ("_body", "_error", "_held", "_part", "_work")

    def __init__(self, part: LoopPart, body: Iterator[bytes]) -> None:
        """body: the request's, read blocking in this thread."""
        self._part = part
        self._body = body
        self._work: Coroutine[Any, Any, None] | None = None
        self._held: Held | None = None
        self._error: BaseException | None = None

    def answer(self) -> Response:
        """Have the loop answer the request."""
        self._start(self._part.answer())
        response: Response = self._take()[1]
        return response

    def stream(self, stream: Stream) -> None:
        """Have the loop pull an asynchronous stream that a plain function answered with.

        What it holds was opened in this thread, and is released in this thread.
        """
        self._held = stream.held
        self._start(self._part.send(Stream(stream.chunks, stream.length, asides=stream.asides)))

    def discard(self, stream: Stream) -> None:
        """Have the loop close such a stream unread."""
        self._held = stream.held
        self._start(self._part.discard(Stream(stream.chunks)))
        try:
            self._take()
        finally:
            self.close()

    async def read_chunk(self) -> bytes:
        """On the loop: give the next piece of the body."""
        return await self._part.read_chunk()

    async def call(self, function: Callable[[], object]) -> None:
        """On the loop: have the worker call a function."""
        await self._part.call_in_worker(function)

    def __iter__(self) -> Iterator[bytes]:
        """Give the streamed answer's chunks to the server."""
        self._error = GeneratorExit()  # what is held is told, unless the end is reached or something fails
        try:
            while True:
                kind, content = self._take()
                if kind == "end":
                    break
                chunk, taken = content
                yield chunk
                self._part.call(_settle, taken, None)
        except BaseException as error:
            self._error = error
            self._part.call(self._part.cancel)
            if isinstance(error, OSError):
                raise not_the_client(error) from error
            raise
        self._error = None
        self.close()

    def close(self) -> None:
        """End the loop's part if it has not ended, and wait until its stream is closed; then release what is held here."""
        if not self._part.finished.is_set() and self._part.call(self._part.cancel):
            self._part.finished.wait(LEAVE_SECONDS)
        held, self._held = self._held, None
        if held is not None:
            leave(held, self._error)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        self._work = work
        if not self._part.call(self._part.begin, work):
            raise self._ended()

    def _take(self) -> tuple[str, Any]:
        """Wait for what is to be handed to the server, serving the loop's wishes; raises what failed on the loop."""
        try:
            return self._serve()
        except BaseException:
            self._part.call(self._part.cancel)
            raise

    def _serve(self) -> tuple[str, Any]:
        while True:
            kind, content = self._next()
            if kind == "read":
                self._work_for(content, lambda: next(self._body, b""))
            elif kind == "call":
                function, answer = content
                self._work_for(answer, function)
            elif kind != "failed":
                return kind, content
            elif isinstance(content, Exception):
                raise content
            else:
                raise survived(self._part.request, content) from content

    def _next(self) -> tuple[str, Any]:
        while True:
            try:
                return self._part.post.get(timeout=LOOK_SECONDS)
            except Empty:
                if self._part.loop.is_closed():
                    raise self._ended() from None

    def _ended(self) -> RuntimeError:
        if self._work is not None:
            self._work.close()
        return RuntimeError("The background loop has ended, since the process is ending: the request cannot be answered.")

    def _work_for(self, answer: asyncio.Future[Any], function: Callable[[], object]) -> None:
        try:
            outcome = function()
        except Exception as error:  # noqa: BLE001  it belongs to whoever waits for it, on the loop
            self._part.call(_fail, answer, error)
        else:
            self._part.call(_settle, answer, outcome)


def _settle(answer: asyncio.Future[Any], value: object) -> None:
    if not answer.done():
        answer.set_result(value)


def _fail(answer: asyncio.Future[Any], error: Exception) -> None:
    if not answer.done():
        answer.set_exception(error)
