"""One event loop per process for the requests of a WSGI server that may suspend.

It starts with the first request, so after the fork, and ends with the process. The worker thread stays with its request:
it reads `wsgi.input` when the loop asks, and takes the chunks of a streamed answer, one at a time.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Coroutine, Iterator
from concurrent.futures import Future
from multiprocessing.util import Finalize
from queue import SimpleQueue
from typing import Any, Final, TypeVar

from martlet.adapters.framing import has_content
from martlet.adapters.pulling import pull
from martlet.messages import Application, Request, Response, Stream

T = TypeVar("T")
STOP_SECONDS: Final = 10.0  # for the application's shutdown at process exit; supervisors kill after 30 as a rule


class Exchange:
    """The crossing of one request between its worker thread and the loop.

    The loop posts; the worker takes: `("read", future)`, `("response", response)`, `("chunk", (data, taken))`,
    `("end", None)`, `("failed", error)`.
    """

    __slots__ = ("_chunks", "_ended", "_finished", "_loop", "_post", "_task")

    def __init__(self, loop: asyncio.AbstractEventLoop, body: Iterator[bytes]) -> None:
        """Belong to one request, whose body the worker reads from `body`, blocking."""
        self._loop = loop
        self._chunks = body
        self._post: SimpleQueue[tuple[str, Any]] = SimpleQueue()
        self._task: Future[None] | None = None
        self._finished = threading.Event()  # the loop's part is over, its clean-up too
        self._ended = False

    def answer(self, request: Request, app: Application) -> Response:
        """Have the loop answer a request, while this thread reads the body for it."""
        self._run(self._answer(request, app))
        response: Response = self._take()[1]
        return response

    def stream(self, stream: Stream, app: Application) -> None:
        """Have the loop pull an asynchronous stream that a plain function answered with."""
        self._run(self._send(stream, app))

    async def read_chunk(self) -> bytes:
        """On the loop: have the worker read the next piece of the body; empty at its end."""
        answer: asyncio.Future[bytes] = self._loop.create_future()
        self._post.put(("read", answer))
        return await answer

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        self._task = asyncio.run_coroutine_threadsafe(self._guarded(work), self._loop)

    async def _answer(self, request: Request, app: Application) -> None:
        response = await app.respond(request)
        body = response.body
        content = has_content(request.method, response)
        if isinstance(body, Stream) and not content:
            async with pull(body, app.threads):
                pass  # closed unread
        self._post.put(("response", response))
        if isinstance(body, Stream) and content:
            await self._send(body, app)

    async def _send(self, stream: Stream, app: Application) -> None:
        async with pull(stream, app.threads) as chunks:
            async for chunk in chunks:
                taken: asyncio.Future[None] = self._loop.create_future()
                self._post.put(("chunk", (chunk, taken)))
                await taken
        self._post.put(("end", None))

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except BaseException as error:
            self._post.put(("failed", error))
            if not isinstance(error, Exception):
                raise
        finally:
            self._finished.set()

    def _take(self) -> tuple[str, Any]:
        """In the worker: serve the loop's wishes until there is something to hand to the server."""
        while True:
            kind, content = self._post.get()
            if kind == "read":
                self._read_for(content)
            elif kind == "failed":
                self._ended = True
                raise content
            else:
                return kind, content

    def _read_for(self, answer: asyncio.Future[bytes]) -> None:
        try:
            chunk = next(self._chunks, b"")
        except Exception as error:  # noqa: BLE001  it belongs to whoever reads the body, on the loop
            self._loop.call_soon_threadsafe(_fail, answer, error)
        else:
            self._loop.call_soon_threadsafe(_settle, answer, chunk)

    def __iter__(self) -> Iterator[bytes]:
        """In the worker: give the streamed answer's chunks to the server."""
        while not self._ended:
            kind, content = self._take()
            if kind == "end":
                self._ended = True
                return
            chunk, taken = content
            yield chunk
            self._loop.call_soon_threadsafe(_settle, taken, None)

    def close(self) -> None:
        """In the worker: stop the stream on the loop if it has not ended, and wait until its generator is closed."""
        if not self._ended and self._task is not None:
            self._ended = True
            self._task.cancel()
            self._finished.wait(STOP_SECONDS)


class BackgroundLoop:
    """The loop of one application in one process, and the application's lifespan on it."""

    def __init__(self, app: Application) -> None:
        """Stay idle until `start`."""
        self._app = app
        self._loop: asyncio.AbstractEventLoop | None = None
        self._pid = 0
        self._starting = threading.Lock()

    @property
    def ready(self) -> bool:
        """Whether the loop runs in this very process; a fork leaves its parent's threads behind."""
        return self._pid == os.getpid()

    def start(self) -> None:
        """Start the loop's thread and the application; raises what the application's start raised. Twice is once."""
        with self._starting:
            if self.ready:
                return
            loop = self._loop = asyncio.new_event_loop()
            threading.Thread(target=loop.run_forever, name="martlet-loop", daemon=True).start()
            self._run(self._app.lifespan.start())
            # atexit hooks are skipped in the workers of some servers; this one runs in them too.
            Finalize(None, self.stop, exitpriority=100)
            self._pid = os.getpid()

    def stop(self) -> None:
        """Stop the application and the loop; called at the process's exit."""
        if self.ready:
            self._pid = 0
            try:
                self._run(self._app.lifespan.stop(), STOP_SECONDS)
            finally:
                self._running.call_soon_threadsafe(self._running.stop)

    def exchange(self, body: Iterator[bytes]) -> Exchange:
        """Open the crossing of one request."""
        return Exchange(self._running, body)

    def _run(self, work: Coroutine[Any, Any, T], seconds: float | None = None) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._running).result(seconds)

    @property
    def _running(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            raise RuntimeError("The background loop has not been started.")
        return self._loop


def _settle(answer: asyncio.Future[Any], value: object) -> None:
    if not answer.done():
        answer.set_result(value)


def _fail(answer: asyncio.Future[Any], error: Exception) -> None:
    if not answer.done():
        answer.set_exception(error)
