"""Mistakes that other contextual engines made, or still make: each is contained, blocked or refused here."""

import html
import re

import pytest

from martlet.templates.errors import EscapingError
from martlet.templates.escaping import SafeHTML, SafeURL
from tests.rows import each
from tests.templates.escaping.pages import page

SCRIPT = "javascript:alert(1)"
HOST = "//evil.example/x"
BREAK = "\"'`</script>${alert(1)}"


def test_back_quotes_are_strings_and_nest() -> None:
    """CVE-2023-24538."""
    assert page("<script>x = `a ${ `b ${ {{ x }} } {{ x }}` } {{ x }}`</script>", x="`${") == (
        '<script>x = `a ${ `b ${ "`${" } \\u0060\\u0024\\u007b` } \\u0060\\u0024\\u007b`</script>'
    )


@each("value", ["</style>", "a>b", "<!--", "x{", "x}", "a;b", "@import", "a\\b("])
def test_a_style_value_ends_nothing(value: str) -> None:
    """CVE-2023-24539."""
    assert page("<style>a{b:{{ x }}}</style>", x=value) == "<style>a{b:zBlocked}</style>"


@each("blank", ["\u00a0", "\ufeff", "\u2003", "\u2028", "\v", "\f"])
def test_all_blanks_of_the_language_are_blanks(blank: str) -> None:
    """CVE-2023-24540."""
    assert page(f"<script>x{blank}/{{{{ x }}}}/1</script>", x="a.") == f'<script>x{blank}/"a."/1</script>'


def test_an_empty_value_without_quotes_takes_no_other_attribute_for_its_own() -> None:
    """CVE-2023-29400."""
    assert page("<a b={{ x }} c={{ y }}>", x="", y="d") == '<a b="" c=d>'
    assert page("<a b={{ x }}{{ x }} c=d>", x="") == "<a b=zBlocked c=d>"


@pytest.mark.parametrize("begin", ["<!-- ", "\n--> ", "#! "])
def test_comments_of_the_web_end_with_their_line(begin: str) -> None:
    """CVE-2023-39318."""
    source = f"<script>{begin} ' {{{{ x }}}}\nf({{{{ x }}}})</script>"

    assert page(source, x="';alert(1)").endswith('\nf("\';alert(1)")</script>')


def test_a_literal_does_not_end_the_script() -> None:
    """CVE-2023-39319."""
    assert page("<script>x = '</script>' + {{ x }}</script>", x=1) == "<script>x = '\\x3C/script>' +  1 </script>"


def test_no_text_of_an_error_is_written() -> None:
    """CVE-2024-24785."""

    class Failing:
        def __json__(self) -> str:
            return "*/alert(1)/*"

    assert page("<script>{{ x }}</script>", x=Failing()) == "<script> null </script>"


@each("content", ["0;url=", "0; URL = ", "0;url\t=", "5.5,url='", "0;", "; "])
def test_the_url_of_a_refresh_is_a_url(content: str) -> None:
    """CVE-2026-27142, CVE-2026-39823, and what still passes elsewhere: a refresh without `url=`."""
    assert (
        page(f'<meta http-equiv=refresh content="{content}{{{{ x }}}}">', x=SCRIPT)
        == f'<meta http-equiv=refresh content="{content}#zBlocked">'
    )


def test_a_whole_refresh_in_a_value_is_looked_into() -> None:
    assert page("<meta content='{{ x }}'>", x="0;url=" + SCRIPT) == "<meta content='0;url=#zBlocked'>"


@each("type_", ["", "type=''", "type=' '", "type=text/babel", "type=module"])
def test_only_known_types_are_no_programs(type_: str) -> None:
    """CVE-2026-39826."""
    assert page(f"<script {type_}>{{{{ x }}}}</script>", x="a") == f'<script {type_}>"a"</script>'


SLASHES = [
    "`${ (function(){/{{ x }}/",
    "`${ a }`; /{{ x }}/",
    "{ /{{ x }}/",
    "if (a) /{{ x }}/",
    "() => { /{{ x }}/",
]


@each("source", SLASHES)
def test_a_regular_expression_is_known_behind_each_bracket(source: str) -> None:
    """CVE-2026-56858."""
    end = "}) }`" if source.startswith("`${ (") else ""

    assert "a\\.b" in page(f"<script>{source}{end}</script>", x="a.b")


