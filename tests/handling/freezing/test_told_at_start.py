"""What a reader of other frameworks' guides writes first is told at start-up, with its cure."""

from __future__ import annotations

import logging
from typing import Annotated, Any

import pytest
from msgspec import Struct

from martlet import HTML, App, Form, FreezeError, Header, Query, Request, Upload
from tests.rows import each


class Filter(Struct):
    text: str = ""


class Parcel(Struct):
    name: str = ""
    weights: dict[str, int] = {}


def refusal(app: App) -> str:
    with pytest.raises(FreezeError) as refused:
        app.freeze()
    return str(refused.value)


def test_fields_of_a_struct_are_no_text() -> None:
    app = App()

    @app.get("/")
    async def search(wanted: Annotated[Filter, Query()], other: Annotated[Filter, Header()]) -> str:
        return ""

    said = refusal(app)
    assert "'wanted' of test_fields_of_a_struct_are_no_text.<locals>.search cannot be read from a query field: 'Filter'" in said
    assert "one parameter for each field, or all of them as a QueryString.\n" in said
    assert ".." not in said.replace(".<locals>.", "")
    assert "<class" not in said


def page(errors: Any, sent: Form) -> HTML:
    return HTML("<form>")


@pytest.mark.parametrize(
    ("type_", "cure"),
    [
        pytest.param(Parcel, "no form can fill Parcel. Of Parcel the field 'weights' is none", id="a field"),
        pytest.param(list[int], r"list\[int\]", id="no fields at all"),
    ],
)
def test_a_form_that_nothing_could_fill_is_refused(type_: Any, cure: str) -> None:
    app = App()

    async def send(sent: Any) -> None: ...

    from martlet import Body

    send.__annotations__ = {"sent": Annotated[type_, Body()], "return": None}
    app.post("/", form=page)(send)

    with pytest.raises(FreezeError, match=cure):
        app.freeze()


@each("type_", [Filter, dict[str, int], Form, bytes, Upload])
def test_a_form_that_can_be_filled_is_taken(type_: Any) -> None:
    app = App()

    async def send(sent: Any) -> None: ...

    from martlet import Body

    send.__annotations__ = {"sent": Annotated[type_, Body()] if type_ not in (Form, Upload) else type_, "return": None}
    app.post("/", form=page)(send)

    app.freeze()


def test_a_handler_may_read_its_form_itself() -> None:
    app = App()

    @app.post("/", form=page)
    async def send(request: Request) -> None: ...

    app.freeze()


def test_a_text_beside_an_upload_is_told_to_come_from_the_query(caplog: pytest.LogCaptureFixture) -> None:
    app = App()

    @app.post("/photos/{album}")
    async def add(photo: Upload, album: str, title: str = "", size: Annotated[int, Query()] = 0) -> str:
        return f"{photo.filename} {album} {title} {size}"

    @app.post("/plain")
    async def add_plainly(parcel: Parcel, title: str = "") -> str:
        return f"{parcel} {title}"

    with caplog.at_level(logging.WARNING, "martlet"):
        app.freeze()

    (record,) = caplog.records
    assert "'title' of" in record.getMessage()
    assert "comes from the query, not from the form" in record.getMessage()
    assert "Annotated[str, Query()]" in record.getMessage()
