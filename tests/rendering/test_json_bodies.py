"""JSON bodies: the grammar by the JSON Parsing Test Suite, and what a client is told."""

from contextlib import suppress
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from martlet.http import BadRequestError, HTTPError, Limits, ValidationError, parse_json
from martlet.rendering import body_decoder, render_json
from tests.rendering.refused import errors_of, refusal
from tests.rows import each, wrong_rows
from tests.shared_cases import conformance_file

JSON = "application/json"
SUITE = conformance_file("http/json/test_parsing")
COUNTS = [95, 188, 35]


class Book(Struct):
    title: str
    year: int
    tags: set[str] = set()


class Everything(Struct):
    anything: Any


BOOK = body_decoder(Book, JSON)
ANYTHING = body_decoder(Any, JSON)


def suite(kind: str) -> list[tuple[str, bytes]]:
    """What the suite accepts (y), refuses (n) or leaves open (i)."""
    return [(path.stem, path.read_bytes()) for path in sorted(SUITE.glob(f"{kind}_*.json"))]


def test_the_suite_is_whole() -> None:
    assert [len(suite(kind)) for kind in "yni"] == COUNTS


def test_what_the_suite_accepts_is_accepted() -> None:
    def accept(data: bytes) -> None:
        assert ANYTHING(data) == parse_json(data)
        BOOK(b'{"title":"","year":1,"skipped":' + data + b"}")

    assert wrong_rows(suite("y"), accept) == {}


def test_what_the_suite_refuses_is_400() -> None:
    def refuse(data: bytes) -> None:
        assert refusal(ANYTHING, data) == refusal(parse_json, data)
        refusal(body_decoder(list[Any], JSON), data)

    assert wrong_rows(suite("n"), refuse) == {}


def test_what_the_suite_refuses_is_400_in_a_field_that_nobody_asks_for() -> None:
    def refuse(data: bytes) -> None:
        refusal(BOOK, b'{"title":"","year":1,"skipped":' + data + b"}")

    assert wrong_rows(suite("n"), refuse) == {}


def test_what_the_suite_leaves_open_is_a_value_or_an_error_of_the_client() -> None:
    def decode_or_refuse(data: bytes) -> None:
        for decode in (ANYTHING, parse_json, BOOK, body_decoder(list[float], JSON)):
            with suppress(BadRequestError, ValidationError):
                decode(data)

    assert wrong_rows(suite("i"), decode_or_refuse) == {}


@each(
    ("data", "said"),
    [
        pytest.param(b"", "The body is empty, and JSON was expected.", id="empty"),
        pytest.param(b" \r\n", "The body is empty, and JSON was expected.", id="blank"),
        pytest.param(b'{"title":"a"', "The JSON ends too early.", id="truncated"),
        pytest.param(b'{"title":"a","year":1} x', "The JSON is malformed: trailing characters (byte 24).", id="trailing"),
        pytest.param(b"{'title':1}", "The JSON is malformed: object keys must be strings (byte 1).", id="quotes"),
        pytest.param(
            b'\xef\xbb\xbf{"title":"a"}',
            "The JSON starts with a byte order mark, which it must not have: send it without.",
            id="BOM",
        ),
        pytest.param('{"title":"a"}'.encode("utf-16"), "The JSON is not UTF-8: byte 0 makes no character.", id="UTF-16"),
        pytest.param(b'{"title":"\xff"}', "The JSON is not UTF-8: byte 10 makes no character.", id="bad UTF-8"),
        pytest.param(
            b'{"title":"a","year":1,"no":"\xc3"}',
            "The JSON is not UTF-8: byte 28 makes no character.",
            id="bad UTF-8 in a field nobody asks for",
        ),
        pytest.param(
            b'{"title":"\\ud800"}',
            "The JSON has a string with half of a surrogate pair, which is no character.",
            id="half a pair, at the end",
        ),
        pytest.param(
            b'{"title":"\\udc00\\ud800"}',
            "The JSON has a string with half of a surrogate pair, which is no character.",
            id="the wrong half first",
        ),
        pytest.param(b'{"title":7,"year":', "The JSON ends too early.", id="truncated behind a wrong value"),
        pytest.param(
            b'{"title":7,"year":1} x', "The JSON is malformed: trailing characters (byte 22).", id="trailing behind a wrong value"
        ),
        pytest.param(
            b'{"skipped":' + b"[" * 101 + b"]" * 101 + b"}",
            "The JSON is nested too deeply: level 101 opens at byte 110, and 100 levels are read.",
            id="deep",
        ),
        pytest.param(
            b"[" * 100_000, "The JSON is nested too deeply: level 101 opens at byte 100, and 100 levels are read.", id="very deep"
        ),
    ],
)
def test_a_refusal_says_what_is_wrong_and_where(data: bytes, said: str) -> None:
    assert refusal(BOOK, data) == said


