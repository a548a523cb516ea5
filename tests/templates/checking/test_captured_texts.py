"""Texts of HTML where code is wanted are found before anybody wonders about the quotes around them."""

from tests.rows import each
from tests.templates.checking.findings import found_in

MACRO = "{% macro init(n) %}start({{ n }});{% endmacro %}"


@each(
    ("source", "told"),
    [
        (MACRO + "<script>{{ init(1) }}</script>", "in a script becomes a string"),
        (MACRO + "<style>{{ init(1) }}</style>", "in a style sheet is a value"),
        (MACRO + "<p onclick='{{ init(1) }}'>", "in a script becomes a string"),
        ("{% set code %}a();{% endset %}<script>{{ code }}</script>", "in a script becomes a string"),
        (
            "{% macro m() %}<script>{{ caller() }}</script>{% endmacro %}{% call m() %}a{% endcall %}",
            "in a script becomes a string",
        ),
        ("<script>{% filter upper %}a();{% endfilter %}</script>", "in a script becomes a string"),
        ("{% macro m() %}a{% endmacro %}<script type=application/json>{{ m() }}</script>", "in JSON becomes a string"),
        ("<script>{% call f() %}a();{% endcall %}</script>", "in a script becomes a string"),
    ],
)
def test_a_text_of_html_is_no_code(source: str, told: str) -> None:
    (message,) = found_in(source, globals={"f": str})

    assert message.startswith(f"what this writes is a text of HTML, and {told}: write the code here, ")


@each(
    "source",
    [
        MACRO + "<p>{{ init(1) }}</p><p title='{{ init(1) }}'>",
        MACRO + "<script>f('{{ init(1) }}')</script>",
        "<script>{{ f(1) }}; {{ code }}</script>",
        "{% block a %}<script>{% block b %}f();{% endblock %}</script>{% endblock %}",
    ],
)
def test_a_text_where_one_is_wanted_is_not_told_of(source: str) -> None:
    assert found_in(source, globals={"f": str}) == []


def test_markup_between_attributes_has_no_effect() -> None:
    (message,) = found_in("<input {{ attrs | safe }}>")

    assert message.startswith("'safe' has no effect in a tag: ")
    assert found_in("<input {{ ('checked' | safe) if x }}><{{ tag | safe }}>") == []
