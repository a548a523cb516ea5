"""A server's side of one ASGI request."""

from __future__ import annotations

import asyncio
from typing import Any

from martlet.adapters import asgi_application
from tests.adapters.applications import Answer, OneAnswer


class ASGIExchange:
    """A server's side of one ASGI request: what it sends, what it was sent, and when its client leaves."""

    def __init__(self, *events: dict[str, Any], leaves: bool = False, breaks_at: int | None = None) -> None:
        """leaves: after these events. breaks_at: from which event on `send` raises OSError."""
        self._events = list(events) or [{"type": "http.request", "body": b"", "more_body": False}]
        self._breaks_at = breaks_at
        self.sent: list[dict[str, Any]] = []
        self.received = 0
        self._news = asyncio.Event()
        self.gone = asyncio.Event()
        if leaves:
            self.gone.set()

    async def receive(self) -> dict[str, Any]:
        self.received += 1
        if self._events:
            return self._events.pop(0)
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, event: Any) -> None:
        if self._breaks_at is not None and len(self.sent) >= self._breaks_at:
            raise OSError("the client has left")
        self.sent.append(dict(event))
        self._news.set()

    async def until(self, number: int) -> None:
        """Wait until so many events were sent."""
        while len(self.sent) < number:
            self._news.clear()
            await self._news.wait()

    @property
    def status(self) -> int:
        status: int = self.sent[0]["status"]
        return status

    @property
    def headers(self) -> dict[bytes, bytes]:
        return dict(self.sent[0]["headers"])

    @property
    def body(self) -> bytes:
        return b"".join(event.get("body", b"") for event in self.sent[1:])

    @property
    def ended(self) -> bool:
        return bool(self.sent) and self.sent[-1]["type"] != "http.response.start" and not self.sent[-1].get("more_body", False)


def asgi_scope(method: str = "GET", path: str = "/", **others: Any) -> dict[str, Any]:
    """Describe a request as an ASGI server does."""
    return {
        "type": "http",
        "method": method,
        "path": path,
        "headers": [(b"host", b"example.org")],
        "query_string": b"",
        "http_version": "1.1",
        **others,
    }


async def serve(answer: Answer, exchange: ASGIExchange, method: str = "GET", **scope: Any) -> None:
    """Have an application of one function answer."""
    app = asgi_application(OneAnswer(answer))
    await asyncio.wait_for(app(asgi_scope(method, **scope), exchange.receive, exchange.send), timeout=5)
