"""Child processes of a test, made by a fork: they begin at once, and with whatever the test had open."""

import asyncio
import os
import warnings
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Self

SECONDS = 30


@dataclass(frozen=True)
class Child:
    """One that does something in an event loop of its own, and ends with a number from 0 to 99."""

    pid: int

    @classmethod
    def start(cls, work: Callable[[], Coroutine[Any, Any, int]]) -> Self:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # newer Pythons warn of forks beside threads: that is the point
            pid = os.fork()
        if pid == 0:
            status = 100
            try:
                status = asyncio.run(asyncio.wait_for(work(), SECONDS))
            finally:
                os._exit(status)
        return cls(pid)

    def wait(self) -> int:
        """Wait for its end, and give its number; 100 after an exception."""
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
