"""A thread that owns one connection to a database, and does in one transaction whatever waits for it.

Those who wait share the cost of waking the thread and of the commit, and each gets its answer after the commit. What nobody
waits for any more is not begun.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from asyncio import AbstractEventLoop, Future
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

from martlet.stores.contract import StoreUnavailableError
from martlet.stores.forking import tell_of_forks
from martlet.stores.sqlite_files import explain, inode, is_busy

P = ParamSpec("P")
R = TypeVar("R")

MAX_BATCH: Final = 512  # operations; a commit of as many writes takes some milliseconds


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do with the connection, and who waits for what comes of it."""

    loop: AbstractEventLoop
    future: Future[Any]
    work: Callable[[sqlite3.Connection], Any]

    @property
    def is_awaited(self) -> bool:
        """False after a cancellation, and if the event loop has gone."""
        return not self.future.done() and not self.loop.is_closed()


@dataclass(frozen=True, slots=True)
class Transaction:
    """How a batch begins, and what else is done before its commit."""

    begin: str
    at_end: Callable[[sqlite3.Connection], None] = lambda _: None


Outcome = list[Any] | Exception  # a result for each job, or what all of them get


class BatchThread:
    """Does jobs in batches; begins at the first, and ends with `close`."""

    def __init__(
        self, path: Path, connect: Callable[[], sqlite3.Connection], transaction: Transaction, *, seconds: float
    ) -> None:
        """seconds: how long a job may wait for its result."""
        self._path = path
        self._connect = connect
        self._transaction = transaction
        self._seconds = seconds
        self._starting = threading.Lock()
        self._working = threading.Lock()  # held while the connection is used
        self._jobs: SimpleQueue[Job] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._connection: sqlite3.Connection | None = None
        self._inode: tuple[int, int] | None = None
        self._trouble: Exception | None = None
        tell_of_forks(self)

    async def ask(self, work: Callable[Concatenate[sqlite3.Connection, P], R], *given: P.args, **named: P.kwargs) -> R:
        """Have something done; raises StoreUnavailableError."""
        loop = asyncio.get_running_loop()
        future: Future[R] = loop.create_future()
        timer = loop.call_later(self._seconds, self._give_up, future)
        if self._thread is None:
            self._start()
        self._jobs.put(Job(loop, future, lambda connection: work(connection, *given, **named)))
        try:
            return await future
        finally:
            timer.cancel()

    async def close(self) -> None:
        """Finish what waits, close the connection and end the thread; returns when it has ended."""
        with self._starting:
            thread, self._thread = self._thread, None
        if thread is not None:
            loop = asyncio.get_running_loop()
            ended: Future[None] = loop.create_future()
            self._jobs.put(Job(loop, ended, _end))
            await ended
            thread.join()

    def before_fork(self) -> None:
        """Close the connection: SQLite notes its own locks in memory, and a child would believe that it holds them, too."""
        self._starting.acquire()
        self._working.acquire()
        self._disconnect()

    def after_fork_in_parent(self) -> None:
        """Go on; the next job connects again."""
        self._working.release()
        self._starting.release()

    def after_fork_in_child(self) -> None:
        """Begin anew: the thread and those who wait are the parent's."""
        self._thread = None
        self._jobs = SimpleQueue()
        self._working.release()
        self._starting.release()

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, args=(self._jobs,), name="martlet-store", daemon=True)
                self._thread.start()

    def _run(self, queue: SimpleQueue[Job]) -> None:
        end: Job | None = None
        while end is None:
            jobs: list[Job] = []
            end = _gather(queue, jobs)
            while jobs := [job for job in jobs if job.is_awaited]:
                outcome = self._attempt(jobs)
                if outcome is not None:
                    _deliver(jobs, outcome)
                    break
                end = end or _gather(queue, jobs)
        with self._working:
            self._disconnect()
        _deliver([end], [None])

    def _attempt(self, jobs: list[Job]) -> Outcome | None:
        """Do jobs in one transaction; None if a lock is held elsewhere, and nothing was done."""
        with self._working:
            try:
                return self._transact(jobs)
            except sqlite3.Error as error:
                self._trouble = explain(self._path, error)
                if not is_busy(error):
                    self._disconnect()
                    return self._trouble
                if self._connection is not None and self._connection.in_transaction:
                    self._disconnect()
                return None
            except Exception as error:  # noqa: BLE001  whatever it is, those who wait must learn of it
                self._disconnect()
                return error

    def _transact(self, jobs: list[Job]) -> list[Any]:
        connection = self._current_connection()
        connection.execute(self._transaction.begin)
        # The lock may have come late, and some have given up by now.
        results = [job.work(connection) if job.is_awaited else None for job in jobs]
        self._transaction.at_end(connection)
        connection.execute("COMMIT")
        self._trouble = None
        return results

    def _current_connection(self) -> sqlite3.Connection:
        """Connect at first, and anew if the file was moved away: what is written to that would be lost."""
        if self._connection is not None and self._inode != inode(self._path):
            self._disconnect()
        if self._connection is None:
            self._connection = self._connect()
            self._inode = inode(self._path)
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()  # which rolls back
            self._connection = None

    def _give_up(self, future: Future[Any]) -> None:
        if not future.done():
            reason = "" if self._trouble is None else f" {self._trouble}"
            future.set_exception(StoreUnavailableError(f"{self._path} gave no answer for {self._seconds:g} seconds.{reason}"))


def _end(_: sqlite3.Connection) -> None:
    """Stand for the last job, which is never done."""


def _gather(queue: SimpleQueue[Job], jobs: list[Job]) -> Job | None:
    """Add what waits to the jobs, and wait if they are none; gives the last job of all if it is among it."""
    with suppress(Empty):
        while len(jobs) < MAX_BATCH:
            job = queue.get(block=not jobs)
            if job.work is _end:
                return job
            jobs.append(job)
    return None


def _deliver(jobs: list[Job], outcome: Outcome) -> None:
    """Hand results to those who wait, in one call for each event loop."""
    answers: dict[AbstractEventLoop, list[tuple[Future[Any], Any]]] = defaultdict(list)
    for number, job in enumerate(jobs):
        answers[job.loop].append((job.future, outcome if isinstance(outcome, Exception) else outcome[number]))
    for loop, pairs in answers.items():
        try:
            loop.call_soon_threadsafe(_settle, pairs)
        except RuntimeError:  # the loop was closed
            continue


def _settle(answers: list[tuple[Future[Any], Any]]) -> None:
    for future, answer in answers:
        if future.done():
            continue
        if isinstance(answer, Exception):
            # Each its own: whoever raises one adds his traceback to it.
            future.set_exception(StoreUnavailableError(*answer.args) if isinstance(answer, StoreUnavailableError) else answer)
        else:
            future.set_result(answer)
