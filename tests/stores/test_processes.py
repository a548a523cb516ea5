"""One store in several processes: none loses what another did, and together they keep to a rate."""

import asyncio
import itertools
import os
import signal
import threading
from pathlib import Path

import pytest

from martlet.stores import KeyValueStore, MemoryStore, Rate, SQLiteStore
from tests.stores.children import Child
from tests.stores.conftest import MakeStore

PROCESSES = 4
COUNTS = 20
RATE = Rate(30, seconds=3_600)


async def count(store: KeyValueStore) -> None:
    for _ in range(COUNTS):
        while True:
            entry = await store.get("counter")
            value = b"1" if entry is None else b"%d" % (int(entry.value) + 1)
            if await store.replace("counter", value, ttl=None, version=None if entry is None else entry.version):
                break


@pytest.mark.parametrize("store_kind", ["sqlite", "redis"])
async def test_what_four_processes_count_adds_up_and_they_keep_to_one_rate(make_store: MakeStore) -> None:
    async def count_and_take() -> int:
        async with make_store() as store:
            await asyncio.gather(count(store), count(store))
            taken = [await store.take("client", RATE) for _ in range(20)]
            return sum(one.allowed for one in taken)

    children = [Child.start(count_and_take) for _ in range(PROCESSES)]
    allowed = [await asyncio.to_thread(child.wait) for child in children]

    async with make_store() as store:
        entry = await store.get("counter")
    assert entry is not None
    assert int(entry.value) == PROCESSES * 2 * COUNTS
    assert sum(allowed) == RATE.limit


async def test_a_store_goes_on_in_both_processes_after_a_fork(make_store: MakeStore, store_kind: str) -> None:
    async with make_store() as store:
        await store.set("before", b"fork", ttl=60)

        async def use() -> int:
            before = await store.get("before")
            await store.set("child", b"was here", ttl=60)
            mine = await store.get("child")
            taken = await store.take("client", RATE)
            return sum([before is not None, mine is not None, taken.allowed])

        assert [await asyncio.to_thread(Child.start(use).wait) for _ in range(2)] == [3, 3]

        await store.set("parent", b"goes on", ttl=60)
        assert await store.get("before") is not None
        assert await store.get("parent") is not None
        assert (await store.get("child") is not None) == (store_kind != "memory")


async def test_a_fork_beside_busy_threads_is_no_deadlock(tmp_path: Path) -> None:
    stores: list[KeyValueStore] = [MemoryStore(), SQLiteStore(tmp_path / "store.db", survives_power_cuts=False)]
    is_over = threading.Event()

    async def write_until_over(store: KeyValueStore) -> None:
        async with store:
            while not is_over.is_set():
                await asyncio.gather(*(store.set(f"{number}", b"value", ttl=60) for number in range(20)))

    threads = [threading.Thread(target=asyncio.run, args=(write_until_over(store),)) for store in stores]
    for thread in threads:
        thread.start()

    async def use() -> int:
        for store in stores:
            await store.set("child", b"value", ttl=60)
        return sum([await store.get("child") is not None for store in stores])

    found = [Child.start(use).wait() for _ in range(10)]
    is_over.set()
    for thread in threads:
        thread.join()

    assert found == [2] * 10


def read_and_kill(pipe: int, child: Child) -> dict[bytes, int]:
    """Read which number of each lane was told last, and end the child while it writes."""
    last: dict[bytes, int] = {}
    with os.fdopen(pipe, "rb") as lines:
        for read, line in enumerate(lines):
            lane, number = line.split()
            last[lane] = int(number)
            if read == 300:
                os.kill(child.pid, signal.SIGKILL)  # what it had told before is read to its end
    return last


async def test_what_was_acknowledged_outlives_a_killed_process(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    reading, writing = os.pipe()

    async def write(store: KeyValueStore, lane: int) -> None:
        for number in itertools.count():
            await store.set(f"{lane}", b"%d" % number, ttl=None)
            os.write(writing, b"%d %d\n" % (lane, number))

    async def write_in_ten_lanes() -> int:
        async with SQLiteStore(path) as store:
            await asyncio.gather(*(write(store, lane) for lane in range(10)))
        return 0

    child = Child.start(write_in_ten_lanes)
    os.close(writing)
    acknowledged = await asyncio.to_thread(read_and_kill, reading, child)
    child.wait()

    async with SQLiteStore(path) as store:
        for lane, number in acknowledged.items():
            entry = await store.get(lane.decode())
            assert entry is not None
            # The one after it may have been written, too, before it could be told.
            assert int(entry.value) in {number, number + 1}
