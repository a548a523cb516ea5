"""Let go of what reading a request's body opened, in a server's worker thread."""

from __future__ import annotations

from contextlib import AbstractContextManager
from types import TracebackType

from martlet.adapters.streams.pulling import leave
from martlet.messages import Held, Request, Response, Stream


def close_with(response: Response, request: Request) -> None:
    """Let go of what reading the body opened, as soon as a stream that may need it has been sent."""
    if isinstance(response.body, Stream):
        response.body.held = ClosedAfter(request, response.body.held)
    else:
        request.close_now()


class ClosedAfter(AbstractContextManager[None, None]):
    """What a stream held, and the request behind it."""

    __slots__ = ("_held", "_request")

    def __init__(self, request: Request, held: Held | None) -> None:
        """Hold both."""
        self._request = request
        self._held = held

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Release what was held, then let go of the request's files."""
        try:
            if self._held is not None:
                leave(self._held, error)
        finally:
            self._request.close_now()
