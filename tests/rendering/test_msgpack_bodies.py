"""MessagePack bodies, and those in formats that an application registers."""

import csv
import io
from contextlib import suppress
from datetime import UTC, datetime
from ipaddress import IPv4Address
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from martlet.http import BadRequestError, ConflictError, Limits, ValidationError
from martlet.rendering import body_decoder, decodable_media_types, render_json, render_msgpack
from tests.rendering.refused import errors_of, refusal
from tests.rows import each

MSGPACK = "application/vnd.msgpack"
CSV = "text/csv"


class Book(Struct):
    title: str
    year: int
    added: datetime | None = None
    cover: bytes = b""
    pages: dict[int, str] = {}
    server: IPv4Address | None = None


class Film(Struct):
    length: int


class Node(Struct):
    below: "Node | None" = None


BOOK = body_decoder(Book, MSGPACK)
ANYTHING = body_decoder(Any, MSGPACK)


def read_csv(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode())))


@pytest.mark.parametrize("media_type", ["application/vnd.msgpack", "application/msgpack", "application/x-msgpack"])
def test_each_name_of_msgpack_is_read(media_type: str) -> None:
    assert body_decoder(dict[str, int], media_type)(msgspec.msgpack.encode({"a": 1})) == {"a": 1}


def test_a_value_reads_back_with_its_types() -> None:
    book = Book("a", 1, datetime(2026, 11, 22, tzinfo=UTC), b"\x00\xff", {1: "one"}, IPv4Address("192.0.2.7"))

    assert BOOK(render_msgpack(book)) == book


@each(
    ("data", "said"),
    [
        pytest.param(b"", "The body is empty, and MessagePack was expected.", id="empty"),
        pytest.param(b"\x82\xa5title", "The MessagePack ends too early.", id="truncated"),
        pytest.param(
            b"\xdd\xff\xff\xff\xff", "The MessagePack ends too early.", id="an array that claims four thousand million items"
        ),
        pytest.param(b"\xc1", "The MessagePack is malformed: invalid opcode '\\xc1' (byte 0).", id="a header that is never used"),
        pytest.param(b"\x01\x02", "The MessagePack is malformed: trailing characters (byte 1).", id="trailing"),
        pytest.param(b"\xa1\xff", "The MessagePack has a text that is not UTF-8.", id="bad UTF-8"),
        pytest.param(
            b"\x81\x81\x01\x02\x03", "The MessagePack is malformed: map keys must be hashable (byte 5).", id="a map as a key"
        ),
        pytest.param(
            b"\x91" * 200_000,
            "The MessagePack is nested too deeply: level 101 opens at byte 100, and 100 levels are read.",
            id="deep",
        ),
        pytest.param(
            b"\x92\xa1a\xc1", "The MessagePack is malformed: invalid opcode '\\xc1' (byte 3).", id="malformed further on"
        ),
    ],
)
def test_a_refusal_says_what_is_wrong_and_where(data: bytes, said: str) -> None:
    assert refusal(ANYTHING, data) == said


def test_malformed_bytes_behind_a_wrong_value_are_malformed() -> None:
    assert refusal(BOOK, b"\x82\xa5title\x01\xa4year\xc1") == "The MessagePack is malformed: invalid opcode '\\xc1' (byte 13)."


def test_values_of_other_types_are_422_with_every_error() -> None:
    data = msgspec.msgpack.encode({"year": "x", "cover": 1, "pages": {"1": 2}, "server": "1.2"})

    assert errors_of(BOOK, data) == [
        ("/title", "Missing required field"),
        ("/year", "Expected `int`, got `str`"),
        ("/cover", "Expected `bytes`, got `int`"),
        ("/pages/1", "Invalid key: Expected `int`, got `str`"),
        ("/pages/1", "Expected `str`, got `int`"),
        ("/server", "Expected `IPv4Address` as text"),
    ]


def test_text_is_no_bytes_though_json_would_take_it_for_base64() -> None:
    assert errors_of(BOOK, msgspec.msgpack.encode({"title": "a", "year": 1, "cover": "aGk="})) == [
        ("/cover", "Expected `bytes`, got `str`")
    ]


def test_a_time_that_python_cannot_hold_is_the_client_s_error() -> None:
    beyond = b"\xc7\x0c\xff" + b"\xff" * 12

    for decode in (ANYTHING, BOOK, body_decoder(datetime, MSGPACK)):
        with pytest.raises((BadRequestError, ValidationError)):
            decode(beyond)
    assert errors_of(BOOK, b"\x82\xa5title\x01\xa1x" + beyond) == [("/title", "Expected `str`, got `int`")]


def test_items_that_no_set_can_hold_are_422() -> None:
    assert errors_of(body_decoder(set[Any], MSGPACK), b"\x91\x80") == [
        ("", "Expected values that a set can hold, got an array or an object")
    ]


def test_keys_and_numbers_that_json_lacks_survive_an_echo() -> None:
    assert render_json(ANYTHING(msgspec.msgpack.encode({None: 1, True: 2, (1, "a"): 3, b"x": 4}))) == (
        b'{"null":1,"true":2,"[1,\\"a\\"]":3,"eA==":4}'
    )
    assert render_msgpack({"n": 2**70}) == msgspec.msgpack.encode({"n": str(2**70)})


@given(st.binary(max_size=60))
def test_any_bytes_are_a_value_or_an_error_of_the_client(data: bytes) -> None:
    for decode in (ANYTHING, BOOK):
        with suppress(BadRequestError, ValidationError):
            render_json(decode(data))


