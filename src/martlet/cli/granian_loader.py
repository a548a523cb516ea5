"""What Granian leaves to us at its end: in WSGI workers to hear SIGTERM at all, in its first process to pass on a second signal.

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
from typing import Any, Final

from martlet.adapters import ServerEntry
from martlet.adapters.stopping.signals import STOP_SIGNALS, hold_back, let_through, listen

LATE_SECONDS: Final = 4.0  # behind the deadline, for what was cancelled on the loop
log: Final = logging.getLogger("martlet.stop")


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
