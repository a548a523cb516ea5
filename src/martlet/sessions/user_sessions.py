"""The sessions of a user, wherever they began: listed, and ended one by one or all at once.

Under a key of the user's own the store has the keys of the sessions; each is looked up when they are listed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias
from uuid import UUID

import msgspec

from martlet.sessions.records import Record, UserID, decode_record, shown_id
from martlet.sessions.user_ids import user_id_of
from martlet.stores import KeyValueStore
from martlet.stores.bounds import short_key

__all__ = ["KeptSession", "UserSessions"]

MOST_LISTED: Final = 1_000  # sessions of one user; the oldest are forgotten here, and live on until they expire

Keys: TypeAlias = dict[str, int]  # of sessions, with the seconds since 1970 when they began

_encoder: Final = msgspec.json.Encoder()
_decoder: Final = msgspec.json.Decoder(Keys)


@dataclass(frozen=True, slots=True)
class KeptSession:
    """A session of a user; `id` is what `Session.id` is for the one who has it."""

    id: str
    began_at: datetime
    seen_at: datetime
    values: dict[str, Any]


class UserSessions:
    """Lists and ends the sessions of a user; for applications that keep their sessions in a store.

    Every method raises StoreUnavailableError where the store cannot be reached.
    """

    __slots__ = ("_lifetime", "_store")

    def __init__(self, store: KeyValueStore, lifetime_seconds: int) -> None:
        """lifetime_seconds: how long a session lives at most."""
        self._store: Final = store
        self._lifetime: Final = lifetime_seconds

    async def of(self, user: UserID | UUID) -> list[KeptSession]:
        """Give a user's sessions, the one that was seen last first."""
        user = user_id_of(user)
        found = [_kept(record) for _, record in await self._living(user, (await self._keys(user))[0])]
        return sorted(found, key=lambda session: session.seen_at, reverse=True)

    async def revoke(self, user: UserID | UUID, session_id: str) -> bool:
        """End one session of a user; False if there is none with this id."""
        return bool(await self._end(user_id_of(user), lambda record: shown_id(record.id) == session_id))

    async def revoke_all(self, user: UserID | UUID, *, but: str | None = None) -> int:
        """End all sessions of a user, but for the one with an id if it is given; tells how many were ended."""
        return await self._end(user_id_of(user), lambda record: shown_id(record.id) != but)

    async def add(self, user: UserID, key: str, began: int) -> None:
        """Remember the key of a session that began, and forget those that have expired since."""
        oldest = began - self._lifetime
        await self._update(user, lambda keys: {**{key: at for key, at in keys.items() if at > oldest}, key: began})

    async def forget(self, user: UserID, *gone: str) -> None:
        """Forget the keys of sessions that ended."""
        await self._update(user, lambda keys: {key: began for key, began in keys.items() if key not in gone})

    async def _end(self, user: UserID, is_meant: Callable[[Record], bool]) -> int:
        """End sessions until the list has stayed the same meanwhile: one that rotates is on it under another key."""
        ended = 0
        while True:
            keys, version = await self._keys(user)
            meant = [key for key, record in await self._living(user, keys) if is_meant(record)]
            for key in meant:
                ended += await self._store.delete(key)
            if await self._list_again(user, {key: began for key, began in keys.items() if key not in meant}, keys, version):
                return ended

    async def _keys(self, user: UserID) -> tuple[Keys, bytes | None]:
        entry = await self._store.get(_key(user))
        return ({}, None) if entry is None else (_decoder.decode(entry.value), entry.version)

    async def _living(self, user: UserID, keys: Keys) -> list[tuple[str, Record]]:
        found: list[tuple[str, Record]] = []
        for key in keys:
            kept = await self._store.get(key)
            record = None if kept is None else decode_record(kept.value)
            if record is not None and record.user == user:
                found.append((key, record))
        return found

    async def _list_again(self, user: UserID, after: Keys, before: Keys, version: bytes | None) -> bool:
        """Keep the list; False if others have changed it since it was found."""
        if after == before:
            return (await self._keys(user))[1] == version
        return await self._store.replace(_key(user), _encoder.encode(after), ttl=self._lifetime, version=version)

    async def _update(self, user: UserID, change: Callable[[Keys], Keys]) -> None:
        while True:
            before, version = await self._keys(user)
            after: Keys = dict(sorted(change(before).items(), key=lambda item: item[1])[-MOST_LISTED:])
            if after == before or await self._list_again(user, after, before, version):
                return


def _kept(record: Record) -> KeptSession:
    began, seen = (datetime.fromtimestamp(seconds, UTC) for seconds in (record.born, record.seen))
    return KeptSession(shown_id(record.id), began, seen, record.values)


def _key(user: UserID) -> str:
    return short_key(f"sessions-of:{type(user).__name__}:{user}")
