"""Text between tags is written as it stands, but for the white space that a template asks to drop."""

import pytest

from martlet.templates.errors import TemplateSyntaxError
from martlet.templates.syntax import Syntax, parse
from tests.rows import each
from tests.templates.syntax.written import text

DO = "{% do 1 %}"


@each(
    ("source", "left"),
    [
        pytest.param("a {{ b }} c", "a <b> c", id="kept"),
        pytest.param("a {{- b -}} c", "a<b>c", id="minus on both sides"),
        pytest.param("a \n {%- do 1 -%} \n c", "ac", id="minus at a tag"),
        pytest.param("a {#- b -#} c", "ac", id="minus at a comment"),
        pytest.param("a {%+ do 1 +%} c", "a  c", id="plus"),
        pytest.param("a {%- raw -%} {{ b }} {%- endraw -%} c", "a{{ b }}c", id="minus around raw"),
        pytest.param("{% raw %}{% raw %}{{ a }}{# b{% endraw %}", "{% raw %}{{ a }}{# b", id="raw holds anything"),
        pytest.param("{%raw%} {%   endraw   %}", " ", id="raw without spaces"),
        pytest.param("a{# {{ b }} {% c #}d", "ad", id="a comment holds anything"),
        pytest.param("a { b } % # {", "a { b } % # {", id="single marks are text"),
        pytest.param("{{ {'a': {'b': 1}}.a }}", "<{'a': {'b': 1}}.a>", id="a dict's end is not the tag's"),
        pytest.param("a\nb\n", "a\nb", id="the last line end is dropped"),
        pytest.param("a\n\n", "a\n", id="but only one"),
        pytest.param("a\r\nb\rc\r\n", "a\nb\nc", id="line ends are one character"),
        pytest.param("", "", id="empty"),
    ],
)
def test_text_is_kept(source: str, left: str) -> None:
    assert text(source) == left


@each(
    ("source", "left"),
    [
        pytest.param(f"  {DO}\n  {DO}\na", "a", id="lines of tags vanish"),
        pytest.param(f"  a {DO}\nb", "  a b", id="white space behind text stays"),
        pytest.param(f"  {DO} a", " a", id="and so does what follows on the line"),
        pytest.param("  {%+ do 1 +%}\na", "  \na", id="plus keeps both"),
        pytest.param("  {{ a }}\nb", "  <a>\nb", id="output is left alone"),
        pytest.param("  {# a #}\nb", "b", id="comments are treated as tags"),
        pytest.param("  {# a +#}\nb", "\nb", id="plus at a comment"),
        pytest.param("a\n  {% raw %}\n  b\n  {% endraw %}\nc", "a\n\n  b\nc", id="raw keeps the line end behind its beginning"),
        pytest.param(f"{DO}  {DO}a", "  a", id="white space between two tags of a line stays"),
        pytest.param(f"\n\n{DO}", "\n\n", id="empty lines stay"),
    ],
)
def test_whole_lines_are_dropped_on_request(source: str, left: str) -> None:
    assert text(source, trim_blocks=True, lstrip_blocks=True) == left


def test_line_ends_are_written_as_asked_for() -> None:
    assert text("a\nb{{ 'c\nd\\n' }}{% raw %}\n{% endraw %}", newline="\r\n") == "a\r\nb<'c\\r\\nd\\n'>\r\n"


def test_the_last_line_end_is_kept_on_request() -> None:
    assert text("a\n", keep_trailing_newline=True) == "a\n"


@each(
    ("source", "left"),
    [
        pytest.param("% do 1\na", "a", id="a line that is a tag"),
        pytest.param("  % do 1\n\n\n  a", "  a", id="takes empty lines with it"),
        pytest.param("a\n%- do 1\nb", "ab", id="minus"),
        pytest.param("% do [1,\n  2]\na", "a", id="goes on within brackets"),
        pytest.param("a % b\n%do 1", "a % b\n", id="only at the beginning of a line"),
        pytest.param("% do '\n'\na", "a", id="a line end in a text"),
        pytest.param("a ## b\nc", "a\nc", id="comment behind text"),
        pytest.param("a\n  ## b\nc", "a\n\nc", id="comment on a line"),
        pytest.param("% if a:\nb\n% endif", "", id="a colon at the end"),
    ],
)
def test_lines_may_be_tags_and_comments(source: str, left: str) -> None:
    assert text(source, line_statement_prefix="%", line_comment_prefix="##") == left


@each(
    ("marks", "source"),
    [
        pytest.param(("<?", "?>", "<?=", "?>", "<!--", "-->"), "<!-- a --><?= b ?><? do 1 ?>", id="PHP"),
        pytest.param(("<%", "%>", "<%=", "%>", "<%#", "%>"), "<%# a %><%= b %><% do 1 %>", id="ERB"),
        pytest.param(("<!--", "-->", "${", "}", "<!--#", "-->"), "<!--# a -->${b}<!--- do 1 --->", id="comments as tags"),
        pytest.param(("«%", "%»", "«", "»", "«#", "#»"), "«# a #»«b»«% do 1 %»", id="other characters"),
    ],
)
def test_marks_may_be_others(marks: tuple[str, ...], source: str) -> None:
    names = ("block_start", "block_end", "variable_start", "variable_end", "comment_start", "comment_end")

    assert text(source, **dict(zip(names, marks, strict=True))) == "<b>"


@each(
    "options",
    [
        pytest.param({"block_start": ""}, id="empty mark"),
        pytest.param({"line_comment_prefix": ""}, id="empty prefix"),
        pytest.param({"block_start": "{{"}, id="two marks alike"),
        pytest.param({"newline": "\n\n"}, id="no line end"),
    ],
)
def test_marks_that_cannot_work_are_refused(options: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"mark|must differ|newline"):
        Syntax(**options)  # type: ignore[arg-type]


def test_a_plus_at_the_end_of_raw_is_refused() -> None:
    with pytest.raises(TemplateSyntaxError, match=r"'raw' has nothing behind its name, and no '\+' at its end"):
        parse("{% raw +%}{% endraw %}")
