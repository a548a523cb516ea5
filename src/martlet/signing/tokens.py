"""Signed tokens: data as JSON with the moment it expires, and a signature over that text. All can read them, nobody change them.

`base64url({"data": …, "exp": …}) . base64url(HMAC-SHA256(key, what stands before the dot))`, without padding.

A token that does not verify is nothing: whether it was changed, is of another purpose, has expired or is no token at all is not
told apart, since its sender would learn from it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from hmac import compare_digest
from typing import Any, Final, TypeAlias

import msgspec

from martlet.signing.base64url import BadEncodingError, base64url_bytes, decode_trusted_base64url
from martlet.signing.keys import Key, KeyRing, PreparedKey

__all__ = [
    "TokenSigner",
    "read_token",
    "read_token_json",
    "sign_text",
    "signature",
    "verify_text",
    "write_token",
    "write_token_json",
]

MAX_TOKEN_LENGTH: Final = 16 * 1024  # what is longer is no token of ours; nothing else is done with it
SIGNATURE_LENGTH: Final = 43  # of 32 bytes in base64url
DATA: Final = b'{"data":'
EXPIRES: Final = b',"exp":'


class _Sealed(msgspec.Struct):
    data: msgspec.Raw
    exp: int


SigningKey: TypeAlias = Key | PreparedKey

_encoder: Final = msgspec.json.Encoder()
_sealed_decoder: Final = msgspec.json.Decoder(_Sealed)
_data_decoder: Final = msgspec.json.Decoder()


def signature(message: bytes, key: SigningKey) -> str:
    """Give the HMAC-SHA256 of a message (RFC 2104) in base64url.

    >>> len(signature(b"message", b"key"))
    43
    """
    return _signature(message, key).decode()


def sign_text(text: str, key: SigningKey) -> str:
    """Put a signature behind a text of ASCII, and a dot between them.

    >>> sign_text("eyJ9", b"key")
    'eyJ9.oho9J7HzXGHBkJMVc49UXQdCb67k0DUINNRqXCHS_yg'
    """
    return _signed(text.encode("ascii"), key)


def verify_text(token: str, keys: Iterable[SigningKey]) -> str | None:
    """Give the text in front of a signature that one of the keys made, None for every other token; in constant time for each key.

    >>> verify_text("eyJ9.oho9J7HzXGHBkJMVc49UXQdCb67k0DUINNRqXCHS_yg", [b"another", b"key"])
    'eyJ9'
    """
    text = _verified(token, keys)
    return None if text is None else text.decode()


def _verified(token: str, keys: Iterable[SigningKey]) -> bytes | None:
    if len(token) > MAX_TOKEN_LENGTH or token[-SIGNATURE_LENGTH - 1 : -SIGNATURE_LENGTH] != "." or not token.isascii():
        return None
    wire = token.encode()
    message, signed = wire[: -SIGNATURE_LENGTH - 1], wire[-SIGNATURE_LENGTH:]
    # Compared as text, so that a second spelling of the same bytes is none; and with every key, whichever it is.
    is_signed = False
    for key in keys:
        is_signed |= compare_digest(_signature(message, key), signed)
    return message if is_signed else None


def _signature(message: bytes, key: SigningKey) -> bytes:
    return base64url_bytes((key if isinstance(key, PreparedKey) else PreparedKey(key)).authenticate(message))


def _signed(text: bytes, key: SigningKey) -> str:
    return (b"%b.%b" % (text, _signature(text, key))).decode()


def write_token(data: Any, expires: int, key: SigningKey) -> str:
    """Make the token of data that JSON can hold; raises TypeError for other data. expires: seconds since 1970."""
    return write_token_json(_encoder.encode(data), expires, key)


def write_token_json(data: bytes, expires: int, key: SigningKey) -> str:
    """Make the token of data that is JSON already."""
    return _signed(base64url_bytes(b'{"data":%b,"exp":%d}' % (data, expires)), key)


def read_token(token: str, keys: Iterable[SigningKey], now: float) -> Any:
    """Give the data of a token that one of the keys signed and that has not expired, None for every other text."""
    data = read_token_json(token, keys, now)
    try:
        return None if data is None else _data_decoder.decode(data)
    except (msgspec.MsgspecError, RecursionError):
        return None


def read_token_json(token: str, keys: Iterable[SigningKey], now: float) -> bytes | None:
    """Give the data of such a token as the JSON that was signed, to be decoded as a type; None for every other text."""
    text = _verified(token, keys)
    if text is None:
        return None
    try:
        # PERF: no look at the spelling, which was signed as it is: half the time.
        data, expires = _unsealed(decode_trusted_base64url(text))
    except (BadEncodingError, msgspec.MsgspecError, RecursionError):  # signed by whoever has the key, but not by us
        return None
    return data if now < expires else None


def _unsealed(text: bytes) -> tuple[bytes, int]:
    """Give data and the moment it expires; the data has yet to prove that it is JSON."""
    # PERF: as `write_token` writes it with moments of ten digits, those from 2001 to 2286: 0.4 µs less than decoding.
    expires = text[-11:-1]
    if text[:8] == DATA and text[-18:-11] == EXPIRES and expires.isdigit() and text[-1:] == b"}":
        return text[8:-18], int(expires)
    sealed = _sealed_decoder.decode(text)
    return bytes(sealed.data), sealed.exp


class TokenSigner:
    """Tokens for one purpose: a link in a mail, a field of a form.

    purpose: words of your own; what was signed for another one does not verify.
    ttl: seconds to live; never longer, and up to one shorter.

    >>> signer = TokenSigner(KeyRing(["correct horse battery staple, 1234 times over"]), "reset password", ttl=3600)
    >>> token = signer.sign({"user": 7})
    >>> signer.verify(token), signer.verify(token + "A")
    ({'user': 7}, None)
    """

    __slots__ = ("_clock", "_keys", "_ttl")

    def __init__(self, keys: KeyRing, purpose: str, *, ttl: int, clock: Callable[[], float] = time.time) -> None:
        """Derive the keys."""
        self._keys: Final = keys.prepare("token", purpose)
        self._ttl: Final = ttl
        self._clock: Final = clock

    def sign(self, data: Any) -> str:
        """Make a token of data that JSON can hold; raises TypeError for other data."""
        return write_token(data, int(self._clock()) + self._ttl, self._keys[0])

    def verify(self, token: str) -> Any:
        """Give the data of a token, None for one that was changed, has expired, or is none."""
        return read_token(token, self._keys, self._clock())
