"""A stream of events as a test reads it: event by event, left at any moment, over every protocol."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from martlet import App, Event, LastEventID, NotFoundError, Request, StreamingResponse
from martlet.channels import Channel
from martlet.testing import Client, EventsRefusedError, ReceivedEvent, read_events
from martlet.testing.event_streams import EventReader
from tests.serving import ProtocolName, Serve


class Bird(Struct):
    name: str


class Connection:
    """What a provider opens."""


def counting_app(pause: float = 0.0, seen: list[Any] | None = None) -> App:
    """An app that counts without an end; seen: what its handlers noted."""
    app, noted = App(debug=True), [] if seen is None else seen

    @app.provider
    async def open_connection() -> AsyncIterator[Connection]:
        try:
            yield Connection()
        finally:
            noted.append("provider closed")

    @app.get("/counter")
    async def counter(after: LastEventID, request: Request, connection: Connection) -> AsyncIterator[Event[int]]:
        noted.append(request.headers.get("accept", "anything"))
        first = 0 if after is None else int(after) + 1
        try:
            for number in itertools.count(first):
                yield Event(number, id=str(number), event="count", retry=700 if number == first else None)
                await asyncio.sleep(pause)
        finally:
            await asyncio.sleep(0)
            noted.append(f"counter closed before {type(connection).__name__}")

    @app.get("/plain")
    def plain() -> StreamingResponse:
        return StreamingResponse.sse(plainly_counted(noted))

    @app.get("/bytes")
    async def endless_bytes() -> StreamingResponse:
        return StreamingResponse(endless())

    return app


def plainly_counted(noted: list[Any]) -> Iterator[Event[int]]:
    try:
        for number in itertools.count():
            yield Event(number)
            time.sleep(0.001)
    finally:
        noted.append("plain closed")


async def endless() -> AsyncIterator[bytes]:
    while True:
        yield b"x"
        await asyncio.sleep(0.005)


def bird_app() -> App:
    """An app with a channel, and a stream that fails."""
    app = App()
    app.channel("birds", Bird)

    @app.post("/birds")
    async def publish(bird: Bird, channel: Channel[Bird]) -> None:
        await channel.publish(bird)

    @app.get("/birds")
    async def birds(channel: Channel[Bird], after: LastEventID) -> AsyncIterator[Event[Bird]]:
        return channel.subscribe(after=after, opening=True)

    @app.get("/missing")
    async def missing() -> StreamingResponse:
        raise NotFoundError("There is no such stream.")

    @app.get("/fails")
    async def fails() -> AsyncIterator[Event[int]]:
        yield Event(1)
        raise RuntimeError("the third egg was empty")

    return app


def test_events_are_read_one_by_one_and_the_handler_ends_with_the_block(serve: Serve) -> None:
    seen: list[Any] = []
    client = serve(counting_app(seen=seen))

    with client.events("/counter") as events:
        first, second = next(events), next(events)

    assert first == ReceivedEvent("0", "count", "0", 700)
    assert second == ReceivedEvent("1", "count", "1")
    assert second.json() == 1
    assert seen == ["text/event-stream", "counter closed before Connection", "provider closed"]
    assert list(events) == []


def test_a_client_comes_back_with_the_last_id_it_has(serve: Serve) -> None:
    client = serve(counting_app())

    with client.events("/counter", last_event_id="41") as events:
        assert next(events).id == "42"
        assert events.last_event_id == "42"
    with client.events("/counter", last_event_id=events.last_event_id) as events:
        assert next(events).id == "43"


def test_a_client_comes_back_behind_what_it_took_and_not_behind_what_came(serve: Serve) -> None:
    app = App()

    @app.get("/pair")
    async def pair() -> StreamingResponse:
        text = "id: 1\ndata: a\n\nid: 2\ndata: b\n\nid: 3\n\nid: 4\ndata: c"
        return StreamingResponse(iter([text]), media_type="text/event-stream")

    with serve(app).events("/pair") as events:
        seen = [(next(events).data, events.last_event_id) for _ in range(2)]

        assert seen == [("a", "1"), ("b", "3")]
        assert (list(events), events.last_event_id) == ([], "3")


def test_a_plain_generator_is_closed_too(serve: Serve) -> None:
    seen: list[Any] = []
    client = serve(counting_app(seen=seen))

    with client.events("/plain") as events:
        assert [next(events).data for _ in range(3)] == ["0", "1", "2"]

    assert seen == ["plain closed"]


def test_other_requests_go_on_meanwhile(serve: Serve) -> None:
    client = serve(bird_app())

    with client.events("/birds") as one, client.events("/birds") as other:
        client.post("/birds", json={"name": "swift"})

        assert next(one) == next(other)
    client.post("/birds", json={"name": "swallow"})
    with client.events("/birds", last_event_id=one.last_event_id) as again:
        assert next(again).json() == {"name": "swallow"}


def test_an_opening_is_no_event_but_names_an_id(protocol: ProtocolName) -> None:
    with Client(bird_app(), protocol=protocol, timeout=0.2) as client:
        events = client.events("/birds")
        with pytest.raises(TimeoutError):
            next(events)

        assert events.last_event_id


def test_a_stream_with_nothing_to_say_is_no_riddle(protocol: ProtocolName) -> None:
    seen: list[Any] = []
    app = counting_app(pause=3600, seen=seen)
    with Client(app, protocol=protocol) as client, client.events("/counter", timeout=0.2) as events:
        next(events)

        told = r"GET /counter sent no event for 0.2 seconds. .*client.events\(…, timeout=…\)"
        with pytest.raises(TimeoutError, match=told):
            next(events)
    assert seen[1:] == ["counter closed before Connection", "provider closed"]


@pytest.mark.parametrize("target", ["/counter", "/plain", "/bytes"])
def test_an_endless_answer_that_is_read_whole_is_no_riddle(protocol: ProtocolName, target: str) -> None:
    seen: list[Any] = []
    with Client(counting_app(pause=0.005, seen=seen), protocol=protocol, timeout=0.2) as client:
        with pytest.raises(TimeoutError, match=f'GET {target} has begun, and .* 0.2 seconds .*client.events."{target}"'):
            client.get(target)

        with client.events("/counter") as events:
            assert next(events).id == "0"
    assert target == "/bytes" or any("closed" in noted for noted in seen)


def test_an_answer_that_is_no_stream_of_events_is_told(serve: Serve) -> None:
    client = serve(bird_app())

    with pytest.raises(EventsRefusedError, match="404, application/problem") as refused:
        client.events("/missing")
    assert refused.value.response.json()["status"] == 404


def test_what_a_stream_raises_is_raised_behind_what_it_sent(serve: Serve) -> None:
    client = serve(bird_app())

    events = client.events("/fails")
    assert next(events).data == "1"
    with pytest.raises(Exception, match=r"egg|ended"):
        next(events)


def test_a_stream_that_nobody_left_is_left_with_its_client(protocol: ProtocolName) -> None:
    seen: list[Any] = []
    with Client(counting_app(seen=seen), protocol=protocol) as client:
        next(client.events("/counter"))

    assert "provider closed" in seen


@given(st.binary(max_size=80) | st.text("abc:\r\n \ufeffdataideventretry0é", max_size=80).map(str.encode), st.data())
def test_a_stream_reads_the_same_however_it_is_cut(content: bytes, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(0, len(content)), max_size=8)))
    reader = EventReader()
    found = [event for start, stop in itertools.pairwise([0, *cuts, len(content)]) for event in reader.feed(content[start:stop])]

    assert found == read_events(content)
