"""Within what a page runs: its errors tell their place, and that of a sandbox spends a budget.

PERF: a class, for most pages are small, and a generator as a context manager takes twice the time.
"""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Any

from martlet.templates.runtime.budgets import Budget, current_budget
from martlet.templates.runtime.names import NamedEngine
from martlet.templates.told_places import tell_place

__all__ = ["importing", "running"]

Write = Callable[[Any], Any]


class running:  # noqa: N801 -- reads as what it does, `with running(engine, write) as write`
    """While this runs, the page of a sandbox spends a budget of its own; gives what the page writes to."""

    __slots__ = ("_budget", "_running", "_write")

    def __init__(self, engine: NamedEngine, write: Write) -> None:
        self._write = write
        self._budget = None if engine.guard is None else Budget(engine.guard.policy)

    def __enter__(self) -> Write:
        if self._budget is None:
            return self._write
        self._running = self._budget.running_into(self._write)
        return self._running.__enter__()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        tell_place(error)
        if self._budget is not None:
            self._running.__exit__(kind, error, trace)


class importing(running):  # noqa: N801 -- the same
    """The same for a module: what imports it pays for it."""

    __slots__ = ()

    def __init__(self, engine: NamedEngine, write: Write) -> None:
        super().__init__(engine, write)
        self._budget = current_budget() or self._budget
