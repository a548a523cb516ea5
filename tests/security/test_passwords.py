"""Passwords are kept as hashes that cost something, and nothing that a client sends makes more of it than it should."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import subprocess
import sys
import threading
import time
import unicodedata
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import argon2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from martlet import App, PasswordHasher, Request, ServiceUnavailableError, ValidationError
from martlet.security import OlderHash, Verified
from martlet.security.hashing_threads import HashingThreads
from tests.rows import each
from tests.serving import Serve

CHEAP: dict[str, Any] = {"time_cost": 1, "memory_kib": 8, "parallelism": 1}
HASHER = PasswordHasher(**CHEAP)
KEPT = "$argon2id$v=19$m=8,t=1,p=1$3lxxoiOrBAr3GpWIu7yFjQ$LI8gJUGk8M0I5/J+uIfgkFJVzxq5UF7PGMuJwl4U4Y0"  # of "open sesame"


LONG = ["x" * 1_025, "\u00e9" * 513, "x" * 1_000_000]


class Login(Struct):
    name: str
    password: str


def door(hasher: PasswordHasher = HASHER, users: dict[str, str] | None = None) -> App:
    app, kept = App(), {"ali": KEPT} if users is None else users

    @app.post("/sign-up")
    async def sign_up(login: Login) -> None:
        kept[login.name] = await hasher.hash(login.password)

    @app.post("/login")
    async def log_in(login: Login) -> str:
        verified = await hasher.verify(kept.get(login.name), login.password)
        if verified.new_hash:
            kept[login.name] = verified.new_hash
        return "in" if verified else "out"

    @app.post("/plain/login")
    def log_in_plainly(login: Login) -> str:
        return "in" if hasher.verify_now(kept.get(login.name), login.password) else "out"

    @app.get("/elsewhere")
    def elsewhere(request: Request) -> str:
        return "here"

    return app


@pytest.mark.parametrize("path", ["/login", "/plain/login"])
def test_only_the_right_password_lets_in(serve: Serve, path: str) -> None:
    client = serve(door())

    def said(name: str, password: str) -> str:
        return client.post(path, json={"name": name, "password": password}).text

    assert said("ali", "open sesame") == "in"
    assert [said("ali", "open barley"), said("kasim", "open sesame"), said("ali", ""), said("", "")] == ["out"] * 4


def test_who_signs_up_can_log_in(serve: Serve) -> None:
    client = serve(door(users={}))
    ann = {"name": "ann", "password": "caf\u00e9 \U0001f511"}

    assert client.post("/sign-up", json=ann).status_code == 204
    assert client.post("/login", json=ann).text == "in"


@each("path", ["/login", "/plain/login"])
@each(
    "password",
    [*LONG, "\x00", "a\x00b", "\ufffd"],
    ids=ascii,
)
def test_no_password_of_a_client_is_a_500(serve: Serve, path: str, password: str) -> None:
    assert serve(door()).post(path, json={"name": "ali", "password": password}).text == "out"


def test_a_password_that_is_too_long_to_be_kept_is_told_at_its_field(serve: Serve) -> None:
    answer = serve(door()).post("/sign-up", json={"name": "ali", "password": "x" * 1_025})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/password"


def test_the_hash_names_its_way_and_its_cost() -> None:
    assert KEPT.startswith("$argon2id$v=19$m=8,t=1,p=1$")
    assert HASHER.hash_now("open sesame") != KEPT


def test_the_defaults_are_those_of_rfc_9106_for_little_memory() -> None:
    profile = argon2.profiles.RFC_9106_LOW_MEMORY

    kept = PasswordHasher().hash_now("open sesame")
    assert argon2.extract_parameters(kept) == profile


async def test_a_hash_of_other_parameters_is_right_and_made_anew() -> None:
    dearer = PasswordHasher(**{**CHEAP, "time_cost": 2})

    verified = await dearer.verify(KEPT, "open sesame")
    assert verified.ok
    assert verified.new_hash is not None
    assert verified.new_hash.startswith("$argon2id$v=19$m=8,t=2,p=1$")
    assert await dearer.verify(verified.new_hash, "open sesame") == Verified(ok=True)
    assert await dearer.verify(KEPT, "wrong") == Verified(ok=False)


def test_a_password_is_the_same_however_a_keyboard_writes_its_letters() -> None:
    kept = HASHER.hash_now("caf\u00e9")

    assert HASHER.verify_now(kept, "cafe\u0301").ok


@given(st.text(max_size=300), st.text(max_size=300))
def test_a_password_is_right_for_its_own_hash_only(one: str, other: str) -> None:
    kept = HASHER.hash_now(one)

    assert HASHER.verify_now(kept, one).ok
    is_same = unicodedata.normalize("NFC", one) == unicodedata.normalize("NFC", other)
    assert HASHER.verify_now(kept, other).ok == is_same


@pytest.mark.parametrize("password", ["\ud800", "a\udfff"])
def test_half_a_surrogate_pair_is_no_password(password: str) -> None:
    assert not HASHER.verify_now(KEPT, password)
    with pytest.raises(ValidationError):
        HASHER.hash_now(password)


# Row 77: the time of a login tells whether a user exists.


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What argon2 is asked to work on, with its parameters; a hash that it cannot read costs none."""
    done: list[str] = []
    hash_really, verify_really = argon2.PasswordHasher.hash, argon2.PasswordHasher.verify

    def hash_counted(hasher: argon2.PasswordHasher, password: bytes) -> str:
        done.append("hash")
        return hash_really(hasher, password)

    def verify_counted(hasher: argon2.PasswordHasher, kept: str, password: bytes) -> bool:
        try:
            is_right = verify_really(hasher, kept, password)
        except argon2.exceptions.VerifyMismatchError:
            done.append(f"verify {kept.rsplit('$', 2)[0]}")
            raise
        done.append(f"verify {kept.rsplit('$', 2)[0]}")
        return is_right

    monkeypatch.setattr(argon2.PasswordHasher, "hash", hash_counted)
    monkeypatch.setattr(argon2.PasswordHasher, "verify", verify_counted)
    return done


