"""The application that made-up requests are sent to: it uses every feature, and fails at nothing by itself."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, NewType, TypedDict
from uuid import UUID

from msgspec import Meta

from martlet import (
    HTML,
    AfterResponse,
    App,
    Body,
    Cookie,
    Created,
    ETag,
    File,
    Group,
    Header,
    Headers,
    Limits,
    Page,
    QueryString,
    Reply,
    Request,
    Response,
    SetCookie,
    Stream,
    URLs,
    Validators,
    require_auth,
    require_methods,
    validate_json_body,
)
from martlet.middleware import Timeout
from tests.fuzz.dressing import dress
from tests.fuzz.fields import CHANGED_SECONDS
from tests.fuzz.foreign import foreign_asgi, foreign_wsgi, inner_app
from tests.fuzz.form_handlers import add_forms
from tests.shared_types import Author, Color, New, Options, User

TEXT = "The swift never lands. "
LIMITS = Limits(
    body_bytes=20_000,
    nesting_depth=20,
    query_fields=100,
    form_files=5,
    field_bytes=2_000,
    form_memory_bytes=600,  # so that some files go to disk
    part_headers=4,
    part_header_bytes=500,
)


Price = NewType("Price", Decimal)


class Quick(TypedDict):
    """The one option that tells a handler in place from one in a thread."""

    inline: bool


def write_files(directory: Path) -> None:
    """Fill a directory with what is served below /files."""
    (directory / "sub").mkdir()
    (directory / "birds.txt").write_text(TEXT * 40)
    (directory / "big.txt").write_text(TEXT * 15_000)
    (directory / "birds.json").write_text('["swift"]')
    (directory / "empty.txt").touch()
    (directory / "app.css").write_text("a { color: red }" * 90)
    (directory / "app.css.gz").write_bytes(b"coded")
    (directory / "a b.txt").write_text("space")
    (directory / ".hidden").write_text("secret")
    (directory / "sub" / "index.html").write_text("<p>index</p>")
    for path in directory.rglob("*"):
        os.utime(path, (CHANGED_SECONDS, CHANGED_SECONDS))


def application(files: Path, *, is_dressed: bool) -> App:
    """The application; dressed, it has every middleware that needs no event loop, bare, only the one that does."""
    app = App(limits=LIMITS)
    quick: Quick = {"inline": is_dressed}  # the others run in threads
    if is_dressed:
        dress(app)
    else:
        app.use(Timeout(30))

    @app.authenticator
    def who(x_user: Annotated[str | None, Header()] = None) -> User | None:
        return User(x_user) if x_user else None

    @app.provider
    def price() -> Iterator[Price]:
        yield Price(Decimal(7))

    _add_targets(app, quick)
    _add_answers(app, files, quick)
    _add_others(app, quick)
    _add_bodies(app, quick)
    add_forms(app)
    _add_states(app, quick)
    app.mount("/foreign/asgi", foreign_asgi)
    app.mount("/foreign/wsgi", foreign_wsgi)
    app.mount("/foreign/own", inner_app(LIMITS))
    app.static("/files", files)
    app.static("/downloads", files, download=True, hidden=True, memory_bytes=0, max_age=60)
    return app


def _add_targets(app: App, quick: Quick) -> None:
    @app.get("/text/{text}", **quick)
    def text(text: str) -> Response:
        return Response(text, headers={"x-length": str(len(text))}, cookies=[SetCookie("seen", "yes")])

    @app.get("/number/{number}/{when}/{color}", **quick)
    def number(number: int, when: date, color: Color, urls: URLs) -> dict[str, Any]:
        address = urls.to("number", number=number, when=when, color=color)
        return {"number": number, "when": when, "color": color, "address": address}

    @app.get("/rest/{rest:path}")
    async def rest(rest: str) -> HTML:
        return HTML("<p>{}</p>").format(rest)

    @app.get("/query", **quick)
    def query(  # noqa: PLR0913
        a: int = 0,
        b: float = 0,
        c: bool = False,  # noqa: FBT002
        d: date | None = None,
        e: Decimal = Decimal(0),
        f: timedelta | None = None,
        g: list[int] | None = None,
        h: Literal["x", "y"] = "x",
        *,
        i: UUID | Color | str = "",
        cookie: Annotated[int, Cookie("a")] = 0,
        header: Annotated[list[Decimal], Header("x-list")] = [],  # noqa: B006  never changed
    ) -> list[Any]:
        return [a, b, c, d, e, f, g, h, i, cookie, header]

    @app.route("/everything", methods=["GET", "QUERY"])
    async def everything(request: Request, query: QueryString, headers: Headers) -> dict[str, Any]:
        address = [request.host, request.scheme, request.http_version, request.client, request.root_path, request.query_string]
        return {"query": query.all(), "headers": headers.items(), "cookies": request.cookies, "address": address}


def _add_answers(app: App, files: Path, quick: Quick) -> None:
    seen: list[str] = []

    @app.get("/", **quick)
    def home() -> str:
        return TEXT * 30

    @app.get("/hints")
    async def hints(request: Request, after: AfterResponse) -> str:
        after.add(seen.append, request.path)
        await request.early_hints(["</app.css>; rel=preload; as=style"])
        del seen[:-10]
        return "hinted"

    @app.get("/page", page=lambda value, extra=0: HTML("<p>{} {}</p>").format(value["a"], extra))
    async def page(q: str = "") -> Page[dict[str, str]]:
        return Page({"a": q}, extra=1)

    @app.get("/events")
    async def events(n: Annotated[int, Meta(ge=0, le=20)] = 3) -> Stream:
        async def made() -> AsyncIterator[str]:
            for number in range(n):
                yield f"data: {number}\n\n"

        return Stream(made())

    @app.get("/lines", **quick)
    def lines(price: Price) -> Response:
        return Response(Stream(f"{number} {price}\n" for number in range(20)), media_type="text/plain")

    @app.get("/file", **quick)
    def file(start: Annotated[int, Meta(ge=0, le=100)] = 0) -> File:
        return File(str(files / "birds.txt"), start=start)


def _add_others(app: App, quick: Quick) -> None:
    @app.get("/moved", **quick)
    def moved(to: str = "/") -> Response:
        return Response.redirect(f"/text/{to}")

    @app.get("/secure/page", **quick)
    def secure(q: str = "") -> HTML:
        return HTML("<p>{}</p>").format(q)

    @app.get("/teapot", **quick)
    def teapot() -> Reply[str]:
        return Reply("short and stout", status=418, headers={"x-kind": "pot"})

    secret = Group("/secret", compress=False, guards=[require_auth])

    @secret.get("/token", **quick)
    def token(user: User) -> User:
        return user

    app.include(secret)


def _add_bodies(app: App, quick: Quick) -> None:
    @app.route("/new", methods=["POST", "QUERY"], page=lambda new: HTML("<h1>{}</h1>").format(new.title), **quick)
    def add(new: New) -> Created[New]:
        return Created(new, location=f"/new/{new.title}")

    @app.post("/author")
    async def author(author: Author, q: int = 0) -> Author:
        return author

    @app.post("/options", **quick)
    def options(options: Options | None = None) -> Options | None:
        return options

    @app.post("/any")
    async def anything(data: Annotated[Any, Body()]) -> Any:
        return data

    @app.post("/bytes", inline=True)
    def raw(data: Annotated[bytes, Body()]) -> bytes:
        return data

    @app.post("/pieces")
    async def pieces(request: Request) -> int:
        return sum([len(chunk) async for chunk in request.chunks()])

    @app.route("/guarded", methods=["POST", "PUT"])
    @require_auth
    @require_methods("POST")
    @validate_json_body({"name": str})
    def guarded(user: User) -> User:
        return user


def _add_states(app: App, quick: Quick) -> None:
    def state(key: str) -> Validators | None:
        return None if key == "gone" else Validators(ETag("v7"), datetime.fromisoformat("1994-11-06T08:49:37+00:00"))

    @app.get("/state/{key}", validator=state, **quick)
    def read(key: str) -> dict[str, str]:
        return {"key": key, "text": TEXT * 5}

    @app.route("/state/{key}", methods=["PUT", "PATCH", "POST", "DELETE"], validator=state, requires_precondition=True, **quick)
    def write(key: str, data: Annotated[Any, Body()] = None) -> dict[str, Any]:
        return {"key": key, "data": data}