def test_a_refusal_never_repeats_the_body() -> None:
    secret = b"hunter2"
    bodies = (
        b'{"title": hunter2}',
        b'"hunter2',
        b'["hunter2\xff"]',
        b'{"hunter2":1,}',
        b"\xef\xbb\xbfhunter2",
        b'["\\ud800hunter2"]',
    )

    for body in bodies:
        assert secret.decode() not in refusal(BOOK, body)


def test_the_limit_of_depth_is_the_application_s() -> None:
    decode = body_decoder(Any, JSON, Limits(nesting_depth=2))

    assert decode(b"[[1]]") == [[1]]
    assert refusal(decode, b"[[[1]]]").startswith("The JSON is nested too deeply: level 3 opens at byte 2")
    assert refusal(lambda data: parse_json(data, max_depth=1), b"[[]]").startswith("The JSON is nested too deeply")


def test_values_of_other_types_are_422_with_every_error() -> None:
    assert errors_of(BOOK, b'{"year":"x","tags":[1,2]}') == [
        ("/title", "Missing required field"),
        ("/year", "Expected `int`, got `str`"),
        ("/tags/0", "Expected `str`, got `int`"),
        ("/tags/1", "Expected `str`, got `int`"),
    ]


@each(
    "number",
    [b"1" * 5_000, b"-" + b"1" * 5_000, b"1e999999", b"-1e400", b"1" * 5_000 + b".5", b"1" * 5_000 + b"e-3"],
    ids=["long", "long and negative", "huge", "negative and huge", "long with a fraction", "long with an exponent"],
)
def test_numbers_that_python_cannot_hold_are_the_client_s_error(number: bytes) -> None:
    for type_ in (Book, Any, dict[str, int], dict[str, float], dict[str, Any], Everything):
        for text in (number, b'{"year":' + number + b"}", b'{"anything":' + number + b',"title":1}'):
            with suppress(BadRequestError, ValidationError):
                body_decoder(type_, JSON)(text)
    with pytest.raises(HTTPError):
        parse_json(b"1" * 5_000)


def test_an_error_beside_a_number_that_python_cannot_hold_is_still_told() -> None:
    assert errors_of(BOOK, b'{"title":5,"extra":{"a":1e999999}}') == [("/title", "Expected `str`, got `int`")]


def test_integers_beyond_64_bits_are_read_and_written() -> None:
    assert render_json(ANYTHING(b"123456789012345678901234567890")) == b"123456789012345678901234567890"


def test_items_that_no_set_can_hold_are_422() -> None:
    assert errors_of(body_decoder(set[Any], JSON), b"[[1]]") == [
        ("", "Expected values that a set can hold, got an array or an object")
    ]


def test_too_many_errors_are_cut() -> None:
    decode = body_decoder(list[int], JSON, Limits(errors_listed=3))

    assert [pointer for pointer, _ in errors_of(decode, b'["a","b","c","d"]')] == ["/0", "/1", "/2", ""]


def test_the_cause_of_a_refusal_is_kept_for_the_log() -> None:
    with pytest.raises(BadRequestError) as refused:
        BOOK(b"{")

    assert isinstance(refused.value.__cause__, msgspec.DecodeError)


def test_a_deep_stack_makes_no_server_error() -> None:
    def dive(levels: int) -> Any:
        return dive(levels - 1) if levels else body_decoder(Any, JSON, Limits(nesting_depth=500))(b"[" * 400 + b"]" * 400)

    for levels in range(100, 900, 50):
        with suppress(BadRequestError, ValidationError, RecursionError):
            dive(levels)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


@given(VALUES)
def test_what_is_written_reads_back(value: Any) -> None:
    assert ANYTHING(render_json(value)) == value


@given(st.binary(max_size=80) | st.text(alphabet='[]{}",:\\u0dD8e-.1 tfn', max_size=40).map(str.encode))
def test_any_bytes_are_a_value_or_an_error_of_the_client(data: bytes) -> None:
    for decode in (ANYTHING, BOOK, parse_json):
        with suppress(BadRequestError, ValidationError):
            decode(data)
