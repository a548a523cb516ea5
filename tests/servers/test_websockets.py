"""WebSockets on real servers, as a client of another project sees them; what a server does by itself is named in its table."""

from __future__ import annotations

import socket as sockets
import struct
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar, cast

import pytest
from msgspec import json, msgpack
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.servers.running import Server, eventually
from tests.servers.wire import ask

T = TypeVar("T")
# By the name of a run: the server, and its options.
RUNS = {
    "granian-asgi": ("granian-asgi", ""),
    "granian-rsgi": ("granian-rsgi", ""),
    "uvicorn-wsproto": ("uvicorn", "--ws wsproto"),
    "uvicorn": ("uvicorn", ""),
    "hypercorn": ("hypercorn", ""),
    "h2corn": ("h2corn", ""),
    "gunicorn": ("gunicorn", ""),
}
CARRYING = [name for name in RUNS if name != "gunicorn"]


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Server]]:
    """All of them, started together."""
    folder = tmp_path_factory.mktemp("sockets")
    servers = {name: Server(kind, folder / name, "sockets:app", options) for name, (kind, options) in RUNS.items()}
    try:
        for server in servers.values():
            server.wait()
        yield servers
    finally:
        for server in servers.values():
            server.kill()


@pytest.fixture(params=CARRYING)
def carrying(request: pytest.FixtureRequest, started: dict[str, Server]) -> tuple[str, Server]:
    """One that carries WebSockets, by its name."""
    return request.param, started[request.param]


def opened(server: Server, path: str, **options: Any) -> ClientConnection:
    """Open one, without compression, whose sizes are then known, and without pings, which a machine under load answers late."""
    known: Any = {"compression": None, "open_timeout": 30, "max_size": 2**23, "ping_interval": None, **options}
    return cast("ClientConnection", connect(f"ws://127.0.0.1:{server.port}{path}", **known))


def raw_opened(server: Server, path: str) -> sockets.socket:
    """Ask for one on a connection that does what the test says, and nothing else."""
    raw = sockets.create_connection(("127.0.0.1", server.port), 30)
    raw.sendall(
        f"GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\n"
        "sec-websocket-version: 13\r\nsec-websocket-key: bWFydGxldCB0ZXN0cyBpdA==\r\n\r\n".encode()
    )
    return raw


def code_of(socket: ClientConnection) -> int:
    """Take what is left, and give the code that it was closed with."""
    try:
        while True:
            socket.recv(30)
    except ConnectionClosed as closed:
        return 1006 if closed.rcvd is None else closed.rcvd.code


def code_told(name: str, code: int) -> int:
    """RSGI has no codes."""
    return 1005 if name == "granian-rsgi" else code


def journaled(server: Server, found: Callable[[list[str]], T]) -> T:
    """Wait for something in the journal."""
    return eventually(lambda: found(server.journal), 10)  # type: ignore[no-any-return]


Carrying = tuple[str, Server]


def test_text_and_bytes_come_back_as_they_were(carrying: Carrying) -> None:
    with opened(carrying[1], "/echo") as socket:
        for message in ("", "né", b"\x00\xff", "é" * 500_000, bytes(1024 * 1024)):
            socket.send(message)
            assert socket.recv(30) == message


# It has the whole message, and keeps it until the client sends more; an application of plain ASGI shows the same.
HOLDING_FRAGMENTS = {"h2corn"}


def test_fragments_come_as_one_message(carrying: Carrying) -> None:
    name, server = carrying

    if name in HOLDING_FRAGMENTS:
        return
    with opened(server, "/echo") as socket:
        socket.send(["in ", "three ", "parts"])
        socket.send([b"a", b"b"])
        assert (socket.recv(30), socket.recv(30)) == ("in three parts", b"ab")


def test_messages_are_values_of_the_types_that_are_named(carrying: Carrying) -> None:
    with opened(carrying[1], "/typed") as socket:
        socket.send('{"type": "said", "text": "Hello"}')
        socket.send(msgpack.encode({"type": "moved", "by": 3}))
        assert [json.decode(socket.recv(30)) for _ in range(2)] == [{"text": "Hello"}, {"text": "by 3"}]
        socket.send('{"type": "sold"}')
        assert code_of(socket) == code_told(carrying[0], 1007)


def test_a_message_beyond_the_bound_closes(carrying: Carrying) -> None:
    with opened(carrying[1], "/small") as socket:
        socket.send(bytes(1_000))
        assert len(socket.recv(30)) == 1_000
        socket.send(bytes(1_001))
        assert code_of(socket) == code_told(carrying[0], 1009)


STATUS_ONLY = {"granian-rsgi"}


