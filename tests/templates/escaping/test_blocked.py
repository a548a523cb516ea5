"""A value that is left out is told of: by a log, once for a line, or by an error."""

import logging
import re

import pytest

from martlet.templates import DictLoader, SafeURL, TemplateEngine, TemplateRuntimeError
from tests.rows import each

PAGE = """<p>
{% for url in urls %}<a href="{{ url }}">{% endfor %}
<script src="{{ code }}"></script>"""


def test_a_blocked_value_is_logged_once_for_its_line(caplog: pytest.LogCaptureFixture) -> None:
    engine = TemplateEngine(DictLoader({"page.html": PAGE}))
    with caplog.at_level(logging.WARNING, "martlet.templates"):
        for _ in range(2):
            engine.get_template("page.html").render(urls=["javascript:a\nb", "data:c", "/d"], code="//cdn.example/e.js")

    one, other = (record.getMessage() for record in caplog.records)
    assert one.startswith("<template page.html>, line 2: nothing makes the value 'javascript:a\\nb' safe in a URL: pass ")
    assert re.match("<template page.html>, lines? (2 to )?3: nothing makes the value '//cdn.example/e.js' safe in a URL ", other)
    assert other.endswith("pass a path of this host, write the host out in the template, or pass a SafeURL if you trust it")


@each(
    ("source", "place"),
    [
        ("<a href='{{ x }}'>", "a URL"),
        ("<a href='/b{% for y in [x] %}{{ y }}{% endfor %}' {{ x }}>", "the name of an attribute"),
        ("<p style='{{ x }}'>", "a style sheet"),
        ("<p {{ {'style': x} | xmlattr }}>", "a style sheet"),
        ("<img srcset='{{ x }}'>", "a URL"),
        ("<p hx-trigger='{{ x }}'>", "a trigger of htmx"),
        ("<a {{ x }}='b'>", "the name of an attribute"),
        ("<h{{ x }}>", "the name of an attribute"),
        ("{% macro m(x) %}<a href='{{ x }}'>{% endmacro %}{{ m(x) }}", "a URL"),
        ("{% block b %}<a href='{{ x }}'>{% endblock %}", "a URL"),
    ],
)
def test_a_blocked_value_is_an_error_if_that_is_wanted(source: str, place: str) -> None:
    engine = TemplateEngine(blocked="raise")

    with pytest.raises(TemplateRuntimeError, match=f"nothing makes the value 'javascript:\\(;\\[' safe in {place}"):
        engine.render(source, x="javascript:(;[")
    with pytest.raises(TemplateRuntimeError):
        "".join(engine.with_globals({}).from_string(source).stream(x="javascript:(;["))


def test_a_blocked_value_may_leave_no_more_than_its_mark(caplog: pytest.LogCaptureFixture) -> None:
    engine = TemplateEngine(blocked="mark")

    assert (
        engine.render("<a href='{{ x }}'><a href='{{ y }}'>", x="a:b", y=SafeURL("a:b")) == "<a href='#zBlocked'><a href='a:b'>"
    )
    assert not caplog.records


def test_what_is_to_be_done_is_one_of_three() -> None:
    with pytest.raises(ValueError, match="blocked is 'log', 'raise' or 'mark', not 'loud'"):
        TemplateEngine(blocked="loud")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
