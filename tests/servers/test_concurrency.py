"""Many requests at once: slow ones do not hold up quick ones."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from tests.servers.running import Server
from tests.servers.wire import ask

SLOW = 20


def test_blocking_handlers_do_not_hold_up_an_async_one(server: Server) -> None:
    with ThreadPoolExecutor(SLOW) as clients:
        begun = time.monotonic()
        slow = [clients.submit(ask, server.port, "/slow") for _ in range(SLOW)]
        time.sleep(0.1)
        quick_begun = time.monotonic()
        quick = ask(server.port, "/waits")
        quick_seconds = time.monotonic() - quick_begun
        still_running = not any(future.done() for future in slow)
        answers = [future.result().body for future in slow]
        seconds = time.monotonic() - begun

    assert quick.body == b"waited"
    assert still_running
    assert quick_seconds < 0.4
    assert answers == [b"slow"] * SLOW
    assert seconds < 0.6 * 4, "they run side by side"
