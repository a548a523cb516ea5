"""Within what a page runs: that of a sandbox spends a budget of its own, and what it imports spends it too."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from martlet.templates.runtime.budgets import Budget, current_budget
from martlet.templates.runtime.names import NamedEngine

__all__ = ["importing", "running"]


def running(engine: NamedEngine, write: Callable[[str], Any]) -> AbstractContextManager[Callable[[str], Any]]:
    """While this runs, the page of a sandbox spends its budget; gives what the page writes to."""
    return nullcontext(write) if engine.guard is None else Budget(engine.guard.policy).running_into(write)


def importing(engine: NamedEngine, write: Callable[[Any], Any]) -> AbstractContextManager[Callable[[Any], Any]]:
    """The same for a module: what imports it pays for it."""
    budget = current_budget()
    return running(engine, write) if budget is None else budget.running_into(write)
