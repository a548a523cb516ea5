"""What each escaper makes of values: by tables, and by what must hold for every value."""

import datetime
import html
import json
import re
from dataclasses import dataclass
from enum import Enum
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from martlet.templates.errors import UndefinedError
from martlet.templates.escaping import (
    ESCAPERS,
    EncodedURLPart,
    Escapers,
    EscapingRules,
    JSONText,
    RenderedAttributes,
    SafeAttributes,
    SafeCSS,
    SafeHTML,
    SafeJS,
    SafeJSString,
    SafeSrcset,
    SafeURL,
)
from martlet.templates.runtime.undefined import StrictUndefined, Undefined
from tests.rows import each

BLOCKED = "zBlocked"
BLOCKED_URL = "#zBlocked"


class Colour(Enum):
    RED = "red"


@dataclass
class Point:
    x: int
    y: int


class Widget:
    def __html__(self) -> str:
        return "<b>w</b>"

    def __str__(self) -> str:
        return "a <widget>"


class Money:
    def __json__(self) -> str:
        return '{ "amount": 1 }'


PAGE: list[tuple[str, Any, str]] = [
    ("html", "<b>", "&lt;b&gt;"),
    ("html", SafeHTML("<b>"), "<b>"),
    ("html", Widget(), "<b>w</b>"),
    ("html", 3, "3"),
    ("html", None, "None"),
    ("html", SafeURL("<b>"), "&lt;b&gt;"),
    ("html", SafeAttributes(' dir="ltr"'), " dir=&#34;ltr&#34;"),
    ("html", RenderedAttributes(' dir="ltr"'), ' dir="ltr"'),
    ("html", JSONText('"a"'), '"a"'),
    ("plain", SafeHTML("<b>"), "<b>"),
    ("nothing", "<b>", ""),
    ("attribute", SafeHTML("<b title='>'>x</b> &amp; \"y\""), "x &amp; &#34;y&#34;"),
    ("attribute", SafeHTML("a<script>b</script>c<!-- d -->e<style>f</style>"), "ace"),
    ("attribute", SafeHTML("a <3 b"), "a &lt;3 b"),
    ("attribute", Widget(), "w"),
    ("attribute", SafeJS("<b>"), "&lt;b&gt;"),
    ("rcdata", SafeHTML("<b>&amp;"), "&lt;b&gt;&amp;"),
    ("unquoted", "a b=`c'\"", "a&#32;b&#61;&#96;c&#39;&#34;"),
    ("unquoted", "", ""),
    ("unquoted_start", "", BLOCKED),
    ("unquoted_whole", "", '""'),
    ("unquoted_whole", SafeHTML("<b></b>"), '""'),
    ("comment", "--><b>", "&#45;&#45;&gt;&lt;b&gt;"),
    ("cdata", ">]]>", "]]><![CDATA[>]]]><![CDATA[]]]><![CDATA[>"),
    ("attribute_name", "title", "title"),
    ("attribute_name", "data-x", BLOCKED),
    ("attribute_name", "OnClick", BLOCKED),
    ("attribute_name", "srcdoc", BLOCKED),
    ("attribute_name", "type", BLOCKED),
    ("attribute_name", SafeAttributes('dir="ltr"'), 'dir="ltr"'),
    ("attribute_flag", "", ""),
    ("attribute_flag", "checked", "checked"),
    ("attribute_flag", 'x="1"', BLOCKED),
    ("attribute_name_after_6f", "nclick", BLOCKED),
    ("attribute_name_after_6f", "range", "range"),
    ("tag_name_part", "2", "2"),
    ("tag_name_part", "2 onclick", BLOCKED),
    ("tag_digits", "cript", BLOCKED),
    ("tag_digits", RenderedAttributes(' a="1"'), ' a="1"'),
    ("trigger", "click[alert(1)]", BLOCKED),
]
URLS: list[tuple[str, Any, str]] = [
    ("url", "/a b?c=d&e=é#f", "/a%20b?c=d&e=%C3%A9#f"),
    ("url", "HTTPS://example.com/", "HTTPS://example.com/"),
    ("url", "tel:+49123", "tel:+49123"),
    ("url", "java\tscript:alert(1)", BLOCKED_URL),
    ("url", "\x01javascript:alert(1)", BLOCKED_URL),
    ("url", "data:image/png;base64,aa", BLOCKED_URL),
    ("url", "?q=a:b", "?q=a:b"),
    ("url", SafeURL("javascript:f('x')"), "javascript:f%28%27x%27%29"),
    ("url", SafeHTML("javascript:f()"), BLOCKED_URL),
    ("image_url", "data:image/png;base64,aa", "data:image/png;base64,aa"),
    ("image_url", "data:text/html,aa", BLOCKED_URL),
    ("code_url", "/app.js", "/app.js"),
    ("code_url", "app.js?v=1", "app.js?v=1"),
    ("code_url", "https://evil.example/", BLOCKED_URL),
    ("code_url", "\\\\evil.example", BLOCKED_URL),
    ("code_url", "/\t/evil.example", BLOCKED_URL),
    ("code_url", SafeURL("https://cdn.example/x.js"), "https://cdn.example/x.js"),
    ("url_open", "script:alert(1)", BLOCKED_URL),
    ("url_open", ":alert(1)", BLOCKED_URL),
    ("url_after_slash", "/evil.example", "%2Fevil.example"),
    ("url_after_slash", "\\evil.example", "%5Cevil.example"),
    ("url_after_slash", "", "."),
    ("url_after_slash_alone", "", ""),
    ("url_scheme", "https", "https"),
    ("url_scheme", "javascript", BLOCKED_URL),
    ("url_host", "evil.example", BLOCKED),
    ("url_path", "100%&%41", "100%25&%41"),
    ("url_component", "a/b?c&d=e", "a%2Fb%3Fc%26d%3De"),
    ("url_component", EncodedURLPart("a%26b"), "a%26b"),
    ("srcset", "/a.png 1x, /b.png 200w", "/a.png 1x, /b.png 200w"),
    ("srcset", "javascript:x 1x, /b.png", "#zBlocked, /b.png"),
    ("srcset", "/a.png onerror=x", BLOCKED_URL),
    ("srcset", SafeSrcset("x:y 1x"), "x:y 1x"),
    ("meta", "5; url=javascript:x", "5; url=#zBlocked"),
    ("meta", "5;javascript:x", "5;#zBlocked"),
    ("meta", "width=device-width; a:b", "width=device-width; a:b"),
    ("meta_url", "url=javascript:x", BLOCKED_URL),
    ("meta_url", "'javascript:x", BLOCKED_URL),
    ("smil", "a;javascript:x;b", BLOCKED_URL),
    ("smil", "0;1;0", "0;1;0"),
]
SCRIPTS: list[tuple[str, Any, str]] = [
    ("script", "it's", '"it\'s"'),
    ("script", "</script>\u2028&", '"\\u003c/script\\u003e\\u2028\\u0026"'),
    ("script", 42, " 42 "),
    ("script", -1.5, " -1.5 "),
    ("script", True, " true "),
    ("script", None, " null "),
    ("script", float("nan"), " null "),
    ("script", [1, "<", None], '[1,"\\u003c",null]'),
    ("script", {"a": (1, 2)}, '{"a":[1,2]}'),
    ("script", {1: {2}}, '{"1":[2]}'),
    ("script", Colour.RED, '"red"'),
    ("script", Point(1, 2), '{"x":1,"y":2}'),
    ("script", Money(), '{"amount":1}'),
    ("script", Widget(), '"a \\u003cwidget\\u003e"'),
    ("script", datetime.date(2026, 1, 2), '"2026-01-02"'),
    ("script", Undefined(name="x"), " null "),
    ("script", SafeHTML("<b>"), '"\\u003cb\\u003e"'),
    ("script", SafeJS("f(x)"), "f(x)"),
    ("script", SafeJSString("a\\n"), '"a\\n"'),
    ("script", JSONText('{"a":1}'), '{"a":1}'),
    ("script", {(1, 2): 3}, " null "),
    ("json", SafeJS("f(x)"), '"f(x)"'),
    ("json", JSONText("[1]"), "[1]"),
    ("script_string", "a\\'\"\n</script>", "a\\\\\\u0027\\u0022\\n\\u003c\\/script\\u003e"),
    ("script_string", SafeJSString("a\\n'"), "a\\n\\u0027"),
    ("script_template", "`${x}", "\\u0060\\u0024\\u007bx\\u007d"),
    ("script_regexp", "a.b/c[", "a\\.b\\/c\\["),
    ("script_regexp", "", "(?:)"),
]
STYLES: list[tuple[str, Any, str]] = [
    ("style", "#fff", "#fff"),
    ("style", "12.5px", "12.5px"),
    ("style", "red; x: y", BLOCKED),
    ("style", "ex\\70 ression", BLOCKED),
    ("style", "-moz-binding", BLOCKED),
    ("style", "a--b", BLOCKED),
    ("style", "</style>", BLOCKED),
    ("style", SafeCSS("url(x)"), "url(x)"),
    ("style_string", "a'</style>b", "a\\27\\3c\\2fstyle\\3e b"),
]


