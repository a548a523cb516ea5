"""How an application keeps its sessions: the options of `App(sessions=…)`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from martlet.http import SetCookie
from martlet.stores import KeyValueStore

__all__ = ["Sessions"]

DAY: Final = 24 * 60 * 60
MOST_BETWEEN: Final = 60 * 60  # seconds between two keepings of a session that did not change


@dataclass(frozen=True, slots=True, kw_only=True)
class Sessions:
    """Where sessions are kept, for how long, and in which cookie.

    store: where they are kept; the cookie has an id only. None keeps them in the cookie itself, signed: anyone who has the cookie
        can read it, nobody change it, and it cannot be revoked before it expires.
    encrypted: nobody can read it either; with the package `cryptography`.
    idle_seconds: how long a session lives on when nobody comes. lifetime_seconds: how long it lives at most.
    persistent: whether it outlives the browser's own session.
    name, path, domain, secure, same_site: of the cookie, see SetCookie; `__Host-session` as its name keeps other hosts of the
        domain from setting it, and demands https.
    Raises ValueError for what cannot be meant, BadCookieError for a cookie that browsers refuse.

    >>> Sessions(idle_seconds=1800).refresh_seconds
    180
    """

    store: KeyValueStore | None = None
    encrypted: bool = False
    idle_seconds: int = 14 * DAY
    lifetime_seconds: int = 90 * DAY
    persistent: bool = True
    name: str = "session"
    path: str = "/"
    domain: str | None = None
    secure: bool | None = None
    same_site: Literal["strict", "lax", "none"] | None = "lax"

    def __post_init__(self) -> None:
        """Check what can be checked now."""
        if self.store is not None and self.encrypted:
            raise ValueError("Sessions(store=…, encrypted=True): the cookie of a stored session has nothing in it to encrypt.")
        for option in ("idle_seconds", "lifetime_seconds"):
            seconds: object = getattr(self, option)
            if type(seconds) is not int or seconds < 1:
                raise ValueError(f"Sessions({option}={seconds!r:.80}): write whole seconds, from 1 on.")
        if self.idle_seconds > self.lifetime_seconds:
            raise ValueError(
                f"Sessions(idle_seconds={self.idle_seconds}, lifetime_seconds={self.lifetime_seconds}): a session cannot be idle "
                "for longer than it lives."
            )
        self.cookie("", 0)

    @property
    def refresh_seconds(self) -> int:
        """How old what is kept may get before it is kept anew to live on: a tenth of the idle time, an hour at most."""
        return min(MOST_BETWEEN, self.idle_seconds // 10)

    def cookie(self, value: str, left: int) -> SetCookie:
        """Give the cookie for a session that has this many seconds left."""
        return SetCookie(
            self.name,
            value,
            max_age=left if self.persistent else None,
            path=self.path,
            domain=self.domain,
            secure=self.secure,
            same_site=self.same_site,
        )
