"""Requests for hosts that are not served here: 421, and 400 for what is no host (RFC 9110 section 7.4, RFC 9112 section 3.2)."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from martlet import App, BadRequestError
from martlet.http import MisdirectedRequestError
from martlet.middleware import ProxyHeaders, TrustedHosts
from tests.middleware.asking import Asked, answered
from tests.rows import each
from tests.serving import Serve

HOSTS = [
    "example.org",
    "*.example.org",
    "api.example.com:8080",
    "secure.example:443",
    "*.dev.example:3000",
    "192.0.2.7",
    "[2001:db8::7]",
]


def shop(hosts: list[str]) -> App:
    app = App()
    app.use(TrustedHosts(hosts))

    @app.get("/")
    def show() -> str:
        return "shown"

    return app


@each(
    ("host", "status"),
    [
        pytest.param("example.org", 200, id="a name"),
        pytest.param("EXAMPLE.org", 200, id="in any case, RFC 3986 3.2.2"),
        pytest.param("example.org.", 200, id="with the dot of the root"),
        pytest.param("example.org:8000", 200, id="on any port"),
        pytest.param("example.org:", 200, id="with an empty port"),
        pytest.param("www.example.org", 200, id="below a name"),
        pytest.param("a.b.Example.org:81", 200, id="far below a name"),
        pytest.param("api.example.com:8080", 200, id="on its port"),
        pytest.param("api.example.com", 421, id="on the usual port, which is not its own"),
        pytest.param("api.example.com:8081", 421, id="on another port"),
        pytest.param("a.dev.example:3000", 200, id="below a name, on its port"),
        pytest.param("a.dev.example:3001", 421, id="below a name, on another port"),
        pytest.param("dev.example:3000", 421, id="the name itself is not below it"),
        pytest.param("secure.example:443", 200, id="a port that is named"),
        pytest.param("secure.example", 421, id="the usual port of http is another"),
        pytest.param("192.0.2.7:8000", 200, id="an address"),
        pytest.param("[2001:DB8:0::7]", 200, id="an IPv6 address in another spelling"),
        pytest.param("example.com", 421, id="another name"),
        pytest.param("evilexample.org", 421, id="letters before a name"),
        pytest.param("example.org.evil.example", 421, id="labels behind a name"),
        pytest.param("examplexorg", 421, id="row 26: a dot is a dot"),
        pytest.param("192.0.2.8", 421, id="another address"),
        pytest.param("", 400, id="RFC 9112 3.2: empty"),
        pytest.param("example.org, example.org", 400, id="RFC 9112 3.2: two"),
        pytest.param("example.org,evil.example", 400, id="RFC 9112 3.2: two, joined by a server"),
        pytest.param("user@example.org", 400, id="RFC 9110 4.2.4: a user"),
        pytest.param("example.org/", 400, id="a path"),
        pytest.param("example.org:80:80", 400, id="two ports"),
        pytest.param("example.org:99999", 400, id="no port"),
        pytest.param("[::1", 400, id="row 31: an open bracket"),
        pytest.param("[zz]", 400, id="row 31: no IPv6"),
        pytest.param("example.org\t", 400, id="a tab"),
        pytest.param("." * 60_000, 400, id="endless"),
    ],
)
def test_a_request_is_answered_for_hosts_that_are_served(serve: Serve, host: str, status: int) -> None:
    assert serve(shop(HOSTS)).get("/", headers={"host": host}).status_code == status


def test_two_hosts_are_400(serve: Serve) -> None:
    assert serve(shop(HOSTS)).get("/", headers=[("host", "example.org"), ("host", "example.org")]).status_code == 400  # row 27


def test_the_refusal_says_for_which_host_it_is(serve: Serve) -> None:
    received = serve(shop(HOSTS)).get("/", headers={"host": "other.example"})

    assert received.json()["detail"] == "'other.example' is not served here."


@pytest.mark.parametrize(("scheme", "passes"), [("https", True), ("http", False)])
def test_a_port_that_the_scheme_implies_may_be_left_out(scheme: str, passes: bool) -> None:
    request = Asked(scheme=scheme, host="secure.example")

    if passes:
        assert answered(TrustedHosts(HOSTS), request).status_code == 204
    else:
        with pytest.raises(MisdirectedRequestError):
            answered(TrustedHosts(HOSTS), request)


def test_behind_a_proxy_the_host_is_the_one_it_tells(serve: Serve) -> None:
    app = App()
    app.use(ProxyHeaders(["127.0.0.1"], fields=["forwarded"]))
    app.use(TrustedHosts(["example.org"]))
    client = serve(app)

    assert client.get("/", headers={"host": "inner", "forwarded": "host=example.org"}).status_code == 404
    assert client.get("/", headers={"host": "example.org", "forwarded": "host=evil.example"}).status_code == 421


@each(
    ("host", "cure"),
    [
        pytest.param("*", "leave TrustedHosts out", id="a star"),
        pytest.param("https://example.org", "write a name or an address", id="a URL"),
        pytest.param("example.org/", "write a name or an address", id="a path"),
        pytest.param("*example.org", "write a name or an address", id="a star without a dot"),
        pytest.param("a.*.example.org", "write a name or an address", id="a star in the middle"),
        pytest.param("", "write a name or an address", id="empty"),
        pytest.param("*.", "write a name or an address", id="a star and a dot"),
        pytest.param("bücher.example", "write 'xn--bcher-kva.example'", id="not ASCII"),
        pytest.param("\u2024\u2024", "write a name in ASCII", id="not ASCII, and no name"),
        pytest.param("*.192.0.2.1", "an address has nothing below it", id="below an address"),
        pytest.param("*.[::1]", "an address has nothing below it", id="below an IPv6 address"),
    ],
)
def test_a_name_that_no_request_could_ask_for_is_refused(host: str, cure: str) -> None:
    with pytest.raises(ValueError, match=cure):
        TrustedHosts([host])


def test_no_name_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match="every request would be refused"):
        TrustedHosts([])


def test_one_text_in_place_of_a_list_is_a_type_error() -> None:
    hosts: Any = "example.org"
    with pytest.raises(TypeError, match=r"write a list, \['example.org'\]"):
        TrustedHosts(hosts)


near = st.sampled_from(["", ".", "x", "@", ":80", "/", ",", "evil.example", ".evil.example", "\x00", "[", "é"])


@given(
    st.text()
    | st.builds("{}{}{}".format, near, st.sampled_from(["example.org", "www.example.org", "api.example.com:8080"]), near)
)
def test_no_other_host_ever_passes(host: str) -> None:
    with suppress(BadRequestError, MisdirectedRequestError):
        answered(TrustedHosts(HOSTS), Asked(host=host))
        name = host.lower().split(":")[0].removesuffix(".")
        assert name in {"example.org", "192.0.2.7", "[2001", "api.example.com"} or name.endswith((".example.org", ".dev.example"))
