"""What a sandboxed page has used up while it runs: iterations, characters, depth.

The budget of the page that runs is found by a context variable, for what counts is spread over loops, macros and templates that
know nothing of one another. A page that is streamed runs in steps, each of which begins and ends with `running`.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final, Protocol, TypeVar

from martlet.templates.errors import BudgetError

__all__ = ["Allowances", "Budget", "counted", "counted_async", "deeper", "spending"]

T = TypeVar("T")


class Allowances(Protocol):
    """How much there is of each."""

    @property
    def iterations(self) -> int:
        """Of all loops together."""
        ...

    @property
    def output_characters(self) -> int:
        """Of the whole page."""
        ...

    @property
    def recursion(self) -> int:
        """Macros, loops and templates within one another."""
        ...


class Budget:
    """What is left for one page."""

    __slots__ = ("_policy", "characters", "depth", "iterations")

    def __init__(self, policy: Allowances) -> None:
        self._policy = policy
        self.iterations = policy.iterations
        self.characters = policy.output_characters
        self.depth = policy.recursion

    def take_iteration(self) -> None:
        """Count one. Raises BudgetError if none is left."""
        self.iterations -= 1
        if self.iterations < 0:
            raise BudgetError(
                f"the loops of a sandboxed page may take {self._policy.iterations} iterations together, and no more"
            )

    def take_characters(self, count: int) -> None:
        """Count so many. Raises BudgetError if fewer are left."""
        self.characters -= count
        if self.characters < 0:
            raise BudgetError(f"a sandboxed page may have {self._policy.output_characters} characters, and no more")

    @contextmanager
    def running(self) -> Generator[None, None, None]:
        """While this runs, what counts is counted here."""
        token = _current.set(self)
        try:
            yield
        finally:
            _current.reset(token)

    @contextmanager
    def running_into(self, write: Callable[[str], Any]) -> Generator[Callable[[str], Any], None, None]:
        """The same; gives what takes the output and counts its characters."""
        token = _current.set(self)
        try:
            yield spending(write)
        finally:
            _current.reset(token)

    def steps(self, pieces: Iterator[T]) -> Iterator[T]:
        """The pieces of a stream, each made while this budget is the current one."""
        while True:
            with self.running():
                try:
                    piece = next(pieces)
                except StopIteration:
                    return
            yield piece

    async def steps_async(self, pieces: AsyncIterator[T]) -> AsyncIterator[T]:
        """The same for an asynchronous stream."""
        while True:
            with self.running():
                try:
                    piece = await anext(pieces)
                except StopAsyncIteration:
                    return
            yield piece


_current: Final[ContextVar[Budget | None]] = ContextVar("martlet_template_budget", default=None)


def counted(items: Iterable[T]) -> Iterator[T]:
    """The items, each of which is an iteration."""
    budget = _current.get()
    if budget is None:
        yield from items
        return
    take = budget.take_iteration
    for item in items:
        take()
        yield item


async def counted_async(items: AsyncIterable[T]) -> AsyncIterator[T]:
    """The same for an asynchronous iterable."""
    budget = _current.get()
    async for item in items:
        if budget is not None:
            budget.take_iteration()
        yield item


def spending(write: Callable[[str], Any]) -> Callable[[str], Any]:
    """A function that takes output, which now counts its characters; also for output that is captured."""
    budget = _current.get()
    if budget is None:
        return write
    take = budget.take_characters

    def write_counted(text: str) -> Any:
        take(len(text))
        return write(text)

    return write_counted


@contextmanager
def deeper() -> Generator[None, None, None]:
    """Around a macro, a recursive loop or an included template. Raises BudgetError if it is too deep."""
    budget = _current.get()
    if budget is None:
        yield
        return
    if budget.depth <= 0:
        raise BudgetError("macros, recursive loops and included templates stand too deep within one another for a sandboxed page")
    budget.depth -= 1
    try:
        yield
    finally:
        budget.depth += 1
