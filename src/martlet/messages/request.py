"""A request as handlers see it, whatever server it came through.

Each adapter has a subclass that reads its server's objects, and reads them only when somebody asks.
Not here: what a body means (rendering/), which handler answers (routing/).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from martlet.http import BadRequestError, ContentTooLargeError, Headers, Limits, QueryString, parse_cookies, parse_json
from martlet.messages.body import Stream


class FieldName:
    """A header field's name in the form each protocol looks it up by.

    >>> FieldName("content-type").environ
    'CONTENT_TYPE'
    """

    __slots__ = ("environ", "text", "wire")

    def __init__(self, name: str) -> None:
        """Prepare a lower-case name."""
        self.text: Final = name
        self.wire: Final = name.encode()
        key = name.upper().replace("-", "_")
        self.environ: Final = key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"  # RFC 3875 section 4.1


ACCEPT: Final = FieldName("accept")
CONTENT_TYPE: Final = FieldName("content-type")
CONTENT_LENGTH: Final = FieldName("content-length")
HOST: Final = FieldName("host")
COOKIE: Final = FieldName("cookie")


SMALL_LENGTHS: Final = {str(size): size for size in range(2_048)}  # bytes; typical JSON bodies are below it
NO_PARAMS: Final[Mapping[str, Any]] = MappingProxyType({})  # until a route is found


class IncompleteBodyError(BadRequestError):
    """The client left, or broke its framing, before its whole body had arrived."""

    default_message = "The request body ended before it was complete."


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from, as a trusted proxy tells it; None where it does not tell."""

    client: tuple[str, int] | None = None
    scheme: str | None = None
    host: str | None = None
    root_path: str | None = None


@dataclass(slots=True)
class RequestExtras:
    """What only some requests need; made when the first of it is asked for, so that the others do not pay for it.

    streams: those that a middleware was given for an answer, and may put aside.
    origin: set by a middleware that trusts the proxy in front.
    after: what runs once the answer has been sent.
    uncompressed: whether the route keeps its answers from being compressed.
    """

    streams: list[Stream] = field(default_factory=list[Stream])
    headers: Headers | None = None
    query: QueryString | None = None
    cookies: dict[str, str] | None = None
    origin: Origin | None = None
    after: list[Callable[[], Any]] = field(default_factory=list)
    uncompressed: bool = False


class Request(ABC):
    """One request: `method`, `path`, `params` of the matched pattern, and the rest on demand.

    path: percent-decoded, bad UTF-8 replaced by U+FFFD; the same over every protocol.
    limits: the bounds in force; those of the route once it is found.
    user: what the authenticator returned, None before it ran or when nobody is there.
    """

    __slots__ = ("_body", "_extras", "_started", "limits", "method", "params", "path", "user")

    def __init__(self, method: str, path: str, limits: Limits) -> None:
        """Hold what every request has; the rest is read when asked for."""
        # Some servers write it in capitals whatever was sent; so do we, or a check of the method could be gone round.
        self.method = method if method.isupper() else method.upper()
        self.path = path
        self.limits = limits
        self.params: Mapping[str, Any] = NO_PARAMS
        self.user: Any = None
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
    @abstractmethod
    def query_string(self) -> str:
        """The query as it was sent, still encoded, without the `?`."""

    @property
    def client(self) -> tuple[str, int] | None:
        """The client's address and port: the peer's, unless a trusted proxy named another; None where nobody tells."""
        origin = None if self._extras is None else self._extras.origin
        return self.peer if origin is None or origin.client is None else origin.client

    @property
    def scheme(self) -> str:
        """`http` or `https`: the server's, unless a trusted proxy named another."""
        origin = None if self._extras is None else self._extras.origin
        return self.peer_scheme if origin is None or origin.scheme is None else origin.scheme

    @property
    def root_path(self) -> str:
        """Where the application lies, as `/shop`, without a slash at its end; `path` begins behind it. Empty for most."""
        origin = None if self._extras is None else self._extras.origin
        return self.server_root_path if origin is None or origin.root_path is None else origin.root_path

    @property
    @abstractmethod
    def server_root_path(self) -> str:
        """The root path that the server was told of."""

    @property
    @abstractmethod
    def peer(self) -> tuple[str, int] | None:
        """The address and port of whoever holds the connection, None where the server tells none."""

    @property
    @abstractmethod
    def peer_scheme(self) -> str:
        """`http` or `https`, as the server received it."""

    @property
    @abstractmethod
    def http_version(self) -> str:
        """`1.0`, `1.1`, `2` or `3`."""

    @property
    def is_on_loop(self) -> bool:
        """Whether an event loop runs whatever answers this request; where none does, this thread may block."""
        return True

    @abstractmethod
    def field(self, name: FieldName) -> str | None:
        """One header field's combined value, without building `headers`."""

    @abstractmethod
    def _field_lines(self) -> list[tuple[str, str]]:
        """All header field lines in order, names in lower case."""

    @abstractmethod
    def _receive(self) -> AsyncGenerator[bytes]:
        """Pull the body's chunks from the server, once; raises IncompleteBodyError if the client leaves."""

    @property
    def headers(self) -> Headers:
        """All header fields (RFC 9110 section 5)."""
        extras = self.extras
        if extras.headers is None:
            extras.headers = Headers.from_wire(self._field_lines())
        return extras.headers

    @property
    def query(self) -> QueryString:
        """The query's fields; raises BadRequestError beyond `limits.query_fields`."""
        extras = self.extras
        if extras.query is None:
            extras.query = QueryString(self.query_string, max_fields=self.limits.query_fields)
        return extras.query

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies the client sent (RFC 6265bis section 5.7); of two with one name, the first."""
        extras = self.extras
        if extras.cookies is None:
            extras.cookies = dict(parse_cookies(self.field(COOKIE) or ""))
        return extras.cookies

    @property
    def host(self) -> str:
        """The authority the client asked for, with its port if it named one; empty if it named none."""
        origin = None if self._extras is None else self._extras.origin
        return (self.field(HOST) or "") if origin is None or origin.host is None else origin.host

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
    def body(self) -> bytes:
        """The body once `await read()` has run; raises RuntimeError before that."""
        if self._body is None:
            raise RuntimeError("The body has not been read yet: call `await request.read()` first.")
        return self._body

    async def chunks(self) -> AsyncGenerator[bytes]:
        """Give the body piece by piece as it arrives; once, unless it was read whole before.

        Raises ContentTooLargeError as soon as more than `limits.body_bytes` are announced or have come,
        IncompleteBodyError if the client leaves.
        """
        if self._body is not None:
            yield self._body
            return
        if self._started:
            raise RuntimeError("The body was already taken by `chunks()`; keep what it gave, or use `await request.read()`.")
        self._started = True
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

    def __repr__(self) -> str:
        """Show the method and the path."""
        return f"<{type(self).__name__} {self.method} {self.path}>"


def too_large(limit: int) -> ContentTooLargeError:
    """Say the bound that a body went beyond."""
    return ContentTooLargeError(f"The request body is larger than {limit:,} bytes.")
