"""What a store leaves behind: no thread, no file, nothing half-done."""

import asyncio
import sys
import threading
from pathlib import Path

import pytest

from martlet.stores import Rate
from tests.stores.conftest import MakeStore


def held() -> tuple[int, int]:
    """How many files are open, and how many threads there are."""
    return len(list(Path("/proc/self/fd").iterdir())), threading.active_count()


@pytest.mark.skipif(sys.platform != "linux", reason="open files are counted as Linux lists them")
async def test_after_closing_no_thread_and_no_file_is_left(make_store: MakeStore) -> None:
    async def use() -> None:
        async with make_store() as store:
            await asyncio.gather(*(store.set(f"{number}", b"", ttl=60) for number in range(10)))
            await asyncio.gather(*(store.get(f"{number}") for number in range(10)))
            await store.take("client", Rate(1, seconds=1))

    await use()  # what is imported and kept once
    before = held()
    for _ in range(3):
        await use()
    await asyncio.sleep(0.01)  # sockets are closed in the event loop's next round

    assert held() == before


async def test_closing_waits_for_what_was_asked(make_store: MakeStore, store_kind: str) -> None:
    async with make_store() as store:
        asked = [asyncio.create_task(store.set(f"{number}", b"", ttl=60)) for number in range(20)]
        await asyncio.sleep(0)
        await asyncio.gather(*asked)

    async with make_store() as again:
        assert (await again.get("19") is not None) == (store_kind != "memory")


async def test_a_cancelled_operation_leaves_the_store_usable(make_store: MakeStore) -> None:
    async with make_store() as store:
        for steps in range(20):
            task = asyncio.create_task(store.set("cancelled", b"", ttl=60))
            for _ in range(steps % 5):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait([task])
            await store.set("key", b"%d" % steps, ttl=60)
            entry = await store.get("key")
            assert entry is not None
            assert entry.value == b"%d" % steps
