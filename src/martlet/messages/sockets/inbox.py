"""The messages of one WebSocket between who reads them and the handler: one at most, so that a client feels who takes it."""

from __future__ import annotations

import asyncio
import math
from typing import TypeAlias

__all__ = ["Inbox", "Message", "wake"]

Message: TypeAlias = str | bytes  # a text message, or a binary one


class Inbox:
    """Room for one message.

    is_asked: whether the handler has ever asked for one. unheard_since: by the loop's clock, when a message came for a handler
    that has never asked; or inf.

    PERF: rather than a queue: 3 KB less for each idle socket, a quarter.
    """

    __slots__ = ("_ignores", "_is_closed", "_loop", "_message", "_room", "_waiting", "is_asked", "unheard_since")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin empty."""
        self._loop = loop
        self._message: Message | None = None
        self._waiting: asyncio.Future[None] | None = None  # the handler, for a message
        self._room: asyncio.Future[None] | None = None  # the server, for the last one to be taken
        self._is_closed = self._ignores = self.is_asked = False
        self.unheard_since = math.inf

    @property
    def will_be_asked(self) -> bool:
        """Whether the handler will learn of the closing: it asks, or has a first message to take."""
        return self.is_asked or self._message is not None

    async def take(self) -> Message | None:
        """Give the next message, None once there is none; raises RuntimeError where another task waits for one."""
        if not self.is_asked:
            self.is_asked, self.unheard_since = True, math.inf
        while self._message is None:
            if self._waiting is not None:
                raise RuntimeError("Two tasks receive from one WebSocket: let one of them receive, and hand on what it gets.")
            if self._is_closed:
                return None
            self._waiting = self._loop.create_future()
            try:
                await self._waiting
            finally:
                self._waiting = None
        message, self._message = self._message, None
        wake(self._room)
        return message

    async def put(self, message: Message) -> None:
        """Hand over a message, and wait until the last one is taken; one behind the closing is nobody's."""
        while self._message is not None and not self._is_closed:
            self._room = self._loop.create_future()
            await self._room
        if not self._is_closed and (self.is_asked or not self._ignores):
            if not self.is_asked:
                self.unheard_since = self._loop.time()
            self._message = message
            wake(self._waiting)

    def ignore(self) -> None:
        """Drop what the handler has never asked for, and what comes until it asks."""
        self._ignores, self.unheard_since, self._message = True, math.inf, None
        wake(self._room)

    def close(self) -> None:
        """Take no more; wake who waits."""
        self._is_closed = True
        wake(self._waiting)
        wake(self._room)


def wake(waiting: asyncio.Future[None] | None) -> None:
    """Let go on who waits, if somebody does."""
    if waiting is not None and not waiting.done():
        waiting.set_result(None)
