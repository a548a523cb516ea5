"""Ask one middleware directly, without an application, a server or a loop; where a test needs another peer than the client's."""

from collections.abc import Awaitable
from typing import Any

from martlet import Request, Respond, Response, WSGIRequest
from martlet.messages import Middleware


class Asked(WSGIRequest):
    """A request whose peer, server and fields are given."""

    __slots__ = ()

    def __init__(self, peer: str = "127.0.0.1", scheme: str = "http", server: str = "gunicorn/27.0.1", **fields: str) -> None:
        environ: dict[str, Any] = {f"HTTP_{name.upper()}": value for name, value in fields.items()}
        super().__init__(
            {"REMOTE_ADDR": peer, "wsgi.url_scheme": scheme, "SERVER_SOFTWARE": server, "HTTP_HOST": "asked.example", **environ}
        )


def finished(work: Awaitable[Response]) -> Response:
    """Run what waits for nothing."""
    try:
        work.__await__().send(None)
    except StopIteration as stop:
        response: Response = stop.value
        return response
    raise AssertionError("It waits for something.")


async def nothing(request: Request) -> Response:
    return Response(status=204)


def answered(middleware: Middleware, request: Request, respond: Respond = nothing) -> Response:
    """What a middleware makes of a request; raises what it raises."""
    return finished(middleware(request, respond))
