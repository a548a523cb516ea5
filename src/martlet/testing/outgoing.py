"""From what a test asks for to the request that is sent: target, fields, cookies, body."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypedDict, cast
from urllib.parse import quote

import msgspec

from martlet.http import SAFE_METHODS, URLENCODED
from martlet.testing.cookie_jar import CookieJar, Place
from martlet.testing.exchange import Sent
from martlet.testing.form_bodies import SentFile, multipart, urlencoded

__all__ = ["Outgoing", "SendOptions", "SocketOptions", "check_options", "field_lines"]

UNSENDABLE: Final = frozenset("\r\n")  # in a field: it would end there (RFC 9112, Section 5)


class SendOptions(TypedDict, total=False):
    """What a request may carry.

    query: added to the target. json, form, data, content: the body, one of them; `content` may be chunks.
    data: the fields of a form, as `form`; beside `files` it is written with parts.
    files: by field; each its content, a path, or a tuple of a name, the content and, if need be, the type; None is a field that
        was left empty, a list a field with several.
    breaks_off: the client leaves before the body's end.
    """

    query: Mapping[str, Any]
    headers: Mapping[str, str] | Iterable[tuple[str, str]]
    json: Any
    form: Mapping[str, Any]
    data: Mapping[str, Any]
    files: Mapping[str, SentFile | list[SentFile]]
    content: bytes | str | Iterable[bytes]
    breaks_off: bool


class SocketOptions(TypedDict, total=False):
    """What a handshake may carry: as a request."""

    query: Mapping[str, Any]
    headers: Mapping[str, str] | Iterable[tuple[str, str]]


class Outgoing:
    """Makes the requests of one client. headers: sent with every request."""

    def __init__(self, headers: Mapping[str, str], scheme: str) -> None:
        """Take what is the same for all of them."""
        self._headers = headers
        self._scheme = scheme

    def sent(
        self, method: str, target: str, options: SendOptions, cookies: CookieJar, *, is_socket: bool = False
    ) -> tuple[Sent, Place]:
        """Give what stands on the wire, and where its cookies belong."""
        query = options.get("query")
        if query:
            target = f"{target}{'&' if '?' in target else '?'}{urlencoded(query)}"
        target = quote(target, safe="/%?#&=+:@!$'()*,;~[]")
        headers = self._fields(options)
        place = _place(target, headers, self._scheme)
        kept = cookies.field_for(place)
        if kept and not any(name.lower() == "cookie" for name, _ in headers):
            headers.append(("cookie", kept))
            if is_socket or method not in SAFE_METHODS:
                self._name_origin(headers)
        chunks = _body(options, headers)
        lines = [(name, value) for name, value in headers if name.lower() != "content-length" or value]
        return Sent(method, target, lines, chunks, options.get("breaks_off", False), self._scheme), place

    def _name_origin(self, headers: list[tuple[str, str]]) -> None:
        """Say which page sends what may change something, as browsers do: one of the application itself."""
        if "origin" not in (given := {name.lower(): value for name, value in headers}):
            headers.append(("origin", f"{self._scheme}://{given.get('host', '')}"))

    def _fields(self, options: SendOptions) -> list[tuple[str, str]]:
        own = field_lines(options)
        names = {name.lower() for name, _ in own}
        for field in own:
            if not UNSENDABLE.isdisjoint("".join(field)):
                raise ValueError(f"The field {field[0]!r:.80} has a line break in it, so that no client could send it.")
        usual = {"host": "testserver", "user-agent": "martlet-client", **self._headers}
        return [*((name, value) for name, value in usual.items() if name.lower() not in names), *own]


def field_lines(options: SendOptions | SocketOptions) -> list[tuple[str, str]]:
    """Give the fields that a caller named."""
    given = options.get("headers", {})
    return list(cast("Mapping[str, str]", given).items() if isinstance(given, Mapping) else given)


def _place(target: str, headers: list[tuple[str, str]], scheme: str) -> Place:
    host = next((value for name, value in headers if name.lower() == "host"), "").lower()
    return Place(re.sub(":[0-9]*$", "", host), target.partition("?")[0], scheme == "https")


def _body(options: SendOptions, headers: list[tuple[str, str]]) -> list[bytes]:
    """Make the body's chunks, and add the fields that go with it; chunks of the caller's own are sent without a length."""
    names = {name.lower() for name, _ in headers}
    if "json" in options:
        content, kind = msgspec.json.encode(options["json"]), "application/json"
    elif "files" in options:
        kind, content = multipart(options.get("data") or options.get("form") or {}, options["files"])
    elif "form" in options or "data" in options:
        content, kind = urlencoded(options.get("form") or options.get("data") or {}).encode(), URLENCODED
    else:
        given = options.get("content", b"")
        if not isinstance(given, bytes | str):
            headers.append(("transfer-encoding", "chunked"))
            return list(given)
        content, kind = given.encode() if isinstance(given, str) else given, ""
    if kind and "content-type" not in names:
        headers.append(("content-type", kind))
    if (content or kind) and "content-length" not in names:
        headers.append(("content-length", str(len(content))))
    return [content] if content else []


def check_options(options: SendOptions) -> None:
    """Raise TypeError for an option that is not known."""
    for name in options:
        if name not in SendOptions.__annotations__:
            hint = {"params": "query", "body": "content"}.get(name)
            known = ", ".join(sorted(SendOptions.__annotations__))
            raise TypeError(f"A request has no option {name!r}; {f'write {hint!r}' if hint else f'known are {known}'}.")
