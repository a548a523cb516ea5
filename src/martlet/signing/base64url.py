"""base64url without padding, where every value has one spelling and every other text is refused (RFC 4648, Section 5).

Not here: constant time. What is compared secretly is compared as text, before anything is decoded.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode

__all__ = ["BadEncodingError", "decode_base64url", "encode_base64url"]

# Of a last group of two or three characters, the last one has bits to spare, which must be 0 (RFC 4648, Section 3.5).
_ONE_SPELLING = re.compile(r"(?:[A-Za-z0-9_-]{4})*+(?:[A-Za-z0-9_-][AQgw]|[A-Za-z0-9_-]{2}[AEIMQUYcgkosw048])?")


class BadEncodingError(ValueError):
    """A text is not what `encode_base64url` gives for any bytes."""


def encode_base64url(value: bytes) -> str:
    r"""Write bytes with letters, digits, `-` and `_`.

    >>> encode_base64url(b"\xfb\xff?")
    '-_8_'
    """
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def decode_base64url(text: str) -> bytes:
    r"""Read what `encode_base64url` wrote; raises BadEncodingError for every other text, padding included.

    >>> decode_base64url("-_8_")
    b'\xfb\xff?'
    """
    if not _ONE_SPELLING.fullmatch(text):
        raise BadEncodingError("This is not base64url as RFC 4648 has it, without padding and with no bits to spare.")
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
