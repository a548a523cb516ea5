"""What cannot work does not start: each mistake is named with its place and its cure, all of them together."""

# Most of what is declared here is never called, so it has no body.
# mypy: disable-error-code="empty-body"

import re
from collections.abc import Callable
from typing import Any

import pytest

from martlet import CORS, App, FreezeError, Group, Request, Respond, Response, SecurityHeaders, require_auth
from martlet.handling import DeclarationError
from martlet.testing import Client
from tests.handling.freezing import mistakes
from tests.handling.freezing.mistakes import MISTAKES, Mistake
from tests.rows import each
from tests.serving import PROTOCOLS, ProtocolName


def refusal(app: App) -> FreezeError:
    with pytest.raises(FreezeError) as caught:
        app.freeze()
    return caught.value


@each("mistake", [pytest.param(mistake, id=mistake.name) for mistake in MISTAKES])
def test_a_mistake_is_named_with_its_place_and_its_cure(mistake: Mistake) -> None:
    error = refusal(mistake.app())
    text = str(error).lower()

    assert [word for word in mistake.words if word.lower() not in text] == []
    for problem in error.problems:
        file, _, line = problem.where.rpartition(":")
        assert file.endswith("tests/handling/freezing/mistakes.py")
        assert int(line) in mistake.lines


def test_all_mistakes_are_reported_together() -> None:
    app = App()
    mistakes.a_type_that_nobody_provides(app)
    mistakes.two_bodies(app)
    mistakes.a_converter_that_nobody_knows(app)
    mistakes.a_provider_of_nothing(app)
    mistakes.a_hook_that_needs_a_body(app)

    error = refusal(app)

    assert len(error.problems) == 5
    assert "(5 problems)" in str(error)
    for problem in error.problems:
        assert problem.where in str(error)
        assert problem.what in str(error)


def test_all_parameters_of_one_function_are_reported_together() -> None:
    app = App()

    @app.get("/{number}")
    def show(number: list[int], shelf: mistakes.Shelf, anything, name: str) -> str: ...  # type: ignore[no-untyped-def]  # noqa: ANN001

    error = refusal(app)

    assert [problem.what.split("'")[1] for problem in error.problems] == ["number", "shelf", "anything"]


def test_what_several_routes_have_in_common_is_told_once() -> None:
    app = App()

    @app.provider
    def shelf(database: mistakes.Database) -> mistakes.Shelf: ...

    @app.get("/one")
    def one(shelf: mistakes.Shelf) -> str: ...

    @app.get("/two")
    def two(shelf: mistakes.Shelf, clock: mistakes.Clock, same: mistakes.Shelf) -> str: ...

    error = refusal(app)

    assert [problem.what.split("'")[1] for problem in error.problems] == ["database", "clock"]


def test_an_app_that_cannot_start_may_be_mended_and_frozen() -> None:
    app = App()
    mistakes.a_type_that_nobody_provides(app)
    refusal(app)

    @app.provider
    def shelf() -> mistakes.Shelf:
        return mistakes.Shelf()

    app.freeze()


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_no_server_serves_an_app_that_cannot_start(protocol: ProtocolName) -> None:
    app = App()
    mistakes.two_bodies(app)

    with pytest.raises((FreezeError, RuntimeError), match="would be a second body"), Client(app, protocol=protocol) as client:
        client.get("/")


# What is refused right where it is written.


def test_a_misspelt_option_is_refused_where_it_stands() -> None:
    options: Any = {"gaurds": [require_auth]}

    with pytest.raises(TypeError, match=r"test_refusals\.py:\d+: there is no option 'gaurds'; did you mean 'guards'"):
        App().get("/", **options)


anything: Any = App()  # as whoever runs no type checker sees it


def circle() -> None:
    outer, inner, innermost = Group("/outer"), Group("/inner"), Group("/innermost")
    outer.include(inner)
    inner.include(innermost)
    innermost.include(outer)


def to_csv(value: object) -> str: ...


