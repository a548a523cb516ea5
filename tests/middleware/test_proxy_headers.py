"""Whom to believe about a request: tables by RFC 7239 and by what proxies write, and the law that strangers change nothing."""

import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from martlet import App, BadRequestError, Limits, Request
from martlet.adapters import WSGIRequest
from martlet.middleware import ProxyHeaders
from martlet.testing import Received
from tests.middleware.asking import Asked, answered
from tests.rows import each
from tests.serving import Serve

HERE = ["127.0.0.1"]
OURS = ["127.0.0.0/8", "10.0.0.0/8", "2001:db8:1::/48"]
X_FIELDS = [f"x-forwarded-{name}" for name in ("for", "proto", "host", "port", "prefix")]


def shop(proxies: ProxyHeaders) -> App:
    app = App()
    app.use(proxies)

    @app.get("/")
    def show(request: Request) -> list[Any]:
        return [request.client, request.scheme, request.host, request.root_path]

    return app


def told(serve: Serve, proxies: ProxyHeaders, fields: dict[str, str]) -> Received:
    return serve(shop(proxies)).get("/", headers={"host": "asked.example:8000", **fields})


# --- Forwarded -----------------------------------------------------------------------------------------


@each(
    ("value", "client", "scheme", "host"),
    [
        pytest.param("for=192.0.2.7", ["192.0.2.7", 0], "http", "asked.example:8000", id="RFC 7239 5.2: who asked"),
        pytest.param('for="192.0.2.7:4711"', ["192.0.2.7", 4711], "http", "asked.example:8000", id="RFC 7239 6: with a port"),
        pytest.param('for="[2001:DB8::7]:80"', ["2001:db8::7", 80], "http", "asked.example:8000", id="RFC 7239 6: IPv6"),
        pytest.param("for=192.0.2.7;proto=https", ["192.0.2.7", 0], "https", "asked.example:8000", id="RFC 7239 5.4: the scheme"),
        pytest.param("for=192.0.2.7;host=Shop.example", ["192.0.2.7", 0], "http", "shop.example", id="RFC 7239 5.3: the host"),
        pytest.param(
            "proto=https", ["127.0.0.1", 50_000], "https", "asked.example:8000", id="a proxy that does not say who asked"
        ),
        pytest.param("for=unknown", ["unknown", 0], "http", "asked.example:8000", id="RFC 7239 6.2: unknown is nobody's address"),
        pytest.param("for=_hidden", ["_hidden", 0], "http", "asked.example:8000", id="RFC 7239 6.3: an identifier"),
        pytest.param("by=192.0.2.1;ext=1", ["127.0.0.1", 50_000], "http", "asked.example:8000", id="nothing of it is ours"),
        pytest.param("", ["127.0.0.1", 50_000], "http", "asked.example:8000", id="empty"),
        pytest.param(
            "for=6.6.6.6, for=192.0.2.7", ["192.0.2.7", 0], "http", "asked.example:8000", id="what a client wrote before"
        ),
        pytest.param(
            "for=192.0.2.7;proto=https;host=shop.example, for=10.0.0.1;proto=http;host=inner.example",
            ["192.0.2.7", 0],
            "https",
            "shop.example",
            id="two proxies of ours: the outer one saw the client",
        ),
        pytest.param(
            "for=6.6.6.6;host=evil.example, for=192.0.2.7;proto=https, for=10.0.0.1;host=shop.example",
            ["192.0.2.7", 0],
            "https",
            "shop.example",
            id="two proxies of ours behind what a client wrote",
        ),
        pytest.param(
            "for=6.6.6.6, for=unknown, for=10.0.0.1",
            ["unknown", 0],
            "http",
            "asked.example:8000",
            id="nobody is followed beyond unknown",
        ),
        pytest.param(
            "for=6.6.6.6, proto=https", ["127.0.0.1", 50_000], "https", "asked.example:8000", id="nor beyond who is not named"
        ),
        pytest.param("for=10.0.0.2, for=10.0.0.1", ["10.0.0.2", 0], "http", "asked.example:8000", id="all are ours"),
        pytest.param(
            'for="[2001:db8:1::1]", for=10.0.0.1', ["2001:db8:1::1", 0], "http", "asked.example:8000", id="IPv6 of ours"
        ),
        pytest.param("for=192.0.2.7;proto=wss", ["192.0.2.7", 0], "https", "asked.example:8000", id="a WebSocket's scheme"),
    ],
)
def test_forwarded_is_believed_as_far_as_it_is_ours(serve: Serve, value: str, client: list[Any], scheme: str, host: str) -> None:
    received = told(serve, ProxyHeaders(OURS, fields=["forwarded"]), {"forwarded": value})

    assert received.json() == [client, scheme, host, ""]


