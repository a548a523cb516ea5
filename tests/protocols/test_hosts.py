"""Whom a request is for: one Host field with an authority in it, over every protocol (RFC 9112 section 3.2)."""

from __future__ import annotations

import asyncio
from typing import Any

from martlet import CORS, App, Request, RequestID
from martlet.testing import Client
from tests.rows import each
from tests.serving import Serve, ServeOnce


def greeting_app() -> App:
    app = App()

    @app.get("/")
    async def greet() -> str:
        return "Hello"

    @app.post("/")
    async def note(request: Request) -> dict[str, str]:
        return {"host": request.host}

    @app.get("/data")
    async def show() -> dict[str, int]:
        return {"answer": 42}

    return app


WELL_FORMED = ["example.org", "EXAMPLE.org:8080", "localhost:", "127.0.0.1:8000", "[::1]", "[2001:db8::1]:443", "my_box"]

NOT_WELL_FORMED = {
    "empty": "",
    "a user name": "someone@example.org",
    "a path": "example.org/evil",
    "a query": "example.org?evil",
    "two of them joined": "example.org, evil.example",
    "no port": "example.org:http",
    "a port beyond the last": "example.org:65536",
    "an address that is none": "[::g]",
    "a space": "exa mple.org",
    "a number that is no address": "1.2.3",
}


@each("host", WELL_FORMED)
@each("path", ["/", "/data"])
def test_a_host_is_let_in(serve_once: ServeOnce, host: str, path: str) -> None:
    client = serve_once(greeting_app)

    assert [client.get(path, headers={"host": host}).status_code for _ in range(2)] == [200, 200]


@each("host", NOT_WELL_FORMED.values(), ids=NOT_WELL_FORMED)
@each(("method", "path"), [("GET", "/"), ("GET", "/data"), ("POST", "/"), ("GET", "/nowhere")])
def test_what_is_no_host_is_refused(serve_once: ServeOnce, host: str, method: str, path: str) -> None:
    client = serve_once(greeting_app)

    answers = [client.request(method, path, headers={"host": host}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [400, 400]
    assert "host" in answers[0].json()["detail"].lower()


def ask_over_asgi(app: App, fields: list[tuple[bytes, bytes]], method: str, path: str, **others: Any) -> int:
    """Give the status of the answer to a request as an ASGI server would put it."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b""}

    async def send(event: Any) -> None:
        sent.append(event)

    scope = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": fields, **others}
    asyncio.run(app(scope, receive, send))
    return int(sent[0]["status"])


@each(("method", "path"), [("GET", "/"), ("GET", "/data"), ("POST", "/")])
@each("second", [b"example.org", b"evil.example", b""], ids=["the same", "another", "an empty one"])
def test_a_second_host_is_refused_even_after_the_first_is_known(method: str, path: str, second: bytes) -> None:
    app = greeting_app()
    known = (b"host", b"example.org")

    assert ask_over_asgi(app, [known], method, path, http_version="1.1") == 200
    assert ask_over_asgi(app, [known, (b"accept", b"*/*"), (b"host", second)], method, path, http_version="1.1") == 400


@each(
    ("others", "status"),
    [({"http_version": "1.1"}, 400), ({"http_version": "1.0"}, 200), ({"http_version": "2"}, 200), ({}, 200)],
    ids=["a duty in 1.1", "none in 1.0", "the server's affair in 2", "not judged where nobody tells"],
)
def test_a_missing_host_is_judged_by_the_version(others: dict[str, str], status: int) -> None:
    assert ask_over_asgi(greeting_app(), [], "GET", "/", **others) == status


def test_an_empty_host_stands_for_none_in_http_1_0() -> None:
    assert ask_over_asgi(greeting_app(), [(b"host", b"")], "GET", "/", http_version="1") == 200


def test_hosts_that_a_client_makes_up_do_not_fill_the_memory(serve_once: ServeOnce) -> None:
    client = serve_once(greeting_app)

    statuses = {client.get("/", headers={"host": f"host{number}.example"}).status_code for number in range(600)}

    assert statuses == {200}


def test_an_error_handler_that_waits_answers_for_a_bad_host_too() -> None:
    app = greeting_app()

    @app.on_error(ValueError)
    async def wait(_: ValueError) -> str:
        return "never"

    with Client(app, protocol="wsgi") as client:
        assert client.get("/", headers={"host": "a b"}).status_code == 400


def test_an_app_behind_a_proxy_may_leave_it_to_that(serve: Serve) -> None:
    app = App(checks_host=False)

    @app.route("/", methods=["GET", "POST"])
    async def show(request: Request) -> dict[str, str]:
        return {"host": request.host}

    client = serve(app)
    answers = [client.request(method, "/", headers={"host": "a b", "accept": "application/json"}) for method in ("GET", "POST")]

    assert [(answer.status_code, answer.json()) for answer in answers] == [(200, {"host": "a b"})] * 2


def test_middlewares_see_the_refusal_as_any_answer(serve: Serve) -> None:
    app = greeting_app()
    app.use(RequestID())
    app.use(CORS(allow_origins=["https://shop.example"]))

    answer = serve(app).get("/", headers={"host": "a b", "origin": "https://shop.example"})

    assert answer.status_code == 400
    assert answer.headers["access-control-allow-origin"] == "https://shop.example"
    assert "x-request-id" in answer.headers
