"""From a name and parameters to a URL path, and below the prefix of a mount."""

from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from martlet.routing import (
    BadParametersError,
    BadPatternError,
    DuplicateNameError,
    RouteConflictError,
    Router,
    UnknownRouteError,
)
from tests.rows import each


def named(pattern: str) -> Router[str]:
    router = Router[str]()
    router.register("GET", pattern, "target", name="it", where="shop.py:12")
    return router


@each(
    ("pattern", "params", "url"),
    [
        pytest.param("/", {}, "/", id="the root"),
        pytest.param("/a b/é/{{x}}/", {}, "/a%20b/%C3%A9/%7Bx%7D/", id="plain text is encoded"),
        pytest.param("/{x}", {"x": "a b/".rstrip("/")}, "/a%20b", id="a blank"),
        pytest.param("/{x}", {"x": "100%?#[]é\n"}, "/100%25%3F%23%5B%5D%C3%A9%0A", id="what a segment may not hold"),
        pytest.param("/{x}", {"x": "a-._~!$&'()*+,;=:@b"}, "/a-._~!$&'()*+,;=:@b", id="what a segment may hold, RFC 3986 3.3"),
        pytest.param("/f/{x:path}", {"x": "a b/c/"}, "/f/a%20b/c/", id="path keeps its slashes"),
        pytest.param("/{x:path}", {"x": "/evil.example"}, "/%2Fevil.example", id="but never makes another host"),
        pytest.param("/{x:path}", {"x": "\\evil.example"}, "/%5Cevil.example", id="nor does a backslash"),
        pytest.param("/{x:int}", {"x": 7}, "/7", id="a number"),
        pytest.param("/{y:int}-{m:int}", {"m": 2, "y": 2024}, "/2024-2", id="two in a segment"),
        pytest.param("/v{x}.html", {"x": "ü"}, "/v%C3%BC.html", id="text around"),
        pytest.param("/{x:date}", {"x": date(2024, 2, 29)}, "/2024-02-29", id="a day"),
        pytest.param("/{x:datetime}", {"x": datetime(2024, 2, 29, tzinfo=UTC)}, "/2024-02-29T00:00:00+00:00", id="a moment"),
        pytest.param("/{self}/{name}", {"self": "a", "name": "b"}, "/a/b", id="parameters called as ours are"),
    ],
)
def test_a_url_is_made_from_the_pattern(pattern: str, params: dict[str, Any], url: str) -> None:
    router = named(pattern)

    assert router.url_for("it", **params) == url
    assert router.match("GET", unquote(url)) == ("target", params)


@each(
    ("pattern", "params", "problem"),
    [
        pytest.param("/{x}", {}, "'x' missing", id="missing"),
        pytest.param("/{x}", {"x": "a", "y": 1, "z": 2}, "'y' and 'z' not in the pattern", id="too many"),
        pytest.param("/{x}", {"z": "a"}, "'x' missing, 'z' not in the pattern", id="misspelt"),
        pytest.param("/{x:int}", {"x": "7"}, "x='7' does not suit 'int': expected int, not str", id="another type"),
        pytest.param("/{x:int}", {"x": -7}, "x=-7 does not suit 'int'", id="out of range"),
        pytest.param("/{x}", {"x": ""}, "x='' does not suit 'str'", id="empty"),
        pytest.param("/{x}", {"x": "a/b"}, "x='a/b' does not suit 'str'", id="a slash in a segment"),
        pytest.param("/{x}", {"x": "\ud800"}, "does not suit 'str'", id="half a surrogate pair"),
        pytest.param("/{x:float}", {"x": 10**400}, "does not suit 'float'", id="too large"),
        pytest.param("/{x}/y", {"x": ".."}, "dot segment", id="the folder above"),
        pytest.param("/.{x}", {"x": "."}, "dot segment", id="the folder above, in two halves"),
        pytest.param("/f/{x:path}", {"x": "a/./b"}, "dot segment", id="the same folder"),
    ],
)
def test_unsuitable_parameters_are_refused_with_pattern_and_place(pattern: str, params: dict[str, Any], problem: str) -> None:
    with pytest.raises(BadParametersError) as caught:
        named(pattern).url_for("it", **params)

    assert problem in str(caught.value)
    assert f"{pattern!r} (shop.py:12)" in str(caught.value)
    assert (caught.value.name, caught.value.pattern, caught.value.where) == ("it", pattern, "shop.py:12")


def test_an_unknown_name_is_refused_with_those_near_it() -> None:
    router = Router[str]()
    router.register("GET", "/books", "list", name="books")

    with pytest.raises(UnknownRouteError, match=r"No route has the name 'book'\. Near it are 'books'"):
        router.url_for("book")


