"""Who asks: the authenticator says, and what it returns is injected by its type; nobody is 401 unless that is allowed."""

import asyncio
from collections.abc import Iterator
from typing import Annotated

import pytest
from msgspec import Struct

from martlet import App, ForbiddenError, Header, Request, TooManyRequestsError, UnauthorizedError, require_auth
from tests.rows import each
from tests.serving import Serve


class User(Struct):
    name: str


class Users:
    def __init__(self) -> None:
        self.asked: list[str] = []

    def find(self, name: str) -> User | None:
        self.asked.append(name)
        return User(name) if name in {"ada", "eve"} else None


class Basket:
    def __init__(self, owner: str) -> None:
        self.owner = owner


def society(*, waits: bool = False) -> tuple[App, Users]:
    """An app whose authenticator looks for the user named in a field, and the users it knows."""
    app, users = App(), Users()

    @app.provider(scope="app")
    def known() -> Users:
        return users

    if waits:

        @app.authenticator
        async def who_waiting(users: Users, x_user: Annotated[str | None, Header()] = None) -> User | None:
            await asyncio.sleep(0)
            return users.find(x_user) if x_user else None

    else:

        @app.authenticator
        def who(users: Users, x_user: Annotated[str | None, Header()] = None) -> User | None:
            return users.find(x_user) if x_user else None

    @app.get("/me")
    async def me(user: User) -> str:
        return user.name

    @app.get("/plain/me")
    def plain_me(user: User) -> str:
        return user.name

    @app.get("/hello")
    def hello(user: User | None) -> str:
        return f"Hello, {user.name if user else 'stranger'}!"

    @app.get("/public")
    def public() -> str:
        return "public"

    return app, users


@each("waits", [False, True])
@each("path", ["/me", "/plain/me"])
def test_a_handler_that_asks_for_the_user_is_for_somebody(serve: Serve, waits: bool, path: str) -> None:
    client = serve(society(waits=waits)[0])

    nobody, unknown = client.get(path), client.get(path, headers={"x-user": "mallory"})

    assert client.get(path, headers={"x-user": "ada"}).text == "ada"
    assert nobody.status_code == unknown.status_code == 401
    assert nobody.json()["detail"] == "Authentication required"
    assert nobody.headers["www-authenticate"]


@pytest.mark.parametrize("waits", [False, True])
def test_a_handler_may_ask_for_the_user_or_nobody(serve: Serve, waits: bool) -> None:
    client = serve(society(waits=waits)[0])

    assert client.get("/hello", headers={"x-user": "ada"}).text == "Hello, ada!"
    assert client.get("/hello").text == "Hello, stranger!"


def test_nobody_is_asked_for_where_nobody_wants_to_know(serve: Serve) -> None:
    app, users = society()

    serve(app).get("/public", headers={"x-user": "ada"})

    assert users.asked == []


def test_the_authenticator_is_asked_once_for_a_request(serve: Serve) -> None:
    app, users = society()
    seen: list[User | None] = []

    @app.provider
    def basket(user: User) -> Basket:
        seen.append(user)
        return Basket(user.name)

    def look(user: User | None, basket: Basket) -> None:
        seen.append(user)

    @app.get("/basket", guards=[look, require_auth])
    def show(user: User, basket: Basket, request: Request) -> str:
        seen.extend([user, request.user])
        return basket.owner

    client = serve(app)

    assert client.get("/basket", headers={"x-user": "ada"}).text == "ada"
    assert seen == [User("ada")] * 4
    assert users.asked == ["ada"]


@pytest.mark.parametrize("asks", ["guard", "provider"])
def test_whoever_needs_a_user_makes_the_route_need_one(serve: Serve, asks: str) -> None:
    app, _ = society()

    @app.provider
    def basket(user: User) -> Basket:
        return Basket(user.name)

    def only_ada(user: User) -> None:
        if user.name != "ada":
            raise ForbiddenError

    if asks == "guard":

        @app.get("/secret", guards=[only_ada])
        def guarded() -> str:
            return "secret"

    else:

        @app.get("/secret")
        def provided(basket: Basket) -> str:
            return "secret"

    client = serve(app)

    assert client.get("/secret").status_code == 401
    assert client.get("/secret", headers={"x-user": "ada"}).text == "secret"
    assert client.get("/secret", headers={"x-user": "eve"}).status_code == (403 if asks == "guard" else 200)


def test_an_authenticator_may_refuse_in_its_own_way(serve: Serve) -> None:
    app = App()

    @app.authenticator
    def who(x_token: Annotated[str, Header()]) -> User:
        if x_token == "hammering":
            raise TooManyRequestsError
        raise UnauthorizedError("That token is old.", headers={"www-authenticate": 'Bearer error="invalid_token"'})

    @app.get("/")
    def show(user: User) -> str:
        return ""

    client = serve(app)
    refused = client.get("/", headers={"x-token": "old"})

    assert (refused.status_code, refused.json()["detail"]) == (401, "That token is old.")
    assert refused.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert client.get("/", headers={"x-token": "hammering"}).status_code == 429
    assert client.get("/").status_code == 422


def test_providers_of_the_authenticator_are_cleaned_up_with_the_rest(serve: Serve) -> None:
    app = App()
    events: list[str] = []

    @app.provider
    def users() -> Iterator[Users]:
        events.append("open")
        yield Users()
        events.append("close")

    @app.authenticator
    def who(users: Users) -> User | None:
        events.append("ask")
        return users.find("ada")

    @app.get("/")
    def show(user: User, users: Users) -> str:
        events.append("show")
        return str(len(users.asked))

    assert serve(app).get("/").text == "1"
    assert events == ["open", "ask", "show", "close"]
