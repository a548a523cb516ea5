"""The Forwarded field: what the proxies on the way tell of the request as each of them received it (RFC 7239).

Read strictly: a field that breaks the grammar is refused as a whole, since whoever can unbalance a quote could otherwise swallow
what a trusted proxy added behind it. Not here: whom to believe (middleware/).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address

from martlet.http.authorities import parse_authority, shortest_ipv6
from martlet.http.errors import BadRequestError
from martlet.http.grammar import excerpt, parse_parameters, split_list

__all__ = ["Forwarded", "Node", "parse_forwarded", "parse_node"]

_OBFUSCATED = r"_[A-Za-z0-9._-]++"
_NODE = re.compile(
    rf"(?:([0-9.]{{7,15}})|\[([0-9A-Fa-f:.]{{2,45}})\]|((?i:unknown))|({_OBFUSCATED}))(?::(?:([0-9]{{1,5}})|{_OBFUSCATED}))?"
)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*+")


@dataclass(frozen=True, slots=True)
class Node:
    """One end of a connection (RFC 7239, section 6).

    name: an address in its shortest form, without brackets; `unknown`; or an identifier of the proxy's own, such as `_hidden`.
    port: None where it is absent or an identifier too.

    >>> Node("192.0.2.43", 47011).is_address, Node("_hidden").is_address
    (True, False)
    """

    name: str
    port: int | None = None

    @property
    def is_address(self) -> bool:
        """False for `unknown` and for identifiers."""
        return self.name != "unknown" and self.name[0] != "_"


@dataclass(frozen=True, slots=True)
class Forwarded:
    """What one proxy tells: who asked (`client`), where (`by`), for which `host` and by which `scheme`; None is not told."""

    client: Node | None = None
    by: Node | None = None
    host: str | None = None
    scheme: str | None = None


def parse_forwarded(text: str, *, limit: int = 100) -> list[Forwarded]:
    """Read a Forwarded field: one element for each proxy, the one next to the server last.

    limit: elements in it. Parameters that the RFC does not name are checked and left out.
    Raises BadRequestError for whatever breaks the grammar: a piece that is no `name=value`, a parameter given twice in one
    element, a node, a host or a scheme that is none, more elements than `limit`.

    >>> parse_forwarded('for=192.0.2.43;proto=https, for="[2001:db8::17]:4711"')[1].client
    Node(name='2001:db8::17', port=4711)
    """
    members = list(split_list(text, limit=limit + 1))
    if len(members) > limit:
        raise BadRequestError(f"The Forwarded field has more than {limit} elements.")
    return [_element(member) for member in members]


def parse_node(text: str) -> Node:
    """Read one node (RFC 7239, section 6); raises BadRequestError for what is none.

    >>> parse_node("[2001:DB8::1]:80"), parse_node("unknown")
    (Node(name='2001:db8::1', port=80), Node(name='unknown', port=None))
    """
    match = _NODE.fullmatch(text)
    if match is None:
        raise _no_node(text)
    four, six, unknown, identifier, digits = match.groups()
    port = int(digits) if digits else None
    try:
        name = str(IPv4Address(four)) if four else shortest_ipv6(six) if six else "unknown" if unknown else identifier
    except AddressValueError:
        raise _no_node(text) from None
    if port is not None and port > 65_535:
        raise _no_node(text)
    return Node(name, port)


def _element(text: str) -> Forwarded:
    pairs = parse_parameters(f";{text}")
    if pairs is None:
        raise BadRequestError(f"The Forwarded field has {excerpt(text)} in it, which is no list of name=value pairs.")
    told = dict(pairs)
    if len(told) < len(pairs):
        raise BadRequestError(f"The Forwarded field has {excerpt(text)} in it, which names a parameter twice.")
    client, by, host, scheme = (told.get(name) for name in ("for", "by", "host", "proto"))
    if scheme is not None and not _SCHEME.fullmatch(scheme):
        raise BadRequestError(f"The Forwarded field has the scheme {excerpt(scheme)}, which is none.")
    return Forwarded(
        client=None if client is None else parse_node(client),
        by=None if by is None else parse_node(by),
        host=None if host is None else str(parse_authority(host)),
        scheme=None if scheme is None else scheme.lower(),
    )


def _no_node(text: str) -> BadRequestError:
    return BadRequestError(
        f"The Forwarded field names {excerpt(text)}, which is no address, 'unknown' or identifier, with an optional port."
    )
