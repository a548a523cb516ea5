"""Compiled pages outlive the process, and nothing that lies where they lie is trusted."""

import marshal
import os
import threading
from collections.abc import Callable
from hashlib import blake2b
from importlib.util import MAGIC_NUMBER
from pathlib import Path
from types import CodeType

import pytest

from martlet.templates.loading import CodeCache
from martlet.templates.loading.code_cache import CachedCode

HEADER = {"sources": {"page.html": "v1"}, "mode": [True, None, 1.5]}


def compiled(text: str) -> tuple[CodeType, ...]:
    return (compile(text, "page.html", "exec"),)


@pytest.fixture
def cache(tmp_path: Path) -> CodeCache:
    """A cache whose folder is not there yet."""
    return CodeCache(tmp_path / "pages" / "compiled")


def entries(cache: CodeCache) -> list[Path]:
    return list(Path(cache.directory).iterdir())


def value_of(found: CachedCode | None) -> object:
    assert found is not None
    names: dict[str, object] = {}
    exec(found.codes[0], names)  # noqa: S102  that it runs is what is tested
    return names["value"]


def test_an_entry_is_found_by_another_cache_of_the_folder(cache: CodeCache) -> None:
    assert cache.store("page.html", HEADER, compiled("value = 42"))

    found = CodeCache(cache.directory).load("page.html")

    assert value_of(found) == 42
    assert found is not None
    assert found.header == HEADER


def test_there_is_nothing_before_it_is_stored(cache: CodeCache) -> None:
    assert cache.load("page.html") is None


def test_a_later_entry_takes_the_place_of_an_earlier_one(cache: CodeCache) -> None:
    cache.store("page.html", HEADER, compiled("value = 1"))
    cache.store("page.html", HEADER, compiled("value = 2"))

    assert value_of(cache.load("page.html")) == 2
    assert len(entries(cache)) == 1


def test_folder_and_entries_are_private(cache: CodeCache) -> None:
    cache.store("page.html", HEADER, compiled("value = 1"))

    assert Path(cache.directory).stat().st_mode & 0o777 == 0o700
    assert [path.stat().st_mode & 0o777 for path in entries(cache)] == [0o600]


def entry_of(key: str, code: str | tuple[CodeType, ...]) -> bytes:
    """What an entry would be if its code or key were of another kind."""
    content = marshal.dumps((key, {}, code))
    return b"martlet1" + MAGIC_NUMBER + blake2b(content, digest_size=16).digest() + content


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda _: b"", id="empty"),
        pytest.param(lambda data: data[:-1], id="cut short"),
        pytest.param(lambda data: data[:30], id="cut to its head"),
        pytest.param(lambda data: data + b"x", id="longer"),
        pytest.param(lambda data: data[:-5] + b"xxxxx", id="changed"),
        pytest.param(lambda _: b"#!/bin/sh", id="something else"),
        pytest.param(lambda data: data.replace(b"martlet1", b"martlet0"), id="another format"),
        pytest.param(lambda data: data[:8] + b"\0\0\0\0" + data[12:], id="another Python"),
        pytest.param(lambda _: entry_of("other.html", compiled("")), id="of another key"),
        pytest.param(lambda _: entry_of("page.html", "text"), id="no code"),
    ],
)
def test_what_cannot_be_read_is_ignored_and_written_anew(cache: CodeCache, spoil: Callable[[bytes], bytes]) -> None:
    cache.store("page.html", HEADER, compiled("value = 1"))
    (path,) = entries(cache)
    path.write_bytes(spoil(path.read_bytes()))

    assert cache.load("page.html") is None
    assert cache.store("page.html", HEADER, compiled("value = 2"))
    assert value_of(cache.load("page.html")) == 2


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_an_entry_that_others_may_write_is_ignored(cache: CodeCache, mode: int) -> None:
    cache.store("page.html", HEADER, compiled("value = 1"))
    entries(cache)[0].chmod(mode)

    assert cache.load("page.html") is None


def test_an_entry_of_somebody_else_is_ignored(cache: CodeCache, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.store("page.html", HEADER, compiled("value = 1"))
    owner = entries(cache)[0].stat().st_uid
    # Whoever asks is somebody else, and the owner is not root.
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    original = os.fstat
    monkeypatch.setattr(os, "fstat", lambda file: os.stat_result((*original(file)[:4], 4711, *original(file)[5:])))

    assert cache.load("page.html") is None


def test_a_link_and_a_pipe_are_ignored(cache: CodeCache, tmp_path: Path) -> None:
    cache.store("page.html", HEADER, compiled("value = 1"))
    (path,) = entries(cache)
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    assert cache.load("page.html") is None

    path.unlink()
    os.mkfifo(path, 0o600)
    assert cache.load("page.html") is None


def test_a_folder_that_cannot_be_written_costs_nothing_but_the_cache(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    cache = CodeCache(tmp_path / "file" / "pages")

    assert cache.store("page.html", HEADER, compiled("value = 1")) is False
    assert cache.load("page.html") is None
    cache.clear()


def test_a_failed_write_leaves_nothing_behind(cache: CodeCache, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(os, "replace", fail)

    assert cache.store("page.html", HEADER, compiled("value = 1")) is False
    assert entries(cache) == []


def test_the_oldest_are_dropped_beyond_the_bound(cache: CodeCache) -> None:
    for number in range(65):
        cache.store(f"page{number}.html", HEADER, compiled(f"value = {number}"))
        for path in entries(cache):
            os.utime(path, (path.stat().st_mtime - 10, path.stat().st_mtime - 10))
    small = CodeCache(cache.directory, max_entries=3)

    small.store("new.html", HEADER, compiled("value = 'new'"))

    assert len(entries(cache)) == 3
    assert value_of(cache.load("new.html")) == "new"
    assert value_of(cache.load("page64.html")) == 64


def test_a_cache_keeps_at_least_one() -> None:
    with pytest.raises(ValueError, match="at least one"):
        CodeCache("pages", max_entries=0)


def test_clearing_removes_entries_and_abandoned_drafts_only(cache: CodeCache) -> None:
    cache.store("page.html", HEADER, compiled("value = 1"))
    (path,) = entries(cache)
    path.with_name(path.name + ".0123456789abcdef").touch()
    path.with_name("README.txt").touch()

    cache.clear()

    assert [left.name for left in entries(cache)] == ["README.txt"]


def test_processes_that_write_at_once_never_show_half_an_entry(cache: CodeCache) -> None:
    texts = [f"value = {number!r} * 2000" for number in ("a", "b", "c")]
    seen: set[object] = set()

    def work(text: str) -> None:
        own = CodeCache(cache.directory)
        for _ in range(30):
            own.store("page.html", HEADER, compiled(text))
            seen.add(value_of(own.load("page.html")))

    threads = [threading.Thread(target=work, args=(text,)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert seen <= {"a" * 2000, "b" * 2000, "c" * 2000}
    assert len(entries(cache)) == 1


def test_a_draft_is_never_taken_for_an_entry_of_its_key(cache: CodeCache) -> None:
    cache.store("page.html", HEADER, compiled("value = 1"))
    (path,) = entries(cache)
    path.rename(path.with_name(path.name + ".0123456789abcdef"))

    assert cache.load("page.html") is None
