"""End what takes too long."""

from __future__ import annotations

import asyncio
import math
from typing import Final

from martlet.http import ServiceUnavailableError
from martlet.messages import Request, Respond, Response


class Timeout:
    """Cancels whatever has not begun to answer in time, and answers 503.

    seconds: from here to the response; a streamed one may go on for as long as it likes. retry_after: seconds to wait, for the
    client to read. An `async def` handler gets the CancelledError, and its providers clean up; a plain `def` in its thread
    cannot be stopped, so its answer is dropped when it comes. 503 and not 504, which is a proxy's word about the server behind it
    (RFC 9110, section 15.6.5). Needs an event loop, so that over WSGI every request goes to the background one.
    Raises ValueError for a time that is none.

    >>> from martlet import App
    >>> from martlet.testing import Client
    >>> app = App()
    >>> timeout = app.use(Timeout(0.01))
    >>> @app.get("/")
    ... async def sleep() -> None:
    ...     await asyncio.sleep(60)
    >>> Client(app).get("/").status_code
    503
    """

    inline = False

    def __init__(self, seconds: float, *, retry_after: int | None = None) -> None:
        """Check the times."""
        if type(seconds) not in {int, float} or not 0 < seconds < math.inf:
            raise ValueError(f"The timeout is {seconds!r}: write seconds, more than 0.")
        if retry_after is not None and (type(retry_after) is not int or retry_after < 0):
            raise ValueError(f"retry_after is {retry_after!r}: write seconds as a whole number, or leave it out.")
        self._seconds: Final = seconds
        self._retry_after: Final = retry_after

    async def __call__(self, request: Request, respond: Respond) -> Response:
        """Wait for the response, for so long."""
        deadline = asyncio.timeout(self._seconds)
        try:
            async with deadline:
                return await respond(request)
        except TimeoutError:
            if not deadline.expired():
                raise
            raise ServiceUnavailableError(
                f"There was no answer within {self._seconds:g} seconds.", retry_after=self._retry_after
            ) from None
