"""The events of a request over ASGI for two who wait at once: who reads the body, and who looks out for the client's leaving."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any, Final, Protocol, TypeAlias

Event: TypeAlias = MutableMapping[str, Any]
READER_SECONDS: Final = 30.0  # that a handler may leave a chunk of the body unread; then the body is let go
DISCONNECT: Final[Event] = {"type": "http.disconnect"}


class Reader(Protocol):
    """Who asks a server for events.

    arriving: False while nobody waits for one, True while somebody does, a future where others wait for the same one.
    """

    arriving: bool | asyncio.Future[Event | None]


async def next_event(reader: Reader, receive: Callable[[], Awaitable[Event]]) -> Event:
    """Wait for an event, and let others see that somebody waits."""
    reader.arriving = True
    try:
        event = await receive()
    except BaseException:
        _came(reader, None)
        raise
    _came(reader, event)
    return event


def _came(reader: Reader, event: Event | None) -> None:
    awaited, reader.arriving = reader.arriving, False
    if isinstance(awaited, asyncio.Future) and not awaited.done():
        awaited.set_result(event)


async def event_under_way(reader: Reader) -> Event | None:
    """Give the event that somebody waits for; None where nobody does, or not any more."""
    if reader.arriving is True:
        reader.arriving = asyncio.get_running_loop().create_future()
    return await asyncio.shield(reader.arriving) if isinstance(reader.arriving, asyncio.Future) else None


class Inbox:
    """Stands between a server's `receive` and whoever reads, and keeps the events that come while `gone` waits."""

    __slots__ = ("_events", "_has_left", "_is_broken", "_is_waiting", "_news", "_reader", "_receive", "arriving")

    def __init__(self, receive: Callable[[], Awaitable[Event]], reader: Reader | None = None) -> None:
        """Own a server's `receive` from now on.

        reader: who may wait for an event already. The server is asked for the next one only when it is here: of two who wait,
        some servers serve the later one first, and the body would change its order.
        """
        self._receive = receive
        self._reader = reader
        # PERF: a tuple and an event made late, not a deque and an event: 1.4 KB less for each stream, a tenth.
        self._events: tuple[Event, ...] = ()  # two at most, so that an upload still feels who reads it
        self._news: asyncio.Event | None = None  # one was kept, or taken
        self._is_waiting = False  # in `gone`, which alone asks the server then
        self._is_broken = False  # part of the body was let go, so that it can never be whole
        self._has_left = False
        self.arriving: bool | asyncio.Future[Event | None] = False

    async def gone(self) -> None:
        """Wait until the client leaves, keeping the events of the body for `receive`; may be cancelled, and begun again."""
        self._is_waiting = True
        try:
            for reader in (self._reader, self):
                event = None if reader is None else await event_under_way(reader)
                self._has_left = self._has_left or (event is not None and event["type"] == "http.disconnect")
            while not self._has_left:
                await self._keep(await self._receive())
        finally:
            self._is_waiting = False
            self._tell()

    def __call__(self) -> Awaitable[Event]:
        """Be what a server's `receive` is."""
        return self.receive()

    async def receive(self) -> Event:
        """Give the next event of the body; where part of it was let go, the client counts as gone."""
        while not self._events:
            if self._is_broken or self._has_left:
                return DISCONNECT
            if not self._is_waiting:
                return await next_event(self, self._receive)
            await self._something_new()
        self._tell()
        event, *later = self._events
        self._events = tuple(later)
        return event

    async def _keep(self, event: Event) -> None:
        if event["type"] == "http.disconnect":
            self._has_left = True
        elif not self._is_broken:
            self._events = (*self._events, event)
            self._tell()
            if event.get("more_body", False):
                await self._until_taken()

    async def _until_taken(self) -> None:
        # Waiting for a reader who never comes would hide the client's leaving, and an endless stream would outlive it.
        with suppress(TimeoutError):
            async with asyncio.timeout(READER_SECONDS):
                while self._events:
                    await self._something_new()
                return
        self._is_broken = True

    async def _something_new(self) -> None:
        self._news = self._news or asyncio.Event()
        self._news.clear()
        await self._news.wait()

    def _tell(self) -> None:
        if self._news is not None:
            self._news.set()
