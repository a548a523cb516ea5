"""The store that a URL names, for settings that come as text."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Final
from urllib.parse import unquote, urlsplit

from martlet.stores.contract import KeyValueStore
from martlet.stores.memory import MemoryStore
from martlet.stores.redis import RedisStore
from martlet.stores.redis_urls import SCHEMES as REDIS_SCHEMES
from martlet.stores.sqlite import SQLiteStore

SCHEMES: Final = ("memory", "sqlite", *REDIS_SCHEMES)


def open_store(url: str) -> KeyValueStore:
    """Make the store that a URL names, with its usual settings; it is opened by `async with`, as every store.

    `memory:`, `sqlite:///PATH` (three slashes before a path from the current folder, four for one from the root, as elsewhere),
    and what RedisStore takes. Raises ValueError for anything else.

    >>> open_store("redis://127.0.0.1:6379/0")
    RedisStore(redis://127.0.0.1:6379/0)
    >>> open_store("sqllite:///sessions.db")
    Traceback (most recent call last):
    ValueError: There is no store 'sqllite:'; did you mean 'sqlite:'? ...
    """
    scheme, _, rest = url.partition(":")
    match scheme:
        case "memory":
            if rest.strip("/"):
                raise ValueError(f"{url!r} says too much: a store in memory is 'memory:'.")
            return MemoryStore()
        case "sqlite":
            return SQLiteStore(_path(url))
        case name if name in REDIS_SCHEMES:
            return RedisStore(url)
        case _:
            near = get_close_matches(scheme, SCHEMES, n=1)
            hint = f"; did you mean '{near[0]}:'?" if near else "."
            # Only the scheme is shown: what follows may hold a password.
            raise ValueError(f"There is no store '{scheme[:40]}:'{hint} A store's URL begins with one of {', '.join(SCHEMES)}.")


def _path(url: str) -> str:
    parts = urlsplit(url)
    path = unquote(parts.path.removeprefix("/"))
    if parts.netloc or parts.query or not path:
        raise ValueError(
            f"{url!r} names no file: write sqlite:///sessions.db, or sqlite:////var/lib/app/sessions.db from the root."
        )
    return path
