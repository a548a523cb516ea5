"""A response whose body is made while it is sent: chunks of an iterator, or events of one.

It is sent as any response, over every protocol; `stream_to` sends it over ASGI without an application around it.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable, Iterable, Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, Self, TypeAlias, cast

import msgspec

from martlet.adapters.framing import wire_fields
from martlet.adapters.pulling import pull
from martlet.http import format_event
from martlet.messages import Chunk, Event, Response, Stream

__all__ = ["StreamingResponse"]

Send: TypeAlias = Callable[[MutableMapping[str, Any]], Any]
# Nobody keeps events, and a proxy in front passes each on at once (nginx reads the last field).
EVENT_FIELDS: Final = {"cache-control": "no-cache", "x-accel-buffering": "no"}


class StreamingResponse(Response):
    """A response of chunks that are pulled one by one while they are sent.

    generator: a synchronous or asynchronous iterator of text (sent as UTF-8) or bytes; it is closed whatever happens.
    length: in bytes, where it is known.

    >>> StreamingResponse(iter(["a", "b"])).headers["content-type"]
    'text/plain; charset=utf-8'
    """

    __slots__ = ()

    def __init__(
        self,
        generator: AsyncIterable[Chunk] | Iterable[Chunk],
        media_type: str = "text/plain; charset=utf-8",
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        length: int | None = None,
    ) -> None:
        """Take over the iterator; nothing of it is pulled before the response is sent."""
        super().__init__(Stream(generator, length), status=status, headers=headers, media_type=media_type)

    @classmethod
    def sse(cls, generator: AsyncIterable[object] | Iterable[object], *, headers: Mapping[str, str] | None = None) -> Self:
        """Make a text/event-stream of events: each item is an Event, or the data of one; text as it is, anything else as JSON."""
        chunks = _Framed(generator) if isinstance(generator, AsyncIterable) else _FramedHere(generator)
        return cls(chunks, "text/event-stream", headers={**EVENT_FIELDS, **(headers or {})})

    async def stream_to(self, send: Send) -> None:
        """Send it over ASGI: the start, a body event for each chunk with `more_body`, and an empty one at the end.

        The next chunk is pulled when the one before has been taken. Whatever ends the stream, the iterator is closed.
        """
        stream = cast("Stream", self.body)
        with ThreadPoolExecutor(1) as thread:
            async with pull(stream, thread) as chunks:
                await send({"type": "http.response.start", "status": self.status_code, "headers": wire_fields("GET", self)})
                async for chunk in chunks:
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def _framed_item(item: object) -> bytes:
    event: Event[Any] = cast("Event[Any]", item) if isinstance(item, Event) else Event(item)
    data = event.data if isinstance(event.data, str) else msgspec.json.encode(event.data).decode()
    return format_event(data, event=event.event, id=event.id, retry=event.retry)


class _Framed:
    """An asynchronous iterator of items as events; a class, since a generator that was never begun would close nothing."""

    __slots__ = ("_items",)

    def __init__(self, items: AsyncIterable[object]) -> None:
        self._items = aiter(items)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        return _framed_item(await anext(self._items))

    async def aclose(self) -> None:
        closing = getattr(self._items, "aclose", None)
        if closing is not None:
            await closing()


class _FramedHere:
    """A synchronous one."""

    __slots__ = ("_items",)

    def __init__(self, items: Iterable[object]) -> None:
        self._items = iter(items)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        return _framed_item(next(self._items))

    def close(self) -> None:
        closing = getattr(self._items, "close", None)
        if closing is not None:
            closing()
