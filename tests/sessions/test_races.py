"""Two things happen to a user's sessions at once: one is done whole before each step that the other takes in the store."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import pytest

from martlet import Response, Session, Sessions
from martlet.messages import FieldName, RequestExtras
from martlet.sessions import SessionEndedError, StoredSessions
from martlet.stores import Entry, MemoryStore

USER = 7
MOST_STEPS = 10  # that a request takes in a store


class Stepping(MemoryStore):
    """A store that lets something else happen before a step."""

    meanwhile: Callable[[], Awaitable[object]] | None = None
    steps_left = 0

    def let(self, happen: Callable[[], Awaitable[object]], *, before_step: int) -> None:
        self.meanwhile, self.steps_left = happen, before_step

    async def step(self) -> None:
        if self.meanwhile is not None:
            if self.steps_left == 0:
                happen, self.meanwhile = self.meanwhile, None
                await happen()
            self.steps_left -= 1

    async def get(self, key: str) -> Entry | None:
        await self.step()
        return await super().get(key)

    async def set(self, key: str, value: bytes, *, ttl: float | None) -> None:
        await self.step()
        await super().set(key, value, ttl=ttl)

    async def replace(self, key: str, value: bytes, *, ttl: float | None, version: bytes | None) -> bool:
        await self.step()
        return await super().replace(key, value, ttl=ttl, version=version)

    async def delete(self, key: str, *, version: bytes | None = None) -> bool:
        await self.step()
        return await super().delete(key, version=version)


class Visit:
    """A request as sessions see one."""

    def __init__(self, cookie: str | None) -> None:
        self.cookies = {} if cookie is None else {"session": cookie}
        self.extras = RequestExtras()

    def field(self, name: FieldName) -> str:
        assert name.text == "cookie"
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())


class Browser:
    """Keeps every cookie it was given."""

    def __init__(self, sessions: StoredSessions) -> None:
        self.sessions = sessions
        self.cookies: list[str] = []

    async def visit(self, change: Callable[[Session], object] = dict, cookie: str | None = None) -> Session:
        """Change the session in a request; with the last cookie unless another is given."""
        request: Any = Visit(cookie or (self.cookies[-1] if self.cookies else None))
        await self.sessions.begin(request)
        session: Session = request.extras.session
        change(session)
        with suppress(SessionEndedError):
            response = await self.sessions.finish(request, Response(""))
            if "set-cookie" in response.headers:
                self.cookies.append(response.headers["set-cookie"].partition(";")[0].partition("=")[2])
        return session

    async def users(self) -> list[object]:
        """Whose session each cookie is worth."""
        return [(await self.visit(cookie=cookie)).user_id for cookie in list(filter(None, self.cookies))]


@pytest.fixture
def store() -> Stepping:
    return Stepping()


@pytest.fixture
def browser(store: Stepping) -> Browser:
    return Browser(StoredSessions(Sessions(store=store), store))


@pytest.mark.parametrize("step", range(MOST_STEPS))
@pytest.mark.parametrize("is_first", ["the rotation", "the revocation"])
@pytest.mark.parametrize("is_cleared", [False, True], ids=["as it is", "cleared"])
async def test_no_session_survives_a_revocation_by_rotating_meanwhile(
    store: Stepping, browser: Browser, is_first: str, step: int, is_cleared: bool
) -> None:
    def change(session: Session) -> None:
        if is_cleared:
            session.clear()
        session.rotate()

    async def rotate() -> None:
        await browser.visit(change)

    async def revoke() -> None:
        await browser.sessions.users.revoke_all(USER)

    await browser.visit(lambda session: session.assign(USER))
    outer, inner = (rotate, revoke) if is_first == "the rotation" else (revoke, rotate)
    store.let(inner, before_step=step)
    await outer()
    store.meanwhile = None

    if store.steps_left < 0:  # there were so many steps that both have happened
        assert set(await browser.users()) == {None}
        assert await browser.sessions.users.of(USER) == []


@pytest.mark.parametrize("step", range(MOST_STEPS))
async def test_a_revocation_ends_what_another_login_lists_meanwhile_or_leaves_it_whole(
    store: Stepping, browser: Browser, step: int
) -> None:
    elsewhere = Browser(browser.sessions)

    await browser.visit(lambda session: session.assign(USER))
    store.let(lambda: elsewhere.visit(lambda session: session.assign(USER)), before_step=step)
    await browser.sessions.users.revoke_all(USER)
    store.meanwhile = None

    assert await browser.users() == [None]
    listed = [session.id for session in await browser.sessions.users.of(USER)]
    if store.steps_left < 0:
        assert await elsewhere.users() == ([USER] if listed else [None])
