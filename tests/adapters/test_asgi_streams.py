"""Streams over ASGI: their clean-up, clients that leave, failures midway."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from martlet.adapters import asgi_application
from martlet.messages import Response, Stream
from tests.adapters.applications import Held, HeldOnLoop, OneAnswer, answering, plain_words, shouting, words
from tests.adapters.asgi_server import ASGIExchange, asgi_scope, serve

Words = Callable[..., Any]


@pytest.mark.parametrize("held", [Held, HeldOnLoop])
@pytest.mark.parametrize("source", [words, plain_words])
async def test_a_stream_is_sent_closed_and_released_before_its_end(source: Words, held: Callable[[list[str]], Any]) -> None:
    exchange, events = ASGIExchange(), list[str]()

    await serve(answering(lambda: Response(Stream(source(events, "a", b"", "é"), held=held(events)))), exchange)

    *chunks, last = [event["body"] for event in exchange.sent[1:]]
    assert (b"".join(chunks), all(chunks), last) == ("aé".encode(), True, b"")
    assert exchange.ended
    assert events == ["closed", "released"]


@pytest.mark.parametrize("source", [words, plain_words])
async def test_an_endless_stream_ends_when_its_client_leaves(source: Words) -> None:
    exchange, events = ASGIExchange(), list[str]()
    endless = source(events, *[b"x"] * 10_000, pause=0.001)
    serving = asyncio.create_task(serve(answering(lambda: Response(Stream(endless, held=Held(events)))), exchange))
    await exchange.until(4)

    exchange.gone.set()
    await serving

    assert not exchange.ended
    assert events == ["closed", "released after ClientLeftError"]


async def test_a_stream_that_never_waits_leaves_the_loop_its_turns() -> None:
    exchange, events = ASGIExchange(), list[str]()

    async def busy() -> AsyncIterator[bytes]:
        try:
            while True:
                yield b"x"
        finally:
            events.append("closed")

    serving = asyncio.create_task(serve(answering(lambda: Response(Stream(busy()))), exchange))
    await asyncio.sleep(0.01)

    exchange.gone.set()
    await serving

    assert events == ["closed"]


async def test_a_server_that_raises_when_the_client_is_gone_ends_the_stream_quietly(caplog: pytest.LogCaptureFixture) -> None:
    exchange, events = ASGIExchange(breaks_at=2), list[str]()

    await serve(answering(lambda: Response(Stream(words(events, b"a", b"b", b"c"), held=Held(events)))), exchange)

    assert exchange.body == b"a"
    assert events == ["closed", "released after ClientLeftError"]
    assert caplog.records == []


@pytest.mark.parametrize("breaks_at", [0, 1])
@pytest.mark.parametrize("response", [Response("text"), Response("text", status=404)], ids=["prepared", "other"])
async def test_a_client_that_left_before_a_plain_answer_is_no_failure(response: Response, breaks_at: int) -> None:
    await serve(answering(lambda: response), ASGIExchange(breaks_at=breaks_at))


@pytest.mark.parametrize("source", [words, plain_words])
async def test_a_failure_midway_reaches_the_server_which_cuts_the_connection(source: Words) -> None:
    exchange, events = ASGIExchange(), list[str]()
    failing = source(events, b"a", fails=ConnectionResetError("the database"))

    with pytest.raises(ConnectionResetError, match="the database"):
        await serve(answering(lambda: Response(Stream(failing, held=Held(events)))), exchange)

    assert exchange.body == b"a"
    assert not exchange.ended
    assert events == ["closed", "released after ConnectionResetError"]


@pytest.mark.parametrize("source", [words, plain_words])
async def test_a_server_that_cancels_closes_the_stream(source: Words) -> None:
    exchange, events = ASGIExchange(), list[str]()
    serving = asyncio.create_task(
        serve(answering(lambda: Response(Stream(source(events, *"abc", pause=0.05), held=Held(events)))), exchange)
    )
    await exchange.until(2)

    serving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await serving

    assert events == ["closed", "released after CancelledError"]


async def test_a_server_that_cancels_twice_does_not_keep_a_stream_from_being_closed() -> None:
    exchange, events = ASGIExchange(), list[str]()

    async def served() -> None:  # without the timeout of `serve`, which makes one cancellation of two
        app = OneAnswer(answering(lambda: Response(Stream(plain_words(events, *"abc", pause=0.05), held=Held(events)))))
        await asgi_application(app)(asgi_scope(), exchange.receive, exchange.send)

    serving = asyncio.create_task(served())
    await exchange.until(2)

    for _ in range(3):
        serving.cancel()
        await asyncio.sleep(0.005)
    with pytest.raises(asyncio.CancelledError):
        await serving

    assert events == ["closed", "released after CancelledError"]


@pytest.mark.parametrize(
    ("length", "sent", "message"),
    [
        pytest.param(3, b"ab", "gave more than its length of 3", id="too long"),
        pytest.param(9, b"abcd", "4 of its 9", id="too short"),
    ],
)
async def test_a_stream_is_held_to_its_length(length: int, sent: bytes, message: str) -> None:
    exchange, events = ASGIExchange(), list[str]()

    with pytest.raises(ValueError, match=message):
        await serve(answering(lambda: Response(Stream(words(events, b"ab", b"cd"), length=length))), exchange)

    assert exchange.headers[b"content-length"] == b"%d" % length
    assert exchange.body == sent
    assert not exchange.ended


async def test_a_clean_up_that_fails_keeps_the_answer_from_looking_whole() -> None:
    class Failing(Held):
        def __exit__(self, *details: object) -> None:
            raise RuntimeError("the transaction could not be ended")

    exchange = ASGIExchange()

    with pytest.raises(RuntimeError, match="the transaction"):
        await serve(answering(lambda: Response(Stream(words([], b"a"), held=Failing([])))), exchange)

    assert not exchange.ended


@pytest.mark.parametrize("status", [200, 304])
@pytest.mark.parametrize("source", [words, plain_words])
async def test_a_stream_nobody_wants_is_closed_unread_before_the_answer(source: Words, status: int) -> None:
    events = list[str]()

    class Exchange(ASGIExchange):
        async def send(self, event: Any) -> None:
            events.append(event["type"])
            await super().send(event)

    exchange = Exchange()
    method = "HEAD" if status == 200 else "GET"

    await serve(answering(lambda: Response(Stream(source([], b"a"), held=Held(events)), status=status)), exchange, method)

    assert exchange.body == b""
    assert events == ["released", "http.response.start", "http.response.body"]


async def test_a_stream_may_read_the_body_while_it_is_sent() -> None:
    exchange = ASGIExchange(
        {"type": "http.request", "body": b"one ", "more_body": True},
        {"type": "http.request", "body": b"two", "more_body": False},
    )

    await serve(shouting, exchange, "POST")

    assert exchange.body == b"ONE TWO"
    assert exchange.ended
