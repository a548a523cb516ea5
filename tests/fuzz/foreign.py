"""Applications that are mounted below the one that is asked: of other frameworks, and one of our own."""

from __future__ import annotations

from typing import Any

from martlet import App, Compression, Limits, Request


async def foreign_asgi(scope: Any, receive: Any, send: Any) -> None:
    """An application of another framework: it tells how much it was sent."""
    if scope["type"] != "http":
        return
    size, more = 0, True
    while more:
        event = await receive()
        if event["type"] != "http.request":
            return
        size, more = size + len(event.get("body", b"")), event.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": b"%d" % size, "more_body": True})
    await send({"type": "http.response.body", "body": b" bytes"})


def foreign_wsgi(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """An older application of another framework."""
    size = len(environ["wsgi.input"].read(100_000))
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"%d bytes" % size]


def inner_app(limits: Limits) -> App:
    """One with a middleware of its own."""
    inner = App(limits=limits)
    inner.use(Compression(min_bytes=50))

    @inner.route("/text/{text}", methods=["GET", "POST"])
    def text(text: str, request: Request) -> str:
        return f"{text} {request.root_path}" + " and more" * 10

    return inner