VALUES = PAGE + URLS + SCRIPTS + STYLES


@each(
    ("name", "value", "written"),
    VALUES,
    ids=[f"{number}-{name}-{type(value).__name__}" for number, (name, value, _) in enumerate(VALUES)],
)
def test_a_value_is_written_so(name: str, value: Any, written: str) -> None:
    made = ESCAPERS[name](value)

    assert made == written
    assert type(made) is str


def test_a_strict_missing_value_says_so_in_a_script() -> None:
    with pytest.raises(UndefinedError):
        ESCAPERS["script"](StrictUndefined(name="x"))


def test_two_escapers_in_a_row_have_one_name() -> None:
    assert ESCAPERS["script_in_attribute"]("'") == "&#34;&#39;&#34;"
    assert ESCAPERS["html_in_attribute"]("<") == "&amp;lt;"


def test_an_escaper_that_is_not_there_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        ESCAPERS["nonsense"]


def test_schemes_and_image_types_are_the_applications() -> None:
    escapers = Escapers(EscapingRules(schemes=frozenset({"app"}), image_types=frozenset({"x-own"})))

    assert escapers["url"]("app:x") == "app:x"
    assert escapers["url"]("https://example.com") == BLOCKED_URL
    assert escapers["image_url"]("data:image/x-own,a") == "data:image/x-own,a"
    assert escapers["image_url"]("data:image/png,a") == BLOCKED_URL


