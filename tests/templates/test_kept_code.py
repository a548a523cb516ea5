"""Compiled pages outlive the process that compiled them, and never the sources they were made of."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from martlet.templates import TemplateEngine
from martlet.templates.loading import CodeCache

PAGES = {
    "base.html": "<title>{% block title %}base{% endblock %}</title>{% include 'part.html' %}",
    "part.html": "<p>{{ name }}</p>",
    "page.html": "{% extends 'base.html' %}{% block title %}{{ super() }}, {{ name|shout }}{% endblock %}{% set kept = 1 %}",
}


def shout(text: str) -> str:
    return text.upper() + "!"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in PAGES.items():
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """The names of the templates that were parsed."""
    found: list[str | None] = []
    parse: Callable[..., Any] = __import__("martlet.templates.engine", fromlist=["parse"]).parse

    def parse_and_tell(source: str, **options: Any) -> Any:
        found.append(options["name"])
        return parse(source, **options)

    monkeypatch.setattr("martlet.templates.engine.parse", parse_and_tell)
    return found


def new_engine(folder: Path, **options: Any) -> TemplateEngine:
    """An engine as another process would make it."""
    return TemplateEngine(folder, code_cache=CodeCache(folder / "compiled"), filters={"shout": shout}, **options)


PAGE = "<title>base, ANN!</title><p>Ann</p>"


def test_a_second_engine_parses_nothing(folder: Path, parsed: list[str | None]) -> None:
    first = new_engine(folder).get_template("page.html")
    assert first.render(name="Ann") == PAGE
    assert first.block("title").render(name="Ann") == "base, ANN!"
    parsed.clear()

    template = new_engine(folder).get_template("page.html")

    assert template.render(name="Ann") == PAGE
    assert template.make_module({"name": "Ann"}).kept == 1
    assert template.block("title").render(name="Ann") == "base, ANN!"
    assert "def block_title" in template.code
    assert parsed == []


@pytest.mark.parametrize("changed", PAGES)
def test_a_change_of_any_source_is_compiled_anew(folder: Path, parsed: list[str | None], changed: str) -> None:
    new_engine(folder).get_template("page.html")
    parsed.clear()
    (folder / changed).write_text(PAGES[changed].replace("title", "heading"))

    page = new_engine(folder).get_template("page.html").render(name="Ann")

    assert page == TemplateEngine(folder, filters={"shout": shout}).get_template("page.html").render(name="Ann")
    assert "page.html" in parsed


def test_a_source_that_is_gone_is_missed(folder: Path, parsed: list[str | None]) -> None:
    new_engine(folder).get_template("page.html")
    parsed.clear()
    (folder / "part.html").unlink()

    template = new_engine(folder).get_template("page.html")

    assert parsed
    with pytest.raises(LookupError, match="part"):
        template.render(name="Ann")


def test_another_engine_finds_nothing_of_one_with_other_options(folder: Path, parsed: list[str | None]) -> None:
    new_engine(folder).get_template("page.html")

    for options in ({"escaping": "off"}, {"sandbox": True}, {"finalize": str}, {"native": True}):
        parsed.clear()
        new_engine(folder, **options).get_template("page.html")
        assert parsed, options


def test_a_stream_is_kept_beside_the_page(folder: Path, parsed: list[str | None]) -> None:
    "".join(new_engine(folder).get_template("page.html").stream(name="Ann"))
    parsed.clear()

    assert "".join(new_engine(folder).get_template("page.html").stream(name="Ann")) == PAGE
    assert parsed == []


def test_an_engine_that_watches_its_sources_gives_the_new_page(folder: Path) -> None:
    engine = TemplateEngine(folder, auto_reload=True, filters={"shout": shout})
    assert "<p>" in engine.get_template("page.html").render(name="Ann")

    (folder / "part.html").write_text("<b>{{ name }} again</b>")

    assert "<b>Ann again</b>" in engine.get_template("page.html").render(name="Ann")


def test_an_engine_that_does_not_watch_keeps_its_page(folder: Path) -> None:
    engine = TemplateEngine(folder, filters={"shout": shout})
    first = engine.get_template("page.html")

    (folder / "part.html").write_text("<b>new</b>")

    assert engine.get_template("page.html") is first
