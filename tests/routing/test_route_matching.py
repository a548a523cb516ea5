"""Which route fits a method and a path, and what find, match and the compiled lookup say."""

from typing import Any

import pytest

from martlet.routing import Found, NoSuchPath, Router, WrongMethod
from tests.rows import each

TABLES = [
    pytest.param(["/"], "/", "/", {}, id="the root"),
    pytest.param(["/users"], "/users/", None, {}, id="a slash at the end makes another path"),
    pytest.param(["/users/"], "/users", None, {}, id="and the other way round"),
    pytest.param(["/users", "/users/"], "/users/", "/users/", {}, id="both may be registered"),
    pytest.param(["/users/{name}"], "/users/", None, {}, id="a parameter is never empty"),
    pytest.param(["/users/{name}"], "/users/a/b", None, {}, id="a parameter holds no slash"),
    pytest.param(["/users/{name}"], "/users/a\n", "/users/{name}", {"name": "a\n"}, id="a str holds any other character"),
    pytest.param(["/users"], "/users\n", None, {}, id="a newline after a plain path is no match"),
    pytest.param(["/users/{id:int}"], "/users/7\n", None, {}, id="a newline after a number is no match"),
    pytest.param(["/users/me", "/users/{name}"], "/users/me", "/users/me", {}, id="a literal beats a parameter"),
    pytest.param(["/users/{id:int}", "/users/{name}"], "/users/7", "/users/{id:int}", {"id": 7}, id="narrower beats wider"),
    pytest.param(["/users/{id:int}", "/users/{name}"], "/users/x", "/users/{name}", {"name": "x"}, id="what fits is found"),
    pytest.param(["/{x:float}", "/{x:decimal}", "/{x:int}"], "/7", "/{x:int}", {"x": 7}, id="int before decimal and float"),
    pytest.param(["/f/{rest:path}"], "/f/a/b.txt", "/f/{rest:path}", {"rest": "a/b.txt"}, id="path takes the rest"),
    pytest.param(["/f/{rest:path}"], "/f/", None, {}, id="path takes one character at least"),
    pytest.param(["/f/{rest:path}"], "/f//", "/f/{rest:path}", {"rest": "/"}, id="path takes a slash alone"),
    pytest.param(["/f/{rest:path}", "/f/{name}"], "/f/a", "/f/{name}", {"name": "a"}, id="a segment before the rest"),
    pytest.param(["/{rest:path}", "/a/b"], "/a/b", "/a/b", {}, id="a plain path before the rest"),
    pytest.param(["/img-{rest:path}"], "/img-a/b", "/img-{rest:path}", {"rest": "a/b"}, id="text before the rest"),
    pytest.param(
        ["/{stem}.{ext}"], "/a.tar.gz", "/{stem}.{ext}", {"stem": "a.tar", "ext": "gz"}, id="the first takes what it can"
    ),
    pytest.param(["/{stem}.{ext}"], "/a.b.", "/{stem}.{ext}", {"stem": "a", "ext": "b."}, id="but leaves one character"),
    pytest.param(["/{a}...{b}"], "/x....y", "/{a}...{b}", {"a": "x.", "b": "y"}, id="separators may overlap"),
    pytest.param(["/{y:int}-{m:int}"], "/2024-02", "/{y:int}-{m:int}", {"y": 2024, "m": 2}, id="numbers in one segment"),
    pytest.param(["/{s:slug}-{n:int}"], "/a-b-7", "/{s:slug}-{n:int}", {"s": "a-b", "n": 7}, id="told apart from the end"),
    pytest.param(
        ["/{s:slug}-{t:slug}"], "/a-b-c", "/{s:slug}-{t:slug}", {"s": "a-b", "t": "c"}, id="told apart by an expression"
    ),
    pytest.param(["/v{n:int}x"], "/v7x", "/v{n:int}x", {"n": 7}, id="text around a number"),
    pytest.param(["/{{{n}}}"], "/{7}", "/{{{n}}}", {"n": "7"}, id="doubled braces are braces"),
    pytest.param(["/aa{x}aa"], "/aaa", None, {}, id="head and tail do not share characters"),
    pytest.param(["/users/{id:int}"], "/users/²", None, {}, id="a superscript is no digit"),
    pytest.param(["/users/{id:int}"], "/users/٣", None, {}, id="nor is a digit of another script"),
    pytest.param(["/users/{id:int}"], "/users/-7", None, {}, id="an int has no sign"),
    pytest.param(["/users/{id:int}"], "/users/9223372036854775807", "/users/{id:int}", {"id": 2**63 - 1}, id="the largest"),
    pytest.param(["/users/{id:int}"], "/users/9223372036854775808", None, {}, id="one more is no match"),
    pytest.param(["/users/{id:int}"], "/users/" + "9" * 5_000, None, {}, id="5,000 digits are no match"),
    pytest.param(["/{name}"], "*", None, {}, id="the star of OPTIONS is no path"),
    pytest.param(["/{name}"], "name", None, {}, id="a path without a slash fits nothing"),
    pytest.param(["/{rest:path}"], "http://x/y", None, {}, id="nor does a whole URL"),
    pytest.param(["/{rest:path}"], "", None, {}, id="nor does nothing"),
]


