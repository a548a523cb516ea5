"""A request's body as the blocking file that WSGI applications read (PEP 3333, `wsgi.input`)."""

from __future__ import annotations

import asyncio
import io

from martlet.adapters.streams.pulling import step
from martlet.http import HTTPError
from martlet.messages import IncompleteBodyError, Request


class BrokenInputError(OSError):
    """A body that broke off: an OSError, as WSGI applications expect of a file; `refusal` is our answer if they have none."""

    def __init__(self, refusal: IncompleteBodyError) -> None:
        """refusal: what the request itself raised."""
        super().__init__(str(refusal))
        self.refusal = refusal


class RefusedInputError(BaseException):
    """A body that is too large, or coded wrongly; `refusal` is our answer.

    No Exception: a framework would catch it, log it and answer 500, where its work with the body is over and the answer is ours.
    """

    def __init__(self, refusal: HTTPError) -> None:
        """refusal: what the request itself raised."""
        super().__init__(str(refusal))
        self.refusal = refusal


class BodyPuller:
    """Pulls a body from outside the coroutines: from another thread than the loop's, or where no loop runs."""

    def __init__(self, request: Request, loop: asyncio.AbstractEventLoop | None) -> None:
        """loop: the one that the request is on; None where it is on none."""
        self._chunks = request.chunks()
        self._loop = loop
        self.refusal: HTTPError | None = None  # counts for more than what the application makes of it

    def pull(self) -> bytes:
        """Wait for the next piece; empty at the end. Raises BrokenInputError and, again and again, RefusedInputError."""
        if self.refusal is None:
            try:
                if self._loop is None:
                    return step(anext(self._chunks, b""))
                return asyncio.run_coroutine_threadsafe(self._next(), self._loop).result()
            except IncompleteBodyError as refusal:
                raise BrokenInputError(refusal) from refusal
            except HTTPError as refusal:
                self.refusal = refusal
        raise RefusedInputError(self.refusal) from self.refusal

    def close(self) -> None:
        """Let go of the rest."""
        if self._loop is None:
            step(self._chunks.aclose())
        else:
            asyncio.run_coroutine_threadsafe(self._close(), self._loop)

    async def _next(self) -> bytes:
        return await anext(self._chunks, b"")

    async def _close(self) -> None:
        await self._chunks.aclose()


class PulledBody(io.RawIOBase):
    """The pieces of a body as a raw file."""

    def __init__(self, body: BodyPuller) -> None:
        """Pull nothing yet."""
        super().__init__()
        self._body = body
        self._piece = memoryview(b"")
        self._is_ended = False

    def readable(self) -> bool:
        """Whether it can be read: yes."""
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        """Fill as much of the buffer as the piece at hand has; raises as `pull` does."""
        if not self._piece and not self._is_ended:
            self._piece = memoryview(self._body.pull())
            self._is_ended = not self._piece
        size = min(len(buffer), len(self._piece))
        buffer[:size], self._piece = self._piece[:size], self._piece[size:]
        return size
