"""base64url has one spelling for each value."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from martlet.signing import BadEncodingError, decode_base64url, encode_base64url
from tests.rows import each


@given(st.binary())
def test_bytes_come_back(value: bytes) -> None:
    assert decode_base64url(encode_base64url(value)) == value


@given(st.text(alphabet="AQgwEz-_=+/\n 1\u00e9", max_size=9))
def test_a_text_that_is_read_is_the_one_that_would_be_written(text: str) -> None:
    try:
        value = decode_base64url(text)
    except BadEncodingError:
        return
    assert encode_base64url(value) == text


# RFC 4648, Section 10, without its padding.
@each(
    ("value", "text"),
    [("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"), ("foobar", "Zm9vYmFy")],
)
def test_the_values_of_rfc_4648(value: str, text: str) -> None:
    assert encode_base64url(value.encode()) == text
    assert decode_base64url(text) == value.encode()


@each("text", ["Zg==", "Zh", "Zm9", "Z", "+/+/", "Zm9v\n", " Zm9v", "Zm9v.", "Zm9v\u00e9", "\u0662\u0662\u0662\u0662"])
def test_every_other_spelling_is_refused(text: str) -> None:
    with pytest.raises(BadEncodingError):
        decode_base64url(text)
