"""Jinja2 itself in the place of our engine: what pages see and what is told at start-up are the same."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import jinja2
import pytest
from msgspec import Struct

from martlet import App, FreezeError, TemplateResponse
from martlet.integrations.jinja2 import JinjaTemplates
from tests.rows import each
from tests.serving import Serve

BROWSER = {"accept": "text/html,*/*;q=0.8"}
PAGES = {
    "base.html": "<title>{% block title %}{{ title }}{% endblock %}</title>{% block body %}{% endblock %}",
    "book.html": '{% extends "base.html" %}{% from "links.html" import link %}{% block body %}{{ link("show") }}{% endblock %}',
    "links.html": '{% macro link(name) %}<a href="{{ url_for(name) }}">{{ request }}</a>{% endmacro %}',
    "numbers.html": "{% for number in numbers %}{{ number }},{% endfor %}",
    "nonce.html": '<script nonce="{{ nonce }}">{{ request.path }}',
    "broken.html": "<p>\n{% if %}",
    "value.html": "{% block value %}{{ value }}{% endblock %}!",
    "new.html": "{{ sent.title }}{{ errors.title }}",
}


class Book(Struct):
    title: str


@pytest.fixture(params=[False, True], ids=["environment", "asynchronous environment"])
def templates(request: pytest.FixtureRequest) -> JinjaTemplates:
    loader = jinja2.DictLoader(PAGES)
    return JinjaTemplates(jinja2.Environment(loader=loader, autoescape=True, enable_async=request.param))


def test_a_route_has_a_page_of_jinja2(serve: Serve, templates: JinjaTemplates) -> None:
    app = App(templates=templates)

    @app.get("/book", template="book.html")
    async def show() -> Book:
        return Book("<Walden>")

    @app.get("/plain", template="value.html#value")
    def show_plainly() -> Book:
        return Book("<Walden>")

    client = serve(app)

    assert client.get("/book", headers=BROWSER).text == '<title>&lt;Walden&gt;</title><a href="/book"></a>'
    assert client.get("/plain", headers=BROWSER).text == "Book(title=&#39;&lt;Walden&gt;&#39;)"
    assert client.get("/book").json() == {"title": "<Walden>"}
    assert "url_for" not in templates.environment.globals


def test_a_form_comes_back(serve: Serve, templates: JinjaTemplates) -> None:
    app = App(templates=templates)

    @app.get("/new", template="new.html")
    def new() -> dict[str, Any]:
        return {}

    @app.post("/new", form="new.html")
    def add(new: Book) -> None: ...

    client = serve(app)

    assert client.get("/new", headers=BROWSER).text == ""
    assert "This field is required" in client.post("/new", form={"name": "x"}, headers=BROWSER).text


@each("stream", [False, True])
def test_a_handler_chooses_the_page(serve: Serve, templates: JinjaTemplates, stream: bool) -> None:
    app = App(templates=templates)

    @app.get("/")
    async def show() -> TemplateResponse:
        return TemplateResponse("numbers.html", {"numbers": range(3_000)}, stream=stream)

    @app.get("/plain")
    def show_plainly() -> TemplateResponse:
        return TemplateResponse("numbers.html", {"numbers": range(3_000)}, stream=stream)

    @app.get("/nonce")
    def nonce() -> TemplateResponse:
        return TemplateResponse("nonce.html", stream=stream)

    client = serve(app)

    expected = "".join(f"{number}," for number in range(3_000))
    assert client.get("/").text == client.get("/plain").text == expected
    assert len(client.get("/nonce").text) > len('<script nonce="">/nonce') + 20


def test_asynchronous_values_are_waited_for(serve: Serve) -> None:
    environment = jinja2.Environment(loader=jinja2.DictLoader(PAGES), autoescape=True, enable_async=True)
    app = App(templates=JinjaTemplates(environment))

    async def numbers() -> AsyncIterator[int]:
        yield 1
        yield 2

    @app.get("/")
    async def show() -> TemplateResponse:
        return TemplateResponse("numbers.html", {"numbers": numbers()})

    assert serve(app).get("/").text == "1,2,"


def test_mistakes_are_told_at_start_up(templates: JinjaTemplates) -> None:
    app = App(templates=templates)

    @app.get("/a", template="missing.html")
    def missing() -> Book:
        return Book("")

    @app.get("/b", template="broken.html")
    def broken() -> Book:
        return Book("")

    @app.get("/c", template="value.html#valeu")
    def unknown() -> Book:
        return Book("")

    with pytest.raises(FreezeError) as refused:
        app.freeze()

    said = str(refused.value)
    assert "The template 'missing.html' of '/a' cannot be had: there is no template 'missing.html'." in said
    assert "broken.html:2: Expected an expression, got 'end of statement block'." in said
    assert "there is no block named 'valeu'" in said


def test_an_environment_that_escapes_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="escapes nothing"):
        JinjaTemplates(jinja2.Environment(autoescape=False))  # noqa: S701  it is refused


def test_an_environment_by_itself_is_refused_with_the_cure() -> None:
    environment: Any = jinja2.Environment(autoescape=True)

    with pytest.raises(TypeError, match=r"JinjaTemplates\(environment\)"):
        App(templates=environment)
