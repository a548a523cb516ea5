"""What every answer tells browsers: on by default, changed by one object, the same over every protocol."""

from __future__ import annotations

import pytest

from martlet import HTML, App, ProxyHeaders, Request, Response, SecurityHeaders, Stream
from tests.serving import Serve

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


@pytest.mark.parametrize("path", ["/text", "/data", "/data?q=1", "/stream", "/fails", "/nowhere", "/page"])
@pytest.mark.parametrize("times", [1, 2])
def test_every_answer_has_them(serve: Serve, path: str, times: int) -> None:
    client = serve(app_with())

    answers = [client.get(path) for _ in range(times)]

    assert [dict(answers[-1].headers) | DEFAULTS == dict(answers[-1].headers)] == [True]
    assert "strict-transport-security" not in answers[-1].headers


def test_an_answer_that_says_otherwise_keeps_its_own(serve: Serve) -> None:
    answer = serve(app_with()).get("/own")

    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-shelf"] == "3"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_none_sends_nothing(serve: Serve) -> None:
    answer = serve(app_with(None)).get("/text")

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


def test_a_page_and_its_policy_have_the_same_nonce_and_the_next_page_another(serve: Serve) -> None:
    client = serve(app_with(SecurityHeaders(content_security_policy="script-src 'nonce-{nonce}'")))

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
