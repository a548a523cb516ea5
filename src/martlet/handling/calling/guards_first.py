"""Let guards that run in a thread speak before a large body is read, and read it on the loop after all.

The thread waits for the body that the loop reads, so that guards, providers and handler stay in one thread and one context.
It is one of a pool of its own: slow uploads keep each other waiting, and nobody else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from typing import Final, TypeAlias

from martlet.handling.calling.decoding import Decode, read_body
from martlet.handling.calling.threads import InThread
from martlet.http import HTTPError
from martlet.messages import CONTENT_ENCODING, Form, Request, Response

GuardsFirst: TypeAlias = Callable[[Callable[..., Response], Request], Awaitable[Response]]
LOOK_SECONDS: Final = 1.0  # between two looks whether the loop still runs; a thread that waited for ever would hold up the exit


def guards_first_in(in_thread: InThread) -> GuardsFirst:
    """Make the function that runs `work(request, None, None, None, None, read)` in a thread of a pool for waiting."""

    async def guards_first(work: Callable[..., Response], request: Request) -> Response:
        body = AwaitedBody()
        answering = asyncio.ensure_future(in_thread(work, request, None, None, None, None, body.wait))
        try:
            await asyncio.wait({body.wanted, answering}, return_when=asyncio.FIRST_COMPLETED)
            if body.wanted.done():
                await body.read(request)
            response: Response = await answering
            return response
        finally:
            body.give_up()
            answering.cancel()

    return guards_first


def may_be_read_first(request: Request) -> bool:
    """Whether a body is announced and small, so that reading it before the guards have spoken gives nothing away."""
    try:
        length = request.content_length
    except HTTPError:
        return False  # said when the body is read, after the guards
    if length is None or length > request.limits.unguarded_bytes:
        return False
    return request.field(CONTENT_ENCODING) is None  # nobody knows how much it is when it is decoded


class AwaitedBody:
    """A body that a thread waits for and the loop reads."""

    def __init__(self) -> None:
        """Nobody wants it yet."""
        self._loop = asyncio.get_running_loop()
        self._data: Future[bytes | Form] = Future()
        self._decode: Decode | None = None
        self._keeps_bytes = False
        self.wanted: asyncio.Future[None] = self._loop.create_future()

    def wait(self, decode: Decode | None = None, *, keeps_bytes: bool = False) -> bytes | Form:
        """In the thread: have the loop read the body; raises what the reading raised, RuntimeError where the loop has ended."""
        self._decode, self._keeps_bytes = decode, keeps_bytes
        self._loop.call_soon_threadsafe(self._want)
        while True:
            try:
                return self._data.result(LOOK_SECONDS)
            except TimeoutError:
                if self._data.done():
                    raise
                if not self._loop.is_running():
                    raise RuntimeError("The event loop has ended, so the request's body cannot be read.") from None

    async def read(self, request: Request) -> None:
        """On the loop: read, and hand over what came of it."""
        try:
            self._data.set_result(await read_body(request, self._decode, keeps_bytes=self._keeps_bytes))
        except Exception as error:  # noqa: BLE001  raised in the thread, which answers
            self._data.set_exception(error)

    def give_up(self) -> None:
        """On the loop: let the thread go if it still waits."""
        self._data.cancel()

    def _want(self) -> None:
        if not self.wanted.done():
            self.wanted.set_result(None)
