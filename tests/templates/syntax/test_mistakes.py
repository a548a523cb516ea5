"""A mistake is told where it stands, with what was expected and what may have been meant."""

import pytest

from martlet.templates.errors import TemplateSyntaxError, UnknownNameError
from martlet.templates.syntax import Syntax, parse
from tests.rows import each


@each(
    ("source", "line", "column", "message"),
    [
        pytest.param("\n{% iff a %}", 2, 3, "there is no tag 'iff'; did you mean 'if'?", id="unknown tag"),
        pytest.param(
            "{% if a %}\n{% endiff %}",
            2,
            3,
            "there is no tag 'endiff'; 'if', opened on line 1, is still open and waits for 'elif', 'else' or 'endif'; "
            "did you mean 'endif'?",
            id="an end with a slip",
        ),
        pytest.param("{% endif %}", 1, 3, "'endif' closes nothing here; no 'if' is open", id="an end too many"),
        pytest.param("{% else %}", 1, 3, "'else' stands outside of the tag it is a part of", id="a part without its tag"),
        pytest.param(
            "{% for a in b %}\n{% endif %}",
            2,
            3,
            "'endif' closes nothing here; 'for', opened on line 1, is still open and waits for 'else' or 'endfor'",
            id="the wrong end",
        ),
        pytest.param(
            "{% for a in b %}\n{% if c %}\n{% endfor %}",
            3,
            3,
            "'endfor' belongs to the 'for' of line 1, but 'if', opened on line 2, is still open and waits for "
            "'elif', 'else' or 'endif'",
            id="ends in the wrong order",
        ),
        pytest.param(
            "a\n{% block b %}\n",
            2,
            11,
            "the template ends, but 'block', opened on line 2, is still open and waits for 'endblock'",
            id="no end",
        ),
        pytest.param("{{ a", 1, 3, "the template ends before the end of this tag", id="no end of a tag"),
        pytest.param("{{ a b }}", 1, 5, "the end of the tag was expected, not 'b'", id="two values"),
        pytest.param("{{ }}", 1, 3, "a value was expected, not the end of the tag ('}}')", id="no value"),
        pytest.param("{{ a + }}", 1, 7, "a value was expected, not the end of the tag ('}}')", id="no second value"),
        pytest.param("{{ [a b] }}", 1, 6, "',' or ']' was expected in this '[', not 'b'", id="no comma in a list"),
        pytest.param("{{ (a b) }}", 1, 6, "',' or ')' was expected in this '(', not 'b'", id="no comma in brackets"),
        pytest.param("{{ {a b} }}", 1, 6, "':' was expected, not 'b'", id="no colon in a dict"),
        pytest.param("{{ {a: b c} }}", 1, 9, "',' or '}' was expected in this '{', not 'c'", id="no comma in a dict"),
        pytest.param("{{ (a] }}", 1, 5, "unexpected ']'; ')' was expected", id="the wrong bracket"),
        pytest.param("{{ a) }}", 1, 4, "unexpected ')'; no bracket is open here", id="a bracket too many"),
        pytest.param("{{ a & b }}", 1, 5, "unexpected '&'; write `and`", id="no operator"),
        pytest.param("{{ 'a }}", 1, 3, "the text that begins with this ' is not closed", id="a text without an end"),
        pytest.param(r"{{ '\x4' }}", 1, 3, "'\\x' in a text wants two hexadecimal digits behind it", id="half an escape"),
        pytest.param(r"{{ '\N{SNOW}' }}", 1, 3, r"there is no character '\\N{SNOW}'", id="an unknown character"),
        pytest.param("{{ 1a }}", 1, 4, "the end of the tag was expected, not 'a'", id="a name that begins with a digit"),
        pytest.param(
            "{{ a\U0001f40d }}", 1, 3, "unexpected '\U0001f40d'; a name is made of letters, digits and '_'", id="no letter"
        ),
        pytest.param("{{ a.'b' }}", 1, 5, "a name or a number was expected behind the dot, not the text 'b'", id="no attribute"),
        pytest.param("{{ a|'b' }}", 1, 5, "a filter's name was expected, not the text 'b'", id="no filter"),
        pytest.param("{{ a is 1 }}", 1, 8, "a test's name was expected, not the number 1", id="no test"),
        pytest.param("{{ a is b is c }}", 1, 10, "one test cannot follow another; join them with 'and'", id="tests in a row"),
        pytest.param(
            "{{ f(*a, b) }}", 1, 9, "an argument without a name stands before all with a name and before '*'", id="late"
        ),
        pytest.param("{{ f(**a, b=1) }}", 1, 10, "nothing may follow the '**' argument", id="behind **"),
        pytest.param("{{ f(*a, *b) }}", 1, 9, "one '*' argument is allowed, and it stands before '**'", id="two stars"),
        pytest.param("{{ a|b:-c }}", 1, 8, "a number was expected behind the sign, not 'c'", id="a sign before a word"),
        pytest.param("{{ " + "9" * 5_000 + " }}", 1, 3, "this number has more digits than can be read", id="digits"),
        pytest.param(
            "{{ 0x" + "f" * 5_000 + " }}", 1, 3, "this number has more digits than can be read", id="hexadecimal digits"
        ),
        pytest.param("{% set true = 1 %}", 1, 7, "'true' is a constant and cannot be assigned to", id="a constant"),
        pytest.param("{% for none in a %}", 1, 7, "'none' is a constant and cannot be assigned to", id="a constant in a loop"),
        pytest.param("{% set = 1 %}", 1, 7, "a name to assign to was expected, not '='", id="no target"),
        pytest.param("{% for %}", 1, 7, "a name to assign to was expected, not the end of the tag ('%}')", id="no loop variable"),
        pytest.param(
            "{% set a[0] = 1 %}",
            1,
            8,
            "'=' or the end of the tag was expected, not '['; only names and namespace.attribute can be set",
            id="an item",
        ),
        pytest.param("{% for a.b in c %}", 1, 8, "'in' was expected, not '.'", id="a namespace in a loop"),
        pytest.param("{% if %}{% endif %}", 1, 6, "a value was expected, not the end of the tag ('%}')", id="no condition"),
        pytest.param("{% 1 %}", 1, 3, "a tag's name was expected, not the number 1", id="no tag"),
        pytest.param("{% block a-b %}", 1, 10, "a block's name cannot contain '-'; write '_' instead", id="hyphen"),
        pytest.param(
            "{% block a %}\n{% endblock b %}", 2, 12, "'endblock b' closes the block 'a' of line 1", id="another block's end"
        ),
        pytest.param(
            "{% block a %}{% endblock %}\n{% block a %}{% endblock %}",
            2,
            9,
            "the block 'a' is there twice, first on line 1",
            id="a block twice",
        ),
        pytest.param(
            "{% block a required %}b{% endblock %}",
            1,
            35,
            "the block 'a' is required, so that it may contain only comments and white space here",
            id="a required block with text",
        ),
        pytest.param(
            "{% for a in b %}{% extends c %}{% endfor %}",
            1,
            19,
            "'extends' cannot stand inside of the 'for' of line 1; only 'if' may be around",
            id="extends in a loop",
        ),
        pytest.param(
            "{% from a import _b %}", 1, 17, "'_b' cannot be imported: names that begin with '_' are a template's own", id="_"
        ),
        pytest.param(
            "{% from a import b, %}", 1, 20, "a name to assign to was expected, not the end of the tag ('%}')", id="comma"
        ),
        pytest.param("{% macro m(a=1, b) %}", 1, 17, "the parameter 'b' has no default, but one before it has", id="no default"),
        pytest.param("{% macro m(a, a) %}", 1, 14, "there are two parameters 'a'", id="a parameter twice"),
        pytest.param(
            "{% macro m(caller) %}{{ caller() }}{% endmacro %}",
            1,
            3,
            "the parameter 'caller' needs a default, or may be left out: a call block fills it",
            id="caller without a default",
        ),
        pytest.param(
            "{% call a %}{% endcall %}",
            1,
            3,
            "a call of a macro was expected behind 'call', such as {% call dialog() %}",
            id="no call",
        ),
        pytest.param("{% break %}", 1, 3, "'break' stands outside of a loop", id="break alone"),
        pytest.param(
            "{% for a in b %}{% else %}{% continue %}{% endfor %}",
            1,
            29,
            "'continue' stands outside of a loop",
            id="continue in else",
        ),
        pytest.param(
            "{% for a in b %}{% call c() %}{% break %}{% endcall %}{% endfor %}",
            1,
            33,
            "'break' stands outside of a loop, and none around the 'call' of line 1 can be left from inside of it",
            id="break out of a call",
        ),
        pytest.param("{% context a, a %}", 1, 14, "'a' is declared twice", id="declared twice"),
        pytest.param("{% context a: = 1 %}", 1, 14, "a type was expected, not '='", id="no type"),
        pytest.param("a {# b", 1, 2, "this comment is not closed; '#}' was expected", id="comment"),
        pytest.param("a\n{% raw %} b", 2, 0, "this 'raw' is not closed; 'endraw' was expected", id="raw"),
    ],
)
def test_a_mistake_is_told_where_it_stands(source: str, line: int, column: int, message: str) -> None:
    with pytest.raises(TemplateSyntaxError) as caught:
        parse(source)

    assert (caught.value.line, caught.value.column, caught.value.message) == (line, column, message)


