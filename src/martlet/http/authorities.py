"""Authorities: the host and port that a Host field, a Forwarded parameter or an entry of a configuration names.

Stricter than RFC 3986, section 3.2.2, whose reg-name takes commas and percent-signs too: no server has such a name, and a comma
is what two Host fields look like once a server has joined them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from martlet.http.errors import BadRequestError
from martlet.http.grammar import excerpt

__all__ = ["DEFAULT_PORTS", "Authority", "in_ascii", "parse_authority", "shortest_ipv6"]

MAX_HOST = 253  # characters of a name in the DNS (RFC 1035, section 2.3.4)
DEFAULT_PORTS = {"http": 80, "https": 443}

# Underscores are no part of a host's name by RFC 952, but container networks are full of them.
_AUTHORITY = re.compile(r"(?:([A-Za-z0-9_-]++(?:\.[A-Za-z0-9_-]++)*)\.?|\[([0-9A-Fa-f:.]{2,45})\])(?::([0-9]{0,5}))?")
_ALL_DIGITS = re.compile(r"[0-9.]+")


@dataclass(frozen=True, slots=True)
class Authority:
    """A host in lower case, IPv6 addresses in brackets and in their shortest form, and the port if one was named.

    >>> str(Authority("example.org", 8080)), Authority("example.org").port_for("https")
    ('example.org:8080', 443)
    """

    host: str
    port: int | None = None

    def port_for(self, scheme: str) -> int | None:
        """The port, else the one that the scheme implies; None for a scheme other than http and https."""
        return DEFAULT_PORTS.get(scheme) if self.port is None else self.port

    def __str__(self) -> str:
        return self.host if self.port is None else f"{self.host}:{self.port}"


def parse_authority(text: str) -> Authority:
    """Read `host` or `host:port` (RFC 9110, section 7.2); a dot at the end of a name is dropped.

    Raises BadRequestError for anything else: nothing at all, user names, paths, lists, addresses and ports that are none.

    >>> parse_authority("Shop.Example.ORG:8080"), parse_authority("[2001:DB8::0:1]")
    (Authority(host='shop.example.org', port=8080), Authority(host='[2001:db8::1]', port=None))
    >>> parse_authority("shop.example.org@evil.example")
    Traceback (most recent call last):
        ...
    martlet.http.errors.BadRequestError: 400 'shop.example.org@evil.example' is no host with an optional port.
    """
    match = _AUTHORITY.fullmatch(text) if len(text) <= MAX_HOST + 7 else None
    if match is None:
        raise _refused(text)
    name, address, digits = match.groups()
    port = int(digits) if digits else None
    if port is not None and port > 65_535:
        raise _refused(text)
    try:
        host = f"[{shortest_ipv6(address)}]" if name is None else _checked_name(name)
    except AddressValueError:
        raise _refused(text) from None
    return Authority(host, port)


def shortest_ipv6(text: str) -> str:
    """An IPv6 address as browsers write it, without brackets; raises AddressValueError for what is none.

    Python writes one that holds an IPv4 address so until 3.12, and with dots from 3.13 on.

    >>> shortest_ipv6("2001:DB8:0:0::7"), shortest_ipv6("::FFFF:192.0.2.7")
    ('2001:db8::7', '::ffff:c000:207')
    """
    address = IPv6Address(text)
    if address.ipv4_mapped is None:
        return str(address)
    number = int(address.ipv4_mapped)
    return f"::ffff:{number >> 16:x}:{number & 0xFFFF:x}"


def in_ascii(host: str) -> str:
    """A host as clients send it, for one that a person may have written; empty for what is none.

    >>> in_ascii("bücher.example"), in_ascii("a b")
    ('xn--bcher-kva.example', '')
    """
    try:
        return parse_authority(host.encode("idna").decode()).host
    except (UnicodeError, BadRequestError):
        return ""


def _checked_name(name: str) -> str:
    """A name in lower case; what is written in digits and dots must be an IPv4 address."""
    if len(name) > MAX_HOST:
        raise AddressValueError
    return str(IPv4Address(name)) if _ALL_DIGITS.fullmatch(name) else name.lower()


def _refused(text: str) -> BadRequestError:
    return BadRequestError(f"{excerpt(text)} is no host with an optional port.")