@each("source", ["x.return", "x?.typeof", "this.#in", "({}).case", "`a`", "`${b}`", "x = {}", "f(() => ({a: 1}))"])
def test_a_division_is_known_behind_each_value(source: str) -> None:
    """CVE-2026-56858, #81823, and what still passes elsewhere: a slash behind a template literal."""
    assert page(f"<script>{source} / {{{{ x }}}} / 1</script>", x="a.") == f'<script>{source} / "a." / 1</script>'


# What is unsafe elsewhere still


def test_a_page_in_an_attribute_is_escaped_twice() -> None:
    """#80154."""
    written = page("<iframe srcdoc='<p>{{ x }}</p>'></iframe>", x="<script>")

    assert html.unescape(re.sub("^.*srcdoc='|'></iframe>$", "", written)) == "<p>&lt;script&gt;</p>"


def test_a_page_in_an_attribute_has_places_of_its_own() -> None:
    written = page("<iframe srcdoc=\"<a href='{{ x }}' title='{{ h }}'>\"></iframe>", x=SCRIPT, h=SafeHTML("<b>c"))

    assert written == "<iframe srcdoc=\"<a href='#zBlocked' title='c'>\"></iframe>"


ATTRIBUTES = [
    "@click",
    "x-on:click",
    "hx-on:click",
    "hx-on--load",
    "x-data",
    "v-if",
    ":class",
    "data-onclick",
    "onmouseover",
    "ONCLICK",
]


@each("name", ATTRIBUTES)
def test_attributes_of_frameworks_are_scripts(name: str) -> None:
    assert page(f'<p {name}="f({{{{ x }}}})">', x="'") == f'<p {name}="f(&#34;&#39;&#34;)">'


def test_json_in_attributes_is_json() -> None:
    assert (
        page("""<p hx-vals='{"a": {{ x }}, "b": "{{ x }}"}'>""", x='"')
        == """<p hx-vals='{"a": &#34;\\&#34;&#34;, "b": "\\u0022"}'>"""
    )
    assert page("""<p hx-vals='js:{a: "{{ x }}"}'>""", x='"') == """<p hx-vals='js:{a: "\\u0022"}'>"""


@each("name", ["hx-get", "hx-post", "data-hx-delete", "ping", "formaction", "data-href", "xlink:href"])
def test_attributes_that_hold_urls_are_urls(name: str) -> None:
    assert page(f'<a {name}="{{{{ x }}}}">', x=SCRIPT) == f'<a {name}="#zBlocked">'


@each("type_", ["importmap", "speculationrules", "application/ld+json", "application/json; charset=utf-8"])
def test_json_in_scripts_is_json(type_: str) -> None:
    source = f'<script type="{type_}">{{"a": {{{{ x }}}}, "b": "{{{{ x }}}}"}}</script>'

    assert (
        page(source, x="</script>")
        == f'<script type="{type_}">{{"a": "\\u003c/script\\u003e", "b": "\\u003c\\/script\\u003e"}}</script>'
    )


CODE = [
    "<script src='{{ x }}'></script>",
    "<base href='{{ x }}'>",
    "<object data='{{ x }}'></object>",
    "<embed src='{{ x }}'>",
    "<link rel=stylesheet href='{{ x }}'>",
    "<link href='{{ x }}' rel=stylesheet>",
    "<svg><use href='{{ x }}'/></svg>",
]


@each("source", CODE)
def test_what_runs_in_the_page_comes_from_its_own_host(source: str) -> None:
    for value in (HOST, "https:" + HOST, "\\\\evil.example", SCRIPT, "data:text/javascript,alert(1)"):
        assert "#zBlocked" in page(source, x=value)
    assert "/static/x.js" in page(source, x="/static/x.js")
    assert "https://cdn.example/x.js" in page(source, x=SafeURL("https://cdn.example/x.js"))


def test_a_host_is_not_completed_by_a_value() -> None:
    assert (
        page("<script src='https://cdn.example{{ x }}'></script>", x=".evil.example")
        == "<script src='https://cdn.examplezBlocked'></script>"
    )
    assert (
        page("<script src='https://cdn.example/{{ x }}'></script>", x="a/b.js")
        == "<script src='https://cdn.example/a/b.js'></script>"
    )


def test_a_script_in_a_url_is_a_script() -> None:
    assert page('<a href="javascript:f({{ x }})">', x="');") == '<a href="javascript:f(%22%27%29%3B%22)">'
    assert page("<a href=\"javascript:f('{{ x }}')\">", x="'") == "<a href=\"javascript:f('%5Cu0027')\">"


