"""Handlers that take forms: typed, as a whole, part by part, and shown again where they are wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from msgspec import Meta, Struct

from martlet import HTML, App, Created, Form, Header, Request, Upload


class Scan(Struct):
    title: Annotated[str, Meta(max_length=20)]
    pages: list[Upload] = []
    cover: Upload | None = None
    size: Annotated[int, Meta(ge=0)] = 0


class Sold(Struct):
    title: Annotated[str, Meta(min_length=1, max_length=20)]
    price: Annotated[int, Meta(ge=1)]


def sold_page(errors: Mapping[str, Sequence[str]], sent: Form) -> HTML:
    """The form again, with what is wrong and what was sent."""
    wrong = ", ".join(f"{name}: {words}" for name, words in errors.items())
    return HTML('<form><input value="{}"> {}</form>').format(sent.text("title"), wrong)


def add_forms(app: App) -> None:
    """Add them to the application."""

    @app.post("/form")
    async def whole(form: Form) -> list[list[Any]]:
        return [
            [name, value if isinstance(value, str) else [value.filename, len(await value.read())]] for name, value in form.items()
        ]

    @app.post("/parts")
    async def parts(request: Request) -> list[list[Any]]:
        return [[part.name, part.filename, part.content_type, len(await part.read())] async for part in request.parts()]

    @app.post("/upload")
    async def upload(request: Request, fields: Annotated[str, Header("x-list")] = "x") -> dict[str, Any]:
        form = await request.form()
        found = [name for name in fields.split(",") if form.uploads(name)]
        return {"text": form.text("title", "none"), "found": found}

    @app.post("/scans")
    async def scans(scan: Scan) -> list[Any]:
        return [scan.title, scan.size, [len(await page.read()) for page in scan.pages], scan.cover and scan.cover.filename]

    @app.post("/checksums")
    def checksum(file: Upload) -> int:
        return sum(file.file.read())

    @app.post("/sold", form=sold_page)
    def sell(sold: Sold) -> Created[Sold]:
        return Created(sold, location="/sold/1")
