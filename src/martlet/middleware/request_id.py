"""Give every request an identifier that its answer, its log lines and the proxy in front share."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from typing import Final

from martlet.http import Headers
from martlet.messages import FieldName, Request, Respond, Response
from martlet.middleware.networks import Network, Networks

# Letters, digits and the marks of UUIDs, base64 and paths of spans; nothing that could break a log line or a field.
_WELL_FORMED = re.compile(r"[A-Za-z0-9._~+/=:@-]{1,128}").fullmatch


def random_id() -> str:
    """Make an identifier of 128 random bits.

    >>> len(random_id())
    32
    """
    return os.urandom(16).hex()


class RequestID:
    """Puts an identifier on each answer, and has it at hand for whatever runs for the request.

    trusted: networks of the proxies whose identifiers are taken over, if they are well formed; from anybody else, none is.
    field: the field's name, in the request and in the answer. make: how an identifier is made.
    In a log, `handler.addFilter(request_ids.stamp)` gives each record an attribute `request_id`, for `%(request_id)s`.
    Raises ValueError and BadHeaderError for a network and a name that are none.

    >>> from martlet import App
    >>> from martlet.testing import Client
    >>> app = App()
    >>> request_ids = app.use(RequestID(make=lambda: "7"))
    >>> @app.get("/")
    ... async def home() -> str | None:
    ...     return request_ids.current
    >>> answer = Client(app).get("/", headers={"x-request-id": "forged"})
    >>> answer.text, answer.headers["x-request-id"]
    ('7', '7')
    """

    inline = True

    def __init__(
        self, *, trusted: Iterable[Network] = (), field: str = "x-request-id", make: Callable[[], str] = random_id
    ) -> None:
        """Check what was given; see the class."""
        self._field: Final = FieldName(Headers({field: "1"}).keys()[0])
        self._trusted: Final = Networks(trusted)
        self._make: Final = make
        # One for each RequestID, so that two applications in a process never mix theirs.
        self._current: Final[ContextVar[str | None]] = ContextVar("request_id", default=None)

    async def __call__(self, request: Request, respond: Respond) -> Response:
        """Take over or make an identifier, and put it on the answer."""
        identifier = self._taken_over(request) if self._trusted else None
        if identifier is None:
            identifier = self._make()
        # Not reset afterwards: a streamed answer is made after this returns, and the next request sets its own.
        self._current.set(identifier)
        response = await respond(request)
        response.headers[self._field.text] = identifier
        return response

    @property
    def current(self) -> str | None:
        """The identifier of the request that the running code works for; None outside of one."""
        return self._current.get()

    def stamp(self, record: logging.LogRecord) -> bool:
        """Give a log record the attribute `request_id`, `-` outside of a request; a filter that lets every record pass."""
        record.request_id = self._current.get() or "-"
        return True

    def _taken_over(self, request: Request) -> str | None:
        sent = request.field(self._field)
        if sent is None or not _WELL_FORMED(sent) or not self._trusted.hold(request.peer):
            return None
        return sent
