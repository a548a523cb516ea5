"""What an engine keeps in memory: so many templates, those that are used, from any thread."""

import gc
import linecache
import sys
import threading
import traceback
from collections.abc import Iterator

import pytest

from martlet.templates import DictLoader, TemplateEngine, TemplateNotFoundError


@pytest.fixture
def frequent_switches() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_what_was_not_used_for_longest_goes_first() -> None:
    engine = TemplateEngine(DictLoader({name: name for name in "abc"}), cache_size=2)
    first, second = engine.get_template("a"), engine.get_template("b")

    assert engine.get_template("a") is first
    engine.get_template("c")
    assert engine.get_template("a") is first
    assert engine.get_template("b") is not second


def test_texts_take_no_place_of_files() -> None:
    engine = TemplateEngine(DictLoader({"a": "a"}), cache_size=2)
    template = engine.get_template("a")

    for number in range(5):
        assert engine.render(f"{number}") == f"{number}"

    assert engine.get_template("a") is template
    assert TemplateEngine(cache_size=0).render("x") == "x"


@pytest.mark.usefixtures("frequent_switches")
def test_threads_may_fill_and_empty_it_together() -> None:
    engine = TemplateEngine(DictLoader({str(number): f"{number}" for number in range(9)}), cache_size=3)
    errors: list[BaseException] = []

    def render(start: int) -> None:
        try:
            for number in range(start, start + 120):
                assert engine.get_template(str(number % 9)).render() == engine.render(str(number % 9))
        except BaseException as error:  # noqa: BLE001 -- told below
            errors.append(error)

    threads = [threading.Thread(target=render, args=(start,)) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []


def shown() -> int:
    gc.collect()
    TemplateEngine().from_string("the next text")  # with which those go that nobody keeps
    return sum(name.startswith("<template ") for name in linecache.cache)


def test_texts_that_nobody_keeps_leave_nothing() -> None:
    engine = TemplateEngine(DictLoader({"part": "{{ 1 / x }}"}), cache_size=10)
    before = shown()

    for number in range(100):
        engine.render(f"{number}")
    page = engine.from_string("{% include 'part' %}")

    assert shown() <= before + 12
    with pytest.raises(ZeroDivisionError) as raised:
        page.render(x=0)
    del page, engine
    gc.collect()
    written = "".join(traceback.format_exception(raised.value))
    assert "{{ 1 / x }}" in written
    assert "{% include 'part' %}" in written


def test_the_lines_of_a_text_stay_while_one_engine_of_several_has_it() -> None:
    first, second = (TemplateEngine().from_string("{{ 1 / x }} of several") for _ in range(2))
    filename = first.filename
    del first
    gc.collect()

    assert linecache.getline(filename, 1) == "{{ 1 / x }} of several"
    del second
    gc.collect()
    linecache.checkcache()  # as whoever writes a traceback does; it would not bear that something goes meanwhile
    TemplateEngine().from_string("the next text")
    assert filename not in linecache.cache


@pytest.mark.parametrize("name", [None, 7, 1.5])
def test_what_is_no_name_is_of_no_template(name: object) -> None:
    engine = TemplateEngine(DictLoader({}))

    with pytest.raises(TemplateNotFoundError, match=f"a template's name is a text, .* not {name}"):
        engine.get_template(name)  # type: ignore[arg-type]
    with pytest.raises(TemplateNotFoundError, match="a template's name is a text"):
        engine.render("{% include name %}", name=name)
    assert engine.render("{% include name ignore missing %}", name=name) == ""
