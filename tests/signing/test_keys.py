"""Secrets are strong or refused, and each purpose has keys of its own."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from martlet.signing import KeyRing, WeakSecretError, bound_together, make_secret
from tests.rows import each

SECRET = "correct horse battery staple, 1234 times over"
PARTS = st.lists(st.text(), max_size=4)


@given(PARTS, PARTS)
def test_no_two_purposes_are_bound_to_the_same_bytes(one: list[str], other: list[str]) -> None:
    assert (bound_together(*one) == bound_together(*other)) is (one == other)


def test_purposes_and_names_do_not_run_into_each_other() -> None:
    ring = KeyRing([SECRET])

    keys = {
        ring.derive("session", "ab"),
        ring.derive("sessiona", "b"),
        ring.derive("session", "a", "b"),
        ring.derive("sessionab"),
    }
    assert len(keys) == 4


def test_each_secret_gives_a_key_of_32_bytes_in_the_same_order() -> None:
    one, other = make_secret(), make_secret()

    keys = KeyRing([one, other]).derive("session")
    assert [len(key) for key in keys] == [32, 32]
    assert keys == (*KeyRing([one]).derive("session"), *KeyRing([other]).derive("session"))


@each(
    ("secrets", "words"),
    [
        (["short"], "is 5 bytes long, and 32 are needed"),
        ([SECRET, b"x" * 31], "is 31 bytes long"),
        (["abababab" * 8], "consists of 2 different characters"),
        (["0" * 64], "consists of 1 different characters"),
    ],
    ids=["short", "one of two", "two letters", "one letter"],
)
def test_a_weak_secret_is_refused_with_the_command_that_makes_a_good_one(secrets: list[str], words: str) -> None:
    with pytest.raises(WeakSecretError, match=words) as refused:
        KeyRing(secrets)

    assert "martlet secret" in str(refused.value)
    assert not any(str(secret) in str(refused.value) for secret in secrets)


@each(
    ("secrets", "kind", "words"),
    [
        (SECRET, TypeError, "come as a list"),
        (SECRET.encode(), TypeError, "come as a list"),
        ([], ValueError, "no secret key"),
        ([SECRET, SECRET], ValueError, "twice"),
        ([None], TypeError, "not NoneType"),
    ],
    ids=["text", "bytes", "empty", "twice", "none"],
)
def test_what_is_no_list_of_secrets_is_refused(secrets: Any, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        KeyRing(secrets)


def test_a_ring_does_not_show_its_secrets() -> None:
    assert repr(KeyRing([SECRET])) == "<KeyRing of 1>"


def test_a_made_secret_is_taken_and_never_the_same() -> None:
    made = {make_secret() for _ in range(100)}

    assert len(made) == 100
    assert [KeyRing([secret]) for secret in made]
