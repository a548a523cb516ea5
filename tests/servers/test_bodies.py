"""Uploads: whole, hostile, broken off; and the server lives on."""

from __future__ import annotations

import socket
import time
from contextlib import suppress

import pytest

from tests.rows import each
from tests.servers.running import Server, eventually
from tests.servers.wire import Answer, ask, connect, head, receive, send

JSON = {"content-type": "application/json"}
OCTETS = "Content-Type: application/octet-stream"
HANDLERS = pytest.mark.parametrize("handler", ["async", "sync"])


def lives(server: Server) -> bool:
    return server.process.poll() is None and ask(server.port, "/text").body == b"text"


def answer_or_cut(data: bytes, server: Server, *, ends: bool = False) -> Answer | None:
    """Send a request that is not one, half-closing if told to; None where the server only closes the connection."""
    with connect(server.port) as connection:
        connection.sendall(data)
        if ends:
            connection.shutdown(socket.SHUT_WR)
        try:
            return receive(connection, method="POST")
        except ConnectionError:
            return None


@each("target", ["/books", "/books/plain"], ids=["async", "sync"])
@each(
    "body",
    [
        pytest.param(b"[" * 200_000, id="brackets"),
        pytest.param(b'{"a":' * 80_000, id="objects"),
        pytest.param(b'{"title":"a","year":1,"unknown":' + b"[" * 200_000, id="in a field that is skipped"),
        pytest.param(b'{"title":"a","year":1,"unknown":' + b"[" * 200_000 + b"]" * 200_000 + b"}", id="closed again"),
    ],
)
def test_deep_json_is_400_and_the_server_lives_on(server: Server, target: str, body: bytes) -> None:
    answer = ask(server.port, target, method="POST", headers=JSON, body=body)

    assert answer.status == 400
    assert "nested too deeply" in answer.json()["detail"]
    assert lives(server)


def test_deep_messagepack_is_400_and_the_server_lives_on(server: Server) -> None:
    answer = ask(
        server.port, "/books/plain", method="POST", headers={"content-type": "application/msgpack"}, body=b"\x91" * 200_000
    )

    assert answer.status == 400
    assert lives(server)


@HANDLERS
@each(
    ("framing", "sent"),
    [
        pytest.param("Content-Length: 1000", b"x" * 100, id="100 of 1000 bytes"),
        pytest.param("Transfer-Encoding: chunked", b"5\r\nhello\r\n", id="chunked, without an end"),
        pytest.param("Transfer-Encoding: chunked", b"9\r\nhello", id="chunked, within a chunk"),
    ],
)
def test_an_upload_whose_client_leaves_is_never_whole(server: Server, handler: str, framing: str, sent: bytes) -> None:
    if server.name == "granian-wsgi" and "chunked" in framing:
        pytest.skip("Granian's wsgi.input ends a broken chunked body as if it were whole, and tells nobody")
    before = len(server.journal)

    with connect(server.port) as connection:
        connection.sendall(head(f"POST /size/{handler} HTTP/1.1", OCTETS, framing, close=False) + sent)
        time.sleep(0.02)  # so that the server has begun to read

    assert lives(server)
    if handler == "async":  # it writes down what it has seen; a plain function is not even called
        eventually(lambda: server.journal[before:], seconds=1)
    assert set(server.journal[before:]) <= {"incomplete"}


@HANDLERS
def test_an_upload_that_is_half_closed_is_400_or_cut(server: Server, handler: str) -> None:
    data = head(f"POST /size/{handler} HTTP/1.1", OCTETS, "Content-Length: 1000") + b"x" * 100
    before = len(server.journal)

    answer = answer_or_cut(data, server, ends=True)

    assert answer is None or answer.status == 400
    assert not any(line.startswith("whole") for line in server.journal[before:])


@HANDLERS
@each(
    "chunks",
    [
        pytest.param(b"5\r\nhello\r\nzz\r\nhello\r\n0\r\n\r\n", id="a size that is none"),
        pytest.param(b"5\r\nhello!!\r\n0\r\n\r\n", id="a chunk longer than its size"),
    ],
)
def test_broken_chunked_framing_is_400_or_cut(server: Server, handler: str, chunks: bytes) -> None:
    if server.name == "granian-wsgi":
        pytest.skip("Granian's wsgi.input ends a broken chunked body as if it were whole, and tells nobody")
    before = len(server.journal)

    answer = answer_or_cut(head(f"POST /size/{handler} HTTP/1.1", OCTETS, "Transfer-Encoding: chunked") + chunks, server)

    assert answer is None or answer.status == 400
    assert not any(line.startswith("whole") for line in server.journal[before:])
    assert lives(server)


@HANDLERS
@each("length", ["abc", "-5", "5, 6", "", "٥", "9" * 40], ids=ascii)
def test_a_length_that_is_none_is_400(server: Server, handler: str, length: str) -> None:
    data = head(f"POST /size/{handler} HTTP/1.1", OCTETS).replace(b"\r\n\r\n", f"\r\nContent-Length: {length}\r\n\r\n".encode())

    answer = answer_or_cut(data + b"hello", server)

    assert answer is None or answer.status == 400 or (answer.status, answer.json()) == (200, {"bytes": 0})
    assert length == "" or answer is None or answer.status == 400


@HANDLERS
@each("announced", [["Trailer: X-Checksum"], []], ids=["announced", "not announced"])
def test_trailers_belong_to_a_whole_body(server: Server, handler: str, announced: list[str]) -> None:
    body = b"5\r\nhello\r\n0\r\nX-Checksum: 7\r\n\r\n"
    framing = ("Transfer-Encoding: chunked", *announced)

    answer = send(server.port, head(f"POST /size/{handler} HTTP/1.1", OCTETS, *framing) + body)

    if server.name == "granian-rsgi" and not announced:  # which looks like a body that broke off
        assert answer.status == 400
    else:
        assert answer.json() == {"bytes": 5}


@HANDLERS
def test_an_upload_without_an_end_is_413(server: Server, handler: str) -> None:
    chunk = b"10000\r\n" + b"x" * 65_536 + b"\r\n"
    with connect(server.port) as connection:
        connection.sendall(head(f"POST /size/{handler} HTTP/1.1", OCTETS, "Transfer-Encoding: chunked"))
        with suppress(ConnectionError):  # refused before all of it is sent
            for _ in range(16):
                connection.sendall(chunk)
        answer = receive(connection, method="POST")

    assert answer.status == 413
    assert lives(server)


def test_a_stream_may_answer_while_the_body_arrives(server: Server) -> None:
    assert ask(server.port, "/shout", method="POST", body=(b"one ", b"two")).body == b"ONE TWO"


def test_a_body_is_asked_for_only_when_it_is_read(server: Server) -> None:
    with connect(server.port) as connection:
        connection.sendall(head("POST /size/async HTTP/1.1", OCTETS, "Content-Length: 5", "Expect: 100-continue"))
        interim = connection.recv(1_000)
        connection.sendall(b"hello")
        answer = receive(connection, method="POST")

    assert interim.startswith(b"HTTP/1.1 100 ")
    assert interim.endswith(b"\r\n\r\n")
    assert answer.json() == {"bytes": 5}
