"""Rows 24 to 34: who is asked, who asks, and where an answer leads to. Over every protocol."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from martlet import App, HTTPSRedirect, ProxyHeaders, Request, Response, TrustedHosts, redirect_back, redirect_to
from martlet.testing import Client
from tests.adapters.asgi_server import ASGIExchange, asgi_scope
from tests.rows import each
from tests.security.rows.measuring import assert_linear
from tests.serving import Serve, ServeOnce


def make_app() -> App:
    app = App()

    @app.get("/books/")
    async def books(request: Request) -> list[Any]:
        return [request.path, request.host]

    @app.get("/next")
    async def onward(next: str) -> Response:  # noqa: A002  the name that applications give it
        return redirect_to(next)

    @app.get("/back")
    async def back(request: Request) -> Response:
        return redirect_back(request)

    @app.get("/told")
    async def told(to: str) -> Response:
        return Response.redirect(to)

    @app.get("/who")
    async def who(request: Request) -> list[Any]:
        return [request.client, request.scheme, request.host]

    @app.get("/numbers/{number:int}")
    async def numbered(number: int) -> int:
        return number

    @app.get("/named/{name:slug}")
    async def named(name: str) -> str:
        return name

    @app.get("/{rest:path}")
    async def others(request: Request, rest: str) -> list[str]:
        return [request.path, request.host]

    return app


@pytest.fixture
def client(serve_once: ServeOnce) -> Client:
    return serve_once(make_app)


@each("host", ["a/books/?", "a/x", "a?b", "a#b", "a\\b", "user@a", "a:b", "a b", "[::1", "a\tb", "/", "a,b"])
def test_row_24_the_host_becomes_a_part_of_the_path(client: Client, host: str) -> None:
    assert client.get("/books/", headers={"host": host}).status_code == 400


@each("target", ["//evil.example/books/", "///evil.example", "/@evil.example", "/.evil.example"])
def test_row_25_a_path_moves_the_authority(client: Client, target: str) -> None:
    assert client.get(target).json() == [target, "testserver"]


def test_row_25_a_target_without_a_slash_is_no_path(client: Client) -> None:
    assert client.get("@evil.example/").status_code in {400, 404}
    assert client.get(".evil.example/").status_code in {400, 404}


def test_row_26_a_dot_in_an_allowed_host_fits_any_letter(serve: Serve) -> None:
    app = make_app()
    app.use(TrustedHosts(["a.example.org", "*.example.net"]))
    client = serve(app)

    answers = {host: client.get("/who", headers={"host": host}).status_code for host in ("A.Example.ORG", "b.EXAMPLE.net")}
    refused = ("aXexample.org", "a.exampleXorg", "a.example.org.evil", "bXexample.net", "example.net", "evilexample.net")

    assert set(answers.values()) == {200}
    assert {client.get("/who", headers={"host": host}).status_code for host in refused} == {421}


def test_row_27_two_hosts(client: Client) -> None:
    fields = [("host", "testserver"), ("host", "evil.example")]

    assert client.get("/who", headers=fields).status_code == 400
    assert client.get("/who", headers=fields[::-1]).status_code == 400


# CVE-2020-28724, CVE-2021-21330, CVE-2023-28370
@each("target", ["//evil.example/x", "///evil.example/x", "/%2Fevil.example/x", "/%5Cevil.example/x", "/\\evil.example/x"])
def test_row_28_the_slash_at_the_end_leads_to_another_site(serve: Serve, target: str) -> None:
    app = App()

    @app.get("/{first}/{second}/{third}/")
    async def three(first: str, second: str, third: str) -> None: ...

    @app.get("/{first}/{second}/")
    async def two(first: str, second: str) -> None: ...

    location = serve(app).get(target).headers.get("location", "/")

    assert location[0] == "/"
    assert location[1:2] not in {"/", "\\"}


# CVE-2024-42353, GHSA-fh3h-vg37-cc95, GHSA-6hx8-3wjj-gr8g
@each(
    "reference",
    [
        "\t//evil.example",
        " //evil.example",
        "\r\n//evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "\\\\evil.example",
        "/\\evil.example",
        "//evil.example",
        "https:evil.example",
        "https:/evil.example",
        "http://evil.example",
        "javascript:1",
        "\x00//evil.example",
        "/\x00/evil.example",
        "/%09/../\t/evil.example",
        "///evil.example",
        "evil.example",
        "",
    ],
)
def test_row_29_blanks_before_two_slashes_are_dropped_by_browsers(client: Client, reference: str) -> None:
    onward = client.get("/next", query={"next": reference})
    told = client.get("/told", query={"to": reference}).headers["location"]

    assert onward.headers["location"] == "/"
    assert not set(told) & set("\t\r\n \0\\")  # what the author lets through is quoted


def test_row_29_back_is_only_to_the_page_of_this_host(client: Client) -> None:
    for referer in (
        "http://evil.example/a",
        "http://testserver@evil.example/a",
        "http://testserver.evil.example/a",
        "//testserver/a",
    ):
        assert client.get("/back", headers={"referer": referer}).headers["location"] == "/"
    for path in ("//evil.example", "/\\evil.example", "/\t/evil.example"):
        assert client.get("/back", headers={"referer": f"http://testserver{path}"}).headers["location"] == "/"
    assert client.get("/back", headers={"referer": "http://testserver/books/?page=2"}).headers["location"] == "/books/?page=2"


# CVE-2021-44420
@each("target", ["/numbers/7%0A", "/named/walden%0A", "/named/walden%0a%0a"])
def test_row_30_a_line_break_at_the_end_of_a_route(client: Client, target: str) -> None:
    assert client.get(target).json()[0] == target.replace("%0A", "\n").replace("%0a", "\n")  # which is the route for the rest
    assert client.get(target[:14].partition("%")[0]).status_code == 200


# CVE-2022-33124, CVE-2024-56374
@each(
    "host", ["[", "]", "[]", "[::1", "::1", "[::1]x", "[1:2:3:4:5:6:7:8:9]", "[fe80::1%25]", "[gggg::]", "[" + ":" * 5_000 + "]"]
)
def test_row_31_an_ipv6_address_that_is_none(client: Client, host: str) -> None:
    assert client.get("/who", headers={"host": host}).status_code == 400


def test_row_31_a_reference_with_such_an_address(client: Client) -> None:
    for reference in ("http://[::1", "//[", "http://[1:2:3:4:5:6:7:8:9]/", "/[::1"):
        assert client.get("/next", query={"next": reference}).status_code == 303
        assert client.get("/back", headers={"referer": reference}).status_code == 303


# CVE-2025-64458
def test_row_32_a_redirect_to_a_huge_address() -> None:
    for letters in ("é", "\u2100", "/", "%", "\\"):
        assert_linear(partial(redirect, redirect_to, letters), 25_000)
        assert_linear(partial(redirect, Response.redirect, letters), 25_000)


def redirect(way: Callable[[str], Response], letters: str, size: int) -> Response:
    return way("/" + letters * size)


# CVE-2026-3902
def test_row_33_a_name_with_an_underscore_passes_for_one_with_a_hyphen(serve: Serve) -> None:
    app = make_app()
    app.use(ProxyHeaders(["127.0.0.1"]))
    client = serve(app)

    assert client.get("/who", headers={"x_forwarded_for": "6.6.6.6", "x_forwarded_proto": "https"}).json() == [
        ["127.0.0.1", 50_000],
        "http",
        "testserver",
    ]


def test_row_34_what_a_client_says_of_its_address_is_believed(client: Client, serve: Serve) -> None:
    said = {
        "x-forwarded-for": "6.6.6.6",
        "x-real-ip": "6.6.6.6",
        "forwarded": "for=6.6.6.6;proto=https;host=evil.example",
        "x-forwarded-host": "evil.example",
        "x-forwarded-proto": "https",
    }
    app = make_app()
    app.use(ProxyHeaders(["10.0.0.0/8"], drops_underscores=True))
    with_other_proxies = serve(app)

    for asked in (client, with_other_proxies):
        assert asked.get("/who", headers=said).json() == [["127.0.0.1", 50_000], "http", "testserver"]


def test_beyond_the_rows_a_host_that_is_missing_empty_or_has_a_user(client: Client) -> None:
    statuses = [
        client.get("/who", headers={"host": host}).status_code for host in ("", "user@testserver", "user:secret@testserver", "@")
    ]

    assert statuses == [400] * 4


async def test_beyond_the_rows_a_request_of_http_1_1_without_a_host() -> None:
    exchange = ASGIExchange()
    await make_app()(asgi_scope(path="/who", headers=[], scheme="http"), exchange.receive, exchange.send)

    assert exchange.status == 400


def test_beyond_the_rows_a_redirect_to_https_keeps_to_the_host_and_the_path(serve: Serve) -> None:
    app = make_app()
    app.use(HTTPSRedirect())
    client = serve(app)

    assert client.get("//evil.example/a").headers["location"] == "https://testserver//evil.example/a"
    assert client.get("/", headers={"host": "user@evil.example"}).status_code == 400
