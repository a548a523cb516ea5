"""`extends` and `block`: which block is written, and what `super` and `self` give."""

# ruff: noqa: E501 -- a template and its page stand side by side
import pytest

from martlet.templates import EscapingError, TemplateError, TemplateNotFoundError, TemplateRuntimeError, TemplateSyntaxError
from tests.rows import each
from tests.templates.compiling.pages import engine, page

LAYOUTS = {
    "base": "<{% block a %}a0{% endblock %}|{% block b %}b0{% endblock %}>",
    "middle": "{% extends 'base' %}{% block a %}a1{{ super() }}{% endblock %}",
    "loop": "{% for x in [1, 2] %}{% block a scoped %}{{ x }}{% endblock %}{% endfor %}",
    "closed": "{% for x in [1, 2] %}{% block a %}{{ x }}{% endblock %}{% endfor %}",
    "required": "{% block a required %}{% endblock %}",
    "chosen": "{% if yes %}{% extends 'base' %}{% endif %}own {% block a %}a2{% endblock %}",
    "self": "{% block a %}a0{% endblock %}{{ self.a() }}{{ self.a()|upper }}",
    "around": "{% block a %}[{% block b %}b0{% endblock %}]{% endblock %}",
    "includes": "{% include 'base' %}",
}


@each(
    ("source", "expected"),
    [
        pytest.param("{% extends 'base' %}", "<a0|b0>", id="as it is"),
        pytest.param("{% extends 'base' %}text{% block b %}b2{% endblock %}", "<a0|b2>", id="replaced"),
        pytest.param("{% extends 'middle' %}{% block a %}a2{{ super() }}{% endblock %}", "<a2a1a0|b0>", id="three levels"),
        pytest.param("{% extends 'middle' %}{% block a %}{{ super()|upper }}{% endblock %}", "<A1A0|b0>", id="super as a value"),
        pytest.param("{% extends 'middle' %}{% block a %}{{ super.super() }}{% endblock %}", "<a0|b0>", id="two above"),
        pytest.param("{% extends 'base' %}{% block a %}{{ super() }}{{ super() }}{% endblock %}", "<a0a0|b0>", id="super twice"),
        pytest.param("{% extends 'base' %}{% block a %}{{ self.b() }}{% endblock %}", "<b0|b0>", id="another block"),
        pytest.param("{% extends 'self' %}{% block a %}a1{% endblock %}", "a1a1A1", id="self in the parent"),
        pytest.param("{% extends name %}{% block a %}{{ super() }}1{% endblock %}", "<a01|b0>", id="a name known while rendering"),
        pytest.param("{% extends 'chosen' %}{% block a %}a3{% endblock %}", "<a3|b0>", id="a parent that extends another only then"),
        pytest.param("{% extends 'loop' %}{% block a %}<{{ x }}>{% endblock %}", "<1><2>", id="scoped in a loop"),
        pytest.param("{% extends 'closed' %}{% block a %}<{{ x }}>{% endblock %}", "<><>", id="not scoped in a loop"),
        pytest.param("{% extends 'around' %}{% block b %}b1{% endblock %}", "[b1]", id="inside of another"),
        pytest.param("{% extends 'around' %}{% block a %}({{ super() }}){% endblock %}", "([b0])", id="with another inside"),
        pytest.param("{% extends 'includes' %}{% block a %}a1{% endblock %}", "<a0|b0>", id="of an included page none"),
        pytest.param("{% extends 'required' %}{% block a %}a1{% endblock %}", "a1", id="required and there"),
        pytest.param("{% extends 'base' %}{% set v = 1 %}{% block a %}{{ v }}{% endblock %}", "<1|b0>", id="set outside of blocks"),
        pytest.param("{% extends 'base' %}{% macro m() %}1{% endmacro %}{% block a %}{{ m() }}{% endblock %}", "<1|b0>", id="a macro"),
        pytest.param("{% extends 'base' %}{% from 'lib' import m %}{% block a %}{{ m() }}{% endblock %}", "<1|b0>", id="imported"),
        pytest.param("{% extends 'base' %}{% block a %}{% for x in [1, 2] %}{{ loop.index }}{% endfor %}{% endblock %}", "<12|b0>", id="a loop"),
    ],
)  # fmt: skip
def test_which_blocks_are_written(source: str, expected: str) -> None:
    templates = {**LAYOUTS, "lib": "{% macro m() %}1{% endmacro %}"}

    assert page(source, templates, name="base", yes=True) == expected


