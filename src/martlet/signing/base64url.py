"""base64url without padding, where every value has one spelling and every other text is refused (RFC 4648, Section 5).

Not here: constant time. What is compared secretly is compared as text, before anything is decoded.
"""

from __future__ import annotations

from binascii import Error, a2b_base64, b2a_base64
from typing import Final

__all__ = ["BadEncodingError", "decode_base64url", "decode_trusted_base64url", "encode_base64url"]

_TO_URL: Final = bytes.maketrans(b"+/", b"-_")
_FROM_URL: Final = bytes.maketrans(b"-_", b"+/")


class BadEncodingError(ValueError):
    """A text is not what `encode_base64url` gives for any bytes."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__("This is not base64url as RFC 4648 has it, without padding and with no bits to spare.")


def encode_base64url(value: bytes) -> str:
    r"""Write bytes with letters, digits, `-` and `_`.

    >>> encode_base64url(b"\xfb\xff?")
    '-_8_'
    """
    return b2a_base64(value, newline=False).translate(_TO_URL).rstrip(b"=").decode()


def decode_base64url(text: str) -> bytes:
    r"""Read what `encode_base64url` wrote; raises BadEncodingError for every other text, padding included.

    >>> decode_base64url("-_8_")
    b'\xfb\xff?'
    """
    value = decode_trusted_base64url(text)
    # PERF: writing it again and comparing takes a fifth of a regular expression for the one spelling.
    if encode_base64url(value) != text:
        raise BadEncodingError
    return value


def decode_trusted_base64url(text: str) -> bytes:
    r"""Read what `encode_base64url` is known to have written; other texts give some bytes or a BadEncodingError.

    >>> decode_trusted_base64url("-_8_")
    b'\xfb\xff?'
    """
    try:
        return a2b_base64(text.encode("ascii").translate(_FROM_URL) + b"==")
    except (Error, UnicodeEncodeError) as error:
        raise BadEncodingError from error