ONE_VERIFICATION = ["verify $argon2id$v=19$m=8,t=1,p=1"]


@pytest.mark.parametrize(
    "kept",
    [KEPT, None, "", "no hash at all", "!unusable", "$argon2id$broken", KEPT[:-3], f"{KEPT}\u00e9"],
    ids=["a user", "no user", "an empty hash", "text", "Django's mark", "a broken hash", "a cut hash", "letters"],
)
def test_row_77_equal_work_whether_a_user_exists_or_not(work: list[str], kept: str | None) -> None:
    assert HASHER.verify_now(kept, "wrong") == Verified(ok=False)
    assert work == ONE_VERIFICATION


@pytest.mark.parametrize("path", ["/login", "/plain/login"])
@pytest.mark.parametrize("name", ["ali", "kasim"])
def test_row_77_in_an_app(serve: Serve, work: list[str], path: str, name: str) -> None:
    assert serve(door()).post(path, json={"name": name, "password": "wrong"}).text == "out"
    assert work == ONE_VERIFICATION


def test_nobody_has_the_password_of_a_user_who_does_not_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(argon2.PasswordHasher, "verify", lambda *_: True)

    assert not HASHER.verify_now(None, "whatever")


@pytest.mark.parametrize("kept", [KEPT, None], ids=["a user", "no user"])
def test_nothing_is_done_for_a_password_that_is_too_long(work: list[str], kept: str | None) -> None:
    assert not PasswordHasher(**CHEAP, max_bytes=10).verify_now(kept, "x" * 11)
    assert work == []


@pytest.mark.parametrize("kept", ["no hash at all", "$argon2id$broken", KEPT[:-2], "$2b$12$abc"])
def test_a_hash_that_cannot_be_read_is_told_to_the_log_without_itself(kept: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, "martlet.security"):
        assert not HASHER.verify_now(kept, "open sesame")

    (line,) = caplog.messages
    assert line.startswith("A password cannot be compared with the hash that is kept: ")
    assert kept not in line
    assert "open sesame" not in line


