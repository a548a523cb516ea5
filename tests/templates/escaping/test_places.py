"""What a text leads to: the state behind it, and what the scanners know there."""

import time

import pytest

from martlet.templates.escaping import EscapingRules, Kind, Place, start_place
from martlet.templates.escaping.attribute_kinds import attribute_kind
from martlet.templates.escaping.html import advance
from martlet.templates.escaping.places import Part, Slash, State, describe
from martlet.templates.escaping.refusals import RefusalError
from martlet.templates.escaping.rules import script_kind
from martlet.templates.escaping.urls import follow_url
from tests.rows import each

STATES: list[tuple[str, State]] = [
    ("a < b", State.TEXT),
    ("<p", State.TAG_NAME),
    ("<p ", State.TAG),
    ("<p a", State.ATTRIBUTE_NAME),
    ("<p a ", State.AFTER_NAME),
    ("<p a=", State.BEFORE_VALUE),
    ("<p a = ", State.BEFORE_VALUE),
    ("<p a='", State.VALUE),
    ("<p a=b", State.VALUE),
    ("<p a=b ", State.TAG),
    ("<p a='b'", State.TAG),
    ("<p a='>'>", State.TEXT),
    ("<!-- <p ", State.COMMENT),
    ("<!-- a --!>", State.TEXT),
    ("<!DOCTYPE ", State.DECLARATION),
    ("<?xml version='1.0'?>", State.TEXT),
    ("<textarea><b>", State.RCDATA),
    ("<title></title ", State.TAG),
    ("<title></title>", State.TEXT),
    ("<iframe><b>", State.RAW),
    ("<a href='", State.URL),
    ("<A HREF='x'>", State.TEXT),
    ("<img srcset='", State.SRCSET),
    ("<meta content='", State.META),
    ("<meta content='5; url=", State.URL),
    ("<meta content='5; URL \t= /x", State.URL),
    ("<meta content='width=5; url=", State.META),
    ("<set to='", State.SMIL),
    ("<p hx-trigger='", State.TRIGGER),
    ("<iframe srcdoc='", State.SRCDOC),
    ("<script>", State.SCRIPT),
    ("<SCRIPT type=module>", State.SCRIPT),
    ("<script type='application/json'>", State.JSON),
    ('<script type=importmap>{"', State.JSON_STRING),
    ("<script type='text/x-template'><a href='", State.URL),
    ("<script type='x-shader/x-vertex'>a<b", State.RAW),
    ('<script>"</script>\'"', State.SCRIPT),
    ("<script>'a\\'", State.SCRIPT_SINGLE),
    ("<script>// a", State.SCRIPT_LINE),
    ("<script>// a\n", State.SCRIPT),
    ("<script>// a</script>", State.TEXT),
    ("<script>/* a", State.SCRIPT_BLOCK),
    ("<script>/* </script>", State.TEXT),
    ("<script>a\n--> b", State.SCRIPT_LINE),
    ("<script>a --> b", State.SCRIPT),
    ("<script><!-- a", State.SCRIPT_LINE),
    ("<script>`a", State.SCRIPT_TEMPLATE),
    ("<script>`a${ '`' + `${ b", State.SCRIPT),
    ("<script>`a${ {} }", State.SCRIPT_TEMPLATE),
    ("<script>/a[/]b", State.SCRIPT_REGEXP),
    ("<script>a /b", State.SCRIPT),
    ("<p onclick='\"", State.SCRIPT_DOUBLE),
    ("<p onclick='&quot;", State.SCRIPT_DOUBLE),
    ("<style>", State.STYLE),
    ("<style>/* a", State.STYLE_BLOCK),
    ("<style>'</style>", State.TEXT),
    ("<style>a{b:url(", State.STYLE_URL),
    ("<style>a{b:URL( '", State.STYLE_URL_SINGLE),
    ('<style>a{b:url(c) "', State.STYLE_DOUBLE),
    ("<p style='", State.STYLE),
    ("<p title='</script>", State.VALUE),
    ("</p title='", State.VALUE),
]


@each(("text", "state"), STATES, ids=[text for text, _ in STATES])
def test_a_text_leads_to_a_state(text: str, state: State) -> None:
    assert advance(Place(), text)[0].state is state


