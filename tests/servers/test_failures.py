"""What no application should do: a 500 for one client, one entry in the log, and the server lives on."""

from __future__ import annotations

from tests.rows import each
from tests.servers.running import Server, eventually
from tests.servers.wire import ask


@each("way", ["async", "sync"])
@each("kind", ["error", "exit", "strange", "cancelled"])
def test_whatever_a_handler_raises_fails_one_request(server: Server, way: str, kind: str) -> None:
    process = server.process.pid

    answer = ask(server.port, f"/fails/{way}/{kind}")

    assert answer.status == 500
    assert ask(server.port, "/waits").body == b"waited"
    assert (server.process.pid, server.process.poll()) == (process, None)
    assert server.journal.count("shelf opened") == 1, "the worker was not replaced"


@each("status", [0, 99, 100, 101, 600, 1000])
def test_a_status_that_was_assigned_wrongly_fails_one_request(server: Server, status: int) -> None:
    answer = ask(server.port, f"/assigned/{status}")

    assert answer.status == 500
    assert ask(server.port, "/text").status == 200
    assert eventually(lambda: f"{status} is no status of a final answer" in server.log)


def test_an_error_is_logged_once(server: Server) -> None:
    before = server.log.count("RuntimeError: on purpose")

    ask(server.port, "/fails/async/error")

    assert eventually(lambda: server.log.count("RuntimeError: on purpose") > before)
    assert server.log.count("RuntimeError: on purpose") == before + 1
