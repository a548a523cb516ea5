"""The streams and WebSockets of an application: what keeps them alive, lets go of who takes nothing, and ends them in order.

A stream is stepped in its request's own task only, since timeouts and task groups break in any other. One timer for all streams
of a loop looks at them: a task for each would cost more than the stream itself.
"""

from __future__ import annotations

import asyncio
import math
import threading
from collections.abc import AsyncIterator, Coroutine
from contextlib import suppress
from typing import Any, Final

from martlet.adapters.streams.open_socket import OpenSocket
from martlet.adapters.streams.open_stream import Clock, OpenStream, Write
from martlet.adapters.streams.resting import RestingStream, can_rest
from martlet.http import Limits
from martlet.messages import LAST_WORD_SECONDS, SocketTransport, Stream, Upgrade

LOOK_SECONDS: Final = 0.5  # between two looks at the most
LOOKS: Final = 8  # in the shortest time that any of the streams waits for


class OpenStreams:
    """All streams that an application is sending, and its WebSockets, whatever the loop.

    >>> streams = OpenStreams()
    >>> len(streams), streams.is_draining
    (0, False)
    """

    __slots__ = ("_changing", "_held_threads", "_rounds", "is_draining")

    def __init__(self) -> None:
        """Nothing is sent yet."""
        self._rounds: dict[asyncio.AbstractEventLoop, Round] = {}
        self._changing = threading.Lock()
        self._held_threads = 0
        self.is_draining = False

    def __len__(self) -> int:
        """Count them, but for those that a WSGI server's thread pulls by itself."""
        return sum(map(len, tuple(self._rounds.values())))

    def drain(self) -> None:
        """End every WebSocket, and every stream whose client comes back, with its last words; from any thread, and at once.

        Those that wait for their next chunk on the loop are interrupted (their generators get CancelledError, as when a client
        leaves); others end behind the chunk that is made in a thread, or is being written. One that begins from now on ends
        before its first chunk.
        """
        self.is_draining = True
        for loop, round_ in tuple(self._rounds.items()):
            with suppress(RuntimeError):  # the loop is closed
                loop.call_soon_threadsafe(round_.drain)

    def resume(self) -> None:
        """Let streams begin again, where an application starts anew."""
        self.is_draining = False

    def send(
        self,
        chunks: AsyncIterator[bytes],
        write: Write,
        limits: Limits,
        stream: Stream,
        *,
        most_bytes: int | None = None,
        most_seconds: float = math.inf,
    ) -> Coroutine[Any, Any, None]:
        """Write each chunk as it comes, and what has to be said between and behind them; awaited at once, in its task.

        chunks: of the stream, as bytes. write: sends bytes; raises ClientLeftError or OSError where it can tell.
        most_bytes, most_seconds: after which a stream whose client comes back ends; any other that gives more bytes fails.
        Raises ClientLeftError, StreamTooLongError, and what the stream itself raised.
        """
        round_ = self._round()
        kind = RestingStream if most_bytes is None and can_rest(stream) else OpenStream
        # PERF: the coroutine holds no more than it needs while the stream rests, 50 bytes less.
        return self._send(round_, kind(round_, write, limits, stream, most_seconds), chunks, most_bytes)

    async def _send(self, round_: Round, sending: OpenStream, chunks: AsyncIterator[bytes], most_bytes: int | None) -> None:
        self._join(round_, sending)
        try:
            # PERF: waiting here, not in there, is one coroutine and one block less for a stream at rest: 0.3 KB.
            while (turn := await sending.send_chunks(chunks, most_bytes)) is not None:
                await turn
            await sending.send_last()
        finally:
            sending.close()
            self._leave(round_, sending)

    async def carry(self, upgrade: Upgrade, transport: SocketTransport, limits: Limits) -> None:
        """Carry a WebSocket until its handler has ended; in a task of asyncio's."""
        round_ = self._round()
        carried = OpenSocket(upgrade, limits)
        self._join(round_, carried)
        try:
            await upgrade.run(transport)
        finally:
            self._leave(round_, carried)

    def _round(self) -> Round:
        loop = asyncio.get_running_loop()
        round_ = self._rounds.get(loop)
        if round_ is None:
            round_ = self._rounds[loop] = Round(loop)
        return round_

    def _join(self, round_: Round, each: OpenStream | OpenSocket) -> None:
        round_.add(each)
        if self.is_draining:
            each.end()

    def _leave(self, round_: Round, each: OpenStream | OpenSocket) -> None:
        if round_.remove(each):
            self._rounds.pop(round_.loop, None)

    def hold_thread(self, most: int) -> bool:
        """Count a stream that holds a WSGI server's thread; False where there are as many as may be."""
        with self._changing:
            if self._held_threads >= most:
                return False
            self._held_threads += 1
            return True

    def release_thread(self) -> None:
        """Count it no longer."""
        with self._changing:
            self._held_threads -= 1


class Round(Clock):
    """The streams of one loop, and the timer that looks at them."""

    __slots__ = ("_period", "_streams", "_timer")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Look at nothing yet."""
        super().__init__(loop)
        self._streams: dict[OpenStream | OpenSocket, None] = {}  # PERF: of 5,000 streams a set takes 75 bytes more for each
        self._period = math.inf
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        """Count the streams."""
        return len(self._streams)

    def add(self, stream: OpenStream | OpenSocket) -> None:
        """Look after one more."""
        self._streams[stream] = None
        self.now = self.loop.time()
        self._look_every(min(LOOK_SECONDS, stream.patience / LOOKS))

    def remove(self, stream: OpenStream | OpenSocket) -> bool:
        """Look after it no more; True if that was the last one."""
        self._streams.pop(stream, None)
        if self._streams:
            return False
        if self._timer is not None:
            self._timer.cancel()
        return True

    def drain(self) -> None:
        """End those whose clients come back; who takes nothing any more is let go soon."""
        for stream in tuple(self._streams):
            stream.end()
        self._look_every(LAST_WORD_SECONDS / LOOKS)

    def _look_every(self, seconds: float) -> None:
        if seconds < self._period:
            self._period = seconds
            if self._timer is not None:
                self._timer.cancel()
            self._timer = self.loop.call_later(seconds, self._look)

    def _look(self) -> None:
        self.now = now = self.loop.time()
        self._timer = self.loop.call_later(self._period, self._look)
        for stream in tuple(self._streams):
            stream.look(now)
