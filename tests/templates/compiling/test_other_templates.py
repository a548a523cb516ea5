"""`include`, `import` and `from`: what is found, what it sees, what it gives."""

import pytest

from martlet.templates import TemplateError, TemplateNotFoundError
from tests.rows import each
from tests.templates.compiling.pages import engine, page

TEMPLATES = {
    "x": "[{{ x }}]",
    "down": "{{ n }}{% if n %}{% set n = n - 1 %}{% include 'down' %}{% endif %}",
    "lib": "{% macro m(a) %}{{ a }}{{ x }}{% endmacro %}{% set v = x %}{% for i in [1] %}{% set inner = 1 %}{% endfor %}",
    "counts": "{{ count() }}{% macro m() %}{% endmacro %}",
    "macro": "{% macro m() %}{% include 'x' %}{% endmacro %}",
    "broken": "{{ 1 +",
}


@each(
    ("source", "expected"),
    [
        pytest.param("{% include 'x' %}", "[0]", id="sees the context"),
        pytest.param("{% include 'x' without context %}", "[]", id="sees nothing"),
        pytest.param("{% for x in [1, 2] %}{% include 'x' %}{% endfor %}", "[1][2]", id="sees a loop's variable"),
        pytest.param("{% set x = 5 %}{% include 'x' %}", "[5]", id="sees what is set"),
        pytest.param("{% with x = 6 %}{% include 'x' %}{% endwith %}{% include 'x' %}", "[6][0]", id="sees a scope"),
        pytest.param("{% macro m(x) %}{% include 'x' %}{% endmacro %}{{ m(7) }}", "[7]", id="sees a parameter"),
        pytest.param("{% include ['no', 'x'] %}", "[0]", id="the first of a list"),
        pytest.param("{% include names %}", "[0]", id="the first of a list known while rendering"),
        pytest.param("{% include name %}", "[0]", id="a name known while rendering"),
        pytest.param("{% include 'x' if x is none else 'x' %}", "[0]", id="a name that is chosen"),
        pytest.param("{% include 'no' ignore missing %}-", "-", id="there is none"),
        pytest.param("{% include ['no', 'nor'] ignore missing %}-", "-", id="there are none"),
        pytest.param("{% include [missing] ignore missing %}-", "-", id="an undefined name"),
        pytest.param("{% include 'down' %}", "210", id="itself"),
        pytest.param("{% filter upper %}{% include 'macro' %}{% include 'x' %}{% endfilter %}", "[0]", id="in a filter"),
    ],
)
def test_what_is_included(source: str, expected: str) -> None:
    assert page(source, TEMPLATES, x=0, n=2, name="x", names=["no", "x"]) == expected


@each(
    ("source", "expected"),
    [
        pytest.param("{% import 'lib' as l %}{{ l.m(1) }}{{ l.v }}", "1", id="sees nothing"),
        pytest.param("{% import 'lib' as l with context %}{{ l.m(1) }}{{ l.v }}", "100", id="sees the context"),
        pytest.param("{% from 'lib' import m, v as w with context %}{{ m(1) }}{{ w }}", "100", id="names, one with another name"),
        pytest.param("{% from 'lib' import no %}{{ no is defined }}", "False", id="a name that is not there"),
        pytest.param("{% import 'lib' as l %}{{ l.inner is defined }}{{ l.x is defined }}", "FalseFalse", id="only what it sets"),
        pytest.param("{% import name as l %}{{ l.m(1) }}", "1", id="a name known while rendering"),
        pytest.param(
            "{% for i in [1, 2] %}{% import 'lib' as l %}{{ l.m(i) }}{% endfor %}{{ l is defined }}", "12False", id="in a loop"
        ),
        pytest.param("{% macro p() %}{% from 'lib' import m %}{{ m(3) }}{% endmacro %}{{ p() }}", "3", id="in a macro"),
        pytest.param("{% import 'macro' as l with context %}{{ l.m() }}", "[0]", id="a macro that includes"),
    ],
)
def test_what_is_imported(source: str, expected: str) -> None:
    assert page(source, TEMPLATES, x=0, name="lib") == expected


def test_a_module_without_context_is_made_once() -> None:
    calls: list[int] = []
    made = engine(TEMPLATES, globals={"count": lambda: calls.append(1)})
    template = made.from_string("{% import 'counts' as c %}{% import 'counts' as d %}{{ c.m() }}{{ d.m() }}")

    template.render()
    template.render()
    assert len(calls) == 1


@each("tag", ["include 'no'", "import 'no' as n", "from 'no' import n", "include ['no', 'nor']"])
def test_what_is_not_there_is_told(tag: str) -> None:
    with pytest.raises(TemplateError, match="'no'"):
        page(f"{{% {tag} %}}")


def test_a_name_that_is_not_there_is_told_while_rendering() -> None:
    with pytest.raises(TemplateNotFoundError):
        page("{% include name %}", name="no")


def test_a_mistake_is_told_where_it_is() -> None:
    with pytest.raises(TemplateError) as caught:
        page("\n\n{% include 'broken' %}", TEMPLATES)

    assert "broken, line 1" in str(caught.value)
