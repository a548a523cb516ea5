"""What an element is, and what its URLs bring into the page, is known to the end of its tag, or taken for the worst."""

# ruff: noqa: E501 -- a template and its page stand side by side
import pytest

from martlet.templates import SafeJS, SafeURL
from martlet.templates.errors import EscapingError
from tests.rows import each
from tests.templates.escaping.pages import page

SCRIPT = "javascript:alert(1)"
HOST = "//evil.example/x.js"


@each(
    "source",
    [
        '<script type="{{ t }}">{{ x }}</script>', "<script type=text/{{ t }}>{{ x }}</script>", "<script type=module type=text/plain>{{ x }}</script>",
        "<script type type=text/plain>{{ x }}</script>", "<script type='' type=text/html>{{ x }}</script>", "<script {{ {'type': t}|xmlattr }} type='text/x-template'>{{ x }}</script>",
        "<script{{ {'type': t}|xmlattr }} type=text/plain>{{ x }}</script>", "<script {{ a }} type=text/plain>{{ x }}</script>", "<script {% if a %}{{ a }}{% endif %} type=text/plain>{{ x }}</script>",
        "<script type=text/x-mathjax-config>{{ x }}</script>", "<script type=x/y>{{ x }}</script>",
    ],
)  # fmt: skip
def test_a_script_of_a_type_that_is_not_known_is_a_program(source: str) -> None:
    assert '>"alert(1)"</script>' in page(source, x="alert(1)", t="module", a="hidden")


def test_the_first_of_two_types_counts() -> None:
    assert (
        page("<script type=text/plain {{ a }} type=module>{{ x }}</script>", x="a", a="b")
        == "<script type=text/plain b type=module>a</script>"
    )


LINKS = [
    "<link rel='{{ r }}' href='{{ x }}'>", "<link href='{{ x }}' rel='{{ r }}'>", "<link rel=stylesheet rel=icon href='{{ x }}'>", "<link href='{{ x }}' title='rel=icon' rel=stylesheet>",
    "<link href='{{ x }}' data-rel=icon rel='&#115;tylesheet'>", "<link href='{{ x }}?v={{ r }}' rel=stylesheet>", "<link {{ {'rel': r}|xmlattr }} href='{{ x }}'>", "<link{{ {'rel': r}|xmlattr }} href='{{ x }}'>",
    "<link href='{{ x }}' {% if r %}rel=stylesheet{% endif %}>", "<link rel=preload href='{{ x }}'>", "<link href={{ x }} rel=stylesheet>", "<link href='{{ x }}' rel=",
]  # fmt: skip


@each("source", LINKS)
def test_a_link_that_may_load_a_style_sheet_is_held_to_its_own_host(source: str) -> None:
    source += "'stylesheet'>" if source.endswith("=") else ""
    written = page(source, x=HOST, r="stylesheet")

    assert "#zBlocked" in written
    assert "evil" not in written


@each(
    "source",
    [
        "<link rel=icon rel=stylesheet href='{{ x }}'>",
        "<link href='{{ x }}' class='a' rel=\"canonical\">",
        "<link href={{ x }} rel=next>",
        "<link href='{{ x }}'>",
    ],
)
def test_a_link_that_is_known_to_load_nothing_leads_anywhere(source: str) -> None:
    assert HOST in page(source, x=HOST)


