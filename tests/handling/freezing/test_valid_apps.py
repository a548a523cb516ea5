"""No app is refused that can work: a corpus of those that come near the edge."""

import pytest

from martlet import AlreadyFrozenError, App
from tests.handling.freezing.valid_apps import VALID, Declare
from tests.rows import each


@each("declare", [pytest.param(declare, id=declare.__name__.replace("_", " ")) for declare in VALID])
def test_a_valid_app_is_not_refused(declare: Declare) -> None:
    app = App()
    declare(app)

    app.freeze()


def test_freezing_twice_is_freezing_once() -> None:
    app = App()

    assert app.freeze() is app.freeze()


def test_what_is_declared_too_late_is_refused_where_it_is_declared() -> None:
    app = App()
    app.freeze()

    with pytest.raises(AlreadyFrozenError, match="/late"):
        app.get("/late")(lambda: "late")


def test_freezing_changes_nothing_in_what_was_declared() -> None:
    app = App()

    @app.get("/")
    def show(name: str) -> str:
        return name

    app.freeze()

    assert show("Ada") == "Ada"
    assert show.__annotations__ == {"name": str, "return": str}
