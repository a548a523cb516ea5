"""Refuse large bodies before anything else is done with a request."""

from __future__ import annotations

from typing import Final

from martlet.messages import Request, Respond, Response, too_large


class BodyLimit:
    """Answers 413 to a request that announces a larger body, whatever its path, and before anybody is asked who he is.

    max_bytes: of a body as received. An application that uses it takes no more at any route, whatever limits the route has, so
    that a body of unknown length ends there too.
    Raises ValueError for a number that is none.

    >>> from martlet import App
    >>> from martlet.testing import Client
    >>> app = App()
    >>> limit = app.use(BodyLimit(10))
    >>> [Client(app).post("/nowhere", content=b"x" * size).status_code for size in (10, 11)]
    [404, 413]
    """

    inline = True

    def __init__(self, max_bytes: int) -> None:
        """Check the bound."""
        if type(max_bytes) is not int or max_bytes < 0:
            raise ValueError(f"The limit is {max_bytes!r}: write bytes as a whole number.")
        self.max_bytes: Final = max_bytes

    async def __call__(self, request: Request, respond: Respond) -> Response:
        """Refuse a body that is announced as too large."""
        length = request.content_length
        if length is not None and length > self.max_bytes:
            raise too_large(self.max_bytes)
        return await respond(request)
