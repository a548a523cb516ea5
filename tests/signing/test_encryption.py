"""What was encrypted is read by whoever has the secret and names the purpose, and is nothing to anyone else."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from martlet.signing import Encrypter, KeyRing, decode_base64url, encode_base64url, make_secret

SECRET = "correct horse battery staple, 1234 times over"
ENCRYPTER = Encrypter(KeyRing([SECRET]), "session", "sid")
LAYOUT = 1 + 4 + 16 + 12 + 16  # version, name of the key, salt, nonce, tag


@given(st.binary())
def test_bytes_come_back(value: bytes) -> None:
    token = ENCRYPTER.encrypt(value)

    assert ENCRYPTER.decrypt(token) == value
    assert len(decode_base64url(token)) == LAYOUT + len(value)


def test_the_same_bytes_are_never_the_same_token() -> None:
    tokens = {ENCRYPTER.encrypt(b"same") for _ in range(50)}

    assert len(tokens) == 50


@settings(max_examples=200)
@given(st.data())
def test_a_token_with_one_bit_changed_is_nothing(data: st.DataObject) -> None:
    sealed = bytearray(decode_base64url(ENCRYPTER.encrypt(b"secret")))
    bit = data.draw(st.integers(0, len(sealed) * 8 - 1))

    sealed[bit // 8] ^= 1 << bit % 8
    assert ENCRYPTER.decrypt(encode_base64url(bytes(sealed))) is None


@given(st.binary(max_size=80) | st.binary(max_size=80).map(lambda rest: b"\x01" + rest))
def test_no_token_is_nothing(noise: bytes) -> None:
    assert ENCRYPTER.decrypt(encode_base64url(noise)) is None


def test_texts_that_are_no_base64url_are_nothing() -> None:
    token = ENCRYPTER.encrypt(b"secret")

    assert [ENCRYPTER.decrypt(text) for text in ("", "é", token + "=", token[:-1], token + "A", "A" * 100_000)] == [None] * 6


def test_the_newest_secret_encrypts_and_all_decrypt() -> None:
    old, new = make_secret(), make_secret()
    before, during, after = (Encrypter(KeyRing(ring), "session") for ring in ([old], [new, old], [new]))

    assert during.decrypt(before.encrypt(b"1")) == b"1"
    assert after.decrypt(during.encrypt(b"2")) == b"2"
    assert after.decrypt(before.encrypt(b"3")) is None


def test_a_token_of_one_purpose_or_name_is_nothing_to_another() -> None:
    ring = KeyRing([SECRET])
    token = Encrypter(ring, "session", "sid").encrypt(b"secret")

    assert Encrypter(ring, "session", "other").decrypt(token) is None
    assert Encrypter(ring, "sessions", "id").decrypt(token) is None
