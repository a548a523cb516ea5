"""With debug on, and only then, a browser is shown where an unexpected error came from; every text of it escaped."""

from html.parser import HTMLParser

import pytest

from martlet import HTML, App, HTTPError
from martlet.http import error_for
from tests.rows import each
from tests.serving import Serve

BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
HOSTILE = '</pre><script>alert("1")</script>'


class Texts(HTMLParser):
    """The names of a page's elements, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def failing(*, debug: bool) -> App:
    app = App(debug=debug)

    @app.get("/chain/{text:path}")
    def fail(text: str) -> str:
        try:
            raise LookupError(text)  # the first of two
        except LookupError as error:
            raise ValueError("No such shelf.") from error  # <the> second

    @app.get("/context")
    def fail_while_handling() -> str:
        try:
            raise KeyError("shelf")
        except KeyError:
            return str(1 / 0)

    @app.get("/group")
    async def fail_together() -> str:
        raise ExceptionGroup("Both failed.", [OSError("one"), TypeError("two")])

    @app.get("/deep")
    def recurse() -> str:
        return recurse()

    @app.get("/unprintable")
    def fail_to_say() -> str:
        raise UnprintableError

    @app.get("/noted")
    def fail_with_a_note() -> str:
        error = ValueError("A message.")
        error.add_note("A note.")
        raise error

    @app.get("/refused/{status}")
    def refuse(status: int) -> str:
        raise error_for(status)("Not today.")

    return app


class UnprintableError(Exception):
    def __str__(self) -> str:
        raise RuntimeError


def page_of(serve: Serve, path: str) -> Texts:
    received = serve(failing(debug=True)).get(path, headers=BROWSER)

    assert received.status_code == 500
    assert received.headers["content-type"] == "text/html; charset=utf-8"
    return Texts(received.text)


def test_a_browser_sees_the_traceback_with_the_source_around_it(serve: Serve) -> None:
    text = page_of(serve, "/chain/7").text

    assert "ValueError: No such shelf." in text
    assert text.index("ValueError") < text.index("It was raised from:") < text.index("LookupError: 7")
    assert "test_debug_page.py:" in text
    assert "in fail\n" in text
    assert 'raise ValueError("No such shelf.") from error  # <the> second' in text
    assert "GET /chain/7" in text


def test_no_text_of_an_error_or_a_request_changes_the_page(serve: Serve) -> None:
    usual, hostile = page_of(serve, "/chain/7"), page_of(serve, f"/chain/{HOSTILE}")

    assert hostile.tags == usual.tags
    assert "script" not in hostile.tags
    assert hostile.text.count(HOSTILE) >= 2  # in the path and in the message


@each(
    ("path", "words"),
    [
        ("/context", ["ZeroDivisionError: division by zero", "It was raised while this was handled:", "KeyError: 'shelf'"]),
        ("/group", ["Both failed.", "One of the group:", "OSError: one", "TypeError: two"]),
        ("/deep", ["RecursionError: maximum recursion depth exceeded"]),
        ("/unprintable", ["UnprintableError"]),
        ("/noted", ["ValueError: A message.", "A note."]),
    ],
)
def test_every_kind_of_error_has_its_page(serve: Serve, path: str, words: list[str]) -> None:
    text = page_of(serve, path).text

    assert [word for word in words if word not in text] == []
    assert len(text) < 200_000


def test_a_program_gets_the_traceback_as_before(serve: Serve) -> None:
    problem = serve(failing(debug=True)).get("/chain/7").json()

    assert problem["detail"] == "ValueError: No such shelf."
    assert any("LookupError: 7" in line for line in problem["traceback"])


def test_without_debug_nobody_sees_any_of_it(serve: Serve) -> None:
    received = serve(failing(debug=False)).get("/chain/7", headers=BROWSER)

    assert received.status_code == 500
    assert [word for word in ("ValueError", "LookupError", "test_debug_page", "shelf", "debug") if word in received.text] == []


@pytest.mark.parametrize("status", [404, 500])
def test_an_error_that_was_meant_looks_as_ever(serve: Serve, status: int) -> None:
    with_debug, without = (serve(failing(debug=debug)).get(f"/refused/{status}", headers=BROWSER) for debug in (True, False))

    assert (with_debug.status_code, with_debug.text) == (status, without.text)
    assert "Not today." in with_debug.text


def test_a_page_of_the_applications_own_is_for_errors_that_were_meant(serve: Serve) -> None:
    def own_page(error: HTTPError) -> HTML:
        return HTML("<h1>Sorry: {}</h1>").format(error.message)

    app = App(debug=True, error_page=own_page)

    @app.get("/")
    def fail() -> str:
        raise ValueError("No such shelf.")

    client = serve(app)

    assert "Sorry" in client.get("/nowhere", headers=BROWSER).text
    assert "in <strong>fail</strong>" in client.get("/", headers=BROWSER).text
