"""Many requests at once: those that block a thread do not hold up the others."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from tests.servers.running import Server, eventually
from tests.servers.wire import ask

BLOCKING = 20


def test_blocking_handlers_do_not_hold_up_an_async_one(server: Server) -> None:
    before = server.journal.count("blocked")
    with ThreadPoolExecutor(BLOCKING) as clients:
        try:
            blocking = [clients.submit(ask, server.port, "/blocks") for _ in range(BLOCKING)]
            all_blocked = eventually(lambda: server.journal.count("blocked") - before == BLOCKING)
            quick = ask(server.port, "/waits")
        finally:
            server.open_gate()
        answers = [future.result().body for future in blocking]

    assert all_blocked, "they run side by side"
    assert quick.body == b"waited"
    assert answers == [b"opened"] * BLOCKING
