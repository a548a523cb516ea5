"""Pull a stream chunk by chunk, and close it whatever happens: on a loop, or in a server's worker thread.

A stream is over when its iterator is closed and what it held is released; only then is its end sent, so that a client never
takes an answer for whole whose clean-up failed. Leaving early is told to what is held as CancelledError (on a loop) or
GeneratorExit (in a thread), a failure as itself.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Iterator
from concurrent.futures import Executor
from contextlib import AbstractAsyncContextManager, AbstractContextManager, AsyncExitStack, ExitStack, asynccontextmanager
from functools import partial
from types import TracebackType
from typing import Any, Final, Self, TypeAlias, TypeVar

from martlet.adapters.exits import comes_from_signal, not_the_client, survived
from martlet.messages import Chunk, Held, Stream, encode_chunk

T = TypeVar("T")
Exit: TypeAlias = Callable[[type[BaseException] | None, BaseException | None, TracebackType | None], Awaitable[Any]]
END: Final = object()
# Then the loop gets its turn: where neither the stream nor the server ever waits, no other request would, and nobody would
# see that the client has left.
CHUNKS_AT_ONCE: Final = 64


@asynccontextmanager
async def pull(stream: Stream, threads: Executor) -> AsyncGenerator[PulledOnLoop]:
    """Open a stream for sending from a loop; its iterator and what it holds are closed on leaving, pulled or not."""
    async with AsyncExitStack() as stack:
        held, chunks = stream.held, stream.chunks
        if isinstance(held, AbstractAsyncContextManager):
            stack.push_async_exit(held)
        elif held is not None:
            stack.push_async_exit(_left_in_thread(held, threads))
        source = AsyncSource(aiter(chunks)) if isinstance(chunks, AsyncIterable) else ThreadSource(iter(chunks), threads)
        stack.push_async_callback(source.close)
        yield PulledOnLoop(source, Count(stream.length))


class AsyncSource:
    """An asynchronous iterator."""

    __slots__ = ("_iterator",)

    def __init__(self, iterator: AsyncIterator[Chunk]) -> None:
        """Own the iterator."""
        self._iterator = iterator

    async def take(self) -> Any:
        """Give the next chunk, or END."""
        return await anext(self._iterator, END)

    async def close(self) -> None:
        """Close the iterator, if it is one that can be."""
        closing = getattr(self._iterator, "aclose", None)
        if closing is not None:
            await closing()


class ThreadSource:
    """A synchronous iterator, advanced and closed in threads with the context of its opener; never in two at once."""

    __slots__ = ("_context", "_iterator", "_pending", "_threads")

    def __init__(self, iterator: Iterator[Chunk], threads: Executor) -> None:
        """Own the iterator."""
        self._iterator = iterator
        self._threads = threads
        self._context = contextvars.copy_context()
        self._pending: asyncio.Future[Any] | None = None

    async def take(self) -> Any:
        """Give the next chunk, or END."""
        self._pending = self._in_thread(partial(next, self._iterator, END))
        return await asyncio.shield(self._pending)

    async def close(self) -> None:
        """Close the iterator, if it is one that can be, once the thread that may still be in it has come out.

        A cancellation waits for that: a server may cancel twice, and what is held must not be released under the iterator.
        """
        await _to_the_end(asyncio.ensure_future(self._close()))

    async def _close(self) -> None:
        if self._pending is not None and not self._pending.done():
            await asyncio.wait([self._pending])
        if hasattr(self._iterator, "close"):
            await self._in_thread(partial(close, self._iterator))

    def _in_thread(self, call: partial[Any]) -> asyncio.Future[Any]:
        return asyncio.get_running_loop().run_in_executor(self._threads, partial(self._context.run, call))


class PulledOnLoop:
    """The chunks of an open stream as bytes, the empty ones left out."""

    # A class rather than two generators around the source: nothing here has to be closed.
    __slots__ = ("_count", "_number", "_source")

    def __init__(self, source: AsyncSource | ThreadSource, count: Count) -> None:
        """Pull from `source`, as many bytes as `count` allows."""
        self._source = source
        self._count = count
        self._number = 0

    def __aiter__(self) -> Self:
        """Iterate once."""
        return self

    async def __anext__(self) -> bytes:
        """Give the next chunk; raises ValueError where the stream does not keep its length."""
        self._number += 1
        if self._number % CHUNKS_AT_ONCE == 0:
            await asyncio.sleep(0)
        try:
            while (chunk := await self._source.take()) is not END:
                data = encode_chunk(chunk)
                if data:
                    self._count.add(data)
                    return data
        except SystemExit as error:
            raise survived(None, error) from error
        self._count.end()
        raise StopAsyncIteration


class PulledHere:
    """A synchronous stream as a WSGI server pulls it; `close` closes the iterator and what the stream holds."""

    __slots__ = ("_count", "_error", "_held", "_iterator", "_last_words")

    def __init__(
        self,
        chunks: Iterable[Chunk],
        *,
        length: int | None = None,
        held: Held | None = None,
        last_words: Callable[[], bytes] | None = None,
    ) -> None:
        """Take over a stream's chunks; what is held is released even if there are none to be had.

        last_words: asked behind each chunk; the stream ends with what it gives, if that is anything.
        """
        self._held = held
        self._last_words = last_words
        self._error: BaseException | None = None
        self._count = Count(length)
        self._iterator: Iterator[Chunk] = iter(())
        try:
            self._iterator = iter(chunks)
        except BaseException as error:
            self._error = error
            self.close()
            raise

    def __iter__(self) -> Iterator[bytes]:
        """Give the chunks as bytes; an empty one is left out, since some servers take it for the end."""
        self._error = GeneratorExit()  # what is held is told, unless the end is reached or something fails
        try:
            for chunk in self._iterator:
                data = encode_chunk(chunk)
                if data:
                    self._count.add(data)
                    yield data
                if self._last_words is not None and (last := self._last_words()):
                    yield last
                    break
            self._count.end()
        except GeneratorExit:
            raise
        except BaseException as error:
            self._error = error
            if isinstance(error, OSError):
                raise not_the_client(error) from error
            if isinstance(error, Exception) or comes_from_signal(error):
                raise
            raise survived(None, error) from error
        self._error = None
        self.close()

    def close(self) -> None:
        """End the stream; the server calls this, also when it gave up midway (PEP 3333). A second call does nothing."""
        held, self._held = self._held, None
        iterator, self._iterator = self._iterator, iter(())
        with ExitStack() as stack:
            if held is not None:
                stack.callback(leave, held, self._error)
            stack.callback(close, iterator)


class Count:
    """Holds a stream to the length it announced: a server would send a broken message, or a broken connection."""

    __slots__ = ("_announced", "_sent")

    def __init__(self, announced: int | None) -> None:
        """announced: in bytes, None where the length is not known."""
        self._announced = announced
        self._sent = 0

    def add(self, data: bytes) -> None:
        """Count a chunk; raises ValueError before too much is sent."""
        if self._announced is not None:
            self._sent += len(data)
            if self._sent > self._announced:
                raise ValueError(
                    f"The stream gave more than its length of {self._announced:,} bytes: correct `length`, or leave it out."
                )

    def end(self) -> None:
        """Raise ValueError if bytes are missing."""
        if self._announced is not None and self._sent < self._announced:
            raise ValueError(
                f"The stream ended after {self._sent:,} of its {self._announced:,} bytes: correct `length`, or leave it out."
            )


def close(iterator: object) -> None:
    """Close a synchronous iterator that can be closed: a generator, a file."""
    closing = getattr(iterator, "close", None)
    if closing is not None:
        closing()


def _left_in_thread(held: AbstractContextManager[Any, Any], threads: Executor) -> Exit:
    """Make what leaves a synchronous context manager in a thread."""

    async def leave_there(kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> Any:
        loop = asyncio.get_running_loop()
        return await _to_the_end(loop.run_in_executor(threads, partial(held.__exit__, kind, error, trace)))

    return leave_there


async def _to_the_end(work: asyncio.Future[T]) -> T:
    """Wait for work in a thread whoever cancels; a cancellation would keep it from ever starting. Raises that one after it."""
    cancelled: asyncio.CancelledError | None = None
    while not work.done():
        try:
            await asyncio.shield(work)
        except asyncio.CancelledError as error:
            cancelled = error
        except BaseException:  # noqa: BLE001  raised below
            break
    if cancelled is not None:
        raise cancelled
    return work.result()


def leave(held: Held, error: BaseException | None) -> None:
    """Release in this thread what a stream held, telling it what the stream ended with."""
    details = (None, None, None) if error is None else (type(error), error, error.__traceback__)
    if isinstance(held, AbstractAsyncContextManager):
        step(held.__aexit__(*details))  # of a chain of plain functions, so that nothing in it waits
    else:
        held.__exit__(*details)


def step(awaitable: Awaitable[T]) -> T:
    """Run an awaitable that never suspends to its end; raises RuntimeError if it does suspend."""
    steps = awaitable.__await__()
    try:
        next(steps)
    except StopIteration as done:
        result: T = done.value
        return result
    close(steps)
    raise RuntimeError(
        "This way was declared free of waiting (plain `def` or `inline=True`), but something on it awaited. "
        "Remove `inline=True`, so that the request runs on the background loop."
    )
