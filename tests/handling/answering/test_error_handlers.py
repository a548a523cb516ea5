"""From an exception to an answer: the nearest class decides, a value or another error is given, nothing is shown by accident."""

import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from msgspec import Struct

from martlet import App, BadRequestError, ConflictError, HTTPError, NotFoundError, Reply, Request, Response
from tests.rows import each
from tests.serving import Serve

SECRET = "the password is swordfish"
BROWSER = {"accept": "text/html,*/*;q=0.8"}


class OutOfStock(Exception):  # noqa: N818  the error of a shop, not of ours
    def __init__(self, sku: str) -> None:
        super().__init__(f"{sku} is out of stock.")
        self.sku = sku


class SoldOut(OutOfStock):
    """Nearer than its parent."""


class Sorry(Struct):
    text: str


class Notes:
    def __init__(self) -> None:
        self.lines: list[str] = []


def failing(error: BaseException, *, waits: bool = False, debug: bool = False) -> App:
    """An app whose one route raises this."""
    app = App(debug=debug)

    def fail() -> str:
        raise error

    async def fail_waiting() -> str:
        raise error

    app.get("/")(fail_waiting if waits else fail)
    return app


ANSWERS: list[Any] = [
    pytest.param("sorry", 500, "text/plain; charset=utf-8", b"sorry", id="text"),
    pytest.param(b"sorry", 500, "application/octet-stream", b"sorry", id="bytes"),
    pytest.param({"sorry": True}, 500, "application/json", b'{"sorry":true}', id="data"),
    pytest.param(Sorry("so"), 500, "application/json", b'{"text":"so"}', id="a struct"),
    pytest.param(None, 500, None, b"", id="nothing"),
    pytest.param(Reply("later", status=503), 503, "text/plain; charset=utf-8", b"later", id="a reply"),
    pytest.param(Response("fine", status=200), 200, "text/plain; charset=utf-8", b"fine", id="a response"),
]


@each("waits", [False, True])
@each(("value", "status", "content_type", "content"), ANSWERS)
def test_an_error_handler_answers_with_a_value(
    serve: Serve, waits: bool, value: Any, status: int, content_type: str | None, content: bytes
) -> None:
    app = failing(OutOfStock("swift"), waits=waits)

    if waits:

        @app.on_error(OutOfStock)
        async def sorry_waiting(error: OutOfStock) -> Any:
            return value

    else:

        @app.on_error(OutOfStock)
        def sorry(error: OutOfStock) -> Any:
            return value

    received = serve(app).get("/")

    assert (received.status_code, received.headers.get("content-type"), received.content) == (status, content_type, content)


def test_a_value_has_the_status_of_the_error_it_answers(serve: Serve) -> None:
    app = failing(NotFoundError("No such book."))

    @app.on_error(NotFoundError)
    def sorry(error: NotFoundError) -> str:
        return f"We looked everywhere: {error.message}"

    client = serve(app)

    assert (client.get("/").status_code, client.get("/").text) == (404, "We looked everywhere: No such book.")
    assert client.get("/nowhere").status_code == 404
    assert client.get("/nowhere").text.startswith("We looked everywhere")


@pytest.mark.parametrize("waits", [False, True])
def test_an_error_handler_may_give_another_error(serve: Serve, waits: bool) -> None:
    app = failing(OutOfStock("swift"), waits=waits)

    @app.on_error(OutOfStock)
    def sorry(error: OutOfStock) -> HTTPError:
        return ConflictError(str(error), sku=error.sku)

    client = serve(app)
    data, page = client.get("/"), client.get("/", headers=BROWSER)

    assert data.status_code == page.status_code == 409
    assert data.json()["detail"] == "swift is out of stock."
    assert data.json()["sku"] == "swift"
    assert page.headers["content-type"] == "text/html; charset=utf-8"


@each(
    ("error", "answer"),
    [
        pytest.param(SoldOut("a"), "sold out", id="its own class"),
        pytest.param(OutOfStock("a"), "out of stock", id="its own class, a parent of another"),
        pytest.param(KeyError("a"), "lookup", id="a parent"),
        pytest.param(UnicodeDecodeError("utf-8", b"", 0, 1, "bad"), "value", id="a parent's parent"),
        pytest.param(OSError("a"), "anything", id="Exception"),
        pytest.param(BadRequestError(), "http", id="an HTTPError before Exception"),
    ],
)
def test_the_nearest_class_decides(serve: Serve, error: Exception, answer: str) -> None:
    app = failing(error)
    classes: list[tuple[type[Exception], str]] = [
        (Exception, "anything"),
        (OutOfStock, "out of stock"),
        (LookupError, "lookup"),
        (SoldOut, "sold out"),
        (ValueError, "value"),
        (HTTPError, "http"),
    ]
    for exception_type, text in classes:
        app.on_error(exception_type)(handler_of(text))

    assert serve(app).get("/").text == answer


def handler_of(text: str) -> Callable[[Exception], str]:
    def sorry(error: Exception) -> str:
        return text

    return sorry


def test_an_error_handler_is_bound_as_a_handler_is(serve: Serve) -> None:
    app, notes = failing(OutOfStock("swift")), Notes()
    events: list[str] = []

    @app.provider
    def supplied(request: Request) -> Iterator[Notes]:
        events.append("open")
        yield notes
        events.append("close")

    @app.on_error(OutOfStock)
    def sorry(notes: Notes, request: Request, *, error: OutOfStock, lang: str = "en") -> str:
        events.append("answer")
        notes.lines.append(f"{request.path} {error.sku} {lang}")
        return "sorry"

    assert serve(app).get("/?lang=de").text == "sorry"
    assert notes.lines == ["/ swift de"]
    assert events == ["open", "answer", "close"]


