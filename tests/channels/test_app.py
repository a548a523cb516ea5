"""Channels of an app: handlers ask for them by the type of their messages."""

from collections.abc import AsyncIterator

import pytest
from msgspec import Struct

from martlet import App, Event, LastEventID, SocketClosedError, WebSocket
from martlet.channels import Channel, Member, MemoryBroker, Presence, RedisBroker
from martlet.testing.client import Client, ProtocolName
from tests.servers.running import eventually


class BookChange(Struct):
    book_id: int


app = App(broker=MemoryBroker())
declared = app.channel("book-changes", BookChange)


@app.post("/books")
async def change(changed: BookChange, channel: Channel[BookChange]) -> str:
    return (await channel.publish(changed)).id


@app.get("/books/changes")
async def changes(channel: Channel[BookChange], after: LastEventID) -> AsyncIterator[Event[BookChange]]:
    async for event in channel.subscribe(after=after):
        yield event
        if event.event == "reset" or event.data.book_id == 3:
            return


@app.get("/books/opening")
async def openings(channel: Channel[BookChange], after: LastEventID) -> AsyncIterator[Event[BookChange]]:
    async for event in channel.subscribe(after=after, opening=True):
        yield event
        return


@pytest.mark.parametrize("protocol", ["asgi", "wsgi", "rsgi"])
def test_who_comes_back_with_the_last_id_gets_what_it_missed(protocol: ProtocolName) -> None:
    with Client(app, protocol=protocol) as client:
        ids = [client.post("/books", json={"book_id": number}).text for number in (1, 2, 3)]
        answer = client.get("/books/changes", headers={"last-event-id": ids[0]})
        lost = client.get("/books/changes", headers={"last-event-id": "garbage"})

    assert answer.text == f'id: {ids[1]}\ndata: {{"book_id":2}}\n\nid: {ids[2]}\ndata: {{"book_id":3}}\n\n'
    assert lost.text == f'event: reset\nid: {ids[2]}\ndata: {{"reason":"unknown id"}}\n\n'


@pytest.mark.parametrize("protocol", ["asgi", "wsgi", "rsgi"])
def test_who_is_cut_off_before_its_first_event_has_an_id_to_come_back_with(protocol: ProtocolName) -> None:
    with Client(app, protocol=protocol) as client:
        last = client.post("/books", json={"book_id": 1}).text
        opening = client.get("/books/opening")
        next_one = client.post("/books", json={"book_id": 2}).text
        back = client.get("/books/opening", headers={"last-event-id": last})

    assert opening.text == f"id: {last}\n\n"
    assert back.text == f'id: {next_one}\ndata: {{"book_id":2}}\n\n'


def test_a_broker_that_is_away_is_a_503() -> None:
    away = App(broker=RedisBroker("redis://127.0.0.1:1/0", timeout_seconds=0.05))
    away.channel("numbers", int)

    @away.post("/")
    async def publish(channel: Channel[int]) -> None:
        await channel.publish(1)

    with Client(away) as client:
        assert client.post("/").status_code == 503


@pytest.mark.parametrize("protocol", ["asgi", "wsgi", "rsgi"])
def test_the_name_of_a_room_that_a_client_makes_too_long_is_a_413(protocol: ProtocolName) -> None:
    rooms = App()
    rooms.channel("rooms", str)

    @rooms.post("/{room}")
    async def publish(room: str, channel: Channel[str]) -> None:
        await channel.part(room).publish(room)

    with Client(rooms, protocol=protocol) as client:
        assert client.post(f"/{'a' * 300}").status_code == 413


@pytest.mark.parametrize("protocol", ["asgi", "rsgi"])
def test_an_item_that_a_client_makes_too_long_closes_its_socket(protocol: ProtocolName) -> None:
    rooms = App()
    rooms.channel("rooms", str)

    @rooms.websocket("/")
    async def say(socket: WebSocket[str, str], channel: Channel[str]) -> None:
        async for message in socket:
            await channel.publish(message)

    with Client(rooms, protocol=protocol) as client, client.websocket("/") as socket:
        socket.send("a" * 1_000_000)
        with pytest.raises(SocketClosedError) as caught:
            socket.receive()
    assert caught.value.code == (1009 if protocol == "asgi" else 1005)  # RSGI closes without one


@pytest.mark.parametrize("protocol", ["asgi", "rsgi"])
def test_who_is_here_is_supplied_by_the_type_of_its_data(protocol: ProtocolName) -> None:
    here = App()
    here.presence("readers", BookChange)

    @here.websocket("/read")
    async def read(socket: WebSocket[str, str], readers: Presence[BookChange]) -> None:
        async with readers.here("ada", BookChange(7)):
            async for _ in socket:
                await socket.send(",".join(member.user_id for member in await readers.now()))

    @here.get("/")
    async def readers(readers: Presence[BookChange]) -> list[Member[BookChange]]:
        return await readers.now()

    with Client(here, protocol=protocol) as client:
        with client.websocket("/read") as socket:
            socket.send("who?")
            assert socket.receive() == "ada"
            assert client.get("/").json()[0]["data"] == {"book_id": 7}
        assert eventually(lambda: client.get("/").json() == [])


def test_two_channels_of_one_type_are_refused_with_the_cure() -> None:
    other = App()
    other.channel("one", int)

    with pytest.raises(ValueError, match=r"already, 'one'.* its own type"):
        other.channel("two", int)
    other.presence("three", int)  # which is another type than a channel's
    with pytest.raises(ValueError, match=r"already, 'three'.* its own type"):
        other.presence("four", int)


def test_a_subscription_is_returned_by_whoever_promises_events(caplog: pytest.LogCaptureFixture) -> None:
    app = App()
    app.channel("changes", BookChange)

    @app.get("/changes")
    async def promised(channel: Channel[BookChange]) -> AsyncIterator[BookChange]:
        return channel.subscribe()  # type: ignore[return-value]

    with Client(app) as client:
        assert client.get("/changes").status_code == 500
    assert "annotate it as -> AsyncIterator[Event[" in caplog.text
