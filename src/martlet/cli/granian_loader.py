"""What Granian leaves to us at its end: in WSGI workers to hear SIGTERM at all, in its first process to hear and pass on signals.

A WSGI worker puts its own handler in the place of any other. But a signal also writes a byte to the process's wake-up
descriptor, whoever handles it; a thread reads there.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
import time
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any, Final

from martlet.adapters import ServerEntry
from martlet.adapters.stopping.signals import STOP_SIGNALS, hold_back, let_through, listen

LOOK_SECONDS: Final = 0.5  # between two looks for a signal that woke nobody
LATE_SECONDS: Final = 4.0  # behind the deadline, for what was cancelled on the loop
log: Final = logging.getLogger("martlet.stop")


class Notice:
    """What Granian's first process waits for, in the place of its `threading.Event`; a signal handler may set it at any moment.

    An Event's lock is not for handlers: one that comes while the wait takes it waits for itself. And Python runs handlers in the
    main thread only, which a signal does not wake that comes just before it waits, or to another thread: so this looks again.
    """

    def __init__(self) -> None:
        """It is not set."""
        self._is_set = False
        self._told = SimpleQueue[None]()

    def is_set(self) -> bool:
        """Whether there is something to do."""
        return self._is_set

    def set(self) -> None:
        """Say that there is something to do."""
        self._is_set = True
        self._told.put(None)

    def clear(self) -> None:
        """It is about to be done."""
        self._is_set = False

    def wait(self) -> None:
        """Wait until there is something to do."""
        while not self._is_set:
            with suppress(Empty):
                self._told.get(timeout=LOOK_SECONDS)


def notice_every_signal(server: Any) -> None:
    """Have the first process heed a signal whatever moment it comes at."""
    server.main_loop_interrupt = Notice()


def end_unready_workers() -> None:
    """Have a signal that comes to a worker before that listens end it at once; from now on, in the processes that this one forks.

    They begin with the handlers of this one, which do nothing there: the signal would be lost, and the worker stay.
    """
    parent = os.getpid()

    def begin() -> None:
        if os.getppid() == parent:
            for number in STOP_SIGNALS:
                signal.signal(number, signal.SIG_DFL)
        let_through()

    os.register_at_fork(before=hold_back, after_in_parent=let_through, after_in_child=begin)


def load_waiting(target: str) -> Any:
    """Load an application in a worker's main thread, and hold signals back until it listens; Granian's loop would lose them."""
    from granian._internal import load_target

    app = load_target(target)
    if isinstance(app, ServerEntry):
        hold_back()
    return app


def load_hearing(target: str) -> Any:
    """Load an application in a worker's main thread, and let it hear SIGTERM."""
    from granian._internal import load_target

    app = load_target(target)
    if isinstance(app, ServerEntry):
        told, telling = socket.socketpair()
        telling.settimeout(0)  # as the interpreter wants it
        signal.set_wakeup_fd(telling.fileno(), warn_on_full_buffer=False)
        threading.Thread(target=_hear, args=(app, told, telling), name="martlet-signals", daemon=True).start()
    return app


def _hear(app: ServerEntry, told: socket.socket, telling: socket.socket) -> None:
    """Tell the application; wake the main thread, which may not be the one that the signal came to; end what does not end."""
    number = told.recv(1)
    while number and number[0] != signal.SIGTERM:
        number = told.recv(1)
    app.tell_stop()
    main = threading.main_thread().ident
    if main is not None and telling.fileno() >= 0:
        signal.pthread_kill(main, signal.SIGTERM)
    time.sleep(app.decide().draining.seconds + LATE_SECONDS)
    log.critical("A handler does not end: the application is shut down without it, and the process ends with status 1.")
    app.__wsgi_del__()
    os._exit(1)


def pass_on_second_signal(server: Any) -> None:
    """In the first process: have a second signal reach the workers, too, whose applications then wait no longer."""
    signals: list[int] = []

    def told(number: int) -> None:
        signals.append(number)
        if len(signals) > 1:
            for worker in server.wrks:
                worker.terminate()

    listen(told)
