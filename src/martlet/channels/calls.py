"""Readers that are told when something has come for them, rather than waiting for it."""

from __future__ import annotations

from asyncio import AbstractEventLoop
from typing import Final

from martlet.messages import Listener

CALLS_AT_ONCE: Final = 250  # of readers; then others have their turn


class Calls:
    """Who is to be told, in the order in which they came."""

    __slots__ = ("_has_begun", "_listeners", "_loop")

    def __init__(self, loop: AbstractEventLoop) -> None:
        """Tell nobody yet."""
        self._listeners: dict[object, Listener] = {}
        self._has_begun = False
        self._loop = loop

    def enter(self, reader: object, listener: Listener | None) -> None:
        """Tell this one from now on; None for not any more."""
        if listener is None:
            self._listeners.pop(reader, None)
        else:
            self._listeners[reader] = listener

    def begin(self) -> None:
        """Tell all of them soon; once for all that comes until then."""
        if self._listeners and not self._has_begun:
            self._has_begun = True
            self._loop.call_soon(self._call_all)

    def _call_all(self) -> None:
        self._has_begun = False
        self._call(tuple(self._listeners), 0)

    def _call(self, readers: tuple[object, ...], first: int) -> None:
        # PERF: a call for each, rather than a future and a step of a task: 5,000 readers take a third less.
        after = first + CALLS_AT_ONCE
        for reader in readers[first:after]:
            listener = self._listeners.get(reader)
            if listener is not None:
                listener.context.run(listener.tell)
        if after < len(readers):
            self._loop.call_soon(self._call, readers, after)
