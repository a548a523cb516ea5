"""A response whose body is made while it is sent: chunks of an iterator, or events of one.

It is sent as any response, over every protocol; `stream_to` sends it over ASGI without an application around it.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Self, TypeAlias, cast

import msgspec

from martlet.adapters.framing import wire_fields
from martlet.adapters.leaving import ClientLeftError
from martlet.adapters.streams.open_streams import OpenStreams
from martlet.adapters.streams.pulling import pull
from martlet.http import Limits
from martlet.messages import (
    EVENT_ASIDES,
    EVENT_FIELDS,
    Chunk,
    IdleChunk,
    Response,
    Stream,
    as_chunks,
    encode_chunk,
    event_bytes,
)

__all__ = ["StreamingResponse"]

Send: TypeAlias = Callable[[MutableMapping[str, Any]], Any]


class StreamingResponse(Response):
    """A response of chunks that are pulled one by one while they are sent.

    generator: a synchronous or asynchronous iterator of text (sent as UTF-8) or bytes; it is closed whatever happens.
    length: in bytes, where it is known.
    idle: a chunk that means nothing to the reader between any two others, such as an empty line; it is sent when the iterator has
    given none for `Limits.keep_alive_seconds`, so that proxies keep the connection and a client that is gone is noticed.

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
        idle: Chunk | None = None,
    ) -> None:
        """Take over the iterator; nothing of it is pulled before the response is sent."""
        asides = None if idle is None else IdleChunk(encode_chunk(idle))
        super().__init__(Stream(generator, length, asides=asides), status=status, headers=headers, media_type=media_type)

    @classmethod
    def sse(cls, generator: AsyncIterable[object] | Iterable[object], *, headers: Mapping[str, str] | None = None) -> Self:
        """Make a text/event-stream of events: each item is an Event, or the data of one; text as it is, anything else as JSON."""
        response = cls(as_chunks(generator, _event_bytes), "text/event-stream", headers={**EVENT_FIELDS, **(headers or {})})
        cast("Stream", response.body).asides = EVENT_ASIDES
        return response

    async def stream_to(self, send: Send) -> None:
        """Send it over ASGI: the start, a body event for each chunk with `more_body`, and an empty one at the end.

        The next chunk is pulled when the one before has been taken. Whatever ends the stream, the iterator is closed.
        """
        stream = cast("Stream", self.body)
        with ThreadPoolExecutor(1) as thread:
            async with pull(stream, thread) as chunks:
                await send({"type": "http.response.start", "status": self.status_code, "headers": wire_fields("GET", self)})
                await _send_chunks(chunks, send, stream)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _send_chunks(chunks: AsyncIterator[bytes], send: Send, stream: Stream) -> None:
    try:
        await OpenStreams().send(chunks, partial(_write, send), Limits(), stream)
    except ClientLeftError as left:
        if isinstance(left.__cause__, OSError):
            raise left.__cause__ from None  # what `send` raised is its owner's to see
        raise


async def _write(send: Send, chunk: bytes) -> None:
    await send({"type": "http.response.body", "body": chunk, "more_body": True})


def _event_bytes(item: object) -> bytes:
    return event_bytes(item, msgspec.json.encode)
