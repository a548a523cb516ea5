"""Which tags are a scope, and what is seen of a name that is set inside."""

import pytest

from tests.rows import each
from tests.templates.compiling.pages import page


@each(
    ("source", "expected"),
    [
        pytest.param("{% if true %}{% set x = 1 %}{% endif %}{{ x }}", "1", id="if is none"),
        pytest.param("{% if false %}{% else %}{% set x = 1 %}{% endif %}{{ x }}", "1", id="nor is else"),
        pytest.param("{% for i in [1] %}{% set x = 1 %}{% endfor %}{{ x }}", "0", id="for"),
        pytest.param("{% for i in [] %}{% else %}{% set x = 1 %}{% endfor %}{{ x }}", "0", id="else of for"),
        pytest.param("{% with %}{% set x = 1 %}{% endwith %}{{ x }}", "0", id="with"),
        pytest.param("{% macro m() %}{% set x = 1 %}{{ x }}{% endmacro %}{{ m() }}{{ x }}", "10", id="macro"),
        pytest.param(
            "{% macro m() %}{{ caller() }}{% endmacro %}{% call m() %}{% set x = 1 %}{% endcall %}{{ x }}", "0", id="call"
        ),
        pytest.param("{% block b %}{% set x = 1 %}{{ x }}{% endblock %}{{ x }}", "10", id="block"),
        pytest.param("{% set y %}{% set x = 1 %}{{ x }}{% endset %}{{ y }}{{ x }}", "10", id="set block"),
        pytest.param("{% filter upper %}{% set x = 1 %}{% endfilter %}{{ x }}", "0", id="filter"),
        pytest.param("{% autoescape false %}{% set x = 1 %}{% endautoescape %}{{ x }}", "0", id="autoescape"),
        pytest.param("{% include 'sets' %}{{ x }}", "0", id="include"),
    ],
)
def test_what_is_set_inside(source: str, expected: str) -> None:
    assert page(source, {"sets": "{% set x = 1 %}"}, x=0) == expected


@each(
    ("source", "expected"),
    [
        pytest.param("{{ x }}{% set x = 1 %}{{ x }}", "01", id="before it is set the context's"),
        pytest.param("{% set x = x + 1 %}{{ x }}", "1", id="its own value"),
        pytest.param("{% if no %}{% set x = 1 %}{% endif %}{{ x }}", "0", id="set on a way that is not taken"),
        pytest.param("{% if no %}{% set z = 1 %}{% endif %}{{ z is defined }}", "False", id="not set at all"),
        pytest.param(
            "{% for i in [1, 2] %}{% if i > 1 %}{% set x = i %}{% endif %}{{ x }}{% endfor %}", "02", id="set in a round"
        ),
        pytest.param("{% for i in [1, 2] %}{{ x }}{% set x = i %}{% endfor %}", "00", id="each round begins anew"),
        pytest.param("{% for x in [1, 2] %}{{ x }}{% endfor %}{{ x }}", "120", id="the loop's variable behind the loop"),
        pytest.param("{% for x in [x] %}{{ x }}{% endfor %}", "0", id="the loop's variable in its iterable"),
        pytest.param(
            "{% for i in [1] %}{% for j in [2] %}{% set x = i + j %}{{ x }}{% endfor %}{{ x }}{% endfor %}", "30", id="loops"
        ),
        pytest.param("{% with x = 1, y = x %}{{ x }}{{ y }}{% endwith %}", "10", id="values of `with` are from around"),
        pytest.param("{% set x, (y, z) = 1, (2, 3) %}{{ x }}{{ y }}{{ z }}", "123", id="several at once"),
        pytest.param("{% set a, b = 1, 2 %}{% set a, b = b, a %}{{ a }}{{ b }}", "21", id="exchanged"),
        pytest.param("{% set n = namespace(x=1) %}{% for i in [2] %}{% set n.x = i %}{% endfor %}{{ n.x }}", "2", id="namespace"),
        pytest.param("{% set x %}{% for i in [1, 2] %}{{ i }}{% endfor %}{% endset %}[{{ x }}]", "[12]", id="a block's text"),
        pytest.param("{% set x | upper %}a{{ y }}{% endset %}{{ x }}", "AB", id="a block's text, filtered"),
    ],
)
def test_which_value_a_name_has(source: str, expected: str) -> None:
    assert page(source, x=0, y="b") == expected


@each(
    ("source", "expected"),
    [
        pytest.param("{% macro m() %}{{ x }}{% endmacro %}{% set x = 1 %}{{ m() }}", "1", id="what is set later"),
        pytest.param("{% macro m() %}{{ x }}{% endmacro %}{{ m() }}{% set x = 1 %}{{ m() }}", "01", id="when it is called"),
        pytest.param("{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}1{% endmacro %}{{ a() }}", "1", id="a later macro"),
        pytest.param("{% macro m(n) %}{{ n }}{% if n %}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(3) }}", "3210", id="itself"),
        pytest.param(
            "{% for i in [1, 2] %}{% macro m() %}{{ i }}{% endmacro %}{{ m() }}{% endfor %}", "12", id="a loop's variable"
        ),
        pytest.param("{% macro m(x=x) %}{{ x }}{% endmacro %}{{ m(5) }}", "5", id="a parameter of the same name"),
    ],
)
def test_what_a_macro_sees(source: str, expected: str) -> None:
    assert page(source, x=0) == expected
