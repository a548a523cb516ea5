"""Who may pass by a role or a scope: 403 for the rest, 401 for nobody, and a clear error for users that have neither."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import Any

import pytest
from msgspec import Struct

from martlet import App, ForbiddenError, FreezeError, Group, Guard, Request, UnauthorizedError, require_role, require_scope
from tests.handling.declaring.test_guards_called_directly import request_of
from tests.rows import each
from tests.serving import Serve


class Staff(Struct):
    name: str
    roles: list[str]
    scopes: frozenset[str] = frozenset()


STAFF = {
    "ada": Staff("ada", ["clerk", "reader"], frozenset({"read:books", "write:books"})),
    "bob": Staff("bob", ["manager"], frozenset({"read:books"})),
    "eve": Staff("eve", []),
}


def desk() -> App:
    app = App()

    @app.authenticator(inline=True)
    def who(request: Request) -> Staff | None:
        return STAFF.get((request.headers.get("authorization") or "").removeprefix("Bearer ").removeprefix("Custom "))

    @app.get("/open")
    @require_role("clerk", "manager")
    async def open_desk(user: Staff) -> str:
        return user.name

    @app.get("/books", guards=[require_scope("read:books", "write:books")])
    def books() -> str:
        return "books"

    group = Group("/group", guards=[require_role("reader")])

    @group.get("/read")
    async def read() -> str:
        return "read"

    app.include(group)
    return app


@pytest.mark.parametrize(
    ("path", "statuses"),
    [
        ("/open", {"ada": 200, "bob": 200, "eve": 403, "nobody": 401}),
        ("/books", {"ada": 200, "bob": 403, "eve": 403, "nobody": 401}),
        ("/group/read", {"ada": 200, "bob": 403, "eve": 403, "nobody": 401}),
    ],
)
def test_one_of_the_roles_or_all_of_the_scopes_let_pass(serve: Serve, path: str, statuses: dict[str, int]) -> None:
    client = serve(desk())

    answers = {name: client.get(path, headers={"authorization": f"Bearer {name}"}).status_code for name in statuses}
    assert answers == statuses


def test_who_showed_a_token_is_told_which_scope_it_lacks(serve: Serve) -> None:
    """RFC 6750, Section 3.1."""
    client = serve(desk())

    by_token = client.get("/books", headers={"authorization": "Bearer bob"})
    otherwise = client.get("/books", headers={"authorization": "Custom bob"})

    assert by_token.headers["www-authenticate"] == 'Bearer error="insufficient_scope", scope="read:books write:books"'
    assert by_token.json()["detail"] == "This needs the scope: read:books write:books"
    assert otherwise.status_code == 403
    assert "www-authenticate" not in otherwise.headers


class Role(Enum):
    CLERK = "clerk"


class TextRole(StrEnum):
    CLERK = "clerk"


@dataclass
class WithRole:
    role: Any


@dataclass
class WithRoles:
    roles: Any


@dataclass
class WithScopes:
    scopes: Any


@each(
    ("guard", "user", "passes"),
    [
        pytest.param(require_role("clerk"), WithRole("clerk"), True, id="one role"),
        pytest.param(require_role("clerk"), WithRole(None), False, id="no role"),
        pytest.param(require_role("clerk"), WithRole("clerks"), False, id="a longer word"),
        pytest.param(require_role("c"), WithRole("clerk"), False, id="a letter of it"),
        pytest.param(require_role("clerk"), WithRole(TextRole.CLERK), True, id="a member of a StrEnum"),
        pytest.param(require_role(Role.CLERK), WithRole(Role.CLERK), True, id="a member of an Enum"),
        pytest.param(require_role(Role.CLERK), WithRoles({Role.CLERK}), True, id="members of an Enum"),
        pytest.param(require_role("clerk"), WithRoles(("reader", "clerk")), True, id="a tuple"),
        pytest.param(require_role("clerk"), WithRoles(None), False, id="none"),
        pytest.param(require_role("clerk"), WithRoles({"clerk": 1}.keys()), True, id="a view"),
        pytest.param(require_role("clerk"), {"roles": ["clerk"]}, True, id="a mapping"),
        pytest.param(require_role("clerk"), {"role": "reader"}, False, id="a mapping of one role"),
        pytest.param(require_scope("read"), WithScopes("write read"), True, id="scopes as a text"),
        pytest.param(require_scope("read"), WithScopes("reader"), False, id="a longer scope"),
        pytest.param(require_scope("read", "write"), WithScopes(["read"]), False, id="one of two scopes"),
        pytest.param(require_scope("read"), WithScopes(None), False, id="no scopes"),
        pytest.param(require_scope("read"), {"scope": "read write"}, True, id="the claims of a token"),
    ],
)
def test_users_tell_what_they_may_in_many_ways(guard: Guard, user: Any, passes: bool) -> None:
    @guard
    def view(request: dict[str, Any]) -> dict[str, Any]:
        return {"status": 200, "body": "in"}

    assert view({"user": user})["status"] == (200 if passes else 403)
    assert view({})["status"] == 401


async def test_an_async_view_is_guarded_the_same() -> None:
    @require_role("clerk")
    async def view(request: dict[str, Any]) -> dict[str, Any]:
        return {"status": 200, "body": "in"}

    assert (await view({"user": {"roles": []}}))["status"] == 403


@each(
    ("guard", "user", "said"),
    [
        (require_role("e"), WithRoles("clerk"), "WithRoles.roles is str, and no collection"),
        (require_role("clerk"), WithRoles(b"clerk"), "bytes"),
        (require_role("clerk"), WithRoles(7), "int"),
        (require_role("clerk"), WithRoles(lambda: ["clerk"]), "function"),
        (require_role("clerk"), "ada", "A user of type str has no roles and no role"),
        (require_role("clerk"), {"name": "ada"}, "A user of type dict has no roles"),
        (require_scope("read"), WithRoles(["read"]), "no scopes"),
        (require_scope("read"), WithScopes(7), "no collection"),
    ],
)
def test_a_user_who_cannot_be_asked_is_an_error_of_the_author(guard: Guard, user: Any, said: str) -> None:
    with pytest.raises(TypeError, match=said):
        guard(lambda _: None)({"user": user})


@each("make", [require_role, require_scope])
@each("names", [(), ("",), (7,), (["clerk"],), (None,)], ids=repr)
def test_what_is_no_name_is_refused_where_it_is_written(make: Any, names: tuple[Any, ...]) -> None:
    with pytest.raises((TypeError, ValueError), match=make.__name__):
        make(*names)


@each("scope", ["read write", 'read"', "lire\u00e9", "a\\b", "a\n"])
def test_a_scope_that_no_token_can_have_is_refused(scope: str) -> None:
    with pytest.raises(ValueError, match="scope"):
        require_scope(scope)


class Nameless(Struct):
    name: str


@dataclass
class Plain:
    name: str


class Slotted:
    __slots__ = ("name",)


class Sets:
    def __init__(self) -> None:
        self.roles = ["clerk"]


class Answers:
    __slots__ = ()

    def __getattr__(self, name: str) -> list[str]:
        return ["clerk"]


@dataclass
class Inherits(Plain):
    role: str = field(default="clerk")


@each("kind", [Nameless, Plain, Slotted, str, int, Nameless | Plain], ids=str)
def test_a_type_of_users_that_cannot_have_roles_is_told_before_the_first_request(kind: Any) -> None:
    with pytest.raises(FreezeError, match=r"is guarded by require_role, and .+ has no roles and no role"):
        guarded_app(kind).freeze()


@each("kind", [Sets, Answers, Inherits, Nameless | Inherits, dict[str, Any], dict, Any], ids=str)
def test_a_type_of_users_that_may_have_roles_is_taken(kind: Any) -> None:
    guarded_app(kind).freeze()


def guarded_app(kind: Any) -> App:
    app = App()

    def who(request: Request) -> Any:
        return None

    who.__annotations__["return"] = kind | None if kind is not Any else Any
    app.authenticator(who)

    @app.get("/", guards=[require_role("clerk")])
    def show() -> str:
        return ""

    return app


def test_a_guard_of_roles_needs_an_authenticator() -> None:
    app = App()

    @app.get("/")
    @require_role("clerk")
    def show() -> str:
        return ""

    with pytest.raises(FreezeError, match="is guarded by require_role, and nothing tells who asks"):
        app.freeze()


def test_errors_are_raised_where_a_request_is_given() -> None:
    view = require_role("clerk")(lambda _: "in")

    assert view(request_of("GET", WithRole("clerk"))) == "in"
    with pytest.raises(UnauthorizedError):
        view(request_of("GET", None))
    with pytest.raises(ForbiddenError, match="Only for: clerk"):
        view(request_of("GET", WithRole("reader")))
