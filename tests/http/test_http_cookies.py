"""Cookies: what clients send is read as it is, what we set is refused unless every browser takes it."""

import time
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from martlet.http.cookies import BadCookieError, SetCookie, parse_cookies
from martlet.http.dates import format_http_date
from martlet.http.headers import Headers
from tests.rows import each, wrong_rows
from tests.shared_cases import conformance

OCTETS = st.text(st.sampled_from("abzAZ09!#$%&'()*+-./:<=>?@[]^_`{|}~"), max_size=12)


@each(
    ("header", "cookies"),
    [
        pytest.param("", {}, id="nothing"),
        pytest.param("a=b", {"a": "b"}, id="one"),
        pytest.param("a=b; a=c", {"a": "b"}, id="the first of a name counts"),
        pytest.param("a=b;c=d ;\te = f g \t", {"a": "b", "c": "d", "e": "f g"}, id="space around"),
        pytest.param("a=b=c", {"a": "b=c"}, id="the first sign separates"),
        pytest.param("a=", {"a": ""}, id="an empty value"),
        pytest.param("a", {}, id="no sign"),
        pytest.param("=__Host-sid=evil", {}, id="nameless, CVE-2023-23934"),
        pytest.param(" =b", {}, id="nameless with space"),
        pytest.param('a="b c"', {"a": '"b c"'}, id="quotes belong to the value"),
        pytest.param('a="b; c=d"', {"a": '"b', "c": 'd"'}, id="and do not hide a semicolon"),
        pytest.param("a=%41", {"a": "%41"}, id="no percent-decoding"),
        pytest.param("$Version=1; a=b", {"$Version": "1", "a": "b"}, id="the old attributes are cookies"),
        pytest.param("A=1; a=2", {"A": "1", "a": "2"}, id="case counts"),
        pytest.param(r'a="\054\"', {"a": r'"\054\"'}, id="no escapes"),
    ],
)
def test_a_cookie_field_is_read(header: str, cookies: dict[str, str]) -> None:
    assert parse_cookies(header) == cookies


def read_back(case: dict[str, Any]) -> None:
    first: dict[str, str] = {}
    for cookie in case["sent"]:
        first.setdefault(cookie["name"], cookie["value"])
    header = "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in case["sent"])

    assert parse_cookies(header) == {name: value for name, value in first.items() if name}


def test_what_browsers_send_is_read_back() -> None:
    cases = conformance("http/cookies/httpstate_parser.json")["cases"]

    assert len(cases) == 222
    assert wrong_rows([(case["test"], case) for case in cases], read_back) == {}


def test_jshttp_reads_it_the_same_but_for_two_rules() -> None:
    # Theirs decodes percent escapes, ours gives a value back as it was set; theirs keeps nameless cookies, ours drops them.
    cases = [case for case in conformance("http/cookies/jshttp_parseCookie.json")["cases"] if len(case["args"]) == 1]
    assert cases
    for case in cases:
        ours = {name: unquote(value) for name, value in parse_cookies(case["args"][0]).items()}

        assert ours == {name: value for name, value in case["want"].items() if name}


def build(options: dict[str, Any]) -> SetCookie:
    """A cookie from jshttp's words, with their defaults."""
    expires = options.get("expires")
    return SetCookie(
        options["name"],
        options["value"],
        max_age=options.get("maxAge"),
        expires=datetime.fromisoformat(expires) if expires else None,
        path=options.get("path"),
        domain=options.get("domain"),
        secure=options.get("secure", False) or options.get("sameSite") == "none",
        http_only=options.get("httpOnly", False),
        same_site=options.get("sameSite"),
        partitioned=options.get("partitioned", False),
    )


@each(
    "case",
    [
        case
        for case in conformance("http/cookies/jshttp_stringifySetCookie.json")["cases"]
        if "throws" in case
        # Priority is no attribute of the standard; types are for the type checker; a moment that is none is no datetime.
        and not {"priority", "maxAge"} & case["args"][0].keys()
        and case["args"][0].get("expires", "") is not None
    ],
    ids=lambda case: case["throws"],
    count=18,
)
def test_what_jshttp_refuses_to_write_is_refused(case: dict[str, Any]) -> None:
    with pytest.raises(BadCookieError):
        build(case["args"][0])


@each(
    ("cookie", "text"),
    [
        pytest.param(SetCookie("a", "b"), "a=b; Path=/; Secure; HttpOnly; SameSite=Lax", id="safe unless told otherwise"),
        pytest.param(SetCookie("a", "", path=None, secure=False, http_only=False, same_site=None), "a=", id="bare"),
        pytest.param(
            SetCookie("a", '"b"', domain="example.org"),
            'a="b"; Path=/; Domain=example.org; Secure; HttpOnly; SameSite=Lax',
            id="a domain",
        ),
        pytest.param(
            SetCookie("a", "b", max_age=60, expires=datetime(2030, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=1)))),
            "a=b; Max-Age=60; Expires=Wed, 02 Jan 2030 02:04:05 GMT; Path=/; Secure; HttpOnly; SameSite=Lax",
            id="an end, in GMT",
        ),
        pytest.param(
            SetCookie("__Host-a", "b", same_site="none", partitioned=True),
            "__Host-a=b; Path=/; Secure; HttpOnly; SameSite=None; Partitioned",
            id="for frames",
        ),
    ],
)
def test_a_cookie_is_written(cookie: SetCookie, text: str) -> None:
    assert str(cookie) == text
    assert Headers({"Set-Cookie": str(cookie)})["set-cookie"] == text


