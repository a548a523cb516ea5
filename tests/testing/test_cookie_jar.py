"""The cookies of the test client: browsers' own table, what two projects agree on, and the rules that came later."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from martlet import App, Request, Response, SetCookie
from martlet.testing import CookieJar
from martlet.testing.cookie_jar import Place
from tests.rows import each, wrong_rows
from tests.serving import Serve
from tests.shared_cases import conformance

BROWSERS = conformance("http/cookies/httpstate_parser.json")["cases"]
JSHTTP = conformance("http/cookies/jshttp_parseSetCookie.json")["cases"]
WHEN_THE_TABLE_WAS_WRITTEN = datetime(2011, 1, 1, tzinfo=UTC)  # some of its cookies have expired since

# Rows that the table itself switches off, since browsers do not agree on them.
BROWSERS_EXCEPTIONS = {
    "DISABLED_CHROMIUM0022": "a NUL: all of the cookie is dropped (RFC 6265bis section 5.6); the table cuts it there",
    "DISABLED_CHROMIUM0023": "the same with a CR",
    "DISABLED_PATH0029": "paths are compared as they are sent (RFC 6265bis section 5.1.4); the table decodes them",
}
# By the cookie's text: what a name-value pair without a name, or an empty text, is.
JSHTTP_EXCEPTIONS = {
    "value": "a cookie without a name is dropped: it could pose as any other (RFC 6265bis section 8.8)",
    "": "the same",
    "   ": "the same",
}


def place_of(url: str) -> Place:
    parts = urlsplit(url if url.startswith("http") else f"http://home.example.org{url}")
    return Place((parts.hostname or "").lower(), parts.path, parts.scheme == "https")


def send_back(case: dict[str, Any]) -> None:
    """Cookies set by http://home.example.org/cookie-parser, and what goes to another address."""
    jar = CookieJar(clock=lambda: WHEN_THE_TABLE_WAS_WRITTEN)

    jar.receive(case["received"], place_of("/cookie-parser"))

    sent = "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in case["sent"])
    assert jar.field_for(place_of(case.get("sent-to", "/cookie-parser-result"))) == sent


def test_what_browsers_send_back_is_sent_back() -> None:
    rows = [(case["test"], case) for case in BROWSERS if case["test"] not in BROWSERS_EXCEPTIONS]

    assert len(rows) == 219
    assert wrong_rows(rows, send_back) == {}


def test_every_exception_is_in_its_table() -> None:
    assert len(BROWSERS) == 222
    assert set(BROWSERS_EXCEPTIONS) < {case["test"] for case in BROWSERS}
    assert len(JSHTTP) == 91
    assert set(JSHTTP_EXCEPTIONS) < {case["args"][0] for case in JSHTTP}


def read_as_jshttp(case: dict[str, Any]) -> None:
    """Theirs percent-decodes values and ours does not, which is the application's to do."""
    text, want = case["args"][0], case["want"]
    domain = want.get("domain", "shop.example").removeprefix(".")
    home = Place(domain, want.get("path", "/"), https=True)
    expires = datetime.fromisoformat(want["expires"]) if "expires" in want else None
    now = expires - timedelta(days=1) if expires else WHEN_THE_TABLE_WAS_WRITTEN
    jar = CookieJar(clock=lambda: now)

    jar.receive([text], home)

    is_over = want.get("maxAge", 1) <= 0
    # Browsers take no cookie for other sites' requests, and none in a partition, without Secure.
    is_refused = not want.get("secure") and (want.get("sameSite") == "none" or want.get("partitioned", False))
    if is_over or is_refused:
        assert dict(jar) == {}
        return
    raw = text.partition(";")[0].partition("=")[2].strip()
    assert dict(jar) == {want["name"]: raw}
    assert jar.field_for(home) == f"{want['name']}={raw}"
    below = Place(f"below.{domain}", home.path, https=True)
    assert bool(jar.field_for(below)) is ("domain" in want)
    assert bool(jar.field_for(Place(domain, home.path))) is not want.get("secure", False)
    if expires and "maxAge" not in want:
        now += timedelta(days=1)
        assert dict(jar) == {}


def test_what_jshttp_reads_from_a_set_cookie_field() -> None:
    rows = [(f"row {row}", case) for row, case in enumerate(JSHTTP) if case["args"][0] not in JSHTTP_EXCEPTIONS]

    assert len(rows) == 88
    assert wrong_rows(rows, read_as_jshttp) == {}


HOME, HERE = Place("shop.example", "/"), Place("localhost", "/")
SECURE_HOME = Place("shop.example", "/", https=True)


