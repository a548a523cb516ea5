"""Mounted applications, work after answers, root paths and early hints, on each server."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.servers.running import COMMANDS, STOP_SECONDS, Server, eventually
from tests.servers.wire import ask

# How each server is told of a root path. Over RSGI it cannot be; gunicorn is told by a field of the request.
ROOT_PATHS = {
    "granian-asgi": "--url-path-prefix /shop",
    "granian-wsgi": "--url-path-prefix /shop",
    "uvicorn": "--root-path /shop",
    "hypercorn": "--root-path /shop",
    "h2corn": "--root-path /shop",
}


def start(options: dict[str, str], folder: Path) -> Iterator[dict[str, Server]]:
    servers = {name: Server(name, folder / name, "below:app", added) for name, added in options.items()}
    try:
        for server in servers.values():
            server.wait()
        yield servers
    finally:
        for server in servers.values():
            server.kill()


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Server]]:
    yield from start(dict.fromkeys(COMMANDS, ""), tmp_path_factory.mktemp("below"))


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Server]]:
    yield from start(ROOT_PATHS, tmp_path_factory.mktemp("told"))


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("mount", ["asgi", "wsgi"])
def test_bodies_pass_through_a_mount(name: str, mount: str, started: dict[str, Server]) -> None:
    body = bytes(range(256)) * 2_000

    whole = ask(started[name].port, f"/{mount}/a%20b", method="POST", body=body)
    pieces = ask(started[name].port, f"/{mount}/", method="POST", body=[body[:100_000], body[100_000:]])

    path = "/asgi/a b" if mount == "asgi" else "/a b"
    assert (whole.status, whole.all("x-root"), whole.body) == (200, [f"/{mount}"], body + path.encode())
    assert pieces.body == body + path.removesuffix("a b").encode()


@pytest.mark.parametrize("name", COMMANDS)
def test_a_mount_is_told_that_its_client_has_left(name: str, started: dict[str, Server]) -> None:
    server = started[name]
    before = server.journal.count("mount left")
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as client:
        client.sendall(b"GET /asgi/endless HTTP/1.1\r\nHost: example.org\r\n\r\n")
        assert client.recv(10_000)

    assert eventually(lambda: server.journal.count("mount left") == before + 1, 20)


@pytest.mark.parametrize("path", ["/after", "/after/plain"])
@pytest.mark.parametrize("name", COMMANDS)
def test_work_is_done_after_the_answer(name: str, path: str, started: dict[str, Server]) -> None:
    server, line = started[name], path[1:].replace("/", " ")
    before = server.journal.count(line)

    answer = ask(server.port, path)

    assert answer.body == b"answered"
    assert server.journal.count(line) == before
    assert eventually(lambda: server.journal.count(line) == before + 1)


@pytest.mark.parametrize("name", COMMANDS)
def test_hints_are_sent_where_the_server_can(name: str, started: dict[str, Server]) -> None:
    with socket.create_connection(("127.0.0.1", started[name].port), timeout=10) as client:
        client.sendall(b"GET /hints HTTP/1.1\r\nHost: example.org\r\nConnection: close\r\n\r\n")
        received = b"".join(iter(lambda: client.recv(10_000), b""))

    # hypercorn can over HTTP/2
    assert received.startswith(b"HTTP/1.1 103 ") == received.endswith(b"true") == (name == "gunicorn")


@pytest.mark.parametrize("name", ROOT_PATHS)
def test_a_server_tells_the_root_path(name: str, told: dict[str, Server]) -> None:
    place = "/place" if name in {"uvicorn", "hypercorn", "h2corn"} else "/shop/place"

    assert ask(told[name].port, place).json() == ["/shop", "/place", "/shop/place"]


def begun(server: Server) -> bool:
    return "after begun" in server.journal


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Server]]:
    """Servers that were asked to stop while work after an answer was under way."""
    for servers in start(dict.fromkeys(COMMANDS, ""), tmp_path_factory.mktemp("sigterm")):
        for server in servers.values():
            ask(server.port, "/after/slowly")
            # An answer may be here before its server has come back to what is left to do.
            assert eventually(partial(begun, server), 30), server.log
            server.process.terminate()
        yield servers


@pytest.mark.parametrize("name", COMMANDS)
def test_at_sigterm_work_is_waited_for_and_mounts_are_stopped(name: str, stopped: dict[str, Server]) -> None:
    stopped[name].process.wait(STOP_SECONDS)

    assert stopped[name].journal == ["mount startup", "after begun", "after", "mount shutdown"]
