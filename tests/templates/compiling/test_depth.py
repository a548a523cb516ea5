"""However deep or long a template is: it works, or is refused as a template, with the place."""

import pytest

from martlet.templates import TemplateError, TemplateSyntaxError
from martlet.templates.compiling import writer
from tests.rows import each
from tests.templates.compiling.pages import page

NESTED = {
    "if": ("{% if true %}", "{% endif %}"),
    "for": ("{% for a in [1] %}", "{% endfor %}"),
    "with": ("{% with %}", "{% endwith %}"),
    "macro": ("{% macro m() %}", "{% endmacro %}"),
    "filter": ("{% filter upper %}", "{% endfilter %}"),
    "set": ("{% set a %}", "{% endset %}"),
    "autoescape": ("{% autoescape true %}", "{% endautoescape %}"),
    "recursive": ("{% for a in [1] recursive %}", "{% endfor %}"),
    "call": ("{% call f() %}", "{% endcall %}"),
}
CHAINS = {
    "round": "{{ " + "(" * 500 + "1" + ")" * 500 + " }}",
    "square": "{{ " + "[" * 500 + "1" + "]" * 500 + " }}",
    "curly": "{{ " + "{1: " * 500 + "1" + "}" * 500 + " }}",
    "not": "{{ " + "not " * 500 + "1 }}",
    "minus": "{{ " + "-" * 500 + "1 }}",
    "plus": "{{ 1" + " + 1" * 500 + " }}",
    "and": "{{ 1" + " and 1" * 500 + " }}",
    "power": "{{ 1" + " ** 1" * 500 + " }}",
    "compare": "{{ 1" + " < 2" * 500 + " }}",
    "join": "{{ 1" + " ~ 1" * 500 + " }}",
    "choice": "{{ 1" + " if 0 else 1" * 500 + " }}",
    "attribute": "{{ x" + ".a" * 500 + " }}",
    "item": "{{ x" + "['a']" * 500 + " }}",
    "call": "{{ x" + "()" * 500 + " }}",
    "filter": "{{ 1" + "|string" * 500 + " }}",
    "test": "{{ 1" + " is defined" * 500 + " }}",
}


def works_or_is_refused(source: str) -> None:
    try:
        page(source, f=lambda caller: caller(), x=None)
    except TemplateSyntaxError as error:
        if error.line < 1:
            pytest.fail("an error has a line")
    except (SyntaxError, RecursionError, MemoryError) as error:
        pytest.fail(f"a template must not end in {error!r}")
    except Exception:  # noqa: BLE001, S110 -- what the values raise
        pass


@each("depth", [10, 20, 21, 64, 200])
@each("tag", NESTED)
def test_tags_within_one_another(tag: str, depth: int) -> None:
    begin, end = NESTED[tag]

    works_or_is_refused(begin * depth + "x" + end * depth)


def test_only_depth_is_told_as_depth(monkeypatch: pytest.MonkeyPatch) -> None:
    # CPython nests 20 loops in a function, from 3.13 on 21.
    with pytest.raises(TemplateSyntaxError, match="too deep within one another"):
        page("{% for a in [1] %}" * 22 + "{% endfor %}" * 22)

    monkeypatch.setattr(writer.Writer, "text", property(lambda _: "1 +"))
    with pytest.raises(TemplateError, match=r"'page' is no Python: invalid syntax.*mistake of martlet\.templates") as caught:
        page("{{ 1 }}")
    assert not isinstance(caught.value, TemplateSyntaxError)


@each("chain", CHAINS)
def test_long_expressions(chain: str) -> None:
    works_or_is_refused(CHAINS[chain])


def test_many_branches() -> None:
    branches = "".join(f"{{% elif n == {number} %}}{number}" for number in range(500))

    assert page("{% if false %}" + branches + "{% endif %}", n=499) == "499"


def test_many_values() -> None:
    assert page("{{ n }}," * 2_000, n=1) == "1," * 2_000


def test_many_variables_and_tags() -> None:
    source = "".join(
        f"{{% set x{number} = {number} %}}{{% if x{number} %}}{{{{ x{number} }}}}{{% endif %}}" for number in range(400)
    )

    assert page(source) == "".join(str(number) for number in range(1, 400))


@each(
    ("source", "expected"),
    [
        pytest.param("a" * 1_000_000, "a" * 1_000_000, id="a long text"),
        pytest.param("a\x00{{ '\x00' }}", "a\x00\x00", id="NUL"),
        pytest.param("\ud800{{ '\udfff' }}", "\ud800\udfff", id="surrogates"),
        pytest.param("a\r\nb\rc\n", "a\nb\nc", id="ends of lines"),
        pytest.param("{{ 'a\r\nb' }}", "a\nb", id="ends of lines in a text"),
        pytest.param("\ufeffa", "\ufeffa", id="a byte order mark is a character of a text"),
        pytest.param("\u2028\x0b\x0c\x85", "\u2028\x0b\x0c\x85", id="what other languages take for the end of a line"),
        pytest.param('"""\'\'\'\\n{{ "\\\\" }}{}{a}%s', "\"\"\"'''\\n\\{}{a}%s", id="what Python means something by"),
        pytest.param("{{ '{' }}{{ '}' }}{{ '{x}' }}{x!r}", "{}{x}{x!r}", id="brackets"),
        pytest.param("{{ 10 ** 20 }}{{ 1e100 }}{{ 1_000 }}", "1" + "0" * 20 + "1e+1001000", id="numbers"),
    ],
)
def test_any_text_comes_out_as_it_is(source: str, expected: str) -> None:
    assert page(source) == expected
