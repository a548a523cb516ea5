"""Values that may have to be waited for: one way to await, iterate and collect whatever a template is given."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from inspect import isawaitable
from typing import Any, Final, TypeVar

__all__ = ["auto_aiter", "auto_await", "auto_to_list"]

T = TypeVar("T")

# Most values are one of these, and none of these can be awaited. PERF: `isawaitable` costs ten times this look-up.
NEVER_AWAITABLE: Final = frozenset({int, float, bool, str, list, dict, tuple, type(None)})


async def auto_await(value: Any) -> Any:
    """The value, or what it gives when it is awaited."""
    if type(value) in NEVER_AWAITABLE:
        return value
    if isawaitable(value):
        return await value
    return value


class _SteppedIterator(AsyncIterator[T]):
    """An ordinary iterator, read by `async for`."""

    __slots__ = ("_iterator",)

    def __init__(self, iterator: Iterator[T]) -> None:
        self._iterator = iterator

    async def __anext__(self) -> T:
        try:
            return next(self._iterator)
        except StopIteration as end:
            raise StopAsyncIteration(end.value) from end


def auto_aiter(iterable: AsyncIterable[T] | Iterable[T]) -> AsyncIterator[T]:
    """Iterate over either kind with `async for`. Raises TypeError for what is no iterable."""
    if isinstance(iterable, AsyncIterable):
        return iterable.__aiter__()
    return _SteppedIterator(iter(iterable))


async def auto_to_list(iterable: AsyncIterable[T] | Iterable[T]) -> list[T]:
    """All items of either kind of iterable."""
    if isinstance(iterable, AsyncIterable):
        return [item async for item in iterable]
    return list(iterable)
