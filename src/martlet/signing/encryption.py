"""Encrypted tokens: nobody without the secret can read or change them.

AES-256-GCM (NIST SP 800-38D) by the package `cryptography`. Each token has a key of its own, HMAC-SHA256 of the purpose's key and
a random salt, so that random nonces never come near the bound of 2^32 messages under one key (SP 800-38D, Section 8.3). Purpose,
version and the key's name are authenticated with the text.

Layout, in base64url: version (1 byte) · name of the key (4) · salt (16) · nonce (12) · ciphertext · tag (16).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from hmac import digest
from typing import Any, Final

from martlet.optional_packages import require_extra
from martlet.signing.base64url import BadEncodingError, decode_base64url, encode_base64url
from martlet.signing.keys import KEY_ID_BYTES, KeyRing, bound_together, key_ids

__all__ = ["Encrypter"]

MAX_TOKEN_LENGTH: Final = 64 * 1024  # what is longer is no token of ours; nothing else is done with it
VERSION: Final = b"\x01"
SALT_BYTES: Final = 16
NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16
HEAD_BYTES: Final = len(VERSION) + KEY_ID_BYTES + SALT_BYTES + NONCE_BYTES


class Encrypter:
    """Encrypts for one purpose; what was encrypted for another one does not come back.

    Raises MissingExtraError where the package `cryptography` is not installed.

    >>> encrypter = Encrypter(KeyRing(["correct horse battery staple, 1234 times over"]), "session", "sid")
    >>> encrypter.decrypt(encrypter.encrypt(b"secret"))
    b'secret'
    """

    __slots__ = ("_cipher", "_invalid", "_keys", "_newest", "_purpose")

    def __init__(self, keys: KeyRing, *purpose: str) -> None:
        """Derive the keys."""
        derived = keys.derive("encryption", *purpose)
        self._purpose: Final = bound_together(*purpose)
        self._keys: Final = tuple(zip(key_ids(derived), derived, strict=True))
        self._newest: Final = self._keys[0]
        self._cipher: Final[Callable[[bytes], Any]] = require_extra(
            "cryptography.hazmat.primitives.ciphers.aead", "standard"
        ).AESGCM
        self._invalid: Final[type[Exception]] = require_extra("cryptography.exceptions", "standard").InvalidTag

    def encrypt(self, value: bytes) -> str:
        """Make a token of bytes, another one each time."""
        key_id, key = self._newest
        salt, nonce = os.urandom(SALT_BYTES), os.urandom(NONCE_BYTES)
        head = VERSION + key_id
        sealed: bytes = self._cipher(digest(key, salt, "sha256")).encrypt(nonce, value, head + self._purpose)
        return encode_base64url(head + salt + nonce + sealed)

    def decrypt(self, token: str) -> bytes | None:
        """Give the bytes of a token, None for one that was changed, is of another purpose, or is none."""
        if len(token) > MAX_TOKEN_LENGTH:
            return None
        try:
            sealed = decode_base64url(token)
        except BadEncodingError:
            return None
        if len(sealed) < HEAD_BYTES + TAG_BYTES or sealed[:1] != VERSION:
            return None
        head, rest = sealed[: 1 + KEY_ID_BYTES], sealed[1 + KEY_ID_BYTES :]
        salt, nonce, text = rest[:SALT_BYTES], rest[SALT_BYTES : SALT_BYTES + NONCE_BYTES], rest[SALT_BYTES + NONCE_BYTES :]
        for key_id, key in self._keys:
            if key_id == head[1:]:
                try:
                    opened: bytes = self._cipher(digest(key, salt, "sha256")).decrypt(nonce, text, head + self._purpose)
                except self._invalid:
                    continue
                return opened
        return None
