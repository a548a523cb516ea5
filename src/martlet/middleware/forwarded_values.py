"""The values of the X-Forwarded fields, which have no standard: read as the proxies in use write them, else refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from martlet.http import BadRequestError, Node, parse_authority, parse_node
from martlet.http.authorities import DEFAULT_PORTS
from martlet.http.grammar import excerpt

SCHEMES: Final = {"http": "http", "https": "https", "ws": "http", "wss": "https"}  # some proxies name a WebSocket's own
_PREFIX = re.compile(r"(?:/(?!\.{1,2}(?:/|\Z))[A-Za-z0-9._~!$&'()*+;=:@-]++)*/?")


def members_from_the_end(text: str | None, limit: int) -> Iterator[str]:
    """Give the members of a list, the last first, without the empty ones; raises BadRequestError beyond the limit.

    >>> list(members_from_the_end("192.0.2.1,, 10.0.0.1", 5))
    ['10.0.0.1', '192.0.2.1']
    """
    given = 0
    for member in reversed(text.split(",") if text else ()):
        if stripped := member.strip(" \t"):
            given += 1
            if given > limit:
                raise BadRequestError(f"The request has come through more than {limit} proxies.")
            yield stripped


def last_member(text: str | None) -> str | None:
    """Give the last member of a list, which the nearest proxy wrote; None where there is none."""
    return None if not text else text.rpartition(",")[2].strip(" \t") or None


def node_of(text: str) -> Node:
    """Read an address, with a port or without; IPv6 may go without its brackets. Raises BadRequestError for what is none.

    >>> node_of("2001:db8::1"), node_of("192.0.2.7:4711")
    (Node(name='2001:db8::1', port=None), Node(name='192.0.2.7', port=4711))
    """
    if text[:1] != "[" and text.count(":") > 1:
        text = f"[{text}]"
    try:
        return parse_node(text)
    except BadRequestError:
        raise BadRequestError(f"X-Forwarded-For has {excerpt(text)} in it, which is no address.") from None


def believed_scheme(text: str | None) -> str | None:
    """Give `http` or `https`; raises BadRequestError for another scheme."""
    if text is None:
        return None
    scheme = SCHEMES.get(text.lower())
    if scheme is None:
        raise BadRequestError(f"A proxy tells the scheme {excerpt(text)}, which is neither http nor https.")
    return scheme


def believed_host(host: str | None, port: str | None, *, asked: str, scheme: str) -> str | None:
    """Give the authority a client asked for: the host as told, else as asked, with the port as told, unless it is the usual one.

    Raises BadRequestError for a host and a port that are none.

    >>> (
    ...     believed_host("Shop.example", "8443", asked="", scheme="https"),
    ...     believed_host(None, "443", asked="a.example:8000", scheme="https"),
    ... )
    ('shop.example:8443', 'a.example')
    """
    if host is None and (port is None or not asked):
        return None
    authority = parse_authority(host or asked)
    if port is not None:
        if not (port.isascii() and port.isdigit() and len(port) <= 5 and 0 < int(port) < 65_536):
            raise BadRequestError(f"X-Forwarded-Port is {excerpt(port)}, which is no port.")
        authority = replace(authority, port=None if int(port) == DEFAULT_PORTS.get(scheme) else int(port))
    return str(authority)


def root_path(text: str | None) -> str | None:
    """Give a prefix without a slash at its end; raises BadRequestError for what could lead elsewhere.

    >>> root_path("/shop/"), root_path("/"), root_path(None)
    ('/shop', '', None)
    """
    if not text:
        return None
    if not _PREFIX.fullmatch(text):
        raise BadRequestError(f"X-Forwarded-Prefix is {excerpt(text)}, which is no path.")
    return text.rstrip("/")
