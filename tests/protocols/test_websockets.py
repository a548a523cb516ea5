"""WebSockets: opened, refused, carried and closed, over ASGI and RSGI alike; WSGI has none, and says so."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Callable
from typing import Any, Literal

import pytest
from msgspec import Struct, msgpack

from martlet import (
    App,
    FreezeError,
    Group,
    Guard,
    Limits,
    NotFoundError,
    Request,
    Response,
    Session,
    SocketClosedError,
    UnauthorizedError,
    WebSocket,
)
from martlet.testing import Client, HandshakeRefusedError, SocketClient
from tests.rows import each

ProtocolName = Literal["asgi", "rsgi"]


@pytest.fixture(params=["asgi", "rsgi"])
def protocol(request: pytest.FixtureRequest) -> ProtocolName:
    """Of those that carry WebSockets."""
    name: ProtocolName = request.param
    return name


class Said(Struct, tag="said"):
    text: str


class Moved(Struct, tag="moved"):
    by: int


class Shelf: ...


class Heard(Struct):
    number: int
    text: str


def refusal(client: Client, target: str, **options: Any) -> int:
    """Give the status that a handshake is refused with."""
    with pytest.raises(HandshakeRefusedError) as caught:
        client.websocket(target, **options)
    return caught.value.response.status_code


def opened(protocol: ProtocolName, handler: Callable[..., Any], **options: Any) -> tuple[Client, SocketClient]:
    """Open a WebSocket to a handler of its own."""
    app = App(limits=Limits(message_bytes=100))
    app.websocket("/", **options)(handler)
    client = Client(app, protocol=protocol)
    return client, client.websocket("/")


def bytes_of(message: str | bytes) -> bytes:
    """Take a binary message."""
    if isinstance(message, str):
        pytest.fail("this is text")
    return message


def code_told(protocol: ProtocolName, code: int) -> int:
    """The code that a client sees; RSGI has no way to send one."""
    return code if protocol == "asgi" else 1005


def closing(socket: SocketClient) -> SocketClosedError:
    """Take what is left, and give what it was closed with."""
    list(socket)
    with pytest.raises(SocketClosedError) as caught:
        socket.receive()
    return caught.value


async def echo(socket: WebSocket[Any, Any]) -> None:
    async for message in socket:
        await socket.send(message)


def test_text_and_bytes_come_back_as_they_are(protocol: ProtocolName) -> None:
    _, socket = opened(protocol, echo)

    socket.send("né")
    socket.send(b"\x00\xff")

    assert (socket.receive(), socket.receive()) == ("né", b"\x00\xff")


def test_messages_are_values_of_the_types_that_are_named(protocol: ProtocolName) -> None:
    async def count(socket: WebSocket[Said | Moved, Heard]) -> None:
        number = 0
        async for message in socket:
            number += 1
            await socket.send(Heard(number, message.text if isinstance(message, Said) else f"by {message.by}"))

    _, socket = opened(protocol, count)
    socket.send_json({"type": "said", "text": "Hello"})
    socket.send(msgpack.encode({"type": "moved", "by": 3}))

    assert socket.receive_json() == {"number": 1, "text": "Hello"}
    assert socket.receive_json() == {"number": 2, "text": "by 3"}


def test_values_are_sent_as_message_pack_where_the_route_says_so(protocol: ProtocolName) -> None:
    async def tell(socket: WebSocket[str, Heard]) -> None:
        await socket.send(Heard(1, "x"))

    _, socket = opened(protocol, tell, binary=True)

    assert msgpack.decode(bytes_of(socket.receive()), type=Heard) == Heard(1, "x")


UNREADABLE: dict[str, tuple[Any, str | bytes, int]] = {
    "no JSON": (Said, "{", 1007),
    "another type": (Said, '{"type": "said", "text": 7}', 1007),
    "an unknown tag": (Said | Moved, '{"type": "sold"}', 1007),
    "no MessagePack": (Said, b"\xc1", 1007),
    "nested too deeply": (Said, "[" * 99, 1007),
    "bytes for text": (str, b"x", 1003),
    "text for bytes": (bytes, "x", 1003),
    "too long": (str, "é" * 51, 1009),
}


@each("name", UNREADABLE)
def test_a_message_that_is_no_value_closes_with_its_code(protocol: ProtocolName, name: str) -> None:
    kind, message, code = UNREADABLE[name]

    async def take(socket: WebSocket[Any, Any]) -> None:
        async for _ in socket:
            pass

    take.__annotations__["socket"] = WebSocket[kind, str]  # type: ignore[valid-type]  # a row's
    _, socket = opened(protocol, take)
    socket.send(message)

    assert closing(socket).code == code_told(protocol, code)


def test_half_of_its_types_is_told_at_once() -> None:
    with pytest.raises(TypeError, match=r"WebSocket\[str\] names one type: .* as WebSocket\[str, str\]"):
        WebSocket[str]  # type: ignore[misc]


REASONS: dict[str, tuple[Any, str]] = {
    "the field": ('{"type": "said", "text": 7}', "/text: "),
    "no JSON": ("{", ""),
}


@each("name", REASONS)
def test_the_reason_of_a_closing_says_what_is_wrong_and_where(name: str) -> None:
    message, beginning = REASONS[name]

    async def take(socket: WebSocket[Said, str]) -> None:
        await socket.receive()

    _, socket = opened("asgi", take)
    socket.send(message)
    reason = closing(socket).reason

    assert reason.startswith(beginning)
    assert 10 < len(reason.encode()) <= 123
    assert reason != "The body is not valid."


def test_a_handler_may_go_on_after_a_message_that_is_no_value(protocol: ProtocolName) -> None:
    async def patient(socket: WebSocket[int, str]) -> None:
        while True:
            try:
                await socket.send(f"{await socket.receive()}")
            except SocketClosedError:
                raise
            except Exception as error:  # noqa: BLE001
                await socket.send(type(error).__name__)

    _, socket = opened(protocol, patient)
    for message in ('"x"', "7"):
        socket.send(message)

    assert (socket.receive(), socket.receive()) == ("ValidationError", "7")


# --- refusing -------------------------------------------------------------------------------------------


async def nobody(request: Request) -> None:
    raise UnauthorizedError


def refusing_app() -> App:
    app = App()

    @app.websocket("/rooms/{room}")
    async def room(room: int, socket: WebSocket[str, str]) -> None:
        if room == 7:
            raise NotFoundError(f"There is no room {room}.")
        await socket.send("come in")

    @app.websocket("/guarded", guards=[Guard(nobody)])
    async def guarded(socket: WebSocket[str, str]) -> None: ...

    @app.websocket("/answered")
    async def answered(socket: WebSocket[str, str]) -> Response:
        return Response("Not now.", status=503)

    @app.websocket("/broken")
    async def broken(socket: WebSocket[str, str]) -> None:
        raise KeyError("x")

    @app.websocket("/open", csrf=False)
    async def open_to_all(socket: WebSocket[str, str]) -> None: ...

    @app.get("/page")
    async def page() -> str:
        return "page"

    @app.get("/both")
    async def both() -> str:
        return "both"

    @app.websocket("/both")
    async def both_socket(socket: WebSocket[str, str]) -> None: ...

    return app


OTHER_SITE = {"origin": "https://evil.example"}
REFUSED: dict[str, tuple[str, dict[str, str], int]] = {
    "nothing there": ("/nothing", {}, 404),
    "a page": ("/page", {}, 404),
    "a parameter that does not fit": ("/rooms/x", {}, 404),
    "the handler": ("/rooms/7", {}, 404),
    "a guard": ("/guarded", {}, 401),
    "a response": ("/answered", {}, 503),
    "a mistake": ("/broken", {}, 500),
    "a page of another site": ("/rooms/1", OTHER_SITE, 403),
    "a page of another port": ("/rooms/1", {"origin": "http://testserver:8080"}, 403),
    "no origin at all": ("/rooms/1", {"origin": "null"}, 403),
    "no host": ("/rooms/1", {"host": ""}, 400),
}


@each("name", REFUSED)
def test_a_refused_handshake_is_an_ordinary_response(protocol: ProtocolName, name: str) -> None:
    target, headers, status = REFUSED[name]

    assert refusal(Client(refusing_app(), protocol=protocol), target, headers=headers) == status


def test_pages_of_this_site_and_programs_may_open_it_and_others_where_the_route_says_so(protocol: ProtocolName) -> None:
    client = Client(refusing_app(), protocol=protocol)

    for origin in ("http://testserver", "http://testserver:80", "https://testserver", "https://testserver:443"):
        assert client.websocket("/rooms/1", headers={"origin": origin}).receive() == "come in"
    assert client.websocket("/rooms/1").receive() == "come in"
    assert closing(client.websocket("/open", headers=OTHER_SITE)).code == code_told(protocol, 1000)


def test_a_refusal_has_its_problem_document_where_the_protocol_lets_it() -> None:
    with pytest.raises(HandshakeRefusedError) as caught:
        Client(refusing_app()).websocket("/rooms/7")

    assert caught.value.response.json()["detail"] == "There is no room 7."
    assert caught.value.response.headers["content-type"] == "application/problem+json"


@each("protocol", ["asgi", "rsgi", "wsgi"])
def test_a_get_is_told_that_there_is_a_websocket(protocol: Any) -> None:
    client = Client(refusing_app(), protocol=protocol)

    told = client.get("/rooms/1")

    assert (told.status_code, told.headers["upgrade"]) == (426, "websocket")
    assert client.get("/both").text == "both"
    assert (client.post("/rooms/1").status_code, client.post("/rooms/1").headers["allow"]) == (405, "GET, OPTIONS")
    assert "(websocket)" not in client.options("/both").headers["allow"]
    assert client.request("(websocket)", "/rooms/1").status_code == 501


def test_wsgi_has_no_websockets() -> None:
    client = Client(refusing_app(), protocol="wsgi")

    assert refusal(client, "/rooms/1") == 501
    assert refusal(client, "/nothing") == 404


# --- the end --------------------------------------------------------------------------------------------


def test_a_client_that_leaves_ends_the_loop_and_what_it_sent_is_taken(protocol: ProtocolName) -> None:
    taken: list[str] = []

    async def slow(socket: WebSocket[str, str]) -> None:
        async for message in socket:
            await asyncio.sleep(0.02)
            taken.append(message)
        taken.append(f"end {socket.close_code} {socket.close_reason}")

    _, socket = opened(protocol, slow)
    for message in "abc":
        socket.send(message)
    socket.close(4001, "bye")

    assert taken == ["a", "b", "c", "end 4001 bye" if protocol == "asgi" else "end 1005 "]


def test_a_handler_that_only_sends_is_cancelled_when_its_client_leaves(protocol: ProtocolName) -> None:
    ended: list[str] = []

    async def tell(socket: WebSocket[str, str]) -> None:
        await socket.send("first")
        try:
            await asyncio.sleep(60)
        finally:
            ended.append("end")

    _, socket = opened(protocol, tell)
    socket.receive()
    socket.close()

    assert ended == ["end"]


def test_what_ends_a_handler_is_told_by_a_code(protocol: ProtocolName, caplog: pytest.LogCaptureFixture) -> None:
    async def end(socket: WebSocket[str, str]) -> None:
        match await socket.receive():
            case "close":
                await socket.close(4321, "é" * 100)
            case "gone":
                raise NotFoundError("The room is gone.")
            case "mistake":
                raise KeyError("x")
            case _:
                pass

    ends = {}
    for word in ("close", "gone", "mistake", "nothing"):
        _, socket = opened(protocol, end)
        socket.send(word)
        ends[word] = closing(socket)

    assert [ends[word].code for word in ends] == [code_told(protocol, code) for code in (4321, 4404, 1011, 1000)]
    if protocol == "asgi":
        assert (ends["close"].reason, ends["gone"].reason, ends["mistake"].reason) == ("é" * 61, "The room is gone.", "")
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


def test_nothing_can_be_sent_once_it_is_closed(protocol: ProtocolName) -> None:
    told: list[Any] = []

    async def late(socket: WebSocket[str, str]) -> None:
        await socket.receive()
        await socket.close()
        for again in (socket.send("x"), socket.receive()):
            try:
                await again
            except SocketClosedError as error:
                told.append(error.code)
        await socket.close(4000)

    _, socket = opened(protocol, late)
    socket.send("x")

    assert closing(socket).code == code_told(protocol, 1000)
    assert told == [1000, 1000]


def test_codes_and_answers_that_make_no_sense_are_refused_with_the_cure() -> None:
    told: list[str] = []

    async def wrong(socket: WebSocket[str, str]) -> None:
        for attempt in (
            socket.close(1006),
            socket.close(999),
            socket.accept(subprotocol="chat"),
            socket.accept(headers={"Sec-WebSocket-Protocol": "chat"}),
        ):
            try:
                await attempt
            except ValueError as error:
                told.append(str(error))
        await socket.accept()
        try:
            await socket.accept()
        except RuntimeError as error:
            told.append(str(error))

    opened("asgi", wrong)

    assert [next(word for word in line.split() if word in KEY_WORDS) for line in told] == [
        "1006", "999", "subprotocol", "server's", "already:",
    ]  # fmt: skip


KEY_WORDS = {"1006", "999", "subprotocol", "server's", "already:"}


def test_an_answer_that_was_refused_leaves_nothing_behind() -> None:
    async def insists(socket: WebSocket[str, str]) -> None:
        with pytest.raises(ValueError, match="server's own"):
            await socket.accept(headers={"sec-websocket-protocol": "evil"})
        with pytest.raises(ValueError, match="did not name"):
            await socket.accept(subprotocol="evil")
        await socket.accept(headers={"x-room": "7"})

    _, socket = opened("asgi", insists)

    assert dict(socket.headers) == {"x-room": "7"}
    assert socket.subprotocol is None


def test_two_tasks_may_not_receive_at_once() -> None:
    async def twice(socket: WebSocket[str, str]) -> None:
        first = asyncio.ensure_future(socket.receive())
        await asyncio.sleep(0)
        try:
            await socket.receive()
        except RuntimeError as error:
            await socket.send(str(error))
        await first

    _, socket = opened("asgi", twice)

    assert "Two tasks" in str(socket.receive())


def test_what_comes_from_elsewhere_is_sent_while_messages_are_taken(protocol: ProtocolName) -> None:
    closed: list[bool] = []

    async def ticks() -> AsyncIterator[str]:
        try:
            while True:
                yield "tick"
                await asyncio.sleep(0.001)
        finally:
            closed.append(True)

    async def both(socket: WebSocket[str, str]) -> None:
        async with socket.sending(ticks()):
            async for message in socket:
                await socket.send(message)

    _, socket = opened(protocol, both)
    socket.send("said")
    seen = {socket.receive() for _ in range(200)}
    socket.close()

    assert seen == {"tick", "said"}
    assert closed == [True]


def test_an_iterator_that_ends_or_fails_closes_the_websocket() -> None:
    async def few(fails: bool) -> AsyncIterator[str]:
        yield "one"
        if fails:
            raise KeyError("x")

    def handler(fails: bool) -> Callable[..., Any]:
        async def tell(socket: WebSocket[str, str]) -> None:
            async with socket.sending(few(fails)):
                async for _ in socket:
                    pass

        return tell

    codes = [closing(opened("asgi", handler(fails))[1]).code for fails in (False, True)]

    assert codes == [1000, 1011]


# --- the handshake --------------------------------------------------------------------------------------


def test_the_best_subprotocol_of_both_is_agreed_on() -> None:
    async def tell(socket: WebSocket[str, str]) -> None:
        await socket.send(f"{socket.subprotocol}")

    app = App()
    app.websocket("/", subprotocols=["v2.chat", "v1.chat"])(tell)
    client = Client(app)

    agreed = {asked: client.websocket("/", subprotocols=asked) for asked in (("v1.chat", "v2.chat"), ("v1.chat",), ("v3",), ())}

    assert [socket.subprotocol for socket in agreed.values()] == ["v2.chat", "v1.chat", None, None]
    assert [socket.receive() for socket in agreed.values()] == ["v2.chat", "v1.chat", "None", "None"]


def test_sessions_and_fields_of_the_answer_are_those_of_any_request() -> None:
    app = App(secret_keys=[secrets.token_hex(32)])

    @app.websocket("/")
    async def count(session: Session, socket: WebSocket[str, str]) -> None:
        session["opened"] = session.get("opened", 0) + 1
        await socket.accept(headers={"x-room": "7"})
        await socket.send(str(session["opened"]))

    client = Client(app)
    first, second = client.websocket("/"), client.websocket("/")

    assert (first.receive(), second.receive()) == ("1", "2")
    assert first.headers["x-room"] == "7"


def test_middleware_sees_the_answer_and_providers_last_to_the_end(protocol: ProtocolName) -> None:
    order: list[str] = []
    app = App()

    @app.provider
    async def shelf() -> AsyncIterator[Shelf]:
        yield Shelf()
        order.append("shelf closed")

    async def watch(request: Request, respond: Any) -> Response:
        response: Response = await respond(request)
        order.append(f"{request.method} {response.status_code}")
        return response

    app.use(watch)

    @app.websocket("/")
    async def use(shelf: Shelf, socket: WebSocket[str, str]) -> None:
        await socket.send("open")
        await socket.receive()
        order.append("received")

    socket = Client(app, protocol=protocol).websocket("/")
    socket.receive()
    socket.send("x")
    socket.close()

    assert order == ["GET 101", "received", "shelf closed"]


def test_a_middleware_that_answers_otherwise_ends_the_handler(protocol: ProtocolName) -> None:
    ended: list[bool] = []
    app = App()

    async def refuse(request: Request, respond: Any) -> Response:
        await respond(request)
        return Response(status=429)

    app.use(refuse)

    @app.websocket("/")
    async def wait(socket: WebSocket[str, str]) -> None:
        try:
            await socket.accept()
        finally:
            ended.append(True)

    assert refusal(Client(app, protocol=protocol), "/") == 429
    assert ended == [True]


def test_groups_and_their_guards_hold_for_websockets(protocol: ProtocolName) -> None:
    rooms = Group("/rooms", guards=[Guard(nobody)], compress=False, requires_precondition=True)

    @rooms.websocket("/{room}")
    async def room(room: int, socket: WebSocket[str, str]) -> None: ...

    app = App()
    app.include(rooms)

    assert refusal(Client(app, protocol=protocol), "/rooms/1") == 401


# --- mistakes -------------------------------------------------------------------------------------------


def plain(socket: WebSocket[str, str]) -> None: ...
async def without() -> None: ...
async def returning(socket: WebSocket[str, str]) -> int:
    return 1


async def unreadable(socket: WebSocket[object | Said, str]) -> None: ...
async def with_body(socket: WebSocket[str, str], said: Said) -> None: ...


MISTAKES: dict[str, tuple[Callable[..., Any], str]] = {
    "it cannot wait": (plain, "async def"),
    "nobody takes it": (without, "socket: WebSocket[str, str]"),
    "a value is returned": (returning, "await socket.send(value)"),
    "a body": (with_body, "Annotated[Said, Body()]"),
}


@each("name", MISTAKES)
def test_mistakes_are_refused_at_start_up_with_the_cure(name: str) -> None:
    handler, cure = MISTAKES[name]
    app = App()
    app.websocket("/")(handler)

    with pytest.raises(FreezeError, match=cure.replace("[", r"\[").replace("]", r"\]").replace("(", r"\(").replace(")", r"\)")):
        app.freeze()


def test_a_get_handler_has_no_websocket() -> None:
    app = App()

    @app.get("/")
    async def page(socket: WebSocket[str, str]) -> str:
        return ""

    with pytest.raises(FreezeError, match=r"@app\.websocket"):
        app.freeze()
