"""What is wrong with the templates that routes name is told at start-up, with its file, line and cure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from martlet import HTML, App, Created, FreezeError, TemplateEngine, TemplateResponse
from martlet.handling.answering.page_fields import fields_of
from martlet.templates import DictLoader
from tests.rows import each

TEMPLATES = {
    "book.html": "{% block body %}{{ title }}{% endblock %}",
    "feed.xml": "<feed>{{ title }}</feed>",
    "odd.html": "<a {% if x %}href='{% endif %}>{{ y }}",
    "child.html": '{% extends "bok.html" %}',
    "grandchild.html": '{% extends "child.html" %}',
    "include.html": '{% include "no.html" ignore missing %}{% include ["no.html", "book.html"] %}\n{% include "gone.html" %}',
    "wrong.html": "<p>\n{{ title | uper }}",
}


class Book(Struct):
    title: str = ""


def refused(engine: TemplateEngine | None, **options: Any) -> str:
    app = App(templates=engine)

    @app.post("/books", **options)
    def add(new: Book) -> Created[Book]:
        return Created(new, location="/books/1")

    with pytest.raises(FreezeError) as refusal:
        app.freeze()
    return str(refusal.value)


@each("option", ["template", "form"])
@each(
    ("written", "said"),
    [
        pytest.param("bok.html", "there is no template 'bok.html'; did you mean 'book.html'?", id="missing"),
        pytest.param("book.html#bdy", "there is no block named 'bdy'; did you mean 'body'?", id="block"),
        pytest.param("wrong.html", "wrong.html>:2: No filter named 'uper'; did you mean 'upper'?", id="filter"),
        pytest.param("child.html", "child.html>:1: there is no template 'bok.html'; did you mean 'book.html'?", id="parent"),
        pytest.param("grandchild.html", "child.html>:1: there is no template 'bok.html'", id="parent's parent"),
        pytest.param("include.html", "include.html>:2: there is no template 'gone.html'", id="included"),
        pytest.param("odd.html", "odd.html>:1: the branches end in different places", id="escaping"),
        pytest.param("feed.xml", "makes application/xml, and no page", id="no page"),
    ],
)
def test_a_template_that_cannot_be_used_is_refused(option: str, written: str, said: str) -> None:
    told = refused(TemplateEngine(DictLoader(TEMPLATES)), **{option: written})

    assert said in told
    assert "test_template_mistakes.py:" in told
    assert "'/books'" in told


@pytest.mark.parametrize(
    ("engine", "said"),
    [
        (
            TemplateEngine(DictLoader({"error.html": ""})),
            "of error_page cannot be had: there is no template 'eror.html'; did you",
        ),
        (None, "error_page has the template 'eror.html', and the app has no templates."),
    ],
    ids=["missing", "no engine"],
)
def test_a_page_of_errors_that_is_not_there_is_refused(engine: TemplateEngine | None, said: str) -> None:
    app = App(templates=engine, error_page="eror.html")

    with pytest.raises(FreezeError, match=r"test_template_mistakes\.py:") as refusal:
        app.freeze()

    assert said in str(refusal.value)
    assert "?." not in str(refusal.value)


def test_a_mistake_in_a_file_is_shown_where_it_is(tmp_path: Path) -> None:
    (tmp_path / "wrong.html").write_text(TEMPLATES["wrong.html"])

    told = refused(TemplateEngine(tmp_path), template="wrong.html")

    assert f"{tmp_path / 'wrong.html'}:2: No filter named 'uper'" in told
    assert "\n    {{ title | uper }}\n               ^^^^\n    It is used by '/books' at " in told


LINKED = {
    "page.html": '{% extends "base.html" %}{% import "menu.html" as menu %}{% block body %}{{ menu.entry() }}{% endblock %}',
    "base.html": "<link href='{{ asset_url(\"app.css\") }}'>{% block body %}{% endblock %}",
}


def linking(tmp_path: Path, menu: str, page: str = LINKED["page.html"]) -> App:
    (tmp_path / "app.css").write_text("a {}")
    templates = {**LINKED, "page.html": page, "menu.html": "{% macro entry(id) %}\n<a href='{{ " + menu + " }}'>{% endmacro %}"}
    app = App(templates=TemplateEngine(DictLoader(templates)))
    app.static("/assets", tmp_path)

    @app.get("/", template="page.html")
    async def home() -> Book:
        return Book()

    @app.get("/books/{book_id}")
    async def show_book(book_id: int) -> str:
        return ""

    return app


@pytest.mark.parametrize(
    ("link", "said"),
    [
        pytest.param("url_for('show_bok', book_id=7)", "No route has the name 'show_bok'. Near it are 'show_book'.", id="name"),
        pytest.param("url_for('show_bok', **links)", "No route has the name 'show_bok'.", id="name beside what is unpacked"),
        pytest.param("url_for('show_book')", "'book_id' missing.", id="missing"),
        pytest.param("url_for('show_book', id=id)", "'book_id' missing, 'id' not in the pattern.", id="another"),
        pytest.param("url_for('home', page=2) | upper", "'page' not in the pattern.", id="too many"),
        pytest.param("asset_url('ap.css')", "There is no static file 'ap.css'. Near it is 'app.css'.", id="file"),
        pytest.param("asset_url('app.css', shop=1)", "'shop' not in the pattern.", id="parameter of files"),
    ],
)
def test_a_link_that_leads_nowhere_is_refused(tmp_path: Path, link: str, said: str) -> None:
    with pytest.raises(FreezeError) as refusal:
        linking(tmp_path, link).freeze()

    (problem,) = refusal.value.problems
    assert said in problem.what
    assert problem.where.endswith("menu.html>:2")
    assert f"<a href='{{{{ {link} }}}}'>" in problem.cure
    assert "It is used by '/' at " in problem.cure


@pytest.mark.parametrize(
    "link",
    [
        "url_for('show_book', book_id=id)",
        "url_for('home', query={'page': 2})",
        "url_for('show_book', **links)",
        "url_for(target)",
        "url_for('show_' ~ kind)",
        "url_for(*links)",
        "asset_url('app.css')",
    ],
)
def test_a_link_that_may_lead_somewhere_is_not(tmp_path: Path, link: str) -> None:
    linking(tmp_path, link).freeze()


def test_what_a_template_means_by_the_name_of_a_link_is_its_own(tmp_path: Path) -> None:
    linking(tmp_path, "1", "{% macro url_for(name) %}{{ name }}{% endmacro %}{{ url_for('nowhere') }}").freeze()


def test_a_mistake_is_told_once_for_all_its_routes() -> None:
    app = App(templates=TemplateEngine(DictLoader(TEMPLATES)))
    for pattern in ("/a", "/b"):

        @app.get(pattern, template="wrong.html")
        def show() -> Book:
            return Book()

    with pytest.raises(FreezeError) as refusal:
        app.freeze()

    assert len(refusal.value.problems) == 1


def test_a_template_without_an_engine_is_refused() -> None:
    assert 'App(templates=TemplateEngine("templates"))' in refused(None, template="book.html")


def test_a_page_beside_a_template_is_refused() -> None:
    assert "Keep one of page= and template=." in refused(TemplateEngine(), template="book.html", page=HTML)


def test_a_template_of_what_is_no_data_is_refused() -> None:
    app = App(templates=TemplateEngine(DictLoader(TEMPLATES)))

    @app.get("/", template="book.html")
    def show() -> str:
        return ""

    with pytest.raises(FreezeError, match="is not annotated as data"):
        app.freeze()


def test_a_folder_in_the_place_of_an_engine_is_refused() -> None:
    folder: Any = "templates"

    with pytest.raises(TypeError, match=r'an engine, as in TemplateEngine\("templates"\)'):
        App(templates=folder)


def test_a_block_is_not_streamed() -> None:
    with pytest.raises(ValueError, match="leave out stream=True"):
        TemplateResponse("book.html", block="body", stream=True)


def test_what_has_no_fields_shows_none() -> None:
    assert [fields_of(value) for value in (7, "text", [1], None, object())] == [{}] * 5
