"""Sessions that are in the cookie themselves: nothing is kept on the server, and nothing here ever waits."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

import msgspec

from martlet.http import MAX_COOKIE_BYTES
from martlet.messages import Request, Response
from martlet.sessions.errors import SessionTooLargeError
from martlet.sessions.keeping import Keeping
from martlet.sessions.policy import Sessions
from martlet.sessions.private_answers import with_cookie
from martlet.sessions.records import Record, decode_record, encode_record, seen_anew
from martlet.sessions.sealing import EncryptedSeal, Seal, SignedSeal
from martlet.sessions.session import ERRORS, Session, SessionState, make_session_id
from martlet.signing import KeyRing

__all__ = ["CookieSessions"]


class CookieSessions(Keeping):
    """Begins and ends the sessions of requests.

    keys: of the application; the cookie's are derived from them.
    """

    __slots__ = ("_seal",)

    def __init__(self, policy: Sessions, keys: KeyRing, *, clock: Callable[[], float] = time.time) -> None:
        """Prepare; raises MissingExtraError for encrypted ones without `cryptography`."""
        super().__init__(policy, clock)
        kind = EncryptedSeal if policy.encrypted else SignedSeal
        self._seal: Final[Seal] = kind(keys, policy.name, policy.idle_seconds, clock)

    def begin(self, request: Request) -> None:
        """Find the session that a request brings, or give it an empty one."""
        token = request.cookies.get(self._policy.name)
        state = None
        if token is not None:
            state = self._state_of(token)
            if state is None:
                states = (self._state_of(other) for other in self.other_tokens(request))
                state = next((other for other in states if other is not None), None)
        request.extras.session = Session(state or SessionState(Record(), token=token))

    def _state_of(self, token: str) -> SessionState | None:
        found = self._seal.open(token)
        if found is None or self._clock() >= found[0].born + self._policy.lifetime_seconds:
            return None
        return SessionState(found[0], before=found[1], token=token)

    def finish(self, request: Request, response: Response) -> Response:
        """Keep the session if it changed, and give the answer with its cookie; where that is an error, as `is_kept_after` says.

        Raises SessionTooLargeError, and SessionValueError for what JSON cannot hold.
        """
        state: SessionState = request.extras.session.state
        self._answers.mark(response)
        encoded = state.settle()
        if response.status_code >= ERRORS and not state.is_kept_after(response.status_code):
            return response
        record, now = state.record, int(self._clock())
        if record.is_empty and not state.is_kept:
            if state.token is not None and (state.before is None or encoded != state.before):
                return with_cookie(response, self._cookies.removed)
        elif encoded != state.before or state.is_rotated or now - record.seen >= self._policy.refresh_seconds:
            return self._keep(state, encoded, response, now)
        return response

    def _keep(self, state: SessionState, encoded: bytes, response: Response, now: int) -> Response:
        record, policy = state.record, self._policy
        if record.id and record.born and record.seen:
            # PERF: half the time of writing the record again.
            encoded = seen_anew(encoded, record.seen, now)
            record.seen = now
        else:
            record.id = record.id or make_session_id()
            record.born = record.born or now
            record.seen = now
            encoded = encode_record(record)
        value = self._seal.close(encoded)
        if len(value) + len(policy.name) > MAX_COOKIE_BYTES:
            raise _too_large(state, len(value) + len(policy.name))
        left = min(policy.idle_seconds, record.born + policy.lifetime_seconds - now)
        return with_cookie(response, self._cookies.written(value, left))


def _too_large(state: SessionState, size: int) -> SessionTooLargeError:
    """Name the value that grew most."""
    before = None if state.before is None else decode_record(state.before)
    sizes = {name: len(msgspec.json.encode(value)) for name, value in state.record.values.items()}
    sizes["the messages"] = len(msgspec.json.encode(state.record.flashes))
    found = {} if before is None else {name: len(msgspec.json.encode(value)) for name, value in before.values.items()}
    grown = max(sizes, key=lambda name: sizes[name] - found.get(name, 0))
    return SessionTooLargeError(
        f"The session takes {size} bytes as a cookie, and browsers drop what exceeds {MAX_COOKIE_BYTES}. {grown!r} grew from "
        f"{found.get(grown, 0)} to {sizes[grown]} bytes: keep less of it, or keep sessions on the server: Sessions(store=…)."
    )
