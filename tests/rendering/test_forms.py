"""The pairs of a form to a value: blanks, boxes, lists, files, and every error at once."""

import enum
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, NamedTuple, Required, TypedDict

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta, Struct, field

from martlet.http import BadRequestError, Limits, QueryString, UnsupportedMediaTypeError, ValidationError
from martlet.rendering import BodyDecoder, body_decoder, form_decoder, one_field_decoder
from tests.rows import each

URLENCODED = "application/x-www-form-urlencoded"


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Order(Struct, rename={"paid_on": "paid-on"}):
    title: Annotated[str, Meta(min_length=2)]
    count: int
    tags: list[str]
    sizes: Annotated[set[int], Meta(max_length=2)] = field(default_factory=lambda: {38})
    agreed: bool = False
    price: Decimal | None = None
    color: Color = Color.BLUE
    paid_on: datetime | None = None
    note: str | None = None
    raw: bytes = b""

    def __post_init__(self) -> None:
        if self.count == 13:
            raise ValueError("Not thirteen")


class Strict(Struct, forbid_unknown_fields=True):
    name: str


class Film(TypedDict, total=False):
    title: Required[str]
    year: int


@dataclass
class Login:
    user: str
    scope: Literal["read", "write"] = "read"


class Pair(NamedTuple):
    left: int


class File:
    """Stands for an uploaded file."""


class Upload(Struct):
    file: File
    others: list[File]
    name: str = "none"


def read(type_: Any, query: str) -> Any:
    return form_decoder(type_)(QueryString(query).items())


def errors_of(type_: Any, query: str) -> list[tuple[str, str]]:
    with pytest.raises(ValidationError) as refused:
        read(type_, query)
    return [(error.pointer, error.detail) for error in refused.value.errors]


def test_each_field_is_read_as_a_parameter_is() -> None:
    order = read(
        Order,
        "title=Nails&count=3&tags=a&tags=b&sizes=1&sizes=2&agreed=on&price=1.50&color=red&paid-on=2026-11-22T10:00&note=&raw=%C3%A9",
    )

    assert order == Order(
        "Nails",
        3,
        ["a", "b"],
        {1, 2},
        True,
        Decimal("1.50"),
        Color.RED,
        datetime(2026, 11, 22, 10),  # noqa: DTZ001
        "",
        "é".encode(),
    )


def test_a_blank_that_the_type_does_not_take_counts_as_not_sent() -> None:
    order = read(Order, "title=Nails&count=3&tags=&sizes=&agreed=&price=&color=&paid-on=")

    assert order == Order("Nails", 3, [""], set(), False, None, Color.BLUE, None)


def test_a_list_of_which_nothing_is_ticked_is_empty() -> None:
    assert read(Order, "title=Nails&count=3").tags == []
    assert read(Order, "title=Nails&count=3").sizes == {38}


def test_the_first_of_several_values_counts_unless_the_field_is_a_list() -> None:
    assert read(Order, "title=Nails&count=3&count=4").count == 3


def test_every_error_is_listed() -> None:
    assert errors_of(Order, "title=N&count=x&sizes=1&sizes=y&sizes=z&price=1_0&color=green&unknown=1") == [
        ("/title", "Expected `str` of length >= 2"),
        ("/count", "Expected a whole number"),
        ("/sizes/1", "Expected a whole number"),
        ("/sizes/2", "Expected a whole number"),
        ("/price", "Expected a decimal number"),
        ("/color", "Expected one of `red`, `blue`"),
    ]


def test_what_is_blank_or_absent_and_required_is_missing() -> None:
    assert errors_of(Order, "count=") == [("/title", "Missing required field"), ("/count", "Missing required field")]


def test_errors_stand_in_the_order_of_the_fields_whatever_is_wrong() -> None:
    places = [place for place, _ in errors_of(Order, "count=3&sizes=y&price=1_0&color=green")]

    assert places == ["/title", "/sizes/0", "/price", "/color"]


def test_bounds_of_a_list_and_the_whole_s_own_check_hold() -> None:
    assert errors_of(Order, "title=ab&count=1&sizes=1&sizes=2&sizes=3") == [("/sizes", "Expected `array` of length <= 2")]
    assert errors_of(Order, "title=ab&count=13") == [("", "Not thirteen")]


def test_unknown_fields_are_ignored_unless_they_are_forbidden() -> None:
    assert read(Film, "title=M&what=1") == {"title": "M"}
    assert errors_of(Strict, "name=a&what=1&else=2") == [("/what", "Unknown field"), ("/else", "Unknown field")]


def test_no_more_errors_are_listed_than_the_limit() -> None:
    decode = body_decoder(dict[str, int], URLENCODED, Limits(errors_listed=2))

    with pytest.raises(ValidationError) as refused:
        decode(b"a=x&b=x&c=x")
    assert [error.pointer for error in refused.value.errors] == ["/a", "/b", ""]


