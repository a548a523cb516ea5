"""Mounted applications, work after answers, root paths and early hints, on each server."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from tests.servers.running import COMMANDS, Server, eventually, start_below
from tests.servers.wire import ask

# How each server is told of a root path. Over RSGI it cannot be; gunicorn is told by a field of the request.
ROOT_PATHS = {
    "granian-asgi": "--url-path-prefix /shop",
    "granian-wsgi": "--url-path-prefix /shop",
    "uvicorn": "--root-path /shop",
    "hypercorn": "--root-path /shop",
    "h2corn": "--root-path /shop",
}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Server]]:
    yield from start_below(ROOT_PATHS, tmp_path_factory.mktemp("told"))


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("mount", ["asgi", "wsgi"])
def test_bodies_pass_through_a_mount(name: str, mount: str, below: dict[str, Server]) -> None:
    body = bytes(range(256)) * 2_000

    whole = ask(below[name].port, f"/{mount}/a%20b", method="POST", body=body)
    pieces = ask(below[name].port, f"/{mount}/", method="POST", body=[body[:100_000], body[100_000:]])

    path = "/asgi/a b" if mount == "asgi" else "/a b"
    assert (whole.status, whole.all("x-root"), whole.body) == (200, [f"/{mount}"], body + path.encode())
    assert pieces.body == body + path.removesuffix("a b").encode()


@pytest.mark.parametrize("name", COMMANDS)
def test_a_mount_is_told_that_its_client_has_left(name: str, below: dict[str, Server]) -> None:
    server = below[name]
    before = server.journal.count("mount left")
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as client:
        client.sendall(b"GET /asgi/endless HTTP/1.1\r\nHost: example.org\r\n\r\n")
        assert client.recv(10_000)

    assert eventually(lambda: server.journal.count("mount left") == before + 1, 20)


@pytest.mark.parametrize("path", ["/after", "/after/plain"])
@pytest.mark.parametrize("name", COMMANDS)
def test_work_is_done_after_the_answer(name: str, path: str, below: dict[str, Server]) -> None:
    server, line = below[name], path[1:].replace("/", " ")
    before = server.journal.count(line)

    answer = ask(server.port, path)

    assert answer.body == b"answered"
    assert server.journal.count(line) == before
    assert eventually(lambda: server.journal.count(line) == before + 1)


@pytest.mark.parametrize("name", COMMANDS)
def test_hints_are_sent_where_the_server_can(name: str, below: dict[str, Server]) -> None:
    with socket.create_connection(("127.0.0.1", below[name].port), timeout=10) as client:
        client.sendall(b"GET /hints HTTP/1.1\r\nHost: example.org\r\nConnection: close\r\n\r\n")
        received = b"".join(iter(lambda: client.recv(10_000), b""))

    # hypercorn can over HTTP/2
    assert received.startswith(b"HTTP/1.1 103 ") == received.endswith(b"true") == (name == "gunicorn")


@pytest.mark.parametrize("name", ROOT_PATHS)
def test_a_server_tells_the_root_path(name: str, told: dict[str, Server]) -> None:
    place = "/place" if name in {"uvicorn", "hypercorn", "h2corn"} else "/shop/place"

    assert ask(told[name].port, place).json() == ["/shop", "/place", "/shop/place"]
