"""How deep a JSON text or a MessagePack value is, against a count by hand, at any size and in linear time."""

import json
import time
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from martlet.http import BadRequestError, check_json_depth, check_msgpack_depth
from tests.rows import each

Check = Callable[[bytes, int], None]

SCALARS = st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | st.text()
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4))


def depth_of(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max((depth_of(item) for item in value.values()), default=0)
    if isinstance(value, list):
        return 1 + max((depth_of(item) for item in value), default=0)
    return 0


def is_refused(check: Check, data: bytes, limit: int) -> bool:
    try:
        check(data, limit)
    except BadRequestError:
        return True
    return False


def offset_in(check: Check, data: bytes, limit: int) -> int:
    with pytest.raises(BadRequestError, match="too deeply") as refused:
        check(data, limit)
    return int(refused.value.message.split("byte ")[1].split(",", maxsplit=1)[0])


@given(VALUES, st.integers(0, 6), st.booleans())
@example(["]", '"', "\\", "\\[[[["], 1, False)
def test_json_is_refused_if_it_is_deeper_than_the_limit(value: Any, limit: int, escaped: bool) -> None:
    data = json.dumps(value, ensure_ascii=escaped).encode()

    assert is_refused(check_json_depth, data, limit) == (depth_of(value) > limit)


@given(VALUES, st.integers(0, 6))
def test_msgpack_is_refused_if_it_is_deeper_than_the_limit(value: Any, limit: int) -> None:
    data = msgspec.msgpack.encode(value)

    assert is_refused(check_msgpack_depth, data, limit) == (depth_of(value) > limit)


@given(VALUES, st.integers(0, 3), st.integers(0, 200))
def test_a_body_that_breaks_off_is_left_to_the_decoder_unless_it_is_too_deep(value: Any, limit: int, kept: int) -> None:
    for check, data in ((check_json_depth, json.dumps(value).encode()), (check_msgpack_depth, msgspec.msgpack.encode(value))):
        if is_refused(check, data[:kept], limit):
            assert depth_of(value) > limit


@given(st.binary(max_size=400), st.integers(0, 4))
def test_no_bytes_bring_about_another_error(data: bytes, limit: int) -> None:
    is_refused(check_json_depth, data, limit)
    is_refused(check_msgpack_depth, data, limit)


@each(
    ("text", "offset"),
    [
        pytest.param(b"[[[1]]]", 2, id="arrays"),
        pytest.param(b'{"a":{"b":{}}}', 10, id="objects"),
        pytest.param(b'[["[[[", "\\"[", [', 16, id="behind strings with brackets and quotes"),
        pytest.param(b'["\\\\", [[', 8, id="behind an escaped backslash"),
        pytest.param(b"[][][][[[", 8, id="after many that are closed"),
    ],
)
def test_the_refusal_tells_where_the_level_opens(text: bytes, offset: int) -> None:
    assert offset_in(check_json_depth, text, 2) == offset


@each(
    "before",
    [
        pytest.param(b'"' + b"x" * 200_000 + b'"', id="a string longer than a window"),
        pytest.param(b'"' + b"\\" * 262_145 + b'""', id="escapes across every window's end"),
        pytest.param(b'"' + b'\\"[' * 100_000 + b'"', id="quotes and brackets in a string"),
        pytest.param(b'"\\u005b[' + b"a[" * 70_000 + b'"', id="brackets only in a string"),
        pytest.param(b"[]," * 60_000 + b"[]", id="many small arrays"),
    ],
)
def test_the_place_is_exact_far_behind_the_first_window(before: bytes) -> None:
    text = b"[" + before + b"," + b"[" * 150

    assert offset_in(check_json_depth, text, 100) == 1 + len(before) + 1 + 99


@each(
    ("value", "header"),
    [
        pytest.param(b"\x91", 0, id="fixarray"),
        pytest.param(b"\x81\x01", 0, id="fixmap"),
        pytest.param(b"\xdc\x00\x01", 0, id="array 16"),
        pytest.param(b"\xdd\x00\x00\x00\x01", 0, id="array 32"),
        pytest.param(b"\xde\x00\x01\x01", 0, id="map 16"),
        pytest.param(b"\xdf\x00\x00\x00\x01\x01", 0, id="map 32"),
        pytest.param(b"\x92\xa3\x91\x91\x91", 0, id="behind a text that looks like arrays"),
        pytest.param(b"\x92\xc7\x02\x05\x91\x91", 0, id="behind an extension"),
        pytest.param(b"\x92\xd8\x05" + b"\x91" * 16, 0, id="behind a fixed extension"),
        pytest.param(b"\x92\xcb" + b"\x91" * 8, 0, id="behind a float"),
    ],
)
def test_every_header_of_msgpack_is_understood(value: bytes, header: int) -> None:
    assert offset_in(check_msgpack_depth, value * 5 + b"\xc0", 4) == len(value) * 4 + header


def test_every_scalar_of_msgpack_is_passed_over() -> None:
    lengths = {0xC4: 1, 0xC5: 2, 0xC6: 4, 0xD9: 1, 0xDA: 2, 0xDB: 4}
    scalars = [bytes([header]) + (3).to_bytes(width) + b"\x91" * 3 for header, width in lengths.items()]
    scalars += [bytes([header]) + (2).to_bytes(width) + b"\x07\x91\x91" for header, width in ((0xC7, 1), (0xC8, 2), (0xC9, 4))]
    fixed = {0xCC: 1, 0xCD: 2, 0xCE: 4, 0xCF: 8, 0xD0: 1, 0xD1: 2, 0xD2: 4, 0xD3: 8, 0xCA: 4, 0xD4: 2, 0xD5: 3, 0xD6: 5, 0xD7: 9}
    scalars += [bytes([header]) + b"\x91" * size for header, size in fixed.items()]
    items = b"".join(scalars)

    assert offset_in(check_msgpack_depth, bytes([0xDC, 0, len(scalars) + 1]) + items + b"\x91\xc0", 1) == 3 + len(items)


def test_what_follows_the_value_is_not_looked_at() -> None:
    check_msgpack_depth(b"\x01" + b"\x91" * 200, 3)
    check_msgpack_depth(b"\x91\xc1" + b"\x91" * 200, 3)


@each(
    ("check", "unit", "most_seconds"),
    [
        pytest.param(check_json_depth, b'{"id":1,"t":["ab"]},', 0.3, id="JSON, small objects"),
        pytest.param(check_json_depth, b'"', 0.3, id="JSON, quotes"),
        pytest.param(check_json_depth, b"\\", 0.3, id="JSON, backslashes"),
        pytest.param(check_json_depth, b"[]", 0.3, id="JSON, empty arrays"),
        pytest.param(check_msgpack_depth, b"\x01", 0.3, id="MessagePack, small numbers"),
        pytest.param(check_msgpack_depth, b"\x90", 0.3, id="MessagePack, empty arrays"),
        pytest.param(check_msgpack_depth, b"\x91\x01", 1.5, id="MessagePack, arrays of one"),
        pytest.param(check_msgpack_depth, b"\x82\xa2id\x01\xa1t\x91\xa2ab", 0.6, id="MessagePack, small objects"),
    ],
)
def test_a_megabyte_takes_a_fraction_of_a_second(check: Check, unit: bytes, most_seconds: float) -> None:
    opening = b"[" if check is check_json_depth else b"\xdd\x7f\xff\xff\xff"
    data = opening + unit * (1_000_000 // len(unit))
    began = time.process_time()

    check(data, 100)

    assert time.process_time() - began < most_seconds
