"""Imports and calls of macros, as far as they are known."""

import pytest

from tests.rows import each
from tests.templates.checking.findings import found

MACROS = {
    "m.html": """{% macro field(name, label='') %}{{ name }}{{ label }}{% endmacro %}
{% macro any() %}{{ varargs }}{{ kwargs }}{% endmacro %}
{% macro dialog(title) %}{{ title }}{{ caller() }}{% endmacro %}
{% macro plain() %}{% endmacro %}
{% set version = 1 %}""",
    "again.html": "{% from 'm.html' import field as input %}{% import 'm.html' as all %}",
}
IMPORT = "{% import 'm.html' as m %}"
FROM = "{% from 'm.html' import field, any, dialog %}"


@each(
    ("source", "message"),
    [
        (IMPORT + "{{ m.feild('a') }}", "the template 'm.html' has no macro 'feild'; did you mean 'field'?"),
        ("{% from 'm.html' import feild %}", "the template 'm.html' has no macro 'feild'; did you mean 'field'?"),
        (IMPORT + "{{ m.field('a', 'b', 'c') }}", "the macro 'field' takes at most 2 arguments, and is given 3"),
        (IMPORT + "{{ m.plain('a') }}", "the macro 'plain' takes no argument, and is given 1"),
        (FROM + "{{ field('a', lable='b') }}", "the macro 'field' has no parameter 'lable'; did you mean 'label'?"),
        (FROM + "{{ field('a', name='b') }}", "the macro 'field' is given 'name' twice, by its place and by its name"),
        (FROM + "{% call field('a') %}{% endcall %}", "the macro 'field' is called with a call block, and never calls `caller`"),
        ("{% macro a(x) %}{{ x }}{% endmacro %}{{ a(1, 2) }}", "the macro 'a' takes at most 1 argument, and is given 2"),
        ("{% from 'again.html' import input %}{{ input(q=1) }}", "the macro 'field' has no parameter 'q'"),
        ("{% from 'again.html' import all %}{{ all.field(q=1) }}", "the macro 'field' has no parameter 'q'"),
        (FROM + "{% block b %}{{ field(q=1) }}{% endblock %}", "the macro 'field' has no parameter 'q'"),
    ],
)
def test_a_macro_that_is_not_there_and_a_call_that_does_not_fit_are_found(source: str, message: str) -> None:
    assert found({**MACROS, "page.html": source}) == [f"page.html:1 {message}"]


@each(
    "source",
    [
        pytest.param(IMPORT + "{{ m.field() }}{{ m.field('a', label='b') }}{{ m.version }}", id="calls that fit"),
        pytest.param(FROM + "{{ any(1, 2, x=3) }}", id="a macro that takes anything"),
        pytest.param(FROM + "{{ field(*all, **named) }}", id="arguments that are not known"),
        pytest.param(FROM + "{% call dialog('a') %}b{% endcall %}{{ dialog('a', caller=f) }}", id="a call block"),
        pytest.param(FROM + "{% set field = other %}{{ field(1, 2, 3) }}", id="a name that is set again"),
        pytest.param(FROM + "{% for field in all %}{{ field(1, 2, 3) }}{% endfor %}", id="a name that a loop has too"),
        pytest.param("{{ field(1, 2, 3) }}" + FROM, id="a name of the context, read before"),
        pytest.param("{% if x %}" + FROM + "{% endif %}{{ field(1, 2, 3) }}", id="an import by choice"),
        pytest.param("{% import name as m %}{{ m.whatever(1) }}", id="a template that is not known"),
        pytest.param("{{ m.whatever(1) }}", id="a variable"),
    ],
)
def test_what_is_right_or_not_known_is_not_told(source: str) -> None:
    assert found({**MACROS, "page.html": source}) == []


def test_templates_that_import_each_other_are_looked_into_once() -> None:
    templates = {
        "a.html": "{% from 'b.html' import y %}{% macro x() %}{% endmacro %}{{ y(1) }}",
        "b.html": "{% from 'a.html' import x %}{% macro y() %}{% endmacro %}{{ x(1) }}",
    }

    assert len(found(templates)) == 2
