"""Filters for markup."""

from typing import Any

import pytest
from markupsafe import Markup

from martlet.templates.escaping.safe import EncodedURLPart, RenderedAttributes
from martlet.templates.runtime import Undefined
from tests.rows import each
from tests.templates.stand_in import apply


class Rendered:
    def __html__(self) -> str:
        return "<b>"


@each(
    ("name", "value", "expected"),
    [
        ("escape", """'<">&'""", "&#39;&lt;&#34;&gt;&amp;&#39;"),
        ("e", Markup("<b>"), "<b>"),
        ("escape", Rendered(), "<b>"),
        ("forceescape", Markup("<div />"), "&lt;div /&gt;"),
        ("forceescape", Rendered(), "&lt;b&gt;"),
        ("forceescape", 1, "1"),
        ("safe", "<div>", "<div>"),
        ("safe", Rendered(), "<b>"),
    ],
)
def test_markup_is_made(name: str, value: Any, expected: str) -> None:
    made = apply(name, value)

    assert made == expected
    assert isinstance(made, Markup)


def test_tags_and_comments_are_taken_out() -> None:
    page = '  <p>just a small   \n <a href="#">example</a> link</p>\n<p>to a page</p> <!-- <p>and a comment</p> -->'

    assert apply("striptags", page) == "just a small example link to a page"
    assert apply("striptags", Markup("<b>a &lt; b</b>")) == "a < b"
    assert apply("striptags", Rendered()) == ""


def test_attributes_are_written_with_their_values_escaped() -> None:
    values = {"foo": 42, "bar": 23, "fish": None, "spam": Undefined(name="missing"), "blub:blub": '<?">'}

    plain, escaped = apply("xmlattr", values), apply("xmlattr", values, autoescape=True)

    assert plain == escaped == ' foo="42" bar="23" blub:blub="&lt;?&#34;&gt;"'
    assert type(plain) is str
    assert type(escaped) is RenderedAttributes
    assert apply("xmlattr", {"a": Markup("<b>")}, autospace=False) == 'a="<b>"'
    assert apply("xmlattr", {}) == ""


@each("name", ["", *(f"class{character}onclick=alert(1)" for character in "\t\n\f\r />="), "a\x0bb"])
def test_a_name_that_is_more_than_one_attribute_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="Invalid character in attribute name"):
        apply("xmlattr", {name: "my_class"})


@each(
    ("value", "expected"),
    [
        ("Hello, world!", "Hello%2C%20world%21"),
        ("Hello, world\u203d", "Hello%2C%20world%E2%80%BD"),
        ({"f": 1}, "f=1"),
        ([("f", 1), ("z", 2)], "f=1&z=2"),
        ({"\u203d": 1}, "%E2%80%BD=1"),
        ({0: 1}, "0=1"),
        ([("a b/c", "a b/c")], "a+b%2Fc=a+b%2Fc"),
        ("a b/c", "a%20b/c"),
        (42, "42"),
        ({"b": b"\xff"}, "b=%FF"),
    ],
)
def test_urls_are_encoded_once(value: Any, expected: str) -> None:
    encoded = apply("urlencode", value)

    assert encoded == expected
    assert type(encoded) is EncodedURLPart
