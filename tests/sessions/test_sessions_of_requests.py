"""What a session remembers from one request to the next, over every protocol, wherever it is kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from msgspec import Struct

from martlet import (
    App,
    ConflictError,
    FreezeError,
    Group,
    Guard,
    Request,
    Response,
    Session,
    Sessions,
    Stream,
    UserSessions,
    login,
    logout,
)
from martlet.sessions.user_ids import user_id_of
from martlet.stores import Entry, MemoryStore, StoreUnavailableError
from tests.rows import each
from tests.serving import Serve

SECRET = "correct horse battery staple, 1234 times over"
OTHER = "a newer secret that nobody has seen, 0987654321"

KINDS: dict[str, Callable[[], Sessions]] = {
    "signed": Sessions,
    "encrypted": lambda: Sessions(encrypted=True),
    "stored": lambda: Sessions(store=MemoryStore()),
}


class Secretive:
    def __repr__(self) -> str:
        return "s3cret"


@dataclass
class Owner:
    id: Any


class Cart(Struct):
    books: list[str] = []
    total: int = 0


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


routes = Group("")


@routes.put("/values/{name}")
async def put(name: str, value: str, session: Session) -> None:
    session[name] = value


@routes.get("/values")
async def values(session: Session) -> dict[str, Any]:
    return dict(session)


@routes.delete("/values/{name}")
async def remove(name: str, session: Session) -> None:
    session.pop(name, None)


@routes.post("/lists/{item}")
def append(item: str, session: Session) -> None:
    session.setdefault("list", []).append(item)


@routes.post("/cart/{book}")
async def add(book: str, session: Session[Cart]) -> Cart:
    session.data.books.append(book)
    session.data.total += 1
    return session.data


@routes.post("/flash/{message}")
async def flash(message: str, session: Session) -> None:
    session.flash(message, "warning")


@routes.get("/flashes")
async def flashes(session: Session) -> list[list[str]]:
    return [[each.category, each.message] for each in session.take_flashes()]


@routes.post("/login/{user}")
async def enter(user: int, session: Session) -> None:
    login(session, user)


@routes.post("/logout")
async def leave(session: Session) -> None:
    logout(session)


@routes.get("/user")
async def user(session: Session) -> list[int | str | None]:
    return [session.user_id]


@routes.post("/fail/{status}")
async def fail(status: int, session: Session) -> None:
    session["failed"] = status
    if status == 409:
        raise ConflictError
    raise RuntimeError("on purpose")


@routes.get("/untouched")
async def untouched() -> str:
    return "no session here"


def shop(sessions: Sessions | None = None, secrets: tuple[str, ...] = (SECRET,)) -> App:
    """An app that does with its sessions what applications do."""
    app = App(secret_keys=secrets, sessions=sessions)
    app.include(routes)
    return app


def test_a_value_is_there_on_the_next_request(serve: Serve, kind: str) -> None:
    client = serve(shop(KINDS[kind]()))

    client.put("/values/name", query={"value": "Ada"})
    assert client.get("/values").json() == {"name": "Ada"}
    client.delete("/values/name")
    assert client.get("/values").json() == {}
    assert "session" not in client.cookies


def test_a_change_inside_of_a_value_counts(serve: Serve, kind: str) -> None:
    client = serve(shop(KINDS[kind]()))

    client.post("/lists/a")
    client.post("/lists/b")
    assert client.get("/values").json() == {"list": ["a", "b"]}


def test_typed_data_comes_back_as_its_type(serve: Serve, kind: str) -> None:
    client = serve(shop(KINDS[kind]()))

    client.post("/cart/walden")
    assert client.post("/cart/emma").json() == {"books": ["walden", "emma"], "total": 2}


def test_data_of_an_older_type_that_does_not_fit_begins_anew(serve: Serve) -> None:
    client = serve(shop())

    client.put("/values/books", query={"value": "no list"})
    assert client.post("/cart/emma").json() == {"books": ["emma"], "total": 1}


class Member(Struct, omit_defaults=True, rename="camel"):
    is_admin: bool = False
    nick_name: str = "reader"


class Rank(Struct):
    role: str = "reader"


def test_typed_data_is_taken_back_to_its_default(serve: Serve, kind: str) -> None:
    app = shop(KINDS[kind]())

    @app.post("/admin/{on}")
    async def make(on: bool, session: Session[Member]) -> bool:
        session.data.is_admin = on
        return session.data.is_admin

    @app.get("/admin")
    async def look(session: Session[Member]) -> bool:
        return session.data.is_admin

    client = serve(app)
    client.put("/values/other", query={"value": "stays"})
    client.post("/admin/true")
    assert client.get("/values").json() == {"other": "stays", "isAdmin": True}
    client.post("/admin/false")
    assert client.get("/admin").json() is False
    assert client.get("/values").json() == {"other": "stays"}


def assign(session: Session[Rank], role: str) -> bool:
    session.data.role = role
    return True


WAYS: dict[str, tuple[Callable[[Session[Rank]], object], dict[str, str]]] = {
    "read as a type, set by name": (lambda session: session.data.role and session.update(role="admin"), {"role": "admin"}),
    "read as a type, removed by name": (lambda session: (session.data.role, session.pop("role", None)), {}),
    "set as a type": (lambda session: assign(session, "admin"), {"role": "admin"}),
    "set as a type, read by name": (lambda session: assign(session, "admin") and session.get("role"), {"role": "admin"}),
    "only read": (lambda session: session.data.role, {"role": "clerk"}),
    "both set to the same": (lambda session: (assign(session, "x"), session.update(role="x")), {"role": "x"}),
    "set by name before it is read as a type": (
        lambda session: (session.update(role="admin"), assign(session, session.data.role + "!")),
        {"role": "admin!"},
    ),
}


@each(("way", "expected"), WAYS.values(), ids=WAYS)
def test_what_is_changed_in_one_view_is_not_undone_by_the_other(
    serve: Serve, way: Callable[[Session[Rank]], object], expected: dict[str, str]
) -> None:
    app = shop()

    @app.post("/way")
    async def go(session: Session[Rank]) -> None:
        way(session)

    client = serve(app)
    client.put("/values/role", query={"value": "clerk"})
    assert client.post("/way").status_code == 204
    assert client.get("/values").json() == expected


def test_one_value_changed_in_two_views_is_an_error(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    app = shop()

    @app.post("/way")
    async def go(session: Session[Rank]) -> None:
        session.data.role = "admin"
        session["role"] = "owner"

    client = serve(app)
    client.put("/values/role", query={"value": "clerk"})
    assert client.post("/way").status_code == 500
    assert "'role' was changed in one request both" in caplog.text
    assert client.get("/values").json() == {"role": "clerk"}


def test_a_session_that_is_only_read_as_a_type_is_not_kept(serve: Serve, kind: str) -> None:
    app = shop(KINDS[kind]())

    @app.get("/cart")
    async def look(session: Session[Cart]) -> Cart:
        return session.data

    assert "set-cookie" not in serve(app).get("/cart").headers


def test_messages_are_shown_once(serve: Serve, kind: str) -> None:
    client = serve(shop(KINDS[kind]()))

    client.post("/flash/first")
    client.post("/flash/second")
    assert client.get("/flashes").json() == [["warning", "first"], ["warning", "second"]]
    assert client.get("/flashes").json() == []


def test_nothing_is_kept_of_a_session_that_nothing_was_put_into(serve: Serve, kind: str) -> None:
    client = serve(shop(KINDS[kind]()))

    assert "set-cookie" not in client.get("/values").headers


def test_a_session_that_does_not_change_is_not_sent_again(serve: Serve, kind: str) -> None:
    client = serve(shop(KINDS[kind]()))

    client.put("/values/name", query={"value": "Ada"})
    assert "set-cookie" not in client.get("/values").headers


def test_every_answer_that_hangs_on_a_session_is_private_and_says_so(serve: Serve, kind: str) -> None:
    client = serve(shop(KINDS[kind]()))

    asked = [
        client.get("/values"),
        client.put("/values/a", query={"value": "b"}),
        client.post("/fail/409"),
        client.post("/fail/500"),
    ]
    for answer in asked:
        assert "cookie" in answer.headers["vary"].split(", ")
        assert answer.headers["cache-control"] == "private"
    assert "cache-control" not in client.get("/untouched").headers


def test_what_a_handler_says_to_caches_does_not_make_a_session_public(serve: Serve) -> None:
    app = App(secret_keys=[SECRET])

    @app.get("/")
    async def home(session: Session) -> Response:
        return Response("yours", headers={"cache-control": "Public, s-maxage=60, max-age=60"})

    assert serve(app).get("/").headers["cache-control"] == "private, max-age=60"


def test_a_session_is_kept_with_an_error_of_the_client_and_not_with_one_of_ours(serve: Serve, kind: str) -> None:
    client = serve(shop(KINDS[kind]()))

    assert client.post("/fail/500").status_code == 500
    assert client.get("/values").json() == {}
    assert client.post("/fail/409").status_code == 409
    assert client.get("/values").json() == {"failed": 409}


@each("status", [400, 403, 500])
def test_a_login_is_not_kept_with_an_error_and_a_logout_is(serve: Serve, kind: str, status: int) -> None:
    """Such as a second factor that is refused after a login, or a page that fails after a logout."""
    app = shop(KINDS[kind]())

    @app.post("/login-and-fail")
    async def enter_and_fail(session: Session) -> Response:
        login(session, 7)
        return Response("", status=status)

    @app.post("/logout-and-fail")
    async def leave_and_fail(session: Session) -> Response:
        logout(session)
        return Response("", status=status)

    client = serve(app)
    client.put("/values/cart", query={"value": "full"})
    client.post("/login-and-fail")
    assert client.get("/user").json() == [None]
    assert client.get("/values").json() == {"cart": "full"}

    client.post("/login/8")
    client.post("/login-and-fail")
    assert client.get("/user").json() == [8]
    stolen = client.cookies["session"]
    assert client.post("/logout-and-fail").status_code == status
    assert client.get("/user").json() == [None]
    if kind == "stored":
        assert client.get("/user", headers={"cookie": f"session={stolen}"}).json() == [None]


def test_a_login_gives_a_new_session_with_what_was_in_the_old_one(serve: Serve, kind: str) -> None:
    client = serve(shop(KINDS[kind]()))
    client.put("/values/cart", query={"value": "full"})
    before = client.cookies["session"]

    client.post("/login/7")
    assert client.cookies["session"] != before
    assert client.get("/values").json() == {"cart": "full"}
    assert client.get("/user").json() == [7]


def test_another_users_login_takes_nothing_over(serve: Serve, kind: str) -> None:
    client = serve(shop(KINDS[kind]()))
    client.post("/login/7")
    client.put("/values/diary", query={"value": "secret"})

    client.post("/login/8")
    assert client.get("/values").json() == {}
    assert client.get("/user").json() == [8]


def test_a_logout_ends_the_session(serve: Serve, kind: str) -> None:
    client = serve(shop(KINDS[kind]()))
    client.post("/login/7")
    client.put("/values/diary", query={"value": "secret"})

    client.post("/logout")
    assert client.get("/user").json() == [None]
    assert client.get("/values").json() == {}
    assert "session" not in client.cookies


def test_what_was_shown_before_a_login_or_a_logout_is_worth_nothing_in_a_store(serve: Serve) -> None:
    client = serve(shop(Sessions(store=MemoryStore())))
    client.put("/values/cart", query={"value": "full"})
    fixed = client.cookies["session"]
    client.post("/login/7")
    stolen = client.cookies["session"]
    client.post("/logout")

    for cookie in (fixed, stolen):
        assert client.get("/user", headers={"cookie": f"session={cookie}"}).json() == [None]
        assert client.get("/values", headers={"cookie": f"session={cookie}"}).json() == {}


@each("cookie", ["", "x", "." * 50, "A" * 43, "eyJkYXRhIjp7fX0." + "A" * 43, '"quoted"', "\u00e9" * 43])
def test_a_cookie_that_is_no_session_is_an_empty_one(serve: Serve, kind: str, cookie: str) -> None:
    client = serve(shop(KINDS[kind]()))

    answer = client.get("/values", headers={"cookie": f"session={cookie}".encode().decode("latin-1")})
    assert answer.status_code == 200
    assert answer.json() == {}


@each("garbage", [["x"], ["A" * 43], ["A" * 22], ["eyJkYXRhIjp7fX0." + "A" * 43], ["", "x", "A" * 22]], ids=str)
def test_a_cookie_that_another_host_puts_before_ours_ends_no_session(serve: Serve, kind: str, garbage: list[str]) -> None:
    client = serve(shop(KINDS[kind]()))
    client.post("/login/7")
    ours = client.cookies["session"]

    tossed = "; ".join([*(f"session={each}" for each in garbage), "theme=dark", f"session={ours}"])
    assert client.get("/user", headers={"cookie": tossed}).json() == [7]
    assert (
        client.put("/values/a", query={"value": "b"}, headers={"cookie": tossed, "origin": "http://testserver"}).status_code
        == 204
    )
    assert client.get("/user", headers={"cookie": f"session={client.cookies['session']}"}).json() == [7]


def test_only_a_few_cookies_of_one_name_are_looked_at(serve: Serve) -> None:
    class Counting(MemoryStore):
        asked = 0

        async def get(self, key: str) -> Entry | None:
            self.asked += 1
            return await super().get(key)

    store = Counting()
    client = serve(shop(Sessions(store=store)))
    client.get("/values", headers={"cookie": "; ".join(f"session={number:043}" for number in range(100))})
    assert store.asked == 4


def test_the_cookie_of_one_name_is_nothing_under_another(serve: Serve) -> None:
    """SECURITY row 57: two cookies of one application cannot be swapped."""
    first, second = serve(shop(Sessions(name="one"))), serve(shop(Sessions(name="two")))
    first.put("/values/a", query={"value": "b"})

    assert second.get("/values", headers={"cookie": f"two={first.cookies['one']}"}).json() == {}


def test_secrets_are_changed_without_logging_anyone_out(serve: Serve) -> None:
    old, both, new = serve(shop()), serve(shop(secrets=(OTHER, SECRET))), serve(shop(secrets=(OTHER,)))
    old.post("/login/7")
    cookie = {"cookie": f"session={old.cookies['session']}"}

    assert both.get("/user", headers=cookie).json() == [7]
    assert new.get("/user", headers=cookie).json() == [None]
    both.put("/values/a", query={"value": "b"}, headers={**cookie, "origin": "http://testserver"})
    assert new.get("/user", headers={"cookie": f"session={both.cookies['session']}"}).json() == [7]


def test_a_signed_cookie_can_be_read_and_an_encrypted_one_cannot(serve: Serve) -> None:
    signed, encrypted = serve(shop()), serve(shop(Sessions(encrypted=True)))
    for client in (signed, encrypted):
        client.put("/values/a", query={"value": "b"})

    assert re.fullmatch(r"eyJ[\w-]+\.[\w-]{43}", signed.cookies["session"])
    assert "." not in encrypted.cookies["session"]


def test_a_cookie_that_grows_too_large_is_an_error_that_names_the_value(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    client = serve(shop())
    client.put("/values/small", query={"value": "s" * 1_000})
    before = client.cookies["session"]

    assert client.put("/values/diary", query={"value": "d" * 3_000}).status_code == 500
    assert "'diary' grew from 0 to 3002 bytes" in caplog.text
    assert client.cookies["session"] == before


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (("s3cret", 2), "The tuple of 'odd' in the session would come back as a list"),
        ({1: "s3cret"}, "The dict of 'odd' in the session would come back as another dict"),
        (b"s3cret", "The bytes of 'odd' in the session would come back as a str"),
        (Secretive(), "The Secretive of 'odd' in the session cannot be kept"),
    ],
    ids=["tuple", "number as a key", "bytes", "object"],
)
def test_a_value_that_would_not_come_back_is_an_error_that_names_it(
    serve: Serve, caplog: pytest.LogCaptureFixture, value: object, told: str
) -> None:
    app = App(secret_keys=[SECRET])

    @app.get("/")
    async def put(session: Session) -> str:
        session["fine"] = "text"
        session["odd"] = value
        return ""

    assert serve(app).get("/").status_code == 500
    assert told in caplog.text
    assert "s3cret" not in caplog.text


def test_what_json_would_change_is_found_however_it_came_into_a_list_that_was_there(
    serve: Serve, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    ways: dict[str, Callable[[Session], Any]] = {
        "by name": lambda session: session["list"],
        "get": lambda session: session.get("list"),
        "values": lambda session: next(iter(session.values())),
        "items": lambda session: next(iter(session.items()))[1],
        "setdefault": lambda session: session.setdefault("list", []),
    }
    app = App(secret_keys=[SECRET], sessions=KINDS[kind]())

    @app.get("/new")
    async def begin(session: Session) -> str:
        session["list"] = []
        return ""

    @app.get("/put/{way}")
    async def put(session: Session, way: str, odd: str = "") -> str:
        ways[way](session).append((1, 2) if odd else way)
        return str(len(session["list"]))

    client = serve(app)
    for way in ways:
        client.get("/new")

        assert client.get(f"/put/{way}").text == "1"
        assert client.get(f"/put/{way}").text == "2"
        caplog.clear()
        assert client.get(f"/put/{way}?odd=yes").status_code == 500
        assert "would come back as" in caplog.text
        assert client.get(f"/put/{way}").text == "3"


def test_a_session_cannot_be_changed_once_it_is_kept(serve: Serve) -> None:
    app = App(secret_keys=[SECRET])
    told: list[str] = []

    @app.get("/")
    async def stream(session: Session) -> Response:
        session["a"] = "early enough"

        def chunks() -> Iterator[bytes]:
            try:
                session["b"] = "too late"
            except RuntimeError as error:
                told.append(str(error))
            yield b"done"

        return Response(Stream(chunks()))

    client = serve(app)
    assert client.get("/").content == b"done"
    assert "kept already" in told[0]


def test_guards_and_authenticators_see_the_same_session(serve: Serve) -> None:
    app = App(secret_keys=[SECRET])
    seen: list[Session[Any]] = []

    @app.authenticator(inline=True)
    def who(session: Session) -> Cart | None:
        seen.append(session)
        return Cart() if session.user_id else None

    @Guard
    def remember(session: Session, request: Request) -> None:
        session["path"] = request.path

    @app.get("/", guards=[remember])
    async def home(session: Session, user: Cart | None) -> list[Any]:
        return [session["path"], user is None, seen[-1] is session]

    assert serve(app).get("/").json() == ["/", True, True]


def test_a_store_that_is_away_is_503_and_never_an_empty_session(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    class Away(MemoryStore):
        is_away = False

        async def get(self, key: str) -> Entry | None:
            if self.is_away:
                raise StoreUnavailableError("redis://localhost:6379 does not answer")
            return await super().get(key)

    store = Away()
    client = serve(shop(Sessions(store=store)))
    client.post("/login/7")

    store.is_away = True
    assert client.get("/user").status_code == 503
    assert "does not answer" in caplog.text
    store.is_away = False
    assert client.get("/user").json() == [7]


def test_a_store_that_is_full_is_503_and_says_so(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    client = serve(shop(Sessions(store=MemoryStore(max_entries=1))))
    client.put("/values/a", query={"value": "b"})
    client.cookies.clear()

    assert client.put("/values/a", query={"value": "b"}).status_code == 503
    assert "The store in memory is full" in caplog.text


IDS: dict[str, tuple[Any, str | int]] = {
    "a long text": ("a" * 1_100, "a" * 1_100),
    "a UUID": (UUID(int=7), str(UUID(int=7))),
    "a user with one": (Owner(UUID(int=7)), str(UUID(int=7))),
    "a large number": (2**62, 2**62),
}


@each(("user", "told"), IDS.values(), ids=IDS)
def test_ids_of_every_kind_log_in_and_are_listed(serve: Serve, user: Any, told: str | int) -> None:
    app = shop(Sessions(store=MemoryStore()))

    @app.post("/login")
    async def enter_as(session: Session) -> None:
        login(session, user)

    @app.get("/sessions")
    async def listed(sessions: UserSessions) -> int:
        return len(await sessions.of(user_id_of(user))) + len(await sessions.of(getattr(user, "id", user)))

    @app.post("/end")
    async def end(sessions: UserSessions) -> int:
        return await sessions.revoke_all(getattr(user, "id", user))

    client = serve(app)
    assert client.post("/login").status_code == 204
    assert client.get("/user").json() == [told]
    assert client.get("/sessions").json() == 2
    assert client.post("/end").json() == 1
    assert client.get("/user").json() == [None]


@each("user", [None, True, 7.0, b"7", Secretive(), Owner(None), Owner(Secretive())], ids=str)
def test_what_is_no_id_is_refused_and_not_shown(user: Any) -> None:
    with pytest.raises(TypeError) as caught:
        login(Session.new(), user)
    assert "s3cret" not in str(caught.value)


def test_a_users_sessions_are_listed_and_ended(serve: Serve) -> None:
    app = shop(Sessions(store=MemoryStore()))

    @app.get("/sessions")
    async def listed(session: Session, sessions: UserSessions) -> list[bool]:
        return [each.id == session.id for each in await sessions.of(7)]

    @app.post("/others/end")
    async def end_others(session: Session, sessions: UserSessions) -> int:
        return await sessions.revoke_all(7, but=session.id)

    client = serve(app)
    client.post("/login/7")
    first = client.cookies["session"]
    client.cookies.clear()
    client.post("/login/7")

    assert sorted(client.get("/sessions").json()) == [False, True]
    assert client.post("/others/end").json() == 1
    assert client.get("/sessions").json() == [True]
    client.post("/logout")
    client.post("/login/8")
    assert client.get("/sessions").json() == []
    assert client.get("/user", headers={"cookie": f"session={first}"}).json() == [None]


MISTAKES: dict[str, tuple[Callable[[], App], str]] = {}


def mistake(words: str) -> Callable[[Callable[[], App]], Callable[[], App]]:
    def keep(make: Callable[[], App]) -> Callable[[], App]:
        MISTAKES[make.__name__] = (make, words)
        return make

    return keep


@mistake("asks for the session, and this app keeps none")
def no_secret() -> App:
    app = App()

    @app.get("/")
    async def home(session: Session) -> None: ...

    return app


@mistake("no secret to sign them with")
def options_without_a_secret() -> App:
    return App(sessions=Sessions())


@mistake("cannot begin empty")
def data_without_defaults() -> App:
    class Needy(Struct):
        name: str

    app = App(secret_keys=[SECRET])

    async def home(session: Session[Needy]) -> None: ...

    home.__annotations__["session"] = Session[Needy]
    app.get("/")(home)
    return app


@mistake("may not be there when an error is answered")
def session_of_an_error() -> App:
    app = App(secret_keys=[SECRET])

    @app.on_error(KeyError)
    def answer(error: KeyError, session: Session) -> str:
        return ""

    return app


@mistake("comes with a request, and here is none")
def session_at_start() -> App:
    app = App(secret_keys=[SECRET])

    @app.lifespan
    def hook(session: Session) -> Iterator[None]:
        yield

    return app


@each("name", MISTAKES)
def test_what_cannot_work_is_told_before_the_first_request(name: str) -> None:
    make, words = MISTAKES[name]

    with pytest.raises(FreezeError, match=words):
        make().freeze()


@pytest.mark.parametrize("secret", ["short", "x" * 64])
def test_a_weak_secret_is_refused_where_it_is_given(secret: str) -> None:
    with pytest.raises(ValueError, match="martlet secret"):
        App(secret_keys=[secret])


def test_an_answer_that_a_handler_gives_to_everybody_takes_no_cookie_along(serve: Serve, kind: str) -> None:
    everybodys = Response("hello")
    app = App(secret_keys=[SECRET], sessions=KINDS[kind]())

    @app.get("/{name}")
    async def greet(name: str, session: Session) -> Response:
        if name == "ada":
            session["name"] = name
        return everybodys

    client = serve(app)
    assert "set-cookie" in client.get("/ada").headers
    assert "set-cookie" not in client.get("/bob", headers={"cookie": "other=1"}).headers
