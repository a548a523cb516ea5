"""Whatever the values are, a page has the elements, attributes and script tokens that it has with harmless ones."""

import re
from html.parser import HTMLParser
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.templates.escaping.pages import page

PIECES = [
    "<p>{{ X }}</p>",
    "a < {{ X }} b",
    "<p title='{{ X }}'></p>",
    '<p class="a {{ X }} b" id={{ X }}></p>',
    "<p title={{ X }} hidden></p>",
    "<a href='{{ X }}'>b</a>",
    '<a href="/b/{{ X }}/c?d={{ X }}&amp;e={{ X }}#{{ X }}">f</a>',
    "<a href=/{{ X }}>b</a>",
    "<img src={{ X }} srcset='{{ X }} 2x' alt='{{ X }}'>",
    "<form action='{{ X }}'></form>",
    "<b onclick='f({{ X }}, \"{{ X }}\", `a${ {{ X }} }{{ X }}`)'></b>",
    '<b onclick="a = /{{ X }}/.test({{ X }})" @click="{{ X }}"></b>',
    "<script>var a = {{ X }}, b = '{{ X }}', c = \"{{ X }}\", d = /{{ X }}/g, e = `{{ X }}`; // {{ X }}\n/* {{ X }} */</script>",
    '<script type=\'application/json\'>{"a": {{ X }}, "b": "{{ X }}"}</script>',
    "<script type='text/plain'>{{ X }}</script>",
    "<style>a{b:{{ X }};c:'{{ X }}';d:url({{ X }});e:url(\"/{{ X }}\")}/* {{ X }} */</style>",
    "<p style=\"color: {{ X }}; font: '{{ X }}'; background: url({{ X }})\"></p>",
    "<textarea>{{ X }}</textarea><title>{{ X }}</title>",
    "<!-- {{ X }} -->",
    "<iframe srcdoc='<p title=\"{{ X }}\">{{ X }}</p>'>{{ X }}</iframe>",
    "<meta http-equiv=refresh content='0; url={{ X }}'><meta name=a content='{{ X }}'>",
    "<a {% if t %}href='{% else %}title='{% endif %}{{ X }}'>{{ X }}</a>",
    '<b {% if t %}onclick="f(\'{% else %}class="{% endif %}{{ X }}{% if t %}\'){% endif %}"></b>',
    "{% for v in l %}<b id='{{ v }}{{ X }}'>{{ X }}</b>{% endfor %}",
    "<script>[{% for v in l %}{{ v }},{{ X }}{% if not loop.last %},{% endif %}{% endfor %}]</script>",
    "{% set tag = 'b' %}<{{ tag }} title='{{ X }}' onclick='f({{ X }})' href='{{ X }}' id={{ X }}>{{ X }}</{{ tag }}>",
    "<{{ 'a' if t else 'b' }} {% if t %}href='{{ X }}'{% endif %} title='{{ X }}'>{{ X }}</{{ 'a' if t else 'b' }}>",
    "{% set v %}<i>{{ X }}</i>{% endset %}{{ v }}<b title='{{ v }}'></b><script>{{ v }}</script>",
    "{% macro m(a) %}<i>{{ a }}</i>{% endmacro %}{{ m(X) }}<b title='{{ m(X) }}'></b>",
]
ATTACKS = """</script><img>|'"><img>|javascript:f()|`${f()}`|-->
|--!><img>|*/f()/*|\\|\\'|]]>|</style><img>|</textarea><img>|</title>|&#39;);f(|
|\u2028|//evil.example|a b=c onclick=f()||0;url=javascript:f()|<!--"""
HOSTILE = st.sampled_from(ATTACKS.split("|"))
VALUES = HOSTILE | st.text(alphabet="<>&\"'`=/\\;:(){}[]$!*-#?% \n\u2028ax", max_size=8)
# Strings, template literals as a whole, and regular expressions behind what cannot be divided.
TOKEN = re.compile(
    r"\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|`(?:\\.|\$\{(?:\"(?:\\.|[^\"\\])*\"|[^}\"])*\}|\$(?!\{)|[^`\\$])*`"
    r"|(?<=[(=,] )/(?:\\.|[^/\\\n])+/|[\w.+-]+|\S"
)


def tokens(code: str) -> list[str]:
    found = TOKEN.findall(code)
    return [token[0] if token[0] in "\"'`/" and len(token) > 1 else "v" if token[0].isalnum() else token for token in found]


class Shape(HTMLParser):
    """What a page is made of; of texts, nothing."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[object] = []
        self.raw = ""
        self.feed(re.sub("[\x1c-\x1f\x85\u2028\u2029]", ".", text))  # blanks for Python's parser, and for no browser
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.parts.append((tag, [name for name, _ in attrs]))
        self.raw = tag if tag in ("script", "style") and ("type", "text/plain") not in attrs else ""
        for name, value in attrs:
            if name.startswith(("on", "@")):
                self.parts.append(tokens(value or ""))
            if name == "srcdoc":
                self.parts.append(Shape(value or "").parts)
            if name in ("href", "src", "action") and (
                scheme := re.match(r"[\s\x00-\x20]*([a-z][\w+.-]*):", value or "", re.IGNORECASE)
            ):
                assert scheme[1].lower() in ("http", "https", "mailto", "tel")

    def handle_endtag(self, tag: str) -> None:
        self.parts.append("/" + tag)
        self.raw = ""

    def handle_data(self, data: str) -> None:
        if self.raw == "style":
            self.parts.append(re.findall(r"[{};\"]|u\(", re.sub(r"url\((?:\"[^\"]*\"|[^)\"]*)\)", "u()", data)))
        elif self.raw:
            self.parts.append(tokens(data))


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(PIECES), st.lists(VALUES, min_size=5, max_size=5)), min_size=1, max_size=4), st.booleans()
)
def test_no_value_changes_what_a_page_is_made_of(pieces: list[tuple[str, list[str]]], t: bool) -> None:
    source = ""
    harmless: dict[str, Any] = {"t": t, "l": ["x", "x"]}
    hostile: dict[str, Any] = {"t": t, "l": [pieces[0][1][0], "<"]}
    for number, (piece, values) in enumerate(pieces):
        names = iter(f"x{number}_{index}" for index in range(20))
        source += re.sub(r"\bX\b", lambda _: next(names), piece)  # noqa: B023 -- used at once
        for index, value in enumerate(values * 2):
            hostile[f"x{number}_{index}"] = value
            harmless[f"x{number}_{index}"] = "x"

    kept = Shape(page(source, **harmless))
    attacked = Shape(page(source, **hostile))

    assert attacked.parts == kept.parts