# Other ways to hash, from which users come.


class DjangosHash:
    """What Django keeps: `pbkdf2_sha256$rounds$salt$hash`."""

    def identify(self, kept: str) -> bool:
        return kept.startswith("pbkdf2_sha256$")

    def verify(self, password: str, kept: str) -> bool:
        _, rounds, salt, digest = kept.split("$")
        made = hashlib.pbkdf2_hmac("sha256", password.encode(), salt.encode(), int(rounds))
        return b64encode(made).decode() == digest


class Bcrypt:
    """Like bcrypt 5, which refuses a password beyond 72 bytes."""

    def identify(self, kept: str) -> bool:
        return kept.startswith("$2b$")

    def verify(self, password: str, kept: str) -> bool:
        if len(password.encode()) > 72:
            raise ValueError("password cannot be longer than 72 bytes")
        return kept == f"$2b${password}"


OLDER: list[OlderHash] = [DjangosHash(), Bcrypt()]


def test_who_comes_from_another_way_to_hash_gets_a_hash_of_this_one() -> None:
    kept = "pbkdf2_sha256$10$salt$1RADYWzJn7SAwRUlqmxx/REoPrGlIXISWzpBbj1QhY4="
    hasher = PasswordHasher(**CHEAP, older=OLDER)

    verified = hasher.verify_now(kept, "open sesame")
    assert verified.ok
    assert verified.new_hash is not None
    assert hasher.verify_now(verified.new_hash, "open sesame") == Verified(ok=True)
    assert not hasher.verify_now(kept, "wrong")


@pytest.mark.parametrize(("kept", "password"), [("$2b$x", "y" * 73), ("pbkdf2_sha256$x", "a"), ("pbkdf2_sha256$a$b$c", "a")])
def test_an_older_way_that_cannot_say_says_no(kept: str, password: str) -> None:
    assert not PasswordHasher(**CHEAP, older=OLDER).verify_now(kept, password)


OLDER_AND_WRONG = [
    ("pbkdf2_sha256$10$salt$1RADYWzJn7SAwRUlqmxx/REoPrGlIXISWzpBbj1QhY4=", "wrong"),
    ("$2b$x", "wrong"),
    ("$2b$x", "y" * 73),
    ("pbkdf2_sha256$x", "a"),
]


@each(("kept", "password"), OLDER_AND_WRONG)
def test_an_older_hash_costs_the_work_of_argon2_as_well(kept: str, password: str, work: list[str]) -> None:
    work.clear()
    assert not PasswordHasher(**CHEAP, older=OLDER).verify_now(kept, password)

    assert work == ONE_VERIFICATION


# Threads.


class Gate:
    """Keeps hashing until it is opened."""

    def __init__(self) -> None:
        self.opened, self.entered = threading.Event(), threading.Semaphore(0)

    def wait(self) -> str:
        self.entered.release()
        assert self.opened.wait(10)
        return threading.current_thread().name


async def test_tasks_beyond_the_bound_are_refused_and_those_within_it_wait() -> None:
    threads, gate = HashingThreads(threads=2, waiting=3, blocked=0), Gate()
    tasks = [asyncio.ensure_future(threads.run(gate.wait)) for _ in range(5)]
    await asyncio.sleep(0)

    with pytest.raises(ServiceUnavailableError) as refused:
        await threads.run(gate.wait)
    assert refused.value.headers == {"Retry-After": "5"}

    gate.opened.set()
    assert all(name.startswith("martlet-hashing") for name in await asyncio.gather(*tasks))
    assert await threads.run(gate.wait)


async def test_who_leaves_while_waiting_makes_room() -> None:
    threads, gate = HashingThreads(threads=1, waiting=1, blocked=0), Gate()
    working, waiting = (asyncio.ensure_future(threads.run(gate.wait)) for _ in range(2))
    await asyncio.sleep(0)
    assert gate.entered.acquire(timeout=5)

    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    another = asyncio.ensure_future(threads.run(gate.wait))
    await asyncio.sleep(0)
    gate.opened.set()

    assert await working
    assert await another


