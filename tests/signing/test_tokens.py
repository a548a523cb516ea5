"""What was signed is read by whoever has the key, until it expires; anything else is nothing."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from martlet.signing import (
    MAX_TOKEN_LENGTH,
    KeyRing,
    TokenSigner,
    decode_base64url,
    read_token,
    sign_text,
    signature,
    verify_text,
    write_token,
)
from tests.rows import each

SECRET = "correct horse battery staple, 1234 times over"
OTHER = "a newer secret that nobody has seen, 0987654321"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


# RFC 4231, Section 4: key, data, HMAC-SHA-256.
RFC_4231 = {
    "1": (b"\x0b" * 20, b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
    "2": (b"Jefe", b"what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
    "3": (b"\xaa" * 20, b"\xdd" * 50, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
    "4": (bytes(range(1, 26)), b"\xcd" * 50, "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"),
    "5, of which it tells half": (b"\x0c" * 20, b"Test With Truncation", "a3b6167473100ee06e0c796c2955552b"),
    "6": (
        b"\xaa" * 131,
        b"Test Using Larger Than Block-Size Key - Hash Key First",
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    ),
    "7": (
        b"\xaa" * 131,
        (
            b"This is a test using a larger than block-size key and a larger than block-size data. "
            b"The key needs to be hashed before being used by the HMAC algorithm."
        ),
        "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
    ),
}


@each(("key", "data", "expected"), RFC_4231.values(), ids=RFC_4231)
def test_signatures_are_those_of_rfc_4231(key: bytes, data: bytes, expected: str) -> None:
    signed = decode_base64url(signature(data, key)).hex()

    assert signed.startswith(expected)


@given(JSON)
def test_data_comes_back_as_it_was(data: Any) -> None:
    token = write_token(data, 1_000, b"key")

    assert read_token(token, [b"key"], now=999.9) == data
    assert token.startswith("eyJ")


@settings(max_examples=200)
@given(st.data())
def test_a_token_with_one_character_changed_is_nothing(data: st.DataObject) -> None:
    token = write_token({"user": 7}, 1_000, b"key")
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.characters(max_codepoint=0x17F).filter(lambda character: character != token[place]))

    changed = token[:place] + other + token[place + 1 :]
    assert read_token(changed, [b"key"], now=0) is None


@each(
    "token",
    ["", ".", "a.b", "not a token", "." * 60, "eyJ9", "\u00e9" * 60, "\x00", "=" * 44, "é." + "A" * 43],
)
def test_no_token_is_nothing(token: str) -> None:
    assert read_token(token, [b"key"], now=0) is None


@each("text", ["", "e30", "eyJkYXRhIjoxfQ", "!", "W10", "eyJkYXRhIjoxLCJleHAiOiJ4In0"])
def test_what_somebody_with_the_key_signed_but_we_did_not_is_nothing(text: str) -> None:
    assert read_token(sign_text(text, b"key"), [b"key"], now=0) is None


def test_a_huge_token_is_refused_before_it_is_looked_at() -> None:
    token = sign_text("A" * MAX_TOKEN_LENGTH, b"key")

    assert verify_text(token, [b"key"]) is None


def test_a_token_expires_at_the_second_it_names() -> None:
    token = write_token("here", 1_000, b"key")

    assert read_token(token, [b"key"], now=999.999) == "here"
    assert read_token(token, [b"key"], now=1_000) is None


def test_a_token_never_lives_longer_than_it_was_given() -> None:
    now = 1_000.9
    signer = TokenSigner(KeyRing([SECRET]), "mail", ttl=10, clock=lambda: now)
    token = signer.sign("here")

    now = 1_009.9
    assert signer.verify(token) == "here"
    now = 1_010.0
    assert signer.verify(token) is None


def test_the_newest_secret_signs_and_all_verify() -> None:
    before, during, after = (TokenSigner(KeyRing(ring), "mail", ttl=60) for ring in ([SECRET], [OTHER, SECRET], [OTHER]))

    assert during.verify(before.sign(1)) == 1
    assert after.verify(during.sign(2)) == 2
    assert before.verify(during.sign(3)) is None
    assert after.verify(before.sign(4)) is None


def test_a_token_for_one_purpose_is_nothing_for_another() -> None:
    ring = KeyRing([SECRET])

    token = TokenSigner(ring, "reset password", ttl=60).sign({"user": 7})
    assert TokenSigner(ring, "confirm address", ttl=60).verify(token) is None


def test_the_payload_is_plain_json_with_the_moment_it_expires() -> None:
    signer = TokenSigner(KeyRing([SECRET]), "mail", ttl=60)

    payload = decode_base64url(signer.sign({"a": 1}).partition(".")[0])
    assert payload.startswith(b'{"data":{"a":1},"exp":')
    assert int(payload[22:-1]) - time.time() <= 60


def test_data_that_json_cannot_hold_is_an_error_where_it_is_signed() -> None:
    signer = TokenSigner(KeyRing([SECRET]), "mail", ttl=60)

    with pytest.raises(TypeError):
        signer.sign(object())
