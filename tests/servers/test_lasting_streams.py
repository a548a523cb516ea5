"""Streams that last, on real servers: kept alive, sent away where a server would hoard them, closed where nobody reads."""

from __future__ import annotations

import pytest

from martlet.testing import read_events
from tests.servers.running import Server, eventually
from tests.servers.wire import ask, connect, head

OVER_WSGI = {"granian-wsgi", "gunicorn"}
EVENTS = {"accept": "text/event-stream"}


def test_a_stream_that_waits_says_that_it_lives(server: Server) -> None:
    with connect(server.port) as connection:
        connection.sendall(head("GET /ticks HTTP/1.1"))
        received = b""
        while b"data: one\n\n" not in received or b":\n\n" not in received:
            chunk = connection.recv(1_000)
            assert chunk, received
            received += chunk


def test_a_client_that_comes_back_misses_nothing_and_gets_nothing_twice(server: Server) -> None:
    ids = list[str]()
    times = 0
    while len(ids) < 1_000:
        last = {"last-event-id": ids[-1]} if ids else {}
        events = read_events(ask(server.port, "/numbers", headers={**EVENTS, **last}).body)
        ids += [event.id for event in events if event.event != "reconnect"]
        times += 1
        assert times < 20

    assert ids == [str(number) for number in range(1_000)]
    assert (times > 1) == (server.name == "granian-rsgi")


@pytest.mark.slow
def test_a_client_that_does_not_read_is_let_go(server: Server) -> None:
    if server.name in OVER_WSGI:
        pytest.skip("the server's thread waits for the client, and only the server can end that")
    before = len(server.journal)
    with connect(server.port, buffer=10_000) as connection:
        connection.sendall(head("GET /endless HTTP/1.1"))
        assert eventually(lambda: "stream closed" in server.journal[before:], 30)
