"""What every store does, whatever keeps its values."""

import asyncio
import contextlib
import math
import secrets
from collections.abc import Awaitable, Callable

import pytest

from martlet.stores import KeyValueStore, Rate, StoreLimitError

SHORT = 0.05  # seconds, of a lifetime
LONGER = 2.4  # lifetimes


def patient(test: Callable[[KeyValueStore, float], Awaitable[None]]) -> Callable[[KeyValueStore], Awaitable[None]]:
    """Give a test that fails twice more the time, each ten times as long: a busy disk is no fault of a store."""

    async def test_again(store: KeyValueStore) -> None:
        for short in (SHORT, 10 * SHORT):
            with contextlib.suppress(AssertionError):
                await test(store, short)
                return
        await test(store, 100 * SHORT)

    return test_again


ANY_TEXT = [
    pytest.param("", id="empty"),
    pytest.param("a b\tc\r\nd", id="white space and line ends"),
    pytest.param("nul\0nul", id="NUL"),
    pytest.param("schlüssel/鍵/🔑", id="beyond ASCII"),
    pytest.param("half \ud83d", id="half of a surrogate pair"),
    pytest.param("{tag}*?[a]%_'\";--", id="signs of Redis and of SQL"),
    pytest.param("k" * 1024, id="the longest"),
]


def test_each_is_a_key_value_store(store: KeyValueStore) -> None:
    assert isinstance(store, KeyValueStore)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(bytes(range(256)) * 3, id="every byte"),
        pytest.param(b"\r\n$5\r\nhello\r\n", id="the words of a protocol"),
        pytest.param(secrets.token_bytes(3_000_000), id="three megabytes"),
    ],
)
async def test_a_value_comes_back_as_it_was_given(store: KeyValueStore, value: bytes) -> None:
    await store.set("key", value, ttl=60)

    entry = await store.get("key")
    assert entry is not None
    assert entry.value == value


async def test_a_value_beyond_the_bound_is_refused_and_the_old_one_stays(store: KeyValueStore) -> None:
    await store.set("key", b"old", ttl=60)

    with pytest.raises(StoreLimitError):
        await store.set("key", bytes(70_000_000), ttl=60)

    entry = await store.get("key")
    assert entry is not None
    assert entry.value == b"old"


@pytest.mark.parametrize("key", ANY_TEXT)
async def test_any_text_is_a_key_of_its_own(store: KeyValueStore, key: str) -> None:
    await store.set(key, b"found", ttl=60)
    await store.set(f"{key[:-1]}x", b"another", ttl=60)

    entry = await store.get(key)
    assert entry is not None
    assert entry.value == b"found"
    assert (await store.take(key, Rate(1, seconds=60))).allowed
    assert await store.delete(key)


async def test_a_key_that_is_too_long_is_refused(store: KeyValueStore) -> None:
    with pytest.raises(StoreLimitError, match="1026 bytes"):
        await store.set("ü" * 513, b"", ttl=60)


async def test_where_nothing_was_set_there_is_nothing(store: KeyValueStore) -> None:
    assert await store.get("key") is None
    assert not await store.touch("key", ttl=60)
    assert not await store.touch("key", ttl=None)
    assert not await store.delete("key")
    assert not await store.delete("key", version=b"any")
    assert not await store.replace("key", b"", ttl=60, version=b"any")
    assert not await store.replace("key", b"", ttl=60, version=b"")
    assert not await store.delete("key", version=b"")


@pytest.mark.parametrize("ttl", [0, -1, math.nan, math.inf, 1e12], ids=str)
async def test_a_lifetime_that_is_none_is_refused(store: KeyValueStore, ttl: float) -> None:
    with pytest.raises(ValueError, match="cannot live for"):
        await store.set("key", b"", ttl=ttl)
    with pytest.raises(ValueError, match="cannot live for"):
        await store.replace("key", b"", ttl=ttl, version=None)
    with pytest.raises(ValueError, match="cannot live for"):
        await store.touch("key", ttl=ttl)