def test_an_error_handler_need_not_look_at_the_error(serve: Serve) -> None:
    app = failing(OutOfStock("swift"))

    @app.on_error(OutOfStock)
    async def sorry() -> str:
        return "sorry"

    assert serve(app).get("/").text == "sorry"


@pytest.mark.parametrize("place", ["guard", "provider", "authenticator"])
def test_errors_from_anywhere_on_the_way_are_answered(serve: Serve, place: str) -> None:
    app = App()

    def fail() -> Notes:
        raise OutOfStock("swift")

    if place == "provider":
        app.provider(fail)
    if place == "authenticator":
        app.authenticator(fail)

    def guard() -> None:
        fail()

    if place == "guard":

        @app.get("/", guards=[guard])
        def guarded() -> str:
            return ""

    else:

        @app.get("/")
        def show(notes: Notes) -> str:
            return ""

    @app.on_error(OutOfStock)
    def sorry(error: OutOfStock) -> Response:
        return Response("sorry", status=409)

    assert serve(app).get("/").status_code == 409


# What nobody expected.


@pytest.mark.parametrize("waits", [False, True])
@pytest.mark.parametrize("accept", ["application/json", BROWSER["accept"], "image/png"])
def test_an_unexpected_error_is_500_shown_to_nobody_and_logged_once(
    serve: Serve, caplog: pytest.LogCaptureFixture, waits: bool, accept: str
) -> None:
    client = serve(failing(RuntimeError(SECRET), waits=waits))

    with caplog.at_level(logging.DEBUG, "martlet"):
        received = client.get("/", headers={"accept": accept})

    assert received.status_code == 500
    assert "swordfish" not in received.text
    assert "RuntimeError" not in received.text
    assert "Traceback" not in received.text
    records = [record for record in caplog.records if record.name.startswith("martlet")]
    assert [record.levelname for record in records] == ["ERROR"]
    assert records[0].exc_info is not None
    assert records[0].exc_info[1] is not None
    assert str(records[0].exc_info[1]) == SECRET
    assert "GET /" in records[0].getMessage()


@pytest.mark.parametrize("error", [NotFoundError("No such book."), BadRequestError()])
def test_an_expected_error_is_not_logged(serve: Serve, caplog: pytest.LogCaptureFixture, error: HTTPError) -> None:
    client = serve(failing(error))

    with caplog.at_level(logging.DEBUG, "martlet"):
        client.get("/")

    assert [record for record in caplog.records if record.name.startswith("martlet")] == []


def test_an_answered_error_is_not_logged(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    app = failing(OutOfStock("swift"))
    app.on_error(OutOfStock)(handler_of("sorry"))
    client = serve(app)

    with caplog.at_level(logging.DEBUG, "martlet"):
        client.get("/")

    assert [record for record in caplog.records if record.name.startswith("martlet")] == []


def test_debug_shows_the_developer_what_happened(serve: Serve) -> None:
    received = serve(failing(RuntimeError(SECRET), debug=True)).get("/")

    assert received.status_code == 500
    assert received.json()["detail"] == f"RuntimeError: {SECRET}"
    assert any("test_error_handlers.py" in line for line in received.json()["traceback"])


def test_a_path_from_the_wire_cannot_forge_a_line_of_the_log(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    app = App()

    @app.get("/{name:path}")
    def fail(name: str) -> str:
        raise RuntimeError

    with caplog.at_level(logging.ERROR, "martlet"):
        serve(app).get("/a%0D%0AERROR%20all%20is%20lost%1B%5B2J")

    assert "\n" not in caplog.records[0].getMessage()
    assert "\x1b" not in caplog.records[0].getMessage()


@pytest.mark.parametrize("waits", [False, True])
def test_an_error_handler_that_fails_is_500_and_logged(serve: Serve, caplog: pytest.LogCaptureFixture, waits: bool) -> None:
    app = failing(OutOfStock("swift"), waits=waits)

    @app.on_error(OutOfStock)
    def sorry(error: OutOfStock) -> str:
        raise RuntimeError(SECRET)

    with caplog.at_level(logging.ERROR, "martlet"):
        received = serve(app).get("/")

    assert (received.status_code, "swordfish" in received.text) == (500, False)
    assert len(caplog.records) == 1
    assert caplog.records[0].exc_info is not None
    assert isinstance(caplog.records[0].exc_info[1], RuntimeError)


def test_an_answer_that_cannot_be_rendered_is_500(serve: Serve) -> None:
    app = failing(OutOfStock("swift"))

    @app.on_error(OutOfStock)
    def sorry(error: OutOfStock) -> Any:
        return object()

    assert serve(app).get("/").status_code == 500


def test_an_error_is_never_answered_by_a_406(serve: Serve) -> None:
    app = failing(NotFoundError("No such book."))

    @app.on_error(NotFoundError)
    def sorry(error: NotFoundError) -> Any:
        return {"sorry": True}

    received = serve(app).get("/", headers={"accept": "image/png"})

    assert received.status_code == 404
    assert received.headers["content-type"] == "application/problem+json"


def test_errors_gathered_in_a_group_are_one_unexpected_error(serve: Serve) -> None:
    app = failing(ExceptionGroup("two", [OutOfStock("a"), KeyError("b")]))

    assert serve(app).get("/").status_code == 500


def test_fields_of_an_error_are_fields_of_its_answer(serve: Serve) -> None:
    received = serve(failing(HTTPError("Slow down.", headers={"retry-after": "5"}))).get("/")

    assert received.headers["retry-after"] == "5"
    assert received.headers["vary"] == "accept"
