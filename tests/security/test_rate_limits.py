"""Who asks too often is told when to come again; who counts, and what holds while nobody can, is declared."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self
from uuid import UUID

import pytest
from msgspec import Struct

from martlet import App, FreezeError, Group, RateLimit, Request
from martlet.middleware import ProxyHeaders
from martlet.stores import KeyValueStore, MemoryStore, Rate, SQLiteStore, StoreLimitError, StoreUnavailableError, Taken
from martlet.testing import Client
from tests.rows import each
from tests.serving import Serve


class User(Struct):
    id: str


class Away(MemoryStore):
    async def take(self, key: str, rate: Rate, *, cost: int = 1) -> Taken:  # noqa: ARG002
        raise StoreUnavailableError("the store does not answer")


class Waiting:
    """A store that waits, as those over a network do."""

    def __init__(self, inner: KeyValueStore) -> None:
        self.inner = inner
        self.is_open = False

    async def __aenter__(self) -> Self:
        self.is_open = True
        return self

    async def __aexit__(self, *exception: object) -> None:
        self.is_open = False

    async def take(self, key: str, rate: Rate, *, cost: int = 1) -> Taken:
        await asyncio.sleep(0)
        assert self.is_open
        return await self.inner.take(key, rate, cost=cost)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


def limited(**options: Any) -> App:
    app = App()
    app.use(ProxyHeaders(["127.0.0.0/8"], fields=["forwarded"]))

    @app.get("/", guards=[RateLimit(3, seconds=3_600, **options)])
    async def home() -> str:
        return "hello"

    @app.get("/plain", guards=[RateLimit(3, seconds=3_600, **options)])
    def plain() -> str:
        return "hello"

    return app


@pytest.mark.parametrize("path", ["/", "/plain"])
def test_beyond_the_limit_it_is_429_with_the_time_to_come_again(serve: Serve, path: str) -> None:
    client = serve(limited())

    assert [client.get(path).status_code for _ in range(4)] == [200, 200, 200, 429]
    assert 1_100 < int(client.get(path).headers["retry-after"]) <= 1_200


@pytest.mark.parametrize("path", ["/", "/plain"])
def test_a_store_that_waits_counts_as_well_and_is_open_while_the_app_runs(serve: Serve, path: str) -> None:
    client = serve(limited(store=Waiting(MemoryStore())))

    assert [client.get(path).status_code for _ in range(4)] == [200, 200, 200, 429]


def test_two_routes_count_apart_unless_they_share_a_limit_or_its_name(serve: Serve) -> None:
    client = serve(limited())
    for _ in range(3):
        client.get("/")
    assert client.get("/").status_code == 429
    assert client.get("/plain").status_code == 200

    shared = serve(limited(name="pages", store=MemoryStore()))
    for _ in range(3):
        shared.get("/")
    assert shared.get("/plain").status_code == 429


def test_a_group_counts_all_its_routes_together(serve: Serve) -> None:
    group = Group("/desk", guards=[RateLimit(2, seconds=3_600)])

    @group.get("/a")
    async def a() -> None: ...

    @group.get("/b")
    async def b() -> None: ...

    app = App()
    app.include(group)
    client = serve(app)
    assert [client.get(path).status_code for path in ("/desk/a", "/desk/b", "/desk/a")] == [204, 204, 429]


def test_clients_count_apart_and_an_ipv6_network_counts_as_one(serve: Serve) -> None:
    client = serve(limited())

    def ask(address: str) -> int:
        quoted = f'"[{address}]"' if ":" in address else address
        return client.get("/", headers={"forwarded": f"for={quoted}"}).status_code

    assert [ask("192.0.2.1") for _ in range(4)] == [200, 200, 200, 429]
    assert ask("192.0.2.2") == 200
    assert [ask(f"2001:db8:1:2::{number:x}") for number in range(4)] == [200, 200, 200, 429]
    assert ask("2001:db8:1:3::1") == 200
    assert ask("::ffff:192.0.2.1") == 429


def test_a_user_counts_wherever_it_comes_from(serve: Serve) -> None:
    app = App()

    @app.authenticator(inline=True)
    def who(request: Request) -> User | None:
        name = request.headers.get("x-user")
        return User(name) if name else None

    @app.get("/", guards=[RateLimit(1, seconds=3_600, by="user")])
    async def home() -> str:
        return "hello"

    client = serve(app)
    assert [client.get("/", headers={"x-user": name}).status_code for name in ("Ada", "Bob", "Ada")] == [200, 200, 429]
    assert [client.get("/").status_code for _ in range(2)] == [200, 429]


def test_a_function_may_say_whom_to_count(serve: Serve) -> None:
    client = serve(limited(by=lambda request: request.headers.get("x-key", "")))

    assert [client.get("/", headers={"x-key": "a"}).status_code for _ in range(4)][-1] == 429
    assert client.get("/", headers={"x-key": "b"}).status_code == 200


def test_while_the_store_is_away_it_holds_what_was_declared(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    for store in (Away(), Waiting(Away())):
        assert serve(limited(store=store)).get("/").status_code == 200
        assert serve(limited(store=store, when_away="closed")).get("/").status_code == 503
    assert "does not answer" in caplog.text


class Full(MemoryStore):
    async def take(self, key: str, rate: Rate, *, cost: int = 1) -> Taken:  # noqa: ARG002
        raise StoreLimitError("the store is full")


def test_a_store_that_is_full_is_as_one_that_is_away(serve: Serve) -> None:
    for store in (Full(), Waiting(Full())):
        assert serve(limited(store=store)).get("/").status_code == 200
        assert serve(limited(store=store, when_away="closed")).get("/").status_code == 503


def test_what_is_not_counted_is_told_once_in_a_while(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    client = serve(limited(store=Away()))
    for _ in range(20):
        assert client.get("/").status_code == 200

    assert len([each for each in caplog.messages if "not counted" in each]) == 1


def test_a_flood_of_clients_lets_nobody_go_uncounted(serve: Serve) -> None:
    client = serve(limited(store=MemoryStore(max_entries=5), by=lambda request: request.headers.get("x-key", "")))
    for number in range(50):
        assert client.get("/", headers={"x-key": f"{number}"}).status_code == 200

    assert [client.get("/", headers={"x-key": "new"}).status_code for _ in range(5)] == [200, 200, 200, 429, 429]


@each("store", [MemoryStore, lambda: Waiting(MemoryStore())], ids=["in memory", "that waits"])
@each("key", ["a" * 1_100, "a" * 256, "\u00fc" * 1_000], ids=["beyond what stores take", "long", "of two bytes each"])
def test_a_long_key_counts_as_any_other(serve: Serve, store: Callable[[], Any], key: str) -> None:
    """A login that counts by the name that is typed in: a name that no store takes would be tried without end."""
    client = serve(limited(store=store(), by=lambda request: request.query.get("name", ""), when_away="open"))

    assert [client.get("/", query={"name": key}).status_code for _ in range(4)] == [200, 200, 200, 429]
    assert client.get("/", query={"name": f"{key}b"}).status_code == 200


class Nameless:
    def __init__(self, name: str) -> None:
        self.name = name

    def __str__(self) -> str:
        return "somebody"


@each(
    ("users", "statuses"),
    [
        ([User("7"), User("7")], [200, 429]),
        ([User("7"), User("8")], [200, 200]),
        (["7", "7"], [200, 429]),
        ([7, "7"], [200, 200]),
        ([UUID(int=7), UUID(int=7)], [200, 429]),
        ([Nameless("Ada"), Nameless("Bob")], [500, 500]),
    ],
    ids=["one user", "two users", "ids themselves", "a number and a text", "UUIDs", "users without an id"],
)
def test_users_are_told_apart_by_their_ids(serve: Serve, users: list[Any], statuses: list[int]) -> None:
    app, coming = App(), iter(users)

    @app.authenticator(inline=True)
    def who() -> Any:
        return next(coming)

    @app.get("/", guards=[RateLimit(1, seconds=3_600, by="user")])
    async def home() -> str:
        return "hello"

    client = serve(app)
    assert [client.get("/").status_code for _ in users] == statuses


class Reader(Struct):
    name: str


def test_a_user_that_cannot_have_an_id_is_told_before_the_start() -> None:
    app = App()

    @app.authenticator(inline=True)
    def who() -> Reader | None:
        return None

    @app.get("/", guards=[RateLimit(1, seconds=60, by="user")])
    async def home() -> str:
        return "hello"

    with pytest.raises(FreezeError, match=r"home is guarded by RateLimit, and Reader has no id.\n.*id: int\."):
        app.freeze()


@each("kind", [str, int, UUID])
def test_a_user_that_is_an_id_needs_none(kind: Any) -> None:
    app = App()

    def who() -> Any:
        return None

    who.__annotations__["return"] = kind | None
    app.authenticator(inline=True)(who)

    @app.get("/", guards=[RateLimit(1, seconds=60, by="user")])
    async def home() -> str:
        return "hello"

    app.freeze()


def test_answers_tell_how_much_is_left_where_that_is_asked_for(serve: Serve) -> None:
    client = serve(limited(tells=True))

    first = client.get("/")
    assert first.headers["ratelimit-policy"] == '"requests";q=3;w=3600'
    assert first.headers["ratelimit"].startswith('"requests";r=2;t=')
    client.get("/")
    client.get("/")
    refused = client.get("/")
    assert refused.status_code == 429
    assert refused.headers["ratelimit"].startswith('"requests";r=0;t=')
    assert "ratelimit" not in serve(limited()).get("/").headers


def test_a_limit_stands_above_a_function_as_well(serve: Serve) -> None:
    app = App()

    @app.get("/")
    @RateLimit(1, seconds=3_600)
    async def home() -> str:
        return "hello"

    client = serve(app)
    assert [client.get("/").status_code for _ in range(2)] == [200, 429]


WORKER = """
import asyncio, sys
from martlet.stores import Rate, SQLiteStore
async def main():
    async with SQLiteStore(sys.argv[1]) as store:
        taken = [await store.take("key", Rate(50, seconds=3600)) for _ in range(40)]
    print(sum(each.allowed for each in taken))
asyncio.run(main())
"""


def test_several_processes_let_no_more_through_than_one(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WORKER, str(tmp_path / "limits.db")]

    workers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ) for _ in range(3)]
    assert sum(int(worker.communicate()[0]) for worker in workers) == 50


@each(
    ("options", "words"),
    [
        ({"limit": 0, "seconds": 1}, "is no rate"),
        ({"limit": 1, "seconds": 0}, "is no rate"),
        ({"limit": 1, "seconds": 1, "by": "adress"}, "write 'client'"),
        ({"limit": 1, "seconds": 1, "when_away": "ajar"}, "write 'open' or 'closed'"),
    ],
    ids=["limit", "seconds", "by", "when_away"],
)
def test_options_that_cannot_be_meant_are_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        RateLimit(**options)


def test_a_store_in_a_file_is_opened_and_closed_with_the_app(tmp_path: Path) -> None:
    app = limited(store=SQLiteStore(tmp_path / "limits.db"))

    with Client(app) as client:
        assert [client.get("/").status_code for _ in range(4)] == [200, 200, 200, 429]
    with Client(limited(store=SQLiteStore(tmp_path / "limits.db"))) as client:
        assert client.get("/").status_code == 429