@patient
async def test_an_entry_expires(store: KeyValueStore, short: float) -> None:
    await store.set("key", b"", ttl=short)
    entry = await store.get("key")
    await asyncio.sleep(LONGER * short)

    assert entry is not None
    assert await store.get("key") is None
    assert not await store.touch("key", ttl=60)
    assert not await store.replace("key", b"", ttl=60, version=entry.version)
    assert not await store.delete("key")


@patient
async def test_after_an_entry_expired_its_place_is_free(store: KeyValueStore, short: float) -> None:
    await store.set("key", b"old", ttl=short)

    assert not await store.replace("key", b"new", ttl=60, version=None)
    await asyncio.sleep(LONGER * short)
    assert await store.replace("key", b"new", ttl=60, version=None)
    entry = await store.get("key")
    assert entry is not None
    assert entry.value == b"new"


async def test_an_entry_without_a_lifetime_stays(store: KeyValueStore) -> None:
    await store.set("key", b"", ttl=SHORT)
    await store.set("key", b"", ttl=None)
    await asyncio.sleep(LONGER * SHORT)

    assert await store.get("key") is not None


@patient
async def test_a_replaced_value_has_the_new_lifetime(store: KeyValueStore, short: float) -> None:
    await store.set("longer", b"", ttl=short)
    await store.set("for ever", b"", ttl=short)
    await store.set("shorter", b"", ttl=60)
    for key, ttl in [("longer", 60.0), ("for ever", None), ("shorter", short)]:
        entry = await store.get(key)
        assert entry is not None
        assert await store.replace(key, b"new", ttl=ttl, version=entry.version)
    await asyncio.sleep(LONGER * short)

    assert await store.get("longer") is not None
    assert await store.get("for ever") is not None
    assert await store.get("shorter") is None


@patient
async def test_touch_changes_the_lifetime_and_nothing_else(store: KeyValueStore, short: float) -> None:
    for key in ("longer", "for ever"):
        await store.set(key, b"value", ttl=short)
    await store.set("shorter", b"value", ttl=None)
    before = await store.get("longer")

    assert await store.touch("longer", ttl=60)
    assert await store.touch("for ever", ttl=None)
    assert await store.touch("for ever", ttl=None)
    assert await store.touch("shorter", ttl=short)
    await asyncio.sleep(LONGER * short)

    assert await store.get("longer") == before
    assert await store.get("for ever") is not None
    assert await store.get("shorter") is None


async def test_each_value_has_a_version_of_its_own(store: KeyValueStore) -> None:
    versions = set[bytes]()
    for _ in range(20):
        await store.set("key", b"the same", ttl=60)
        entry = await store.get("key")
        assert entry is not None
        versions.add(entry.version)
        await store.delete("key")

    assert len(versions) == 20


async def test_what_was_deleted_and_set_again_is_not_taken_for_the_old_one(store: KeyValueStore) -> None:
    await store.set("key", b"A", ttl=60)
    old = await store.get("key")
    await store.delete("key")
    await store.set("key", b"A", ttl=60)

    assert old is not None
    assert not await store.replace("key", b"B", ttl=60, version=old.version)
    assert not await store.delete("key", version=old.version)
    entry = await store.get("key")
    assert entry is not None
    assert entry.value == b"A"


async def test_replace_needs_the_version_that_is_there(store: KeyValueStore) -> None:
    assert await store.replace("key", b"1", ttl=60, version=None)
    assert not await store.replace("key", b"2", ttl=60, version=None)
    first = await store.get("key")
    assert first is not None
    assert await store.replace("key", b"2", ttl=60, version=first.version)
    assert not await store.replace("key", b"3", ttl=60, version=first.version)
    second = await store.get("key")

    assert second is not None
    assert second.value == b"2"
    assert second.version != first.version


