"""Several ways to say who asks, in turn; and what a 401 tells a client of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from msgspec import Struct

from martlet import (
    APIKeys,
    App,
    Request,
    Session,
    TemplateEngine,
    UnauthorizedError,
    basic_challenge,
    basic_credentials,
    bearer_token,
    login,
    require_auth,
)
from martlet.http import BadHeaderError
from martlet.security import Challenges
from martlet.templates import DictLoader
from tests.rows import each
from tests.serving import Serve

SECRET = "correct horse battery staple, 1234 times over"
KEYS = APIKeys("shelf", field="X-API-Key")
ADAS_KEY = KEYS.make()


class User(Struct):
    name: str
    way: str


class Database:
    opened = 0


def library(*, waits: bool = False) -> App:
    app = App(secret_keys=[SECRET], csrf=None)

    @app.provider
    def database() -> Iterator[Database]:
        Database.opened += 1
        yield Database()

    @app.authenticator(inline=True)
    def by_session(session: Session) -> User | None:
        return User("ada", "session") if session.user_id == 7 else None

    if waits:

        @app.authenticator(challenge="Bearer")
        async def by_token_waiting(request: Request, database: Database) -> User | None:
            return User("ada", "token") if bearer_token(request) == "good" else None

    else:

        @app.authenticator(challenge="Bearer")
        def by_token(request: Request, database: Database) -> User | None:
            return User("ada", "token") if bearer_token(request) == "good" else None

    @app.authenticator
    def by_key(request: Request) -> User | None:
        shown = KEYS.shown(request)
        kept = {ADAS_KEY.id: ADAS_KEY.hash}
        return User("ada", "key") if shown is not None and shown.matches(kept.get(shown.id)) else None

    @app.authenticator(challenge=basic_challenge("books"))
    def by_password(request: Request) -> User | None:
        shown = basic_credentials(request)
        return User(shown.name, "password") if shown is not None and shown.password == "pass:word" else None

    declare_routes(app)
    return app


def declare_routes(app: App) -> None:
    @app.post("/login")
    async def log_in(session: Session) -> None:
        login(session, 7)

    @app.get("/me")
    async def me(user: User, database: Database) -> str:
        return f"{user.name} by {user.way}"

    @app.get("/plain/me")
    def plain_me(user: User) -> str:
        return f"{user.name} by {user.way}"

    @app.get("/guarded")
    @require_auth
    def guarded(request: Request) -> str:
        return f"{request.user.name} by {request.user.way}"

    @app.get("/greeting")
    def greeting(user: User | None) -> str:
        return "stranger" if user is None else f"{user.name} by {user.way}"


BASIC_ADA = "Basic YWRhOnBhc3M6d29yZA=="  # ada, and pass:word
WAYS = {
    "a token": ({"authorization": "Bearer good"}, "ada by token"),
    "a key": ({"x-api-key": ADAS_KEY.key}, "ada by key"),
    "a password": ({"authorization": BASIC_ADA}, "ada by password"),
    "a key, though the token is bad": ({"authorization": "Bearer bad", "x-api-key": ADAS_KEY.key}, "ada by key"),
    "the token, which is asked before the key": ({"authorization": "Bearer good", "x-api-key": ADAS_KEY.key}, "ada by token"),
}


@each("waits", [False, True], ids=["plain", "async"])
@each("path", ["/me", "/plain/me", "/guarded", "/greeting"])
@each(("headers", "said"), WAYS.values(), ids=WAYS)
def test_the_first_way_that_finds_somebody_counts(
    serve: Serve, headers: dict[str, str], said: str, path: str, waits: bool
) -> None:
    assert serve(library(waits=waits)).get(path, headers=headers).text == said


@pytest.mark.parametrize("path", ["/me", "/plain/me", "/guarded"])
def test_a_session_is_asked_first(serve: Serve, path: str) -> None:
    client = serve(library())
    client.post("/login")

    assert client.get(path, headers={"authorization": "Bearer good"}).text == "ada by session"


def test_nobody_by_any_way_is_a_stranger(serve: Serve) -> None:
    client = serve(library())

    assert client.get("/greeting", headers={"authorization": "Bearer bad"}).text == "stranger"
    assert client.get("/me").status_code == client.get("/plain/me").status_code == client.get("/guarded").status_code == 401


def test_what_a_way_asks_for_is_made_once_for_all_of_them(serve: Serve) -> None:
    client = serve(library())
    Database.opened = 0

    assert client.get("/me", headers={"authorization": "Bearer good"}).status_code == 200
    assert Database.opened == 1


@pytest.mark.parametrize("path", ["/me", "/plain/me", "/guarded"])
def test_a_401_has_the_challenges_of_all_ways_that_name_one(serve: Serve, path: str) -> None:
    answer = serve(library()).get(path)

    assert answer.headers.get_list("www-authenticate") == ["Bearer", 'Basic realm="books", charset="UTF-8"']


def test_a_token_that_was_refused_is_told_so(serve: Serve) -> None:
    """RFC 6750, Section 3: an error code for who showed a token, and none for who showed nothing."""
    answer = serve(library()).get("/me", headers={"authorization": "bearer bad"})

    assert answer.headers.get_list("www-authenticate")[0] == 'Bearer error="invalid_token"'


def test_an_app_of_sessions_makes_no_browser_ask(serve: Serve) -> None:
    app = App(secret_keys=[SECRET])

    @app.authenticator
    def who(session: Session) -> User | None:
        return None

    @app.get("/")
    def show(user: User) -> str:
        return ""

    assert serve(app).get("/").headers.get_list("www-authenticate") == ["Bearer"]


@each(
    ("given", "field", "told"),
    [
        ([], "Bearer x", ['Bearer error="invalid_token"']),
        ([None, None], None, ["Bearer"]),
        (['Bearer realm="a b"'], "BEARER x y", ['Bearer realm="a b", error="invalid_token"']),
        (['Bearer error="x"'], "Bearer x", ['Bearer error="x"']),
        (["Basic", "Bearer", "Basic"], "Basic x", ["Basic", "Bearer"]),
        (["Bearers"], "Bearer x", ["Bearers"]),
        (["Bearer"], "Bearers x", ["Bearer"]),
        (["Bearer"], "Bearer", ['Bearer error="invalid_token"']),
    ],
)
def test_challenges_fit_what_was_shown(serve: Serve, given: list[str | None], field: str | None, told: list[str]) -> None:
    app = App()

    @app.get("/")
    def show(request: Request) -> list[str]:
        return list(Challenges(given).to(request))

    assert serve(app).get("/", headers={} if field is None else {"authorization": field}).json() == told


def test_a_challenge_that_cannot_be_sent_is_refused() -> None:
    with pytest.raises(BadHeaderError):
        Challenges(["Basic\r\nx: y"])


# Templates that show who asks.

TEMPLATES = {
    "base.html": "<p>{% if request.user %}{{ request.user.name }}{% else %}stranger{% endif %}</p>{% block body %}{% endblock %}",
    "shown.html": '{% extends "base.html" %}',
    "item.html": '{{ request["user"].name if request["user"] else "stranger" }}',
    "plain.html": "{{ request.path }} {{ other.user }}",
}


def pages(*, asked: list[str]) -> App:
    app = App(templates=TemplateEngine(DictLoader(TEMPLATES)))

    @app.authenticator
    def who(request: Request) -> User | None:
        asked.append(request.path)
        return User("ada", "") if "x-ada" in request.headers else None

    for name in ("shown", "item", "plain"):

        @app.get(f"/{name}", template=f"{name}.html", name=name)
        async def show() -> dict[str, dict[str, str]]:
            return {"other": {"user": "other"}}

    return app


@pytest.mark.parametrize("name", ["shown", "item"])
def test_a_template_that_shows_who_asks_asks_for_the_user(serve: Serve, name: str) -> None:
    client = serve(pages(asked=[]))
    html = {"accept": "text/html"}

    assert "ada" in client.get(f"/{name}", headers={**html, "x-ada": "1"}).text
    assert "stranger" in client.get(f"/{name}", headers=html).text


def test_a_template_that_does_not_asks_nobody(serve: Serve) -> None:
    asked: list[str] = []

    assert serve(pages(asked=asked)).get("/plain", headers={"accept": "text/html"}).text == "/plain other"
    assert asked == []


def test_a_template_that_shows_who_asks_needs_no_authenticator(serve: Serve) -> None:
    app = App(templates=TemplateEngine(DictLoader(TEMPLATES)))

    @app.get("/", template="shown.html")
    async def show() -> dict[str, str]:
        return {}

    assert "stranger" in serve(app).get("/", headers={"accept": "text/html"}).text


def test_a_credential_that_is_registered_first_goes_before_a_session_and_may_be_refused(serve: Serve) -> None:
    app = App(secret_keys=[SECRET])

    @app.authenticator(inline=True)
    def by_token(request: Request) -> str | None:
        token = bearer_token(request)
        if token is not None and token != "bobs":
            raise UnauthorizedError("This token is no good.")
        return None if token is None else "Bob"

    @app.authenticator(inline=True)
    def by_session(session: Session) -> str | None:
        return None if session.user_id is None else "Ada"

    @app.post("/login")
    async def enter(session: Session) -> None:
        login(session, 7)

    @app.get("/me")
    async def me(user: str) -> str:
        return user

    client = serve(app)
    client.post("/login")
    assert client.get("/me").text == "Ada"
    assert client.get("/me", headers={"authorization": "Bearer bobs"}).text == "Bob"
    refused = client.get("/me", headers={"authorization": "Bearer revoked"})
    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, 'Bearer error="invalid_token"')
