"""Pull a stream chunk by chunk, and close it whatever happens: on a loop, or in a server's worker thread.

A stream is over when its iterator is closed and what it held is released; only then is its end sent, so that a client never
takes an answer for whole whose clean-up failed. Leaving early is told to what is held as CancelledError (on a loop) or
GeneratorExit (in a thread), a failure as itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Iterator
from concurrent.futures import Executor
from contextlib import AbstractAsyncContextManager, ExitStack
from functools import partial
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from martlet.adapters.exits import comes_from_signal, not_the_client, survived
from martlet.adapters.streams.thread_source import ThreadSource, to_the_end
from martlet.messages import Chunk, Held, Stream, encode_chunk

T = TypeVar("T")
# Then the loop gets its turn: where neither the stream nor the server ever waits, no other request would, and nobody would
# see that the client has left.
CHUNKS_AT_ONCE: Final = 64


def pull(stream: Stream, threads: Executor) -> Pulled:
    """Open a stream for sending from a loop, by `async with`; iterator and what it holds are closed on leaving, pulled or not."""
    return Pulled(stream, threads)


class Pulled:
    """An open stream: its chunks as bytes, the empty ones left out. What it holds is told what the block ended with."""

    # PERF: a class rather than generators and an exit stack around the source: 2 KB less for each stream, a sixth.
    __slots__ = ("_count", "_number", "_source", "_stream", "_threads")

    def __init__(self, stream: Stream, threads: Executor) -> None:
        """Nothing is opened yet."""
        self._stream = stream
        self._threads = threads
        self._source: AsyncIterator[Chunk] | ThreadSource | None = None
        self._count = None if stream.length is None else Count(stream.length)
        self._number = 0

    async def __aenter__(self) -> Self:
        """Take over the iterator."""
        chunks = self._stream.chunks
        try:
            if isinstance(chunks, AsyncIterable):
                self._source = aiter(chunks)
            else:
                asides = self._stream.asides
                is_live = asides is not None and asides.comes_back  # no event is made before the last one has left
                self._source = ThreadSource(iter(chunks), self._threads, gathers=not is_live)
        except BaseException as error:
            await self._release(type(error), error, error.__traceback__)
            raise
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> bool:
        """Close the iterator, then release what was held, which may swallow an error as any context manager may."""
        try:
            closing = getattr(self._source, "aclose", None)
            if closing is not None:
                await closing()
        except BaseException as failure:
            if not await self._release(type(failure), failure, failure.__traceback__):
                raise
            return True
        return bool(await self._release(kind, error, trace))

    async def _release(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> Any:
        held = self._stream.held
        if held is None:
            return False
        if isinstance(held, AbstractAsyncContextManager):
            return await held.__aexit__(kind, error, trace)
        loop = asyncio.get_running_loop()
        return await to_the_end(loop.run_in_executor(self._threads, partial(held.__exit__, kind, error, trace)))

    def __aiter__(self) -> Self:
        """Iterate once."""
        return self

    async def __anext__(self) -> bytes:
        """Give the next chunk; raises ValueError where the stream does not keep its length."""
        if self._source is None:
            raise StopAsyncIteration
        self._number += 1
        if self._number % CHUNKS_AT_ONCE == 0:
            await asyncio.sleep(0)
        take = self._source.__anext__
        try:
            while not (data := encode_chunk(await take())):
                pass
        except StopAsyncIteration:
            if self._count is not None:
                self._count.end()
            raise
        except SystemExit as error:
            raise survived(None, error) from error
        if self._count is not None:
            self._count.add(data)
        return data


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
