"""What every answer tells browsers: on by default, changed by one object, the same over every protocol."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import AsyncIterator
from hashlib import sha256

import pytest

from martlet import HTML, App, ProxyHeaders, Request, Response, SecurityHeaders, Stream
from martlet.http.content_security_policy import check_policy
from tests.rows import each
from tests.serving import Serve, ServeOnce

DEFAULTS = dict(SecurityHeaders().fields(is_secure=False))


def app_with(security_headers: SecurityHeaders | None = SecurityHeaders()) -> App:  # noqa: B008  frozen
    app = App(security_headers=security_headers)

    @app.get("/text")
    async def text() -> str:
        return "Hello"

    @app.get("/data")
    def data(request: Request) -> dict[str, str]:
        return {"query": request.query.get("q") or ""}

    @app.get("/stream")
    async def stream() -> Stream:
        return Stream([b"a", b"b"])

    @app.get("/own")
    async def own() -> Response:
        return Response("own", headers={"referrer-policy": "no-referrer", "x-shelf": "3"})

    @app.get("/page")
    async def page(request: Request) -> HTML:
        return HTML(f'<script nonce="{request.nonce}"></script>')

    @app.get("/fails")
    async def fails() -> str:
        raise RuntimeError

    return app


@each("path", ["/text", "/data", "/data?q=1", "/stream", "/fails", "/nowhere", "/page"])
@each("times", [1, 2])
def test_every_answer_has_them(serve_once: ServeOnce, path: str, times: int) -> None:
    client = serve_once(app_with)

    answers = [client.get(path) for _ in range(times)]

    assert [dict(answers[-1].headers) | DEFAULTS == dict(answers[-1].headers)] == [True]
    assert "strict-transport-security" not in answers[-1].headers


def test_an_answer_that_says_otherwise_keeps_its_own(serve_once: ServeOnce) -> None:
    answer = serve_once(app_with).get("/own")

    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-shelf"] == "3"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_none_sends_nothing(serve_once: ServeOnce) -> None:
    answer = serve_once(app_with, None).get("/text")

    assert not DEFAULTS.keys() & answer.headers.keys()


@pytest.mark.parametrize("path", ["/text", "/stream", "/own"])
def test_transport_security_is_sent_over_https_only(serve: Serve, path: str) -> None:
    app = app_with()
    app.use(ProxyHeaders(trusted=["127.0.0.1"], fields=["forwarded"]))
    client = serve(app)

    for _ in range(2):
        assert "strict-transport-security" not in client.get(path).headers
        secure = client.get(path, headers={"forwarded": "proto=https"})
        assert secure.headers["strict-transport-security"] == "max-age=31536000"


def test_a_page_and_its_policy_have_the_same_nonce_and_the_next_page_another(serve_once: ServeOnce) -> None:
    client = serve_once(app_with, SecurityHeaders(content_security_policy="script-src 'nonce-{nonce}'"))

    answers = [client.get("/page") for _ in range(2)]

    nonces = [answer.text.split('"')[1] for answer in answers]
    assert nonces[0] != nonces[1]
    assert [answer.headers["content-security-policy"] for answer in answers] == [
        f"script-src 'nonce-{nonce}'" for nonce in nonces
    ]
    assert "nonce" not in client.get("/text").headers.get("content-security-policy", "")


def test_a_304_leaves_the_policy_of_the_kept_page_alone(serve: Serve) -> None:
    app = App(security_headers=SecurityHeaders(content_security_policy="script-src 'nonce-{nonce}'"))

    @app.get("/page", validator=lambda: "v1", inline=True)
    def page(request: Request) -> HTML:
        return HTML(f'<script nonce="{request.nonce}"></script>')

    client = serve(app)
    for _ in range(2):
        assert client.get("/page").headers["content-security-policy"].startswith("script-src 'nonce-")
        kept = client.get("/page", headers={"if-none-match": '"v1"'})
        assert kept.status_code == 304
        assert "content-security-policy" not in kept.headers


BROWSER = {"accept": "text/html,*/*;q=0.8"}
STRICT = SecurityHeaders(content_security_policy="default-src 'none'; style-src 'nonce-{nonce}'")


@pytest.mark.parametrize("debug", [False, True], ids=["problem page", "debug page"])
def test_our_own_pages_are_let_through_by_the_policy_they_are_sent_with(serve: Serve, debug: bool) -> None:
    app = App(debug=debug, security_headers=STRICT)

    @app.get("/fails")
    async def fails(request: Request) -> str:
        raise RuntimeError(request.nonce)

    answer = serve(app).get("/fails", headers=BROWSER)

    style = answer.text.partition("<style>")[2].partition("</style>")[0]
    digest = b64encode(sha256(style.encode()).digest()).decode()
    policy = answer.headers["content-security-policy"]
    assert answer.status_code == 500
    assert f"style-src 'sha256-{digest}';" in policy
    assert policy.startswith("default-src 'none'; ")
    check_policy(policy)


def test_a_problem_for_programs_keeps_the_applications_policy(serve: Serve) -> None:
    assert (
        serve(App(security_headers=STRICT)).get("/").headers["content-security-policy"] == "default-src 'none'; style-src 'none'"
    )


@pytest.mark.parametrize("headers", [None, SecurityHeaders(content_security_policy=None)], ids=["no fields", "no policy"])
def test_who_wants_no_policy_gets_none_for_our_pages_either(serve: Serve, headers: SecurityHeaders | None) -> None:
    assert "content-security-policy" not in serve(App(security_headers=headers)).get("/", headers=BROWSER).headers


def test_an_error_page_of_the_applications_own_keeps_its_policy(serve: Serve) -> None:
    app = App(security_headers=STRICT, error_page=lambda error: HTML(f"<p>{error.status_code}</p>"))

    assert "sha256" not in serve(app).get("/", headers=BROWSER).headers["content-security-policy"]


@pytest.mark.parametrize("is_async", [True, False], ids=["async", "plain"])
def test_a_nonce_that_comes_too_late_for_its_policy_is_an_error(serve: Serve, is_async: bool) -> None:
    app = App(security_headers=STRICT)
    told: list[str] = []

    def read(request: Request) -> bytes:
        try:
            return request.nonce.encode()
        except RuntimeError as error:
            told.append(str(error))
            return b"too late"

    @app.get("/late")
    async def late(request: Request) -> Stream:
        async def chunks() -> AsyncIterator[bytes]:
            yield read(request)

        return Stream(chunks() if is_async else (read(request) for _ in range(1)))

    @app.get("/in-time")
    async def in_time(request: Request) -> Stream:
        assert request.nonce
        return Stream(read(request) for _ in range(1))

    client = serve(app)

    assert client.get("/late").text == "too late"
    assert "read request.nonce before you return the Stream" in told[0]
    answer = client.get("/in-time")
    assert f"'nonce-{answer.text}'" in answer.headers["content-security-policy"]
