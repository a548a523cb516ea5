"""A WSGI application below a prefix, over whatever protocol the server speaks (PEP 3333).

Where an event loop runs, the application is called in a thread, its answer pulled chunk by chunk in threads too; its input asks
the loop for the body. Where none runs, all of it happens in the server's own thread.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from typing import Any, Final, Self

from martlet.adapters.framing import has_content
from martlet.adapters.mounts.environ import environ_of
from martlet.adapters.mounts.input import BodyPuller, BrokenInputError, RefusedInputError
from martlet.adapters.mounts.mount import Mount, check_length, foreign_response, name_of, stated_length
from martlet.adapters.streams.pulling import close
from martlet.adapters.wsgi.application import WSGIApplication
from martlet.messages import Request, Response, Stream

SMALL_BODY: Final = 64 * 1024  # bytes announced; read before a thread is taken, which would wait for a slow client


class WSGIMount(Mount):
    """A WSGI application as a handler."""

    application: WSGIApplication
    inline = True  # without a loop nothing here suspends

    def __init__(self, application: WSGIApplication) -> None:
        """Hold the application."""
        super().__init__(application)
        self._threads: Executor | None = None

    @property
    def description(self) -> str:
        """Its kind, and its name or that of its class."""
        return f"WSGI application {name_of(self.application)}"

    def prepare(self, threads: Executor, seconds: float) -> None:  # noqa: ARG002  a call ends with its answer
        """Take the threads to call the application in."""
        self._threads = threads

    @property
    def has_lifespan(self) -> bool:
        """The protocol has none."""
        return False

    def live_with(self, first: Mount) -> None:
        """Nothing to share."""

    async def start(self) -> None:
        """Nothing to start."""

    async def stop(self) -> None:
        """Nothing to stop."""

    async def __call__(self, request: Request) -> Response:
        """Have the application answer."""
        check_length(request)
        context = contextvars.copy_context()
        if not request.is_on_loop:
            return context.run(self._answer, request, BodyPuller(request, None), context)
        if (request.content_length or SMALL_BODY) < SMALL_BODY:
            await request.read()
        loop = asyncio.get_running_loop()
        body = BodyPuller(request, loop)
        return await loop.run_in_executor(self._threads, lambda: context.run(self._answer, request, body, context))

    def _answer(self, request: Request, body: BodyPuller, context: contextvars.Context) -> Response:
        """Call the application, here and now, up to its first chunk."""
        begun = Begun()
        chunks = Chunks(context, body)
        try:
            chunks.open(self.application(environ_of(request, body), begun), begun)
            return _response(request, begun, chunks)
        except BaseException as error:
            chunks.finish()
            if body.refusal is not None:
                raise body.refusal from None
            if isinstance(error, BrokenInputError):
                raise error.refusal from error
            if isinstance(error, StopIteration):  # which no coroutine may raise
                raise RuntimeError("The mounted application raised StopIteration.") from error  # noqa: TRY004
            raise


def _response(request: Request, begun: Begun, chunks: Chunks) -> Response:
    response = foreign_response(begun.status_code, begun.lines, b"")
    length = stated_length(request.method, response)
    if not has_content(request.method, response):
        chunks.finish()
    elif chunks.is_whole or len(chunks.first) == length:
        response.body = chunks.first
        chunks.finish()
    else:
        response.body = Stream(chunks, length)
    begun.is_sent = True
    return response


class Begun:
    """The `start_response` of one call, and what it was told."""

    def __init__(self) -> None:
        """Nothing was told yet."""
        self.written: list[bytes] = []
        self._status: str | None = None
        self._headers: list[tuple[str, str]] = []
        self.is_sent = False

    def __call__(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None, /) -> Callable[[bytes], None]:
        """Take the status line and the fields; an application that failed may do so again, as long as nothing was sent."""
        if exc_info is not None and self.is_sent:
            raise exc_info[1]
        if exc_info is None and self._status is not None:
            raise RuntimeError("The mounted application called start_response twice.")
        self._status, self._headers = status, list(headers)
        return self.written.append

    @property
    def status_code(self) -> int:
        """The status; raises RuntimeError where there is none."""
        code = (self._status or "").partition(" ")[0]
        if not (code.isascii() and code.isdigit() and len(code) == 3):
            raise RuntimeError(f"The mounted application gave no status but {self._status!r}.")
        return int(code)

    @property
    def lines(self) -> list[tuple[bytes, bytes]]:
        """The fields as bytes."""
        return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in self._headers]


class Chunks:
    """What the application gave, chunk by chunk, in the context that it was called in."""

    def __init__(self, context: contextvars.Context, body: BodyPuller) -> None:
        """body: is let go with the end."""
        self._context = context
        self._body = body
        self._content: Iterable[bytes] = ()
        self._rest: Iterator[bytes] = iter(())
        self.first = b""
        self.is_whole = False  # `first` is all there is

    def open(self, content: Iterable[bytes], begun: Begun) -> None:
        """Take the first chunk that is not empty, since some applications begin their answer with it; of a list, take all."""
        self._content, self._rest = content, iter(content)
        several = isinstance(content, list | tuple)
        found = b"".join(self._rest) if several else next(filter(None, self._rest), b"")
        self.is_whole = several or not found
        self.first = b"".join(begun.written) + found
        if self._body.refusal is not None:
            raise self._body.refusal

    def __iter__(self) -> Self:
        """Iterate once."""
        return self

    def __next__(self) -> bytes:
        """Give the next chunk."""
        first, self.first = self.first, b""
        try:
            return first or self._context.run(next, self._rest)
        except RefusedInputError as error:
            raise error.refusal from None

    def close(self) -> None:
        """End the application's part; a second call does nothing."""
        self._context.run(self.finish)

    def finish(self) -> None:
        """Do so inside the context."""
        content, self._content, self._rest = self._content, (), iter(())
        try:
            close(content)
        finally:
            self._body.close()
