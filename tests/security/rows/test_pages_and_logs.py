"""Rows 67 and 69 to 75: templates, pages of errors, and lines in logs."""

import logging

import pytest

from martlet import App, TemplateEngine
from martlet.cli.access_log import EscapingFormatter
from martlet.templates import DictLoader, TemplateError
from tests.rows import each
from tests.security.rows.measuring import assert_linear, seconds
from tests.serving import Serve

BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
HOSTILE = '</pre><script>alert("1")</script>'


# CVE-2025-48432, CVE-2026-111211, CVE-2020-7694
def test_row_67_controls_of_a_path_reach_the_log(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    app = App()

    @app.get("/{rest:path}")
    async def fail(rest: str) -> str:
        raise ValueError("No such shelf.")

    serve(app).get("/a%0A%1B%5B31mERROR%20all%20is%20lost%E2%80%AE%0D%00")

    record = logging.LogRecord("access", logging.INFO, "", 1, "%s", ("/a\n\x1b[31m\u202e",), None)
    messages = [each_one.getMessage() for each_one in caplog.records]
    assert len(messages) == 1
    assert all(message.isprintable() for message in messages)
    assert EscapingFormatter("%(message)s").format(record).isprintable()


@each("name", ["a b", "a/b", "a>b", "a=b", "a\tb", "a\nb", 'a"b', "a'b", "a\0b", "", "a<b"])
def test_row_69_the_name_of_an_attribute_is_several(name: str) -> None:
    with pytest.raises(ValueError, match="Invalid character"):
        TemplateEngine().render("<p {{ values|xmlattr }}>", {"values": {name: "x"}})


@each(
    "page",
    [
        "{{ '{0.__class__.__init__.__globals__}'.format(value) }}",
        "{{ ''.format_map }}{{ ('{a.__class__}').format_map({'a': value}) }}",
        "{% set f = '{0.__class__}'.format %}{{ f(value) }}",
        "{{ value|attr('__class__') }}",
        "{{ [value]|map(attribute='__class__')|list }}",
        "{{ (value|attr)('__class__') }}",
        "{{ [['{0.__class__}', value]]|map('first')|map('format', value)|list }}{{ value['__class__'] }}",
        "{{ '%s'|format(value.__class__) }}",
        "{{ ['{0.__class__}'.format]|map('attr', '__call__')|first }}",
        "{{ ('{0.__cl' ~ 'ass__}').format(value) }}",
    ],
)
def test_row_70_a_sandbox_is_left_by_format_or_by_a_filter(page: str) -> None:
    class Value:
        secret = "the secret of the house"

    try:
        shown = TemplateEngine(sandbox=True).render(page, {"value": Value()})
    except (TemplateError, TypeError):
        return
    assert "class '" not in shown
    assert "&lt;class" not in shown
    assert "__globals__" not in shown


# CVE-2020-28493, CVE-2024-38875, CVE-2024-41990, CVE-2024-27351, CVE-2025-32873, CVE-2026-1285
@each("name", ["urlize", "striptags", "truncate(50)", "wordcount", "wordwrap(40)", "title"])
@each("piece", ["(", "www.", "a@", "<", "<!--", "<a ", "&", "&lt;", "a.", ";", "</", " a"])
def test_row_71_filters_of_text_take_quadratic_time(name: str, piece: str) -> None:
    template = TemplateEngine().from_string("{{ text|%s }}" % name)  # noqa: UP031  braces

    assert_linear(lambda size: template.render(text=piece * (size // len(piece))), 4_000)


# CVE-2024-41989
@each("filter_", ["int", "float", "round", "filesizeformat", "abs", "round(2)"])
@each("number", ["1e9999999", "-1e9999999", "9" * 100_000, "1e-9999999"])
def test_row_72_a_number_that_takes_for_ever_to_be_written(filter_: str, number: str) -> None:
    template = TemplateEngine().from_string("{{ number|%s }}" % filter_)  # noqa: UP031  braces

    def render() -> None:
        try:
            assert len(template.render(number=number)) <= len(number) + 100
        except (TemplateError, TypeError, ValueError):
            return

    assert seconds(render) < 0.2


def failing(*, debug: bool) -> App:
    app = App(debug=debug)

    @app.get("/fail/{text:path}")
    async def fail(text: str) -> str:
        raise ValueError(text)

    @app.get("/number")
    async def number(value: int) -> int:
        return value

    return app


# CVE-2022-22818, CVE-2022-31799, CVE-2020-25626
def test_row_73_a_page_of_an_error_shows_what_was_sent_as_it_is(serve: Serve) -> None:
    for debug in (True, False):
        client = serve(failing(debug=debug))
        for target in (f"/fail/{HOSTILE}", f"/number?value={HOSTILE}", f"/nowhere/{HOSTILE}", f"/number?{HOSTILE}=1"):
            answer = client.get(target, headers={**BROWSER, "x-a": HOSTILE, "referer": HOSTILE})
            assert answer.status_code in {404, 422, 500}
            assert "<script>alert" not in answer.text
            assert "content-security-policy" in answer.headers


def test_row_73_what_went_wrong_is_told_in_production(serve: Serve) -> None:
    answer = serve(failing(debug=False)).get("/fail/the-inner-secret", headers=BROWSER)

    assert answer.status_code == 500
    assert "the-inner-secret" not in answer.text
    assert "Traceback" not in answer.text
    assert "ValueError" not in answer.text


# CVE-2026-15920
@each(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " javascript:1",
        "java\nscript:1",
        "\x01javascript:1",
        "vbscript:1",
        "data:text/html,1",
    ],
)
def test_row_74_a_generated_link_runs_a_script(serve: Serve, address: str) -> None:
    app = App(
        templates=TemplateEngine(
            DictLoader({"link.html": '<a href="{{ address }}">{{ text|urlize }}</a><form action={{ address }}>'})
        )
    )

    @app.get("/", template="link.html")
    async def link() -> dict[str, str]:
        return {"address": address, "text": f"see {address} ."}

    shown = serve(app).get("/", headers=BROWSER).text.lower()

    assert "zblocked" in shown
    assert 'href="' + address.lower()[:6] not in shown
    assert "href=" + address.lower()[:6] not in shown


def test_row_75_a_debugger_can_be_reached_from_another_origin(serve: Serve) -> None:
    client = serve(failing(debug=True))
    answer = client.get("/fail/a", headers=BROWSER)

    # There is nothing to send to: the page shows, and takes no input.
    assert answer.status_code == 500
    assert not any(tag in answer.text.lower() for tag in ("<form", "<script", "<input", "onclick", "<iframe"))
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert client.get("/fail/a", headers={**BROWSER, "host": "evil@example"}).status_code == 400
