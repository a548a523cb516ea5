"""Any text is read or refused, in time that grows with its length, and nothing goes deeper than is bounded."""

import sys
from contextlib import suppress
from time import process_time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from martlet.templates.errors import TemplateSyntaxError
from martlet.templates.syntax import Syntax, parse
from martlet.templates.syntax.expressions import MAX_DEPTH, MAX_HEIGHT
from tests.rows import each

SYNTAXES = [
    Syntax(),
    Syntax(trim_blocks=True, lstrip_blocks=True, newline="\r\n"),
    Syntax(line_statement_prefix="%", line_comment_prefix="##", lstrip_blocks=True),
    Syntax(block_start="<?", block_end="?>", variable_start="<?=", variable_end="?>", comment_start="<!--", comment_end="-->"),
]
WORDS = r"""
    {{ }} {% %} {# #} -%} {%- +%} <? ?> <?= <!-- --> % ## ( ) [ ] { } , : . | ~ + - * ** / // = == != < is not in and or if else
    a b true none 1 2.5 'a' " ' \ é 🐍 for endfor elif endif set endset with endwith macro endmacro call endcall filter
    endfilter block endblock include import from as extends raw endraw trans pluralize endtrans context break print
"""
PIECES = WORDS.split()


def refusal(source: str, syntax: Syntax = SYNTAXES[0]) -> TemplateSyntaxError | None:
    """The error that a source is refused with, None if it is read."""
    try:
        parse(source, syntax=syntax)
    except TemplateSyntaxError as error:
        return error
    return None


@given(st.lists(st.sampled_from([*PIECES, " ", "\n", "\r\n"]) | st.text(max_size=3), max_size=30), st.sampled_from(SYNTAXES))
@example(["{%", " ", "if", " ", "a", "%}", "{#"], SYNTAXES[0])
@example(["{{", " ", "1e5_", "(", ")", "}}"], SYNTAXES[0])
def test_any_text_is_read_or_refused(pieces: list[str], syntax: Syntax) -> None:
    source = "".join(pieces)

    error = refusal(source, syntax)

    assert error is None or 1 <= error.line <= source.count("\n") + source.count("\r") + 1
    assert error is None or error.message in str(error)


@given(
    st.lists(st.sampled_from(PIECES), max_size=12),
    st.sampled_from(["{{ %s }}", "{%% if %s %%}{%% endif %%}", "{%% for %s %%}", "{%% %s %%}"]),
)
def test_any_tag_is_read_or_refused(words: list[str], tag: str) -> None:
    error = refusal(tag % " ".join(words))

    assert error is None or error.line == 1


@each(
    ("source", "message"),
    [
        pytest.param("{{ " + "(" * 5_000, "nested too deeply", id="brackets"),
        pytest.param("{{ a" + "[a" * 5_000, "nested too deeply", id="keys"),
        pytest.param("{{ " + "f(" * 5_000, "nested too deeply", id="calls"),
        pytest.param("{{ " + "{a:" * 5_000, "nested too deeply", id="dicts"),
        pytest.param("{{ " + "a if b else " * 5_000 + "c }}", "nested too deeply", id="conditions"),
        pytest.param("{% for " + "(" * 5_000, "nested too deeply", id="targets"),
        pytest.param("{% if a %}" * 5_000, "nested too deeply", id="tags"),
        pytest.param("{{ " + "- " * 5_000 + "a }}", "operations build on each other", id="signs"),
        pytest.param("{{ " + "not " * 5_000 + "a }}", "operations build on each other", id="negations"),
        pytest.param("{{ a" + ".b" * 5_000 + " }}", "operations build on each other", id="attributes"),
        pytest.param("{{ a" + " + a" * 5_000 + " }}", "operations build on each other", id="sums"),
        pytest.param("{{ a" + "|b" * 5_000 + " }}", "operations build on each other", id="filters"),
        pytest.param(
            "{% filter a" + "|b" * 5_000 + " %}{% endfilter %}", "operations build on each other", id="filters of a block"
        ),
        pytest.param("{{ a" + " is b and a" * 5_000 + " }}", "operations build on each other", id="tests"),
    ],
)
def test_what_is_too_deep_is_refused(source: str, message: str) -> None:
    with pytest.raises(TemplateSyntaxError, match=message):
        parse(source)


@each(
    "source",
    [
        pytest.param("{{ " + "(" * (MAX_DEPTH - 1) + "a" + ")" * (MAX_DEPTH - 1) + " }}", id="brackets"),
        pytest.param("{% if a %}" * (MAX_DEPTH - 1) + "{% endif %}" * (MAX_DEPTH - 1), id="tags"),
        pytest.param("{{ a" + " + a" * (MAX_HEIGHT - 1) + " }}", id="sums"),
        pytest.param("{{ a" + " ~ a" * 5_000 + " }}", id="a concatenation is one operation"),
        pytest.param("{{ [" + "a, " * 5_000 + "] }}", id="a list is as long as it likes"),
        pytest.param("{% if a %}" + "{% elif a %}" * 2_000 + "{% endif %}", id="branches"),
    ],
)
def test_what_is_not_too_deep_is_read(source: str) -> None:
    assert parse(source).body


def test_a_shallow_stack_is_told_as_nesting() -> None:
    source = "{{ " + "(" * 40 + "a" + ")" * 40 + " }}"

    def refusal_below(calls: int) -> TemplateSyntaxError | None:
        return refusal_below(calls - 1) if calls else refusal(source)

    error = None
    for calls in range(sys.getrecursionlimit(), 0, -20):
        with suppress(RecursionError):
            error = refusal_below(calls)
            break

    assert error is not None
    assert "nested too deeply for the calls that Python still allows" in error.message


@each(
    "piece",
    [
        " ",
        "\n",
        "{{",
        "{%",
        "{#",
        "{% raw ",
        "{% raw %}",
        "{{ '\\'",
        "{{ 1_",
        "{{ 1",
        "{{ a-",
        "{{ a\n",
        "{%\n",
        "'",
        "{{ é",
        "% if (a",
        "##",
        "a ",
    ],
)
@each("start", ["", "{{ ", "{% raw %}", "{# ", "{{ '", "% if a"])
def test_time_grows_with_the_length(start: str, piece: str) -> None:
    source = start + piece * (20_000 // len(piece))
    began = process_time()

    for syntax in SYNTAXES[1:3]:
        refusal(source, syntax)

    assert process_time() - began < 2  # a quadratic search takes a minute
