"""The signals by which a process is told to end, heard beside the server, which goes on to handle them.

Only public ways are gone: whoever handles a signal is asked for by `signal.getsignal`, and called after us. That holds for the
handlers of asyncio and uvloop too, which wake their loop in another way and need the call for nothing.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any, Final, TypeAlias

Told: TypeAlias = Callable[[int], None]  # takes the signal's number
STOP_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


class StopSignal:
    """The handler of one signal: tells everybody who listens, then calls the handler that was there before.

    The process's table of handlers is the only place that knows it: a second listener finds it there and joins it.
    """

    def __init__(self, number: int, previous: Callable[[int, FrameType | None], Any]) -> None:
        """previous: the handler of the server."""
        self._number = number
        self._previous = previous
        self._listeners: list[Told] = []

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """Handle the signal."""
        for told in tuple(self._listeners):
            told(number)
        self._previous(number, frame)

    def add(self, told: Told) -> None:
        """Tell this one too; twice is once."""
        if told not in self._listeners:
            self._listeners.append(told)

    def remove(self, told: Told) -> None:
        """Tell it no more; the last one puts the former handler back, unless somebody has put another one there meanwhile."""
        if told in self._listeners:
            self._listeners.remove(told)
        present: object = signal.getsignal(self._number)
        if not self._listeners and in_main_thread() and present is self:
            signal.signal(self._number, self._previous)


def listen(told: Told, numbers: tuple[int, ...] = STOP_SIGNALS) -> list[StopSignal]:
    """Have `told` called in the main thread, at once, when one of the signals comes; give what `unlisten` takes.

    There is nothing to hear outside of the main thread, and where nobody handles a signal: it would no longer end the process.
    """
    if not in_main_thread():
        return []
    heard: list[StopSignal] = []
    for number in numbers:
        handler = _joined(number)
        if handler is not None:
            handler.add(told)
            heard.append(handler)
    return heard


def _joined(number: int) -> StopSignal | None:
    """Give the handler of a signal that listeners can join, put there if need be."""
    present = signal.getsignal(number)
    if isinstance(present, StopSignal):
        return present
    if not callable(present):
        return None
    handler = StopSignal(number, present)
    signal.signal(number, handler)
    return handler


def unlisten(told: Told, heard: list[StopSignal]) -> None:
    """Undo `listen`."""
    for each in heard:
        each.remove(told)


def hold_back() -> None:
    """Keep the signals waiting for this thread, until somebody listens and lets them through."""
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)


def are_held_back() -> bool:
    """Whether the signals wait, and this is the main thread."""
    return sys.platform != "win32" and in_main_thread() and signal.pthread_sigmask(signal.SIG_BLOCK, ()).issuperset(STOP_SIGNALS)


def let_through() -> None:
    """Hold the signals back no longer: those that have come are handled now."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)


def is_handled(number: int) -> bool:
    """Whether somebody handles a signal, and this is the main thread, so that it can be heard."""
    return in_main_thread() and callable(signal.getsignal(number))


def in_main_thread() -> bool:
    """Whether this thread is the one that signals are handled in."""
    return threading.current_thread() is threading.main_thread()
