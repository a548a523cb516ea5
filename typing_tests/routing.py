"""What a type checker must make of routing: a router knows its targets, and refuses others."""

from collections.abc import Callable
from typing import Any, assert_type

from martlet.routing import Converter, Found, NoSuchPath, Route, Router, WrongMethod

Handler = Callable[[], str]


def a_target_comes_back_as_it_went_in(router: Router[Handler], handler: Handler) -> None:
    assert_type(router.register("GET", "/books/{book_id:int}", handler), Route[Handler])
    target, params = router.match("GET", "/books/7")
    assert_type(target, Handler | None)
    assert_type(params, dict[str, Any])


def a_target_of_another_type_is_refused(router: Router[Handler]) -> None:
    router.register("GET", "/", 7)  # type: ignore[arg-type]


def the_three_answers_are_told_apart(router: Router[int]) -> int | tuple[str, ...] | None:
    match router.find("GET", "/"):
        case Found(_, target, params):
            assert_type(target, int)
            assert_type(params, dict[str, Any])
            return target
        case WrongMethod(allowed):
            assert_type(allowed, tuple[str, ...])
            return allowed
        case NoSuchPath():
            return None


class RomanConverter:
    """A converter needs no base class."""

    regex = "[IVX]+"

    def parse(self, text: str) -> int:
        return len(text)

    def format(self, value: int) -> str:
        return "I" * value


class HalfConverter:
    """One without `format` is none."""

    regex = "[0-9]+"

    def parse(self, text: str) -> int:
        return int(text)


def a_converter_is_known_by_its_methods() -> None:
    converter: Converter[int] = RomanConverter()
    assert_type(converter.parse("IV"), int)
    Router[str](converters={"roman": converter})


def half_a_converter_is_refused() -> None:
    Router[str](converters={"half": HalfConverter()})  # type: ignore[dict-item]
