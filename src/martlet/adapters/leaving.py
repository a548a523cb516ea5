"""End what a client has left: a block such as the sending of its stream, which most servers take without a word."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Final, Self

from martlet.messages import Interruption, Response

# Some servers cancel a stream themselves, a moment after they told that its client has left. A second cancellation would
# interrupt the clean-up that the first one began, so they have this long to be first.
GRACE_SECONDS: Final = 0.05
CLIENT_LEFT: Final = 499  # for logs: no client sees it, but a server counts a 500 where it is given no answer at all


class ClientLeftError(asyncio.CancelledError):
    """The client has left; a cancellation, so that what a stream holds is not told of a failure."""


def answer_to_nobody() -> Response:
    """Make the answer in place of one whose client has left."""
    return Response(b"", status=CLIENT_LEFT)


class Watch:
    """A block that is cancelled when the client leaves, and swallows that cancellation; `left` tells whether it did.

    gone: waits until the client has left; where it raises, the server cannot tell, and the watch ends.

    PERF: a task for each stream, about 10 µs; answers of known bytes have none.
    """

    __slots__ = ("_gone", "_interruption", "_watcher", "left")

    def __init__(self, gone: Callable[[], Awaitable[object]]) -> None:
        """Prepare to watch."""
        self._gone = gone
        self._interruption: Interruption | None = None
        self._watcher: asyncio.Task[None] | None = None
        self.left = False

    async def __aenter__(self) -> Self:
        """Begin to watch; a server with tasks of its own kind is not watched."""
        self._interruption = interruption = Interruption()
        if interruption.open():
            self._watcher = asyncio.ensure_future(self._wait(interruption))
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> bool:
        """End the watch."""
        if self._watcher is not None:
            self._watcher.cancel()
        is_ours = self._interruption is not None and self._interruption.end()
        return is_ours and isinstance(error, asyncio.CancelledError)

    async def _wait(self, interruption: Interruption) -> None:
        try:
            await self._gone()
        except Exception:  # noqa: BLE001  there is nothing to do about it, and the next write may tell
            return
        while not self.left:
            await asyncio.sleep(GRACE_SECONDS)
            self.left = interruption.begin()
