"""`safe_url`, `safe_js` and their like: each is honoured in its own place, and gives plain text everywhere else."""

from tests.rows import each
from tests.templates.escaping.pages import page

NASTY = "javascript:go('</b>')"


@each(
    ("source", "value", "expected"),
    [
        ("<b>{{ x | safe_html }}</b>", "<i>", "<b><i></b>"),
        ("<a href='{{ x | safe_url }}'>", "myapp:open", "<a href='myapp:open'>"),
        ("<script src='{{ x | safe_url }}'></script>", "//cdn.example/a.js", "<script src='//cdn.example/a.js'></script>"),
        ("<script>{{ x | safe_js }}</script>", "go(1)", "<script>go(1)</script>"),
        ("<p onclick='{{ x | safe_js }}'>", "go('a')", "<p onclick='go(&#39;a&#39;)'>"),
        ("<style>{{ x | safe_css }}</style>", "p { top: 0 }", "<style>p { top: 0 }</style>"),
        ("<p style='{{ x | safe_css }}'>", "top: 0; left: 0", "<p style='top: 0; left: 0'>"),
        ("<p {{ x | safe_attributes }}>", "dir='ltr' hidden", "<p dir='ltr' hidden>"),
        ("<p {{ x | safe_attributes }} id='{{ 1 }}'>", "dir='ltr' hidden", "<p dir='ltr' hidden id='1'>"),
        ("<p{{ x | safe_attributes }} title='{{ x }}'>", " hidden", "<p hidden title=' hidden'>"),
        ("<p {{ 'hidden' | safe_attributes if x }} id='{{ 1 }}'>", True, "<p hidden id='1'>"),
        ("{{ x | safe_url | safe_url }}", "a", "a"),
    ],
)
def test_a_value_is_trusted_in_its_own_place(source: str, value: object, expected: str) -> None:
    assert page(source, x=value) == expected


@each("name", ["safe_html", "safe_url", "safe_js", "safe_css", "safe_attributes"])
@each(
    ("own", "source", "plain"),
    [
        ("safe_html", "<b>{{ x }}</b>", "<b>javascript:go(&#39;&lt;/b&gt;&#39;)</b>"),
        ("safe_url", "<a href='{{ x }}'>", "<a href='#zBlocked'>"),
        ("safe_js", "<script>{{ x }}</script>", "<script>\"javascript:go('\\u003c/b\\u003e')\"</script>"),
        ("safe_css", "<p style='{{ x }}'>", "<p style='zBlocked'>"),
        ("safe_attributes", "<p {{ x }}>", "<p zBlocked>"),
    ],
)
def test_a_value_is_trusted_nowhere_else(name: str, own: str, source: str, plain: str) -> None:
    written = page(source.replace("x", f"x | {name}"), x=NASTY)

    assert (written == plain) == (name != own)
