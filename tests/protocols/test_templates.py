"""Pages that templates make: beside data, of forms that were not valid, as answers, in pieces; the same over every protocol."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Annotated, Any

import pytest
from msgspec import Meta, Struct

from martlet import (
    App,
    Created,
    NotFoundError,
    Page,
    Reply,
    Request,
    Respond,
    Response,
    SecurityHeaders,
    SetCookie,
    TemplateEngine,
    TemplateResponse,
)
from martlet.templates import DictLoader
from tests.rows import each
from tests.serving import Serve

BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}

TEMPLATES = {
    "base.html": "<title>{% block title %}Books{% endblock %}</title>{% block body %}{% endblock %}",
    "book.html": '{% extends "base.html" %}{% block title %}{{ title }}{% endblock %}{% block body %}<p>{{ year }}{% endblock %}',
    "list.html": "<ul>{% block list %}{% for book in value %}<li>{{ book.title }}{% endfor %}{% endblock %}</ul>",
    "number.html": "<b>{{ value }}</b>",
    "extra.html": "{{ title }}, {{ heading }}, {{ year }}",
    "links.html": (
        '{% from "forms.html" import link %}{{ link(7) }}<a href="{{ url_for("show_book", book_id=8) }}">{{ request.path }}'
    ),
    "forms.html": '{% macro link(id) %}<a href="{{ url_for("show_book", book_id=id) }}">{% endmacro %}',
    "style.html": '<link href="{{ asset_url("app.css") }}">',
    "nonce.html": '<script nonce="{{ nonce }}"></script><style nonce="{{ nonce }}"></style>',
    "new.html": '<input name="title" value="{{ sent.title }}">{{ errors.title | join(", ") }}{{ errors[""] | join }}',
    "feed.xml": "<feed>{{ title }}</feed>",
    "error.html": (
        "<h1>{{ status }} {{ title }}</h1>{{ detail }}, {{ shelf }}, {{ value.message }}, {{ errors | json }}, {{ request.path }}"
    ),
    "long.html": "<head>{% flush %}{% for number in numbers %}{{ number }},{% endfor %}",
}


class Book(Struct):
    title: str
    year: int = 1854


class NewBook(Struct):
    title: Annotated[str, Meta(max_length=10)]
    year: int = 0


@dataclass
class Author:
    title: str
    year: int


class Shelf:
    def __init__(self, told: list[str]) -> None:
        self.told = told

    def numbers(self) -> Iterator[int]:
        for number in range(3):
            self.told.append("read")
            yield number


WALDEN = Book("Walden & <more>")


@pytest.fixture(params=[False, True], ids=["engine", "asynchronous engine"])
def engine(request: pytest.FixtureRequest) -> TemplateEngine:
    return TemplateEngine(DictLoader(TEMPLATES), is_async=request.param)


@pytest.fixture(params=["async def", "def", "inline def"])
def declare(request: pytest.FixtureRequest) -> Any:
    """Declare a handler of either kind that returns what it is given."""

    def declared(app: App, pattern: str, returned: Any, annotation: Any, **options: Any) -> None:
        if request.param == "async def":

            async def show_later() -> Any:
                return returned()

            handler: Any = show_later
        else:

            def show_now() -> Any:
                return returned()

            handler = show_now
        if request.param == "inline def":
            options["inline"] = True
        handler.__annotations__ = {"return": annotation}
        app.get(pattern, **options)(handler)

    return declared


def test_a_browser_gets_the_page_and_a_program_the_data(serve: Serve, engine: TemplateEngine, declare: Any) -> None:
    app = App(templates=engine)
    declare(app, "/", lambda: WALDEN, Book, template="book.html")

    client = serve(app)

    page = client.get("/", headers=BROWSER)
    assert page.text == "<title>Walden &amp; &lt;more&gt;</title><p>1854"
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["vary"] == "accept"
    assert client.get("/").json() == {"title": "Walden & <more>", "year": 1854}
    assert client.head("/", headers=BROWSER).headers["content-length"] == str(len(page.content))


@each(
    ("value", "annotation", "template", "page"),
    [
        pytest.param(Author("A", 1), Author, "book.html", "<title>A</title><p>1", id="dataclass"),
        pytest.param({"title": "A", "year": 1}, dict[str, Any], "book.html", "<title>A</title><p>1", id="mapping"),
        pytest.param([Book("A"), Book("B")], list[Book], "list.html", "<ul><li>A<li>B</ul>", id="list"),
        pytest.param([Book("A")], list[Book], "list.html#list", "<li>A", id="block"),
        pytest.param(7, int, "number.html", "<b>7</b>", id="scalar"),
        pytest.param(Page(Book("A"), heading="H"), Page[Book], "extra.html", "A, H, 1854", id="Page"),
        pytest.param(Reply(Book("A")), Reply[Book], "book.html", "<title>A</title><p>1854", id="Reply"),
        pytest.param(Reply(Page(Book("A"), heading="H")), Reply[Page[Book]], "extra.html", "A, H, 1854", id="Reply of a Page"),
        pytest.param(Book("A"), Book | None, "book.html", "<title>A</title><p>1854", id="or None"),
    ],
)
def test_a_page_sees_the_fields_of_the_value_and_the_value(
    serve: Serve, engine: TemplateEngine, declare: Any, value: Any, annotation: Any, template: str, page: str
) -> None:
    app = App(templates=engine)
    declare(app, "/", lambda: value, annotation, template=template)

    assert serve(app).get("/", headers=BROWSER).text == page


def test_no_data_hides_what_the_application_offers(serve: Serve) -> None:
    app = App(templates=TemplateEngine(DictLoader({"a.html": "{{ request.path }} {{ url_for('show') }} {{ value.request }}"})))

    @app.get("/a", template="a.html")
    async def show() -> dict[str, str]:
        return {"request": "mine", "url_for": "mine", "nonce": "mine"}

    assert serve(app).get("/a", headers=BROWSER).text == "/a /a mine"


def test_templates_lead_to_routes_and_files_wherever_the_app_lies(serve: Serve, engine: TemplateEngine, tmp_path: Any) -> None:
    (tmp_path / "app.css").write_text("a {}")
    app = App(templates=engine, root_path="/shop")
    app.static("/assets", tmp_path)

    @app.get("/books/{book_id}")
    async def show_book(book_id: int) -> str:
        return ""

    @app.get("/links", template="links.html")
    async def links() -> dict[str, str]:
        return {}

    @app.get("/style", template="style.html")
    def style() -> dict[str, str]:
        return {}

    client = serve(app)

    assert client.get("/links", headers=BROWSER).text == '<a href="/shop/books/7"><a href="/shop/books/8">/links'
    assert client.get("/style", headers=BROWSER).text == '<link href="/shop/assets/app.css">'


def test_templates_lead_below_the_prefix_of_a_mount(serve: Serve, engine: TemplateEngine) -> None:
    inner = App(templates=engine)

    @inner.get("/books/{book_id}")
    async def show_book(book_id: int) -> str:
        return ""

    @inner.get("/links", template="links.html")
    async def links() -> dict[str, str]:
        return {}

    outer = App()
    outer.mount("/{shop}", inner)
    client = serve(outer)

    for number in range(20):  # more than there are root paths whose pages are kept
        page = client.get(f"/shop{number}/links", headers=BROWSER).text
        macro, _, own = page.removeprefix('<a href="').removesuffix('">/links').partition('"><a href="')
        assert own == f"/shop{number}/books/8"
        assert macro == f"/shop{number}/books/7" or number >= 15


def test_two_apps_that_share_an_engine_lead_each_to_its_own(serve: Serve, engine: TemplateEngine) -> None:
    def app_below(prefix: str) -> App:
        app = App(templates=engine)

        @app.get(f"{prefix}/{{book_id}}")
        async def show_book(book_id: int) -> str:
            return ""

        @app.get("/", template="links.html")
        async def links() -> dict[str, str]:
            return {}

        return app

    first, second = serve(app_below("/a")), serve(app_below("/b"))

    assert first.get("/", headers=BROWSER).text == '<a href="/a/7"><a href="/a/8">/'
    assert second.get("/", headers=BROWSER).text == '<a href="/b/7"><a href="/b/8">/'
    assert "url_for" not in engine.globals


def test_a_nonce_is_made_for_the_page_that_writes_it(serve: Serve, engine: TemplateEngine) -> None:
    policy = SecurityHeaders(content_security_policy="script-src 'nonce-{nonce}'")
    app = App(templates=engine, security_headers=policy)

    @app.get("/", template="nonce.html")
    async def home() -> dict[str, str]:
        return {}

    @app.get("/stream")
    async def stream() -> TemplateResponse:
        return TemplateResponse("nonce.html", stream=True)

    @app.get("/none", template="number.html")
    async def none() -> int:
        return 1

    client = serve(app)

    for path in ("/", "/stream"):
        answer = client.get(path, headers=BROWSER)
        nonce = answer.text.split('"')[1]
        assert len(nonce) > 20
        assert answer.text == f'<script nonce="{nonce}"></script><style nonce="{nonce}"></style>'
        assert answer.headers["content-security-policy"] == f"script-src 'nonce-{nonce}'"
    assert "nonce-" not in client.get("/none", headers=BROWSER).headers["content-security-policy"]


def form_app(engine: TemplateEngine) -> App:
    app = App(templates=engine)

    @app.get("/new", template="new.html")
    async def new_book() -> dict[str, str]:
        return {}

    @app.post("/books", form="new.html")
    async def add_book(new: NewBook) -> Created[NewBook]:
        return Created(new, location="/books/1")

    @app.post("/plain", form="new.html")
    def add_plainly(new: NewBook) -> Created[NewBook]:
        return Created(new, location="/books/1")

    return app


@each("path", ["/books", "/plain"])
def test_a_form_that_was_not_valid_comes_back_with_its_errors_and_input(serve: Serve, engine: TemplateEngine, path: str) -> None:
    client = serve(form_app(engine))

    assert client.get("/new", headers=BROWSER).text == '<input name="title" value="">'
    again = client.post(path, form={"title": "<Much too long>"}, headers=BROWSER)
    assert again.status_code == 422
    assert again.text == '<input name="title" value="&lt;Much too long&gt;">Expected at most 10 characters'
    assert client.post(path, form={"title": "Much too long"}).headers["content-type"] == "application/problem+json"
    assert client.post(path, form={"title": "Walden"}, headers=BROWSER).status_code == 303


@each("annotation", [TemplateResponse, Response, Any, str | TemplateResponse])
def test_a_handler_chooses_the_page_itself(serve: Serve, engine: TemplateEngine, declare: Any, annotation: Any) -> None:
    def answer() -> TemplateResponse:
        return TemplateResponse(
            "book.html", {"title": "A", "year": 1}, status=203, headers={"x-a": "b"}, cookies=[SetCookie("seen", "1")]
        )

    app = App(templates=engine)
    declare(app, "/", answer, annotation)

    got = serve(app).get("/")

    assert (got.status_code, got.text) == (203, "<title>A</title><p>1")
    assert got.headers["content-type"] == "text/html; charset=utf-8"
    assert got.headers["x-a"] == "b"
    assert "seen=1" in got.headers["set-cookie"]


def test_a_handler_chooses_a_block_and_the_name_tells_the_type(serve: Serve, engine: TemplateEngine) -> None:
    app = App(templates=engine)

    @app.get("/list")
    async def books(request: Request) -> TemplateResponse:
        block = "list" if request.headers.get("hx-request") else None
        return TemplateResponse("list.html", {"value": [Book("A")]}, block=block)

    @app.get("/several")
    def several() -> TemplateResponse:
        return TemplateResponse("book.html", {"title": "A", "year": 1}, block=["body", "title"])

    @app.get("/feed")
    def feed() -> TemplateResponse:
        return TemplateResponse("feed.xml", {"title": "<A>"})

    client = serve(app)

    assert client.get("/list").text == "<ul><li>A</ul>"
    assert client.get("/list", headers={"hx-request": "true"}).text == "<li>A"
    assert client.get("/several").text == "<p>1A"
    assert client.get("/feed").headers["content-type"] == "application/xml"
    assert client.get("/feed").text == "<feed>&lt;A&gt;</feed>"


def test_a_page_is_streamed(serve: Serve, engine: TemplateEngine, declare: Any) -> None:
    app = App(templates=engine)
    declare(app, "/", lambda: TemplateResponse("long.html", {"numbers": range(3_000)}, stream=True), TemplateResponse)

    answer = serve(app).get("/")

    assert answer.text == "<head>" + "".join(f"{number}," for number in range(3_000))
    assert "content-length" not in answer.headers


def test_a_stream_of_a_coroutine_waits_for_its_values(serve: Serve) -> None:
    app = App(templates=TemplateEngine(DictLoader(TEMPLATES)))

    async def numbers() -> AsyncIterator[int]:
        for number in range(3):
            yield number

    @app.get("/")
    async def show() -> TemplateResponse:
        return TemplateResponse("long.html", {"numbers": numbers()}, stream=True)

    assert serve(app).get("/").text == "<head>0,1,2,"


def test_providers_stay_open_while_a_page_is_streamed(serve: Serve, engine: TemplateEngine) -> None:
    app = App(templates=engine)
    told: list[str] = []

    @app.provider
    def shelf() -> Iterator[Shelf]:
        yield Shelf(told)
        told.append("closed")

    @app.get("/")
    def show(shelf: Shelf) -> TemplateResponse:
        return TemplateResponse("long.html", {"numbers": shelf.numbers()}, stream=True)

    serve(app).get("/")

    assert told == ["read", "read", "read", "closed"]


@each("is_async", [False, True])
def test_an_error_handler_answers_with_a_page(serve: Serve, engine: TemplateEngine, is_async: bool) -> None:
    app = App(templates=engine)

    if is_async:

        @app.on_error(NotFoundError)
        async def lost_later(error: NotFoundError) -> TemplateResponse:
            return TemplateResponse("number.html", {"value": error.message}, status=404)
    else:

        @app.on_error(NotFoundError)
        def lost(error: NotFoundError) -> TemplateResponse:
            return TemplateResponse("number.html", {"value": error.message}, status=404)

    @app.get("/")
    async def home() -> str:
        raise NotFoundError("No <book>")

    got = serve(app).get("/")

    assert (got.status_code, got.text) == (404, "<b>No &lt;book&gt;</b>")


def error_app(templates: TemplateEngine) -> App:
    app = App(templates=templates, error_page="error.html")

    @app.get("/books")
    async def books(page: int = 1) -> str:
        raise NotFoundError("No <book>", shelf=7)

    @app.get("/broken")
    async def broken() -> str:
        raise RuntimeError("secret")

    return app


@pytest.mark.parametrize("is_async", [False, True])
def test_a_template_makes_the_page_of_errors(serve: Serve, is_async: bool, caplog: pytest.LogCaptureFixture) -> None:
    client = serve(error_app(TemplateEngine(DictLoader(TEMPLATES), is_async=is_async)))

    lost = client.get("/books", headers=BROWSER)
    assert lost.text == "<h1>404 Not Found</h1>No &lt;book&gt;, 7, No &lt;book&gt;, {}, /books"
    assert "'self'" in lost.headers["content-security-policy"]
    assert client.get("/books").headers["content-type"] == "application/problem+json"
    wrong = client.get("/books?page=x", headers=BROWSER)
    assert wrong.text.endswith(', {"page":["Expected a whole number"]}, /books')
    refused = client.delete("/books", headers=BROWSER)
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
    assert client.get("/broken", headers=BROWSER).text.startswith("<h1>500 Internal Server Error</h1>, , ")


def test_a_page_of_errors_that_fails_gives_way_to_the_built_in_one(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    app = App(templates=TemplateEngine(DictLoader({"error.html": "{{ 1 / 0 }}"})), error_page="error.html")

    answer = serve(app).get("/nowhere", headers=BROWSER)

    assert (answer.status_code, "ZeroDivisionError" in caplog.text) == (500, True)
    assert "Internal Server Error" in answer.text


@pytest.mark.parametrize("template", ["missing.html", "list.html"])
def test_a_template_that_fails_is_a_500(
    serve: Serve, engine: TemplateEngine, template: str, caplog: pytest.LogCaptureFixture
) -> None:
    app = App(templates=engine)

    @app.get("/")
    async def show() -> TemplateResponse:
        return TemplateResponse(template, {"value": 7}, block="nothing" if template == "list.html" else None)

    assert serve(app).get("/").status_code == 500
    assert "martlet.errors" in {record.name for record in caplog.records}


def test_a_page_that_nobody_renders_is_a_500(serve: Serve, engine: TemplateEngine, caplog: pytest.LogCaptureFixture) -> None:
    app = App(templates=engine)

    @app.use
    async def own(request: Request, respond: Respond) -> Response:
        return TemplateResponse("number.html", {"value": 7})

    assert serve(app).get("/").status_code == 500


def test_without_an_engine_a_page_is_a_500(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    app = App()

    @app.get("/")
    async def show() -> TemplateResponse:
        return TemplateResponse("number.html", {"value": 7})

    assert serve(app).get("/").status_code == 500
    assert "App(templates=TemplateEngine(" in caplog.text


def test_a_template_that_changes_is_read_again_where_the_engine_reloads(serve: Serve) -> None:
    texts = {"a.html": "old"}
    app = App(templates=TemplateEngine(DictLoader(texts), auto_reload=True))

    @app.get("/", template="a.html")
    async def show() -> int:
        return 7

    client = serve(app)
    assert client.get("/", headers=BROWSER).text == "old"
    texts["a.html"] = "new"
    assert client.get("/", headers=BROWSER).text == "new"
