"""How long a session lives: on, when somebody comes; at most, whoever comes."""

from __future__ import annotations

import asyncio
import inspect
import json
from typing import Any

import pytest

from martlet import Request, Response, Sessions
from martlet.messages import FieldName, RequestExtras
from martlet.sessions import CookieSessions, SessionEndedError, StoredSessions
from martlet.signing import KeyRing
from martlet.stores import MemoryStore
from tests.rows import each

RING = KeyRing(["correct horse battery staple, 1234 times over"])
KINDS = ("signed", "encrypted", "stored")


class Visit:
    """A request as sessions see one."""

    def __init__(self, cookie: str | None) -> None:
        self.cookies = {} if cookie is None else {"session": cookie}
        self.extras = RequestExtras()

    def field(self, name: FieldName) -> str:
        assert name.text == "cookie"
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())


class Browser:
    """Comes again and again, with the cookie it was given; `now` is the time on the server."""

    def __init__(self, kind: str, **options: Any) -> None:
        self.now = 1_000_000.0
        self.cookie: str | None = None
        self.fields = ""
        self.store = MemoryStore(clock=self.clock)
        policy = Sessions(store=self.store if kind == "stored" else None, encrypted=kind == "encrypted", **options)
        self.sessions: CookieSessions | StoredSessions
        if policy.store is not None:
            self.sessions = StoredSessions(policy, policy.store, clock=self.clock)
        else:
            self.sessions = CookieSessions(policy, RING, clock=self.clock)

    def clock(self) -> float:
        return self.now

    def begin(self) -> Any:
        request: Any = Visit(self.cookie)
        _outcome(self.sessions.begin(request))
        return request

    def finish(self, request: Request) -> None:
        response = _outcome(self.sessions.finish(request, Response("")))
        self.fields = response.headers.get("set-cookie", "")
        if self.fields:
            self.cookie = self.fields.partition(";")[0].partition("=")[2] or None

    def visit(self, **values: object) -> dict[str, Any]:
        request = self.begin()
        request.extras.session.update(values)
        found = dict(request.extras.session)
        self.finish(request)
        return found


def _outcome(given: Any) -> Any:
    return asyncio.run(given) if inspect.iscoroutine(given) else given


@pytest.mark.parametrize("kind", KINDS)
def test_a_session_ends_when_nobody_comes_for_the_idle_time(kind: str) -> None:
    browser = Browser(kind, idle_seconds=100, lifetime_seconds=1_000)
    browser.visit(a=1)

    browser.now += 99
    assert browser.visit() == {"a": 1}
    browser.now += 101
    assert browser.visit() == {}


@pytest.mark.parametrize("kind", KINDS)
def test_a_session_lives_on_while_somebody_comes_but_not_beyond_its_lifetime(kind: str) -> None:
    browser = Browser(kind, idle_seconds=100, lifetime_seconds=1_000)
    browser.visit(a=1)

    for _ in range(19):
        browser.now += 50
        assert browser.visit() == {"a": 1}
    browser.now += 51
    assert browser.visit() == {}


@pytest.mark.parametrize("kind", KINDS)
def test_the_cookie_lives_as_long_as_what_is_left(kind: str) -> None:
    browser = Browser(kind, idle_seconds=100, lifetime_seconds=130)
    browser.visit(a=1)
    assert "Max-Age=100;" in browser.fields

    browser.now += 50
    browser.visit()
    assert "Max-Age=80;" in browser.fields


@pytest.mark.parametrize("kind", KINDS)
def test_a_session_that_is_not_persistent_ends_with_the_browser(kind: str) -> None:
    browser = Browser(kind, persistent=False)

    browser.visit(a=1)
    assert "Max-Age" not in browser.fields


@pytest.mark.parametrize("kind", KINDS)
def test_a_session_is_sent_again_only_once_a_tenth_of_its_idle_time_has_passed(kind: str) -> None:
    browser = Browser(kind, idle_seconds=100, lifetime_seconds=1_000)
    browser.visit(a=1)

    browser.now += 9
    browser.visit()
    assert browser.fields == ""
    browser.now += 1
    browser.visit()
    assert browser.fields != ""