# Laws

Texts = st.text() | st.text(alphabet="<>&\"'`=-/\\;:(){}[]$!*\u2028\n\r\t aA0")


@given(Texts)
def test_what_is_escaped_for_a_page_reads_back_as_the_value(text: str) -> None:
    for name in ("html", "attribute", "rcdata"):
        written = ESCAPERS[name](text)
        assert not re.search("[<>\"']", written)
        assert html.unescape(written) == html.unescape(html.escape(text))


@given(Texts)
def test_what_is_escaped_without_quotes_has_nothing_that_ends_it(text: str) -> None:
    assert not re.search("[\\s\"'`=<>]", ESCAPERS["unquoted"](text), re.ASCII)


@given(Texts)
def test_what_is_a_script_string_reads_back_as_the_value(text: str) -> None:
    written = ESCAPERS["script_string"](text)

    assert not re.search("[<>&\"'`\u2028\u2029\n\r]", written)
    assert json.loads(f'"{written}"', strict=False) == text


@given(
    st.recursive(st.none() | st.booleans() | st.integers() | Texts, lambda inner: st.lists(inner) | st.dictionaries(Texts, inner))
)
def test_what_is_a_script_value_reads_back_as_the_value(value: Any) -> None:
    written = ESCAPERS["script"](value)

    assert not re.search("[<>&\u2028\u2029]", written)
    assert json.loads(written, strict=False) == value


@given(Texts)
def test_a_component_of_a_url_reads_back_as_the_value(text: str) -> None:
    written = ESCAPERS["url_component"](text)

    assert re.fullmatch(r"[\w.~%-]*", written, re.ASCII)
    assert unquote(written) == text


@given(st.text(alphabet="javscriptdhtp:/\\?#\t\n \x01%&"))
def test_no_value_that_begins_a_url_brings_a_scheme_of_its_own(text: str) -> None:
    for name in ("url", "image_url", "code_url", "url_open", "url_after_slash"):
        written = re.sub(r"[\t\n\r]|^[\x00-\x20]+", "", ESCAPERS[name](text))
        scheme = re.match(r"([a-z][\w+.-]*):", written, re.IGNORECASE)
        assert scheme is None or scheme[1].lower() in {"http", "https"} or name == "url_after_slash"


@given(Texts)
def test_a_style_value_holds_nothing_that_ends_anything(text: str) -> None:
    for name in ("style", "style_string"):
        assert not re.search("[\"'<>(){};\n]", ESCAPERS[name](text).replace("\n", "" if name == "style" else "\n"))


@given(Texts)
def test_whether_a_value_needs_work_makes_no_difference(text: str) -> None:
    """A clean value takes the short way: beside a character that is not, it must come out the same."""
    for name, dirty in (
        ("script", "<"),
        ("script_string", "<"),
        ("script_template", "<"),
        ("script_regexp", "<"),
        ("style_string", "<"),
    ):
        escaper = ESCAPERS[name]
        alone, both = escaper(text).strip('"'), escaper(dirty + "~" + text).strip('"')
        if text and not text.endswith('"') and not text.startswith('"'):
            assert both.endswith(alone)


@pytest.mark.parametrize("name", sorted(ESCAPERS.keys() - {"tag_name", "xml_tag_name"}))  # of no other value a page can be made
@settings(max_examples=20)
@given(value=Texts)
def test_no_escaper_fails_on_any_text(name: str, value: str) -> None:
    assert type(ESCAPERS[name](value)) is str
