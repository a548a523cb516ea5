"""The store in memory: its bounds, its evictions, its threads."""

import asyncio
import threading
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from martlet.stores import MemoryStore, Rate, StoreLimitError
from martlet.stores.expiring import ExpiringDict


@dataclass
class Clock:
    now: float = 1_000.0

    def __call__(self) -> float:
        return self.now


async def test_a_full_store_refuses_rather_than_dropping_somebodys_entry() -> None:
    store = MemoryStore(max_entries=3)
    for number in range(3):
        await store.set(f"{number}", b"", ttl=60)

    with pytest.raises(StoreLimitError, match=r"3 entries of 3.*raise max_entries"):
        await store.set("one more", b"", ttl=60)
    with pytest.raises(StoreLimitError):
        await store.replace("one more", b"", ttl=60, version=None)
    assert [await store.get(f"{number}") is not None for number in range(3)] == [True] * 3
    assert await store.get("one more") is None
    await store.set("0", b"an entry that is there may change", ttl=60)


async def test_what_has_expired_makes_room() -> None:
    clock = Clock()
    store = MemoryStore(max_entries=100, clock=clock)
    for number in range(100):
        await store.set(f"old {number}", b"", ttl=1 + number / 100)
    clock.now += 3
    for number in range(100):
        await store.set(f"new {number}", b"", ttl=60)

    assert await store.get("new 0") is not None


async def test_bytes_are_counted_and_given_back() -> None:
    store = MemoryStore(max_bytes=1_000)
    await store.set("a", bytes(600), ttl=60)
    with pytest.raises(StoreLimitError, match="601 bytes of 1000"):
        await store.set("b", bytes(600), ttl=60)
    await store.set("a", bytes(100), ttl=60)
    await store.set("b", bytes(600), ttl=60)
    await store.delete("b")

    await store.set("c", bytes(800), ttl=60)


async def test_a_flood_of_rates_keeps_no_entry_out() -> None:
    store = MemoryStore(max_entries=10)
    for number in range(10):
        await store.take(f"client {number}", Rate(1, seconds=60))
    assert (await store.take("one more", Rate(1, seconds=60))).allowed

    await store.set("session", b"", ttl=60)


async def test_where_rates_have_no_room_the_one_that_is_next_to_be_empty_goes() -> None:
    clock, rate = Clock(), Rate(3, seconds=60)
    store = MemoryStore(max_entries=10, clock=clock)
    for _ in range(3):
        await store.take("who asks a lot", rate)
    for number in range(200):
        assert (await store.take(f"client {number}", rate)).allowed

    assert not (await store.take("who asks a lot", rate)).allowed


async def test_rates_that_are_taken_again_and_again_are_dropped_in_order_as_well() -> None:
    clock, rate = Clock(), Rate(100, seconds=100)
    store = MemoryStore(max_entries=3, clock=clock)
    for number in (0, 1, 2, 1, 1, 2, 0, 0, 0):
        clock.now += 0.1
        await store.take(f"client {number}", rate)
    await store.take("another", rate)

    left = [(await store.take(f"client {number}", rate, cost=0)).remaining for number in range(3)]
    assert left[0] < 97
    assert left[1:] == [97, 100]


async def test_an_empty_bucket_is_forgotten() -> None:
    clock = Clock()
    store = MemoryStore(max_entries=5, clock=clock)
    for number in range(50):
        assert (await store.take(f"client {number}", Rate(1, seconds=1))).allowed
        clock.now += 0.5


async def test_a_session_that_is_touched_for_days_takes_no_more_memory() -> None:
    clock = Clock()
    store = MemoryStore(clock=clock)
    await store.set("session", b"", ttl=60)
    for _ in range(10_000):
        clock.now += 30
        assert await store.touch("session", ttl=60)
        await store.set("beside", b"", ttl=1_000_000)
        await store.delete("beside")

    entries: Any = vars(store)["_entries"]
    assert len(vars(entries)["_notes"]) < 100


def test_it_serves_several_event_loops_and_threads_and_needs_no_opening() -> None:
    store = MemoryStore()
    asyncio.run(store.set("counter", b"0", ttl=60))

    async def count() -> None:
        for _ in range(200):
            while True:
                entry = await store.get("counter")
                assert entry is not None
                if await store.replace("counter", b"%d" % (int(entry.value) + 1), ttl=60, version=entry.version):
                    break

    threads = [threading.Thread(target=asyncio.run, args=(count(),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    entry = asyncio.run(store.get("counter"))
    assert entry is not None
    assert entry.value == b"800"


def test_it_never_suspends() -> None:
    store = MemoryStore()
    operation = store.set("key", b"value", ttl=60)

    with pytest.raises(StopIteration):
        operation.send(None)


@dataclass
class Known:
    value: int
    size: int
    expires: float


@dataclass
class Model:
    """The same, without cleverness."""

    entries: dict[str, Known] = field(default_factory=dict[str, Known])

    def live(self, now: float) -> dict[str, Known]:
        return {key: known for key, known in self.entries.items() if known.expires > now}


keys = st.sampled_from("abcdefgh")
lifetimes = st.one_of(st.floats(0.1, 20), st.just(float("inf")))


class ExpiringDictIsADict(RuleBasedStateMachine):
    """An ExpiringDict does what a dict does whose entries one takes out by hand when their time has come."""

    @initialize()
    def begin(self) -> None:
        self.tested = ExpiringDict[str, int](max_entries=4, max_bytes=40)
        self.model = Model()
        self.now = 0.0

    @rule(key=keys, value=st.integers(), size=st.integers(0, 20), lifetime=lifetimes)
    def put(self, key: str, value: int, size: int, lifetime: float) -> None:
        live = self.model.live(self.now)
        others = [known for name, known in live.items() if name != key]
        fits = len(others) < 4 and sum(known.size for known in others) + size <= 40
        try:
            self.tested.put(key, value, size=size, expires=self.now + lifetime, now=self.now)
        except StoreLimitError:
            assert not fits
        else:
            assert fits
            self.model.entries = live | {key: Known(value, size, self.now + lifetime)}

    @rule(key=keys, lifetime=lifetimes)
    def touch(self, key: str, lifetime: float) -> None:
        live = self.model.live(self.now)
        assert self.tested.touch(key, expires=self.now + lifetime, now=self.now) == (key in live)
        if key in live:
            live[key].expires = self.now + lifetime

    @rule(key=keys)
    def remove(self, key: str) -> None:
        if key in self.model.live(self.now):
            self.tested.remove(key)
            del self.model.entries[key]

    @rule(seconds=st.floats(0, 10))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @invariant()
    def the_same_is_found(self) -> None:
        live = self.model.live(self.now)
        assert {key: self.tested.get(key, now=self.now) for key in "abcdefgh"} == {
            key: live[key].value if key in live else None for key in "abcdefgh"
        }


ExpiringDictIsADict.TestCase.settings = settings(max_examples=25)
test_an_expiring_dict_is_a_dict = ExpiringDictIsADict.TestCase
