"""Globals of a template are its own: nobody else sees what it was given."""

import pytest

from martlet.templates import DictLoader, TemplateEngine

TEMPLATES = {
    "a": "{{ user }}",
    "b": "{{ user }}",
    "macros": "{% macro m() %}{{ user }}{% endmacro %}",
    "imports": "{% import 'macros' as macros %}{{ macros.m() }}",
    "includes": "{% include name %}",
}


@pytest.fixture
def engine() -> TemplateEngine:
    return TemplateEngine(DictLoader(TEMPLATES))


def test_no_template_sees_the_globals_of_another_request(engine: TemplateEngine) -> None:
    engine.get_template("a")
    engine.get_template("b", {"user": "Bob"})

    assert engine.get_template("a", {"user": "Ann"}).render() == "Ann"
    for name in TEMPLATES:
        assert engine.get_template(name).render(name="a") == ""
    assert "user" not in engine.globals


def test_the_same_template_is_given_to_each_with_their_own(engine: TemplateEngine) -> None:
    ann, bob = (engine.get_template("imports", {"user": user}) for user in ("Ann", "Bob"))

    assert (ann.render(), bob.render(), ann.render()) == ("Ann", "Bob", "Ann")
    assert engine.get_template("imports") is engine.get_template("imports")
    assert engine.get_template(["none", "a"], {"user": "Cy"}).render() == "Cy"
    assert ann.with_globals({"more": 1}).render() == "Ann"
    assert ann.is_current()


def test_a_template_writes_its_globals_and_not_those_of_the_engine(engine: TemplateEngine) -> None:
    template = engine.get_template("a")
    template.globals["user"] = "Ann"
    engine.globals["site"] = "Books"

    assert template.render() == "Ann"
    assert engine.get_template("b").render() == ""
    assert template.globals["site"] == "Books"
    assert "user" not in engine.globals