@each("value", ['for="', "for=192.0.2.256", "for=1.2.3.4;for=1.2.3.4", "host=a@b", "proto=gopher", "for=é", "x"])
def test_a_believed_forwarded_that_is_none_is_400(serve: Serve, value: str) -> None:
    received = told(serve, ProxyHeaders(HERE, fields=["forwarded"]), {"forwarded": value})

    # RSGI's server hands over no value beyond ASCII, so there is nothing to believe.
    assert received.status_code == (200 if not value.isascii() and received.status_code == 200 else 400)


def test_more_proxies_than_the_limit_are_400(serve: Serve) -> None:
    for count, status in ((50, 200), (51, 400)):
        forwarded = told(serve, ProxyHeaders(OURS, fields=["forwarded"]), {"forwarded": ",".join(["for=10.0.0.1"] * count)})
        x_forwarded = told(serve, ProxyHeaders(OURS, drops_underscores=True), {"x-forwarded-for": ",".join(["10.0.0.1"] * count)})
        assert (forwarded.status_code, x_forwarded.status_code) == (status, status)


# --- X-Forwarded-* -------------------------------------------------------------------------------------


@each(
    ("fields", "client", "scheme", "host", "root_path"),
    [
        pytest.param({"for": "192.0.2.7"}, ["192.0.2.7", 0], "http", "asked.example:8000", "", id="who asked"),
        pytest.param({"for": "192.0.2.7:4711"}, ["192.0.2.7", 4711], "http", "asked.example:8000", "", id="with a port"),
        pytest.param({"for": "2001:db8::7"}, ["2001:db8::7", 0], "http", "asked.example:8000", "", id="IPv6, bare"),
        pytest.param({"for": "[2001:db8::7]:80"}, ["2001:db8::7", 80], "http", "asked.example:8000", "", id="IPv6, with a port"),
        pytest.param({"for": "unknown"}, ["unknown", 0], "http", "asked.example:8000", "", id="unknown"),
        pytest.param(
            {"for": "6.6.6.6, 192.0.2.7"}, ["192.0.2.7", 0], "http", "asked.example:8000", "", id="what a client wrote before"
        ),
        pytest.param(
            {"for": '"><x>, 192.0.2.7'}, ["192.0.2.7", 0], "http", "asked.example:8000", "", id="whatever a client wrote before"
        ),
        pytest.param({"for": "192.0.2.7, 10.0.0.1"}, ["192.0.2.7", 0], "http", "asked.example:8000", "", id="two proxies"),
        pytest.param({"for": "192.0.2.7,,10.0.0.1, "}, ["192.0.2.7", 0], "http", "asked.example:8000", "", id="empty members"),
        pytest.param({"for": "10.0.0.2,10.0.0.1"}, ["10.0.0.2", 0], "http", "asked.example:8000", "", id="all are ours"),
        pytest.param({"for": " "}, ["127.0.0.1", 50_000], "http", "asked.example:8000", "", id="blank"),
        pytest.param({"proto": "https"}, ["127.0.0.1", 50_000], "https", "asked.example:8000", "", id="the scheme"),
        pytest.param(
            {"proto": "https, HTTP"}, ["127.0.0.1", 50_000], "http", "asked.example:8000", "", id="the nearest proxy's scheme"
        ),
        pytest.param({"host": "Shop.example"}, ["127.0.0.1", 50_000], "http", "shop.example", "", id="the host"),
        pytest.param(
            {"host": "evil.example, shop.example:81"}, ["127.0.0.1", 50_000], "http", "shop.example:81", "", id="the nearest's"
        ),
        pytest.param(
            {"host": "shop.example", "port": "8443"}, ["127.0.0.1", 50_000], "http", "shop.example:8443", "", id="a port"
        ),
        pytest.param(
            {"host": "shop.example:1", "port": "443", "proto": "https"},
            ["127.0.0.1", 50_000],
            "https",
            "shop.example",
            "",
            id="usual port",
        ),
        pytest.param({"port": "81"}, ["127.0.0.1", 50_000], "http", "asked.example:81", "", id="a port of the host asked for"),
        pytest.param({"prefix": "/shop"}, ["127.0.0.1", 50_000], "http", "asked.example:8000", "/shop", id="a prefix"),
        pytest.param({"prefix": "/a/b.c/"}, ["127.0.0.1", 50_000], "http", "asked.example:8000", "/a/b.c", id="a longer prefix"),
        pytest.param({"prefix": "/"}, ["127.0.0.1", 50_000], "http", "asked.example:8000", "", id="the root"),
    ],
)
def test_x_forwarded_fields_are_believed_as_far_as_they_are_ours(
    serve: Serve, fields: dict[str, str], client: list[Any], scheme: str, host: str, root_path: str
) -> None:
    sent = {f"x-forwarded-{name}": value for name, value in fields.items()}
    received = told(serve, ProxyHeaders(OURS, fields=X_FIELDS, drops_underscores=True), sent)

    assert received.json() == [client, scheme, host, root_path]