@each("way", ["{% extends 'x' %}", "{% extends name %}", "{% include 'x' %}", "{% include name %}"])
@each(
    ("below", "expected"),
    [
        pytest.param("{% extends 'chosen' %}{% block a %}a3{{ super() }}{% endblock %}", "<a3a2|b0>", id="chosen"),
        pytest.param("{% extends 'named' %}{% block a %}a3{{ super() }}{% endblock %}", "<a3a1a0|b0>", id="named"),
        pytest.param("x{% extends 'chosen' %}{% block b %}b3{{ super() }}{% endblock %}", "x<a2|b3b0>", id="behind a text"),
        pytest.param("{% extends other %}{% block a %}a3{{ super() }}{% endblock %}", "<a3a1a0|b0>", id="one late after another"),
        pytest.param(
            "{% extends 'y' %}{% block b %}b4{{ v }}{% endblock %}{% set v = 4 %}", "<a3a2|b44>", id="by way of a third"
        ),
    ],
)
def test_a_parent_may_be_found_late_wherever_its_child_stands(way: str, below: str, expected: str) -> None:
    late = {"named": "{% extends base %}{% block a %}a1{{ super() }}{% endblock %}", "y": "{% extends 'chosen' %}{% block a %}a3{{ super() }}{% endblock %}"}  # fmt: skip

    assert page(way, {**LAYOUTS, **late, "x": below}, name="x", other="named", base="base", yes=True) == expected


def test_a_parent_that_is_found_late_is_not_included_inside_of_an_element() -> None:
    contextual = engine({**LAYOUTS, "x": "{% extends 'chosen' %}"}, escaping="contextual")

    with pytest.raises(EscapingError, match="'x' extends a template that is known only while rendering"):
        contextual.render("<title>{% include 'x' %}</title>")


def test_a_template_that_extends_itself_late_is_told() -> None:
    with pytest.raises(TemplateRuntimeError, match="'x' extends itself"):
        page("{% include 'x' %}", {"x": "{% extends name %}"}, name="x")


def test_a_parent_may_be_a_template() -> None:
    parent = engine(LAYOUTS).get_template("middle")

    assert page("{% extends parent %}{% block a %}x{{ super() }}{% endblock %}", LAYOUTS, parent=parent) == "<xa1a0|b0>"


@pytest.mark.parametrize(("yes", "expected"), [(True, "<a2|b0>"), (False, "own a2")])
def test_a_parent_may_be_chosen_while_rendering(yes: bool, expected: str) -> None:
    assert page("{% include 'chosen' %}", LAYOUTS, yes=yes) == expected


@each(
    ("source", "error"),
    [
        pytest.param("{% extends 'required' %}", TemplateError, id="a required block is missing"),
        pytest.param("{% extends 'bse' %}", TemplateError, id="no such parent"),
        pytest.param("{% extends 'base' %}{% extends 'base' %}", TemplateError, id="two parents"),
        pytest.param("{% block a %}{% endblock %}{% block a %}{% endblock %}", TemplateSyntaxError, id="one name twice"),
        pytest.param("{% extends 'page' %}", TemplateError, id="itself"),
        pytest.param("{% extends missing %}", TemplateError, id="an undefined parent"),
        pytest.param("{% block a %}{{ super() }}{% endblock %}", TemplateError, id="nothing above"),
    ],
)
def test_what_no_layout_allows(source: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        page(source, LAYOUTS)


def test_blocks_by_themselves() -> None:
    template = engine(LAYOUTS).from_string("{% extends 'middle' %}{% block b %}{{ x }}{% endblock %}")

    assert template.block("b").render(x=1) == "1"
    assert template.block("a", "b").render(x=2) == "a1a02"


def test_a_parent_that_is_gone_is_told() -> None:
    with pytest.raises(TemplateNotFoundError, match="'gone'"):
        page("{% extends name %}", name="gone")
