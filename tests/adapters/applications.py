"""An application as the adapters see one, made of one function, and streams that tell what becomes of them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from types import TracebackType

from martlet.adapters.streams.open_streams import OpenStreams
from martlet.http import HTTPError, Limits
from martlet.messages import Chunk, DefaultFields, Dialect, Draining, Refuse, Request, Respond, Response, Stream

Answer = Callable[[Request], Awaitable[Response]]
THREADS = ThreadPoolExecutor(4, thread_name_prefix="test")


@dataclass
class RecordedLifespan:
    """Writes down what is asked of it; `fails` is raised by the start."""

    events: list[str] = field(default_factory=list)
    fails: Exception | None = None
    started: bool = False

    async def start(self) -> None:
        if self.started:
            return
        self.events.append("start")
        if self.fails is not None:
            raise self.fails
        self.started = True

    async def stop(self) -> None:
        self.events.append("stop")
        self.started = False


class NothingAfter:
    """For applications whose requests leave nothing for after their answers."""

    def begin(self, request: Request, status_code: int) -> None:
        raise AssertionError(request, status_code)

    def begin_on(self, loop: asyncio.AbstractEventLoop, request: Request, status_code: int) -> None:
        raise AssertionError(loop, request, status_code)

    async def drain(self) -> None:
        return


@dataclass
class OneAnswer:
    """An `Application` that answers every request by one function; `on_loop` tells where WSGI runs it."""

    answer: Answer
    on_loop: bool = True
    limits: Limits = field(default_factory=Limits)
    threads: Executor = THREADS
    lifespan: RecordedLifespan = field(default_factory=RecordedLifespan)
    after: NothingAfter = field(default_factory=NothingAfter)
    open_streams: OpenStreams = field(default_factory=OpenStreams)
    draining: Draining = field(default_factory=lambda: Draining(10))

    @property
    def respond(self) -> Respond:
        return self.answer

    @property
    def handshake(self) -> Respond:
        return no_sockets

    @property
    def directly(self) -> Callable[[Dialect], None]:
        return lambda _: None

    @property
    def respond_in_thread(self) -> Respond:
        return self.answer

    @property
    def checks_host(self) -> bool:
        return True

    @property
    def default_fields(self) -> DefaultFields:
        return DefaultFields(None)

    @property
    def refuse(self) -> Refuse:
        return refusing

    @property
    def give_up(self) -> Callable[[Request, Exception], Response]:
        return lambda _, error: Response(str(error), status=error.status_code if isinstance(error, HTTPError) else 500)

    @property
    def needs_loop(self) -> Callable[[Request], bool]:
        return lambda _: self.on_loop


async def no_sockets(_: Request) -> Response:
    """Refuse the handshake of a WebSocket."""
    return Response(status=403)


async def refusing(_: Request, error: Exception) -> Response:
    """Answer with the error's own status and words."""
    return Response(str(error), status=error.status_code if isinstance(error, HTTPError) else 500)


def answering(response: Callable[[], Response]) -> Answer:
    """Make an application's answer of a function that makes the response."""

    async def answer(_: Request) -> Response:
        return response()

    return answer


async def sizes(request: Request) -> Response:
    """Answer with the body's size, or with what was wrong with it, as the application would."""
    try:
        return Response(str(len(await request.read())))
    except HTTPError as error:
        return Response(error.message, status=error.status_code)


async def shouting(request: Request) -> Response:
    """Answer with the body in capital letters, which is read while that is sent."""

    async def upper() -> AsyncIterator[bytes]:
        async for chunk in request.chunks():
            yield chunk.upper()

    return Response(Stream(upper()))


class Held:
    """What a stream holds, in a plain function's way; `events` says when and with what it was left."""

    def __init__(self, events: list[str]) -> None:
        self.events = events

    def __enter__(self) -> None:
        """Held from the beginning."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.events.append("released" if kind is None else f"released after {kind.__name__}")


class HeldOnLoop:
    """The same in a coroutine function's way."""

    def __init__(self, events: list[str]) -> None:
        self.events = events

    async def __aenter__(self) -> None:
        """Held from the beginning."""

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.events.append("released" if kind is None else f"released after {kind.__name__}")


async def words(
    events: list[str], *chunks: Chunk, pause: float = 0.0, fails: BaseException | None = None
) -> AsyncIterator[Chunk]:
    """Give chunks asynchronously, then fail if told to."""
    try:
        for chunk in chunks:
            yield chunk
            await asyncio.sleep(pause)
        if fails is not None:
            raise fails
    finally:
        events.append("closed")


def plain_words(events: list[str], *chunks: Chunk, pause: float = 0.0, fails: BaseException | None = None) -> Iterator[Chunk]:
    """Give chunks synchronously, then fail if told to."""
    try:
        for chunk in chunks:
            yield chunk
            time.sleep(pause)
        if fails is not None:
            raise fails
    finally:
        events.append("closed")