SLASHES: list[tuple[str, str]] = [
    ("a = ", "regexp"),
    ("a ", "divides"),
    ("a) ", "divides"),
    ("if (a) ", "regexp"),
    ("while (f(a)) ", "regexp"),
    ("f(a) ", "divides"),
    ("a[0] ", "divides"),
    ("a++ ", "divides"),
    ("a - ", "regexp"),
    ("return ", "regexp"),
    ("a.return ", "divides"),
    ("a?.in ", "divides"),
    ("this.#in ", "divides"),
    ("'a' ", "divides"),
    ("`a` ", "divides"),
    ("`${a}` ", "divides"),
    ("/a/g ", "divides"),
    ("1. ", "divides"),
    ("x = {} ", "divides"),
    ("f({a: {b: 1}}) ", "divides"),
    ("if (a) {} ", "regexp"),
    ("function f() {} ", "regexp"),
    ("() => {} ", "regexp"),
    ("...", "regexp"),
    ("a ? b : ", "regexp"),
    ("a // b\n ", "divides"),
    ("a /* b */ ", "divides"),
    ("else ", "regexp"),
    ("\\u0061 ", "divides"),
    ("a\u00a0\ufeff\u2028", "divides"),
]


@each(("code", "meaning"), SLASHES, ids=[code for code, _ in SLASHES])
def test_a_slash_means_what_the_token_before_it_makes_of_it(code: str, meaning: str) -> None:
    place, _ = advance(Place(), f"<script>{code}/")

    assert place.state is (State.SCRIPT_REGEXP if meaning == "regexp" else State.SCRIPT)


def test_a_regular_expression_does_not_go_over_the_end_of_a_line() -> None:
    place, _ = advance(Place(), "<script>x = {}\n} / 2\n'")

    assert place.state is State.SCRIPT_SINGLE


PARTS: list[tuple[str, Part]] = [
    ("", Part.START),
    (" ", Part.START),
    ("a", Part.OPEN),
    ("/", Part.SLASH),
    ("//", Part.AUTHORITY),
    ("//a/", Part.PATH),
    ("https://", Part.AUTHORITY),
    ("https://a/", Part.PATH),
    ("/a", Part.PATH),
    ("a/b", Part.PATH),
    ("mailto:", Part.PATH),
    ("/a?b", Part.QUERY),
    ("#", Part.QUERY),
    ("https://a?b", Part.QUERY),
    ("data:image/png,", Part.DATA),
    ("data:text/html,", Part.FORBIDDEN),
    ("vbscript:", Part.FORBIDDEN),
]


@each(("text", "part"), PARTS, ids=[text or "nothing" for text, _ in PARTS])
def test_a_text_leads_to_a_part_of_a_url(text: str, part: Part) -> None:
    assert follow_url(Part.START, text) is part


@pytest.mark.parametrize("text", ["javascript:f(", " JavaScript:f(", "java\nscript:f("])
def test_a_script_in_a_url_is_a_script(text: str) -> None:
    assert follow_url(Part.START, text) == "f("


REWRITTEN: list[tuple[str, str]] = [
    ("a < b <", "a &lt; b &lt;"),
    ("a<b>c", "a<b>c"),
    ("</", "&lt;/"),
    ("<textarea><b></textarea>", "<textarea>&lt;b></textarea>"),
    ("<p title='a&", "<p title='a&amp;"),
    ("<p title='&#", "<p title='&amp;#"),
    ("<p title='&amp;", "<p title='&amp;"),
    ("<script>'</script <!-- <script <b'", "<script>'\\x3C/script \\x3C!-- \\x3Cscript <b'"),
    ("<script>'</scr", "<script>'\\x3C/scr"),
    ("<script>/* <!-- */", "<script>/* < !-- */"),
    ("<script>a <", "<script>a < "),
    ("<script>a<!-- b\nc", "<script>a\nc"),
    ("<script>a/* b */c // d\ne", "<script>a/* b */c // d\ne"),
    ('<script type=importmap>{"a": "</script"', '<script type=importmap>{"a": "\\u003C/script"'),
    ('<script type=importmap>{"a": "<!--"', '<script type=importmap>{"a": "\\u003C!--"'),
    ("<style>url(<", "<style>url(%3C"),
    ("<style>a /* b */ c", "<style>a /* b */ c"),
    ("<!-- a < b -->", "<!-- a < b -->"),
]


@each(("text", "written"), REWRITTEN, ids=[text for text, _ in REWRITTEN])
def test_what_a_value_could_turn_into_markup_is_rewritten(text: str, written: str) -> None:
    assert advance(Place(), text)[1] == written


REFUSED: list[tuple[str, int]] = [
    ('<p "a">', 3),
    ("<p a<b>", 4),
    ("<p =a>", 3),
    ("<a=b>", 2),
    ("<p a=b=c>", 6),
    ("<p a=`b`>", 5),
    ("<script>'\\", 9),
    ("<script>/[a", 9),
    ("<p onclick='\"\\", 13),
    ("<script type='text/csv'>a</scr", 25),
]


@each(("text", "offset"), REFUSED, ids=[text for text, _ in REFUSED])
def test_a_text_that_leaves_no_safe_place_is_refused_where_it_goes_wrong(text: str, offset: int) -> None:
    with pytest.raises(RefusalError) as caught:
        advance(Place(), text)

    assert caught.value.offset == offset