@each(
    ("source", "a", "b"),
    [
        ("<script src='{{ a }}{{ b }}'></script>", "", HOST), ("<script src='{{ a }}{{ b }}'></script>", "/", "/evil.example/x.js"), ("<base href='{{ a }}{{ b }}'>", "/", "/evil/"),
        ("<object data='{{ a }}{{ b }}'>", "", HOST), ("<link rel=stylesheet href='{{ a }}{{ b }}'>", "", HOST), ("<script src='{{ a }}/{{ b }}'></script>", "/", "evil.example/x.js"),
        ("<script src='{{ a }}://{{ b }}/x.js'></script>", "https", "evil.example"), ("<script src='https:{% if a %}//{% endif %}{{ b }}/x.js'></script>", "a", "evil.example"),
        ("<script src='{% for v in a %}{{ v }}{% endfor %}'></script>", "/" * 2, ""), ("<script src='https:///{{ b }}'></script>", "", "evil.example"), ("<script data-src='{{ a }}{{ b }}'></script>", "", HOST),
        ("<embed src='{{ a }}{{ b }}'>", "\\", "\\evil.example"), ("<style>@import url({{ a }}{{ b }});</style>", "", HOST), ("<style>@import '{{ a }}{{ b }}';</style>", "/", "/evil.example"),
        ('<style>@import "{{ b }}";</style>', "", "https:" + HOST), ("<style>@\\69 mport url('{{ b }}');</style>", "", HOST), ("<style>@{{ a }} '{{ b }}';</style>", "import", HOST),
        ("<svg><use href='{{ a }}{{ b }}'/></svg>", "", HOST),
    ],
)  # fmt: skip
def test_a_url_of_code_is_one_to_its_end(source: str, a: str, b: str) -> None:
    written = page(source, a=a, b=b).replace("/./", "/-/")

    assert "//evil" not in written.replace("/-//", "/-/-")
    assert "'//" not in written
    assert "(//" not in written


def test_a_url_of_code_may_be_made_of_two_paths() -> None:
    for a, b in (("/static", "/app.js"), ("", "/static/app.js"), ("/static/", "app.js"), ("app", ".js")):
        assert page("<script src='{{ a }}{{ b }}'></script>", a=a, b=b) == f"<script src='{a}{b}'></script>"
    assert (
        page("<script src='{{ a }}/app.js'></script>", a=SafeURL("https://cdn.example"))
        == "<script src='https://cdn.example/app.js'></script>"
    )
    assert (
        page("<style>@import url({{ a }}); b{c:url({{ d }})}</style>", a="/a.css", d="https://b.example/c.png")
        == "<style>@import url(/a.css); b{c:url(https://b.example/c.png)}</style>"
    )


@pytest.mark.parametrize(
    "source",
    [
        "<script src='{% if t %}//{% else %}/s/{% endif %}{% for v in t %}{% endfor %}{{ x }}'></script>",
        "<script src='{% if t %}https://{% else %}/s/{% endif %}{% for v in t %}a{% endfor %}{{ x }}'></script>",
    ],
)
def test_branches_lead_no_value_into_a_host(source: str) -> None:
    try:
        written = page(source, x="evil.example", t=[1])
    except EscapingError:
        return
    assert "evil" not in written


# xmlattr


@each(
    ("element", "pairs", "expected"),
    [
        ("a", {"href": SCRIPT}, 'href="#zBlocked"'), ("a", {"href": HOST, "title": "<'"}, 'href="//evil.example/x.js" title="&lt;&#39;"'), ("p", {"onclick": "alert(1)"}, 'onclick="&#34;alert(1)&#34;"'),
        ("p", {"onclick": SafeJS("f(1)")}, 'onclick="f(1)"'), ("p", {"style": "a:b;c:url(d)"}, 'style="zBlocked"'), ("p", {"style": "color: red"}, 'style="color: red"'), ("p", {"@click": "f()"}, '@click="&#34;f()&#34;"'),
        ("iframe", {"srcdoc": "<b>"}, 'srcdoc="&amp;lt;b&amp;gt;"'), ("script", {"src": HOST}, 'src="#zBlocked"'), ("base", {"href": HOST}, 'href="#zBlocked"'), ("use", {"href": HOST}, 'href="#zBlocked"'),
        ("link", {"rel": "stylesheet", "href": HOST}, 'rel="stylesheet" href="#zBlocked"'), ("link", {"rel": "next", "href": HOST}, f'rel="next" href="{HOST}"'), ("link", {"href": HOST}, 'href="#zBlocked"'),
        ("meta", {"http-equiv": "refresh", "content": "0;url=" + SCRIPT}, 'http-equiv="refresh" content="0;url=#zBlocked"'), ("meta", {"name": "a", "content": "b: c"}, 'name="a" content="b: c"'),
        ("animate", {"values": SCRIPT}, 'values="#zBlocked"'), ("img", {"src": "data:image/png,a", "srcset": SCRIPT}, 'src="data:image/png,a" srcset="#zBlocked"'), ("p", {"hx-trigger": "a[b]"}, 'hx-trigger="zBlocked"'),
        ("p", {"data-id": 5, "aria-label": "a"}, 'data-id="5" aria-label="a"'),
    ],
)  # fmt: skip
def test_what_xmlattr_makes_is_escaped_by_its_attributes(element: str, pairs: dict[str, object], expected: str) -> None:
    end = f"</{element}>"

    assert page(f"<{element} {{{{ d | xmlattr(false) }}}}>{end}", d=pairs) == f"<{element} {expected}>{end}"
    assert page(f"<{element}{{{{ d | xmlattr }}}}>{end}", d=pairs) == f"<{element} {expected}>{end}"
    assert page(f"{{% set a = d | xmlattr %}}<{element}{{{{ a }}}}>{end}", d=pairs) in (
        f"<{element} {expected}>{end}",
        f"<{element}zBlocked>{end}",
    )


