"""Streams: closed when their client leaves, cut when they fail, held back by a client that does not read."""

from __future__ import annotations

import socket
import time

import pytest

from tests.rows import each
from tests.servers.running import Server, eventually
from tests.servers.wire import ask, connect, head, send

SOURCES = pytest.mark.parametrize("source", ["async", "sync"])
# They end a chunked body as if it were whole; only a length that is not kept shows.
HIDES_TRUNCATION = {"granian-rsgi", "granian-wsgi"}


@SOURCES
@each("handler", ["async", "sync"])
def test_a_stream_is_closed_when_its_client_leaves(server: Server, handler: str, source: str) -> None:
    before = len(server.journal)
    with connect(server.port) as connection:
        connection.sendall(head(f"GET /stream/{handler}/{source}?count=100000&pause=0.01 HTTP/1.1"))
        wait_for(b"word 0", connection)

    assert eventually(lambda: len(server.journal) >= before + 2)
    assert server.journal[before:] == ["stream closed", "ladder put away"]


def test_a_silent_stream_is_closed_when_its_client_leaves_where_the_server_tells(server: Server) -> None:
    if server.name in {"h2corn", "granian-wsgi", "gunicorn"}:
        pytest.skip("the server learns that a client left when it writes, and there is nothing to write")
    before = len(server.journal)
    with connect(server.port) as connection:
        connection.sendall(head("GET /stream/async/async?count=2&pause=60 HTTP/1.1"))
        wait_for(b"word 0", connection)

    assert eventually(lambda: server.journal[before:] == ["stream closed", "ladder put away"])


@SOURCES
def test_a_failure_midway_cuts_the_connection_and_is_logged_once(server: Server, source: str) -> None:
    logged, before = failures_in(server.log), len(server.journal)

    answer = send(server.port, head(f"GET /broken/{source} HTTP/1.1"))

    assert (answer.status, answer.body) == (200, b"word 0\n")
    assert answer.whole == (server.name in HIDES_TRUNCATION)
    assert server.journal[before:] == ["stream closed", "ladder put away"]
    assert eventually(lambda: failures_in(server.log) > logged)
    assert failures_in(server.log) == logged + 1


def wait_for(word: bytes, connection: socket.socket) -> None:
    """Read until something has come."""
    received = b""
    while word not in received:
        chunk = connection.recv(1_000)
        assert chunk, received
        received += chunk


def failures_in(log: str) -> int:
    """How often the stream's failure was logged; over WSGI it is the cause of another error, which not every server shows."""
    return log.count("ConnectionResetError: midway") or log.count("ConnectionResetError('midway')")


@SOURCES
def test_a_failure_midway_shows_everywhere_if_the_length_was_announced(server: Server, source: str) -> None:
    answer = send(server.port, head(f"GET /broken/{source}?length=100 HTTP/1.1"))

    assert (answer.status, answer.whole) == (200, False)


@each("length", [5, 30])
def test_a_stream_that_breaks_its_length_never_looks_whole(server: Server, length: int) -> None:
    try:
        answer = ask(server.port, f"/stream/async/async?length={length}")
    except ConnectionError:
        return

    assert answer.status == 500 or not answer.whole


def test_a_client_that_does_not_read_holds_a_stream_back(server: Server) -> None:
    before = len(server.journal)

    def taken() -> int:
        """How many megabytes the server has taken from the stream, of 24."""
        return sum(line.startswith("flood") for line in server.journal[before:])

    with connect(server.port, buffer=4_096) as connection:
        connection.sendall(head("GET /flood HTTP/1.1"))
        if server.name == "granian-rsgi":
            assert eventually(lambda: taken() == 24), "RSGI takes whatever it is given"
        else:
            time.sleep(0.3)
            assert taken() < 8
        answer = ask(server.port, "/text")

    assert answer.status == 200
    assert eventually(lambda: "stream closed" in server.journal[before:])
