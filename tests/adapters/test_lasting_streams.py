"""Streams that last, over each protocol's own way: what it cannot hold back is bounded, what it can tell is told."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from martlet.adapters.asgi.application import asgi_application
from martlet.adapters.rsgi.application import rsgi_application
from martlet.http import Limits
from martlet.messages import EVENT_ASIDES, LINE_ASIDES, Response, Stream
from martlet.testing import read_events
from tests.adapters.applications import Answer, OneAnswer, answering
from tests.adapters.asgi_server import ASGIExchange, asgi_scope
from tests.adapters.rsgi_server import Protocol, RSGIHeaders, Scope
from tests.adapters.wsgi_server import environ, served
from tests.rows import each

SECONDS = 10.0
SOON = Limits(keep_alive_seconds=0.02)


async def forever() -> AsyncIterator[bytes]:
    number = 0
    while True:
        yield b"data: %d\n\n" % number
        number += 1
        await asyncio.sleep(0)


def forever_plainly() -> Iterator[bytes]:
    number = 0
    while True:
        yield b"data: %d\n\n" % number
        number += 1


async def silent() -> AsyncIterator[bytes]:
    yield b"data: 0\n\n"
    await asyncio.Event().wait()


SOURCES: list[Callable[[], Any]] = [forever, forever_plainly]


def events(chunks: Callable[[], Any]) -> Answer:
    return answering(lambda: Response(Stream(chunks(), asides=EVENT_ASIDES), headers={"content-type": "text/event-stream"}))


# ASGI.


async def test_a_stream_is_ended_in_order_over_asgi_when_its_application_ends() -> None:
    app, exchange = OneAnswer(events(silent), limits=SOON), ASGIExchange()
    sending = asyncio.ensure_future(asgi_application(app)(asgi_scope(), exchange.receive, exchange.send))
    await exchange.until(3)
    assert exchange.sent[2]["body"] == b":\n\n"

    app.open_streams.drain()
    await asyncio.wait_for(sending, SECONDS)

    assert exchange.ended
    assert [event.event for event in read_events(exchange.body)] == ["message", "reconnect"]


async def test_a_server_that_raises_tells_that_a_silent_client_is_gone() -> None:
    app, exchange = OneAnswer(events(silent), limits=SOON), ASGIExchange(breaks_at=2)

    await asyncio.wait_for(asgi_application(app)(asgi_scope(), exchange.receive, exchange.send), SECONDS)

    assert not exchange.ended
    assert len(app.open_streams) == 0


# RSGI.


async def over_rsgi(app: OneAnswer) -> Protocol:
    protocol = Protocol()
    described = Scope(headers=RSGIHeaders([("host", "example.org")]))
    await asyncio.wait_for(rsgi_application(app)(described, protocol), SECONDS)
    return protocol


@each("source", SOURCES, ids=["async", "sync"])
def test_events_over_rsgi_are_sent_away_behind_so_many_bytes(source: Callable[[], Any]) -> None:
    protocol = asyncio.run(over_rsgi(OneAnswer(events(source), limits=Limits(rsgi_stream_bytes=1_000))))

    content = b"".join(protocol.sent)
    assert 1_000 < len(content) < 1_100
    assert read_events(content)[-1].event == "reconnect"


@each("asides", [None, LINE_ASIDES], ids=["bytes", "lines"])
def test_what_cannot_be_taken_up_again_fails_over_rsgi_behind_so_many_bytes(asides: Any) -> None:
    app = OneAnswer(
        answering(lambda: Response(Stream(forever(), asides=asides))),
        limits=Limits(rsgi_stream_bytes=10, rsgi_download_bytes=1_000),
    )
    with pytest.raises(RuntimeError, match="gave more than 1,000 bytes"):
        asyncio.run(over_rsgi(app))


def test_a_stream_over_rsgi_whose_length_is_known_is_sent_as_a_whole() -> None:
    app = OneAnswer(
        answering(lambda: Response(Stream(iter([b"x" * 600, b"y" * 600]), length=1_200))),
        limits=Limits(rsgi_download_bytes=1_000),
    )
    assert len(b"".join(asyncio.run(over_rsgi(app)).sent)) == 1_200


# WSGI.

PLACES = pytest.mark.parametrize("on_loop", [False, True], ids=["in the worker", "on the loop"])


@PLACES
@each("source", SOURCES, ids=["async", "sync"])
def test_events_over_wsgi_are_sent_away_behind_their_time(on_loop: bool, source: Callable[[], Any]) -> None:
    with served(OneAnswer(events(source), on_loop=on_loop, limits=Limits(wsgi_stream_seconds=0.03))) as serve:
        content = serve(environ()).rest()

    assert read_events(content)[-1].event == "reconnect"


@PLACES
def test_a_silent_stream_over_wsgi_is_kept_alive_and_ends_behind_its_time(on_loop: bool) -> None:
    limits = Limits(wsgi_stream_seconds=0.2, keep_alive_seconds=0.02)
    with served(OneAnswer(events(silent), on_loop=on_loop, limits=limits)) as serve:
        content = serve(environ()).rest()

    assert b"\n\n:\n\n" in content
    assert [event.event for event in read_events(content)] == ["message", "reconnect"]


@PLACES
@each("source", SOURCES, ids=["async", "sync"])
def test_so_many_streams_hold_a_thread_of_a_wsgi_server(on_loop: bool, source: Callable[[], Any]) -> None:
    app = OneAnswer(events(source), on_loop=on_loop, limits=Limits(wsgi_streams=2))
    with served(app) as serve:
        first, second = serve(environ()), serve(environ())
        refused = serve(environ())
        assert (refused.status[:3], first.status[:3], second.status[:3]) == ("503", "200", "200")
        assert b"as many streams" in refused.rest()
        assert serve(environ("HEAD")).rest() == b""

        assert first.next() == b"data: 0\n\n"
        first.close()
        third = serve(environ())
        assert third.status[:3] == "200"
        for exchange in (second, third):
            exchange.close()
        assert app.open_streams.hold_thread(1)


def test_a_stream_that_cannot_be_begun_holds_no_thread() -> None:
    class Broken:
        def __iter__(self) -> Iterator[bytes]:
            raise ValueError("no rows")

    app = OneAnswer(events(Broken), on_loop=False, limits=Limits(wsgi_streams=1))
    with served(app) as serve:
        for _ in range(2):
            with pytest.raises(ValueError, match="no rows"):
                serve(environ())


@PLACES
@each("source", SOURCES, ids=["async", "sync"])
def test_events_over_wsgi_end_when_their_application_ends(on_loop: bool, source: Callable[[], Any]) -> None:
    app = OneAnswer(events(source), on_loop=on_loop)
    with served(app) as serve:
        exchange = serve(environ())
        exchange.next()
        threading.Timer(0.01, app.open_streams.drain).start()
        content = exchange.rest()

    assert read_events(content)[-1].event == "reconnect"