AT_THE_LINE: list[Any] = [
    pytest.param(lambda: anything.provider(scope="application"), "no scope 'application'; write 'request' or 'app'", id="scope"),
    pytest.param(lambda: anything.route("/", methods="GET"), "methods=['GET']", id="methods as one text"),
    pytest.param(lambda: anything.route("/", methods=[]), "name one", id="no method"),
    pytest.param(lambda: anything.get("/", page="x.html"), "page='x.html' cannot be taken: it is to be a function", id="page"),
    pytest.param(lambda: anything.get("/", limits=100), "Limits(body_bytes=1_000)", id="limits of a route"),
    pytest.param(lambda: Group(limits=100), "a Limits object", id="limits of a group"),  # type: ignore[arg-type]
    pytest.param(lambda: App(limits=100), "a Limits object, as in Limits(body_bytes=1_000), or None", id="limits of an app"),  # type: ignore[arg-type]
    pytest.param(lambda: anything.get("/", guards=require_auth), "to be a list of functions", id="a guard without a list"),
    pytest.param(lambda: App(guards=require_auth), "to be a list of functions", id="a guard of an app"),  # type: ignore[arg-type]
    pytest.param(lambda: Group(guards=[7]), "to be a list of functions", id="a number for a guard"),  # type: ignore[list-item]
    pytest.param(lambda: anything.get("/", inline="yes"), "inline='yes' cannot be taken: it is to be True or False", id="inline"),
    pytest.param(lambda: anything.get("/", name=7), "name=7 cannot be taken: it is to be a text", id="name"),
    pytest.param(lambda: App(threads=True), "threads=True", id="threads"),
    pytest.param(lambda: anything.static("/s", None), "the directory None is no path: write a text or a Path", id="no directory"),
    pytest.param(lambda: anything.static(None, "s"), "the prefix None is no text", id="no prefix"),
    pytest.param(lambda: App(trailing_slash="no"), "'redirect' or 'strict'", id="one of a few"),  # type: ignore[arg-type]
    pytest.param(lambda: App(renderers={"html": to_csv}), "in renderers, 'html' is no media type", id="renderer"),
    pytest.param(lambda: App(renderers={"text/csv": 7}), "a mapping to functions, or None", id="number for a renderer"),  # type: ignore[dict-item]
    pytest.param(lambda: App(decoders={"text/*": to_csv}), "in decoders, 'text/*' is a media range", id="range for a decoder"),
    pytest.param(lambda: App(decoders={"Text/CSV; charset=utf-8": to_csv}), "write 'text/csv'", id="parameters of a decoder"),
    pytest.param(lambda: anything.on_error("KeyError"), "'KeyError' is no exception class", id="text for an error"),
    pytest.param(lambda: anything.on_error((KeyError, ValueError)), "is no exception class", id="several errors"),
    pytest.param(lambda: (group := Group("/a")).include(group), "the group '/a' would include itself", id="a group in itself"),
    pytest.param(circle, "the group '/outer' would include itself", id="groups in a circle"),
]


@each(("declare", "words"), AT_THE_LINE)
def test_what_can_be_seen_at_once_is_refused_where_it_stands(declare: Any, words: str) -> None:
    with pytest.raises(TypeError, match=rf"test_refusals\.py:\d+: .*{re.escape(words)}"):
        declare()


@each(
    ("declare", "words"),
    [
        pytest.param(lambda: App(threads=0), "threads=0 cannot be taken: write a number from 1 on.", id="no thread"),
        pytest.param(lambda: App(shutdown_seconds=-1), "shutdown_seconds=-1 cannot be taken", id="past"),
        pytest.param(lambda: App(shutdown_seconds=float("nan")), "shutdown_seconds=nan cannot be taken", id="not a number"),
        pytest.param(lambda: App().static("assets", "assets"), "does not begin with a slash: write '/assets'.", id="files"),
        pytest.param(lambda: App().mount("x", App()), "does not begin with a slash: write '/x'.", id="mount"),
    ],
)
def test_a_value_that_cannot_be_meant_is_refused_where_it_stands(declare: Callable[[], object], words: str) -> None:
    with pytest.raises(ValueError, match=rf"test_refusals\.py:\d+: .*{re.escape(words)}"):
        declare()


class OfAnotherProtocol:
    async def __call__(self, scope: Any, receive: Any, send: Any) -> None: ...


@each(
    ("middleware", "cure"),
    [
        pytest.param(CORS, "write CORS(...) with its arguments", id="a class"),
        pytest.param(SecurityHeaders(), "write App(security_headers=SecurityHeaders(...))", id="security headers"),
        pytest.param(OfAnotherProtocol, "write `async def (request, respond) -> Response`", id="an ASGI middleware's class"),
        pytest.param(len, "write `async def (request, respond) -> Response`", id="a plain function"),
    ],
)
def test_what_is_no_middleware_is_refused_with_its_cure(middleware: Any, cure: str) -> None:
    with pytest.raises(TypeError, match=re.escape(cure)):
        App().use(middleware)


def test_a_decorator_without_its_pattern_is_refused_where_it_stands() -> None:
    def show() -> str: ...

    misread: Any = show

    with pytest.raises(TypeError, match=r'test_refusals\.py:\d+: a route needs its pattern, as in @app\.get\("/books"\)'):
        App().get(misread)


def test_a_guard_above_the_route_is_refused_since_it_would_guard_nothing() -> None:
    app = App()

    with pytest.raises(DeclarationError, match="would not be guarded") as caught:

        @require_auth
        @app.get("/")
        def show() -> str: ...

    assert "test_refusals.py" in caught.value.where


def test_another_app_is_no_group() -> None:
    other: Any = App()

    with pytest.raises(TypeError, match="merges a Group, not App"):
        App().include(other)


def test_a_middleware_that_is_not_async_is_refused_where_it_is_added() -> None:
    def plain(request: Request, respond: Respond) -> Response: ...

    misread: Any = plain

    with pytest.raises(TypeError, match="async def"):
        App().use(misread)
