"""The end of an application, from the first word of it to the deadline: what runs may finish, nothing new is to begin."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

__all__ = ["LAST_WORD_SECONDS", "Draining"]

LAST_WORD_SECONDS: Final = 1.0  # for a client to take that a stream or a WebSocket ends; who takes nothing is not waited for


class Draining:
    """Whether an application is about to end, and how long what still runs may take.

    >>> draining = Draining(10)
    >>> draining.is_draining, draining.seconds_left
    (False, 10)
    >>> draining.begin()
    >>> draining.is_draining, 9 < draining.seconds_left <= 10
    (True, True)
    >>> draining.hurry()
    >>> draining.seconds_left
    0.0
    """

    __slots__ = ("_calls", "_deadline", "seconds")

    def __init__(self, seconds: float) -> None:
        """seconds: from the beginning to the deadline."""
        self.seconds: Final = seconds
        self._calls: list[Callable[[], None]] = []
        self._deadline: float | None = None  # by the monotonic clock, which every loop and thread of a process shares

    @property
    def is_draining(self) -> bool:
        """Whether the application is about to end."""
        return self._deadline is not None

    @property
    def seconds_left(self) -> float:
        """Until the deadline, or all of them where nothing has begun; never below 0."""
        return self.seconds if self._deadline is None else max(0.0, self._deadline - time.monotonic())

    def begin(self) -> None:
        """Begin; a second call leaves the deadline where it is."""
        if self._deadline is None:
            self._deadline = time.monotonic() + self.seconds

    def on_begin(self, call: Callable[[], None]) -> None:
        """Have this called on the application's loop each time that it has begun to end; it raises nothing."""
        self._calls.append(call)

    def tell(self) -> None:
        """Call those who are to know, once streams have been told; on the application's loop."""
        for call in self._calls:
            call()

    def hurry(self) -> None:
        """Make this moment the deadline."""
        self._deadline = time.monotonic()

    def forget(self) -> None:
        """Nothing is about to end: the application begins anew."""
        self._deadline = None
