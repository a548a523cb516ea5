"""Pull a stream chunk by chunk, and close it whatever happens: on a loop, or in a server's worker thread."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from concurrent.futures import Executor
from contextlib import AbstractAsyncContextManager, AsyncExitStack, ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Final

from martlet.messages import Chunk, File, Stream

CHUNK_BYTES: Final = 64 * 1024  # of a file at a time; larger reads gain nothing measurable on loopback
END: Final = object()


@asynccontextmanager
async def pull(stream: Stream, threads: Executor) -> AsyncIterator[AsyncIterator[bytes]]:
    """Open a stream for sending from a loop; its iterator and what it holds are closed on leaving, pulled or not."""
    async with AsyncExitStack() as stack:
        held, chunks = stream.held, stream.chunks
        if isinstance(held, AbstractAsyncContextManager):
            stack.push_async_exit(held)
        elif held is not None:
            stack.push_async_callback(asyncio.get_running_loop().run_in_executor, threads, held.__exit__, None, None, None)
        if isinstance(chunks, AsyncIterable):
            source = aiter(chunks)
            stack.push_async_callback(_close_async, source)
            yield _encoded(source)
        else:
            iterator, context = iter(chunks), contextvars.copy_context()
            stack.push_async_callback(_close_in_thread, iterator, threads, context)
            yield _encoded(_in_thread(iterator, threads, context))


class PulledHere:
    """A synchronous stream as a WSGI server pulls it; `close` closes the iterator and what the stream holds."""

    __slots__ = ("_chunks", "_held")

    def __init__(self, chunks: Iterable[Chunk], held: object = None) -> None:
        """Take over a stream's chunks."""
        self._chunks = iter(chunks)
        self._held = held

    def __iter__(self) -> Iterator[bytes]:
        """Give the chunks as bytes; an empty one is left out, since some servers take it for the end."""
        for chunk in self._chunks:
            if chunk:
                yield encode(chunk)

    def close(self) -> None:
        """End the stream; the server calls this, also when it gave up midway (PEP 3333)."""
        held: Any = self._held
        with ExitStack() as stack:
            if held is not None:
                stack.push(held.__exit__)
            stack.callback(close, self._chunks)


def file_chunks(file: File) -> Iterator[bytes]:
    """Read a file's part, for servers that have no call of their own for it; raises OSError if it became shorter."""
    left = file.length
    with Path(file.path).open("rb") as source:
        source.seek(file.start)
        while left > 0:
            chunk = source.read(min(CHUNK_BYTES, left))
            if not chunk:  # the announced length cannot be kept, so the connection must be cut
                raise OSError(f"{file.path} became shorter while it was sent.")
            left -= len(chunk)
            yield chunk


def encode(chunk: Chunk) -> bytes:
    """Give a chunk as bytes; text is UTF-8."""
    return chunk.encode() if isinstance(chunk, str) else chunk


def close(iterator: object) -> None:
    """Close a synchronous iterator that can be closed: a generator, a file."""
    closing = getattr(iterator, "close", None)
    if closing is not None:
        closing()


async def _encoded(chunks: AsyncIterator[Chunk]) -> AsyncIterator[bytes]:
    async for chunk in chunks:
        if chunk:
            yield encode(chunk)


async def _in_thread(iterator: Iterator[Chunk], threads: Executor, context: contextvars.Context) -> AsyncIterator[Chunk]:
    loop = asyncio.get_running_loop()

    def pull_next() -> Any:
        return context.run(next, iterator, END)

    while (chunk := await loop.run_in_executor(threads, pull_next)) is not END:
        yield chunk


async def _close_in_thread(iterator: Iterator[Chunk], threads: Executor, context: contextvars.Context) -> None:
    if getattr(iterator, "close", None) is not None:
        await asyncio.get_running_loop().run_in_executor(threads, context.run, close, iterator)


async def _close_async(source: AsyncIterator[Chunk]) -> None:
    closing = getattr(source, "aclose", None)
    if closing is not None:
        await closing()
