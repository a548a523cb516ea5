"""Each field type of the guide's table of forms, and what it takes."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import pytest
from msgspec import NODEFAULT, Meta, Struct, defstruct

from martlet import App
from martlet.testing import Client
from tests.rows import each
from tests.serving import ServeOnce

FORM = {"content-type": "application/x-www-form-urlencoded"}
MISSING = "Missing required field"
Text = Annotated[str, Meta(min_length=1)]


def form_app(type_: Any, default: Any, **options: Any) -> App:
    fields = [("x", type_)] if default is NODEFAULT else [("x", type_, default)]
    form = defstruct("Sent", fields, **options)
    app = App()

    async def show(sent: Any) -> str:
        return repr(sent.x)

    show.__annotations__["sent"] = form
    show.__annotations__["return"] = str
    app.post("/")(show)
    return app


@each(
    ("type_", "default", "sent", "value"),
    [
        pytest.param(str, NODEFAULT, "x=+a+", "' a '", id="a text keeps its blanks"),
        pytest.param(str, "d", "x=", "''", id="a text may be empty"),
        pytest.param(str | None, "d", "x=", "''", id="and is that where None is allowed too"),
        pytest.param(str, "d", "", "'d'", id="a text that is absent"),
        pytest.param(Text, "d", "x=", "'d'", id="a text that may not be empty"),
        pytest.param(int, 5, "x=", "5", id="a blank number is absent"),
        pytest.param(date, date(2027, 1, 31), "x=", "datetime.date(2027, 1, 31)", id="a blank date too"),
        pytest.param(int | None, 5, "x=", "None", id="a blank number, or None"),
        pytest.param(int | None, 5, "", "5", id="an absent number, or None"),
        pytest.param(bool, False, "x=on", "True", id="a box that is ticked"),
        pytest.param(bool, False, "", "False", id="a box that is not"),
        pytest.param(bool, False, "x=off&x=on", "False", id="of several values the first"),
        pytest.param(list[str], NODEFAULT, "x=b&x=a&x=", "['b', 'a', '']", id="a list takes every value"),
        pytest.param(set[str], NODEFAULT, "x=a&x=a", "{'a'}", id="a set too"),
        pytest.param(tuple[str, ...], NODEFAULT, "x=a&x=a", "('a', 'a')", id="and a tuple"),
        pytest.param(list[str], NODEFAULT, "", "[]", id="a list without values is empty"),
        pytest.param(tuple[int, ...], (7,), "", "(7,)", id="or its default"),
        pytest.param(list[int], NODEFAULT, "x=1&x=&x=2", "[1, 2]", id="a list of numbers without what is blank"),
    ],
)
def test_a_field_takes(serve_once: ServeOnce, type_: Any, default: Any, sent: str, value: str) -> None:
    assert serve_once(form_app, type_, default).post("/", content=sent.encode(), headers=FORM).text == value


@each(
    ("type_", "sent", "pointer", "detail"),
    [
        pytest.param(Text, "x=", "/x", MISSING, id="an empty text where none may be"),
        pytest.param(int, "x=", "/x", MISSING, id="a blank number"),
        pytest.param(int, "x=+1", "/x", "Expected a whole number", id="blanks around a number"),
        pytest.param(bool, "", "/x", MISSING, id="a box without a default"),
        pytest.param(list[int], "x=1&x=soon", "/x/1", "Expected a whole number", id="an item of a list"),
    ],
)
def test_a_field_refuses(serve_once: ServeOnce, type_: Any, sent: str, pointer: str, detail: str) -> None:
    answer = serve_once(form_app, type_, NODEFAULT).post("/", content=sent.encode(), headers=FORM)

    assert (answer.status_code, answer.json()["errors"]) == (422, [{"pointer": pointer, "detail": detail}])


class Inner(Struct):
    a: int


@pytest.mark.parametrize("type_", [Inner, list[Inner], dict[str, int]], ids=["a Struct", "Structs", "a dict"])
def test_a_type_with_more_than_fields_is_for_json(type_: Any) -> None:
    with Client(form_app(type_, NODEFAULT)) as client:
        assert client.post("/", content=b"x=1", headers=FORM).status_code == 415


@pytest.mark.parametrize(("refuses", "status"), [(False, 200), (True, 422)], ids=["passed over", "refused"])
def test_a_name_that_no_field_has(refuses: bool, status: int) -> None:
    with Client(form_app(int, 1, forbid_unknown_fields=refuses)) as client:
        assert client.post("/", content=b"y=2", headers=FORM).status_code == status
