"""Sessions: what an application remembers of a client between requests, in a signed or encrypted cookie, or in a store."""

from martlet.sessions.cookie_sessions import CookieSessions
from martlet.sessions.errors import ClosedSessionError, SessionEndedError, SessionTooLargeError, SessionValueError
from martlet.sessions.policy import Sessions
from martlet.sessions.records import Flash, UserID
from martlet.sessions.session import Session
from martlet.sessions.session_store import SessionStore
from martlet.sessions.stored_sessions import StoredSessions
from martlet.sessions.user_sessions import KeptSession, UserSessions

__all__ = [
    "ClosedSessionError",
    "CookieSessions",
    "Flash",
    "KeptSession",
    "Session",
    "SessionEndedError",
    "SessionStore",
    "SessionTooLargeError",
    "SessionValueError",
    "Sessions",
    "StoredSessions",
    "UserID",
    "UserSessions",
]
