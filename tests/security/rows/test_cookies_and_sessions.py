"""Rows 51 to 60, 63 and 77: cookies, sessions, and what is kept of one client for another. Over every protocol."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import pytest

from martlet import App, KeyRing, Request, Response, Session, Sessions, SetCookie, TokenSigner, login, logout
from martlet.http import BadCookieError, parse_cookies
from martlet.security import PasswordHasher, csrf_token
from martlet.sessions import SessionStore
from martlet.stores import MemoryStore
from martlet.templates.loading import CodeCache
from martlet.testing import Client
from tests.adapters.asgi_server import ASGIExchange, asgi_scope
from tests.adapters.wsgi_server import environ
from tests.rows import each
from tests.security.rows.measuring import assert_linear
from tests.serving import Serve, ServeOnce

SECRET = "correct horse battery staple, 1234 times over"
NEWER = "a newer secret that nobody has seen, 0987654321"

# Every way to look at a session, or at nothing of it.
ACCESSES: dict[str, Callable[[Session], Any]] = {
    "not looked at": lambda session: session is None,
    "read": lambda session: session.get("a"),
    "in": lambda session: "a" in session,
    "len": len,
    "bool": bool,
    "iterated": list,
    "popped": lambda session: session.pop("a", None),
    "set": lambda session: session.update(a=1),
    "whose": lambda session: session.user_id,
    "new": lambda session: session.is_new,
    "rotated": lambda session: session.rotate(),
    "cleared": lambda session: session.clear(),
    "messages": lambda session: session.take_flashes(),
}


def make_app(sessions: Sessions | None = None, secrets: tuple[str, ...] = (SECRET,)) -> App:
    app = App(secret_keys=secrets, sessions=sessions, csrf=None)

    @app.get("/cookies")
    async def cookies(request: Request) -> dict[str, str]:
        return request.cookies

    @app.get("/access/{way}")
    async def access(way: str, session: Session) -> Response:
        ACCESSES[way](session)
        return Response("a", headers={"cache-control": "PUBLIC, S-MaxAge=60, max-age=60"})

    @app.get("/varies")
    async def varies(session: Session) -> Response:
        return Response("a", headers={"vary": " * ", "cache-control": ""})

    @app.post("/users/{number:int}")
    async def enter(number: int, session: Session) -> None:
        login(session, number)

    @app.post("/leave")
    async def leave(session: Session) -> None:
        logout(session)

    @app.get("/user")
    async def whose(session: Session) -> list[Any]:
        return [session.user_id]

    @app.get("/token")
    async def token(session: Session) -> str:
        return csrf_token(session)

    return app


@pytest.fixture
def client(serve_once: ServeOnce) -> Client:
    return serve_once(make_app)


# CVE-2023-23934
@each(
    "cookie",
    ["=__Host-session=evil", " = __Host-session=evil", "=__Host-session", "==__Host-session=evil", "; =a=__Host-session=b"],
)
def test_row_51_a_nameless_cookie_passes_for_another(client: Client, cookie: str) -> None:
    assert client.get("/cookies", headers={"cookie": cookie}).json() == {}


# Tornado 6.5.5, 6.5.8
@each("text", ["a\r\nX-Evil: 1", "a\n", "a\r", "a\0", "a;Domain=evil.example", "a; secure", "\x7f", "\x1f"])
def test_row_52_attributes_of_a_cookie_are_injected(text: str) -> None:
    attempts: tuple[Callable[[], SetCookie], ...] = (
        lambda: SetCookie(text, "a"),
        lambda: SetCookie("a", text),
        lambda: SetCookie("a", "b", path=f"/{text}"),
        lambda: SetCookie("a", "b", domain=text),
        lambda: SetCookie("a", "b", same_site=text),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        lambda: SetCookie("a", "b", max_age=text),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    )
    for attempt in attempts:
        with pytest.raises((BadCookieError, TypeError)):
            attempt()


# CVE-2024-7592
@each("piece", ["\\", '\\"', "\\012", '"', "a=b;", "=;", ";"])
def test_row_53_quoted_cookies_are_read_in_quadratic_time(piece: str) -> None:
    assert_linear(lambda size: parse_cookies('a="' + piece * (size // len(piece)) + '"'), 16_000)


def test_row_54_a_line_in_the_log_for_each_bad_cookie(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    client.get("/cookies", headers={"cookie": "; ".join(f"a b@{number}=\x01" for number in range(1_000))})
    client.get("/access/read", headers={"cookie": "session=" + "x" * 5_000})

    assert caplog.records == []


# CVE-2023-30861, CVE-2026-35192
@each("way", ACCESSES)
@each("kind", ["cookie", "store"])
def test_row_55_a_session_that_was_looked_at_without_vary_cookie(serve: Serve, kind: str, way: str) -> None:
    client = serve(make_app(Sessions(store=MemoryStore()) if kind == "store" else None))

    for _ in range(2):
        headers = client.get(f"/access/{way}").headers
        assert "cookie" in headers["vary"].lower()
        assert headers["cache-control"] == "private, max-age=60"


def test_row_56_the_old_key_signs() -> None:
    ring, data = KeyRing([NEWER, SECRET]), {"user": 7}
    made = TokenSigner(ring, "mail", ttl=60).sign(data)

    assert TokenSigner(KeyRing([NEWER]), "mail", ttl=60).verify(made) == data
    assert TokenSigner(KeyRing([SECRET]), "mail", ttl=60).verify(made) is None
    assert TokenSigner(ring, "mail", ttl=60).verify(TokenSigner(KeyRing([SECRET]), "mail", ttl=60).sign(data)) == data


def test_row_56_sessions_are_signed_by_the_newest_key(serve: Serve) -> None:
    client, newer = serve(make_app(secrets=(NEWER, SECRET))), serve(make_app(secrets=(NEWER,)))
    client.post("/users/7")

    assert newer.get("/user", headers={"cookie": f"session={client.cookies['session']}"}).json() == [7]


# CVE-2026-6873
def test_row_57_two_names_have_one_key() -> None:
    ring = KeyRing([SECRET])

    assert ring.derive("a", "bc") != ring.derive("ab", "c")
    assert ring.derive("session", "a") != ring.derive("sessiona")
    made = TokenSigner(ring, "reset password", ttl=60).sign({"user": 7})
    assert TokenSigner(ring, "invite", ttl=60).verify(made) is None


def test_row_57_one_cookie_is_taken_for_another(serve: Serve) -> None:
    one, other = serve(make_app(Sessions(name="a"))), serve(make_app(Sessions(name="b")))
    one.post("/users/7")

    assert other.get("/user", headers={"cookie": f"b={one.cookies['a']}"}).json() == [None]


# CVE-2026-6907, CVE-2026-48587, CVE-2026-8404, CVE-2026-35193, CVE-2026-48588, CVE-2026-113593
def test_row_58_what_is_for_one_client_is_kept_for_all(client: Client) -> None:
    """There is no cache of answers here; what other caches are told is right, however the author writes it."""
    capitals = client.get("/access/read").headers
    varying = client.get("/varies").headers

    assert capitals["cache-control"] == "private, max-age=60"
    assert varying["cache-control"] == "private"
    assert "*" in varying["vary"] or "cookie" in varying["vary"].lower()


def test_row_59_two_keys_of_a_cache_become_one_file_name(tmp_path: Path) -> None:
    cache, names = CodeCache(tmp_path), ["a/b", "a_b", "A/b", "a\\b", "a/b ", "a/./b", "\u00e9", "e\u0301", "a" * 300, "a" * 301]

    for number, name in enumerate(names):
        assert cache.store(name, {"number": number}, ())

    assert len(list(tmp_path.iterdir())) == len(names)
    for number, name in enumerate(names):
        kept = cache.load(name)
        assert kept is not None
        assert kept.header == {"number": number}


current: ContextVar[str] = ContextVar("current", default="nobody")


def interleaved_app(meet: Callable[[], Any]) -> App:
    app = App(secret_keys=[SECRET])

    @app.get("/tasks/{name}")
    async def in_task(name: str, request: Request, session: Session) -> list[Any]:
        before = current.get()
        current.set(name)
        session["name"] = name
        for _ in range(3):
            await asyncio.sleep(0)
        return [before, current.get(), session["name"], request.path, request.cookies["a"]]

    @app.get("/threads/{name}")
    def in_thread(name: str, request: Request, session: Session) -> list[Any]:
        before = current.get()
        current.set(name)
        session["name"] = name
        meet()
        return [before, current.get(), session["name"], request.path, request.cookies["a"]]

    return app


# CVE-2020-35681
def test_row_60_one_request_sees_the_data_of_another_in_tasks() -> None:
    app = interleaved_app(lambda: None)

    async def ask(number: int) -> bytes:
        exchange = ASGIExchange()
        fields = [(b"host", b"a"), (b"cookie", b"a=%d" % number)]
        await app(asgi_scope(path=f"/tasks/{number}", headers=fields, scheme="http"), exchange.receive, exchange.send)
        return exchange.body

    async def ask_all() -> list[bytes]:
        return await asyncio.gather(*(asyncio.create_task(ask(number)) for number in range(1_000)))

    assert asyncio.run(ask_all()) == [b'["nobody","%d","%d","/tasks/%d","%d"]' % ((number,) * 4) for number in range(1_000)]


def test_row_60_one_request_sees_the_data_of_another_in_threads() -> None:
    together = threading.Barrier(8)
    app = interleaved_app(lambda: together.wait(30))

    def ask(number: int) -> bytes:
        fields = {"HTTP_HOST": "a", "HTTP_COOKIE": f"a={number}", "PATH_INFO": f"/threads/{number}", "wsgi.url_scheme": "http"}
        chunks = app({**environ(), **fields}, lambda *_: None)
        return b"".join(chunks)

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(ask, range(160)))

    assert [answer.split(b",", 1)[1] for answer in answers] == [
        b'"%d","%d","/threads/%d","%d"]' % ((number,) * 4) for number in range(160)
    ]


# CVE-2014-9720
def test_row_63_the_token_of_a_form_is_the_same_in_each_page(client: Client) -> None:
    tokens = [client.get("/token").text for _ in range(8)]

    assert len(set(tokens)) == 8
    assert len({token[:4] for token in tokens}) > 1
    assert len({token[-4:] for token in tokens}) > 1


class OlderWay:
    """One that takes no time at all."""

    def identify(self, kept: str) -> bool:
        return kept.startswith("older$")

    def verify(self, password: str, kept: str) -> bool:
        return kept == f"older${password}"


# CVE-2024-39329, CVE-2025-13473
@each("kept", [None, "", "!unusable", "older$right"], ids=["no user", "no hash", "no password", "an older hash"])
def test_row_77_the_time_of_a_login_tells_whether_a_user_exists(kept: str | None) -> None:
    argon2 = pytest.importorskip("argon2")
    verified: list[str] = []
    verify = argon2.PasswordHasher.verify

    def counted(hasher: Any, kept: str, password: bytes) -> bool:
        verified.append(kept.rsplit("$", 2)[0])
        return bool(verify(hasher, kept, password))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(argon2.PasswordHasher, "verify", counted)
        hasher = PasswordHasher(memory_kib=8, time_cost=1, parallelism=1, older=[OlderWay()])
        real = hasher.hash_now("right")
        hasher.verify_now(real, "wrong")
        hasher.verify_now(kept, "wrong")

    assert len(verified) == 2
    assert verified[0] == verified[1]


@each("kind", ["cookie", "store"])
def test_beyond_the_rows_a_login_keeps_the_session_that_was_there(serve: Serve, kind: str) -> None:
    """Session fixation: what somebody had before a login is worth nothing after it."""
    client = serve(make_app(Sessions(store=MemoryStore()) if kind == "store" else None))
    client.get("/access/set")
    before = client.cookies["session"]
    client.post("/users/7")

    assert client.cookies["session"] != before
    assert client.get("/user", headers={"cookie": f"session={before}"}).json() == [None]


def test_beyond_the_rows_the_codec_alone_takes_nothing_that_was_changed() -> None:
    store = SessionStore(ttl=60)
    cookie = store.create_session({"user": 7}, SECRET)
    changed = [cookie[:place] + ("A" if cookie[place] != "A" else "B") + cookie[place + 1 :] for place in range(len(cookie))]

    assert {repr(store.load_session(each_one, SECRET)) for each_one in changed if each_one != cookie} == {"None"}
    assert store.load_session(cookie + "=", SECRET) is None