def test_fewer_threads_of_the_app_may_wait() -> None:
    threads, gate = HashingThreads(threads=1, waiting=50, blocked=1), Gate()
    with ThreadPoolExecutor(2) as pool:
        futures = [pool.submit(threads.run_now, gate.wait) for _ in range(2)]
        wait_until(lambda: threads.under_way == 2)

        with pytest.raises(ServiceUnavailableError):
            threads.run_now(gate.wait)
        gate.opened.set()

    assert all(future.result() for future in futures)
    assert threads.under_way == 0


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_a_flood_of_logins_leaves_the_other_pages_their_threads(serve: Serve) -> None:
    """The app has four threads, and all logins together hold two of them at most."""
    gate = Gate()
    threads = HashingThreads(threads=1, waiting=0, blocked=1)
    app = App(threads=4)

    @app.post("/login")
    def log_in(request: Request) -> str:
        return threads.run_now(gate.wait)

    @app.get("/elsewhere")
    def elsewhere(request: Request) -> str:
        return "here"

    client = serve(app)
    with ThreadPoolExecutor(20) as pool:
        answers = [pool.submit(client.post, "/login") for _ in range(20)]
        try:
            wait_until(lambda: sum(answer.done() for answer in answers) == 18)
            assert client.get("/elsewhere").text == "here"
        finally:
            gate.opened.set()
        statuses = [answer.result().status_code for answer in answers]

    assert sorted(statuses) == [200] * 2 + [503] * 18


def test_an_error_in_a_thread_is_raised_where_it_was_asked_for() -> None:
    threads = HashingThreads(threads=1, waiting=0, blocked=0)

    with pytest.raises(ZeroDivisionError):
        threads.run_now(lambda: 1 // 0)
    assert threads.run_now(lambda: 7) == 7


def test_another_process_begins_threads_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    threads, gate = HashingThreads(threads=1, waiting=0, blocked=0), Gate()
    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(threads.run_now, gate.wait)
        assert gate.entered.acquire(timeout=5)

        with monkeypatch.context() as patched:
            patched.setattr(os, "getpid", lambda: -1)
            assert threads.run_now(lambda: 7) == 7
        gate.opened.set()
        assert held.result()


def test_work_that_cannot_begin_any_more_takes_no_place(monkeypatch: pytest.MonkeyPatch) -> None:
    threads = HashingThreads(threads=1, waiting=0, blocked=0)

    def closed(*_: Any, **__: Any) -> None:
        raise RuntimeError("cannot schedule new futures after interpreter shutdown")

    monkeypatch.setattr(ThreadPoolExecutor, "submit", closed)
    for _ in range(3):
        with pytest.raises(RuntimeError):
            threads.run_now(lambda: 7)
    assert threads.under_way == 0


FORKING = """
import os
from martlet import PasswordHasher
hasher = PasswordHasher(time_cost=1, memory_kib=8, parallelism=1)
kept = hasher.hash_now("open sesame")
child = os.fork()
right = hasher.verify_now(kept, "open sesame").ok
if child == 0:
    os._exit(0 if right else 1)
raise SystemExit(os.waitpid(child, 0)[1] or not right)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_process_that_was_forked_has_threads_of_its_own() -> None:
    ran = subprocess.run([sys.executable, "-W", "ignore", "-c", FORKING], timeout=30, check=False)

    assert ran.returncode == 0


@each(
    "options",
    [
        {"time_cost": 0}, {"memory_kib": 7}, {"parallelism": 2}, {"parallelism": 0}, {"max_bytes": 0}, {"threads": 0},
        {"waiting": -1}, {"blocked": -1}, {"threads": 1.5}, {"waiting": True},
    ],
    ids=str,
)  # fmt: skip
def test_what_argon2_does_not_take_is_refused_at_once(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"Argon2|bound"):
        PasswordHasher(**{**CHEAP, **options})
