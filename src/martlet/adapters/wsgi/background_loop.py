"""One event loop per process for the requests of a WSGI server that may suspend.

It starts with the first request, so after the fork, and ends with the process. How a request crosses: exchange.py.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Callable, Collection, Coroutine
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.util import Finalize
from typing import Any, Final, TypeVar

from martlet.adapters.stopping.stopping import Stopping
from martlet.adapters.wsgi.exchange import REQUEST_TASK
from martlet.messages import Application

T = TypeVar("T")
STOP_SECONDS: Final = 10.0  # for each step of the shutdown at process exit; supervisors kill after 30 as a rule
HEARD: Final = (signal.SIGTERM,)  # the other is a WSGI server's word for at once
log: Final = logging.getLogger("martlet.wsgi")


class BackgroundLoop:
    """The loop of one application in one process, and the application's lifespan on it."""

    def __init__(self, app: Application, stopping: Stopping | None = None) -> None:
        """Stay idle until `start`; stopping: how the application ends, where it is served in other ways too."""
        self._app = app
        self._stopping = stopping or Stopping(app)
        self._running: LoopThread | None = None
        self._pid = 0
        self._exit: AtExit | None = None
        self._changing = threading.Lock()

    @property
    def ready(self) -> bool:
        """Whether the loop runs in this very process; a fork leaves its parent's threads behind."""
        return self._pid == os.getpid()

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The running loop; raises RuntimeError where it has not started, or has ended with the process."""
        running = self._running
        if running is None:
            raise RuntimeError("The background loop does not run: the process has not begun to serve, or it is ending.")
        return running.loop

    def start(self) -> None:
        """Start the loop's thread and the application; raises what the application's start raised. Twice is once."""
        with self._changing:
            if self.ready:
                return
            running = LoopThread()
            try:
                running.result(self._stopping.start())
            except BaseException:
                running.end()
                raise
            self._running, self._pid = running, os.getpid()
            self._exit = AtExit(self.stop)
        self._stopping.listen(HEARD)  # where the server's threads are one, the main one

    def stop(self) -> None:
        """Stop the application and the loop; called at the process's exit. A request still under way fails."""
        with self._changing:
            running, ready = self._running, self.ready
            self._running, self._pid = None, 0
            if self._exit is not None:
                self._exit.forget()
        self._stopping.unlisten()
        if running is None or not ready:
            return
        # The first has its own bound.
        for work, seconds in (
            (self._app.after.drain, None),
            (_end_requests, STOP_SECONDS),
            (self._stopping.stop, STOP_SECONDS),
        ):
            try:
                running.result(work(), seconds)
            except Exception:
                log.exception("The application's shutdown failed.")
        running.end()


class LoopThread:
    """An event loop in a thread of its own."""

    def __init__(self) -> None:
        """Start at once."""
        self.loop = asyncio.new_event_loop()
        # From Python 3.12 on no thread can be started once the process ends, and clean-up may want one: so one is there.
        self._threads = ThreadPoolExecutor(thread_name_prefix="martlet-loop")
        self._threads.submit(int).result()
        self.loop.set_default_executor(self._threads)
        self._thread = threading.Thread(target=self._run, name="martlet-loop", daemon=True)
        self._thread.start()

    def result(self, work: Coroutine[Any, Any, T], seconds: float | None = None) -> T:
        """Run a coroutine on the loop and wait for it; raises TimeoutError after `seconds`."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(seconds)

    def end(self) -> None:
        """Stop the loop and wait until its thread has closed it."""
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(STOP_SECONDS)
        self._threads.shutdown(wait=False)

    def _run(self) -> None:
        running = True
        while running:
            try:
                self.loop.run_forever()
                running = False
            except (SystemExit, KeyboardInterrupt):  # asyncio lets them out of a task, and every other request would hang
                log.exception("A task on the background loop tried to end the process.")
        self.loop.run_until_complete(_cancel_others())
        self.loop.run_until_complete(self.loop.shutdown_asyncgens())
        self.loop.close()


async def _end_requests() -> None:
    """End what is under way; the tasks of a lifespan, as a mounted application has one, go on."""
    await _cancel({task for task in asyncio.all_tasks() if task.get_name() == REQUEST_TASK})


async def _cancel_others() -> None:
    await _cancel(asyncio.all_tasks() - {asyncio.current_task()})


async def _cancel(tasks: Collection[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


class AtExit:
    """A call to come when the process ends, while threads can still be had.

    A hook of atexit comes too late, since thread pools are shut by then, and is skipped in the workers of some servers.
    The first hook here is for servers that fork, the second for those that use multiprocessing.
    """

    def __init__(self, stop: Callable[[], None]) -> None:
        """Register `stop`, which acts once."""
        self._stop: Callable[[], None] | None = stop
        before_threads_end: Callable[[Callable[[], None]], None] | None = getattr(threading, "_register_atexit", None)
        if before_threads_end is not None:
            before_threads_end(self)
        self._finalizer = Finalize(None, self, exitpriority=100)

    def __call__(self) -> None:
        """The process ends."""
        if self._stop is not None:
            self._stop()

    def forget(self) -> None:
        """Keep nothing alive: the first hook cannot be taken back, so that this object stays, and holds nothing."""
        self._stop = None
        self._finalizer.cancel()