@each(
    ("name", "value"),
    [
        ("for", "nobody"),
        ("for", "1.2.3.4.5"),
        ("for", "[::1"),
        ("for", "1.2.3.4:x"),
        ("for", "::1%eth0"),
        ("proto", "gopher"),
        ("proto", "https;http"),
        ("host", "a@b"),
        ("host", "a/b"),
        ("host", "[::"),
        ("port", "0"),
        ("port", "65536"),
        ("port", "-1"),
        ("port", "80 80"),
        ("port", "²"),
        ("prefix", "shop"),
        ("prefix", "//evil.example"),
        ("prefix", "/a//b"),
        ("prefix", "/a/../b"),
        ("prefix", "/.."),
        ("prefix", "/."),
        ("prefix", "/a?b"),
        ("prefix", "/%2e%2e"),
        ("prefix", "/a, /b"),
        ("prefix", "\\evil.example"),
    ],
)
def test_a_believed_value_that_is_none_is_400(serve: Serve, name: str, value: str) -> None:
    received = told(serve, ProxyHeaders(HERE, fields=X_FIELDS, drops_underscores=True), {f"x-forwarded-{name}": value})

    assert received.status_code == (200 if not value.isascii() and received.status_code == 200 else 400)


def test_what_is_not_named_is_not_believed(serve: Serve) -> None:
    fields = {
        "x-forwarded-for": "192.0.2.7",
        "x-forwarded-host": "evil.example",
        "x-forwarded-prefix": "/x",
        "forwarded": "host=e.example",
    }
    received = told(serve, ProxyHeaders(HERE, drops_underscores=True), fields)

    assert received.json() == [["192.0.2.7", 0], "http", "asked.example:8000", ""]


def test_forwarded_stands_alone(serve: Serve) -> None:
    fields = {"x-forwarded-for": "6.6.6.6", "x-forwarded-proto": "https", "x-forwarded-host": "evil.example"}
    received = told(serve, ProxyHeaders(HERE, fields=["forwarded"]), fields)

    assert received.json() == [["127.0.0.1", 50_000], "http", "asked.example:8000", ""]


# --- whom to believe -----------------------------------------------------------------------------------

FIELDS = {
    "forwarded": "for=6.6.6.6;proto=https;host=evil.example",
    "x-forwarded-for": "6.6.6.6",
    "x-forwarded-proto": "https",
    "x-forwarded-host": "evil.example",
    "x-forwarded-port": "81",
    "x-forwarded-prefix": "/evil",
}


@pytest.mark.parametrize("fields", [["forwarded"], X_FIELDS], ids=["Forwarded", "X-Forwarded"])
def test_strangers_are_not_believed(serve: Serve, fields: list[str]) -> None:
    received = told(serve, ProxyHeaders(["10.0.0.0/8", "unix"], fields=fields, drops_underscores=True), FIELDS)

    assert received.json() == [["127.0.0.1", 50_000], "http", "asked.example:8000", ""]  # row 34


