"""Sessions that are kept in a store: the cookie has a random token, and the store what belongs to it, under the token's hash.

Whoever reads the store cannot be anybody: a hash lets nobody in. Of two requests that change one session at the same time both
count: the later one does to the changed session what it did to the one it found. A session that ended meanwhile stays ended.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable
from hashlib import sha256
from typing import Final, NoReturn

from martlet.messages import Request, Response
from martlet.sessions.errors import SessionEndedError
from martlet.sessions.keeping import Keeping
from martlet.sessions.policy import Sessions
from martlet.sessions.private_answers import with_cookie
from martlet.sessions.records import Record, decode_record, encode_record, merged
from martlet.sessions.session import ERRORS, Session, SessionState, make_session_id
from martlet.sessions.user_sessions import UserSessions
from martlet.stores import Entry, KeyValueStore

__all__ = ["StoredSessions"]

TOKEN_BYTES: Final = 32
TOKEN_LENGTH: Final = 43  # of 32 bytes in base64url
KEPT_BY_CLIENT: Final = re.compile(r"[A-Za-z0-9_-]{22}")  # the id of a session that nothing was put into: 16 bytes


class StoredSessions(Keeping):
    """Begins and ends the sessions of requests.

    users: finds and ends the sessions of a user.
    """

    __slots__ = ("_store", "users")

    def __init__(self, policy: Sessions, store: KeyValueStore, *, clock: Callable[[], float] = time.time) -> None:
        """Prepare; the store is opened by whoever runs the application."""
        super().__init__(policy, clock)
        self._store: Final = store
        self.users: Final = UserSessions(store, policy.lifetime_seconds)

    async def begin(self, request: Request) -> None:
        """Find the session that a request brings, or give it an empty one; raises StoreUnavailableError."""
        token = request.cookies.get(self._policy.name)
        state = None
        if token is not None:
            state = await self._state_of(token) or await self._state_of_others(request)
        request.extras.session = Session(state or _state_of_nobody(token))

    async def _state_of(self, token: str) -> SessionState | None:
        if len(token) != TOKEN_LENGTH or not token.isascii():
            return None
        found = _record_of(await self._store.get(_key(token)))
        if found is None or self._clock() >= found[0].born + self._policy.lifetime_seconds:
            return None
        return SessionState(found[0], before=encode_record(found[0]), token=token, version=found[1])

    async def _state_of_others(self, request: Request) -> SessionState | None:
        for token in self.other_tokens(request):
            state = await self._state_of(token)
            if state is not None:
                return state
        return None

    async def finish(self, request: Request, response: Response) -> Response:
        """Keep the session if it changed, and give the answer with its cookie; where that is an error, as `is_kept_after` says.

        Raises StoreUnavailableError, StoreLimitError, SessionEndedError, and SessionValueError for what JSON cannot hold.
        """
        state: SessionState = request.extras.session.state
        self._answers.mark(response)
        encoded = state.settle()
        if response.status_code >= ERRORS and not state.is_kept_after(response.status_code):
            return response
        cookie = await self._kept(state, encoded)
        return response if cookie is None else with_cookie(response, cookie)

    async def _kept(self, state: SessionState, encoded: bytes) -> str | None:
        """Do with the store what the session asks for; give the cookie that the client needs to know, None if it needs none."""
        record, now = state.record, int(self._clock())
        if record.is_empty and state.before is None:
            return self._kept_by_client(state)
        if record.is_empty and not state.is_kept and (state.is_rotated or encoded != state.before):
            return await self._end(state)
        if state.is_rotated or state.before is None:
            return await self._begin_anew(state, now)
        if encoded != state.before:
            return await self._change(state, now)
        if now - record.seen >= self._policy.refresh_seconds:
            return await self._live_on(state, now)
        return None

    def _kept_by_client(self, state: SessionState) -> str | None:
        """Leave a session that nothing was put into to its client: the cookie has the id on which its tokens hang.

        The store has no entry of it, or whoever asks for pages with forms could fill the store. Whoever makes up such a cookie
        has a session with nothing in it; what is put in is kept under a token of ours.
        """
        record = state.record
        if not state.is_kept:
            is_ours = state.token is None or (not state.is_rotated and state.token == record.id)
            return None if is_ours else self._cookies.removed
        if state.token == state.secret():
            return None
        return self._cookies.written(record.id, self._policy.idle_seconds)

    async def _end(self, state: SessionState) -> str | None:
        if state.before is not None and state.token is not None:
            await self._store.delete(_key(state.token))
            await self._forget(state)
        return None if state.token is None else self._cookies.removed

    async def _begin_anew(self, state: SessionState, now: int) -> str:
        """Keep it under a new token; the old one is worth nothing from then on."""
        token, record = secrets.token_urlsafe(TOKEN_BYTES), state.record
        record.id = record.id or make_session_id()
        record.born = record.born or now
        record.seen = now
        left = self._left(record, now)
        if record.user is not None:  # first, so that there is no moment at which it cannot be revoked
            await self.users.add(record.user, _key(token), now)
        await self._store.set(_key(token), encode_record(record), ttl=left)
        if state.before is not None and state.token is not None:
            await self._take_over(state, token, left)
        return self._cookies.written(token, self._left(record, now))

    async def _take_over(self, state: SessionState, token: str, left: int) -> None:
        """End the old session; what others changed in it since it was found goes over, unless it was cleared."""
        old, version = _key(state.token or ""), state.version
        before, user = _before(state), state.record.user
        if state.is_cleared and not await self._store.delete(old) and user == before.user is not None:
            await self._take_back(state, token)
        while not state.is_cleared and not await self._store.delete(old, version=version):
            found = _record_of(await self._store.get(old))
            if found is None and before.user is None and user is not None:
                break  # two logins at once: who has just proved who they are needs nothing of what was nobody's
            if found is None:
                await self._take_back(state, token)
            version = found[1]
            after = state.record
            after.values = merged(before, after, found[0]).values
            await self._store.set(_key(token), encode_record(after), ttl=left)
        await self._forget(state)

    async def _take_back(self, state: SessionState, token: str) -> NoReturn:
        """Undo what was kept under a new token, since the old session ended meanwhile."""
        await self._store.delete(_key(token))
        if state.record.user is not None:
            await self.users.forget(state.record.user, _key(token))
        raise SessionEndedError

    async def _change(self, state: SessionState, now: int) -> str:
        key, version, record = _key(state.token or ""), state.version, state.record
        record.seen = now
        while not await self._store.replace(key, encode_record(record), ttl=self._left(record, now), version=version):
            found = _record_of(await self._store.get(key))
            if found is None:
                raise SessionEndedError
            record, version = merged(_before(state), state.record, found[0]), found[1]
        return self._cookies.written(state.token or "", self._left(record, now))

    async def _live_on(self, state: SessionState, now: int) -> str:
        """Keep a session that did not change, so that it lives on; another request may have done so, or ended it."""
        key, record = _key(state.token or ""), state.record
        record.seen = now
        await self._store.replace(key, encode_record(record), ttl=self._left(record, now), version=state.version)
        return self._cookies.written(state.token or "", self._left(record, now))

    async def _forget(self, state: SessionState) -> None:
        user = _before(state).user
        if user is not None and state.token is not None:
            await self.users.forget(user, _key(state.token))

    def _left(self, record: Record, now: int) -> int:
        return max(1, min(self._policy.idle_seconds, record.born + self._policy.lifetime_seconds - now))


def _state_of_nobody(token: str | None) -> SessionState:
    """Begin a session; with the id that a client was given for it, if it shows one."""
    record = Record(id=token) if token is not None and KEPT_BY_CLIENT.fullmatch(token) else Record()
    return SessionState(record, token=token)


def _key(token: str) -> str:
    return f"session:{sha256(token.encode()).hexdigest()}"


def _record_of(entry: Entry | None) -> tuple[Record, bytes] | None:
    record = None if entry is None else decode_record(entry.value)
    return None if record is None or entry is None else (record, entry.version)


def _before(state: SessionState) -> Record:
    return (decode_record(state.before) if state.before is not None else None) or Record()
