"""A redirect leads to the very path that was asked for, encoded as it came, where the server tells it."""

from __future__ import annotations

import pytest

from martlet import App, HTTPSRedirect, Request
from martlet.testing import Client
from tests.rows import each
from tests.serving import PROTOCOLS, ProtocolName, Serve

TELLING = [name for name in PROTOCOLS if name != "rsgi"]  # which has the decoded path alone
PATHS = ["/a%2Fb", "/%ff", "/a%20b", "/caf%C3%A9", "/a%3Fb%23", "/~a", "/%7Ea", "/a;b=c", "/100%25"]


def secure() -> App:
    app = App()
    app.use(HTTPSRedirect())
    return app


@pytest.fixture(params=TELLING)
def protocol(request: pytest.FixtureRequest) -> ProtocolName:
    return request.param  # type: ignore[no-any-return]


@each("path", [*PATHS, "//evil.example/%2e"])
def test_who_is_sent_to_https_gets_the_same_path(protocol: ProtocolName, path: str) -> None:
    client = Client(secure(), protocol=protocol, headers={"host": "a.example"})

    assert client.get(f"{path}?q=%2F").headers["location"] == f"https://a.example{path}?q=%2F"


def slashed() -> App:
    app = App()
    app.get("/{name}/")(show_name)
    return app


async def show_name(name: str) -> str:
    return name


def asked() -> App:
    app = App()

    @app.route("/{path:path}", methods=["*"])
    async def tell(request: Request) -> str:
        return request.target

    return app


@each("path", [*PATHS, "//evil.example/a"])
@each("query", ["", "?a=1&b=%2F", "?next=/x"])
def test_a_request_tells_what_was_asked_for_as_a_link_of_this_site(protocol: ProtocolName, path: str, query: str) -> None:
    client = Client(asked(), protocol=protocol)

    assert client.get(path + query).text == path + query


def test_a_link_of_this_site_has_the_root_path_in_front(serve: Serve) -> None:
    outer = App()
    outer.mount("/shop", asked())

    assert serve(outer).get("/shop/books?page=2").text == "/shop/books?page=2"


@each("path", [path for path in PATHS if "%2F" not in path])
def test_who_is_sent_to_the_path_with_a_slash_gets_the_same_path(protocol: ProtocolName, path: str) -> None:
    client = Client(slashed(), protocol=protocol)

    answer = client.get(f"{path}?q=1")

    assert (answer.status_code, answer.headers["location"]) == (308, f"{path}/?q=1")


def test_where_nothing_is_told_the_path_is_encoded_anew(serve: Serve) -> None:
    assert serve(slashed()).get("/caf%C3%A9").headers["location"] == "/caf%C3%A9/"


def test_a_slash_that_came_encoded_is_no_slash_of_the_target(serve: Serve) -> None:
    app = App()
    app.get("/{name}")(show_name)

    answer = serve(app).get("/a%2F")

    assert (answer.status_code, answer.headers["location"]) == (308, "/a")
