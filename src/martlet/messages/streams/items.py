"""Items that are sent one by one, as chunks of a stream: what stands before, between and behind them, and each as its bytes.

Classes rather than generators: one that was never begun would close nothing.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable, Iterable
from contextvars import Context
from typing import Any, Final, NamedTuple, Protocol, Self, runtime_checkable

__all__ = ["BARE", "Framing", "Items", "ItemsHere", "Listener", "News", "as_chunks"]


class Framing(NamedTuple):
    """What stands before the first item, between two, and behind the last."""

    before: bytes = b""
    between: bytes = b""
    after: bytes = b""


BARE: Final = Framing()


class Listener(Protocol):
    """Who is told that something has come. context: what it is told in."""

    context: Context

    def tell(self) -> None:
        """Know that there may be something to take; raises nothing."""
        ...


@runtime_checkable
class News(Protocol):
    """An asynchronous iterator that tells when it has something, so that nobody need wait in it: a subscription of a channel.

    may_have_more: False where `take_now` gave the last that there was, and would give None.
    """

    may_have_more: bool

    async def begin(self) -> None:
        """Begin, unless it has ended; before anything else."""
        ...

    def take_now(self) -> object | None:
        """Give the next item, None where it is still to come; raises StopAsyncIteration at the end, as the iterator does then."""
        ...

    def on_news(self, listener: Listener | None) -> None:
        """Have this one told, from the loop, whenever there may be something to take; None for not any more."""
        ...


def as_chunks(
    items: AsyncIterable[object] | Iterable[object], render: Callable[[Any], bytes], framing: Framing = BARE
) -> Items | ItemsHere:
    """Take over an iterator of items, and give it as one of chunks; closing this closes that."""
    return Items(items, render, framing) if isinstance(items, AsyncIterable) else ItemsHere(items, render, framing)


class _Written:
    """The state of writing items: what comes before the next one."""

    __slots__ = ("_before", "_framing", "_has_ended", "_render")

    def __init__(self, render: Callable[[Any], bytes], framing: Framing) -> None:
        self._render = render
        self._framing = framing
        self._before = framing.before
        self._has_ended = False

    def _chunk(self, item: object) -> bytes:
        before, self._before = self._before, self._framing.between
        return before + self._render(item)

    def _end(self) -> bytes:
        self._has_ended = True
        return (b"" if self._before == self._framing.between else self._before) + self._framing.after


class Items(_Written):
    """Chunks of an asynchronous iterator."""

    __slots__ = ("_items",)

    def __init__(self, items: AsyncIterable[object], render: Callable[[Any], bytes], framing: Framing = BARE) -> None:
        """Take over the iterator."""
        super().__init__(render, framing)
        self._items = aiter(items)

    def __aiter__(self) -> Self:
        """Iterate once."""
        return self

    async def __anext__(self) -> bytes:
        """Give the next item, or what stands behind the last."""
        if self._has_ended:
            raise StopAsyncIteration
        try:
            item = await anext(self._items)
        except StopAsyncIteration:
            return self._end()
        return self._chunk(item)

    @property
    def news(self) -> News | None:
        """The iterator, if it is one that tells."""
        return self._items if isinstance(self._items, News) else None

    @property
    def render(self) -> Callable[[Any], bytes] | None:
        """What makes the whole of a chunk from an item; None where something stands between two."""
        return self._render if self._framing is BARE else None

    def chunk_of(self, item: object) -> bytes:
        """Write an item that was taken from the iterator itself."""
        return self._chunk(item)

    async def aclose(self) -> None:
        """Close the iterator."""
        closing = getattr(self._items, "aclose", None)
        if closing is not None:
            await closing()


class ItemsHere(_Written):
    """Chunks of a synchronous iterator."""

    __slots__ = ("_items",)

    def __init__(self, items: Iterable[object], render: Callable[[Any], bytes], framing: Framing = BARE) -> None:
        """Take over the iterator."""
        super().__init__(render, framing)
        self._items = iter(items)

    def __iter__(self) -> Self:
        """Iterate once."""
        return self

    def __next__(self) -> bytes:
        """Give the next item, or what stands behind the last."""
        if self._has_ended:
            raise StopIteration
        try:
            item = next(self._items)
        except StopIteration:
            return self._end()
        return self._chunk(item)

    def close(self) -> None:
        """Close the iterator."""
        closing = getattr(self._items, "close", None)
        if closing is not None:
            closing()
