"""Streams on their way through an encoder: what was asynchronous stays so, and what is wrapped is closed with its wrapper.

Each chunk is flushed, so that an event leaves as soon as it is there; the pieces of a file are not.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterable, AsyncIterator, Generator, Iterable, Iterator
from concurrent.futures import Executor
from pathlib import Path
from typing import Any, Final, Self

from martlet.codings import Coding
from martlet.messages import Asides, Chunk, File, Stream, encode_chunk, file_chunks

READ_BYTES: Final = 256 * 1024  # of a file at a time; smaller pieces cost a hop between threads each
END: Final = object()


def encoded_stream(stream: Stream, coding: Coding, level: int | None, threads: Executor) -> Stream:
    """Give the stream encoded: of unknown length, holding what the given one held, and saying beside its chunks what that did."""
    step = ChunkEncoder(coding, level, stream.length, for_events=True)
    chunks = stream.chunks
    asides = None if stream.asides is None else EncodedAsides(stream.asides, step)
    if isinstance(chunks, AsyncIterable):
        return Stream(EncodedAsyncChunks(chunks, step, threads), None, stream.held, asides)
    return Stream(EncodedChunks(chunks, step), None, stream.held, asides)


def encoded_file(file: File, coding: Coding, level: int | None) -> Stream:
    """Give a file's part as an encoded stream; it is opened when the first chunk is pulled."""
    return Stream(EncodedChunks(file_pieces(file), ChunkEncoder(coding, level, file.length, for_events=False)))


class ChunkEncoder:
    """Encodes the chunks of one stream, and holds it to the length it announced.

    What is encoded must be sent in the same order. So nothing is said beside the chunks while one of them is on its way.
    """

    __slots__ = ("_announced", "_encoder", "_for_events", "_has_ended", "_in_turn", "_taken", "at_once", "is_torn", "waits")

    def __init__(self, coding: Coding, level: int | None, announced: int | None, *, for_events: bool) -> None:
        """announced: in bytes, None where nobody knows."""
        self._encoder = coding.encoder(level, for_events=for_events)
        self._for_events = for_events
        self._announced = announced
        self._taken = 0
        self._has_ended = False
        self._in_turn = threading.Lock()  # a plain iterator's chunk is encoded in a thread
        self.at_once = coding.bytes_per_millisecond  # bytes that do not keep an event loop for long
        self.waits = False  # for the next chunk
        self.is_torn = False  # a chunk was encoded and never sent, so that nothing behind it can be read

    def encode(self, data: bytes) -> bytes:
        """Give what can be sent now; raises ValueError for more than was announced."""
        with self._in_turn:
            self.waits = False
            if not data or self._has_ended:
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
        with self._in_turn:
            self.waits = False
            if self._announced is not None and self._taken < self._announced:
                raise ValueError(
                    f"The stream ended after {self._taken:,} of its {self._announced:,} bytes: correct `length`, or leave it out."
                )
            self._has_ended = True
            return self._encoder.finish()

    def idle(self, data: bytes) -> bytes:
        """Encode what is said while the stream waits; nothing if it does not."""
        with self._in_turn:
            return self._encoder.encode(data) + self._encoder.flush() if self.waits else b""

    def last(self, data: bytes) -> bytes:
        """Encode what is said behind the last chunk, and the end, though the stream has not come to it."""
        with self._in_turn:
            if self.is_torn or self._has_ended:
                return b""
            self._has_ended = True
            return self._encoder.encode(data) + self._encoder.finish()


class EncodedAsides:
    """What is said beside the chunks of a stream, encoded with them."""

    __slots__ = ("_asides", "_step")

    def __init__(self, asides: Asides, step: ChunkEncoder) -> None:
        """Encode with `step`, as the chunks are."""
        self._asides = asides
        self._step = step

    @property
    def comes_back(self) -> bool:
        """As it is without a coding."""
        return self._asides.comes_back

    def idle(self) -> bytes:
        """See Asides."""
        return self._step.idle(self._asides.idle())

    def last(self) -> bytes:
        """See Asides."""
        return self._step.last(self._asides.last())


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
        step.waits = True
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
        step.waits = True
        chunk: Any = await anext(self._iterator, END)
        if chunk is END:
            self._step = None
            return step.finish()
        data = encode_chunk(chunk)
        if len(data) <= step.at_once:
            return step.encode(data)
        step.waits, step.is_torn = False, True
        coded = await asyncio.get_running_loop().run_in_executor(self._threads, step.encode, data)
        step.is_torn = False
        return coded

    async def aclose(self) -> None:
        """Close the iterator behind, if it can be closed."""
        closing = getattr(self._iterator, "aclose", None)
        if closing is not None:
            await closing()


def file_pieces(file: File) -> Generator[bytes]:
    """Read a file's part piece by piece; raises OSError where it cannot be read, and if it became shorter."""
    with Path(file.path).open("rb") as source:
        yield from file_chunks(source, file, READ_BYTES)
