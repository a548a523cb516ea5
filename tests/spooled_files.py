"""The files without a name that this process holds open: what forms keep on disk, and no socket, pipe or loop of another test."""

import os
import stat
import time
from collections.abc import Set as AbstractSet
from pathlib import Path

import pytest

DESCRIPTORS = Path("/proc/self/fd")
CLOSED_WITHIN_SECONDS = 30  # a thread or a loop closes them, which on a busy machine may have to wait

needs_proc = pytest.mark.skipif(not DESCRIPTORS.exists(), reason="Only Linux lists a process's open files.")


def spooled_files() -> frozenset[tuple[int, int]]:
    """Device and inode of each."""
    found: set[tuple[int, int]] = set()
    for name in os.listdir(DESCRIPTORS):  # noqa: PTH208  shorter than the list of its paths
        try:
            state = os.stat(int(name))  # noqa: PTH116  by its number
        except OSError:  # closed since it was listed, as the list's own is
            continue
        if state.st_nlink == 0 and stat.S_ISREG(state.st_mode):
            found.add((state.st_dev, state.st_ino))
    return frozenset(found)


def stay_open(before: AbstractSet[tuple[int, int]]) -> frozenset[tuple[int, int]]:
    """Those that were not there before and are not closed in time."""
    deadline = time.monotonic() + CLOSED_WITHIN_SECONDS
    while (left := spooled_files() - before) and time.monotonic() < deadline:
        time.sleep(0.01)
    return left
