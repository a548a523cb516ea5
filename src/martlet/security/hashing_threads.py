"""Threads of their own for work that costs much on purpose, and a bound on how much of it may wait.

Not the app's threads: a flood of logins would take all of them, and every other page with it.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final, ParamSpec, TypeVar

from martlet.http import ServiceUnavailableError

__all__ = ["HashingThreads"]

P = ParamSpec("P")
R = TypeVar("R")

RETRY_SECONDS: Final = 5  # what we ask of a client that came while too many waited; a full queue is worked off by then


class HashingThreads:
    """A bounded pool with a bounded queue; a process that was forked has its own.

    threads: work at once. waiting: tasks that may wait for one of them. blocked: threads of others that may wait.
    """

    def __init__(self, threads: int, waiting: int, blocked: int) -> None:
        """Check the numbers; no thread begins before there is work."""
        for name, number, least in (("threads", threads, 1), ("waiting", waiting, 0), ("blocked", blocked, 0)):
            if type(number) is not int or number < least:
                raise ValueError(f"{name}={number!r:.40} is no bound: write a whole number from {least} on.")
        self._threads: Final = threads
        self._waiting: Final = threads + waiting
        self._blocked: Final = threads + blocked
        self._begin()

    @property
    def under_way(self) -> int:
        """How many calls are being made, or wait."""
        return self._under_way

    def _begin(self) -> None:
        self._process = os.getpid()
        self._lock = threading.Lock()
        self._under_way = 0
        self._executor = ThreadPoolExecutor(self._threads, thread_name_prefix="martlet-hashing")

    async def run(self, call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Await the result; raises ServiceUnavailableError where too many wait already."""
        return await asyncio.wrap_future(self._begun(self._waiting, call, *args, **kwargs))

    def run_now(self, call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Wait for the result in the caller's thread; raises ServiceUnavailableError where too many wait already."""
        return self._begun(self._blocked, call, *args, **kwargs).result()

    def _begun(self, bound: int, call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        if self._process != os.getpid():  # no thread survives a fork, and the lock may have been held by one
            self._begin()
        with self._lock:
            if self._under_way >= bound:
                raise ServiceUnavailableError("Too many passwords are being checked.", retry_after=RETRY_SECONDS)
            self._under_way += 1
        try:
            future = self._executor.submit(call, *args, **kwargs)
        except RuntimeError:  # the interpreter is ending
            self._ended(None)
            raise
        future.add_done_callback(self._ended)  # also of one that is cancelled while it waits, since its client has gone
        return future

    def _ended(self, _: Future[Any] | None) -> None:
        with self._lock:
            self._under_way -= 1
