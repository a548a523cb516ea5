"""What the test client sends and receives, before and after any protocol."""

from __future__ import annotations

from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, Final, Protocol
from urllib.parse import unquote, unquote_to_bytes

import msgspec

from martlet.http import Headers

CLIENT: Final = ("127.0.0.1", 50_000)
SERVER: Final = ("127.0.0.1", 80)


class Run(Protocol):
    """Runs a coroutine on the client's loop and waits for it."""

    def __call__(self, work: Coroutine[Any, Any, Any], /) -> Any:
        """Give the coroutine's result."""
        ...


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as it would stand on the wire; `chunks` is the body as it arrives at the server."""

    method: str
    target: str  # path and query, encoded
    headers: list[tuple[str, str]]
    chunks: list[bytes] = field(default_factory=list[bytes])
    breaks_off: bool = False  # the client leaves after the last chunk, before the body's end
    scheme: str = "http"

    @property
    def raw_path(self) -> str:
        """The path as sent, still encoded."""
        return self.target.partition("?")[0]

    @property
    def path(self) -> str:
        """The path decoded as servers do over ASGI and RSGI."""
        return unquote(self.raw_path, errors="replace")

    @property
    def wsgi_path(self) -> str:
        """The path as PEP 3333 wants it: its bytes in a Latin-1 coat."""
        return unquote_to_bytes(self.raw_path).decode("latin-1")

    @property
    def query_string(self) -> str:
        """The query as sent."""
        return self.target.partition("?")[2]


@dataclass(slots=True)
class Received:
    """An answer: `status_code`, `headers`, `content`.

    >>> Received(200, Headers(), b'{"a":1}').json()
    {'a': 1}
    """

    status_code: int
    headers: Headers
    content: bytes

    @property
    def text(self) -> str:
        """The content as text, UTF-8."""
        return self.content.decode()

    def json(self) -> Any:
        """The content as JSON; raises msgspec.DecodeError for what is none."""
        return msgspec.json.decode(self.content)


def endless(sent: Sent, seconds: float) -> TimeoutError:
    """Make the error for an answer that was to be read whole, and does not end."""
    return TimeoutError(
        f"The answer to {sent.method} {sent.raw_path} has begun, and has not ended {seconds:g} seconds later. A stream that does "
        f'not end is read event by event: `with client.events("{sent.raw_path}") as events: next(events)`. Where it ends, '
        "but takes its time, say `Client(app, timeout=…)`."
    )