@each(("patterns", "path", "chosen", "params"), TABLES)
def test_the_route_that_fits_is_found(patterns: list[str], path: str, chosen: str | None, params: dict[str, Any]) -> None:
    router = Router[str]()
    for pattern in patterns:
        router.register("GET", pattern, pattern)

    assert router.match("GET", path) == (chosen, params)


@each(
    ("patterns", "path", "chosen"),
    [
        pytest.param(["/a/{x}/y", "/a/b/{z}"], "/a/b/y", "/a/b/{z}", id="the leftmost literal"),
        pytest.param(["/{x:int}/{y}", "/{x}/b"], "/1/b", "/{x:int}/{y}", id="the leftmost narrower parameter"),
        pytest.param(["/a/{rest:path}", "/{x}/b"], "/a/b", "/a/{rest:path}", id="a literal before what takes all the rest"),
        pytest.param(["/{x:slug}", "/{x:uuid}"], "/aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa", "/{x:uuid}", id="fewer texts"),
        pytest.param(["/a/b/c", "/a/{x}/d", "/{y}/b/e"], "/a/b/e", "/{y}/b/e", id="two ways are tried in vain"),
        pytest.param(
            ["/repos/{o}/{r}/contents/{path:path}", "/repos/{o}/{r}/{archive_format}/{ref}"],
            "/repos/a/b/contents/README.md",
            "/repos/{o}/{r}/contents/{path:path}",
            id="as GitHub has it",
        ),
    ],
)
def test_with_overlaps_the_leftmost_difference_decides(patterns: list[str], path: str, chosen: str) -> None:
    for order in (patterns, patterns[::-1]):
        router = Router[str]()
        for pattern in order:
            router.register("GET", pattern, pattern, overlaps=True)

        assert router.match("GET", path)[0] == chosen


def test_methods_are_told_apart_by_case_and_declared_in_any() -> None:
    router = Router[str]()
    router.register("get", "/", "shown")
    router.register("POST", "/", "added")
    router.register("*", "/any", "any")

    assert router.match("GET", "/")[0] == "shown"
    assert [router.match(method, "/")[0] for method in ("get", "gEt", "post", "PUT")] == [None] * 4
    assert [router.match(method, "/any")[0] for method in ("BREW", "brew")] == ["any", None]


def test_a_character_that_only_becomes_ascii_in_capitals_is_no_method() -> None:
    router = Router[str]()
    router.register("POST", "/", "added")

    assert "poſt".upper() == "POST"
    assert router.match("poſt", "/") == (None, {})


def test_the_method_is_part_of_the_match() -> None:
    router = Router[str]()
    router.register("GET", "/users/me", "myself")
    router.register("DELETE", "/users/{name}", "remove")

    assert router.match("DELETE", "/users/me") == ("remove", {"name": "me"})
    assert router.find("PUT", "/users/me") == WrongMethod(("DELETE", "GET"))
    assert router.find("PUT", "/users/you") == WrongMethod(("DELETE",))


def test_find_tells_what_it_found_and_why_not() -> None:
    router = Router[str]()
    book = router.register("GET", "/books/{book_id:int}", "show", name="book")

    assert router.find("GET", "/books/7") == Found(book, "show", {"book_id": 7})
    assert router.find("POST", "/books/7") == WrongMethod(("GET",))
    assert router.find("POST", "/books/x") == NoSuchPath()
    assert router.allowed_methods("/books/7") == ("GET",)
    assert router.allowed_methods("/nowhere") == ()


