"""Macros: their parameters, their callers, and where their output goes."""

import html

import pytest

from martlet.templates.options import Escaping
from tests.rows import each
from tests.templates.compiling.pages import engine, page


@each(
    ("parameters", "body", "call", "expected"),
    [
        pytest.param("a, b=2", "{{ a }}{{ b }}", "m(1)", "12", id="a default"),
        pytest.param("a, b=2", "{{ a }}{{ b }}", "m(b=1, a=0)", "01", id="by keyword"),
        pytest.param("a, b=a", "{{ a }}{{ b }}", "m(7)", "77", id="a default that reads another parameter"),
        pytest.param("a", "[{{ a }}]{{ a is defined }}", "m()", "[]False", id="not given"),
        pytest.param("a", "{{ a }}{{ varargs }}", "m(1, 2, 3)", "1(2, 3)", id="more than it names"),
        pytest.param("a", "{{ a }}{{ kwargs }}", "m(1, b=2)", "1{'b': 2}", id="others by keyword"),
        pytest.param("a", "{{ a }}{{ kwargs }}", "m(1, a=2)", "1{'a': 2}", id="by its place and by its name"),
        pytest.param("é, b", "{{ é }}{{ b }}{{ kwargs }}", "m(1, é=2, b=3)", "13{'é': 2}", id="the same beside others"),
        pytest.param("caller=0", "{{ caller }}{{ kwargs }}", "m(1, caller=2)", "1{'caller': 2}", id="a parameter named caller"),
        pytest.param("a, b", "{{ a }}{{ b }}", "m(**{'b': 1, 'a': 2})", "21", id="unpacked keywords"),
        pytest.param("a", "{{ a }}{{ varargs }}{{ kwargs }}", "m(*[1, 2], **{'c': 3})", "1(2,){'c': 3}", id="unpacked"),
        pytest.param("class, def=2", "{{ class }}{{ def }}", "m(1, def=3)", "13", id="words of Python"),
        pytest.param(
            "é, e\u0301", "{{ é }}{{ e\u0301 }}", "m(1, e\u0301=2)", "12", id="letters that Python takes for one another"
        ),
        pytest.param("w, ctx='c'", "{{ w }}{{ ctx }}", "m(w=1)", "1c", id="our own names"),
        pytest.param("a", "{{ a }}", "m(1) ~ m(2)", "12", id="as a value"),
        pytest.param("a", "{{ a }}", "m('x')|upper", "X", id="filtered"),
        pytest.param("a", "{{ a }}", "[m(1), m(2)]|join('-')", "1-2", id="in a list"),
        pytest.param("a, b", "", "m.name ~ m.arguments", "m('a', 'b')", id="what it tells of itself"),
    ],
)
@each("escaping", ["off", "html", "contextual"])
def test_what_a_macro_gives(parameters: str, body: str, call: str, expected: str, escaping: Escaping) -> None:
    source = f"{{% macro m({parameters}) %}}{body}{{% endmacro %}}{{{{ {call} }}}}"

    given = engine(escaping=escaping).render(source)
    assert html.unescape(given) == expected


@each(
    ("call", "expected"),
    [
        ("{% call m() %}a{% endcall %}", "[a]"),
        ("{% call(x) n() %}{{ x }}{% endcall %}", "<5>"),
        ("{% call(x, y=7) n() %}{{ x }}{{ y }}{% endcall %}", "<57>"),
        ("{% call m() %}{% call m() %}a{% endcall %}{% endcall %}", "[[a]]"),
        ("{% for x in [1, 2] %}{% call m() %}{{ x }}{% endcall %}{% endfor %}", "[1][2]"),
        ("{{ o() }}{% call o() %}a{% endcall %}", "-a"),
        (
            "{% macro p() %}{% set c = caller %}{% call m() %}{{ c() }}{% endcall %}{% endmacro %}{% call p() %}a{% endcall %}",
            "[a]",
        ),
    ],
)
def test_a_macro_calls_its_caller(call: str, expected: str) -> None:
    macros = (
        "{% macro m() %}[{{ caller() }}]{% endmacro %}{% macro n() %}<{{ caller(5) }}>{% endmacro %}"
        "{% macro o() %}{% if caller %}{{ caller() }}{% else %}-{% endif %}{% endmacro %}"
    )

    assert page(macros + call) == expected


@each(
    ("call", "message"),
    [
        ("m(1, 2)", "macro 'm' takes not more than 1 argument"),
        ("m(1, 2)|upper", "macro 'm' takes not more than 1 argument"),
        ("m(b=2)|upper", "macro 'm' takes no keyword argument 'b'"),
        ("m(b=2)", "macro 'm' takes no keyword argument 'b'"),
        ("m(1, a=2)", "macro 'm' takes no keyword argument 'a'"),
        ("m(*[1, 2])", "macro 'm' takes not more than 1 argument"),
        ("m(**{'v_a': 1})", "macro 'm' takes no keyword argument 'v_a'"),
    ],
)
@each("escaping", ["off", "html"])
def test_arguments_that_a_macro_has_not(call: str, message: str, escaping: Escaping) -> None:
    with pytest.raises(TypeError, match=message):
        engine(escaping=escaping).render(f"{{% macro m(a) %}}{{% endmacro %}}{{{{ {call} }}}}")


def test_what_a_macro_gives_is_not_escaped_again() -> None:
    source = "{% macro m(x) %}<b>{{ x }}</b>{% endmacro %}{{ m('<') }}{% set v = m('&') %}{{ v }}{{ m(m('<')) }}"

    assert engine(escaping="html").render(source) == "<b>&lt;</b><b>&amp;</b><b><b>&lt;</b></b>"
