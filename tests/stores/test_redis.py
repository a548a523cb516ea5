"""The store in Redis: what it does when the server is away, slow, full, or answers nonsense."""

import asyncio
import os
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from martlet.optional_packages import require_extra
from martlet.stores import KeyValueStore, Rate, RedisStore, StoreLimitError, StoreUnavailableError
from tests.services import Service

RATE = Rate(100, seconds=60)


async def use_all_of(store: KeyValueStore) -> None:
    """Do each operation once, with its outcome."""
    await store.set("key", b"value", ttl=60)
    entry = await store.get("key")
    assert entry is not None
    assert await store.replace("key", b"new", ttl=None, version=entry.version)
    assert not await store.replace("key", b"newer", ttl=60, version=None)
    assert await store.touch("key", ttl=60)
    assert await store.touch("key", ttl=None)
    assert not await store.delete("key", version=entry.version)
    assert await store.delete("key")
    assert (await store.take("client", RATE)).allowed


@asynccontextmanager
async def server_that(answers: Callable[[bytes], bytes | None]) -> AsyncIterator[str]:
    """Something that listens like a Redis: gives each request's answer, or hangs up for None; its URL."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while request := await reader.read(65_536):
                answer = b"+OK\r\n" * request.count(b"SETINFO") if b"SETINFO" in request else answers(request)
                if answer is None:
                    break
                writer.write(answer)
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


async def test_a_server_that_is_away_is_an_error_in_time_and_back_it_is_used_again(lasting_server: Service) -> None:
    async with RedisStore(lasting_server.url, timeout_seconds=0.5) as store:
        operations: list[Callable[[], Awaitable[Any]]] = [
            lambda: store.get("key"),
            lambda: store.set("key", b"", ttl=60),
            lambda: store.replace("key", b"", ttl=60, version=b"0123456789abcdef"),
            lambda: store.touch("key", ttl=60),
            lambda: store.delete("key"),
            lambda: store.take("client", RATE),
        ]
        await store.set("kept", b"value", ttl=60)
        await store.take("client", Rate(1, seconds=3_600))
        await asyncio.gather(*(store.get("kept") for _ in range(10)))  # ten connections, which will be dead
        await asyncio.to_thread(lasting_server.kill)

        began = time.perf_counter()
        for operation in operations:
            with pytest.raises(StoreUnavailableError, match="is not available"):
                await operation()
        assert time.perf_counter() - began < 0.5 * len(operations) + 1

        await asyncio.to_thread(lasting_server.start_again)
        entries = await asyncio.gather(*(store.get("kept") for _ in range(10)))
        assert all(entry is not None and entry.value == b"value" for entry in entries)
        assert not (await store.take("client", Rate(1, seconds=3_600))).allowed
        await use_all_of(store)  # its scripts are unknown to the server since


async def test_a_server_may_come_up_after_the_store() -> None:
    async with RedisStore("unix:///nowhere/socket") as store:
        with pytest.raises(StoreUnavailableError, match=r"unix:///nowhere/socket is not available"):
            await store.get("key")


async def test_a_server_that_never_answers_is_given_up_in_time_and_holds_no_place() -> None:
    is_silent = True
    answer: Callable[[bytes], bytes] = lambda _: b"" if is_silent else b"$-1\r\n"  # noqa: E731  it sees what changes below
    async with server_that(answer) as url, RedisStore(url, timeout_seconds=0.1, max_connections=3) as store:
        began = time.perf_counter()
        outcomes = await asyncio.gather(*(store.get("key") for _ in range(30)), return_exceptions=True)
        assert {type(outcome) for outcome in outcomes} == {StoreUnavailableError}
        assert str(outcomes[0]) == f"{url} gave no answer for 0.1 seconds."
        assert time.perf_counter() - began < 2.5  # one after the other would take 3

        is_silent = False
        for _ in range(5):
            assert await store.get("key") is None


async def test_a_command_whose_answer_is_lost_is_not_sent_again() -> None:
    seen: list[bytes] = []

    def hang_up(request: bytes) -> None:
        seen.append(request)

    async with server_that(hang_up) as url, RedisStore(url) as store:
        for operation in (
            lambda: store.take("client", RATE),
            lambda: store.replace("key", b"", ttl=60, version=b"0123456789abcdef"),
            lambda: store.delete("key"),
        ):
            seen.clear()
            with pytest.raises(StoreUnavailableError):
                await operation()
            assert len(seen) == 1


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"$30\r\nanother user's session, to all\r\n", id="the entry of another key"),
        pytest.param(b"$0\r\n\r\n", id="nothing"),
        pytest.param(b":1\r\n", id="a number"),
        pytest.param(b"-ERR out of order\r\n", id="an error"),
        pytest.param(b"-LOADING Redis is loading the dataset in memory\r\n", id="loading"),
        pytest.param(b"-NOAUTH Authentication required.\r\n", id="no password"),
        pytest.param(b"-READONLY You can't write against a read only replica.\r\n", id="a replica"),
        pytest.param(b"HTTP/1.1 400 Bad Request\r\n\r\n", id="another protocol"),
    ],
)
async def test_a_wrong_answer_is_never_taken_for_an_entry_or_for_none(answer: bytes) -> None:
    async with server_that(lambda _: answer) as url, RedisStore(url, timeout_seconds=0.5) as store:
        with pytest.raises(StoreUnavailableError):
            await store.get("key")


async def test_a_full_server_is_a_limit(lasting_server: Service) -> None:
    redis = require_extra("redis.asyncio", "redis")
    async with RedisStore(lasting_server.url) as store, redis.Redis.from_url(lasting_server.url) as client:
        await store.set("before", b"", ttl=60)
        await client.config_set("maxmemory", "1")

        with pytest.raises(StoreLimitError, match="no memory left"):
            await store.set("key", b"", ttl=60)
        with pytest.raises(StoreLimitError, match="no memory left"):
            await store.replace("key", b"", ttl=60, version=None)
        assert await store.get("before") is not None


async def test_a_ready_client_is_used_and_stays_open(redis_server: Service) -> None:
    redis = require_extra("redis.asyncio", "redis")
    client = redis.Redis.from_url(redis_server.url)
    async with RedisStore(client, prefix=f"{os.urandom(4).hex()}:") as store:
        assert repr(store) == "RedisStore(Redis)"
        await use_all_of(store)

    assert await client.ping()
    await client.aclose()


async def test_a_ready_client_that_decodes_is_told(redis_server: Service) -> None:
    redis = require_extra("redis.asyncio", "redis")
    async with redis.Redis.from_url(redis_server.url, decode_responses=True, encoding="latin-1") as client:
        store = RedisStore(client, prefix=f"{os.urandom(4).hex()}:")
        await store.set("key", b"", ttl=60)
        with pytest.raises(StoreUnavailableError, match="decode_responses=False"):
            await store.get("key")


async def test_two_prefixes_are_two_stores(redis_server: Service) -> None:
    async with RedisStore(redis_server.url, prefix="one:") as one, RedisStore(redis_server.url, prefix="two:") as two:
        await one.set("key", b"1", ttl=60)

        assert await two.get("key") is None
        assert not await two.delete("key")


async def test_after_cancellations_nobody_gets_the_answer_of_another(redis_server: Service) -> None:
    chance = random.Random(7)
    async with RedisStore(redis_server.url, prefix=f"{os.urandom(4).hex()}:", max_connections=4) as store:
        for number in range(20):
            await store.set(f"user {number}", b"%d" % number, ttl=60)

        async def read(number: int) -> None:
            entry = await store.get(f"user {number}")
            assert entry is not None
            assert entry.value == b"%d" % number

        async def read_and_leave(number: int) -> None:
            task = asyncio.create_task(read(number))
            for _ in range(chance.randrange(12)):
                await asyncio.sleep(0)
            if chance.random() < 0.3:
                await asyncio.sleep(chance.random() / 1_000)
            task.cancel()
            outcome = (await asyncio.gather(task, return_exceptions=True))[0]
            assert outcome is None or isinstance(outcome, asyncio.CancelledError)

        for _ in range(15):
            numbers = [chance.randrange(20) for _ in range(20)]
            await asyncio.gather(*(read_and_leave(n) if i % 2 else read(n) for i, n in enumerate(numbers)))
        await asyncio.gather(*(read(number) for number in range(20)))


async def test_it_speaks_to_a_cluster() -> None:
    node = Service.start("redis", "--cluster-enabled", "yes", tcp=True)
    try:
        async with require_extra("redis.asyncio", "redis").Redis.from_url(node.url) as client:
            await client.execute_command("CLUSTER ADDSLOTSRANGE", 0, 16383)
            for _ in range(200):
                if (await client.execute_command("CLUSTER INFO"))["cluster_state"] == "ok":
                    break
                await asyncio.sleep(0.05)
        url = f"redis+cluster://127.0.0.1:1,127.0.0.1:{node.port}"
        async with RedisStore(url, timeout_seconds=15) as store:  # its client first reads where each of 16,384 slots is
            await use_all_of(store)
            await asyncio.gather(*(store.set(f"{number}", b"", ttl=60) for number in range(50)))
            await asyncio.to_thread(node.kill)
            with pytest.raises(StoreUnavailableError):
                await store.get("1")
    finally:
        node.stop()


async def test_it_finds_the_server_that_sentinels_watch() -> None:
    server = Service.start("redis", tcp=True)
    watcher = Service.start("sentinel", tcp=True)
    try:
        async with require_extra("redis.asyncio", "redis").Redis.from_url(watcher.url) as client:
            await client.execute_command("SENTINEL MONITOR", "sessions", "127.0.0.1", server.port, 1)
        url = f"redis+sentinel://127.0.0.1:1,127.0.0.1:{watcher.port}"
        async with (
            RedisStore(f"{url}/sessions", timeout_seconds=15) as store,
            RedisStore(f"{url}/others", timeout_seconds=1) as lost,
        ):
            await use_all_of(store)
            with pytest.raises(StoreUnavailableError, match="others"):
                await lost.get("key")
    finally:
        server.stop()
        watcher.stop()
