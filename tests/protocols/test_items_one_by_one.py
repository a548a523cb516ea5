"""Handlers that give their value item by item: as events, as lines of JSON, or as one array, by what the client takes."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from msgspec import Struct

from martlet import App, Event, FreezeError, Group, LastEventID, Response
from martlet.testing import ReceivedEvent, read_events
from tests.serving import Serve


class Bird(Struct):
    name: str


BIRDS = [Bird("swift"), Bird("martin")]
routes = Group("")
closed: list[str] = []


@routes.get("/events")
async def events() -> AsyncIterator[Event[Bird]]:
    for number, bird in enumerate(BIRDS):
        yield Event(bird, event="seen", id=str(number))


@routes.get("/items")
async def items() -> AsyncIterator[Bird]:
    for bird in BIRDS:
        yield bird


@routes.get("/plain")
def plain() -> Iterator[Bird]:
    yield from BIRDS


@routes.get("/given")
async def given() -> AsyncIterator[Bird]:
    return items()


@routes.get("/nothing")
def nothing() -> Iterator[Bird]:
    yield from ()


@routes.get("/after")
async def after(last: LastEventID) -> AsyncIterator[Event[str | None]]:
    yield Event(last)


@routes.get("/held")
async def held(shelf: Bird) -> AsyncIterator[str]:
    yield shelf.name
    yield ",".join(closed)


def app() -> App:
    made = App()
    made.include(routes)

    @made.provider
    def shelf() -> Iterator[Bird]:
        closed.clear()
        yield BIRDS[0]
        closed.append("closed")

    return made


PATHS = ["/items", "/plain", "/given"]


@pytest.mark.parametrize("path", PATHS)
def test_who_does_not_care_gets_lines_of_json(serve: Serve, path: str) -> None:
    answer = serve(app()).get(path)

    assert answer.headers["content-type"] == "application/x-ndjson"
    assert [json.loads(line) for line in answer.text.splitlines()] == [{"name": "swift"}, {"name": "martin"}]


@pytest.mark.parametrize("path", PATHS)
def test_one_array_is_written_as_it_comes(serve: Serve, path: str) -> None:
    answer = serve(app()).get(path, headers={"accept": "application/json"})

    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == [{"name": "swift"}, {"name": "martin"}]


@pytest.mark.parametrize("path", PATHS)
def test_items_are_the_data_of_events_for_who_listens(serve: Serve, path: str) -> None:
    answer = serve(app()).get(path, headers={"accept": "text/event-stream"})

    assert read_events(answer.content) == [ReceivedEvent('{"name":"swift"}'), ReceivedEvent('{"name":"martin"}')]
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["vary"] == "accept"


def test_who_does_not_care_gets_events_where_they_are_promised(serve: Serve) -> None:
    answer = serve(app()).get("/events")

    assert answer.headers["content-type"].startswith("text/event-stream")
    assert read_events(answer.content) == [
        ReceivedEvent('{"name":"swift"}', "seen", "0"),
        ReceivedEvent('{"name":"martin"}', "seen", "1"),
    ]


def test_events_as_lines_say_all_that_they_are(serve: Serve) -> None:
    answer = serve(app()).get("/events", headers={"accept": "application/x-ndjson"})

    assert json.loads(answer.text.splitlines()[1]) == {"event": "seen", "id": "1", "data": {"name": "martin"}}


@pytest.mark.parametrize(
    ("accept", "content"), [("application/json", b"[]"), ("application/x-ndjson", b""), ("text/event-stream", b"")]
)
def test_no_items_are_an_empty_answer_of_each_kind(serve: Serve, accept: str, content: bytes) -> None:
    assert serve(app()).get("/nothing", headers={"accept": accept}).content == content


def test_what_nobody_gives_is_406_before_anything_is_done(serve: Serve) -> None:
    assert serve(app()).get("/items", headers={"accept": "image/png"}).status_code == 406


@pytest.mark.parametrize("sent", ["7", "", None])
def test_a_client_that_comes_back_names_the_last_event_it_saw(serve: Serve, sent: str | None) -> None:
    headers = {"accept": "application/json"} if sent is None else {"accept": "application/json", "last-event-id": sent}

    assert serve(app()).get("/after", headers=headers).json()[0]["data"] == (sent or None)


def test_what_providers_opened_stays_open_to_the_last_item(serve: Serve) -> None:
    answer = serve(app()).get("/held", headers={"accept": "application/json"})

    assert answer.json() == ["swift", ""]
    assert closed == ["closed"]


def test_a_handler_may_give_a_response_in_its_place(serve: Serve) -> None:
    made = App()

    @made.get("/")
    async def either() -> AsyncIterator[Bird] | Response:
        return Response("none today")

    assert serve(made).get("/").text == "none today"


def test_an_item_that_cannot_be_rendered_is_told_before_the_first_request() -> None:
    class Odd:
        pass

    made = App()

    async def odd() -> AsyncIterator[Any]:
        yield 1

    odd.__annotations__["return"] = AsyncIterator[Odd]
    made.get("/")(odd)
    with pytest.raises(FreezeError, match="returns what no renderer takes"):
        made.freeze()


def test_a_generator_that_does_not_say_what_it_gives_is_refused() -> None:
    made = App()

    @made.get("/")
    def unknown():  # type: ignore[no-untyped-def]  # noqa: ANN202
        yield 1

    with pytest.raises(FreezeError, match=r"-> AsyncIterator\[Event\[Change\]\]"):
        made.freeze()
