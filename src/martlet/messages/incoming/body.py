"""The body of a request: read piece by piece, or whole and then kept; never more of it than the limits let through."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Awaitable
from contextlib import aclosing
from typing import Any, Final

from martlet.http import BadRequestError, ContentTooLargeError, Limits, parse_json
from martlet.messages.after import AfterResponse
from martlet.messages.extras import RequestExtras
from martlet.messages.field_names import CONTENT_ENCODING, CONTENT_LENGTH, FieldName
from martlet.messages.incoming.content_decoding import content_decoding

SMALL_LENGTHS: Final = {str(size): size for size in range(2_048)}  # bytes; typical JSON bodies are below it


class IncompleteBodyError(BadRequestError):
    """The client left, or broke its framing, before its whole body had arrived."""

    default_message = "The request body ended before it was complete."


class IncomingBody(ABC):
    """What a request knows of its body; `limits` are the bounds in force."""

    __slots__ = ("_body", "_extras", "_started", "limits")

    def __init__(self, limits: Limits) -> None:
        """Begin with nothing read."""
        self.limits = limits
        self._body: bytes | None = None
        self._started = False
        self._extras: RequestExtras | None = None

    @property
    def has_extras(self) -> bool:
        """Whether anybody needed them yet."""
        return self._extras is not None

    @property
    def extras(self) -> RequestExtras:
        """What only some requests need."""
        if self._extras is None:
            self._extras = RequestExtras()
        return self._extras

    @property
    def after(self) -> AfterResponse:
        """What is to be done once the answer has been sent."""
        return AfterResponse(self.extras.after)

    @property
    def raw_path(self) -> str | None:
        """The path as it was sent, still encoded; None where the server does not tell."""
        return None

    @abstractmethod
    def field(self, name: FieldName) -> str | None:
        """One header field's combined value, without building `headers`."""

    @abstractmethod
    def _receive(self) -> AsyncGenerator[bytes]:
        """Pull the body's chunks from the server, once; raises IncompleteBodyError if the client leaves."""

    @property
    def content_length(self) -> int | None:
        """The body's announced length in bytes; raises BadRequestError for what is no length (RFC 9110 section 8.6)."""
        text = self.field(CONTENT_LENGTH)
        if not text:
            return None
        known = SMALL_LENGTHS.get(text)  # PERF: 0.1 µs less than checking the digits, 2 % of a small POST
        if known is not None:
            return known
        if len(text) > 19 or not (text.isascii() and text.isdigit()):  # 19 digits hold 64 bits
            raise BadRequestError("The Content-Length field is not a number of bytes.")
        return int(text)

    @property
    def is_read(self) -> bool:
        """Whether `body` is there."""
        return self._body is not None

    @property
    def body(self) -> bytes:
        """The body once `await read()` has run; raises RuntimeError before that."""
        if self._body is None:
            raise RuntimeError("The body has not been read yet: call `await request.read()` first.")
        return self._body

    @property
    def is_on_loop(self) -> bool:
        """Whether an event loop runs whatever answers this request; where none does, this thread may block."""
        return True

    def expect_no_body(self) -> None:
        """Say that there is none, whatever the server might give: of the handshake of a WebSocket."""
        self._started, self._body = True, b""

    def client_leaving(self) -> Awaitable[object] | None:
        """Give what waits until the client has left, and may be cancelled; None where the server does not tell."""
        return None

    def chunks(self) -> AsyncGenerator[bytes]:
        """Give the body piece by piece as it arrives, its content codings undone; once, unless it was read whole before.

        Raises ContentTooLargeError as soon as more than `limits.body_bytes` are announced, have come, or were made of what has
        come; IncompleteBodyError if the client leaves; UnsupportedMediaTypeError and BadRequestError for a content coding
        that is not understood, and for what is not in it.
        """
        if self._body is not None:
            return _whole(self._body)
        if self._started:
            raise RuntimeError("The body was already taken by `chunks()`; keep what it gave, or use `await request.read()`.")
        self._started = True
        coded = self.field(CONTENT_ENCODING)
        decoding = None if coded is None else content_decoding(coded, self.limits)
        return self._arriving() if decoding is None else decoding.decode(self._arriving(), is_on_loop=self.is_on_loop)

    async def _arriving(self) -> AsyncGenerator[bytes]:
        """Give the chunks as they come, within the limits."""
        limit, expected, received = self.limits.body_bytes, self.content_length, 0
        if expected is not None and expected > limit:
            raise too_large(limit)
        async with aclosing(self._receive()) as arriving:
            async for chunk in arriving:
                received += len(chunk)
                if received > limit:
                    raise too_large(limit)
                if chunk:
                    yield chunk
        if expected is not None and received < expected:  # some servers end an aborted upload as if it were whole
            raise IncompleteBodyError

    async def read(self) -> bytes:
        """Read the whole body; a second call gives the same bytes. Raises as `chunks` does."""
        if self._body is None:
            self._body = b"".join([chunk async for chunk in self.chunks()])
        return self._body

    async def json(self) -> Any:
        """Read the body as JSON, whatever its Content-Type; raises BadRequestError for what is none, and as `read` does."""
        return parse_json(await self.read(), max_depth=self.limits.nesting_depth)


async def _whole(body: bytes) -> AsyncGenerator[bytes]:
    yield body


def too_large(limit: int) -> ContentTooLargeError:
    """Say the bound that a body went beyond."""
    return ContentTooLargeError(f"The request body is larger than {limit:,} bytes.")
