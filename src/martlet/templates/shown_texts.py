"""Texts that no file has, where tracebacks find their lines; each goes once the last template that was made of it has gone.

It is taken away when the next one comes, and not by the garbage collector itself, which may run while somebody goes through all
of them: linecache.checkcache does whenever a traceback is written, and would raise KeyError.
"""

from __future__ import annotations

import linecache
from collections import deque
from threading import Lock
from typing import Any, Final
from weakref import WeakValueDictionary, finalize

__all__ = ["ShownText", "show_text"]


class ShownText:
    """Kept by what was made of a text; `filename` is what the text's lines are found by."""

    __slots__ = ("__weakref__", "filename")

    def __init__(self, filename: str) -> None:
        self.filename = filename


_SHOWN: Final[WeakValueDictionary[tuple[str, str], ShownText]] = WeakValueDictionary()
_GONE: Final[deque[tuple[str, Any]]] = deque()
_LOCK: Final = Lock()


def show_text(filename: str, text: str) -> ShownText:
    """Have tracebacks find the lines of a text for as long as what this gives is kept."""
    with _LOCK:
        while _GONE:
            _forget(*_GONE.popleft())
        found = _SHOWN.get((filename, text))
        if found is None or filename not in linecache.cache:
            found = _SHOWN[filename, text] = ShownText(filename)
            entry = (len(text), None, text.splitlines(keepends=True), filename)
            linecache.cache[filename] = entry
            finalize(found, _GONE.append, (filename, entry)).atexit = False
    return found


def _forget(filename: str, entry: Any) -> None:
    """Take the lines away, if they still are those of this text."""
    if linecache.cache.get(filename) is entry:
        linecache.cache.pop(filename, None)
