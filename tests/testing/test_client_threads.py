"""A client's loop runs in a thread of its own, which ends with the client, however that comes."""

import gc
import threading
import time
from collections.abc import Callable

import pytest

from martlet import App, FreezeError
from martlet.testing import Client

LONG = 10.0  # seconds

Ended = Callable[[], bool]


class Shelf:
    """What nothing supplies."""


@pytest.fixture
def ended() -> Ended:
    """Tells whether the threads of the clients that the test has made end."""
    others = set(threading.enumerate())

    def running() -> bool:
        return any(thread.name == "martlet-client" for thread in set(threading.enumerate()) - others)

    def ended() -> bool:
        deadline = time.monotonic() + LONG
        while running() and time.monotonic() < deadline:
            time.sleep(0.001)
        return not running()

    return ended


def test_it_ends_with_the_block(ended: Ended) -> None:
    with Client(App()):
        pass

    assert ended()


def test_it_ends_with_an_application_that_cannot_start(ended: Ended) -> None:
    app = App()

    @app.get("/")
    def show(shelf: Shelf) -> str:
        return str(shelf)

    client = Client(app)
    with pytest.raises(FreezeError), client:
        pass

    assert ended()


def test_it_ends_with_a_client_that_is_forgotten(ended: Ended) -> None:
    client = Client(App())
    del client
    gc.collect()

    assert ended()


def test_it_ends_with_a_client_that_is_collected_on_it(ended: Ended) -> None:
    client = Client(App())
    loop = client._loop  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    gc.disable()
    try:
        circle: list[object] = [client]
        circle.append(circle)  # only the collector finds it
        del client, circle
        loop.call_soon_threadsafe(gc.collect)

        assert ended()
    finally:
        gc.enable()
    assert loop.is_closed()
