"""What cannot work does not start: each mistake is named with its place and its cure, all of them together."""

# Most of what is declared here is never called, so it has no body.
# mypy: disable-error-code="empty-body"

from typing import Any

import pytest

from martlet import App, FreezeError, Request, Respond, Response, require_auth
from martlet.handling import DeclarationError
from martlet.testing import Client
from tests.handling import mistakes
from tests.handling.mistakes import MISTAKES, Mistake
from tests.serving import PROTOCOLS, ProtocolName


def refusal(app: App) -> FreezeError:
    with pytest.raises(FreezeError) as caught:
        app.freeze()
    return caught.value


@pytest.mark.parametrize("mistake", [pytest.param(mistake, id=mistake.name) for mistake in MISTAKES])
def test_a_mistake_is_named_with_its_place_and_its_cure(mistake: Mistake) -> None:
    error = refusal(mistake.app())
    text = str(error).lower()

    assert [word for word in mistake.words if word.lower() not in text] == []
    for problem in error.problems:
        file, _, line = problem.where.rpartition(":")
        assert file.endswith("tests/handling/mistakes.py")
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
