"""Stop sending a stream when its client leaves: most servers take chunks for nobody without a word."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from types import TracebackType
from typing import Any, Final, Self, TypeAlias

Event: TypeAlias = MutableMapping[str, Any]
READER_SECONDS: Final = 30.0  # that a handler may leave a chunk of the body unread while it streams; then the body is let go
# Some servers cancel a stream themselves, a moment after they told that its client has left. A second cancellation would
# interrupt the clean-up that the first one began, so they have this long to be first.
GRACE_SECONDS: Final = 0.05


class ClientLeftError(asyncio.CancelledError):
    """The client has left; a cancellation, so that what a stream holds is not told of a failure."""


class Watch:
    """A block that is cancelled when the client leaves, and swallows that cancellation; `left` tells whether it did.

    gone: waits until the client has left; where it raises, the server cannot tell, and the watch ends.

    PERF: a task for each stream, about 10 µs; answers of known bytes have none.
    """

    __slots__ = ("_cancelling", "_gone", "_task", "_watcher", "left")

    def __init__(self, gone: Callable[[], Awaitable[object]]) -> None:
        """Prepare to watch."""
        self._gone = gone
        self._task: asyncio.Task[Any] | None = None
        self._watcher: asyncio.Task[None] | None = None
        self._cancelling = 0
        self.left = False

    async def __aenter__(self) -> Self:
        """Begin to watch; a server with tasks of its own kind is not watched."""
        self._task = asyncio.current_task()
        if self._task is not None:
            self._cancelling = self._task.cancelling()
            self._watcher = asyncio.ensure_future(self._wait(self._task))
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> bool:
        """End the watch; as `asyncio.timeout` does, leave alone a cancellation that somebody else asked for too."""
        if self._watcher is not None:
            self._watcher.cancel()
        if self.left and self._task is not None and self._task.uncancel() <= self._cancelling:
            return isinstance(error, asyncio.CancelledError)
        return False

    async def _wait(self, task: asyncio.Task[Any]) -> None:
        try:
            await self._gone()
        except Exception:  # noqa: BLE001  there is nothing to do about it, and the next write may tell
            return
        await asyncio.sleep(GRACE_SECONDS)
        if task.cancelling() == self._cancelling:
            self.left = True
            task.cancel()


class Inbox:
    """Lets a server's `receive` be waited on for the client's leaving while somebody may still read the body."""

    __slots__ = ("_arriving", "_events", "_is_broken", "_receive")

    def __init__(self, receive: Callable[[], Awaitable[Event]], arriving: asyncio.Future[Event] | None = None) -> None:
        """Own a server's `receive` from now on.

        arriving: the event that somebody waits for already. The server is asked for the next one only when it is here: of two
        who wait, some servers serve the later one first, and the body would change its order.
        """
        self._receive = receive
        self._arriving = arriving
        self._events: asyncio.Queue[Event] = asyncio.Queue(1)  # so that an upload still feels who reads it
        self._is_broken = False  # part of the body was let go, so that it can never be whole

    async def gone(self) -> None:
        """Wait until the client leaves, keeping the events of the body for `receive` as long as somebody may take them."""
        if self._arriving is not None:
            await asyncio.wait([self._arriving])
            if not self._arriving.cancelled() and self._arriving.result()["type"] == "http.disconnect":
                return
        while (event := await self._receive())["type"] != "http.disconnect":
            await self._keep(event)
        if not self._events.full():
            self._events.put_nowait(event)

    async def _keep(self, event: Event) -> None:
        # Waiting for a reader who never comes would hide the client's leaving, and an endless stream would outlive it.
        with suppress(TimeoutError):
            async with asyncio.timeout(0 if self._is_broken else READER_SECONDS):
                await self._events.put(event)
                return
        self._is_broken = True

    async def receive(self) -> Event:
        """Give the next event of the body; where part of it was let go, the client counts as gone."""
        if self._is_broken and self._events.empty():
            return {"type": "http.disconnect"}
        return await self._events.get()
