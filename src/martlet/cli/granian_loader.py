"""How an application in Granian's WSGI workers hears SIGTERM: the worker puts its own handler in the place of any other.

A signal also writes a byte to the process's wake-up descriptor, whoever handles it. A thread reads there.
"""

from __future__ import annotations

import signal
import socket
import threading
from typing import Any

from martlet.adapters import ServerEntry


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
    """Tell the application; and wake the main thread, which waits for the signal and may not be the one that it came to."""
    number = told.recv(1)
    while number and number[0] != signal.SIGTERM:
        number = told.recv(1)
    app.tell_stop()
    main = threading.main_thread().ident
    if main is not None and telling.fileno() >= 0:
        signal.pthread_kill(main, signal.SIGTERM)