def test_the_first_mistake_is_told() -> None:
    with pytest.raises(TemplateSyntaxError, match="was expected, not 'b'"):
        parse("{{ a b }}\n{{ 'c }}")


def test_an_error_knows_its_template() -> None:
    with pytest.raises(UnknownNameError) as caught:
        parse("a\r\n{% b %}", name="page.html", filename="/srv/page.html")

    assert (caught.value.name, caught.value.filename, caught.value.source) == ("page.html", "/srv/page.html", "a\n{% b %}")
    assert str(caught.value).splitlines()[1:] == ["  page.html, line 2, column 4", "    {% b %}", "       ^"]


def test_a_form_feed_ends_no_line() -> None:
    with pytest.raises(TemplateSyntaxError) as caught:
        parse("a\x0cb\u2028c\n{% d %}")

    assert str(caught.value).splitlines()[-2:] == ["    {% d %}", "       ^"]


def test_the_end_of_a_line_statement_is_named() -> None:
    with pytest.raises(TemplateSyntaxError, match="not the end of the line"):
        parse("% if\n", syntax=Syntax(line_statement_prefix="%"))


def test_a_misplaced_argument_of_a_long_call_is_told_on_the_line_of_its_bracket() -> None:
    with pytest.raises(TemplateSyntaxError) as caught:
        parse("{{ f(*a,\n  b) }}")

    assert (caught.value.line, caught.value.column) == (1, 4)


@each(
    ("source", "told"),
    [
        ("{% if a && b %}", "write `and`"),
        ("{% if a || b %}", "write `or`"),
        ("{% if !a %}", "write `not`"),
        ("{{ a ? b : c }}", "write `{{ a if test else b }}`"),
        ("{% if a = 1 %}", "to compare, write `==`"),
        ("{% if a === 1 %}", "to compare, write `==`"),
        ("{% if a %}{% elseif b %}", "write `elif`"),
        ("{% if a %}{% else if b %}", "write `elif`"),
        ("{{ a }", "an output ends with `}}`, a tag with `%}`"),
        ("{% load static %}", "need no loading"),
        ("{% url 'home' %}", "write `{{ url_for("),
        ("{% csrf_token %}", "write `{{ csrf_field }}`"),
        ("{% for a in b %}{% empty %}", "write `else`"),
        ("{% comment %}", "write `{# … #}`"),
    ],
)
def test_who_comes_from_another_language_is_told_what_to_write(source: str, told: str) -> None:
    with pytest.raises(TemplateSyntaxError) as raised:
        parse(source)
    assert told in raised.value.message
