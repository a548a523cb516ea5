"""Streams on their way through an encoder: what was asynchronous stays so, and what is wrapped is closed with its wrapper.

Each chunk is flushed, so that an event leaves as soon as it is there; the pieces of a file are not.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Generator, Iterable, Iterator
from concurrent.futures import Executor
from pathlib import Path
from typing import Any, Final, Self

from martlet.codings import Coding
from martlet.messages import Chunk, File, Stream, encode_chunk, file_chunks

READ_BYTES: Final = 256 * 1024  # of a file at a time; smaller pieces cost a hop between threads each
END: Final = object()


def encoded_stream(stream: Stream, coding: Coding, level: int | None, threads: Executor) -> Stream:
    """Give the stream encoded: of unknown length, and holding what the given one held."""
    step = ChunkEncoder(coding, level, stream.length, for_events=True)
    chunks = stream.chunks
    if isinstance(chunks, AsyncIterable):
        return Stream(EncodedAsyncChunks(chunks, step, threads), None, stream.held)
    return Stream(EncodedChunks(chunks, step), None, stream.held)


def encoded_file(file: File, coding: Coding, level: int | None) -> Stream:
    """Give a file's part as an encoded stream; it is opened when the first chunk is pulled."""
    return Stream(EncodedChunks(file_pieces(file), ChunkEncoder(coding, level, file.length, for_events=False)))


class ChunkEncoder:
    """Encodes the chunks of one stream, and holds it to the length it announced."""

    __slots__ = ("_announced", "_encoder", "_for_events", "_taken", "at_once")

    def __init__(self, coding: Coding, level: int | None, announced: int | None, *, for_events: bool) -> None:
        """announced: in bytes, None where nobody knows."""
        self._encoder = coding.encoder(level, for_events=for_events)
        self._for_events = for_events
        self._announced = announced
        self._taken = 0
        self.at_once = coding.bytes_per_millisecond  # bytes that do not keep an event loop for long

    def encode(self, data: bytes) -> bytes:
        """Give what can be sent now; raises ValueError for more than was announced."""
        if not data:
            return b""
        self._taken += len(data)
        if self._announced is not None and self._taken > self._announced:
            raise ValueError(
                f"The stream gave more than its length of {self._announced:,} bytes: correct `length`, or leave it out."
            )
        coded = self._encoder.encode(data)
        return coded + self._encoder.flush() if self._for_events else coded

    def finish(self) -> bytes:
        """Give the end; raises ValueError for less than was announced, which a client would take for the whole."""
        if self._announced is not None and self._taken < self._announced:
            raise ValueError(
                f"The stream ended after {self._taken:,} of its {self._announced:,} bytes: correct `length`, or leave it out."
            )
        return self._encoder.finish()


class EncodedChunks:
    """The encoded chunks of a synchronous iterable; iterated once."""

    __slots__ = ("_chunks", "_iterator", "_step")

    def __init__(self, chunks: Iterable[Chunk], step: ChunkEncoder) -> None:
        """Encode with `step`."""
        self._chunks = chunks
        self._step: ChunkEncoder | None = step
        self._iterator: Iterator[Chunk] = iter(())

    def __iter__(self) -> Self:
        """Begin."""
        self._iterator = iter(self._chunks)
        return self

    def __next__(self) -> bytes:
        """Give the next chunk, which may be empty."""
        step = self._step
        if step is None:
            raise StopIteration
        chunk: Any = next(self._iterator, END)
        if chunk is END:
            self._step = None
            return step.finish()
        return step.encode(encode_chunk(chunk))

    def close(self) -> None:
        """Close the iterator behind, if it can be closed."""
        closing = getattr(self._iterator, "close", None)
        if closing is not None:
            closing()


class EncodedAsyncChunks:
    """The encoded chunks of an asynchronous iterable; iterated once. A large chunk is encoded in a thread."""

    __slots__ = ("_chunks", "_iterator", "_step", "_threads")

    def __init__(self, chunks: AsyncIterable[Chunk], step: ChunkEncoder, threads: Executor) -> None:
        """Encode with `step`."""
        self._chunks = chunks
        self._step: ChunkEncoder | None = step
        self._threads = threads
        self._iterator: AsyncIterator[Chunk] | None = None

    def __aiter__(self) -> Self:
        """Begin."""
        self._iterator = aiter(self._chunks)
        return self

    async def __anext__(self) -> bytes:
        """Give the next chunk, which may be empty."""
        step = self._step
        if step is None or self._iterator is None:
            raise StopAsyncIteration
        chunk: Any = await anext(self._iterator, END)
        if chunk is END:
            self._step = None
            return step.finish()
        data = encode_chunk(chunk)
        if len(data) <= step.at_once:
            return step.encode(data)
        return await asyncio.get_running_loop().run_in_executor(self._threads, step.encode, data)

    async def aclose(self) -> None:
        """Close the iterator behind, if it can be closed."""
        closing = getattr(self._iterator, "aclose", None)
        if closing is not None:
            await closing()


def file_pieces(file: File) -> Generator[bytes]:
    """Read a file's part piece by piece; raises OSError where it cannot be read, and if it became shorter."""
    with Path(file.path).open("rb") as source:
        yield from file_chunks(source, file, READ_BYTES)
