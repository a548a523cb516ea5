"""Namespaces, cyclers, joiners and filler text."""

import random
import re
from itertools import pairwise

import pytest
from markupsafe import Markup

from martlet.templates.runtime import DEFAULT_GLOBALS, Cycler, Joiner, Namespace, lipsum


def test_a_namespace_takes_what_dict_takes() -> None:
    page = Namespace({"a": 1}, b=2, self=3)
    page["c"] = 4

    assert (page.a, page.b, page.self, page.c) == (1, 2, 3, 4)
    assert repr(Namespace([("a", 1)])) == "<Namespace {'a': 1}>"
    with pytest.raises(AttributeError, match="other"):
        getattr(page, "other")  # noqa: B009 -- as a template does


def test_a_cycler_goes_round_and_begins_again() -> None:
    row = Cycler("a", "b", "c")

    assert [row.next(), row.current, next(row), row.next(), row.current] == ["a", "b", "b", "c", "a"]
    row.next()
    row.reset()
    assert row.current == "a"


def test_a_cycler_needs_values() -> None:
    with pytest.raises(TypeError, match="no values"):
        Cycler()


def test_a_cycler_is_no_iterable_for_it_would_never_end() -> None:
    with pytest.raises(TypeError):
        iter(Cycler(1))  # type: ignore[call-overload]


def test_a_joiner_gives_nothing_first() -> None:
    comma, bar = Joiner(), Joiner("|")

    assert [comma(), comma(), comma()] == ["", ", ", ", "]
    assert [bar(), bar()] == ["", "|"]


def test_filler_text_has_paragraphs_of_sentences() -> None:
    paragraphs = lipsum(3, html=False).split("\n\n")

    assert len(paragraphs) == 3
    for paragraph in paragraphs:
        assert 20 <= len(paragraph.split()) < 100
        assert re.fullmatch(r"([A-Z][a-z]*(,? [a-z]+)*\.( |$))+", paragraph), paragraph
        words = re.findall(r"\w+", paragraph.lower())
        assert all(first != second for first, second in pairwise(words))


def test_filler_text_is_markup_by_default() -> None:
    text = lipsum()

    assert type(text) is Markup
    assert text.count("<p>") == text.count("</p>") == 5


@pytest.mark.parametrize(("low", "high"), [(1, 2), (5, 6), (15, 16)])
def test_filler_text_is_as_long_as_asked(low: int, high: int) -> None:
    assert len(lipsum(1, html=False, min=low, max=high).split()) == low


def test_filler_text_follows_the_seed() -> None:
    state = random.getstate()
    random.seed(1)
    first = lipsum()
    random.seed(1)

    assert lipsum() == first
    random.setstate(state)


def test_the_globals_are_those_of_jinja() -> None:
    assert DEFAULT_GLOBALS.keys() == {"range", "dict", "lipsum", "cycler", "joiner", "namespace"}
