"""Cookies in and out, over every protocol (RFC 6265bis; sections of draft-ietf-httpbis-rfc6265bis-22)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from martlet import App, Reply, Request, Response, SetCookie, Stream
from martlet.middleware import CORS, ProxyHeaders
from martlet.testing import Client
from tests.rows import each
from tests.serving import PROTOCOLS, ProtocolName, Serve, ServeOnce


def reading_app() -> App:
    app = App()

    @app.get("/")
    async def read(request: Request) -> dict[str, str]:
        return request.cookies

    return app


@each(
    ("field", "cookies"),
    [
        pytest.param("a=b; c=d", {"a": "b", "c": "d"}, id="4.2.1: pairs"),
        pytest.param("a=b;c=d", {"a": "b", "c": "d"}, id="4.2.1: a semicolon without a blank"),
        pytest.param(" a = b ;\tc=d\t", {"a": "b", "c": "d"}, id="5.6 step 5: blanks around"),
        pytest.param("a=b; a=c", {"a": "b"}, id="5.8.3: of one name the first, which has the longest path"),
        pytest.param("a=b=c==", {"a": "b=c=="}, id="5.6 step 4: the first sign separates"),
        pytest.param('a="b c"', {"a": '"b c"'}, id="4.1.1: quotes belong to the value"),
        pytest.param("a=%20b+c", {"a": "%20b+c"}, id="4.1.1: nothing is decoded"),
        pytest.param("a=", {"a": ""}, id="4.1.1: an empty value"),
        pytest.param("=__Host-a=evil; b=c", {"b": "c"}, id="8.8: a nameless cookie could pose as any other"),
        pytest.param("__Host-a; b=c", {"b": "c"}, id="8.8: so could a value alone"),
        pytest.param("a=b, c=d", {"a": "b, c=d"}, id="4.2.1: a comma does not separate"),
        pytest.param("$Version=1; a=b; $Path=/", {"$Version": "1", "a": "b", "$Path": "/"}, id="RFC 2965 is gone"),
        pytest.param("A=1; a=2", {"A": "1", "a": "2"}, id="5.7: case counts in names"),
        pytest.param(";;; ;=; a=b;", {"a": "b"}, id="5.6: nothing between semicolons"),
        pytest.param("", {}, id="an empty field"),
        pytest.param("a[]=1; a(b)=2; a/b=3", {"a[]": "1", "a(b)": "2", "a/b": "3"}, id="names that are no tokens"),
        pytest.param('a={"b":1,"c":[2]}', {"a": '{"b":1,"c":[2]}'}, id="JSON, as some scripts write it"),
    ],
)
def test_what_a_client_sends_is_read_as_it_is(serve_once: ServeOnce, field: str, cookies: dict[str, str]) -> None:
    assert serve_once(reading_app).get("/", headers={"cookie": field}).json() == cookies


def test_several_fields_are_one_list(serve_once: ServeOnce) -> None:
    """RFC 9113 section 8.2.3: HTTP/2 may split it."""
    assert serve_once(reading_app).get("/", headers=[("cookie", "a=b"), ("cookie", "c=d")]).json() == {"a": "b", "c": "d"}


def setting_app(cookie: SetCookie) -> App:
    app = App()

    @app.get("/")
    async def respond() -> Response:
        return Response("set", cookies=[cookie])

    @app.get("/plain")
    def respond_plainly() -> Response:
        response = Response("set")
        response.set_cookie(cookie)
        return response

    @app.get("/reply")
    async def reply() -> Reply[dict[str, int]]:
        return Reply({"answer": 42}, cookies=[cookie])

    @app.get("/stream")
    async def stream() -> Response:
        def chunks() -> Iterator[str]:
            yield "set"

        return Response(Stream(chunks()), cookies=[cookie])

    return app


PATHS = ["/", "/plain", "/reply", "/stream"]
EVERY = "; Path=/; HttpOnly; SameSite=Lax"


def cookies_of(app: App, protocol: ProtocolName, path: str = "/", scheme: Any = "http", **headers: str) -> list[str]:
    with Client(app, protocol=protocol, scheme=scheme, headers=headers) as client:
        return client.get(path).headers.get_list("set-cookie")


@each("path", PATHS)
@each(
    ("cookie", "over_http", "over_https"),
    [
        pytest.param(
            SetCookie("a", "b"), f"a=b{EVERY}", "a=b; Path=/; Secure; HttpOnly; SameSite=Lax", id="4.1.2.5: as the scheme allows"
        ),
        pytest.param(
            SetCookie("a", "b", secure=True),
            "a=b; Path=/; Secure; HttpOnly; SameSite=Lax",
            "a=b; Path=/; Secure; HttpOnly; SameSite=Lax",
            id="4.1.2.5: always",
        ),
        pytest.param(SetCookie("a", "b", secure=False), f"a=b{EVERY}", f"a=b{EVERY}", id="4.1.2.5: never"),
        pytest.param(
            SetCookie("__Host-a", "b"),
            "__Host-a=b; Path=/; Secure; HttpOnly; SameSite=Lax",
            "__Host-a=b; Path=/; Secure; HttpOnly; SameSite=Lax",
            id="4.1.3.2: the name demands it",
        ),
        pytest.param(
            SetCookie("a", "b", same_site="none", partitioned=True),
            "a=b; Path=/; Secure; HttpOnly; SameSite=None; Partitioned",
            "a=b; Path=/; Secure; HttpOnly; SameSite=None; Partitioned",
            id="4.1.2.7: SameSite=None demands it",
        ),
        pytest.param(
            SetCookie("a", "b").removed(),
            "a=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/; HttpOnly; SameSite=Lax",
            "a=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/; Secure; HttpOnly; SameSite=Lax",
            id="4.1.2.2: its removal too",
        ),
        pytest.param(
            SetCookie("a", "b", expires=datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC), domain="example.org"),
            "a=b; Expires=Wed, 02 Jan 2030 03:04:05 GMT; Path=/; Domain=example.org; HttpOnly; SameSite=Lax",
            "a=b; Expires=Wed, 02 Jan 2030 03:04:05 GMT; Path=/; Domain=example.org; Secure; HttpOnly; SameSite=Lax",
            id="4.1.1: attributes",
        ),
    ],
)
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_secure_is_said_where_the_scheme_allows(
    protocol: ProtocolName, path: str, cookie: SetCookie, over_http: str, over_https: str
) -> None:
    app = setting_app(cookie)

    assert cookies_of(app, protocol, path) == [over_http]
    assert cookies_of(app, protocol, path, "https") == [over_https]


@each(
    ("headers", "secure"),
    [
        pytest.param({"x-forwarded-proto": "https"}, True, id="X-Forwarded-Proto"),
        pytest.param({"x-forwarded-proto": "http"}, False, id="X-Forwarded-Proto: http"),
        pytest.param({"forwarded": "for=192.0.2.7;Proto=HTTPS"}, True, id="RFC 7239 section 5.4"),
        pytest.param({"forwarded": "for=192.0.2.7"}, False, id="RFC 7239 without proto"),
    ],
)
def test_a_proxy_that_nobody_named_can_only_make_it_stricter(serve: Serve, headers: dict[str, str], secure: bool) -> None:
    received = serve(setting_app(SetCookie("a", "b"))).get("/", headers=headers)

    assert ("; Secure" in received.headers["set-cookie"]) is secure


def test_a_trusted_proxy_tells_the_scheme(serve: Serve) -> None:
    app = setting_app(SetCookie("a", "b"))
    app.use(ProxyHeaders(["127.0.0.1"], fields=["forwarded"]))
    app.use(CORS("*"))

    received = serve(app).get("/", headers={"forwarded": "for=192.0.2.7;proto=https"})

    assert "; Secure" in received.headers["set-cookie"]


def test_middlewares_see_and_change_cookies(serve: Serve) -> None:
    app = setting_app(SetCookie("a", "b"))
    seen: list[list[str]] = []

    @app.use
    async def look(request: Request, respond: Any) -> Response:
        response: Response = await respond(request)
        seen.append(response.headers.get_list("set-cookie"))
        response.set_cookie(SetCookie("c", "d"))
        return response

    received = serve(app).get("/").headers.get_list("set-cookie")

    assert seen == [["a=b; Path=/; Secure; HttpOnly; SameSite=Lax"]]
    assert received == [f"a=b{EVERY}", f"c=d{EVERY}"]


def test_each_cookie_has_a_field_of_its_own(serve: Serve) -> None:
    """RFC 6265bis section 3: they cannot be joined by commas."""
    app = App()

    @app.get("/")
    async def respond() -> Response:
        return Response("set", cookies=[SetCookie("a", "1"), SetCookie("a", "2"), SetCookie("b", "3", secure=True)])

    assert [line.partition(";")[0] for line in serve(app).get("/").headers.get_list("set-cookie")] == ["a=1", "a=2", "b=3"]
