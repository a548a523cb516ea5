"""Work that a handler leaves for after its answer: gathered here, begun by the adapters once the answer is sent."""

from __future__ import annotations

import contextvars
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ParamSpec

P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class AfterTask:
    """One call to come, in the context of whoever asked for it."""

    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    keywords: dict[str, Any]
    context: contextvars.Context = field(default_factory=contextvars.copy_context)

    @property
    def name(self) -> str:
        """What logs call it."""
        function = getattr(self.function, "func", self.function)  # of a partial
        return str(getattr(function, "__qualname__", type(function).__qualname__))

    def __call__(self) -> Any:
        """Call the function; the context is entered by whoever calls this."""
        return self.function(*self.arguments, **self.keywords)


class AfterResponse:
    """What is to be done once the answer has been sent, in the order it was added; a handler asks for it by type.

    >>> sent: list[str] = []
    >>> tasks = AfterResponse([])
    >>> tasks.add(sent.append, "a letter")
    >>> len(tasks)
    1
    """

    __slots__ = ("_tasks",)

    def __init__(self, tasks: list[AfterTask]) -> None:
        """tasks: the request's."""
        self._tasks = tasks

    def add(self, function: Callable[P, object], /, *args: P.args, **kwargs: P.kwargs) -> None:
        """Have a function called with these arguments once the answer has been sent: an `async def`, or a plain one in a thread.

        Where the answer is a 5xx it is not called, since what it belongs to has failed.
        """
        if not callable(function):  # a coroutine that was begun already, as a rule
            raise TypeError(f"add() takes a function and its arguments, as in add(send_letter, user), not {function!r}.")
        self._tasks.append(AfterTask(function, args, kwargs))

    def __len__(self) -> int:
        """How much there is to do."""
        return len(self._tasks)
