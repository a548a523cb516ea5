"""The store in a file: its threads, its locks, and all that can be wrong with a file."""

import asyncio
import os
import resource
import sqlite3
import stat
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from martlet.stores import KeyValueStore, SQLiteStore, StoreUnavailableError
from tests.stores.children import Child


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[SQLiteStore]:
    async with SQLiteStore(path) as store:
        yield store


@pytest.fixture
async def impatient(path: Path) -> AsyncIterator[SQLiteStore]:
    async with SQLiteStore(path, busy_seconds=0.4) as store:
        yield store


def other_program(path: Path) -> closing[sqlite3.Connection]:
    """Another user of the file, who may hold its lock."""
    return closing(sqlite3.connect(path, isolation_level=None))


def write(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def read(path: Path) -> bytes:
    return path.read_bytes()


async def test_the_file_is_made_for_its_owner_alone(store: SQLiteStore, path: Path) -> None:
    await store.set("key", b"value", ttl=60)

    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert modes == {"store.db": 0o600, "store.db-wal": 0o600, "store.db-shm": 0o600}


async def test_entries_are_there_after_a_restart(path: Path) -> None:
    async with SQLiteStore(path) as store:
        await store.set("key", b"value", ttl=60)
        before = await store.get("key")

    async with SQLiteStore(str(path)) as store:
        assert await store.get("key") == before
        assert before is not None


async def test_the_tables_of_an_application_in_the_same_file_stay_as_they_are(path: Path) -> None:
    with other_program(path) as connection:
        connection.executescript("CREATE TABLE entries (key TEXT); INSERT INTO entries VALUES ('mine'); PRAGMA user_version = 7")

    async with SQLiteStore(path) as store:
        await store.set("key", b"value", ttl=60)

    with other_program(path) as connection:
        assert connection.execute("SELECT key FROM entries").fetchall() == [("mine",)]
        assert connection.execute("PRAGMA user_version").fetchone() == (7,)


async def test_a_held_lock_is_waited_for_no_longer_than_told_and_stops_nothing_else(impatient: SQLiteStore, path: Path) -> None:
    gaps: list[float] = []

    async def tick() -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0.01)
            gaps.append(time.perf_counter() - before)

    await impatient.set("key", b"old", ttl=60)
    with other_program(path) as connection:
        connection.execute("BEGIN IMMEDIATE")
        ticking = asyncio.create_task(tick())
        began = time.perf_counter()
        with pytest.raises(
            StoreUnavailableError, match=r"store\.db gave no answer for 0\.4 seconds.*another process holds its lock"
        ):
            await impatient.set("key", b"new", ttl=60)
        took = time.perf_counter() - began
        ticking.cancel()
        entry = await impatient.get("key")
        connection.execute("COMMIT")

    assert entry is not None
    assert entry.value == b"old"
    assert 0.35 < took < 2
    assert sorted(gaps)[len(gaps) // 2] < 0.1  # the event loop was never held up


async def test_a_lock_that_is_let_go_in_time_is_only_a_wait(store: SQLiteStore, path: Path) -> None:
    with other_program(path) as connection:
        connection.execute("BEGIN IMMEDIATE")
        waiting = [asyncio.create_task(store.set(f"{number}", b"value", ttl=60)) for number in range(10)]
        await asyncio.sleep(0.15)
        connection.execute("COMMIT")
        await asyncio.gather(*waiting)

    assert await store.get("9") is not None


async def test_what_was_given_up_is_not_done_later(impatient: SQLiteStore, path: Path) -> None:
    with other_program(path) as connection:
        connection.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailableError):
            await impatient.set("given up", b"", ttl=60)
        cancelled = asyncio.create_task(impatient.set("cancelled", b"", ttl=60))
        await asyncio.sleep(0.05)
        cancelled.cancel()
        await asyncio.wait([cancelled])
        connection.execute("COMMIT")

    await impatient.set("another", b"", ttl=60)
    assert await impatient.get("given up") is None
    assert await impatient.get("cancelled") is None


async def test_expired_rows_are_removed_some_at_a_time(path: Path) -> None:
    now = 1_800_000_000.0
    async with SQLiteStore(path, clock=lambda: now) as store:
        await asyncio.gather(*(store.set(f"{number}", b"", ttl=5) for number in range(500)))
        now += 60
        rows = list[int]()
        with other_program(path) as connection:
            for _ in range(4):
                await store.set("one more", b"", ttl=60)
                rows.append(connection.execute("SELECT count(*) FROM martlet_entries_1").fetchone()[0])

    assert rows == [301, 101, 1, 1]


async def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        StoreUnavailableError, match=r"nowhere/store\.db cannot be made, since its folder .*nowhere does not exist"
    ):
        async with SQLiteStore(tmp_path / "nowhere" / "store.db"):
            pass