@each("source", ["data:text/html,{{ x }}", "data:image/svg+xml,{{ x }}", "vbscript:{{ x }}", "javascript:a%20{{ x }}"])
def test_no_value_stands_behind_a_scheme_that_runs_it(source: str) -> None:
    with pytest.raises(EscapingError):
        page(f'<a href="{source}">', x="a")


def test_no_value_makes_or_completes_a_scheme() -> None:
    assert page("<a href='{{ x }}:alert(1)'>", x="javascript") == "<a href='#zBlocked:alert(1)'>"
    assert page("<a href='{{ x }}://a'>", x="https") == "<a href='https://a'>"
    assert page("<a href='java{{ x }}'>", x="script:alert(1)") == "<a href='java#zBlocked'>"
    assert page("<a href='{{ x }}{{ y }}'>", x="java", y="script:alert(1)") == "<a href='java#zBlocked'>"
    with pytest.raises(EscapingError):
        page("<a href='{{ x }}script:alert(1)'>", x="java")
    with pytest.raises(EscapingError):
        page("<a href='{{ x }}{% if t %}:alert(1){% endif %}'>", x="javascript", t=1)


def test_no_value_turns_a_path_into_a_host() -> None:
    assert page("<a href='/{{ x }}'>", x="/evil.example") == "<a href='/%2Fevil.example'>"
    assert page("<a href='/{{ x }}/{{ y }}'>", x="", y="evil.example") == "<a href='/./evil.example'>"
    assert page("<a href='{{ x }}/{{ y }}'>", x="", y="/evil.example") == "<a href='/%2Fevil.example'>"
    assert page("<a href='/{{ x }}'>", x="") == "<a href='/'>"


@pytest.mark.parametrize("source", ["<set to='{{ x }}'/>", "<animate values='a;{{ x }}'/>", "<animate from='{{ x }}'/>"])
def test_no_animation_brings_a_script(source: str) -> None:
    assert "#zBlocked" in page(f"<svg>{source}</svg>", x=SCRIPT)


@each(
    "source",
    [
        "<noscript><p title='{{ x }}'></noscript>",
        "<noscript><!-- {{ x }} --></noscript>",
        "<noscript><a href='{{ x }}'></noscript>",
        "<noscript><style>{{ x }}</style></noscript>",
        "<iframe>{{ x }}</iframe>",
        "<xmp>{{ x }}</xmp>",
        "<title>{{ x }}</title>",
        "<textarea>{{ x }}</textarea>",
        "<script type='text/plain'>{{ x }}</script>",
        "<script type='text/template'><b>{{ x }}</b></script>",
        "<!-- {{ x }} -->",
        "<!DOCTYPE {{ x }}>",
    ],
)
def test_no_value_ends_the_element_that_it_is_in(source: str) -> None:
    element = re.sub(r"\W.*", "", source[1:]) or "!--"
    written = page(source, x=f"--></{element}><img>]]>")

    assert "<img" not in written
    assert written.count(f"</{element}") == source.count(f"</{element}")


def test_a_name_is_not_made_of_two_values() -> None:
    with pytest.raises(EscapingError):
        page("<a {{ x }}{{ y }}='{{ z }}'>")
    with pytest.raises(EscapingError):
        page("<a {{ x }}click='{{ z }}'>")


def test_a_name_that_a_value_completes_stays_plain() -> None:
    assert page("<a o{{ x }}='{{ z }}'>", x="nclick", z="f()") == "<a ozBlocked='f()'>"
    assert page("<a sty{{ x }}='{{ z }}'>", x="le", z="a") == "<a styzBlocked='a'>"
    assert page("<s{{ x }}>{{ z }}", x="cript", z="a") == "<szBlocked>a"


def test_no_value_completes_a_reference_to_a_character() -> None:
    assert page("<p onclick=\"f('&{{ x }};')\">", x="#39") == "<p onclick=\"f('&amp;#39;')\">"


def test_no_value_completes_the_end_of_an_element() -> None:
    assert "</script" not in page("<script>x = '</scr{{ x }}ipt>'</script>", x="").removesuffix("</script>")
    assert "</script" not in page("<script>a <{{ x }}</script>", x=1).removesuffix("</script>")
    assert "</style" not in page("<style>a{b:url(<{{ x }})}</style>", x="/style>").removesuffix("</style>")


def test_a_section_of_characters_is_not_ended() -> None:
    engine_page = page("{% include 'a.xml' %}", {"a.xml": "<a><![CDATA[{{ x }}]]></a>"}, x="]]><b>")

    assert "<b>" in engine_page or "&lt;b&gt;" in engine_page