@each(
    ("text", "place", "kept"),
    [
        pytest.param("a=b; Secure", HOME, False, id="5.7 step 8: Secure, set without https"),
        pytest.param("a=b; Secure", SECURE_HOME, True, id="5.7 step 8: Secure, set over https"),
        pytest.param("a=b; Secure", HERE, True, id="Secure Contexts 3.1: Secure, set on the machine itself"),
        pytest.param("a=b; Secure", Place("app.localhost", "/"), True, id="Secure Contexts 3.1: below localhost"),
        pytest.param("__Secure-a=b; Secure", SECURE_HOME, True, id="4.1.3.1: __Secure-"),
        pytest.param("__Secure-a=b", SECURE_HOME, False, id="4.1.3.1: __Secure- without Secure"),
        pytest.param("__secure-a=b", SECURE_HOME, False, id="5.7 step 20: in any case"),
        pytest.param("__Host-a=b; Secure; Path=/", SECURE_HOME, True, id="4.1.3.2: __Host-"),
        pytest.param("__Host-a=b; Secure; Path=/x", SECURE_HOME, False, id="4.1.3.2: __Host- elsewhere"),
        pytest.param("__Host-a=b; Secure", SECURE_HOME, False, id="4.1.3.2: __Host- without a path"),
        pytest.param("__Host-a=b; Secure; Path=/; Domain=shop.example", SECURE_HOME, False, id="4.1.3.2: __Host- for a domain"),
        pytest.param("__Http-a=b; Secure", SECURE_HOME, False, id="4.1.3.3: __Http- for scripts"),
        pytest.param("a=b; SameSite=None", SECURE_HOME, False, id="5.7: SameSite=None without Secure"),
        pytest.param("a=b; Partitioned", SECURE_HOME, False, id="CHIPS 2.1: Partitioned without Secure"),
        pytest.param("a=b; Domain=example", HOME, False, id="5.7 step 10: a domain with all its sites"),
        pytest.param("a=b; Domain=0.0.1", Place("127.0.0.1", "/"), False, id="5.1.3: an address has nothing below it"),
        pytest.param(f"a={'b' * 4095}", HOME, True, id="5.6 step 5: 4096 bytes"),
        pytest.param(f"a={'b' * 4096}", HOME, False, id="5.6 step 5: beyond 4096 bytes"),
        pytest.param(f"a=b; Path=/{'x' * 1024}; Domain={'y' * 1025}", HOME, True, id="5.6: an attribute beyond 1024 bytes"),
        pytest.param("a=b\x01", HOME, False, id="5.6 step 1: a control character"),
        pytest.param("a=b\tc", HOME, True, id="5.6 step 1: but a tab"),
        pytest.param("a=b; Max-Age=99999999999999999999999", HOME, True, id="5.6.2: 400 days at most"),
        pytest.param("a=b; Max-Age=-99999999999999999999999", HOME, False, id="5.6.2: long ago"),
    ],
)
def test_what_a_browser_keeps(text: str, place: Place, kept: bool) -> None:
    jar = CookieJar()

    jar.receive([text], place)

    assert bool(jar) is kept


def test_what_came_without_https_does_not_replace_what_came_with_it() -> None:
    """RFC 6265bis section 5.7, step 15."""
    jar = CookieJar()
    jar.receive(["session=true; Secure; Path=/"], SECURE_HOME)

    jar.receive(["session=forged; Path=/", "session=; Max-Age=0; Path=/", "session=2; Path=/; Domain=shop.example"], HOME)

    assert dict(jar) == {"session": "true"}


def test_a_test_puts_cookies_in_that_go_everywhere() -> None:
    jar = CookieJar()

    jar["theme"] = "dark"
    jar["theme"] = "light"
    jar["gone"] = "1"
    del jar["gone"]

    assert (len(jar), list(jar), jar["theme"], "gone" in jar) == (1, ["theme"], "light", False)
    assert jar.field_for(Place("anywhere.example", "/x")) == "theme=light"
    with pytest.raises(KeyError):
        del jar["gone"]


@given(st.lists(st.text(max_size=40), max_size=3), st.text(max_size=10), st.text(max_size=10))
def test_whatever_is_set_the_jar_stays_one(texts: list[str], host: str, path: str) -> None:
    jar, place = CookieJar(), Place(host, path)

    jar.receive(texts, place)

    assert len(jar) == len(list(jar)) == len(dict(jar))
    assert "\n" not in jar.field_for(place)


def test_the_client_sends_cookies_where_they_belong(serve: Serve) -> None:
    app = App()

    @app.get("/books/{name}")
    async def show(name: str) -> Response:
        return Response(name, cookies=[SetCookie("shelf", name, path="/books"), SetCookie("site", name)])

    @app.get("/seen")
    @app.get("/books/seen/{number}")
    async def see(request: Request) -> dict[str, str]:
        return request.cookies

    client = serve(app)
    client.get("/books/walden")

    assert client.get("/seen").json() == {"site": "walden"}
    assert client.get("/books/seen/1").json() == {"shelf": "walden", "site": "walden"}
    assert client.get("/seen", headers={"host": "other.example"}).json() == {}
    assert client.get("/seen", headers={"cookie": "mine=1"}).json() == {"mine": "1"}
    client.cookies.clear()
    assert client.get("/seen").json() == {}
