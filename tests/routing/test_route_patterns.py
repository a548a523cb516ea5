"""Patterns that cannot be read, or that nothing could fit, are refused at once with place and cure."""

import pytest

from martlet.routing import BadConverterError, BadMethodError, BadPatternError, Router, UnknownConverterError
from martlet.routing.converters import IntConverter
from tests.rows import each

BAD = [
    pytest.param("users", "write '/users'", id="no slash at the start"),
    pytest.param("", "write '/'", id="nothing"),
    pytest.param("//", "Write one slash", id="two slashes"),
    pytest.param("/a//b", "Write one slash", id="an empty segment"),
    pytest.param("/a?b={c}", "query", id="a query"),
    pytest.param("/a#b", "fragment", id="a fragment"),
    pytest.param("/caf%C3%A9", "write the character itself", id="percent-encoding"),
    pytest.param("/a" * 33, "more than 32 segments", id="too many segments"),
    pytest.param("/books/<int:id>", "write {id:int}", id="a parameter as Flask has it"),
    pytest.param("/books/<id>/x", "write {id}", id="one without a converter"),
    pytest.param("/<any(a,b):kind>", "write {kind:any}", id="one whose converter has arguments"),
    pytest.param("/{", "doubled", id="an opening brace alone"),
    pytest.param("/}", "doubled", id="a closing brace alone"),
    pytest.param("/x{y", "doubled", id="a brace that is not closed"),
    pytest.param("/{x}}", "doubled", id="a brace too many"),
    pytest.param("/{a{b}}", "doubled", id="a brace in a name"),
    pytest.param("/{a/b}", "doubled", id="a slash in a name"),
    pytest.param("/{}", "no Python name", id="no name"),
    pytest.param("/{:int}", "no Python name", id="a converter without a name"),
    pytest.param("/{1st}", "no Python name", id="a name that begins with a digit"),
    pytest.param("/{book-id}", "no Python name", id="a name with a hyphen"),
    pytest.param("/{*rest}", "{rest:path}", id="a star"),
    pytest.param("/{*}", "{rest:path}", id="a star alone"),
    pytest.param("/{x}/{x}", "stands twice", id="a name in two segments"),
    pytest.param("/{x}-{x}", "stands twice", id="a name twice in one segment"),
    pytest.param("/{x}{y}", "put text between", id="two parameters side by side"),
    pytest.param("/{rest:path}/x", "Put it last", id="a segment after the rest"),
    pytest.param("/{rest:path}/", "Put it last", id="a slash after the rest"),
    pytest.param("/{rest:path}.html", "Put it last", id="text after the rest"),
    pytest.param("/{rest:path}-{x}", "Put it last", id="a parameter after the rest"),
    pytest.param("/{a:slug}-{b:slug}-{c:slug}", "one of them cannot hold", id="more than two that cannot be told apart"),
]


@each(("pattern", "cure"), BAD)
def test_a_bad_pattern_is_refused_with_its_place_and_the_cure(pattern: str, cure: str) -> None:
    with pytest.raises(BadPatternError) as caught:
        Router[str]().register("GET", pattern, "target", where="shop.py:12")

    assert cure in str(caught.value)
    assert "shop.py:12" in str(caught.value)
    assert (caught.value.pattern, caught.value.where) == (pattern, "shop.py:12")


@each(
    "pattern",
    [
        "/",
        "/a/",
        "/{x}/",
        "/é",
        "/a b",
        "/100%",
        "/{{}}",
        "/{{x}}",
        "/{größe}",
        "/x{a}y{b}z",
        "/{a}.{b}.{c}",
        "/{a:int}x{b:slug}",
    ],
)
def test_a_good_pattern_is_kept_as_written(pattern: str) -> None:
    route = Router[str]().register("GET", pattern, "target")

    assert route.pattern == pattern


def test_an_unknown_converter_is_refused_with_the_known_ones_and_a_guess() -> None:
    with pytest.raises(UnknownConverterError, match=r"no converter 'integer'.*Did you mean 'int'.*slug") as caught:
        Router[str]().register("GET", "/{x:integer}", "target", where="shop.py:12")

    assert caught.value.converter == "integer"
    assert "int" in caught.value.known


def test_an_inferred_converter_must_be_known_too() -> None:
    with pytest.raises(UnknownConverterError):
        Router[str]().register("GET", "/{x}", "target", converters={"x": "nothing"})


@each("method", ["", "GET POST", "GET,POST", "G\n", "GÉT"])
def test_a_method_that_is_no_token_is_refused(method: str) -> None:
    with pytest.raises(BadMethodError, match=r"shop\.py:12"):
        Router[str]().register(method, "/", "target", where="shop.py:12")


class WithoutFormat:
    regex = "a"

    def parse(self, text: str) -> str:
        return text


class BadRegex(IntConverter):
    regex = "[0-9"


class FlaggedRegex(IntConverter):
    regex = "(?i)[a-z]"


@each(
    ("name", "converter", "problem"),
    [
        pytest.param("my-int", IntConverter(), "no Python name", id="a name that no pattern can say"),
        pytest.param("x", IntConverter, "give an object, as in IntConverter()", id="a class"),
        pytest.param("x", object(), "no `regex`", id="no expression"),
        pytest.param("x", WithoutFormat(), "`parse` and `format`", id="no way back"),
        pytest.param("x", BadRegex(), "cannot be compiled", id="an expression that is none"),
        pytest.param("x", FlaggedRegex(), "cannot be compiled", id="flags beyond a group"),
    ],
)
def test_what_cannot_serve_as_a_converter_is_refused(name: str, converter: object, problem: str) -> None:
    converters: dict[str, object] = {name: converter}

    with pytest.raises(BadConverterError) as caught:
        Router[str](converters=converters)  # type: ignore[arg-type]  # a mistake on purpose

    assert problem in str(caught.value)


def test_a_failed_registration_leaves_the_router_as_it_was() -> None:
    router = Router[str]()
    router.register("GET", "/{x}", "one", name="one")

    for pattern, name in [("/{y}", None), ("/a/{x}", "one"), ("/{", None)]:
        with pytest.raises(ValueError if pattern != "/{y}" else Exception, match="shop"):
            router.register("GET", pattern, "two", name=name, where="shop.py:1")

    assert [route.pattern for route in router.routes] == ["/{x}"]
    assert router.match("GET", "/a/b") == (None, {})
    router.register("GET", "/a/{x}", "two", name="two")
    assert router.match("GET", "/a/b") == ("two", {"x": "b"})
