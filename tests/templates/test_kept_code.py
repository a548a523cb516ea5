"""Compiled pages outlive the process that compiled them, and never the sources they were made of."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from martlet.templates import TemplateEngine
from martlet.templates.described_code import described
from martlet.templates.loading import CodeCache
from martlet.templates.syntax import nodes

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


def test_a_tag_that_was_changed_finds_nothing_of_before(folder: Path, parsed: list[str | None]) -> None:
    (folder / "page.html").write_text("{% now %}")

    def engine(source: str) -> TemplateEngine:
        names: dict[str, Any] = {"nodes": nodes, "__name__": "shop.tags"}
        exec(f"def now(parser, at):\n    return (nodes.Text(at, {source!r}),)", names)  # noqa: S102 -- as an edited module has it
        return TemplateEngine(folder, code_cache=CodeCache(folder / "compiled"), tags={"now": names["now"]})

    assert engine("monday").get_template("page.html").render() == "monday"
    parsed.clear()
    assert engine("monday").get_template("page.html").render() == "monday"
    assert parsed == []
    assert engine("sunday").get_template("page.html").render() == "sunday"


class Tag:
    """A tag that is an object, and one that is bound to something."""

    def __init__(self, word: str) -> None:
        self.word = word

    def __call__(self, _parser: Any, at: Any, more: str = "") -> Any:
        return (nodes.Text(at, self.word + more),)


def test_tags_of_any_kind_are_described_alike_in_each_process() -> None:
    bound = [described(partial(Tag("a"), more=word)) for word in ("x", "y", "x")]

    assert bound[0] == bound[2] != bound[1]
    assert described(Tag("a")) == described(Tag("a"))
    assert "0x" not in described(Tag("a")) + described(shout) + described(Tag("a").__call__)


@pytest.mark.parametrize("header", [{}, {"versions": 1}, {"versions": {}, "absent": 7}, {"versions": {"page.html": "x"}}])
def test_an_entry_that_is_none_costs_a_compilation(folder: Path, parsed: list[str | None], header: dict[str, Any]) -> None:
    stored: list[str] = []

    class Cache(CodeCache):
        def store(self, key: str, *_: Any) -> bool:
            stored.append(key)
            return super().store(key, header, ())

    TemplateEngine(folder, code_cache=Cache(folder / "compiled"), filters={"shout": shout}).get_template("page.html")
    parsed.clear()

    assert stored
    assert new_engine(folder).get_template("page.html").render(name="Ann") == PAGE
    assert parsed


@pytest.mark.parametrize("cached", [False, True])
def test_a_choice_takes_the_first_as_soon_as_it_is_there(folder: Path, cached: bool) -> None:
    (folder / "o2.html").write_text("second")
    (folder / "page.html").write_text("{% include ['o1.html', 'o2.html'] %}")
    options: dict[str, Any] = {"code_cache": CodeCache(folder / "compiled")} if cached else {}
    engine = TemplateEngine(folder, auto_reload=True, **options)
    assert engine.get_template("page.html").render() == "second"
    assert engine.get_template("page.html").render() == "second"
    (folder / "o1.html").write_text("first")

    assert engine.get_template("page.html").render() == "first"
    assert TemplateEngine(folder, auto_reload=True, **options).get_template("page.html").render() == "first"
    (folder / "o1.html").unlink()
    assert engine.get_template("page.html").render() == "second"
