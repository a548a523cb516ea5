"""The application whose sessions are put to the test: it tells all that a session has, and leaves judging to the client.

MARTLET_STORE is the URL of the store.
"""

from __future__ import annotations

import os
from typing import Any

from martlet import App, Session, Sessions, UserSessions, login, logout
from martlet.stores import open_store

app = App(sessions=Sessions(store=open_store(os.environ.get("MARTLET_STORE", "memory:"))))


def seen(session: Session) -> dict[str, Any]:
    """What the client compares with what it knows; the worker is for those that kill it."""
    return {"user": session.user_id, "id": session.id if session else None, "values": dict(session), "worker": os.getpid()}


@app.get("/")
async def whole(session: Session) -> dict[str, Any]:
    return seen(session)


@app.post("/login/{user}/{tag}")
async def begin(user: str, tag: str, session: Session) -> dict[str, Any]:
    """Begin a session with a tag in it that no other session has."""
    login(session, user)
    session["tag"] = tag
    return seen(session)


@app.post("/count/{name}")
async def count(name: str, session: Session) -> dict[str, Any]:
    """Add one; what has no user is left as it is."""
    if session.user_id is not None:
        session[name] = session.get(name, 0) + 1
    return seen(session)


@app.post("/rotate")
async def rotate(session: Session) -> dict[str, Any]:
    if session.user_id is not None:
        session.rotate()
    return seen(session)


@app.post("/logout")
async def end(session: Session) -> dict[str, Any]:
    before = seen(session)
    logout(session)
    return before


@app.post("/revoke/{user}")
async def revoke(user: str, sessions: UserSessions) -> dict[str, int]:
    """End every session of a user; asked for by nobody's session, as a support desk does."""
    return {"ended": await sessions.revoke_all(user)}


@app.get("/sessions/{user}")
async def list_sessions(user: str, sessions: UserSessions) -> list[str]:
    return [session.id for session in await sessions.of(user)]
