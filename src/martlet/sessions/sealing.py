"""How a record becomes the value of a cookie, and a cookie's value a record: signed, or encrypted."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, Protocol

from martlet.sessions.records import Record, decode_record
from martlet.sessions.session_store import SessionStore
from martlet.signing import Encrypter, KeyRing

__all__ = ["EncryptedSeal", "Seal", "SignedSeal"]


class Seal(Protocol):
    """Makes a cookie's value of a record."""

    def close(self, text: bytes) -> str:
        """Give the value for a record as JSON."""
        ...

    def open(self, value: str) -> tuple[Record, bytes] | None:
        """Give the record of a value that we made, and the JSON that it is; None for any other."""
        ...


class SignedSeal:
    """Signed, so that anyone can read it and nobody change it."""

    def __init__(self, keys: KeyRing, name: str, ttl: int, clock: Callable[[], float] = time.time) -> None:
        """name: of the cookie, whose values are no other's. ttl: seconds."""
        self._store: Final = SessionStore(ttl, clock=clock)
        self._keys: Final = keys.prepare("session cookie", name)

    def close(self, text: bytes) -> str:
        """Sign with the newest key."""
        return self._store.write_json(text, self._keys[0])

    def open(self, value: str) -> tuple[Record, bytes] | None:
        """Verify with any of the keys."""
        text = self._store.read_json(value, self._keys)
        record = None if text is None else decode_record(text)
        return None if record is None or text is None else (record, text)


class EncryptedSeal:
    """Encrypted, so that nobody else can read or change it; it expires by what is in it."""

    def __init__(self, keys: KeyRing, name: str, ttl: int, clock: Callable[[], float] = time.time) -> None:
        """name: of the cookie, whose values are no other's. ttl: seconds."""
        self._encrypter: Final = Encrypter(keys, "session cookie", name)
        self._ttl: Final = ttl
        self._clock: Final = clock

    def close(self, text: bytes) -> str:
        """Encrypt with the newest key."""
        return self._encrypter.encrypt(text)

    def open(self, value: str) -> tuple[Record, bytes] | None:
        """Decrypt with the key that it names."""
        text = self._encrypter.decrypt(value)
        record = None if text is None else decode_record(text)
        return None if record is None or text is None or self._clock() >= record.seen + self._ttl else (record, text)
