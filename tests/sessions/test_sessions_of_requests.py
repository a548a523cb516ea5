"""What a session remembers from one request to the next, over every protocol, wherever it is kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

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
    [((1, 2), "would come back as [1, 2]"), ({1: "a"}, "would come back as {'1': 'a'}"), (object(), "cannot be kept")],
    ids=["tuple", "number as a key", "object"],
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
    assert "of 'odd' in the session" in caplog.text
    assert told in caplog.text


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
