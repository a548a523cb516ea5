"""Classes of the standard library that travel as text, in both directions, and that msgspec leaves to us.

Dates, UUIDs and decimals are not among them: msgspec reads and writes those itself.
"""

from __future__ import annotations

from contextlib import suppress
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network
from typing import Any

__all__ = ["TEXT_TYPES", "parse_text"]

# Each is made from its text with a ValueError for a bad one, and str() gives the text back.
TEXT_TYPES: frozenset[type[Any]] = frozenset({IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network})


def parse_text(type_: type[Any], value: object) -> Any:
    """An instance of one of TEXT_TYPES from its text. Raises ValueError for anything else.

    >>> parse_text(IPv4Address, "192.0.2.7")
    IPv4Address('192.0.2.7')
    """
    # These classes would also take an integer, and 1 is no address that anybody meant.
    if isinstance(value, str):
        with suppress(ValueError):  # whose message would repeat the text at any length
            return type_(value)
    raise ValueError(f"Expected `{type_.__name__}` as text")