@each(
    ("type_", "query", "value"),
    [
        pytest.param(Login, "user=ann&scope=write", Login("ann", "write"), id="dataclass"),
        pytest.param(Login | None, "user=ann", Login("ann"), id="optional"),
        pytest.param(Film, "title=M&year=1931", {"title": "M", "year": 1931}, id="TypedDict"),
        pytest.param(dict[str, str], "a=1&b=&a=2", {"a": "1", "b": ""}, id="dict of text"),
        pytest.param(dict[str, list[int]], "a=1&a=2", {"a": [1, 2]}, id="dict of lists"),
        pytest.param(dict[str, int | None], "a=&b=1", {"a": None, "b": 1}, id="dict with None"),
        pytest.param(Any, "a=1&a=2", {"a": ["1", "2"]}, id="anything"),
        pytest.param(dict, "a=1", {"a": ["1"]}, id="dict without types"),
        pytest.param(QueryString, "a=1&a=2", QueryString("a=1&a=2"), id="QueryString"),
    ],
)
def test_a_form_becomes_any_type_with_names(type_: Any, query: str, value: Any) -> None:
    assert read(type_, query) == value


@each(
    "type_",
    [
        int,
        list[int],
        Pair,
        tuple[int, int],
        dict[str, dict[str, int]],
        Order | Login,
        dict[str, tuple[int, int]],
        dict[str, File],
    ],
    ids=str,
)
def test_a_type_that_no_form_can_become_is_refused_beforehand(type_: Any) -> None:
    with pytest.raises(TypeError):
        form_decoder(type_)


def test_a_route_that_takes_a_list_has_no_use_for_a_form() -> None:
    decode = body_decoder(list[int], URLENCODED)

    with pytest.raises(UnsupportedMediaTypeError, match="application/json"):
        decode(b"a=1")


def test_files_are_taken_as_they_are() -> None:
    first, second = File(), File()
    upload = form_decoder(Upload, objects=(File,))

    assert upload([("file", first), ("others", first), ("others", second), ("name", "x")]) == Upload(first, [first, second], "x")
    assert upload([("file", first)]) == Upload(first, [])


def test_text_in_the_place_of_a_file_is_an_error_and_the_reverse() -> None:
    with pytest.raises(ValidationError) as refused:
        form_decoder(Upload, objects=(File,))([("file", "text"), ("others", ""), ("name", File())])

    assert [(error.pointer, error.detail) for error in refused.value.errors] == [
        ("/file", "Expected a file, got a text"),
        ("/name", "Expected a text, got a file"),
    ]


def test_a_body_with_too_many_fields_is_400() -> None:
    with pytest.raises(BadRequestError):
        body_decoder(Any, URLENCODED, Limits(query_fields=3))(b"a&b&c&d")


DECODERS = [body_decoder(type_, URLENCODED) for type_ in (Order, dict[str, int], Any)]


@given(st.sampled_from(DECODERS), st.binary(max_size=60))
def test_any_bytes_are_a_value_or_an_error_of_the_client(decode: BodyDecoder, data: bytes) -> None:
    with suppress(ValidationError, BadRequestError):
        decode(data)


FILE = File()


@each(
    ("type_", "pairs", "pointers"),
    [
        pytest.param(Any, [("a", "1"), ("f", FILE)], ["/f"], id="anything"),
        pytest.param(QueryString, [("f", FILE), ("g/h", FILE)], ["/f", "/g~1h"], id="a query string"),
        pytest.param(dict[str, int], [("a", FILE)], ["/a"], id="a dict"),
        pytest.param(Login, [("user", FILE)], ["/user"], id="a field of text"),
        pytest.param(Strict, [("name", "a"), ("what", FILE)], ["/what"], id="an unknown field"),
    ],
)
def test_files_go_into_fields_for_files_only(type_: Any, pairs: list[tuple[str, Any]], pointers: list[str]) -> None:
    with pytest.raises(ValidationError) as refused:
        form_decoder(type_, objects=[File])(pairs)

    assert [(error.pointer, error.detail) for error in refused.value.errors[: len(pointers)]] == [
        (pointer, "Expected a text, got a file") for pointer in pointers
    ]


def test_texts_are_read_alike_where_files_may_come() -> None:
    assert form_decoder(Any, objects=[File])([("a", "1"), ("a", "2")]) == {"a": ["1", "2"]}
    assert form_decoder(QueryString, objects=[File])([("a", "1")]) == QueryString("a=1")


def test_one_field_of_a_form() -> None:
    pairs = [("a", "1"), ("f", FILE), ("f", "")]

    assert one_field_decoder("f", File, objects=[File])(pairs) is FILE
    assert one_field_decoder("f", list[File], objects=[File])(pairs) == [FILE]
    assert one_field_decoder("g", File | None, objects=[File], default=None)(pairs) is None
    with pytest.raises(ValidationError) as refused:
        one_field_decoder("g", File, objects=[File])(pairs)
    assert [error.pointer for error in refused.value.errors] == ["/g"]
