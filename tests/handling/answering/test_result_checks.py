"""With debug on, a handler that returns something else than its annotation says is told so; without, it is its own affair."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, NewType, Protocol, TypedDict

import pytest
from msgspec import Meta, Struct

from martlet import HTML, App, Created, Page, Reply, Response
from tests.rows import each
from tests.serving import Serve


class Item(Struct):
    name: str


class Special(Item):
    pass


class Options(TypedDict):
    depth: int


class Named(Protocol):
    name: str


ItemId = NewType("ItemId", int)


def returning(annotation: Any, value: Any, *, debug: bool, waits: bool = False) -> App:
    app = App(debug=debug)

    def show() -> Any:
        return value

    async def show_later() -> Any:
        return value

    handler = show_later if waits else show
    handler.__annotations__["return"] = annotation
    app.get("/")(handler)
    return app


@pytest.mark.parametrize("waits", [False, True])
@pytest.mark.parametrize(
    ("annotation", "value", "told"),
    [
        pytest.param(Item, None, "-> Item, and returned None", id="nothing"),
        pytest.param(Item, {"name": "Walden"}, "-> Item, and returned a value of the class dict", id="a dict"),
        pytest.param(list[Item], Item("Walden"), "-> list", id="one for many"),
        pytest.param(list[Item] | None, (), "class tuple", id="optional"),
        pytest.param(None, {"name": "Walden"}, "-> None, and returned", id="something for nothing"),
        pytest.param(str, 7, "class int", id="a number for text"),
        pytest.param(HTML, "<p>", "class str", id="text for HTML"),
        pytest.param(Options, [], "class list", id="a TypedDict"),
        pytest.param(Literal["a", "b"], "c", "class str", id="a Literal"),
        pytest.param(ItemId, "7", "class str", id="a NewType"),
        pytest.param(Annotated[int, Meta(ge=1)], "7", "class str", id="Annotated"),
        pytest.param(Reply[Item], Item("Walden"), "class Item", id="a bare value for a Reply"),
        pytest.param(Created[Item], Reply(Item("Walden")), "class Reply", id="a Reply for Created"),
        pytest.param(Reply[Item], Reply(None), "class Reply", id="nothing in a Reply"),
        pytest.param(Response, "text", "class str", id="text for a Response"),
    ],
)
def test_what_is_not_of_the_annotated_class_is_a_500_that_says_so(
    serve: Serve, caplog: pytest.LogCaptureFixture, annotation: Any, value: Any, told: str, waits: bool
) -> None:
    received = serve(returning(annotation, value, debug=True, waits=waits)).get("/")

    assert received.status_code == 500
    assert told in received.json()["detail"]
    assert "test_result_checks.py:" in received.json()["detail"]
    assert told in caplog.text


@each(
    ("annotation", "value"),
    [
        pytest.param(Item, Special("Walden"), id="subclass"),
        pytest.param(list[Item], [{"name": "Walden"}], id="what a list holds is not looked at"),
        pytest.param(Sequence[int], (1, 2), id="abstract class"),
        pytest.param(float, 7, id="int for float"),
        pytest.param(bytes, bytearray(b"abc"), id="bytearray for bytes"),
        pytest.param(Options, {"depth": 7}, id="TypedDict"),
        pytest.param(Named, Item("Walden"), id="protocol"),
        pytest.param(Item | str, "Walden", id="union"),
        pytest.param(None, None, id="None"),
        pytest.param(Any, 7, id="Any"),
        pytest.param(Reply[Item], Reply(Item("Walden")), id="Reply"),
        pytest.param(Reply[Item], Reply(Page(Item("Walden"), title="Books")), id="Page in a Reply"),
        pytest.param(Reply, Reply(7), id="Reply of anything"),
        pytest.param(Page[Item] | None, Page(Item("Walden")), id="Page"),
    ],
)
def test_what_is_of_the_annotated_class_passes(serve: Serve, annotation: Any, value: Any) -> None:
    assert serve(returning(annotation, value, debug=True)).get("/").status_code in {200, 204}


def test_without_debug_nothing_is_checked(serve: Serve) -> None:
    app = returning(Item, {"name": "Walden"}, debug=False)

    assert serve(app).get("/").json() == {"name": "Walden"}
    assert "check" not in app.freeze().router.routes[0].target.code