def test_a_refusal_has_its_status_and_its_body_where_the_server_can(carrying: Carrying) -> None:
    name, server = carrying

    with pytest.raises(InvalidStatus) as caught:
        opened(server, "/rooms/12")

    assert caught.value.response.status_code == 404
    assert (b"There is no room 12." in (caught.value.response.body or b"")) == (name not in STATUS_ONLY)
    with pytest.raises(InvalidStatus) as foreign:
        opened(server, "/echo", origin="https://evil.example")
    assert foreign.value.response.status_code == 403


def test_the_best_subprotocol_is_agreed_on(carrying: Carrying) -> None:
    name, server = carrying

    if name == "granian-rsgi":
        return  # has none; a client that insists would leave
    with opened(server, "/spoken", subprotocols=["v1.chat", "v2.chat"]) as socket:
        assert (socket.subprotocol, socket.recv(30)) == ("v2.chat", "v2.chat")


WITHOUT_FIELDS = {"granian-asgi", "granian-rsgi"}  # Granian takes none over ASGI either


def test_fields_of_the_answer_and_cookies_arrive(carrying: Carrying) -> None:
    name, server = carrying

    with opened(server, f"/silent/{name}") as socket:
        assert socket.response is not None
        told = socket.response.headers.get("set-cookie"), socket.response.headers.get("x-name")
    assert told == ((None, None) if name in WITHOUT_FIELDS else ("seen=1", name))


def test_codes_and_reasons_go_to_the_client(carrying: Carrying) -> None:
    name, server = carrying

    for code in (1000, 4321):
        with opened(server, f"/closing/{code}") as socket:
            socket.send("x")
            assert code_of(socket) == code_told(name, code)
            assert socket.close_reason == ("" if name == "granian-rsgi" else "né")
    with opened(server, "/failing") as socket:
        socket.send("x")
        assert code_of(socket) == code_told(name, 1011)


# What a server tells of a client that closed with 4001 and "bye".
TOLD_LEAVING = {"granian-asgi": "4001", "granian-rsgi": "1005", "hypercorn": "1006"}


def test_codes_and_reasons_come_from_the_client_behind_what_it_sent(carrying: Carrying) -> None:
    name, server = carrying
    before = len(server.journal)

    with opened(server, "/leaving/polite") as socket:
        for word in "abc":
            socket.send(word)
        socket.close(4001, "bye")

    assert journaled(server, lambda lines: "released /leaving/polite" in lines[before:])
    told = [line for line in server.journal[before:] if line.startswith("polite")]
    assert told[:3] == ["polite said a", "polite said b", "polite said c"]
    assert told[3] == f"polite left with {TOLD_LEAVING.get(name, '4001 bye')}"


DEAF = {"h2corn"}  # sees it with the ping after a minute, whose answer it awaits for another half


def test_a_connection_that_breaks_ends_the_handler(carrying: Carrying) -> None:
    name, server = carrying
    if name in DEAF:
        return
    before = len(server.journal)

    with raw_opened(server, "/leaving/broken") as raw:
        raw.recv(1_000)
        raw.sendall(b"\x81\x84\x00\x00\x00\x00here")  # a mask of zeros
        assert journaled(server, lambda lines: "broken said here" in lines[before:])
        raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_LINGER, struct.pack("ii", 1, 0))

    assert journaled(server, lambda lines: "released /leaving/broken" in lines[before:])
    assert any(line.startswith("broken left with 100") for line in server.journal[before:])


def test_a_ping_is_answered_by_the_server(carrying: Carrying) -> None:
    with opened(carrying[1], "/echo") as socket:
        assert socket.ping(b"hello").wait(30)


def test_a_client_that_reads_nothing_holds_send_back(carrying: Carrying) -> None:
    name, server = carrying
    before = len(server.journal)

    with raw_opened(server, f"/flood/{name}"):
        time.sleep(1)
        sent = settled(lambda: len(server.journal[before:]))
        assert sent * 16 * 65_536 <= 16 * 2**20
    assert journaled(server, lambda lines: f"{name} ended" in lines[before:])


def settled(count: Callable[[], int]) -> int:
    """Wait until a number stays."""
    last, deadline = -1, time.monotonic() + 30
    while (now := count()) != last and time.monotonic() < deadline:
        last = now
        time.sleep(0.5)
    return now


def test_a_get_is_told_that_there_is_a_websocket(started: dict[str, Server]) -> None:
    for name in RUNS:
        answer = ask(started[name].port, "/echo")
        assert answer.status == 426, name


def test_wsgi_has_no_websockets(started: dict[str, Server]) -> None:
    with pytest.raises(InvalidStatus) as caught:
        opened(started["gunicorn"], "/echo")
    assert caught.value.response.status_code == 501
