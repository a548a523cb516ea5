"""Telling applications apart, and the mistakes of mounting them."""

from __future__ import annotations

import functools
from typing import Any

import pytest

from martlet import AlreadyFrozenError, App, FreezeError, URLs
from martlet.adapters.mounts.kinds import kind_of
from tests.rows import each


class ASGIClass:
    async def __call__(self, scope: Any, receive: Any, send: Any) -> None: ...


class WrappedASGI:
    def __call__(self, scope: Any, receive: Any, send: Any) -> Any:
        return ASGIClass()(scope, receive, send)


class WSGIClass:
    def __call__(self, environ: Any, start_response: Any) -> Any: ...

    def wsgi_app(self, environ: Any, start_response: Any) -> Any: ...


def with_option(environ: Any, start_response: Any, debug: object = None) -> Any: ...


async def asgi(scope: Any, receive: Any, send: Any) -> None: ...


@each(
    ("application", "kind"),
    [
        pytest.param(asgi, "asgi", id="a coroutine function"),
        pytest.param(ASGIClass(), "asgi", id="an object with an async __call__"),
        pytest.param(WrappedASGI(), "asgi", id="three parameters"),
        pytest.param(functools.partial(asgi), "asgi", id="a partial"),
        pytest.param(WSGIClass(), "wsgi", id="two parameters"),
        pytest.param(WSGIClass().wsgi_app, "wsgi", id="a method"),
        pytest.param(with_option, "wsgi", id="two parameters that must be given"),
        pytest.param(functools.partial(with_option, debug=True), "wsgi", id="a partial of a WSGI application"),
        pytest.param(App(), "martlet", id="ours"),
    ],
)
def test_applications_are_told_apart(application: object, kind: str) -> None:
    assert kind_of(application) == kind


@each(
    "application",
    [
        None,
        "books:app",
        WSGIClass,
        print,
        pytest.param(lambda: None, id="no parameter"),
        pytest.param(lambda a: a, id="one parameter"),
        7,
    ],
    ids=repr,
)
def test_what_is_no_application_is_refused_where_it_is_mounted(application: object) -> None:
    with pytest.raises(TypeError, match="neither an ASGI nor a WSGI application"):
        App().mount("/old", application)


def test_a_kind_that_cannot_be_seen_is_told() -> None:
    app = App()

    app.mount("/old", lambda *arguments: arguments, kind="wsgi")

    assert "*" in app.freeze().router.allowed_methods("/old/x")


def test_two_mounts_cannot_have_one_prefix() -> None:
    app = App()
    app.mount("/old", asgi)
    app.mount("/old/", asgi)

    with pytest.raises(FreezeError, match="/old/"):
        app.freeze()


def test_a_prefix_begins_with_a_slash() -> None:
    with pytest.raises(ValueError, match=r"test_mounting\.py:\d+: the prefix 'old' does not begin with a slash: write '/old'\."):
        App().mount("old", asgi)


def test_an_option_nobody_knows_is_refused() -> None:
    with pytest.raises(TypeError, match="there is no option 'gaurds'"):
        App().mount("/old", asgi, gaurds=[])  # type: ignore[call-arg]


def test_nothing_is_mounted_after_the_freeze() -> None:
    app = App()
    app.freeze()

    with pytest.raises(AlreadyFrozenError):
        app.mount("/old", asgi)


def test_the_mistakes_of_a_mounted_app_are_told_with_those_of_the_app_around_it() -> None:
    app, inner = App(), App()
    app.get("/{unknown}")(lambda: None)
    inner.get("/{mysterious}")(lambda: None)
    app.mount("/inner", inner)

    with pytest.raises(FreezeError, match=r"(?s)unknown.*mysterious|mysterious.*unknown"):
        app.freeze()


def test_a_place_below_a_mount_has_an_address() -> None:
    app = App()
    found: list[str] = []
    app.mount("/old", asgi, name="old")
    app.mount("/older", asgi)

    @app.get("/")
    async def home(urls: URLs) -> None: ...

    source = app.freeze().router
    found += [source.url_for("old", path="a b/c"), source.url_for("/older/{path:path}", path="x")]

    assert found == ["/old/a%20b/c", "/older/x"]
