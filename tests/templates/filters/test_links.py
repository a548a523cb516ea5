"""urlize."""

import time
from typing import Any

import pytest
from markupsafe import Markup

from martlet.templates.errors import TemplateRuntimeError
from tests.rows import each
from tests.templates.stand_in import StandInEngine, apply


def link(url: str, shown: str | None = None, rel: str = ' rel="noopener"') -> str:
    return f'<a href="{url}"{rel}>{shown or url}</a>'


@each(
    ("text", "expected"),
    [
        ("foo example.org bar", f"foo {link('https://example.org', 'example.org')} bar"),
        ("foo http://www.example.com/ bar", f"foo {link('http://www.example.com/')} bar"),
        ("a\n  www.example.co", f"a\n  {link('https://www.example.co', 'www.example.co')}"),
        ("mailto:email@example.com", link("mailto:email@example.com", "email@example.com", "")),
        ("email@example.com.", link("mailto:email@example.com", "email@example.com", "") + "."),
        ("(see http://example.org/a)", f"(see {link('http://example.org/a')})"),
        ("(http://example.org/a)", f"({link('http://example.org/a')})"),
        ("http://example.org/a_(b)", link("http://example.org/a_(b)")),
        ("(http://example.org/a_(b)),", f"({link('http://example.org/a_(b)')}),"),
        ("<http://example.org>", f"&lt;{link('http://example.org')}&gt;"),
        ("http://example.org?a=1&b=2", link("http://example.org?a=1&amp;b=2")),
        ("http://127.0.0.1:80/x", link("http://127.0.0.1:80/x")),
        ("http://[::1]/", link("http://[::1]/")),
        ("http://xn--nxasmq6b.xn--j6w193g", link("http://xn--nxasmq6b.xn--j6w193g")),
        ("example.rocks", "example.rocks"),
        ("@a@b.c", "@a@b.c"),
        ("www.@b.co", "www.@b.co"),
        ("<b>'\"</b>", "&lt;b&gt;&#39;&#34;&lt;/b&gt;"),
        ('http://example.org/"onmouseover="x', link("http://example.org/&#34;onmouseover=&#34;x")),
        ("javascript:alert(1)", "javascript:alert(1)"),
        ("", ""),
        ("  ", "  "),
    ],
)
def test_addresses_become_links(text: str, expected: str) -> None:
    assert apply("urlize", text) == expected


@each(
    ("arguments", "expected"),
    [
        ({"trim_url_limit": 10}, '<a href="http://example.org/a" rel="noopener">http://exa...</a>'),
        ({"nofollow": True}, '<a href="http://example.org/a" rel="nofollow noopener">http://example.org/a</a>'),
        ({"target": "_blank"}, '<a href="http://example.org/a" rel="noopener" target="_blank">http://example.org/a</a>'),
        ({"rel": '"me'}, '<a href="http://example.org/a" rel="&#34;me noopener">http://example.org/a</a>'),
    ],
)
def test_links_are_written_as_asked(arguments: dict[str, Any], expected: str) -> None:
    assert apply("urlize", "http://example.org/a", **arguments) == expected


def test_other_schemes_are_links_if_asked() -> None:
    written = apply("urlize", "tel:+1-514-555-1234 ftp://localhost tel:", extra_schemes=["tel:", "ftp:"])

    assert written == f"{link('tel:+1-514-555-1234')} {link('ftp://localhost')} tel:"


def test_the_policies_hold_unless_told_otherwise() -> None:
    engine = StandInEngine()
    engine.policies |= {"urlize.rel": None, "urlize.target": "_top", "urlize.extra_schemes": ["x-a:"]}

    assert apply("urlize", "x-a:b", engine=engine) == '<a href="x-a:b" target="_top">x-a:b</a>'


@each("scheme", ["a", "a b:", "<x:", "x:///"])
def test_what_is_no_scheme_is_refused(scheme: str) -> None:
    with pytest.raises(TemplateRuntimeError, match="is not the beginning of a URL"):
        apply("urlize", "x", extra_schemes=[scheme])


def test_the_result_is_markup_where_values_are_escaped() -> None:
    assert type(apply("urlize", "a", autoescape=True)) is Markup
    assert type(apply("urlize", "a")) is str
    assert apply("urlize", Markup("&lt; ab.org")).startswith("&lt; <a")


@each(
    "text",
    [
        "(" * 20_000 + ")" * 20_000,
        "a((" * 20_000 + ")" * 40_000,
        "." * 40_000 + "x",
        "a@" * 20_000 + "!",
        "a." * 20_000 + "@",
        "www." * 20_000,
    ],
    ids=["brackets", "brackets within", "dots", "ats", "labels", "www"],
)
def test_no_text_takes_long(text: str) -> None:
    begun = time.process_time()
    apply("urlize", text)

    assert time.process_time() - begun < 1
