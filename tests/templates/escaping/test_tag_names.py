"""A value may be the name of a tag, if the element is a plain one; what stands in the tag is escaped as in any other."""

# ruff: noqa: E501 -- a template and its page stand side by side
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from martlet.templates import EscapingError, TemplateEngine, TemplateRuntimeError
from martlet.templates.escaping.tag_names import REFUSED
from tests.rows import each
from tests.templates.escaping.pages import page


@each(
    ("source", "expected"),
    [
        ("<{{ t }}>{{ x }}</{{ t }}>", "<h2>&lt;&#39;</h2>"),
        ("<{{ t }} class='{{ x }}'>", "<h2 class='&lt;&#39;'>"),
        ("<{{ t }} onclick='f({{ x }})' href='{{ x }}'>", "<h2 onclick='f(&#34;\\u003c&#39;&#34;)' href='%3C%27'>"),
        ("<{{ t }}{% if x %} title='{{ x }}'{% endif %} id='{{ 1 }}'></{{ t }} >", "<h2 title='&lt;&#39;' id='1'></h2 >"),
        ("<{{ t }}{{ {'a': x}|xmlattr }} {{ {'b': x}|xmlattr }}>", '<h2 a="&lt;&#39;"  b="&lt;&#39;">'),
        ("<{{ t }}\n  hidden/>", "<h2\n  hidden/>"),
        ("<{{ t | e }}></{{ t | safe }}>", "<h2></h2>"),
        ("<{{ 'a' if x else 'b' }} href='{{ x }}'></{{ 'a' if x else 'b' }}>", "<a href='%3C%27'></a>"),
        ("<{% if x %}a href='{{ x }}'{% else %}b{% endif %}>{{ x }}</{% if x %}a{% else %}b{% endif %}>", "<a href='%3C%27'>&lt;&#39;</a>"),
        ("<{% if x %}my-{% endif %}card>", "<my-card>"),
        ("<{% if t %}{{ t }}{% else %}p{% endif %} id={{ 1 }}>", "<h2 id=1>"),
        ("{% macro m(t) %}<{{ t }}>{{ caller() }}</{{ t }}>{% endmacro %}{% call m('b') %}{{ x }}{% endcall %}", "<b>&lt;&#39;</b>"),
        ("{% for t in ['i', 'b'] %}<{{ t }} id='{{ t }}'>{% endfor %}", "<i id='i'><b id='b'>"),
    ],
)  # fmt: skip
def test_a_value_is_the_name_of_a_tag(source: str, expected: str) -> None:
    assert page(source, t="h2", x="<'") == expected


def test_in_xml_a_tag_may_be_named_after_what_html_reads_otherwise() -> None:
    template = TemplateEngine().from_string("<{{ t }}>{{ x }}</{{ t }}>", name="feed.xml")

    assert template.render(t="title", x="<") == "<title>&lt;</title>"
    with pytest.raises(TemplateRuntimeError, match="the name of a <script>"):
        template.render(t="script")


@each(
    "source",
    [
        "a <{{ x }} b", "a <{{ x }}", "(<{{ x }}, {{ y }}>)", "<{{ x }}@{{ y }}>", "a <{{ x }} and {{ y }} < c",
        "<textarea><{{ x }}></textarea>", "</{{ x }} b", "<{{ 'script' }}>", "<{{ 5 }}>", "a <{% if x %} b{% endif %}",
    ],
)  # fmt: skip
def test_what_opens_no_tag_is_text(source: str) -> None:
    written = page(source, x="b", y="c").replace("<textarea>", "").replace("</textarea>", "")

    assert "<" not in written
    assert "&lt;" in written


@each("name", [*sorted(REFUSED), "Script", "STYLE"])
def test_no_value_opens_what_is_escaped_otherwise(name: str) -> None:
    with pytest.raises(TemplateRuntimeError, match=f"the name of a <{name}>"):
        page("<{{ t }} src='{{ x }}'>{{ x }}", t=name, x="a")


@given(
    st.text(max_size=4)
    | st.sampled_from(["p onclick=f()", "b>", "/b", "ſcript", "p\x00", "-a", "a-", "a--b", "ann@site.example", "5"])
)
def test_any_other_value_is_a_clear_error(name: str) -> None:
    for source in ("<{{ t }}>", "<p></{{ t }}>"):
        try:
            written = page(source, t=name)
        except TemplateRuntimeError as error:
            known = f"the name of a <{name}>" if name.lower() in REFUSED else "write `&lt;` if no tag is meant"
            assert known in error.message  # noqa: PT017 -- most values raise, some do not
        else:
            assert written == source.replace("{{ t }}", name)
            assert re.fullmatch("[A-Za-z][A-Za-z0-9-]*", name)


@each(
    "source",
    [
        "<{{ t }}b>",
        "<{{ t }}-{{ x }}>",
        "<{{ t }}:b c='d'>",
        "<{% if x %}a{% endif %}>",
        "<{% if x %}script{% else %}p{% endif %}>{{ x }}",
        "<{{ '/p' if x else 'p' }}>",
        "<{% if x %}{{ 'script' }}{% else %}p{% endif %}>",
    ],
)
def test_what_is_no_whole_name_is_refused(source: str) -> None:
    with pytest.raises(EscapingError, match="line 1, column"):
        page(source, t="a", x="b")


def test_digits_and_attributes_may_follow() -> None:
    assert page("<{{ t }}{{ x }}>", t="h", x=2) == "<h2>"
    assert page("<{{ t }}{{ x }}>", t="scr", x="ipt") == "<scrzBlocked>"
