"""What every store refuses before it does anything: keys and values that are too large, lifetimes that are none."""

from __future__ import annotations

from hashlib import sha256
from typing import Final

from martlet.stores.contract import CENTURY, StoreLimitError

MAX_KEY_BYTES: Final = 1_024  # in UTF-8; SQLite and Redis keep each key beside its value, in memory or in an index
MAX_VALUE_BYTES: Final = 8 * 1024 * 1024  # unless a store is told otherwise; Redis serves nobody else while it moves a value
LONGEST_AS_IT_IS: Final = MAX_KEY_BYTES // 4  # characters, of up to 4 bytes

# Text may hold half of a surrogate pair, which UTF-8 has no bytes for.
SURROGATES: Final = "surrogatepass"


def key_bytes(key: str) -> bytes:
    r"""Encode a key; raises StoreLimitError for one that is too long.

    >>> key_bytes("session/ü")
    b'session/\xc3\xbc'
    """
    encoded = key.encode("utf-8", SURROGATES)
    if len(encoded) > MAX_KEY_BYTES:
        raise StoreLimitError(
            f"A key of {len(encoded)} bytes is too long: at most {MAX_KEY_BYTES}. Use a hash of it, such as its SHA-256."
        )
    return encoded


def short_key(key: str) -> str:
    """Give a key that every store takes, whatever a client has put into it: a long one becomes its SHA-256.

    >>> short_key("rate:login:Ada"), len(short_key("rate:login:" + "A" * 10_000))
    ('rate:login:Ada', 71)
    """
    if len(key) <= LONGEST_AS_IT_IS:
        return key
    return f"sha256:{sha256(key.encode('utf-8', SURROGATES)).hexdigest()}"


def check_value(value: bytes, max_bytes: int) -> None:
    """Raise StoreLimitError for a value that is too large.

    >>> check_value(b"12345", max_bytes=4)
    Traceback (most recent call last):
    martlet.stores.contract.StoreLimitError: A value of 5 bytes is too large for this store, which takes at most 4.
    """
    if len(value) > max_bytes:
        raise StoreLimitError(f"A value of {len(value)} bytes is too large for this store, which takes at most {max_bytes}.")


def check_ttl(ttl: float | None) -> None:
    """Raise ValueError for seconds that no entry can live.

    >>> check_ttl(0)
    Traceback (most recent call last):
    ValueError: An entry cannot live for 0 seconds: give seconds above 0 and at most 3162240000, or None for ever.
    """
    if ttl is not None and not 0 < ttl <= CENTURY:
        raise ValueError(
            f"An entry cannot live for {ttl} seconds: give seconds above 0 and at most {CENTURY:.0f}, or None for ever."
        )
