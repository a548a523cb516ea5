"""The table of found files is bounded, in number and in bytes."""

from __future__ import annotations

import pytest

from martlet.files import tables
from martlet.files.loading import Entry, Variant
from martlet.files.roots import State
from martlet.files.tables import FileTable
from martlet.http import Validators
from martlet.messages import NO_HEADERS


def entry(size: int) -> Entry:
    variant = Variant("/a", size, b"x" * size, Validators(), NO_HEADERS, NO_HEADERS)
    return Entry("/a", State(0, 0, size, 0, 0), True, {"identity": variant}, ("identity",))


def test_the_oldest_files_make_room_for_new_ones() -> None:
    table = FileTable(memory=100)
    for name in "abc":
        table.put(name, entry(40))

    assert [name for name in "abc" if table.get(name) is not None] == ["b", "c"]


def test_a_file_read_again_takes_its_own_place() -> None:
    table = FileTable(memory=100)
    for _ in range(5):
        table.put("a", entry(40))
    table.put("b", entry(60))

    assert [name for name in "ab" if table.get(name) is not None] == ["a", "b"]


def test_a_file_larger_than_all_the_memory_is_not_remembered() -> None:
    table = FileTable(memory=100)
    table.put("a", entry(10))
    table.put("a", entry(101))

    assert table.get("a") is None


def test_the_number_is_bounded_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MAX_ENTRIES", 3)
    table = FileTable(memory=100)
    for name in "abcde":
        table.put(name, entry(0))
    table.forget("d")

    assert [name for name in "abcde" if table.get(name) is not None] == ["c", "e"]
