"""Sets of origins: what they hold, and what is refused as a member because it would hold nothing, or too much."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from martlet.http import OriginSet
from tests.rows import each


@each(
    ("members", "origin", "held"),
    [
        pytest.param(["https://a.example"], "https://a.example", True, id="itself"),
        pytest.param(["https://a.example"], "http://a.example", False, id="another scheme, RFC 6454 5"),
        pytest.param(["https://a.example"], "https://a.example:8443", False, id="another port, RFC 6454 5"),
        pytest.param(["https://a.example:8443"], "https://a.example:8443", True, id="with a port"),
        pytest.param(["https://a.example"], "https://A.example", False, id="RFC 6454 4: an origin is in lower case"),
        pytest.param(["https://a.example"], "https://a.example/", False, id="RFC 6454 6.2: without a slash"),
        pytest.param(["https://a.example"], "https://a.example.evil.example", False, id="row 62: more behind it"),
        pytest.param(["https://a.example"], "https://evil-a.example", False, id="more before it"),
        pytest.param(["https://a.example"], "https://axexample", False, id="row 62: a dot is a dot"),
        pytest.param(["https://a.example"], "https://a.example\n", False, id="row 78: a line break behind it"),
        pytest.param(["https://a.example"], "https://a.example https://b.example", False, id="RFC 6454 7.1: a list is no origin"),
        pytest.param(["https://a.example"], "", False, id="empty"),
        pytest.param(["https://a.example"], "null", False, id="null, unless it is named"),
        pytest.param(["null"], "null", True, id="null, if it is named"),
        pytest.param(["null"], "Null", False, id="null in another case"),
        pytest.param(["https://*.a.example"], "https://b.a.example", True, id="a label before"),
        pytest.param(["https://*.a.example"], "https://c.b.a.example", True, id="two labels before"),
        pytest.param(["https://*.a.example"], "https://a.example", False, id="no label before"),
        pytest.param(["https://*.a.example"], "https://.a.example", False, id="an empty label before"),
        pytest.param(["https://*.a.example"], "https://evila.example", False, id="letters, not a label, before"),
        pytest.param(["https://*.a.example"], "https://b.a.example.evil.example", False, id="a pattern with more behind it"),
        pytest.param(["https://*.a.example"], "https://evil.example/.a.example", False, id="a slash among the labels"),
        pytest.param(["https://*.a.example"], "https://evil.example?.a.example", False, id="a question mark among the labels"),
        pytest.param(["https://*.a.example"], "https://user@b.a.example", False, id="a user among the labels"),
        pytest.param(["https://*.a.example"], "https://b.axexample", False, id="a dot of a pattern is a dot"),
        pytest.param(["https://*.a.example"], "https://b.a.example\n", False, id="a pattern and a line break"),
        pytest.param(["https://*.a.example"], "https://b.a.example:8443", False, id="a pattern and a port"),
        pytest.param(["https://*.a.example:8443"], "https://b.a.example:8443", True, id="a pattern with a port"),
        pytest.param(["http://localhost:*"], "http://localhost:5173", True, id="any port"),
        pytest.param(["http://localhost:*"], "http://localhost", True, id="any port, the usual one"),
        pytest.param(["http://localhost:*"], "http://localhost:x", False, id="any port is a number"),
        pytest.param(["http://localhost:*"], "http://localhost:80@evil.example", False, id="any port and a host behind it"),
        pytest.param(["http://*.localhost:*"], "http://app.localhost:3000", True, id="any name and any port"),
        pytest.param(["http://[::1]:*"], "http://[::1]:3000", True, id="an IPv6 address"),
        pytest.param(["http://127.0.0.1"], "http://127.0.0.1", True, id="an IPv4 address"),
        pytest.param(["moz-extension://4d1-x"], "moz-extension://4d1-x", True, id="another scheme"),
        pytest.param([re.compile(r"https://(a|b)\.example")], "https://b.example", True, id="an expression"),
        pytest.param(
            [re.compile(r"https://(a|b)\.example")], "https://b.example.evil.example", False, id="it must match the whole"
        ),
        pytest.param([re.compile(r"https://a\.example|x")], "https://a.example/x", False, id="each alternative of it too"),
        pytest.param([re.compile(r"https://[a-z.]+")], "https://" + "a" * 400, False, id="nothing beyond what browsers send"),
        pytest.param(
            [re.compile(r"https://[^x]+\.example")], "https://a\n.example", False, id="what an expression forgot: a line break"
        ),
        pytest.param(
            [re.compile(r"https://.*\.a\.example")], "https://evil.example/.a.example", False, id="what it forgot: a path"
        ),
        pytest.param(
            [re.compile(r"https://.*\.a\.example")], "https://evil.example\\.a.example", False, id="what it forgot: a backslash"
        ),
        pytest.param([re.compile(r"https://.*\.a\.example")], "https://u@b.a.example", False, id="what it forgot: a user"),
        pytest.param([re.compile(r"https://.*\.a\.example")], "https://é.a.example", False, id="what it forgot: ASCII"),
        pytest.param(
            [re.compile(r"https://.*\.a\.example")], "https://evil.example#.a.example", False, id="what it forgot: a fragment"
        ),
        pytest.param([re.compile("null|x")], "null", False, id="null by an expression"),
        pytest.param("*", "https://any.example", True, id="everything"),
        pytest.param(["*"], "null", True, id="everything, null too"),
        pytest.param([], "https://a.example", False, id="nothing"),
    ],
)
def test_an_origin_is_held_or_not(members: Any, origin: str, held: bool) -> None:
    assert (origin in OriginSet(members)) is held


@each(
    ("member", "cure"),
    [
        pytest.param("https://a.example/", "write 'https://a.example', without a path or a slash at its end", id="a slash"),
        pytest.param("https://a.example/app?x", "write 'https://a.example', without", id="a path"),
        pytest.param("HTTPS://A.example", "so write 'https://a.example'", id="capitals"),
        pytest.param("https://a.example:443", "so write 'https://a.example'", id="the usual port of https"),
        pytest.param("http://a.example:80", "so write 'http://a.example'", id="the usual port of http"),
        pytest.param("https://a.example:0443", "without leading zeros", id="a port with a zero before it"),
        pytest.param("https://a.example:70000", "a port is 1 to 65535", id="a port beyond the last"),
        pytest.param("https://a.example:", "write scheme, host", id="an empty port"),
        pytest.param("a.example", "'https://a.example'", id="no scheme"),
        pytest.param("//a.example", "write scheme, host", id="no scheme, but slashes"),
        pytest.param("", "write scheme, host", id="empty"),
        pytest.param("https://", "write scheme, host", id="no host"),
        pytest.param("https://user@a.example", "write scheme, host", id="a user"),
        pytest.param(
            "https://bücher.example", "write the host as browsers send it, 'https://xn--bcher-kva.example'", id="not ASCII"
        ),
        pytest.param("https://\u2024/\u00fc", "write scheme, host", id="not ASCII, and no name"),
        pytest.param("wss://a.example", "has the origin 'https://a.example'", id="a WebSocket's scheme"),
        pytest.param("https://a..example", "no name and no address", id="an empty label"),
        pytest.param("https://1.2.3", "no name and no address", id="no address"),
        pytest.param("http://[::0:1]", r"as browsers do, '\[::1\]'", id="an address in another spelling"),
        pytest.param("http://[zz]", "write scheme, host", id="no address in brackets"),
        pytest.param("http://[:::]", "no name and no address", id="colons"),
        pytest.param("https://a*.example", "a '\\*' stands for labels before a host", id="a star inside a label"),
        pytest.param("https://a.*.example", "a '\\*' stands for labels before a host", id="a star in the middle"),
        pytest.param("*://a.example", "write scheme, host", id="a star for the scheme"),
        pytest.param("https://*", "a '\\*' stands for labels before a host", id="a star for the host"),
        pytest.param("https://*.com", "allows every site below 'com'", id="a star before a top-level domain"),
        pytest.param("http://*.192.0.2.1", "an address has nothing below it", id="a star before an address"),
        pytest.param("http://*.[::1]", "an address has nothing below it", id="a star before an IPv6 address"),
        pytest.param(re.compile("https://a.example"), "has a dot that stands for any character", id="row 62: a live dot"),
        pytest.param(
            re.compile(r"https://[a.]b\.c.d"), "has a dot that stands for any character", id="a live dot behind a class"
        ),
        pytest.param(re.compile(".*"), "matches every origin", id="an expression for everything"),
        pytest.param(re.compile(r"https?://.+"), "matches every origin", id="an expression for all of the web"),
    ],
)
def test_a_member_that_says_something_else_than_it_means_is_refused(member: Any, cure: str) -> None:
    with pytest.raises(ValueError, match=cure):
        OriginSet([member])


@pytest.mark.parametrize(
    ("members", "cure"),
    [
        pytest.param("https://a.example", "put it into a list", id="one text"),
        pytest.param([7], "write text such as", id="a number"),
        pytest.param([re.compile(b"x")], "an expression for bytes", id="bytes"),
    ],
)
def test_what_is_no_member_at_all_is_a_type_error(members: Any, cure: str) -> None:
    with pytest.raises(TypeError, match=cure):
        OriginSet(members)


def test_nothing_may_stand_beside_the_star() -> None:
    with pytest.raises(ValueError, match="nothing may stand beside it"):
        OriginSet(["*", "https://a.example"])


def test_a_repeated_dot_and_one_in_a_class_are_no_mistakes() -> None:
    assert "https://x.example" in OriginSet([re.compile(r"https://.{1}\.exampl[e.]")])


def test_a_set_shows_what_it_holds() -> None:
    assert repr(OriginSet("*")) == "OriginSet('*')"
    assert repr(OriginSet(["https://a.example", re.compile("x")])) == "OriginSet(['https://a.example', 'x'])"


@pytest.mark.parametrize("value", [None, 7, b"https://a.example"])
def test_what_is_no_text_is_not_held(value: object) -> None:
    assert value not in OriginSet("*")
    assert value not in OriginSet(["https://a.example"])


labels = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)
hosts = st.lists(labels, min_size=2, max_size=4).map(".".join).filter(lambda host: not host.replace(".", "").isdigit())
ports = st.just("") | st.integers(min_value=1024, max_value=65_535).map(lambda port: f":{port}")
literals = st.builds("{}://{}{}".format, st.sampled_from(["http", "https"]), hosts, ports)
near = st.sampled_from(["", ".", "/", "x", "x.", "*", "\n", " ", "@", "evil.example", ".evil.example", ":1"])


@given(st.lists(literals, max_size=4), literals, near, near)
def test_no_origin_outside_the_list_is_ever_held(members: list[str], other: str, before: str, behind: str) -> None:
    allowed = OriginSet(members)

    for origin in (other, *members):
        scheme, _, rest = origin.partition("://")
        for spelling in (f"{scheme}://{before}{rest}{behind}", f"{before}{origin}{behind}", origin.upper()):
            assert (spelling in allowed) == (spelling in members)


@given(hosts, st.text() | literals | hosts.map("https://{}".format))
def test_a_pattern_holds_only_what_lies_below_its_host(host: str, origin: str) -> None:
    allowed = OriginSet([f"https://*.{host}"])

    for candidate in (origin, f"{origin}.{host}", f"https://a.{host}{origin}"):
        if candidate in allowed:
            above = candidate.removeprefix("https://").removesuffix(f".{host}")
            assert candidate == f"https://{above}.{host}"
            assert re.fullmatch(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*", above)
