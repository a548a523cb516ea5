"""The end of one application in one process, from the signal to the shutdown.

The order: the application says that it drains; endless streams end with their last bytes, and then what they read, for whoever
else reads it; requests, and what goes on after answers, finish; at the deadline what is left is cancelled; then the server asks
for the shutdown. Where something takes no cancellation, the process is ended without the server.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from martlet.adapters.stopping.running_requests import description, running_requests
from martlet.adapters.stopping.signals import STOP_SIGNALS, StopSignal, after_rounds, are_held_back, let_through, listen, unlisten
from martlet.messages import Application

CANCEL_SECONDS: Final = 2.0  # for what was cancelled to clean up; twice that, and once more for threads, before the hard end
EXIT_SECONDS: Final = 20.0  # from the application's shutdown to the process's end; if that does not come, it is not to
LISTED: Final = 10  # requests that a line of the log names
log: Final = logging.getLogger("martlet.stop")


class Stopping:
    """How one application comes to its end in this process; it listens for signals from its start to its shutdown."""

    def __init__(self, app: Application) -> None:
        """Hear nothing yet."""
        self._app = app
        self._loop: asyncio.AbstractEventLoop | None = None
        self._heard: list[StopSignal] = []
        self._signals = 0
        self._noted: set[int] | None = None  # signals that came before the loop served
        self._deadline: asyncio.TimerHandle | None = None
        self._ending: asyncio.Task[None] | None = None
        self._stopped = threading.Event()
        self._exiting = threading.Event()

    def listen(self, numbers: tuple[int, ...] = STOP_SIGNALS) -> None:
        """Hear the signals if this is the main thread; a second call adds those that were not heard."""
        self._heard = [*self._heard, *(each for each in listen(self.tell, numbers) if each not in self._heard)]

    def unlisten(self) -> None:
        """Hear no more; the handlers that were there before come back where this is the main thread."""
        unlisten(self.tell, self._heard)
        self._heard = []

    async def start(self) -> None:
        """Start the application on this loop, and listen; raises what its start raised.

        Where signals are held back, the loop stops once more before it serves, and uvloop loses what comes meanwhile: they are
        noted, and raised again once the loop runs on.
        """
        loop = asyncio.get_running_loop()
        if are_held_back():
            self._noted = set()
            self.listen()
            let_through()
        await self._app.lifespan.start()
        self._loop, self._signals, self._ending = loop, 0, None
        self._stopped = threading.Event()
        self._app.open_streams.resume()
        if self._noted is None:
            self.listen()
        else:
            after_rounds(loop, self._raise_noted)

    async def stop(self) -> None:
        """Stop the application, and listen no more; raises what its stop raised."""
        self.begin()
        try:
            if self._loop is not None and (running := running_requests(self._loop)):  # Granian does not wait for WebSockets
                await asyncio.wait(running, timeout=self._app.draining.seconds_left)
            await self._app.lifespan.stop()
            if self._loop is not None:
                await self._end_late(self._loop)  # what the server did not wait for
        finally:
            self._stopped.set()
            if self._deadline is not None:
                self._deadline.cancel()
            self._loop = self._deadline = None
            self.unlisten()

    def begin(self) -> None:
        """Begin to drain, on the loop; a second call does nothing."""
        if self._loop is None or self._deadline is not None:
            return
        self._app.draining.begin()
        self._app.open_streams.drain()
        self._app.draining.tell()
        self._deadline = self._loop.call_later(self._app.draining.seconds_left, self._expire)

    def tell(self, number: int | None = None) -> None:
        """Pass a signal on to the loop; in the main thread, between any two instructions. number: None if no handler told it."""
        if self._noted is not None and number is not None:
            self._noted.add(number)
        elif self._loop is not None:
            with suppress(RuntimeError):  # it is closed
                self._loop.call_soon_threadsafe(self._hear)

    def _raise_noted(self) -> None:
        noted, self._noted = self._noted or (), None
        for number in noted:
            signal.raise_signal(number)

    def _hear(self) -> None:
        self._signals += 1
        if self._signals == 1:
            self.begin()
        elif self._deadline is not None and self._ending is None:
            self._deadline.cancel()
            self._app.draining.hurry()
            self._expire()

    def _expire(self) -> None:
        if self._loop is not None and self._ending is None:
            self._ending = self._loop.create_task(self._end_late(self._loop), name="martlet-stop")

    async def _end_late(self, loop: asyncio.AbstractEventLoop) -> None:
        """Cancel what still runs, once each."""
        cancelled: set[asyncio.Task[Any]] = set()
        while running := running_requests(loop) - cancelled:
            log.warning("The time to finish is over. Cancelled: %s.", _names(running))
            first, cancelled = not cancelled, cancelled | running
            if self._signals and first:
                notice_exit(self._exiting)
                threading.Thread(target=self._end_hard, args=(loop, cancelled), name="martlet-stop", daemon=True).start()
            for task in running:
                task.cancel()
            await asyncio.wait(running, timeout=CANCEL_SECONDS)

    def _end_hard(self, loop: asyncio.AbstractEventLoop, cancelled: set[asyncio.Task[Any]]) -> None:
        """End the process if what was cancelled keeps it from ending; in a thread, which the process does not wait for."""
        self._stopped.wait(2 * CANCEL_SECONDS)
        if all(task.done() for task in cancelled):
            self._stopped.wait()
        elif not self._stopped.is_set():
            log.critical("A request takes no cancellation. The application is shut down without waiting for it.")
            try:
                asyncio.run_coroutine_threadsafe(self._app.lifespan.stop(), loop).result(self._app.draining.seconds)
            except Exception:
                log.exception("The application's shutdown failed.")
        # Once the process ends, Python waits for its threads, and one may be in a handler that blocks.
        if all(task.done() for task in cancelled) and not self._exiting.wait(EXIT_SECONDS):
            return  # the process goes on with something else
        time.sleep(CANCEL_SECONDS)
        log.critical("A request does not end, so the process is ended with status 1.")
        with suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(1)


def notice_exit(exiting: threading.Event) -> None:
    """Set this event when the process begins to end, before it waits for threads; hooks of atexit come behind that."""
    register: Callable[[Callable[[], None]], None] | None = getattr(threading, "_register_atexit", None)
    if register is not None:
        with suppress(RuntimeError):  # it ends already
            register(exiting.set)


def _names(tasks: set[asyncio.Task[Any]]) -> str:
    names = sorted(map(description, tasks))
    more = [f"{len(names) - LISTED} more"] if len(names) > LISTED else []
    return ", ".join([*names[:LISTED], *more])
