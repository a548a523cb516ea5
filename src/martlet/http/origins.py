r"""Sets of web origins: who may ask across origins, and whose pages may post.

An Origin field holds an origin in one spelling only, `scheme://host[:port]` in lower case and without the scheme's usual port, or
`null` (RFC 6454, section 6.2; HTML, "serialization of an origin"). So members are compared exactly, and a member that no browser
could ever send is refused with its cure, rather than kept to match nothing. No member is ever read as a regular expression
unless it is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import AddressValueError, IPv4Address
from typing import Any, Final

from martlet.http.authorities import DEFAULT_PORTS, in_ascii, shortest_ipv6
from martlet.http.grammar import excerpt

__all__ = ["OriginSet"]

MAX_ORIGIN: Final = 300  # characters: the longest host, a scheme and a port; what is longer is no origin that a browser sends
# What no list should hold; an expression that takes all of these takes whatever it is given.
STRANGERS: Final = ("https://stranger.example", "https://www.stranger.example:8443", "http://192.0.2.1", "https://x.invalid")

_SERIALIZED = re.compile(r"[a-z][a-z0-9+.-]*+://[!\"$-.0->A-\[\]-~]++")
_LITERAL = re.compile(r"([a-z][a-z0-9+.-]*+)://(\[[0-9a-f:.]++\]|[a-z0-9_.-]++)(?::([0-9]{1,5}|\*))?")
_LABELS = re.compile(r"[a-z0-9_-]++(?:\.[a-z0-9_-]++)*")
_ALL_DIGITS = re.compile(r"[0-9.]+")
# A dot that stands for any character: not escaped, not in a class, not repeated. Escapes and classes are eaten first.
_BARE_DOT = re.compile(r"(?:\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[^\\\[.]|\.(?=[*+?{]))*\.(?![*+?{])", re.DOTALL)


class OriginSet:
    r"""A set of origins, tested by `in`; frozen once it is made.

    `literals` are the members that stand for themselves, `is_everything` and `allows_null` tell the two that need care.

    members: literal origins, `null`, patterns with `*.` before the host (one or more labels, not the host itself) or `*` as the
    port, and compiled regular expressions, which must match the whole origin; or `"*"` alone for every origin there is.
    Raises TypeError for what is no such member, ValueError for one that could match nothing, or more than it says.

    >>> allowed = OriginSet(["https://example.org", "https://*.example.org", "http://localhost:*"])
    >>> [origin in allowed for origin in ("https://example.org", "https://a.b.example.org", "https://example.org.evil.example")]
    [True, True, False]
    >>> OriginSet(["https://example.org/"])
    Traceback (most recent call last):
        ...
    ValueError: 'https://example.org/' is no origin: write 'https://example.org', without a path or a slash at its end.
    """

    __slots__ = ("_expressions", "allows_null", "is_everything", "literals")

    def __init__(self, members: Iterable[str | re.Pattern[str]]) -> None:
        """Check and sort the members; see the class."""
        if isinstance(members, str):
            if members != "*":
                raise TypeError(
                    f"The origins are one text, {excerpt(members)}: put it into a list, or write '*' for every origin."
                )
            members = ["*"]
        given = list(members)
        self.is_everything: Final = "*" in given
        if self.is_everything and len(given) > 1:
            raise ValueError("'*' allows every origin, so nothing may stand beside it: leave the others out, or '*'.")
        self.allows_null: Final = self.is_everything or "null" in given
        literals: set[str] = {"null"} if self.allows_null else set()
        expressions: list[re.Pattern[str]] = []
        for member in given:
            if isinstance(member, re.Pattern):
                expressions.append(_checked_expression(member))
            elif member not in ("*", "null"):
                pattern = _checked_member(member)
                literals.add(member) if pattern is None else expressions.append(pattern)
        self.literals: Final = frozenset(literals)
        self._expressions: Final = tuple(expressions)

    def __contains__(self, origin: object) -> bool:
        if origin in self.literals:
            return True
        if not isinstance(origin, str):
            return False
        if self.is_everything:
            return True
        # However much an expression lets through, what has a path, a user or a control character in it is no origin.
        if not self._expressions or len(origin) > MAX_ORIGIN or not _SERIALIZED.fullmatch(origin):
            return False
        return any(expression.fullmatch(origin) for expression in self._expressions)

    def __repr__(self) -> str:
        if self.is_everything:
            return "OriginSet('*')"
        return f"OriginSet({sorted(self.literals) + [expression.pattern for expression in self._expressions]!r})"


def _checked_member(member: object) -> re.Pattern[str] | None:
    """Check a literal, which gives None, or a pattern, which gives its expression."""
    if not isinstance(member, str):
        raise TypeError(f"{member!r} is no origin: write text such as 'https://example.org', or re.compile(...).")
    any_subdomain = "://*." in member
    match = _LITERAL.fullmatch(member.replace("://*.", "://", 1))
    if match is None:
        raise ValueError(f"{excerpt(member)} is no origin: {_cure(member)}.")
    scheme, host, port = match.groups()
    _check_host(member, host, any_subdomain=any_subdomain)
    _check_port(member, scheme, port)
    if not any_subdomain and port != "*":
        return None
    return re.compile(
        re.escape(f"{scheme}://")
        + (r"(?:[a-z0-9_-]++\.)+" if any_subdomain else "")
        + re.escape(host)
        + ("(?::[0-9]{1,5})?" if port == "*" else "" if port is None else f":{port}")
    )


def _check_host(member: str, host: str, *, any_subdomain: bool) -> None:
    try:
        if host[0] == "[":
            canonical = f"[{shortest_ipv6(host[1:-1])}]"
        elif _ALL_DIGITS.fullmatch(host):
            canonical = str(IPv4Address(host))
        else:
            canonical = host if _LABELS.fullmatch(host) else ""
    except AddressValueError:
        canonical = ""
    if canonical != host:
        cure = f"write the address as browsers do, {canonical!r}" if canonical else "its host is no name and no address"
        raise ValueError(f"{excerpt(member)} is no origin: {cure}.")
    if any_subdomain and (host[0] == "[" or _ALL_DIGITS.fullmatch(host)):
        raise ValueError(f"{excerpt(member)}: an address has nothing below it; leave '*.' out.")
    if any_subdomain and "." not in host and host != "localhost":
        raise ValueError(f"{excerpt(member)} allows every site below {host!r}: name a domain that is yours.")


def _check_port(member: str, scheme: str, port: str | None) -> None:
    if scheme in {"ws", "wss"}:
        right = member.replace("ws", "http", 1)
        raise ValueError(f"{excerpt(member)} is no origin: a page that opens a WebSocket has the origin {right!r}.")
    if port is None or port == "*":
        return
    if port[0] == "0" or int(port) > 65_535:
        raise ValueError(f"{excerpt(member)} is no origin: a port is 1 to 65535, without leading zeros.")
    if int(port) == DEFAULT_PORTS.get(scheme):
        raise ValueError(
            f"{excerpt(member)} is no origin: browsers leave out the usual port, so write {member.rpartition(':')[0]!r}."
        )


def _cure(member: str) -> str:
    """Say what to write in place of a member that is no origin."""
    scheme, separator, rest = member.partition("://")
    if not separator:
        return f"write the scheme too, as in {'https://' + member!r}" if re.fullmatch(r"[\w.*-]+", member) else _FORM
    if not rest.isascii():
        right = f"{scheme}://{in_ascii(rest)}"
        return f"write the host as browsers send it, {right!r}" if _LITERAL.fullmatch(right) else _FORM
    if member != member.lower() and _LITERAL.fullmatch(member.lower().replace("://*.", "://", 1)):
        return f"browsers send it in lower case, so write {member.lower()!r}"
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    if authority and authority != rest and _LITERAL.fullmatch(f"{scheme}://{authority}".replace("://*.", "://", 1)):
        return f"write {scheme + '://' + authority!r}, without a path or a slash at its end"
    if "*" in rest:
        return (
            "a '*' stands for labels before a host ('https://*.example.org') or for a port ('http://localhost:*'), nothing else"
        )
    return _FORM


_FORM = "write scheme, host and, if it is not the usual one, the port, as in 'https://example.org:8443'"


def _checked_expression(expression: re.Pattern[Any]) -> re.Pattern[str]:
    """Check a regular expression of the author's own, as far as expressions can be checked."""
    source = expression.pattern
    if not isinstance(source, str):
        raise TypeError(f"{source!r} is an expression for bytes; origins are text: write re.compile(r'...').")
    if _BARE_DOT.match(source):
        raise ValueError(rf"The expression {source!r} has a dot that stands for any character: write '\.' for a dot.")
    if all(expression.fullmatch(stranger) for stranger in STRANGERS):
        raise ValueError(f"The expression {source!r} matches every origin: write '*' if that is meant, else name the hosts.")
    return expression
