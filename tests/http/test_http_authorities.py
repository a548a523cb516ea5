"""Host and port as a Host field names them (RFC 9110 section 7.2, RFC 3986 section 3.2)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from martlet.http import Authority, BadRequestError, parse_authority
from tests.rows import each


@each(
    ("text", "host", "port"),
    [
        pytest.param("example.org", "example.org", None, id="a name"),
        pytest.param("Example.ORG", "example.org", None, id="in any case, RFC 3986 3.2.2"),
        pytest.param("example.org:8080", "example.org", 8080, id="with a port"),
        pytest.param("example.org:", "example.org", None, id="an empty port is none, RFC 3986 3.2.3"),
        pytest.param("example.org.", "example.org", None, id="the dot of the root"),
        pytest.param("example.org.:80", "example.org", 80, id="the dot of the root, with a port"),
        pytest.param("localhost", "localhost", None, id="one label"),
        pytest.param("my_service:80", "my_service", 80, id="an underscore, as container networks have it"),
        pytest.param("xn--bcher-kva.example", "xn--bcher-kva.example", None, id="an internationalized name"),
        pytest.param("192.0.2.7:80", "192.0.2.7", 80, id="an IPv4 address"),
        pytest.param("[::1]", "[::1]", None, id="an IPv6 address"),
        pytest.param("[2001:DB8:0::7]:443", "[2001:db8::7]", 443, id="an IPv6 address in its shortest form"),
        pytest.param("[::ffff:192.0.2.7]", "[::ffff:c000:207]", None, id="IPv4 inside IPv6"),
        pytest.param("a.example:0", "a.example", 0, id="port 0"),
        pytest.param("a.example:65535", "a.example", 65535, id="the last port"),
        pytest.param("a" * 253, "a" * 253, None, id="as long as the DNS allows"),
    ],
)
def test_an_authority_is_read(text: str, host: str, port: int | None) -> None:
    assert parse_authority(text) == Authority(host, port)


@each(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param(" example.org", id="a blank before"),
        pytest.param("example.org\n", id="a line break behind"),
        pytest.param("user@example.org", id="a user"),
        pytest.param("user:pass@example.org", id="a user with a password"),
        pytest.param("example.org/path", id="a path"),
        pytest.param("example.org?q", id="a query"),
        pytest.param("example.org#f", id="a fragment"),
        pytest.param("http://example.org", id="a URL"),
        pytest.param("a.example, b.example", id="two, joined by a server"),
        pytest.param("a.example,b.example", id="two, joined by another"),
        pytest.param("a.example b.example", id="two, with a blank"),
        pytest.param("example..org", id="an empty label"),
        pytest.param(".example.org", id="a dot before"),
        pytest.param("example.org..", id="two dots behind"),
        pytest.param("example.org:80:80", id="two ports"),
        pytest.param("example.org:65536", id="a port beyond the last"),
        pytest.param("example.org:99999999999999999999", id="a port beyond any number"),
        pytest.param("example.org:٣", id="a digit that is not ASCII"),
        pytest.param("example.org:-1", id="a negative port"),
        pytest.param("example.org:http", id="a named port"),
        pytest.param("bücher.example", id="not ASCII"),
        pytest.param("ex%61mple.org", id="percent-encoded"),
        pytest.param("example.org\\@evil.example", id="a backslash"),
        pytest.param("example.org\x00", id="a null character"),
        pytest.param("1.2.3", id="too few bytes for an address"),
        pytest.param("1.2.3.256", id="a byte beyond 255"),
        pytest.param("1.2.3.04", id="a byte with a leading zero"),
        pytest.param("::1", id="IPv6 without brackets"),
        pytest.param("[::1", id="an open bracket, row 31"),
        pytest.param("::1]", id="a bracket too much, row 31"),
        pytest.param("[]", id="empty brackets, row 31"),
        pytest.param("[1]", id="no IPv6 in brackets, row 31"),
        pytest.param("[::1%eth0]", id="a zone"),
        pytest.param("[v1.x]", id="a future kind of address"),
        pytest.param("[:::::::::::]", id="colons"),
        pytest.param("a" * 254, id="longer than the DNS allows"),
        pytest.param("a." * 40_000, id="endless"),
    ],
)
def test_what_is_no_authority_is_400(text: str) -> None:
    with pytest.raises(BadRequestError, match="is no host with an optional port"):
        parse_authority(text)


@given(st.text() | st.from_regex(r"[0-9A-Fa-f:.\[\]]{1,50}", fullmatch=True))
def test_whatever_is_read_reads_the_same_again(text: str) -> None:
    try:
        authority = parse_authority(text)
    except BadRequestError:
        return

    assert parse_authority(str(authority)) == authority


@pytest.mark.parametrize(("scheme", "port"), [("http", 80), ("https", 443), ("ftp", None)])
def test_a_port_that_is_not_named_is_the_scheme_s(scheme: str, port: int | None) -> None:
    assert Authority("example.org").port_for(scheme) == port
    assert Authority("example.org", 8080).port_for(scheme) == 8080