@each(
    ("peer", "believed"),
    [
        pytest.param("10.1.2.3", True, id="in a network"),
        pytest.param("::ffff:10.1.2.3", True, id="in a network, seen by a socket for both protocols"),
        pytest.param("2001:db8:1::1", True, id="in a network of IPv6"),
        pytest.param("2001:DB8:1:0::1", True, id="in another spelling"),
        pytest.param("fe80::1%eth0", True, id="with a zone"),
        pytest.param("", True, id="by a Unix socket"),
        pytest.param("11.1.2.3", False, id="beside a network"),
        pytest.param("2001:db8:2::1", False, id="beside a network of IPv6"),
        pytest.param("::ffff:11.1.2.3", False, id="beside a network, seen by a socket for both protocols"),
        pytest.param("nonsense", False, id="no address"),
        pytest.param("1" * 10_000, False, id="endless"),
    ],
)
def test_a_peer_is_believed_by_its_network(peer: str, believed: bool) -> None:
    request = Asked(peer=peer, forwarded="host=told.example")
    answered(ProxyHeaders([*OURS, "fe80::/10", "unix"], fields=["forwarded"]), request)

    assert request.host == ("told.example" if believed else "asked.example")


def test_a_unix_socket_is_believed_only_if_it_is_named() -> None:
    request = Asked(peer="", forwarded="host=told.example")
    answered(ProxyHeaders(OURS, fields=["forwarded"]), request)

    assert request.host == "asked.example"


@pytest.mark.parametrize(
    ("hops", "client"),
    [
        pytest.param(1, "192.0.2.3", id="one"),
        pytest.param(2, "192.0.2.2", id="two"),
        pytest.param(9, "192.0.2.1", id="more than came"),
    ],
)
def test_proxies_may_be_counted_where_their_addresses_are_not_known(hops: int, client: str) -> None:
    for fields in ("forwarded", "x-forwarded-for"):
        request = Asked(
            peer="198.51.100.1",
            forwarded="for=192.0.2.1, for=192.0.2.2, for=192.0.2.3",
            x_forwarded_for="192.0.2.1, 192.0.2.2, 192.0.2.3",
        )
        answered(ProxyHeaders(hops=hops, fields=[fields]), request)

        assert request.client == (client, 0)


# --- names with underscores ----------------------------------------------------------------------------


def test_a_name_with_an_underscore_is_another_name(serve: Serve) -> None:
    sent = {f"x_forwarded_{name}": value for name, value in (("for", "6.6.6.6"), ("proto", "https"), ("host", "evil.example"))}
    received = told(serve, ProxyHeaders(HERE, fields=X_FIELDS), sent)

    assert received.json() == [["127.0.0.1", 50_000], "http", "asked.example:8000", ""]  # row 33


@each(
    ("server", "believed"),
    [
        pytest.param("gunicorn/27.0.1", True, id="gunicorn drops such names"),
        pytest.param("gunicorn/22.0.0", True, id="since its version 22"),
        pytest.param("gunicorn/21.2.0", False, id="and not before"),
        pytest.param("gunicorn", False, id="a version that is not told"),
        pytest.param("gunicorn/x", False, id="a version that is none"),
        pytest.param("Granian", False, id="Granian lets the second take the first's place"),
        pytest.param("", False, id="a server that says nothing"),
    ],
)
def test_over_wsgi_names_with_hyphens_are_believed_where_the_server_keeps_them_apart(server: str, believed: bool) -> None:
    request = Asked(server=server, x_forwarded_for="192.0.2.7")
    answered(ProxyHeaders(HERE), request)

    assert request.client == (("192.0.2.7", 0) if believed else ("127.0.0.1", 0))


def test_over_wsgi_what_is_not_believed_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    proxies = ProxyHeaders(HERE)
    with caplog.at_level(logging.WARNING, "martlet"):
        for _ in range(3):
            answered(proxies, Asked(server="Granian", x_forwarded_for="192.0.2.7"))

    assert [record.getMessage().count("drops_underscores=True") for record in caplog.records] == [1]


def test_a_mounted_application_believes_no_more(serve: Serve) -> None:
    outer, inner = App(), shop(ProxyHeaders(HERE))
    outer.mount("/shop", inner)
    client, _, _, root_path = serve(outer).get("/shop/", headers={"x_forwarded_for": "6.6.6.6"}).json()

    assert (client[0], root_path) == ("127.0.0.1", "/shop")


def test_forwarded_is_believed_over_every_server() -> None:
    request = Asked(server="Granian", forwarded="for=192.0.2.7")
    answered(ProxyHeaders(HERE, fields=["forwarded"]), request)

    assert request.client == ("192.0.2.7", 0)


# --- what is refused at construction -------------------------------------------------------------------


