"""Responses that are made while they are sent: the same over every protocol, and by themselves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, MutableMapping
from typing import Any

import pytest

from martlet import App, Event, StreamingResponse
from martlet.testing import ReceivedEvent, read_events
from tests.serving import Serve


async def slowly(*items: Any) -> AsyncIterator[Any]:
    for item in items:
        yield item
        await asyncio.sleep(0)


def app_answering(make: Any) -> App:
    app = App()

    @app.get("/")
    async def answer() -> StreamingResponse:
        response: StreamingResponse = make()
        return response

    return app


@pytest.mark.parametrize("is_async", [True, False], ids=["async", "plain"])
def test_chunks_of_text_and_bytes_are_sent_in_order(serve: Serve, is_async: bool) -> None:
    chunks = ("swift ", b"martin")
    answer = serve(app_answering(lambda: StreamingResponse(slowly(*chunks) if is_async else iter(chunks)))).get("/")

    assert answer.text == "swift martin"
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"


def test_a_stream_has_the_type_status_fields_and_length_that_it_is_given(serve: Serve) -> None:
    def make() -> StreamingResponse:
        return StreamingResponse(iter(["a,b\n"]), "text/csv", status=203, headers={"x-rows": "1"}, length=4)

    answer = serve(app_answering(make)).get("/")
    assert (answer.status_code, answer.headers["content-type"], answer.headers["x-rows"]) == (203, "text/csv", "1")
    assert answer.headers["content-length"] == "4"


@pytest.mark.parametrize("is_async", [True, False], ids=["async", "plain"])
def test_events_are_framed_and_kept_by_nobody(serve: Serve, is_async: bool) -> None:
    items = ["plain text", {"as": "JSON"}, Event("two\nlines", event="note", id="7", retry=500), Event([1, 2], id="8")]
    answer = serve(app_answering(lambda: StreamingResponse.sse(slowly(*items) if is_async else iter(items)))).get("/")

    assert read_events(answer.content) == [
        ReceivedEvent("plain text"),
        ReceivedEvent('{"as":"JSON"}'),
        ReceivedEvent("two\nlines", "note", "7", 500),
        ReceivedEvent("[1,2]", "message", "8"),
    ]
    assert answer.headers["content-type"] == "text/event-stream"
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["x-accel-buffering"] == "no"


@pytest.mark.parametrize("frame", [StreamingResponse, StreamingResponse.sse], ids=["chunks", "events"])
def test_a_stream_that_nobody_pulls_is_closed(serve: Serve, frame: Any) -> None:
    closed: list[str] = []

    class Items:
        def __iter__(self) -> Iterator[str]:
            return self

        def __next__(self) -> str:
            closed.append("pulled")
            return "x"

        def close(self) -> None:
            closed.append("closed")

    assert serve(app_answering(lambda: frame(Items()))).request("HEAD", "/").content == b""
    assert closed == ["closed"]


async def sent_by(response: StreamingResponse) -> list[MutableMapping[str, Any]]:
    sent: list[MutableMapping[str, Any]] = []

    async def send(event: MutableMapping[str, Any]) -> None:
        sent.append(event)

    await response.stream_to(send)
    return sent


def test_a_response_sends_itself_over_asgi() -> None:
    start, *bodies = asyncio.run(sent_by(StreamingResponse.sse(slowly("a", "b"))))

    assert start["status"] == 200
    assert (b"content-type", b"text/event-stream") in start["headers"]
    assert [body["body"] for body in bodies] == [b"data: a\n\n", b"data: b\n\n", b""]
    assert [body["more_body"] for body in bodies] == [True, True, False]


@pytest.mark.parametrize("is_async", [True, False], ids=["async", "plain"])
def test_a_response_that_cannot_be_sent_on_closes_its_iterator(is_async: bool) -> None:
    ended: list[str] = []

    async def items() -> AsyncIterator[str]:
        try:
            while True:
                yield "x"
        finally:
            ended.append("closed")

    def plain_items() -> Iterator[str]:
        try:
            while True:
                yield "x"
        finally:
            ended.append("closed")

    async def send(event: MutableMapping[str, Any]) -> None:
        if event["type"] == "http.response.body":
            raise OSError("the client has left")

    response = StreamingResponse.sse(items() if is_async else plain_items())
    with pytest.raises(OSError, match="left"):
        asyncio.run(response.stream_to(send))
    assert ended == ["closed"]