async def test_a_folder_in_the_place_of_the_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailableError, match="cannot be opened"):
        async with SQLiteStore(tmp_path):
            pass


async def test_a_file_that_is_no_database_is_named_and_left_alone(path: Path) -> None:
    write(path, b"Dear diary" * 100)

    with pytest.raises(StoreUnavailableError, match=r"store\.db is not available: it is no database of SQLite"):
        async with SQLiteStore(path):
            pass
    assert read(path) == b"Dear diary" * 100


async def test_a_damaged_database_is_an_error_and_never_nothing_there(path: Path) -> None:
    async with SQLiteStore(path) as store:
        await asyncio.gather(*(store.set(f"{number}", bytes(100), ttl=60) for number in range(500)))
    write(path, read(path)[:4096] + b"\xa5" * 100_000)

    with pytest.raises(StoreUnavailableError, match=r"store\.db"):
        async with SQLiteStore(path) as store:
            await store.get("7")


@pytest.fixture
def readable(tmp_path: Path) -> Iterator[Path]:
    """A folder that others may read, below pytest's own, which they may not."""
    closed = [folder for folder in (tmp_path, *tmp_path.parents) if not folder.stat().st_mode & stat.S_IXOTH]
    for folder in closed:
        folder.chmod(0o755)
    yield tmp_path
    for folder in closed:
        folder.chmod(0o700)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become somebody else")
@pytest.mark.parametrize(("is_there", "reason"), [(True, "it may not be written to"), (False, "Permission denied")])
async def test_what_may_not_be_written_to_is_an_error(readable: Path, is_there: bool, reason: str) -> None:
    path = readable / "store.db"
    if is_there:
        async with SQLiteStore(path):
            pass
        os.chmod(path, 0o644)  # noqa: PTH101  asynchronous code may not call the method of a path

    async def open_as_nobody() -> int:
        os.setuid(65_534)
        try:
            async with SQLiteStore(path, busy_seconds=1):
                return 0
        except StoreUnavailableError as error:
            return 1 + ("store.db" in str(error) and reason in str(error))

    assert await asyncio.to_thread(Child.start(open_as_nobody).wait) == 2


async def test_a_full_disk_is_an_error_and_with_room_it_goes_on(path: Path) -> None:
    async def fill() -> int:
        async with SQLiteStore(path) as store:
            await store.set("before", bytes(1_000), ttl=60)
            unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
            resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, unlimited[1]))
            refused = False
            try:
                await store.set("key", bytes(200_000), ttl=60)
            except StoreUnavailableError as error:
                refused = "disk" in str(error)
            resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
            await store.set("after", bytes(200_000), ttl=60)
            found = [await store.get(key) is not None for key in ("before", "key", "after")]
            return 1 + (refused and found == [True, False, True])

    assert await asyncio.to_thread(Child.start(fill).wait) == 2


async def test_a_file_that_was_moved_away_is_made_anew(store: SQLiteStore, path: Path) -> None:
    await store.set("key", b"value", ttl=60)
    for file in path.parent.glob("store.db*"):
        file.rename(file.with_name(f"moved-{file.name}"))
    await store.set("new", b"value", ttl=60)

    async with SQLiteStore(path) as another:
        assert await another.get("new") is not None
        assert await another.get("key") is None


async def test_who_closed_it_cannot_use_it(path: Path) -> None:
    async with SQLiteStore(path) as store:
        async with store:
            pass
        await store.set("key", b"", ttl=60)  # opened twice, closed once

    with pytest.raises(StoreUnavailableError, match="was closed"):
        await store.get("key")
    async with store:
        assert await store.get("key") is not None


def test_it_serves_several_event_loops(path: Path) -> None:
    store: KeyValueStore = SQLiteStore(path)

    async def write(name: str) -> None:
        async with store:
            await asyncio.gather(*(store.set(f"{name}{number}", b"", ttl=60) for number in range(50)))

    threads = [threading.Thread(target=asyncio.run, args=(write(name),)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    async def found() -> int:
        async with store:
            return sum([await store.get(f"{name}{number}") is not None for name in "abc" for number in range(50)])

    assert asyncio.run(found()) == 150


def test_an_event_loop_that_ended_while_it_waited_leaves_the_store_usable(path: Path) -> None:
    store = SQLiteStore(path)

    async def leave() -> None:
        store_task = asyncio.create_task(store.set("key", b"", ttl=60))
        await asyncio.sleep(0)
        store_task.cancel()

    async def use() -> bool:
        async with store:
            await store.set("other", b"", ttl=60)
            return await store.get("other") is not None

    for _ in range(20):
        asyncio.run(leave())
    assert asyncio.run(use())
