"""The codec of a signed session cookie: data in, text out, and back until it expires.

It keeps nothing: the data is in the cookie. What keeps sessions on the server is `Sessions(store=…)`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, cast

from martlet.signing import PreparedKey, read_token, read_token_json, write_token, write_token_json

__all__ = ["SessionStore"]


class SessionStore:
    """Writes session data as a signed text, and reads it again; the signed cookie of an App is made by it, with a derived key.

    ttl: seconds that a session lives; never longer, and up to one shorter.

    >>> store = SessionStore(ttl=3600)
    >>> cookie = store.create_session({"user_id": 42}, "my-app-secret")
    >>> cookie[:3], cookie.count(".")
    ('eyJ', 1)
    >>> store.load_session(cookie, "my-app-secret"), store.load_session(cookie, "another-secret")
    ({'user_id': 42}, None)
    """

    __slots__ = ("_clock", "_ttl")

    def __init__(self, ttl: int = 3600, *, clock: Callable[[], float] = time.time) -> None:
        """Make a codec; it holds no sessions."""
        self._ttl: Final = ttl
        self._clock: Final = clock

    def create_session(self, data: Mapping[str, Any], secret: str | bytes) -> str:
        """Sign data that JSON can hold; anyone can read it in the text, and nobody change it.

        Raises TypeError for data that JSON cannot hold, ValueError for an empty secret.
        """
        return write_token(data, int(self._clock()) + self._ttl, _key(secret))

    def load_session(self, cookie: str, secret: str | bytes) -> dict[str, Any] | None:
        """Give the data, or None: for a text that was changed, has expired, was signed with another secret, or is no session."""
        data = read_token(cookie, (_key(secret),), self._clock())
        return cast("dict[str, Any]", data) if isinstance(data, dict) else None

    def write_json(self, text: bytes, key: PreparedKey) -> str:
        """Sign data that is JSON already."""
        return write_token_json(text, int(self._clock()) + self._ttl, key)

    def read_json(self, cookie: str, keys: Iterable[PreparedKey]) -> bytes | None:
        """Give what `load_session` gives, as the JSON that was signed with one of the keys, to be decoded as a type."""
        return read_token_json(cookie, keys, self._clock())


def _key(secret: str | bytes) -> bytes:
    if not secret:
        raise ValueError("The secret is empty, so anybody could sign: make one with `martlet secret`.")
    return secret.encode() if isinstance(secret, str) else secret