STARTS = [
    ("a.html", State.TEXT),
    ("a.js.jinja", State.SCRIPT),
    ("a.css", State.STYLE),
    ("a.json", State.JSON),
    ("mail/a.txt", State.PLAIN),
    ("a", State.TEXT),
    (None, State.TEXT),
]


@each(("name", "state"), STARTS)
def test_a_template_begins_where_its_name_says(name: str | None, state: State) -> None:
    assert start_place(name).state is state


def test_a_vector_image_is_read_as_xml() -> None:
    place, _ = advance(start_place("a.svg"), "<style/><title><b/></title><![CDATA[")

    assert place.state is State.CDATA


KINDS: list[tuple[str, str, Kind]] = [
    ("a", "href", Kind.URL),
    ("p", "data-href", Kind.URL),
    ("p", "my:href", Kind.URL),
    ("p", "data-my-url", Kind.URL),
    ("p", "onclick", Kind.SCRIPT),
    ("p", "onwhatever", Kind.SCRIPT),
    ("p", "data-onclick", Kind.SCRIPT),
    ("p", "data-on-text", Kind.PLAIN),
    ("p", "@click.prevent", Kind.SCRIPT),
    ("p", "x-on:click", Kind.SCRIPT),
    ("p", "hx-on:click", Kind.SCRIPT),
    ("p", "hx-on--load", Kind.SCRIPT),
    ("p", "x-data", Kind.SCRIPT),
    ("p", ":class", Kind.SCRIPT),
    ("p", "v-bind:href", Kind.SCRIPT),
    ("p", "hx-get", Kind.CODE_URL),
    ("p", "data-hx-get", Kind.CODE_URL),
    ("a", "ping", Kind.URL),
    ("p", "hx-vals", Kind.JSON),
    ("p", "title", Kind.PLAIN),
    ("img", "src", Kind.IMAGE_URL),
    ("script", "src", Kind.CODE_URL),
    ("base", "href", Kind.CODE_URL),
    ("use", "xlink:href", Kind.CODE_URL),
    ("iframe", "srcdoc", Kind.SRCDOC),
    ("animate", "values", Kind.SMIL),
    ("p", "x-ref", Kind.PLAIN),
]


@each(("element", "name", "kind"), KINDS, ids=[f"{element} {name}" for element, name, _ in KINDS])
def test_an_attribute_has_a_kind(element: str, name: str, kind: Kind) -> None:
    assert attribute_kind(element, name) is kind


def test_an_application_extends_the_tables() -> None:
    rules = EscapingRules(attributes={"my-code": Kind.SCRIPT, "ui-*": Kind.URL}, script_types={"text/own": "json"})

    assert advance(Place(), "<p my-code='", rules)[0].state is State.SCRIPT
    assert advance(Place(), "<p ui-link='", rules)[0].state is State.URL
    assert advance(Place(), "<script type='text/own'>", rules)[0].state is State.JSON


@each(
    ("type_", "kind"),
    [
        ("", "script"),
        (" ", "script"),
        ("text/javascript; charset=utf-8", "script"),
        ("application/ecmascript", "script"),
        ("speculationrules", "json"),
        ("application/feed+json", "json"),
        ("application/javascript/1", "text"),
        ("text/html", "html"),
    ],
)
def test_a_script_is_what_its_type_says(type_: str, kind: str) -> None:
    assert script_kind(type_) == kind


def test_a_place_is_told_in_words() -> None:
    place, _ = advance(Place(), "<a href='")

    assert describe(place) == 'a URL (the attribute "href" of <a>)'


HOSTILE = [
    "<script>" + "/" * 40_000,
    "<script>" + "(" * 20_000,
    "<script>" + "[" * 40_000 + "/",
    "<script>" + "/*" * 20_000,
    "<script>`" + "${" * 10_000,
    "<script>" + "<!--" * 20_000,
    "<style>" + "url(" * 20_000,
    "<" * 40_000,
    "<a " + "b " * 20_000,
    "<a b='" + "&#" * 20_000,
    "<textarea>" + "</" * 20_000,
]


@each("text", HOSTILE, ids=[text[:14] for text in HOSTILE])
def test_scanning_takes_time_in_proportion_to_the_text(text: str) -> None:
    def seconds(length: int) -> float:
        begin = time.process_time()
        advance(Place(), text[:length])
        return time.process_time() - begin

    assert seconds(len(text)) < 0.05 + 8 * seconds(len(text) // 4)


def test_a_slash_behind_different_branches_is_not_guessed() -> None:
    with pytest.raises(RefusalError, match="this slash"):
        advance(Place(State.SCRIPT, element="script", slash=Slash.UNKNOWN), " /a/")
