"""What can go wrong with sessions."""

from __future__ import annotations

from martlet.http import HTTPError

__all__ = ["ClosedSessionError", "SessionEndedError", "SessionTooLargeError", "SessionValueError"]


class SessionValueError(ValueError):
    """A value in a session that would not come back as it was put in."""


class SessionTooLargeError(ValueError):
    """A session that does not fit into a cookie; the message names the value that grew."""


class ClosedSessionError(RuntimeError):
    """A session was changed after the answer's fields were made, when it had been kept already."""

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(
            "The session has been kept already, and its cookie sent: change it before the handler returns, not in a stream, "
            "in work after the answer, or in a middleware."
        )


class SessionEndedError(HTTPError):
    """What was changed in a session could not be kept: it ended meanwhile, by a logout or because it was revoked."""

    status_code = 401
    default_message = "The session has ended."
