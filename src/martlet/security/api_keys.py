"""API keys: made once, shown once, kept as a hash.

A key is `mk_<id>_<secret>`: by its id a store finds the row without going through all of them; its secret are 256 random bits.
Therefore a plain SHA-256 is what is kept. A slow hash, as for passwords, makes guessing dear; nobody guesses 256 bits, while each
request would pay for it. Whoever steals the hashes has no key.
"""

from __future__ import annotations

import re
import secrets
from hashlib import sha256
from hmac import compare_digest
from typing import Final, NamedTuple

from martlet.messages import FieldName, Request
from martlet.security.bearer import AUTHORIZATION, bearer_token
from martlet.security.guards import Asked

__all__ = ["APIKey", "APIKeys", "NewAPIKey", "make_api_key"]

ID_BYTES: Final = 8  # that two of a million keys have one id is as likely as one in thirty million
SECRET_BYTES: Final = 32
NO_HASH: Final = "-" * 64  # of no key, and as long as those of all
_PREFIX: Final = re.compile(r"[A-Za-z][A-Za-z0-9]{0,15}")
_NAME: Final = re.compile(r"[A-Za-z0-9-]+")


class NewAPIKey(NamedTuple):
    """A key for its owner, who sees it once, and what to keep of it: the id to find it by, and the hash."""

    key: str
    id: str
    hash: str


class APIKey:
    """A key that a request shows; a stranger's until it matches what was kept under its `id`."""

    __slots__ = ("_hash", "id")

    def __init__(self, key: str, key_id: str) -> None:
        """Hash it; the key itself is not held."""
        self.id: Final = key_id
        self._hash: Final = hash_of(key)

    def matches(self, kept: str | None) -> bool:
        """Tell whether this key has the hash that was kept; in constant time. `None`, for an id that is not kept, is no match."""
        return compare_digest(self._hash.encode(), (kept or NO_HASH).encode())

    def __repr__(self) -> str:
        """Name its id, which is no secret."""
        return f"<APIKey {self.id}>"


def make_api_key(prefix: str = "mk") -> NewAPIKey:
    """Make a key. Give `key` to its owner, and keep `id` and `hash`.

    prefix: letters and digits that tell people, and programs that look for secrets in public code, what it is.

    >>> key, key_id, kept = make_api_key()
    >>> key.startswith(f"mk_{key_id}_"), len(kept)
    (True, 64)
    """
    key_id = secrets.token_hex(ID_BYTES)
    key = f"{_checked_prefix(prefix)}_{key_id}_{secrets.token_hex(SECRET_BYTES)}"
    return NewAPIKey(key, key_id, hash_of(key))


class APIKeys:
    """The API keys of an application: what they begin with, and the field that shows them.

    field: `Authorization`, where they stand behind `Bearer`, or one of your own, as `X-API-Key`, where they stand alone.
    Raises ValueError for a prefix that is not of letters and digits.

    >>> from martlet import WSGIRequest
    >>> keys = APIKeys("shelf", field="X-API-Key")
    >>> key, key_id, kept = keys.make()
    >>> shown = keys.shown(WSGIRequest({"HTTP_X_API_KEY": key}))
    >>> shown.id == key_id, shown.matches(kept), shown.matches(None)
    (True, True, False)
    """

    __slots__ = ("_field", "_key", "_prefix")

    def __init__(self, prefix: str = "mk", *, field: str = "Authorization") -> None:
        """Prepare to look for them."""
        if not _NAME.fullmatch(field):
            raise ValueError(f"{field!r:.80} is no name of a field for keys: take letters, digits and hyphens.")
        self._prefix: Final = _checked_prefix(prefix)
        self._field: Final = FieldName(field.lower())
        self._key: Final = re.compile(rf"{prefix}_([0-9a-f]{{{2 * ID_BYTES}}})_[0-9a-f]{{{2 * SECRET_BYTES}}}")

    def make(self) -> NewAPIKey:
        """Make a key of these."""
        return make_api_key(self._prefix)

    def shown(self, request: Request | Asked) -> APIKey | None:
        """Give the key that a request shows; None if it shows none, or what was never one of these."""
        is_usual = self._field.text == AUTHORIZATION.text
        text = bearer_token(request) if is_usual else request.field(self._field)
        found = self._key.fullmatch(text or "")
        return None if found is None else APIKey(found[0], found[1])


def hash_of(key: str) -> str:
    """Hash a key, all of it, so that a secret is good under its own id only."""
    return sha256(key.encode()).hexdigest()


def _checked_prefix(prefix: str) -> str:
    if not _PREFIX.fullmatch(prefix):
        raise ValueError(f"{prefix!r:.80} is no prefix of keys: take up to 16 letters and digits, a letter first, as in 'mk'.")
    return prefix