def test_routes_may_lead_to_none() -> None:
    router = Router[None]()
    for name in "abcd":
        router.register("GET", f"/{name}/{{x}}", None)
    router.register("GET", "/plain", None)

    assert router.compile()("GET", "/a/1") == (None, {"x": "1"})
    assert router.compile()("GET", "/plain") == (None, {})
    assert isinstance(router.find("GET", "/plain"), Found)


def test_parameters_are_named_as_each_route_names_them() -> None:
    router = Router[int]()
    for number, names in enumerate([("x", "y"), ("y", "x"), ("id", "sub")]):
        router.register("GET", f"/t{number}/{{{names[0]}}}/{{{names[1]}}}", number)

    assert router.match("GET", "/t0/1/2") == (0, {"x": "1", "y": "2"})
    assert router.match("GET", "/t1/1/2") == (1, {"y": "1", "x": "2"})
    assert router.match("GET", "/t2/1/2") == (2, {"id": "1", "sub": "2"})


def test_each_match_has_a_dict_of_its_own() -> None:
    router = Router[str]()
    router.register("GET", "/plain", "plain")
    router.register("GET", "/{name}", "named")

    for path in ("/plain", "/x"):
        router.match("GET", path)[1]["spoilt"] = True
        found = router.find("GET", path)
        assert isinstance(found, Found)
        found.params["spoilt"] = True

        assert "spoilt" not in router.match("GET", path)[1]


def test_what_is_registered_later_is_found_too() -> None:
    router = Router[str]()
    router.register("GET", "/{name}", "any")
    before = router.compile()
    assert router.match("GET", "/me")[0] == "any"

    router.register("GET", "/me", "myself")

    assert router.match("GET", "/me")[0] == "myself"
    assert isinstance(router.find("GET", "/me"), Found)
    assert before("GET", "/me") == ("any", {"name": "me"})


def test_an_empty_router_finds_nothing() -> None:
    router = Router[str]()

    assert router.match("GET", "/") == (None, {})
    assert router.find("GET", "/") == NoSuchPath()
    assert router.routes == ()


def test_a_converter_is_inferred_where_the_pattern_names_none() -> None:
    router = Router[str]()
    hints = {"book_id": "int", "page": "int", "elsewhere": "date"}
    route = router.register("GET", "/books/{book_id}/{page:str}", "show", converters=hints)
    other = router.register("POST", "/books/{book_id}", "change")

    assert router.match("GET", "/books/7/8") == ("show", {"book_id": 7, "page": "8"})
    assert router.match("POST", "/books/7") == ("change", {"book_id": "7"})
    assert [type(converter).__name__ for converter in route.parameters.values()] == ["IntConverter", "StrConverter"]
    assert [type(converter).__name__ for converter in other.parameters.values()] == ["StrConverter"]


def test_a_path_of_as_many_segments_as_allowed_is_told_apart() -> None:
    router = Router[str]()
    patterns = ["/" + "/".join(["a", "b"][number == place] for number in range(32)) for place in range(32)]
    patterns += ["/" + "/".join(f"{{p{number}}}" if number == place else "c" for number in range(32)) for place in range(32)]
    for pattern in patterns:
        router.register("GET", pattern, pattern, overlaps=True)

    assert router.match("GET", patterns[9])[0] == patterns[9]
    assert router.match("GET", patterns[40].replace("{p8}", "x"))[1] == {"p8": "x"}


def test_the_code_can_be_read_and_holds_texts_as_constants_only() -> None:
    router = Router[str]()
    router.register("GET", '/it\'s "here"\\/{name}', "odd")
    router.register("GET", "/\u2028import os/{name}", "odder")

    assert router.match("GET", '/it\'s "here"\\/x') == ("odd", {"name": "x"})
    assert router.match("GET", "/\u2028import os/x") == ("odder", {"name": "x"})
    assert "def lookup(method, path):" in router.code
    assert router.code.isascii()


def test_where_a_route_was_registered_is_the_callers_line() -> None:
    router = Router[str]()

    assert router.register("GET", "/a", "a").where.startswith(__file__ + ":")
    assert router.register("GET", "/b", "b", where="shop.py:12").where == "shop.py:12"