@each(
    ("trusted", "options", "cure"),
    [
        pytest.param([], {}, "give one of the two", id="nobody"),
        pytest.param(HERE, {"hops": 1}, "give one of the two", id="both ways"),
        pytest.param([], {"hops": 0}, "1 or more", id="no hops"),
        pytest.param([], {"hops": True}, "1 or more", id="no number"),
        pytest.param(["0.0.0.0/0"], {}, "name the networks of your proxies", id="everybody"),
        pytest.param(["::/0"], {}, "name the networks of your proxies", id="everybody of IPv6"),
        pytest.param(["10.1.2.3/8"], {}, "write the first address of the network", id="an address with a mask"),
        pytest.param(["proxy.example"], {}, "write one such as", id="a name"),
        pytest.param(["*"], {}, "write one such as", id="a star"),
        pytest.param(HERE, {"fields": []}, "name those that your proxy sets", id="no fields"),
        pytest.param(HERE, {"fields": ["x-real-ip"]}, "is no field that tells of proxies", id="another field"),
        pytest.param(HERE, {"fields": ["x_forwarded_for"]}, "is no field that tells of proxies", id="an underscore"),
        pytest.param(HERE, {"fields": ["forwarded", "x-forwarded-for"]}, "name one kind", id="both kinds"),
    ],
)
def test_what_cannot_be_meant_is_refused(trusted: list[str], options: Any, cure: str) -> None:
    with pytest.raises(ValueError, match=cure):
        ProxyHeaders(trusted, **options)


@pytest.mark.parametrize(("trusted", "fields"), [("127.0.0.1", ["forwarded"]), (HERE, "forwarded")])
def test_one_text_in_place_of_a_list_is_a_type_error(trusted: Any, fields: Any) -> None:
    with pytest.raises(TypeError, match="write a list"):
        ProxyHeaders(trusted, fields=fields)


# --- laws ----------------------------------------------------------------------------------------------

addresses = st.ip_addresses(v=4).map(str).filter(lambda address: not address.startswith(("10.", "127.")))
pieces = st.sampled_from(
    ["for=", "proto=", "host=", ";", ",", '"', "10.0.0.1", "192.0.2.1", "[::1]", ":80", "https", "unknown", " ", "\\"]
)
values = st.text(max_size=60) | st.lists(pieces, max_size=12).map("".join)


@given(values, values, values, values, values)
def test_a_stranger_changes_nothing_whatever_he_sends(first: str, second: str, third: str, fourth: str, fifth: str) -> None:
    request = Asked(
        peer="192.0.2.66",
        forwarded=first,
        x_forwarded_for=second,
        x_forwarded_proto=third,
        x_forwarded_host=fourth,
        x_forwarded_prefix=fifth,
    )
    for fields in (["forwarded"], X_FIELDS):
        answered(ProxyHeaders(OURS, fields=fields), request)

    assert (request.client, request.scheme, request.host, request.root_path) == (("192.0.2.66", 0), "http", "asked.example", "")


@given(values, values, values, values, values)
def test_a_believed_proxy_causes_nothing_but_a_400(first: str, second: str, third: str, fourth: str, fifth: str) -> None:
    request = Asked(
        forwarded=first,
        x_forwarded_for=second,
        x_forwarded_proto=third,
        x_forwarded_host=fourth,
        x_forwarded_port=fifth,
        x_forwarded_prefix=third,
    )
    for fields in (["forwarded"], X_FIELDS):
        try:
            answered(ProxyHeaders(OURS, fields=fields), request)
        except BadRequestError:
            continue
        assert request.scheme in {"http", "https"}


@given(values, addresses, st.lists(st.just("10.0.0.1"), max_size=3))
def test_what_a_client_writes_never_names_another_client(written: str, client: str, ours: list[str]) -> None:
    chain = [client, *ours]
    request = Asked(x_forwarded_for=", ".join([written, *chain]))
    answered(ProxyHeaders(OURS), request)

    assert request.client == (client, 0)


def test_the_limit_is_the_request_s() -> None:
    request = Asked(forwarded="for=10.0.0.1,for=10.0.0.1")
    request.limits = Limits(forwarded_hops=1)

    with pytest.raises(BadRequestError, match="more than 1 elements"):
        answered(ProxyHeaders(HERE, fields=["forwarded"]), request)


def test_other_servers_names_are_as_sent_nowhere() -> None:
    assert not WSGIRequest({}).names_are_as_sent
