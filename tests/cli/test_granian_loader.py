"""What Granian's first process waits for: whatever moment a signal comes at, it is noticed."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator

import pytest

from martlet.cli.granian_loader import Notice


@pytest.fixture
def notice() -> Iterator[Notice]:
    kept = signal.getsignal(signal.SIGTERM)
    notice = Notice()
    signal.signal(signal.SIGTERM, lambda *_: notice.set())
    yield notice
    signal.signal(signal.SIGTERM, kept)


def test_a_signal_that_does_not_wake_the_main_thread_is_noticed(notice: Notice) -> None:
    def send() -> None:
        time.sleep(0.05)  # the main thread waits by now, or finds it set
        signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
        time.sleep(2)  # a thread that ends would wake it

    threading.Thread(target=send, daemon=True).start()
    notice.wait()

    assert notice.is_set()


def test_what_is_set_before_the_wait_and_cleared_after_it_is_waited_for_anew(notice: Notice) -> None:
    signal.raise_signal(signal.SIGTERM)
    notice.wait()
    notice.clear()
    threading.Timer(0.05, notice.set).start()
    began = time.monotonic()
    notice.wait()

    assert time.monotonic() - began >= 0.04
