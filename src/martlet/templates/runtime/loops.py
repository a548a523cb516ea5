"""`loop`: what the body of a `{% for %}` can ask about the loop it is in.

It is lazy as far as can be: the items are taken one by one, `last` and `nextitem` look one ahead, and only `length` and what is
counted from the end read all of an iterable that has no length.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator
from typing import Any, TypeVar

from martlet.templates.runtime.async_values import auto_aiter
from martlet.templates.runtime.undefined import MISSING, Undefined

__all__ = ["AsyncLoopContext", "LoopContext"]

T = TypeVar("T")


class _LoopPosition:
    """What is known of a loop without a look ahead."""

    def __init__(
        self,
        iterable: Any,
        undefined: Callable[..., Undefined],
        recurse: Callable[..., Any] | None = None,
        depth0: int = 0,
    ) -> None:
        self.index0 = -1
        self.depth0 = depth0
        self._iterable = iterable
        self._undefined = undefined
        self._recurse = recurse
        self._length: int | None = None
        self._after: Any = MISSING
        self._current: Any = MISSING
        self._before: Any = MISSING
        self._changed_from: Any = MISSING

    @property
    def index(self) -> int:
        """The number of this item, from 1."""
        return self.index0 + 1

    @property
    def depth(self) -> int:
        """How deep in a recursive loop this is, from 1."""
        return self.depth0 + 1

    @property
    def first(self) -> bool:
        """Whether this is the first item."""
        return self.index0 == 0

    @property
    def previtem(self) -> Any:
        """The item before this one; undefined for the first."""
        return self._undefined("there is no previous item") if self.first else self._before

    def cycle(self, *values: T) -> T:
        """One of the values for each item, beginning anew after the last. Raises TypeError without values."""
        if not values:
            raise TypeError("loop.cycle was given no values; name those to go through, as in loop.cycle('odd', 'even')")
        return values[self.index0 % len(values)]

    def changed(self, *value: Any) -> bool:
        """Whether this was last called with another value, or never."""
        if self._changed_from is not MISSING and self._changed_from == value:
            return False
        self._changed_from = value
        return True

    def __call__(self, iterable: Any) -> Any:
        """Print the loop's body for the items below this one. Raises TypeError if the loop is not `recursive`."""
        if self._recurse is None:
            raise TypeError("the loop must be marked `recursive` to be called, as in {% for item in items recursive %}")
        return self._recurse(iterable, self._recurse, self.depth)

    def _advance(self, item: Any) -> None:
        self.index0 += 1
        self._before = self._current
        self._current = item

    def _take_ahead(self) -> Any:
        """The item that was looked at ahead, which is now due."""
        item, self._after = self._after, MISSING
        return item


class LoopContext(_LoopPosition):
    """The loop over an ordinary iterable; iterating over it gives pairs of an item and this.

    >>> [(item, loop.index, loop.last) for item, loop in LoopContext("ab", Undefined)]
    [('a', 1, False), ('b', 2, True)]
    """

    def __init__(
        self,
        iterable: Iterable[Any],
        undefined: Callable[..., Undefined],
        recurse: Callable[..., Any] | None = None,
        depth0: int = 0,
    ) -> None:
        super().__init__(iterable, undefined, recurse, depth0)
        self._iterator = iter(iterable)

    @property
    def length(self) -> int:
        """The number of items; those of a generator are all read for it."""
        if self._length is None:
            try:
                self._length = len(self._iterable)
            except TypeError:
                rest = list(self._iterator)
                self._iterator = iter(rest)
                self._length = self.index + (self._after is not MISSING) + len(rest)
        return self._length

    def __len__(self) -> int:
        return self.length

    @property
    def revindex(self) -> int:
        """The number of this item counted from the end, 1 for the last."""
        return self.length - self.index0

    @property
    def revindex0(self) -> int:
        """The number of this item counted from the end, 0 for the last."""
        return self.length - self.index

    @property
    def last(self) -> bool:
        """Whether this is the last item; takes the next one already."""
        return self._peek() is MISSING

    @property
    def nextitem(self) -> Any:
        """The item after this one, undefined for the last; takes it already."""
        following = self._peek()
        return self._undefined("there is no next item") if following is MISSING else following

    def _peek(self) -> Any:
        if self._after is MISSING:
            self._after = next(self._iterator, MISSING)
        return self._after

    def __iter__(self) -> Iterator[tuple[Any, LoopContext]]:
        return self

    def __next__(self) -> tuple[Any, LoopContext]:
        item = next(self._iterator) if self._after is MISSING else self._take_ahead()
        self._advance(item)
        return item, self

    def __repr__(self) -> str:
        return f"<LoopContext {self.index}/{self.length}>"


class AsyncLoopContext(_LoopPosition):
    """The loop of an asynchronous page, over either kind of iterable: what looks ahead is awaited."""

    def __init__(
        self,
        iterable: AsyncIterable[Any] | Iterable[Any],
        undefined: Callable[..., Undefined],
        recurse: Callable[..., Any] | None = None,
        depth0: int = 0,
    ) -> None:
        super().__init__(iterable, undefined, recurse, depth0)
        self._iterator = auto_aiter(iterable)

    @property
    async def length(self) -> int:
        """The number of items; those of a generator are all read for it."""
        if self._length is None:
            try:
                self._length = len(self._iterable)
            except TypeError:
                rest = [item async for item in self._iterator]
                self._iterator = auto_aiter(rest)
                self._length = self.index + (self._after is not MISSING) + len(rest)
        return self._length

    @property
    async def revindex(self) -> int:
        """The number of this item counted from the end, 1 for the last."""
        return await self.length - self.index0

    @property
    async def revindex0(self) -> int:
        """The number of this item counted from the end, 0 for the last."""
        return await self.length - self.index

    @property
    async def last(self) -> bool:
        """Whether this is the last item; takes the next one already."""
        return await self._peek() is MISSING

    @property
    async def nextitem(self) -> Any:
        """The item after this one, undefined for the last; takes it already."""
        following = await self._peek()
        return self._undefined("there is no next item") if following is MISSING else following

    async def _peek(self) -> Any:
        if self._after is MISSING:
            self._after = await anext(self._iterator, MISSING)
        return self._after

    def __aiter__(self) -> AsyncIterator[tuple[Any, AsyncLoopContext]]:
        return self

    async def __anext__(self) -> tuple[Any, AsyncLoopContext]:
        item = await anext(self._iterator) if self._after is MISSING else self._take_ahead()
        self._advance(item)
        return item, self

    def __repr__(self) -> str:
        return f"<AsyncLoopContext {self.index}/{'?' if self._length is None else self._length}>"
