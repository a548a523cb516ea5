"""A streamed answer that a middleware puts aside is closed, with all it holds, and not left to the garbage collector."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from martlet import App, ConflictError, Request, Respond, Response, Stream
from tests.rows import each
from tests.serving import Serve


class Shelf:
    pass


@dataclass(frozen=True)
class Kind:
    """How the provider, the handler and the stream are written."""

    waits: bool
    streams_async: bool


KINDS = [Kind(waits=waits, streams_async=streams_async) for waits in (False, True) for streams_async in (False, True)]


def streaming(events: list[str], kind: Kind, *, fails_to_close: bool = False) -> App:
    """An app that answers with a stream, of which a provider and the stream itself write down what becomes of them."""
    app = App()

    def leave() -> None:
        events.append("provider closed")
        if fails_to_close:
            raise ConflictError("It could not be put back.")

    if kind.waits:

        @app.provider
        async def slow_shelf() -> AsyncIterator[Shelf]:
            yield Shelf()
            leave()

    else:

        @app.provider
        def shelf() -> Iterator[Shelf]:
            yield Shelf()
            leave()

    def chunks() -> Iterator[str]:
        try:
            yield "a"
            yield "b"
        finally:
            events.append("stream closed")

    async def slow_chunks() -> AsyncIterator[str]:
        try:
            yield "a"
            yield "b"
        finally:
            events.append("stream closed")

    @app.get("/")
    def show(shelf: Shelf) -> Response:
        events.append("handler")
        return Response(Stream(slow_chunks() if kind.streams_async else chunks()))

    return app


async def begin(response: Response) -> None:
    """Take the first chunk of a streamed answer, so that there is something to close."""
    chunks: Any = response.body.chunks if isinstance(response.body, Stream) else None
    assert (await anext(chunks) if hasattr(chunks, "__anext__") else next(chunks)) == "a"


@each("kind", KINDS, ids=str)
def test_a_stream_that_is_put_aside_is_closed_before_the_answer_is_sent(serve: Serve, kind: Kind) -> None:
    events: list[str] = []
    app = streaming(events, kind)

    @app.use
    async def outer(request: Request, respond: Respond) -> Response:
        response = await respond(request)
        events.append("outer")
        return response

    @app.use
    async def shorten(request: Request, respond: Respond) -> Response:
        response = await respond(request)
        await begin(response)
        return Response("short")

    assert serve(app).get("/").text == "short"
    assert events == ["handler", "stream closed", "provider closed", "outer"]


@each("kind", KINDS, ids=str)
def test_a_middleware_that_fails_leaves_no_stream_open(serve: Serve, kind: Kind) -> None:
    events: list[str] = []
    app = streaming(events, kind)

    @app.use
    async def fail(request: Request, respond: Respond) -> Response:
        await respond(request)
        raise ConflictError

    assert serve(app).get("/").status_code == 409
    assert events == ["handler", "provider closed"]


@each("kind", KINDS, ids=str)
def test_a_stream_made_of_another_holds_what_that_held_to_its_own_end(serve: Serve, kind: Kind) -> None:
    events: list[str] = []
    app = streaming(events, kind)

    @contextmanager
    def holding() -> Iterator[None]:
        yield
        events.append("own closed")

    @app.use
    async def shout(request: Request, respond: Respond) -> Response:
        response = await respond(request)
        old: Any = response.body.chunks if isinstance(response.body, Stream) else ()

        async def louder() -> AsyncIterator[str]:
            if hasattr(old, "__aiter__"):
                async for chunk in old:
                    yield chunk.upper()
            else:
                for chunk in old:
                    yield chunk.upper()
            events.append("louder ends")

        own = holding()
        own.__enter__()
        return Response(Stream(louder(), held=own if request.query.get("own") else None))

    client = serve(app)

    assert client.get("/").text == "AB"
    assert events == ["handler", "stream closed", "louder ends", "provider closed"]
    events.clear()
    assert client.get("/?own=1").text == "AB"
    assert events == ["handler", "stream closed", "louder ends", "own closed", "provider closed"]


@each("kind", KINDS, ids=str)
def test_of_two_tries_the_one_that_is_not_sent_is_closed(serve: Serve, kind: Kind) -> None:
    events: list[str] = []
    app = streaming(events, kind)

    @app.use
    async def note(request: Request, respond: Respond) -> Response:
        response = await respond(request)
        events.append("to be sent")
        return response

    @app.use
    async def retry(request: Request, respond: Respond) -> Response:
        await begin(await respond(request))
        return await respond(request)

    client = serve(app)

    assert client.get("/").text == "ab"
    closed = ["stream closed", "provider closed"]
    assert events == ["handler", "handler", *closed, "to be sent", *closed]


@each("kind", KINDS, ids=str)
def test_a_failure_in_closing_is_answered(serve: Serve, kind: Kind) -> None:
    events: list[str] = []
    app = streaming(events, kind, fails_to_close=True)

    @app.use
    async def shorten(request: Request, respond: Respond) -> Response:
        await respond(request)
        if request.query.get("fail"):
            raise ZeroDivisionError
        return Response("short")

    client = serve(app)

    assert client.get("/").json()["detail"] == "It could not be put back."
    assert client.get("/?fail=1").json()["detail"] == "It could not be put back."
    assert events == ["handler", "provider closed"] * 2


@pytest.mark.parametrize("kind", KINDS, ids=str)
async def test_a_request_that_is_cancelled_leaves_no_stream_open(kind: Kind) -> None:
    events: list[str] = []
    app, waiting = streaming(events, kind), asyncio.Event()

    @app.use
    async def wait(request: Request, respond: Respond) -> Response:
        response = await respond(request)
        waiting.set()
        await asyncio.Event().wait()
        return response

    scope: Any = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": []}
    task = asyncio.create_task(app(scope, asyncio.Event().wait, asyncio.Event().wait))
    await waiting.wait()
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert events == ["handler", "provider closed"]


def test_a_file_that_a_middleware_does_not_send_is_closed(serve: Serve) -> None:
    app, opened = App(), []

    @app.get("/")
    def show() -> Response:
        opened.append(open(__file__, "rb"))  # noqa: SIM115, PTH123  the stream closes it
        return Response(Stream(opened[-1]))

    async def shorten(request: Request, respond: Respond) -> Response:
        await respond(request)
        return Response("short")

    app.use(shorten, inline=True)

    assert serve(app).get("/").text == "short"
    assert opened[0].closed
