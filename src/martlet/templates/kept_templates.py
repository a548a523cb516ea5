"""The templates that an engine keeps: those that were used last, and no more of them than it is told."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Generic, TypeVar

__all__ = ["KeptTemplates"]

T = TypeVar("T")


class KeptTemplates(Generic[T]):
    """Templates by a name or a text, for any number of threads; beyond `size` those go that were not used for longest.

    >>> kept = KeptTemplates[str](2)
    >>> for name in ("a", "b", "a", "c"):
    ...     _ = kept.find(name) or kept.keep(name, name.upper())
    >>> [kept.find(name) for name in "abc"]
    ['A', None, 'C']
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._templates: OrderedDict[Hashable, T] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._templates)

    def find(self, key: Hashable) -> T | None:
        """The template of this key, which is the one used last now. PERF: while there is much room, nobody asks for the order."""
        found = self._templates.get(key)
        if found is not None and len(self._templates) * 2 > self.size:
            with self._lock:
                if key in self._templates:
                    self._templates.move_to_end(key)
        return found

    def keep(self, key: Hashable, template: T) -> T:
        """Keep it in the place of another of this key; gives it."""
        with self._lock:
            self._templates[key] = template
            self._templates.move_to_end(key)
            while len(self._templates) > self.size:
                self._templates.popitem(last=False)
        return template
