"""From http to https by 308, to the same place and never to another's (RFC 9110 sections 15.4.9 and 17.1)."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from martlet import App, BadRequestError
from martlet.middleware import HTTPSRedirect, ProxyHeaders
from tests.middleware.asking import Asked, answered
from tests.rows import each
from tests.serving import Serve, ServeOnce


def shop(**options: Any) -> App:
    app = App()
    app.use(ProxyHeaders(["127.0.0.1"], fields=["forwarded"]))
    app.use(HTTPSRedirect(**options))

    @app.route("/", methods=["GET", "POST"])
    def show() -> str:
        return "shown"

    return app


@each(
    ("target", "location"),
    [
        pytest.param("/", "https://example.org/", id="the root"),
        pytest.param("/a/b?c=d&e=%20f", "https://example.org/a/b?c=d&e=%20f", id="a path and a query"),
        pytest.param("/a%20b/%C3%A9", "https://example.org/a%20b/%C3%A9", id="escapes stay escapes"),
        pytest.param("/a%3Fb%23c", "https://example.org/a%3Fb%23c", id="a question mark and a hash in a path"),
        pytest.param("/a%25b", "https://example.org/a%25b", id="a percent sign in a path"),
        pytest.param("//evil.example", "https://example.org//evil.example", id="row 28: two slashes"),
        pytest.param("/%5Cevil.example", "https://example.org/%5Cevil.example", id="row 29: a backslash"),
        pytest.param("/%0D%0Ax:y", "https://example.org/%0D%0Ax:y", id="a line break in a path"),
        pytest.param("/@evil.example", "https://example.org/@evil.example", id="row 25: a user"),
    ],
)
def test_http_is_sent_to_the_same_place_by_https(serve_once: ServeOnce, target: str, location: str) -> None:
    received = serve_once(shop).get(target, headers={"host": "Example.org:8080"})

    assert (received.status_code, received.headers["location"], received.content) == (308, location, b"")


@each("method", ["GET", "HEAD", "POST", "DELETE", "OPTIONS"])
def test_the_method_stays_what_it_was(serve_once: ServeOnce, method: str) -> None:
    assert serve_once(shop).request(method, "/", headers={"host": "example.org"}).status_code == 308


def test_https_is_answered(serve_once: ServeOnce) -> None:
    assert serve_once(shop).get("/", headers={"forwarded": "proto=https"}).text == "shown"


@each("host", ["", "a@evil.example", "a, b", "evil.example/x", "[::", "evil.example\\"])
def test_a_host_that_is_none_is_400(serve_once: ServeOnce, host: str) -> None:
    assert serve_once(shop).get("/", headers={"host": host}).status_code == 400


@each(
    ("options", "location"),
    [
        pytest.param({"host": "www.example.org"}, "https://www.example.org/", id="one host for all"),
        pytest.param({"port": 8443}, "https://example.org:8443/", id="another port"),
        pytest.param({"host": "[::1]", "port": 8443}, "https://[::1]:8443/", id="both"),
    ],
)
def test_host_and_port_may_be_others(serve_once: ServeOnce, options: Any, location: str) -> None:
    assert serve_once(shop, **options).get("/", headers={"host": "example.org"}).headers["location"] == location


@each(
    ("path", "status"),
    [("/health", 404), ("/health/", 308), ("/healthy", 308), ("/.well-known/acme", 404), ("/.well-known", 308)],
)
def test_some_paths_may_be_answered_by_http(serve: Serve, path: str, status: int) -> None:
    assert serve(shop(exempt=["/health", "/.well-known/"])).get(path).status_code == status


def test_the_server_itself_is_nowhere_else(serve_once: ServeOnce) -> None:
    assert serve_once(shop).options("*").status_code == 204


def test_a_prefix_stays(serve: Serve) -> None:
    app = App()
    app.use(ProxyHeaders(["127.0.0.1"], fields=["x-forwarded-prefix"], drops_underscores=True))
    app.use(HTTPSRedirect())
    received = serve(app).get("/a", headers={"host": "example.org", "x-forwarded-prefix": "/shop"})

    assert received.headers["location"] == "https://example.org/shop/a"


@each(
    ("options", "cure"),
    [
        ({"port": 0}, "from 1 to 65535"),
        ({"port": "443"}, "from 1 to 65535"),
        ({"host": "https://a.example"}, "alone, such as"),
        ({"host": "a.example:1"}, "alone, such as"),
        ({"exempt": ["health"]}, "from its slash on"),
        ({"exempt": ["/"]}, "exempts no path"),
        ({"exempt": [""]}, "from its slash on"),
    ],
)
def test_what_cannot_be_meant_is_refused(options: Any, cure: str) -> None:
    with pytest.raises(ValueError, match=cure):
        HTTPSRedirect(**options)


def test_one_text_in_place_of_a_list_is_a_type_error() -> None:
    exempt: Any = "/health"
    with pytest.raises(TypeError, match="write a list"):
        HTTPSRedirect(exempt=exempt)


@given(st.text(), st.text(alphabet=st.characters(max_codepoint=255)), st.sampled_from(["example.org", "[::1]:80", "a@b", ""]))
def test_the_target_is_always_at_the_host_that_was_asked_for(path: str, query: str, host: str) -> None:
    request = Asked(host=host)
    request.path = f"/{path}"
    request.environ["QUERY_STRING"] = query
    try:
        location = answered(HTTPSRedirect(), request).headers["location"]
    except BadRequestError:
        assert host in {"a@b", ""}
        return

    target = urlsplit(location)
    assert location.isascii()
    assert location.isprintable()
    assert (target.scheme, target.netloc) == ("https", host.removesuffix(":80"))
