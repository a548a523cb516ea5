"""`for` and `loop`: arithmetic where that is enough, an object where more is asked, and the same answers from both."""

from typing import Any

import pytest

from tests.rows import each

# ruff: noqa: E501 -- a template and its page stand side by side
from tests.templates.compiling.pages import engine, page

ASKED = (
    "{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }} "
)


@each("kind", [list, iter, dict.fromkeys, str])
@each("items", ["", "a", "abc"])
def test_a_counter_and_an_object_answer_alike(kind: type, items: str) -> None:
    counted = f"{{% for x in l %}}{ASKED}{{% else %}}none{{% endfor %}}"
    by_object = counted.replace("{% else %}", "{% set as_value = loop %}{% else %}")

    assert "LoopContext" not in engine().from_string(counted).code
    assert "LoopContext" in engine().from_string(by_object).code
    assert page(counted, l=kind(items)) == page(by_object, l=kind(items))


@each(
    ("source", "expected"),
    [
        pytest.param("{% for x in l %}{% include 'asks' %}{% endfor %}", "1/3 2/3 3/3 ", id="in an included template"),
        pytest.param("{% for x in l %}{% block b scoped %}{{ loop.index }}{% endblock %}{% endfor %}", "123", id="in a scoped block"),
        pytest.param("{% for x in l %}{% block b %}{{ loop is defined }}{% endblock %} {% endfor %}", "False False False ", id="in a block"),
        pytest.param("{% for x in l if x > 1 %}{{ loop.index }}/{{ loop.length }} {% endfor %}", "1/2 2/2 ", id="of those that are chosen"),
        pytest.param("{% for x in l if x > 9 %}{{ x }}{% else %}none{% endfor %}", "none", id="none is chosen"),
        pytest.param("{% for x in g() %}{{ loop.index }}/{{ loop.length }} {% endfor %}", "1/2 2/2 ", id="of a generator"),
        pytest.param("{% for x in l %}{% for y in 'ab' %}{{ loop.index }}{% endfor %}{{ loop.index }} {% endfor %}", "121 122 123 ", id="nested"),
        pytest.param("{% for x in l %}{% set outer = loop %}{% for y in 'ab' %}{{ outer.index }}{% endfor %}{% endfor %}", "112233", id="of the outer"),
        pytest.param("{% macro m() %}{{ caller() }}{% endmacro %}{% for x in l %}{% call m() %}{{ loop.index }}{% endcall %}{% endfor %}", "123", id="in a call"),
        pytest.param("{% for x in l %}{% macro m() %}{{ loop.last }}{% endmacro %}{{ m() }} {% endfor %}", "False False True ", id="in a macro"),
        pytest.param("{% for x in l %}{{ loop.cycle('a', 'b') }}{% endfor %}", "aba", id="cycle"),
        pytest.param("{% for x in l %}{{ loop.previtem }}<{{ x }}<{{ loop.nextitem }} {% endfor %}", "<1<2 1<2<3 2<3< ", id="neighbours"),
        pytest.param("{% for x in [1, 1, 2] %}{{ loop.changed(x) }} {% endfor %}", "True False True ", id="changed"),
        pytest.param("{% for x in l %}{% if x == 2 %}{% continue %}{% endif %}{{ x }}{% endfor %}", "13", id="continue"),
        pytest.param("{% for x in l %}{% if x == 2 %}{% break %}{% endif %}{{ x }}{% endfor %}", "1", id="break"),
        pytest.param("{% for x in l %}{% continue %}{% else %}none{% endfor %}", "", id="there were items, though all were left"),
        pytest.param("{% for x in l %}{% with %}{% break %}{% endwith %}{% endfor %}-", "-", id="break out of a scope"),
        pytest.param("{% for x in l %}{% for y in [] %}{% else %}{% break %}{% endfor %}{{ x }}{% endfor %}", "", id="break out of else"),
        pytest.param("{% for x in l %}{% set y %}a{% continue %}{% endset %}{{ y }}{% endfor %}", "", id="continue out of a set block"),
        pytest.param("{% for k, (a, b) in [(1, (2, 3))] %}{{ k }}{{ a }}{{ b }}{% endfor %}", "123", id="several variables"),
        pytest.param("{% for x in t recursive %}{{ x[0] }}{% if x[1] %}({{ loop(x[1]) }}){% endif %}{% endfor %}", "a(bc)d", id="recursive"),
        pytest.param("{% for x in t recursive %}{{ loop.depth }}{{ loop(x[1]) }}{% endfor %}", "1221", id="depth"),
        pytest.param("{% for x in missing %}{{ x }}{% else %}none{% endfor %}", "none", id="of nothing"),
    ],
)  # fmt: skip
def test_what_a_loop_writes(source: str, expected: str) -> None:
    tree: list[tuple[str, list[Any]]] = [("a", [("b", []), ("c", [])]), ("d", [])]
    included = {"asks": "{{ loop.index }}/{{ loop.length }} "}

    assert page(source, included, l=[1, 2, 3], g=lambda: iter("ab"), t=tree) == expected