async def test_delete_takes_the_version_it_is_told(store: KeyValueStore) -> None:
    await store.set("key", b"", ttl=60)
    entry = await store.get("key")

    assert entry is not None
    assert not await store.delete("key", version=entry.version[::-1] + b"x")
    assert await store.delete("key", version=entry.version)
    assert not await store.delete("key", version=entry.version)
    assert await store.get("key") is None


async def test_of_fifty_that_count_together_none_is_lost(store: KeyValueStore) -> None:
    await store.set("counter", b"0", ttl=60)

    async def count() -> None:
        while True:
            entry = await store.get("counter")
            assert entry is not None
            if await store.replace("counter", b"%d" % (int(entry.value) + 1), ttl=60, version=entry.version):
                return

    await asyncio.gather(*(count() for _ in range(50)))

    entry = await store.get("counter")
    assert entry is not None
    assert entry.value == b"50"


async def test_of_fifty_that_add_an_entry_one_does(store: KeyValueStore) -> None:
    done = await asyncio.gather(*(store.replace("key", b"%d" % number, ttl=60, version=None) for number in range(50)))

    entry = await store.get("key")
    assert sum(done) == 1
    assert entry is not None
    assert done[int(entry.value)]


async def test_a_rate_allows_its_limit_and_tells_when_it_allows_more(store: KeyValueStore) -> None:
    rate = Rate(3, seconds=60)
    taken = [await store.take("client", rate) for _ in range(4)]

    assert [one.allowed for one in taken] == [True, True, True, False]
    assert [one.remaining for one in taken] == [2, 1, 0, 0]
    assert taken[0].retry_after == 0
    assert 15 < taken[3].retry_after <= 20
    assert 55 < taken[3].reset_after <= 60


async def test_what_was_refused_counts_nothing(store: KeyValueStore) -> None:
    rate = Rate(2, seconds=60)
    assert (await store.take("client", rate)).remaining == 1
    refused = [await store.take("client", rate, cost=2) for _ in range(5)]

    assert not any(one.allowed for one in refused)
    assert (await store.take("client", rate)).allowed


@patient
async def test_after_the_time_it_tells_a_rate_allows_again(store: KeyValueStore, short: float) -> None:
    rate = Rate(2, seconds=4 * short)
    await store.take(f"client for {short} s", rate, cost=2)
    refused = await store.take(f"client for {short} s", rate)
    await asyncio.sleep(refused.retry_after + 0.4 * short)

    assert not refused.allowed
    assert (await store.take(f"client for {short} s", rate)).allowed


async def test_a_cost_of_nothing_looks_and_takes_nothing(store: KeyValueStore) -> None:
    rate = Rate(2, seconds=60)
    await store.take("client", rate)
    looks = [await store.take("client", rate, cost=0) for _ in range(5)]

    assert {look.remaining for look in looks} == {1}
    assert all(look.allowed for look in looks)


@pytest.mark.parametrize("cost", [-1, 4])
async def test_a_cost_that_can_never_be_allowed_is_refused(store: KeyValueStore, cost: int) -> None:
    with pytest.raises(ValueError, match="from 0 to 3"):
        await store.take("client", Rate(3, seconds=60), cost=cost)


async def test_rates_are_apart_from_entries_and_from_each_other(store: KeyValueStore) -> None:
    await store.set("client", b"value", ttl=60)
    a_minute = await store.take("client", Rate(1, seconds=60))
    a_day = await store.take("client", Rate(1_000_000, seconds=86_400), cost=1_000)
    somebody_else = await store.take("client2", Rate(1, seconds=60))
    await store.delete("client")

    assert (a_minute.allowed, a_day.allowed, somebody_else.allowed) == (True, True, True)
    assert a_day.remaining == 999_000
    assert not (await store.take("client", Rate(1, seconds=60))).allowed


async def test_of_fifty_that_take_at_once_no_more_than_the_limit_may(store: KeyValueStore) -> None:
    taken = await asyncio.gather(*(store.take("client", Rate(20, seconds=3_600)) for _ in range(50)))

    assert sum(one.allowed for one in taken) == 20
    assert sorted(one.remaining for one in taken if one.allowed) == list(range(20))
