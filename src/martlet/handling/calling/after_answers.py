"""What goes on after answers: each request's work in its order, every failure told once, all of it waited for at the end."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Sequence
from concurrent.futures import Executor

from martlet.adapters import CLIENT_LEFT
from martlet.messages import AfterTask, Draining, Request

log = logging.getLogger("martlet.errors")


class AfterRunner:
    """Does the work that handlers left for after their answers, on the loop of the app."""

    def __init__(self, threads: Executor, draining: Draining) -> None:
        """threads: for plain functions. draining: tells how long `drain` waits."""
        self._threads = threads
        self.draining = draining
        self._running: set[asyncio.Task[None]] = set()
        self.loop: asyncio.AbstractEventLoop | None = None  # the one that the last work was begun on

    def begin(self, request: Request, status_code: int) -> None:
        """Begin the work that a request left, and do not wait for it; on the loop, after the answer has been sent."""
        tasks = request.extras.after
        line = f"{request.method} {ascii(request.path)[1:-1]}"
        if status_code >= 500:
            log.warning("%s was answered %d, so this is not done: %s.", line, status_code, _names(tasks))
            tasks = []
        elif status_code == CLIENT_LEFT:
            log.warning("%s was not answered, since its client had left, so this is not done: %s.", line, _names(tasks))
            tasks = []
        self.loop = asyncio.get_running_loop()
        running = self.loop.create_task(self._do(request, tasks, line))
        self._running.add(running)
        running.add_done_callback(self._running.discard)

    async def drain(self) -> None:
        """Wait until everything is done, but not for ever: what takes too long is ended, and told."""
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=self.draining.seconds_left)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late, timeout=self.draining.seconds)

    def begin_on(self, loop: asyncio.AbstractEventLoop, request: Request, status_code: int) -> None:
        """Begin a request's work from another thread than the loop's."""
        self.loop = loop
        try:
            loop.call_soon_threadsafe(self.begin, request, status_code)
        except RuntimeError:
            log.error("The app has ended, and this after its last answer is not done: %s.", _names(request.extras.after))  # noqa: TRY400

    async def idle(self) -> None:
        """Wait until everything is done, however long it takes; for tests."""
        while self._running:
            await asyncio.wait(self._running)

    async def _do(self, request: Request, tasks: Sequence[AfterTask], line: str) -> None:
        try:
            for number, task in enumerate(tasks):
                try:
                    await self._call(task)
                except asyncio.CancelledError:
                    log.error("%s: the app ends, and this is not done: %s.", line, _names(tasks[number:]))  # noqa: TRY400
                    raise
                except (Exception, SystemExit) as error:
                    log.exception("%s: %s failed after the answer.", line, task.name, exc_info=error)
        finally:
            request.extras.after = []  # so that the request can be let go of
            await request.close()

    async def _call(self, task: AfterTask) -> None:
        loop = asyncio.get_running_loop()
        if inspect.iscoroutinefunction(task.function):
            outcome = task()
        else:
            outcome = await loop.run_in_executor(self._threads, lambda: task.context.run(_called, task))
        if inspect.isawaitable(outcome):  # a plain function may give what an `async def` gives
            await loop.create_task(_awaited(outcome, task), context=task.context)


def _called(task: AfterTask) -> object:
    try:
        return task()
    except StopIteration as error:  # a Future refuses it, and whoever waits would wait for ever
        raise RuntimeError(f"{task.name} raised StopIteration.") from error


async def _awaited(outcome: Awaitable[object], task: AfterTask) -> None:
    try:
        await outcome
    except SystemExit as error:  # which asyncio lets out of a task, and the loop would end
        raise RuntimeError(f"{task.name} raised {error!r}.") from error


def _names(tasks: Sequence[AfterTask]) -> str:
    return ", ".join(task.name for task in tasks)