@each("character", [chr(code) for code in (*range(33), 34, 44, 59, 92, 127, 0xE9, 0x20AC)], ids=repr, count=40)
def test_a_value_that_needs_encoding_is_refused(character: str) -> None:
    with pytest.raises(BadCookieError, match=r"urllib\.parse\.quote"):
        SetCookie("a", f"b{character}c")
    with pytest.raises(BadCookieError):
        SetCookie("a", character)


@each(
    ("options", "message"),
    [
        pytest.param({"name": ""}, "is no cookie name", id="no name"),
        pytest.param({"name": "a=b"}, "is no cookie name", id="a sign in the name"),
        pytest.param({"name": "a\r\nSet-Cookie: b"}, "is no cookie name", id="a line break in the name"),
        pytest.param({"value": "b; Domain=evil.example"}, "has the value", id="another attribute in the value"),
        pytest.param({"value": '"b'}, "has the value", id="half a pair of quotes"),
        pytest.param({"path": "/; Domain=evil.example"}, "has the path", id="another attribute in the path"),
        pytest.param({"path": "/\r\nX: y"}, "has the path", id="a line break in the path"),
        pytest.param({"path": "books"}, "has the path", id="no slash, which browsers ignore"),
        pytest.param({"path": "/é"}, "has the path", id="beyond ASCII"),
        pytest.param({"domain": "example.org; Secure"}, "has the domain", id="another attribute in the domain"),
        pytest.param({"domain": ""}, "has the domain", id="an empty domain"),
        pytest.param({"domain": "a..b"}, "has the domain", id="an empty label"),
        pytest.param({"domain": "example.org\n"}, "has the domain", id="a line break in the domain"),
        pytest.param({"expires": datetime(2030, 1, 1)}, "time zone", id="a moment without a zone"),  # noqa: DTZ001  the point
        pytest.param({"same_site": "Lax"}, "choose 'strict', 'lax', 'none' or None", id="another word"),
        pytest.param({"same_site": "none", "secure": False}, "secure=True", id="for all sites without https"),
        pytest.param({"partitioned": True, "secure": False}, "secure=True", id="partitioned without https"),
        pytest.param({"value": "x" * 4096}, "browsers drop what exceeds 4096", id="too large"),
        pytest.param({"path": "/" + "x" * 1024}, "beyond 1024 bytes", id="a path too long"),
        pytest.param({"name": "__Secure-a", "secure": False}, "with secure", id="__Secure- without https"),
        pytest.param({"name": "__HOST-a", "path": "/x"}, "with path='/'", id="__Host- elsewhere, in any case"),
        pytest.param({"name": "__Host-a", "domain": "example.org"}, "with domain=None", id="__Host- for a domain"),
        pytest.param({"name": "__Http-a", "http_only": False}, "with http_only", id="__Http- for scripts"),
        pytest.param({"name": "__Host-Http-a", "http_only": False, "path": None}, "http_only and path='/'", id="__Host-Http-"),
    ],
)
def test_what_a_browser_would_refuse_is_refused_here(options: dict[str, Any], message: str) -> None:
    with pytest.raises(BadCookieError, match=message):
        SetCookie(**{"name": "a", "value": "b", **options})


@given(OCTETS)
def test_a_value_comes_back_as_it_was_set(value: str) -> None:
    pair = str(SetCookie("a", value)).partition(";")[0]

    assert parse_cookies(f"x=y; {pair}; z=") == {"x": "y", "a": value, "z": ""}


def test_removing_keeps_the_place() -> None:
    cookie = SetCookie("__Secure-a", "b", max_age=60, path="/x", domain="example.org", partitioned=True)

    assert str(cookie.removed()) == (
        "__Secure-a=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/x; Domain=example.org; "
        "Secure; HttpOnly; SameSite=Lax; Partitioned"
    )


@each("piece", [";", "=", "a=b;", 'a="\\', "\\", " ", "a;"], ids=repr)
def test_a_quarter_megabyte_takes_linear_time(piece: str) -> None:
    header = piece * (250_000 // len(piece))

    started = time.process_time()
    parse_cookies(header)

    assert time.process_time() - started < 0.6  # seconds; anything quadratic takes many


def test_a_date_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="has no time zone"):
        format_http_date(datetime(2030, 1, 1))  # noqa: DTZ001  the point


@given(st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001  strategies take naive bounds
def test_a_date_is_written_in_its_fixed_form(moment: datetime) -> None:
    text = format_http_date(moment)

    assert datetime.strptime(text, "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC) == moment.replace(microsecond=0)
    assert len(text) == 29


@each(
    ("max_age", "told"),
    [(timedelta(days=1), "86400"), (timedelta(seconds=0.2), "1"), (timedelta(seconds=-0.5), "0"), (0, "0"), (-1, "-1")],
    ids=str,
)
def test_a_cookie_lives_for_whole_seconds(max_age: int | timedelta, told: str) -> None:
    assert f"; Max-Age={told};" in str(SetCookie("theme", "dark", max_age=max_age))


@pytest.mark.parametrize("max_age", [3.5, "60", True], ids=repr)
def test_a_life_that_is_no_number_of_seconds_is_refused(max_age: Any) -> None:
    with pytest.raises(BadCookieError, match="write whole seconds, or a timedelta"):
        SetCookie("theme", "dark", max_age=max_age)


@pytest.mark.parametrize("expires", [0, date(2030, 1, 1), "tomorrow"], ids=repr)
def test_an_end_that_is_no_moment_is_refused(expires: Any) -> None:
    with pytest.raises(BadCookieError, match="write a datetime with its zone"):
        SetCookie("theme", "dark", expires=expires)
