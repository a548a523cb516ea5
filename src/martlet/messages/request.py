"""A request as handlers see it, whatever server it came through.

Each adapter has a subclass that reads its server's objects, and reads them only when somebody asks.
Not here: reading its body (incoming.py, incoming_form.py), what a body means (rendering/), which handler answers (routing/).
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

from martlet.http import Headers, Limits, QueryString, checked_field, make_nonce, parse_cookies
from martlet.messages.field_names import ACCEPT, CONTENT_TYPE, COOKIE, HOST, FieldNames
from martlet.messages.incoming.form import IncomingForm
from martlet.messages.sent_paths import sent_path

NO_PARAMS: Final[Mapping[str, Any]] = MappingProxyType({})  # until a route is found

NONCE_TOO_LATE: Final = (
    "The nonce is asked for first while the answer is streamed, whose policy has been sent without it: "
    "read request.nonce before you return the Stream."
)


class Request(IncomingForm):
    """One request: `method`, `path`, `params` of the matched pattern, and the rest on demand.

    path: percent-decoded, bad UTF-8 replaced by U+FFFD; the same over every protocol.
    limits: the bounds in force; those of the route once it is found.
    user: what the authenticator returned, None before it ran or when nobody is there.
    """

    __slots__ = ("method", "params", "path", "user")

    def __init__(self, method: str, path: str, limits: Limits) -> None:
        """Hold what every request has; the rest is read when asked for."""
        super().__init__(limits)
        self.method = method  # as it was sent: `post` is not POST (RFC 9110 section 9.1), unless the server made it so
        self.path = path
        self.params: Mapping[str, Any] = NO_PARAMS
        self.user: Any = None

    def fields(self, names: FieldNames) -> Mapping[str, str]:
        """Those of several header fields that were sent, by their names, each with its combined value."""
        found = ((name.text, self.field(name)) for name in names.names)
        return {name: value for name, value in found if value is not None}

    @property
    @abstractmethod
    def query_string(self) -> str:
        """The query as it was sent, still encoded, without the `?`."""

    @property
    def target(self) -> str:
        """What was asked for as a link of this site, with its query: `/books?page=2`; such as `next` of a login."""
        return sent_path(self) + (f"?{self.query_string}" if self.query_string else "")

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
        extras = self._extras
        if extras is None:
            return self.server_root_path
        told = None if extras.origin is None else extras.origin.root_path
        return self.server_root_path or extras.root_path if told is None else told

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
    def accept_key(self) -> bytes | str | None:
        """The Accept field in the form the server gave it: not to be read, but to remember by what it led to."""
        return self.field(ACCEPT)

    @property
    def content_type_key(self) -> bytes | str | None:
        """The Content-Type field, likewise."""
        return self.field(CONTENT_TYPE)

    async def early_hints(self, links: Iterable[str]) -> bool:
        """Tell the client what it will need before the answer is known, where the server can (103, RFC 8297); True if it could.

        links: values of the Link field, as `</app.css>; rel=preload; as=style`. Raises BadHeaderError for what is no value.
        """
        for link in links:
            checked_field("link", link)
        return False

    @property
    def names_are_as_sent(self) -> bool:
        """False where the server may show a field `X_Real_IP` under the name of `X-Real-IP`, as CGI does."""
        return True

    @abstractmethod
    def _field_lines(self) -> list[tuple[str, str]]:
        """All header field lines in order, names in lower case."""

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
            extras.cookies = parse_cookies(self.field(COOKIE) or "")
        return extras.cookies

    @property
    def nonce(self) -> str:
        """The nonce of this answer's content security policy, for `<script nonce=…>`; the same however often it is asked for.

        It is sent where the policy has a place for it: `SecurityHeaders(content_security_policy="script-src 'nonce-{nonce}'")`.
        Raises RuntimeError where it is too late for that: in a Stream whose fields are out.
        """
        extras = self.extras
        if extras.nonce is None:
            if extras.policy_is_out:
                raise RuntimeError(NONCE_TOO_LATE)
            extras.nonce = make_nonce()
        return extras.nonce

    @property
    def host(self) -> str:
        """The authority the client asked for, with its port if it named one; empty if it named none."""
        origin = None if self._extras is None else self._extras.origin
        return (self.field(HOST) or "") if origin is None or origin.host is None else origin.host

    def __repr__(self) -> str:
        """Show the method and the path."""
        return f"<{type(self).__name__} {self.method} {self.path}>"
