"""A translation is one message with its variables, however it is laid out in the template."""

import pytest

from martlet.templates.errors import TemplateSyntaxError
from martlet.templates.syntax import Syntax, parse
from martlet.templates.syntax.nodes import Translation
from tests.rows import each
from tests.templates.syntax.written import statement, written


def translation(source: str) -> Translation:
    node = statement(source)
    assert isinstance(node, Translation)
    return node


def test_a_message_has_placeholders_for_its_variables() -> None:
    node = translation("{% trans %}Hello {{ user }}, 100% {{ b }}{% endtrans %}")

    assert (node.singular, node.plural, node.count, node.context) == ("Hello %(user)s, 100%% %(b)s", None, None, None)
    assert [(name, written(value)) for name, value in node.variables] == [("user", "user"), ("b", "b")]


def test_variables_are_given_in_the_tag() -> None:
    node = translation("{% trans a=b.c|length, d, e=1, : %}{{ f }}{% endtrans %}")

    assert [(name, written(value)) for name, value in node.variables] == [
        ("a", "b.c|length()"),
        ("d", "d"),
        ("e", "1"),
        ("f", "f"),
    ]


@pytest.mark.parametrize(
    ("source", "count"),
    [
        pytest.param("{% trans a, b %}1{% pluralize %}2{% endtrans %}", "a", id="the first that is declared"),
        pytest.param("{% trans %}{{ b }} {{ a }}{% pluralize %}2{% endtrans %}", "b", id="else the first that is used"),
        pytest.param("{% trans a, b=1 %}1{% pluralize b %}2{% endtrans %}", "b", id="the one that is named"),
    ],
)
def test_a_variable_chooses_the_plural(source: str, count: str) -> None:
    node = translation(source)

    assert (node.count, node.plural) == (count, "2")


def test_a_text_is_the_messages_context() -> None:
    assert translation("{% trans 'menu' a=1 %}File{% endtrans %}").context == "menu"


@each(
    ("heading", "trim", "message"),
    [
        pytest.param("trimmed", False, "a b c", id="trimmed"),
        pytest.param("notrimmed", True, "\n  a\n\n b c ", id="not trimmed"),
        pytest.param("", True, "a b c", id="trimmed by the syntax"),
        pytest.param("", False, "\n  a\n\n b c ", id="as it stands"),
        pytest.param("trimmed d=1", False, "a b c", id="before variables"),
    ],
)
def test_lines_are_joined_on_request(heading: str, trim: bool, message: str) -> None:
    (node,) = parse("{% trans " + heading + " %}\n  a\n\n b c {% endtrans %}", syntax=Syntax(trim_translations=trim)).body

    assert isinstance(node, Translation)
    assert node.singular == message


def test_the_plural_is_joined_too() -> None:
    assert translation("{% trans trimmed a %}b{% pluralize %}\n c\n d{% endtrans %}").plural == "c d"


def test_a_variable_may_be_called_trimmed() -> None:
    node = translation("{% trans trimmed trimmed=1 %}{% endtrans %}")

    assert [name for name, _ in node.variables] == ["trimmed"]


@each(
    ("source", "message"),
    [
        pytest.param("{% trans a, a %}{% endtrans %}", "the variable 'a' is there twice", id="twice declared"),
        pytest.param("{% trans %}{% if a %}", "'if' cannot stand inside of 'trans'", id="another tag"),
        pytest.param("{% trans %}{% trans %}", "was 'endtrans' meant", id="nested"),
        pytest.param("{% trans a %}{% pluralize %}{% pluralize %}", "'pluralize' is there twice", id="two plurals"),
        pytest.param("{% trans a %}{% pluralize b %}{% endtrans %}", "no variable 'b'", id="plural by an unknown variable"),
        pytest.param("{% trans %}{% pluralize %}{% endtrans %}", "needs a variable that counts", id="plural without variables"),
        pytest.param("{% trans %}{{ a.b }}{% endtrans %}", "only a name may stand", id="no name"),
        pytest.param("{% trans %}a", "'trans', opened on line 1, is still open", id="not closed"),
        pytest.param("{% trans %}{{ 1 }}", "a variable's name was expected, not the number 1", id="a number"),
    ],
)
def test_what_translators_could_not_read_is_refused(source: str, message: str) -> None:
    with pytest.raises(TemplateSyntaxError, match=message):
        parse(source)
