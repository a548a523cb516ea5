"""How WebSockets end: clean-up of what the handler was given, failures everywhere, an application that ends, who is let go."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import AsyncIterator, Callable
from contextvars import ContextVar
from typing import Any, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from martlet import App, Limits, NotFoundError, Request, Response, SocketClosedError, WebSocket
from martlet.testing import Client, HandshakeRefusedError, SocketClient
from tests.rows import each

ProtocolName = Literal["asgi", "rsgi"]


class Transaction:
    """What a provider commits or rolls back."""


@pytest.fixture(params=["asgi", "rsgi"])
def protocol(request: pytest.FixtureRequest) -> ProtocolName:
    """Of those that carry WebSockets."""
    name: ProtocolName = request.param
    return name


def closing(socket: SocketClient) -> SocketClosedError:
    """Take what is left, and give what it was closed with."""
    list(socket)
    with pytest.raises(SocketClosedError) as caught:
        socket.receive()
    return caught.value


def code_told(protocol: ProtocolName, code: int) -> int:
    """The code that a client sees; RSGI has no way to send one."""
    return code if protocol == "asgi" else 1005


def app_with(handler: Callable[..., Any], **limits: Any) -> App:
    """An application of one WebSocket at `/`."""
    app = App(limits=Limits(**limits))
    app.websocket("/")(handler)
    return app


async def takes(socket: WebSocket[str, str]) -> None:
    async for _ in socket:
        pass


# --- what the handler was given -------------------------------------------------------------------------

ENDS: dict[str, tuple[str, int]] = {
    "commit": ("committed", 1000),
    "missing": ("rolled back: NotFoundError", 4404),
    "mistake": ("rolled back: KeyError", 1011),
    "exit": ("rolled back: RuntimeError", 1011),
    "unreadable": ("rolled back: UnsupportedMediaTypeError", 1003),
}


@each("word", ENDS)
def test_a_provider_sees_how_the_handler_ended_before_the_client_does(protocol: ProtocolName, word: str) -> None:
    app, told = App(), []

    @app.provider
    async def transaction() -> AsyncIterator[Transaction]:
        try:
            yield Transaction()
        except BaseException as error:
            told.append(f"rolled back: {type(error).__name__}")
            raise
        told.append("committed")

    @app.websocket("/")
    async def work(socket: WebSocket[str, str], transaction: Transaction) -> None:
        match await socket.receive():
            case "missing":
                raise NotFoundError
            case "mistake":
                raise KeyError("x")
            case "exit":
                sys.exit(3)
            case "unreadable":
                await socket.receive()

    with Client(app, protocol=protocol) as client, client.websocket("/") as socket:
        socket.send(word)
        if word == "unreadable":
            socket.send(b"")

        assert closing(socket).code == code_told(protocol, ENDS[word][1])
    assert told == [ENDS[word][0]]


def test_clean_up_that_fails_is_logged_once_and_told(protocol: ProtocolName, caplog: pytest.LogCaptureFixture) -> None:
    app = App()

    @app.provider
    async def transaction() -> AsyncIterator[Transaction]:
        yield Transaction()
        raise KeyError("the commit failed")

    @app.websocket("/")
    async def work(socket: WebSocket[str, str], transaction: Transaction) -> None:
        await socket.send("done")

    with Client(app, protocol=protocol) as client:
        assert closing(client.websocket("/")).code == code_told(protocol, 1011)
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


def test_a_client_that_leaves_is_told_to_providers_as_a_cancellation_or_as_a_closing(protocol: ProtocolName) -> None:
    app, told = App(), []

    @app.provider
    async def transaction() -> AsyncIterator[Transaction]:
        try:
            yield Transaction()
        except (asyncio.CancelledError, SocketClosedError) as error:
            told.append(isinstance(error, asyncio.CancelledError))
            raise

    @app.websocket("/{receives}")
    async def wait(receives: bool, socket: WebSocket[str, str], transaction: Transaction) -> None:
        await socket.accept()
        await (socket.receive() if receives else asyncio.sleep(60))

    with Client(app, protocol=protocol) as client:
        for receives in ("false", "true"):
            client.websocket(f"/{receives}").close()

    assert told == [True, False]


def test_context_variables_of_a_middleware_are_seen_by_the_handler(protocol: ProtocolName) -> None:
    who: ContextVar[str] = ContextVar("who", default="nobody")
    app = App()

    async def name(request: Request, respond: Any) -> Response:
        who.set("Ada")
        response: Response = await respond(request)
        return response

    app.use(name)

    @app.websocket("/")
    async def tell(socket: WebSocket[str, str]) -> None:
        await socket.send(who.get())

    assert Client(app, protocol=protocol).websocket("/").receive() == "Ada"


# --- failures in other places ---------------------------------------------------------------------------


def test_what_ends_a_process_ends_one_websocket(protocol: ProtocolName, caplog: pytest.LogCaptureFixture) -> None:
    async def exits() -> AsyncIterator[str]:
        yield "one"
        sys.exit(3)

    async def tell(socket: WebSocket[str, str]) -> None:
        async with socket.sending(exits()):
            await takes(socket)

    with Client(app_with(tell), protocol=protocol) as client:
        assert closing(client.websocket("/")).code == code_told(protocol, 1011)
        assert client.websocket("/").receive() == "one"
    assert "SystemExit" in caplog.text


def test_a_group_of_tasks_that_saw_the_closing_ends_quietly(protocol: ProtocolName, caplog: pytest.LogCaptureFixture) -> None:
    async def both(socket: WebSocket[str, str]) -> None:
        async def receive() -> None:
            while True:
                await socket.receive()

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(receive())
            tasks.create_task(asyncio.sleep(60))

    with Client(app_with(both), protocol=protocol) as client:
        client.websocket("/").close()

    assert caplog.text == ""


def test_two_iterators_may_be_sent_at_once_and_the_block_may_fail(protocol: ProtocolName) -> None:
    ended: list[str] = []

    async def counted(word: str) -> AsyncIterator[str]:
        try:
            while True:
                yield word
                await asyncio.sleep(0.001)
        finally:
            ended.append(word)

    async def tell(socket: WebSocket[str, str]) -> None:
        async with socket.sending(counted("a")), socket.sending(counted("b")):
            await socket.receive()
            raise NotFoundError("The room is gone.")

    with Client(app_with(tell), protocol=protocol) as client, client.websocket("/") as socket:
        assert {socket.receive() for _ in range(50)} == {"a", "b"}
        socket.send("x")
        assert closing(socket).code == code_told(protocol, 4404)
    assert sorted(ended) == ["a", "b"]


def test_a_wait_for_a_message_that_is_cancelled_loses_none(protocol: ProtocolName) -> None:
    async def impatient(socket: WebSocket[str, str]) -> None:
        while True:
            try:
                async with asyncio.timeout(0.001):
                    message = await socket.receive()
            except TimeoutError:
                continue
            await socket.send(message)

    with Client(app_with(impatient), protocol=protocol) as client, client.websocket("/") as socket:
        for number in range(50):
            socket.send(str(number))
            assert socket.receive() == str(number)


# --- the end of the application, and who is let go ------------------------------------------------------


def test_an_application_that_ends_closes_them_with_1001_and_handlers_may_finish(protocol: ProtocolName) -> None:
    ended: list[Any] = []

    async def take(socket: WebSocket[str, str]) -> None:
        try:
            await takes(socket)
            await asyncio.sleep(0.01)
            ended.append(socket.close_code)
            await socket.send("too late")
        except SocketClosedError as error:
            ended.append(error.code)

    async def tell(socket: WebSocket[str, str]) -> None:
        await socket.send("first")
        try:
            await asyncio.sleep(60)
        finally:
            ended.append("cancelled")

    app = app_with(take)
    app.websocket("/tell")(tell)
    frozen = app.freeze()
    with Client(app, protocol=protocol) as client:
        taking, telling = client.websocket("/"), client.websocket("/tell")
        telling.receive()
        assert len(frozen.open_streams) == 2

        frozen.open_streams.drain()

        assert [closing(each).code for each in (taking, telling)] == [code_told(protocol, 1001)] * 2
        late = client.websocket("/")
        assert closing(late).code == code_told(protocol, 1001)
        for each_socket in (taking, telling, late):
            each_socket.close()
    assert sorted(map(str, ended)) == ["1001", "1001", "cancelled"]
    assert len(frozen.open_streams) == 0


def test_a_handler_that_does_not_see_its_client_leave_is_cancelled_in_the_end(protocol: ProtocolName) -> None:
    ended: list[str] = []

    async def hear_once(socket: WebSocket[str, str]) -> None:
        await socket.receive()
        try:
            await asyncio.sleep(60)
        finally:
            ended.append("end")

    with Client(app_with(hear_once, stalled_seconds=0.05), protocol=protocol) as client:
        socket = client.websocket("/")
        socket.send("hello")
        socket.close()

    assert ended == ["end"]


def test_a_client_is_seen_to_leave_that_sends_what_nobody_hears(protocol: ProtocolName) -> None:
    ended: list[str] = []

    async def tell(socket: WebSocket[str, str]) -> None:
        await socket.send("first")
        try:
            await asyncio.sleep(60)
        finally:
            ended.append("end")

    with Client(app_with(tell, stalled_seconds=0.05), protocol=protocol) as client:
        socket = client.websocket("/")
        for _ in range(5):
            socket.send("ping")
        socket.close()

    assert ended == ["end"]


def test_a_client_that_takes_nothing_is_let_go() -> None:
    ended: list[str] = []

    async def tell(socket: WebSocket[str, str]) -> None:
        try:
            await socket.send("first")
        finally:
            ended.append("end")

    async def stall() -> None:
        app = app_with(tell, stalled_seconds=0.05)
        connecting = [{"type": "websocket.connect"}]

        async def receive() -> dict[str, Any]:
            return connecting.pop() if connecting else await asyncio.sleep(60, {})

        async def send(event: dict[str, Any]) -> None:
            if event["type"] == "websocket.send":
                await asyncio.sleep(60)

        scope = {
            "type": "websocket", "http_version": "1.1", "scheme": "ws", "path": "/", "raw_path": b"/", "query_string": b"",
            "root_path": "", "headers": [(b"host", b"x")], "client": ("1.2.3.4", 1), "server": ("x", 80), "subprotocols": [],
        }  # fmt: skip
        async with asyncio.timeout(10):
            await app(scope, receive, send)

    asyncio.run(stall())

    assert ended == ["end"]


# --- laws -----------------------------------------------------------------------------------------------

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(messages=st.lists(TEXTS | st.binary(max_size=200), max_size=20), ahead=st.integers(1, 20))
def test_any_messages_come_back_equal_and_in_order(protocol: ProtocolName, messages: list[Any], ahead: int) -> None:
    async def echo(socket: WebSocket[Any, Any]) -> None:
        async for message in socket:
            await socket.send(message)

    got: list[Any] = []
    with Client(app_with(echo), protocol=protocol) as client, client.websocket("/") as socket:
        for number, message in enumerate(messages):
            socket.send(message)
            if number >= ahead:
                got.append(socket.receive())
        got += [socket.receive() for _ in range(len(messages) - len(got))]

    assert got == messages


# --- handshakes that nobody answers ---------------------------------------------------------------------


def test_a_handler_that_does_not_come_to_its_socket_is_cancelled(
    protocol: ProtocolName, caplog: pytest.LogCaptureFixture
) -> None:
    ended = list[str]()

    async def think(socket: WebSocket[str, str]) -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append(socket.request.path)

    with Client(app_with(think, handshake_seconds=0.05), protocol=protocol) as client:
        with pytest.raises(HandshakeRefusedError, match="503"):
            client.websocket("/")
        assert ended == ["/"]
    assert [record.message for record in caplog.records if "neither used the socket" in record.message] != []


async def test_a_client_that_leaves_before_the_handshake_is_answered_ends_its_handler() -> None:
    ended, left = asyncio.Event(), asyncio.Event()
    events, sent = asyncio.Queue[dict[str, Any]](), list[Any]()
    app = App()

    @app.provider
    async def transaction() -> AsyncIterator[Transaction]:
        try:
            yield Transaction()
        finally:
            left.set()

    @app.websocket("/")
    async def think(socket: WebSocket[str, str], transaction: Transaction) -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()

    async def send(event: Any) -> None:
        sent.append(event)

    events.put_nowait({"type": "websocket.connect"})
    scope = {"type": "websocket", "path": "/", "query_string": b"", "headers": [(b"host", b"localhost")], "http_version": "1.1"}
    serving = asyncio.ensure_future(app(scope, events.get, send))
    await asyncio.sleep(0.01)
    events.put_nowait({"type": "websocket.disconnect", "code": 1006})

    async with asyncio.timeout(10):
        await serving
    assert (ended.is_set(), left.is_set()) == (True, True)
    assert [event["type"] for event in sent] == ["websocket.close"]


async def test_a_handshake_that_takes_its_time_loses_no_message() -> None:
    events, sent = asyncio.Queue[dict[str, Any]](), list[Any]()

    async def think(socket: WebSocket[str, str]) -> None:
        await asyncio.sleep(0.1)
        await socket.send(await socket.receive())

    async def send(event: Any) -> None:
        sent.append(event)
        if event["type"] == "websocket.accept":
            events.put_nowait({"type": "websocket.receive", "text": "hello"})

    events.put_nowait({"type": "websocket.connect"})
    scope = {"type": "websocket", "path": "/", "query_string": b"", "headers": [(b"host", b"localhost")], "http_version": "1.1"}
    async with asyncio.timeout(10):
        await app_with(think)(scope, events.get, send)

    assert sent[1] == {"type": "websocket.send", "text": "hello"}
