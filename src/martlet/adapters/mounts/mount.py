"""Other applications below a prefix: what a mount is, where a request meets it, and what becomes of its answer.

A mount is a handler that takes the whole request. It answers over every protocol, whatever the one its application speaks.
"""

from __future__ import annotations

import functools
from abc import ABC, abstractmethod
from collections.abc import Iterable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any, Final

from martlet.adapters.asgi.request import ASGIRequest
from martlet.adapters.mounts.request_below import RequestBelow
from martlet.adapters.rsgi.application import RSGIRequest
from martlet.adapters.wsgi.request import WSGIRequest
from martlet.http import Headers, HTTPStatus, checked_field
from martlet.messages import Body, Request, Response, prepared_response, too_large

REST: Final = "path"  # the pattern's parameter for what comes after the prefix
# Of one connection, which is not the mounted application's to speak of (RFC 9110 section 7.6.1).
CONNECTION_FIELDS: Final = frozenset({"connection", "keep-alive", "proxy-connection", "te", "transfer-encoding", "upgrade"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where a request meets a mounted application: `root_path` is all before it, `path` what is left for it."""

    root_path: str
    path: str  # empty, or with a slash at its start


class Mount(ABC):
    """An application below a prefix; `start` and `stop` run with the lifespan of the one around it."""

    inline: bool = False  # a promise: where no event loop runs, it answers without one

    def __init__(self, application: Any) -> None:
        """Hold the application; nothing is called yet."""
        self.application = application

    @abstractmethod
    def prepare(self, threads: Executor, seconds: float) -> None:
        """Get ready at freeze. threads: for what blocks. seconds: to wait, in `stop`, for work that goes on after an answer."""

    @property
    @abstractmethod
    def description(self) -> str:
        """What is mounted, in words, for a list of routes."""

    @property
    def has_lifespan(self) -> bool:
        """Whether it is to be started and stopped."""
        return True

    @abstractmethod
    def live_with(self, first: Mount) -> None:
        """Leave starting and stopping to another mount of the same application."""

    @abstractmethod
    async def start(self) -> None:
        """Start the application; raises what keeps it from starting."""

    @abstractmethod
    async def stop(self) -> None:
        """Stop the application."""

    @abstractmethod
    async def __call__(self, request: Request) -> Response:
        """Answer a request; what the application raises is raised here."""


def name_of(application: object) -> str:
    """The name of an application that is a function, else that of its class.

    >>> def old(environ, start_response): ...
    >>> name_of(functools.partial(old, {})), name_of(Headers())
    ('old', 'Headers')
    """
    while isinstance(application, functools.partial):
        application = application.func
    return str(getattr(application, "__name__", type(application).__name__))


def place_of(request: Request) -> Place:
    """Tell where a request meets its mount, whose pattern ends in the parameter REST, in a slash, or in the prefix."""
    rest = request.params.get(REST)
    path = f"/{rest}" if rest is not None else "/" if request.path.endswith("/") else ""
    return Place(request.root_path + request.path[: len(request.path) - len(path)], path)


def served_request(request: Request) -> Request:
    """Give the request as the server gave it, where a mounted Martlet application has one of its own."""
    while isinstance(request, RequestBelow):
        request = request.outer
    return request


def server_of(request: Request) -> tuple[str, int] | None:
    """Tell the address and the port that the server listens on, None where it does not tell."""
    match request:
        case ASGIRequest():
            host, port = map(str, request.scope.get("server") or ("", ""))
        case WSGIRequest():
            host, port = request.environ.get("SERVER_NAME", ""), str(request.environ.get("SERVER_PORT", ""))
        case RSGIRequest():
            host, _, port = request.scope.server.rpartition(":")
        case _:
            return None
    return (host.strip("[]"), int(port)) if host and port.isdigit() else None


def check_length(request: Request) -> None:
    """Raise ContentTooLargeError where the body is announced to be longer than the route allows."""
    length, limit = request.content_length, request.limits.body_bytes
    if length is not None and length > limit:
        raise too_large(limit)


def foreign_response(status: int, lines: Iterable[tuple[bytes, bytes]], body: Body) -> Response:
    """Make a response of what a mounted application gave, and add nothing.

    Raises BadHeaderError for a field that no server may be handed, ValueError for a status that ends no exchange.
    """
    if not 200 <= status <= 599:
        raise ValueError(f"The mounted application answered {status}, which is no status of a final answer.")
    fields: list[tuple[str, str]] = []
    for raw_name, raw_value in lines:
        name, value = checked_field(raw_name.decode("latin-1"), raw_value.decode("latin-1"))
        if name not in CONNECTION_FIELDS:
            fields.append((name, value if value.isascii() else _text(value.encode("latin-1"))))
    return prepared_response(status, Headers.from_wire(fields), body)


def _text(raw: bytes) -> str:
    """Read a value as the adapters will write it, UTF-8, so that its bytes stay what they are."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def stated_length(method: str, response: Response) -> int | None:
    """Give the length that the answer's own Content-Length field states, in bytes, if a body of that length follows."""
    text = response.headers.get("content-length")
    if method == "HEAD" or text is None or not HTTPStatus.allows_content(response.status_code):
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 19 else None
