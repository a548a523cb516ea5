"""One stream on its way to its client: each chunk is written when it comes, and what else must be said stands between two."""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable
from enum import Enum
from types import TracebackType
from typing import Any, Final, TypeAlias

from martlet.adapters.leaving import ClientLeftError
from martlet.http import Limits
from martlet.messages import LAST_WORD_SECONDS, Interruption, Stream

Write: TypeAlias = Callable[[bytes], Awaitable[Any]]  # raises ClientLeftError or OSError where it can tell that the client left
EARLIEST: Final = 0.75  # of the time until something idle is said: thousands who got one event at once are not to be due at once


class StreamTooLongError(RuntimeError):
    """A stream that cannot be taken up again is longer than its way to the client can hold."""


class Ending(Enum):
    """Why a stream ends before its iterator does."""

    IN_ORDER = "with its last words"
    LEFT = "without a word, since nobody takes it"


class Clock:
    """The time as of somebody's last look; near enough, and free. What is the same for all streams stands here too.

    written: the last event that one of them has written, what made a chunk of it, and that chunk.
    """

    __slots__ = ("loop", "now", "written")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin."""
        self.loop = loop
        self.now = loop.time()
        self.written: tuple[object, object, bytes] = (None, None, b"")


class OpenStream:
    """One stream on its way; a block of it may be interrupted, and then ends as if by itself, or with ClientLeftError."""

    __slots__ = (
        "_clock", "_ending", "_ends_at", "_idle", "_idle_seconds", "_interruption", "_since", "_stalled_seconds", "_stream",
        "_waits", "_write",
    )  # fmt: skip

    def __init__(self, clock: Clock, write: Write, limits: Limits, stream: Stream, most_seconds: float = math.inf) -> None:
        """See OpenStreams.send; in the task that sends the answer."""
        self._clock = clock
        self._write = write
        self._stream = stream
        self._interruption: Interruption | None = None  # of the block that it is in, if it is in one
        self._ending: Ending | None = None
        self._idle: asyncio.Task[None] | None = None  # what is being said meanwhile
        self._idle_seconds = math.inf
        if stream.asides is not None:
            self._idle_seconds = limits.keep_alive_seconds * random.uniform(EARLIEST, 1)  # noqa: S311  no secret
        self._stalled_seconds = limits.stalled_seconds
        self._ends_at = clock.now + most_seconds if self._comes_back else math.inf
        # Some servers send the fields with the first chunk only, and a browser is to know soon that it listens.
        self._since = -math.inf if self._comes_back else clock.now
        self._waits = True  # for the next chunk, rather than for a write

    @property
    def patience(self) -> float:
        """The shortest time, in seconds, after which something has to be done about it."""
        return min(self._idle_seconds, self._stalled_seconds, self._ends_at - self._clock.now)

    @property
    def _comes_back(self) -> bool:
        return self._stream.asides is not None and self._stream.asides.comes_back

    async def send_chunks(self, chunks: AsyncIterator[bytes], most_bytes: int | None) -> asyncio.Future[Any] | None:
        """Write everything, or what there is: then this gives what to wait for before it is called again."""
        clock = self._clock
        sent = 0
        with self:
            while self._ending is None:
                try:
                    chunk = await anext(chunks)
                except StopAsyncIteration:
                    break
                self._waits = False
                if self._idle is not None:
                    await asyncio.wait([self._idle])
                self._since = clock.now
                await self._put(chunk)
                sent += len(chunk)
                if most_bytes is not None and sent > most_bytes:
                    self._end_full(most_bytes)
                self._since, self._waits = clock.now, True
        return None

    async def send_last(self) -> None:
        """Write the last words if it ended early."""
        with self:
            self._waits = False
            if self._idle is not None:
                await asyncio.wait([self._idle])
            if self._ending is not None and self._stream.asides is not None:
                self._since = self._clock.now
                await self._put(self._stream.asides.last())

    def close(self) -> None:
        """Leave nothing behind."""
        if self._idle is not None:
            self._idle.cancel()

    async def _put(self, chunk: bytes) -> None:
        try:
            await self._write(chunk)
        except OSError as error:
            raise ClientLeftError from error

    def end(self) -> None:
        """End it soon if its client comes back; anything else goes on, and is let go if it stalls."""
        self._stalled_seconds = min(self._stalled_seconds, LAST_WORD_SECONDS)
        if self._comes_back:
            self._interrupt(Ending.IN_ORDER)

    def look(self, now: float) -> None:
        """Do what is due."""
        if now >= self._ends_at:
            self.end()
        if self._ending is not None:
            self._interrupt(self._ending)  # somebody else's cancellation may have kept it from being done
        waited = now - self._since
        if self._waits and self._idle is None:
            if waited >= self._idle_seconds and self._ending is None:
                self._say_idle(now)
        elif waited >= self._stalled_seconds:
            self._interrupt(Ending.LEFT)

    def _say_idle(self, now: float) -> None:
        self._since = now
        data = b"" if self._stream.asides is None else self._stream.asides.idle()
        if data:
            self._idle = asyncio.ensure_future(self._write_idle(data))

    async def _write_idle(self, data: bytes) -> None:
        try:
            await self._write(data)
        except (ClientLeftError, Exception):  # noqa: BLE001  whatever it is, nothing more gets through
            self._interrupt(Ending.LEFT)
        finally:
            self._idle, self._since = None, self._clock.now

    def _end_full(self, most_bytes: int) -> None:
        if not self._comes_back:
            raise StreamTooLongError(
                f"The stream gave more than {most_bytes:,} bytes, and its server would keep all of it for a slow client. Serve "
                "it over ASGI, give the stream its `length`, or raise Limits(rsgi_download_bytes=...) for this route."
            )
        self._ending = self._ending or Ending.IN_ORDER

    def _interrupt(self, ending: Ending) -> None:
        """Stop the wait for a chunk, or whatever there is when nobody takes it."""
        if self._ending is not Ending.LEFT:
            self._ending = ending
        is_on_loop = isinstance(self._stream.chunks, AsyncIterable)  # a thread is not interrupted; it would be waited for anyway
        if self._interruption is not None and ((self._waits and is_on_loop) or ending is Ending.LEFT):
            self._interruption.begin()

    def __enter__(self) -> None:
        """Begin a block that may be interrupted."""
        self._interruption = Interruption()
        self._interruption.open()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> bool:
        """Swallow our own cancellation, unless something else failed, or the client has left."""
        interruption, self._interruption, self._waits = self._interruption, None, False
        if interruption is None or not interruption.end() or not isinstance(error, asyncio.CancelledError | None):
            return False
        if self._ending is Ending.LEFT:
            raise ClientLeftError from error
        return True
