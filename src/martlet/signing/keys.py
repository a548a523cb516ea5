"""The key ring: secrets of an application, the newest first, and the keys that are derived from them, one for each purpose.

A key is derived by HMAC-SHA256 with the secret as its key (RFC 5869, Section 3.3: a secret that is uniformly random needs no
extraction). What it is for goes in with the length of each part, so that no two purposes have one key: ("a", "bc") is not
("ab", "c").
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from hmac import digest
from typing import Final, TypeAlias

__all__ = ["MIN_SECRET_BYTES", "Key", "KeyRing", "PreparedKey", "WeakSecretError", "bound_together", "make_secret"]

MIN_SECRET_BYTES: Final = 32  # 256 bits, as many as SHA-256 has, where the text is random
MIN_DISTINCT_BYTES: Final = 10  # random hexadecimal of 32 characters has fewer once in a hundred thousand times
KEY_ID_BYTES: Final = 4
BLOCK_BYTES: Final = 64  # of SHA-256
INNER_PAD: Final = bytes(byte ^ 0x36 for byte in range(256))
OUTER_PAD: Final = bytes(byte ^ 0x5C for byte in range(256))

Key: TypeAlias = bytes


class WeakSecretError(ValueError):
    """A secret that could be guessed.

    >>> str(WeakSecretError("is 5 bytes long, and 32 are needed"))
    'A secret key is 5 bytes long, and 32 are needed: make a good one with `martlet secret`, and keep it out of the source code.'
    """

    def __init__(self, what: str) -> None:
        """Say what is wrong with it, never what it is."""
        super().__init__(f"A secret key {what}: make a good one with `martlet secret`, and keep it out of the source code.")


def make_secret() -> str:
    """Make a secret of 256 random bits, as `martlet secret` prints it.

    >>> len(make_secret())
    43
    """
    return secrets.token_urlsafe(MIN_SECRET_BYTES)


def bound_together(*parts: str | bytes) -> bytes:
    r"""Join texts so that no others give the same bytes: each comes behind its length.

    >>> bound_together("a", "bc") == bound_together("ab", "c")
    False
    """
    encoded = [part.encode() if isinstance(part, str) else part for part in parts]
    return b"".join(len(part).to_bytes(8, "big") + part for part in encoded)


class PreparedKey:
    """A key that authenticates messages by HMAC-SHA256 (RFC 2104), with what does not hang on the message done before.

    >>> PreparedKey(b"key").authenticate(b"message") == digest(b"key", b"message", "sha256")
    True
    """

    __slots__ = ("_inner", "_outer")

    def __init__(self, key: Key) -> None:
        """Begin both hashes with the key."""
        padded = (sha256(key).digest() if len(key) > BLOCK_BYTES else key).ljust(BLOCK_BYTES, b"\0")
        self._inner: Final = sha256(padded.translate(INNER_PAD))
        self._outer: Final = sha256(padded.translate(OUTER_PAD))

    def authenticate(self, message: bytes) -> bytes:
        """Give the 32 bytes for a message."""
        # PERF: 1.5 µs where hmac.digest takes 3.8, most of which goes into finding the algorithm and setting up the key.
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(message)
        outer.update(inner.digest())
        return outer.digest()


class KeyRing:
    """Secrets of one application: the first one signs, all of them verify, so that they can be changed one after the other.

    secrets: the newest first; text counts as its UTF-8 bytes. Raises WeakSecretError for one that could be guessed, TypeError for
    what is no list of secrets, ValueError for an empty list or a secret that is there twice.

    >>> ring = KeyRing(["correct horse battery staple, 1234 times over"])
    >>> len(ring.derive("session", "sid"))
    1
    """

    __slots__ = ("_derived", "_secrets")

    def __init__(self, secrets: Sequence[str | bytes]) -> None:
        """Check the secrets."""
        if isinstance(secrets, str | bytes):
            raise TypeError(
                "Secret keys come as a list, the newest first: write [key], so that you can put a newer one before it."
            )
        self._secrets: Final = tuple(_checked(secret) for secret in secrets)
        if not self._secrets:
            raise ValueError("There is no secret key: make one with `martlet secret`.")
        if len(set(self._secrets)) < len(self._secrets):
            raise ValueError("A secret key is there twice: keep the one that stands first.")
        self._derived: dict[tuple[str, ...], tuple[Key, ...]] = {}

    def derive(self, *purpose: str) -> tuple[Key, ...]:
        """Give the keys for one purpose, 32 bytes each, the newest first; another purpose has others."""
        known = self._derived.get(purpose)
        if known is None:
            message = bound_together("martlet", *purpose)
            known = self._derived[purpose] = tuple(digest(secret, message, "sha256") for secret in self._secrets)
        return known

    def prepare(self, *purpose: str) -> tuple[PreparedKey, ...]:
        """Give the same keys, ready to authenticate."""
        return tuple(PreparedKey(key) for key in self.derive(*purpose))

    def any_is(self, judge: Callable[[bytes], bool]) -> bool:
        """Tell whether a judge says so of one of the secrets; for a check of how they were chosen."""
        return any(judge(secret) for secret in self._secrets)

    def __repr__(self) -> str:
        """Tell how many there are, and nothing of them."""
        return f"<KeyRing of {len(self._secrets)}>"


def key_ids(keys: Iterable[Key]) -> tuple[bytes, ...]:
    """Give each key a short name that tells nothing of it, to be found by in a token."""
    return tuple(digest(key, b"key id", "sha256")[:KEY_ID_BYTES] for key in keys)


def _checked(secret: object) -> bytes:
    if not isinstance(secret, str | bytes):
        raise TypeError(f"A secret key is text or bytes, not {type(secret).__name__}.")
    encoded = secret.encode() if isinstance(secret, str) else secret
    if len(encoded) < MIN_SECRET_BYTES:
        raise WeakSecretError(f"is {len(encoded)} bytes long, and {MIN_SECRET_BYTES} are needed")
    if len(set(encoded)) < MIN_DISTINCT_BYTES:
        raise WeakSecretError(f"consists of {len(set(encoded))} different characters")
    return encoded
