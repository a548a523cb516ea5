"""What is answered on a loop in place of what no server may be handed: a 500, and the stream is closed that is not sent."""

from __future__ import annotations

from martlet.adapters.framing import unsendable
from martlet.adapters.streams.pulling import pull
from martlet.messages import Application, Request, Response, Stream


async def sendable(request: Request, response: Response, app: Application) -> Response:
    """Give the response itself, or the answer in its place."""
    error = unsendable(response)
    if error is None:
        return response
    if isinstance(response.body, Stream):
        async with pull(response.body, app.threads):
            pass  # closed unread
    return app.give_up(request, error)
