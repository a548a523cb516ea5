"""What must happen around os.fork() to those who hold locks or files: a child gets copies of both, but no other thread."""

from __future__ import annotations

import os
import threading
from typing import Protocol
from weakref import WeakSet


class Forkable(Protocol):
    """Somebody who is told of forks, in the process that forks and in the one that comes of it."""

    def before_fork(self) -> None:
        """Come to rest, and stay so."""
        ...

    def after_fork_in_parent(self) -> None:
        """Go on."""
        ...

    def after_fork_in_child(self) -> None:
        """Begin anew, without the threads."""
        ...


_told: WeakSet[Forkable] = WeakSet()
_resting: list[Forkable] = []  # only those who came to rest may go on
_telling = threading.Lock()


def tell_of_forks(one: Forkable) -> None:
    """Tell this one of every fork, for as long as it lives."""
    with _telling:
        _told.add(one)


def _before() -> None:
    _telling.acquire()
    _resting[:] = _told
    for one in _resting:
        one.before_fork()


def _after_in_parent() -> None:
    for one in _resting:
        one.after_fork_in_parent()
    _resting.clear()
    _telling.release()


def _after_in_child() -> None:
    for one in _resting:
        one.after_fork_in_child()
    _resting.clear()
    _telling.release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before, after_in_parent=_after_in_parent, after_in_child=_after_in_child)