@each("name", ["", "a b", "a\tb", "a/b", "a>b", "a=b", 'a"b', "a'b", "a<b", "a\x00", "a\u00a0b"])
def test_what_is_no_name_is_none_for_xmlattr(name: str) -> None:
    with pytest.raises(ValueError, match="Invalid character in attribute name"):
        page("<p {{ d | xmlattr }}>", d={name: 1})


# Meta, and lists of images


@each(
    ("content", "values"),
    [
        ("{{ a }};url={{ b }}", ("0", SCRIPT)), ("{{ a }}{{ b }}", ("0;url=", SCRIPT)), ("{{ a }}{{ b }}", ("0;url=javascript", ":alert(1)")), ("{{ a }}{{ b }}", ("0", ";url=" + SCRIPT)),
        ("{{ a }} ; URL = '{{ b }}'", ("5", SCRIPT)), ("{{ a }}, {{ b }}", ("5", SCRIPT)), ("{{ a }}.{{ a }};{{ b }}", ("5", SCRIPT)), ("0;url={{ a }}{{ b }}", ("java", "script:alert(1)")),
    ],
)  # fmt: skip
def test_a_refresh_that_values_make_leads_to_no_script(content: str, values: tuple[str, str]) -> None:
    a, b = values
    for before in ("http-equiv=refresh ", "", "{{ 'x' }} ", "http-equiv='{{ r }}' ", "http-equiv=a http-equiv=refresh "):
        written = page(f'<meta {before}content="{content}">', a=a, b=b, r="refresh")

        assert "zBlocked" in written
        assert "alert" not in written


def test_what_a_meta_says_by_its_name_is_a_text() -> None:
    assert (
        page('<meta name="description" content="{{ a }}: {{ b }}">', a="Python", b="an intro: one")
        == '<meta name="description" content="Python: an intro: one">'
    )
    assert (
        page('<meta property="{{ p }}" content="{{ b }}">', p="og:title", b="0; url=javascript:a")
        == '<meta property="og:title" content="0; url=javascript:a">'
    )
    with pytest.raises(EscapingError, match="let it stand first"):
        page('<meta name="a" content="{{ a }}{{ b }}" http-equiv=refresh>')


def test_the_blank_of_a_url_does_not_end_it_before_its_width() -> None:
    assert (
        page('<img srcset="{{ u }} {{ w }}w, {{ u }} 2x">', u="/a b.png", w=480)
        == '<img srcset="/a%20b.png 480w, /a%20b.png 2x">'
    )
    assert page('<img srcset="{{ u }}">', u="/a.png 1x, /b.png 2x") == '<img srcset="/a.png 1x, /b.png 2x">'
