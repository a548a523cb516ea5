"""What a sandboxed page has used up while it runs: iterations, bytes, characters, depth.

All work of a page is counted here. There are four doors: loops and functions of it (`counted`, `spend`, `deeper`), operators and
calls (sandbox.py), filters and tests (filters/bounded.py), and output (`spending`). The budget of the page that runs is found
by a context variable, for what counts is spread over parts that know nothing of one another. A page that is streamed runs in
steps, each of which begins and ends with `running`.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final, Protocol, TypeVar

from martlet.templates.errors import BudgetError

__all__ = ["Allowances", "Budget", "counted", "counted_async", "current_budget", "deeper", "hold", "spend", "spending"]

T = TypeVar("T")

PIECE: Final = 64  # bytes that a piece of output takes beside its text


class Allowances(Protocol):
    """How much there is of each."""

    @property
    def iterations(self) -> int:
        """Of all loops, filters and calls together."""
        ...

    @property
    def made_bytes(self) -> int:
        """Of all values that are made."""
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

    __slots__ = ("_policy", "bytes", "characters", "depth", "iterations")

    def __init__(self, policy: Allowances) -> None:
        self._policy = policy
        self.iterations = policy.iterations
        self.bytes = policy.made_bytes
        self.characters = policy.output_characters
        self.depth = policy.recursion

    def take(self, iterations: int = 1) -> None:
        """Count so many. Raises BudgetError if fewer are left."""
        self.iterations -= iterations
        if self.iterations < 0:
            raise BudgetError(
                f"a sandboxed page may take {self._policy.iterations} iterations together, and no more: "
                "items of loops and filters, calls, and work on what is long"
            )

    def take_bytes(self, count: int) -> None:
        """Count so many. Raises BudgetError if fewer are left."""
        self.bytes -= count
        if self.bytes < 0:
            raise BudgetError(
                f"the values that a sandboxed page makes may take {self._policy.made_bytes} bytes together, and no more"
            )

    def take_characters(self, count: int) -> None:
        """Count so many that are written. Raises BudgetError if fewer are left."""
        self.characters -= count
        if self.characters < 0:
            raise BudgetError(f"a sandboxed page may have {self._policy.output_characters} characters, and no more")
        self.take_bytes(PIECE + count)

    @contextmanager
    def running(self) -> Generator[None, None, None]:
        """While this runs, what counts is counted here."""
        token = _current.set(self)
        try:
            yield
        except RecursionError as error:
            raise BudgetError("what a sandboxed page does stands too deep within one another for Python") from error
        finally:
            _current.reset(token)

    @contextmanager
    def running_into(self, write: Callable[[Any], Any]) -> Generator[Callable[[Any], Any], None, None]:
        """The same; gives what takes the output and counts its characters."""
        with self.running():
            yield spending(write)

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


def current_budget() -> Budget | None:
    """The budget of the page that runs; None outside of a sandbox."""
    return _current.get()


def spend(iterations: int) -> None:
    """Count work that is worth so many iterations of a loop."""
    budget = _current.get()
    if budget is not None:
        budget.take(iterations)


def hold(count: int) -> None:
    """Count the bytes of a value that was made; it counts whether it is kept or not."""
    budget = _current.get()
    if budget is not None:
        budget.take_bytes(count)


def counted(items: Iterable[T], weight: int = 1) -> Iterator[T]:
    """The items, each of which is so many iterations of the page that runs now, whenever it is taken."""
    budget = _current.get()
    return iter(items) if budget is None else _counted(budget, items, weight)


def _counted(budget: Budget, items: Iterable[T], weight: int) -> Iterator[T]:
    take = budget.take
    for item in items:
        take(weight)
        yield item


def counted_async(items: AsyncIterable[T], weight: int = 1) -> AsyncIterator[T]:
    """The same for an asynchronous iterable."""
    budget = _current.get()
    return aiter(items) if budget is None else _counted_async(budget, items, weight)


async def _counted_async(budget: Budget, items: AsyncIterable[T], weight: int) -> AsyncIterator[T]:
    async for item in items:
        budget.take(weight)
        yield item


def spending(write: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A function that takes output, which now counts its characters; also for output that is captured.

    What a native page writes may be any value; it was counted where it was made.
    """
    budget = _current.get()
    if budget is None:
        return write
    take = budget.take_characters

    def write_counted(text: Any) -> Any:
        take(len(text) if isinstance(text, str) else 1)
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