def test_two_requests_that_change_one_session_at_the_same_time_both_count() -> None:
    browser = Browser("stored")
    browser.visit(first=1, second=1)

    slow, quick = browser.begin(), browser.begin()
    slow.extras.session["first"] = 2
    del quick.extras.session["second"]
    quick.extras.session["third"] = 3
    browser.finish(quick)
    browser.finish(slow)
    assert browser.visit() == {"first": 2, "third": 3}


def test_a_login_takes_over_what_another_request_changed_meanwhile() -> None:
    browser = Browser("stored")
    browser.visit(cart=[])

    slow, quick = browser.begin(), browser.begin()
    slow.extras.session.assign(7)
    quick.extras.session["cart"] = ["walden"]
    browser.finish(quick)
    browser.finish(slow)
    assert browser.visit() == {"cart": ["walden"]}


def keys_of(browser: Browser, user: int) -> int:
    """How many sessions a user's list has, those that are gone included."""
    entry = asyncio.run(browser.store.get(f"sessions-of:int:{user}"))
    return 0 if entry is None else len(json.loads(entry.value))


@pytest.mark.parametrize("change", ["set", "login", "rotation"])
def test_a_session_that_ended_meanwhile_stays_ended_and_the_change_is_refused(change: str) -> None:
    browser = Browser("stored")
    request = browser.begin()
    request.extras.session["a"] = 1
    request.extras.session.assign(7)
    browser.finish(request)

    slow, logout = browser.begin(), browser.begin()
    if change == "set":
        slow.extras.session["b"] = 2
    elif change == "login":
        slow.extras.session.assign(7)
    else:
        slow.extras.session.rotate()
    logout.extras.session.clear()
    logout.extras.session.assign(None)
    cookie = browser.cookie
    browser.finish(logout)
    with pytest.raises(SessionEndedError):
        browser.finish(slow)
    browser.cookie = cookie
    assert browser.visit() == {}
    assert keys_of(browser, 7) == 0


def test_two_logins_at_once_from_a_session_of_nobody_are_both_good() -> None:
    """A button that was clicked twice."""
    browser = Browser("stored")
    browser.visit(cart=["walden"])

    first, second = browser.begin(), browser.begin()
    for request in (first, second):
        request.extras.session.assign(7)
        browser.finish(request)
        assert browser.begin().extras.session.user_id == 7
        assert browser.visit() == {"cart": ["walden"]}
    assert keys_of(browser, 7) == 2


def test_a_logout_takes_nothing_over_that_another_request_wrote_meanwhile() -> None:
    browser = Browser("stored")
    browser.visit(a=1)

    logout, quick = browser.begin(), browser.begin()
    logout.extras.session.clear()
    logout.extras.session.assign(None)
    logout.extras.session.flash("Goodbye.")
    quick.extras.session["diary"] = "secret"
    browser.finish(quick)
    browser.finish(logout)
    assert browser.visit() == {}


def test_the_store_never_holds_what_lets_somebody_in() -> None:
    kept: dict[str, bytes] = {}

    class Telling(MemoryStore):
        async def set(self, key: str, value: bytes, *, ttl: float | None) -> None:
            kept[key] = value
            await super().set(key, value, ttl=ttl)

    browser = Browser("stored")
    store = Telling()
    browser.sessions = StoredSessions(Sessions(store=store), store)
    browser.visit(a=1)
    assert browser.cookie is not None
    assert not any(browser.cookie in key or browser.cookie.encode() in value for key, value in kept.items())


@each(
    ("options", "words"),
    [
        ({"idle_seconds": 0}, "from 1 on"),
        ({"idle_seconds": 1.5}, "whole seconds"),
        ({"idle_seconds": 20, "lifetime_seconds": 10}, "idle for longer than it lives"),
        ({"store": MemoryStore(), "encrypted": True}, "nothing in it to encrypt"),
        ({"name": "no good"}, "no cookie name"),
        ({"name": "__Host-session", "secure": False}, "__Host-"),
    ],
    ids=lambda value: str(value) if isinstance(value, str) else None,
)
def test_options_that_cannot_be_meant_are_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Sessions(**options)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("cookie", ["\ud800" * 43, "\u00ff" * 43, "\ud800" * 22], ids=["surrogates", "letters", "few surrogates"])
def test_a_cookie_of_characters_that_none_has_is_no_session(kind: str, cookie: str) -> None:
    browser = Browser(kind)
    browser.cookie = cookie

    assert browser.visit(a=1) == {"a": 1}
    assert browser.visit() == {"a": 1}