class Careless:
    """A converter that formats what it would not accept."""

    regex = "[a-z]+"

    def parse(self, text: str) -> str:
        return text

    def format(self, value: str) -> str:
        return value


@pytest.mark.parametrize("value", ["A", "", "a/b"])
def test_a_text_that_would_not_lead_back_is_refused(value: str) -> None:
    router = Router[str](converters={"careless": Careless()})
    router.register("GET", "/{x:careless}", "target", name="it")

    with pytest.raises(BadParametersError, match="would not lead back"):
        router.url_for("it", x=value)


def test_one_name_may_stand_for_methods_of_one_pattern_and_for_other_parameters() -> None:
    router = Router[str]()
    for method in ("GET", "DELETE"):
        router.register(method, "/books/{book_id:int}", "one", name="books")
    router.register("GET", "/books", "all", name="books")

    assert router.url_for("books") == "/books"
    assert router.url_for("books", book_id=7) == "/books/7"
    with pytest.raises(BadParametersError, match="'x' not in the pattern"):
        router.url_for("books", x=1)


def test_one_name_for_the_same_parameters_twice_is_refused() -> None:
    router = Router[str]()
    router.register("GET", "/a/{x}", "a", name="it", where="shop.py:12")

    with pytest.raises(
        DuplicateNameError, match=r"'it' of '/b/\{x\}' \(shop.py:20\) already means '/a/\{x\}' \(shop.py:12\)"
    ) as caught:
        router.register("GET", "/b/{x}", "b", name="it", where="shop.py:20")

    assert (caught.value.new.pattern, caught.value.old.pattern) == ("/b/{x}", "/a/{x}")


segments = st.text(st.characters(codec="utf-8", exclude_characters="/"), min_size=1).filter(lambda text: text not in {".", ".."})


@given(segments, st.text(st.characters(codec="utf-8"), min_size=1))
def test_a_url_leads_back_to_its_parameters(name: str, rest: str) -> None:
    assume(not {".", ".."} & set(rest.split("/")))
    router = named("/f/{name}/{rest:path}")

    url = router.url_for("it", name=name, rest=rest)

    assert url.isascii()
    assert router.match("GET", unquote(url)) == ("target", {"name": name, "rest": rest})


def test_a_mounted_router_keeps_names_places_and_converters() -> None:
    inner = Router[str](converters={"word": Careless()})
    inner.register("GET", "/", "index", name="index", where="inner.py:1")
    inner.register("POST", "/{item:word}", "item", name="item", where="inner.py:2")
    router = Router[str]()
    router.mount("/{tenant:int}/api", inner)

    assert router.match("GET", "/7/api/") == ("index", {"tenant": 7})
    assert router.match("POST", "/7/api/pen") == ("item", {"tenant": 7, "item": "pen"})
    assert router.match("POST", "/7/api/PEN") == (None, {})
    assert router.match("GET", "/7/api") == (None, {})
    assert router.url_for("item", tenant=7, item="pen") == "/7/api/pen"
    assert [(route.pattern, route.where) for route in router.routes] == [
        ("/{tenant:int}/api/", "inner.py:1"),
        ("/{tenant:int}/api/{item:word}", "inner.py:2"),
    ]


def test_what_the_inner_router_registers_later_is_not_mounted() -> None:
    inner, router = Router[str](), Router[str]()
    router.mount("/api", inner)
    inner.register("GET", "/late", "late")

    assert router.match("GET", "/api/late") == (None, {})


@each(
    ("prefix", "problem"),
    [
        pytest.param("/api/", "a prefix ends without a slash", id="a slash at the end"),
        pytest.param("/", "a prefix ends without a slash", id="a slash alone"),
        pytest.param("api", "starts with a slash", id="no slash at the start"),
        pytest.param("/{x}", "stands twice", id="a parameter of the same name"),
        pytest.param("/{rest:path}", "Put it last", id="all the rest"),
        pytest.param("/a" * 32, "more than 32 segments", id="too long together"),
    ],
)
def test_a_prefix_that_does_not_go_with_the_routes_is_refused(prefix: str, problem: str) -> None:
    inner = Router[str]()
    inner.register("GET", "/y/{x}", "target")

    with pytest.raises(BadPatternError, match=problem):
        Router[str]().mount(prefix, inner)


def test_a_mounted_route_may_conflict() -> None:
    inner, router = Router[str](), Router[str]()
    inner.register("GET", "/{x}", "inner", where="inner.py:1")
    router.register("GET", "/api/{y}", "outer")

    with pytest.raises(RouteConflictError, match=r"'/api/\{x\}' \(inner.py:1\)"):
        router.mount("/api", inner)