def test_a_registered_decoder_gives_plain_values_that_become_the_type() -> None:
    decode = body_decoder(list[Book], CSV, registered={CSV: read_csv})

    assert decode(b"title,year\r\nWalden,1854\r\n") == [Book("Walden", 1854)]
    assert errors_of(decode, b"title,year\r\na,x\r\nb,y\r\n") == [
        ("/0/year", "Expected `int`, got `str`"),
        ("/1/year", "Expected `int`, got `str`"),
    ]


def test_a_registered_decoder_comes_before_a_built_in_one() -> None:
    assert body_decoder(Any, "application/json", registered={"application/json": lambda data: data.decode()})(b"[1]") == "[1]"


def test_what_a_registered_decoder_makes_itself_is_kept() -> None:
    book = Book("a", 1)

    assert body_decoder(Book, CSV, registered={CSV: lambda _: book})(b"") is book


class FormatError(Exception):
    """As many libraries have it: derived from nothing that says more."""


@each("error", [ValueError, FormatError, KeyError, IndexError, EOFError, OverflowError, RecursionError, SyntaxError])
def test_bytes_that_a_registered_decoder_does_not_like_are_400(error: type[Exception]) -> None:
    def decode(data: bytes) -> Any:
        raise error("at hunter2")

    assert refusal(body_decoder(Any, CSV, registered={CSV: decode}), b"") == "The body is no text/csv that can be read here."


@each("error", [TypeError, AttributeError, NameError, NotImplementedError, ConflictError])
def test_a_slip_in_a_registered_decoder_and_an_answer_of_its_own_are_not_hidden(error: type[Exception]) -> None:
    def decode(data: bytes) -> Any:
        raise error

    with pytest.raises(error):
        body_decoder(Any, CSV, registered={CSV: decode})(b"")


def test_a_registered_decoder_may_give_values_of_any_depth() -> None:
    def decode(data: bytes) -> Any:
        value: dict[str, Any] = {"below": 1}
        for _ in range(int(data)):
            value = {"below": value}
        return value

    read = body_decoder(Node, CSV, registered={CSV: decode})
    for levels in (10, 500, 900, 5_000):
        with pytest.raises((BadRequestError, ValidationError)):
            read(str(levels).encode())


def test_a_media_type_without_a_decoder_is_refused_beforehand() -> None:
    with pytest.raises(LookupError, match="App\\(decoders="):
        body_decoder(Any, "application/xml")


@each("media_type", ["application/json", MSGPACK, "application/x-www-form-urlencoded", CSV])
@each("type_", [list[complex], dict[str, type], Book | Film], ids=str)
def test_a_type_that_cannot_be_decoded_is_refused_beforehand(type_: Any, media_type: str) -> None:
    if media_type == "application/x-www-form-urlencoded":
        assert media_type not in decodable_media_types(type_=type_)
        return
    with pytest.raises(TypeError):
        body_decoder(type_, media_type, registered={CSV: read_csv})


class Unlucky(Struct, frozen=True):
    number: int

    def __hash__(self) -> int:
        raise TypeError("a slip")


def test_a_slip_in_a_class_of_the_application_is_not_hidden() -> None:
    for media_type, data in (("application/json", b'[{"number":1}]'), (MSGPACK, b"\x91\x81\xa6number\x01")):
        with pytest.raises(TypeError, match="a slip"):
            body_decoder(set[Unlucky], media_type)(data)


@each("type_", [set[Book], frozenset[list[int]], dict[str, set[dict[str, int] | None]], dict[Book, int], set[set[int]]], ids=str)
def test_a_set_of_what_cannot_be_hashed_is_refused_beforehand(type_: Any) -> None:
    with pytest.raises(TypeError, match="cannot be hashed"):
        body_decoder(type_, MSGPACK)


def test_a_set_of_what_may_be_hashed_is_accepted() -> None:
    assert body_decoder(set[tuple[int, ...] | str], MSGPACK)(b"\x92\x91\x01\xa1a") == {(1,), "a"}


def test_a_type_whose_name_cannot_be_found_is_refused_beforehand() -> None:
    class Tree(Struct):
        branches: "list[Tree]"

    with pytest.raises(TypeError, match=r"name 'Tree' is not defined\. Define it at the top of its module"):
        body_decoder(Tree, "application/json")


def test_the_types_of_the_standard_library_that_travel_as_text_are_read() -> None:
    assert body_decoder(list[IPv4Address | None], "application/json")(b'["192.0.2.7",null]') == [IPv4Address("192.0.2.7"), None]
    assert errors_of(body_decoder(list[IPv4Address], "application/json"), b'["x",7]') == [
        ("/0", "Expected `IPv4Address` as text"),
        ("/1", "Expected `IPv4Address` as text"),
    ]
    assert body_decoder(dict[str, object], "application/json")(b'{"a":[1]}') == {"a": [1]}
    assert body_decoder(UUID, "application/json")(b'"123e4567e89b12d3a456426614174000"') == UUID(
        "123e4567e89b12d3a456426614174000"
    )


def test_limits_are_those_that_were_given() -> None:
    decode = body_decoder(list[int], MSGPACK, Limits(nesting_depth=1, errors_listed=1))

    assert errors_of(decode, msgspec.msgpack.encode(["a", "b"]))[-1] == ("", "Only the first 1 errors are listed")
    assert "level 2 opens at byte 1" in refusal(decode, msgspec.msgpack.encode([[]]))
