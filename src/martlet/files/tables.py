"""Files that were found, remembered by their paths; bounded in number and in bytes, the oldest given up first."""

from __future__ import annotations

import threading
from typing import Final

from martlet.files.loading import Entry

__all__ = ["FileTable"]

MAX_ENTRIES: Final = 4_096


class FileTable:
    """What is known of the files of one directory; only paths that lead to a file come in, or clients could fill it.

    memory: bytes that all of them may hold together.

    >>> FileTable(memory=0).get("app.css") is None
    True
    """

    __slots__ = ("_entries", "_held", "_lock", "_memory", "get")

    def __init__(self, memory: int) -> None:
        self._entries: dict[str, Entry] = {}
        self._memory = memory
        self._held = 0
        self._lock = threading.Lock()  # worker threads of a WSGI server come here at once
        self.get = self._entries.get  # PERF: no call of ours on the way of each request

    def put(self, path: str, entry: Entry) -> None:
        """Remember a file in the place of what was known of its path; one larger than all the memory is not remembered."""
        with self._lock:
            self._drop(path)
            if entry.memory > self._memory:
                return
            while self._entries and (len(self._entries) >= MAX_ENTRIES or self._held + entry.memory > self._memory):
                self._drop(next(iter(self._entries)))
            self._entries[path] = entry
            self._held += entry.memory

    def forget(self, path: str) -> None:
        """Know nothing of a path any more."""
        with self._lock:
            self._drop(path)

    def _drop(self, path: str) -> None:
        entry = self._entries.pop(path, None)
        if entry is not None:
            self._held -= entry.memory
