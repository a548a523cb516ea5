"""The signals by which a process is told to end, heard beside the server, which goes on to handle them.

Only public ways are gone: whoever handles a signal is asked for by `signal.getsignal`, and called after us. That holds for the
handlers of asyncio and uvloop too, which wake their loop in another way and need the call for nothing.
"""

from __future__ import annotations

import asyncio
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any, Final, TypeAlias

Told: TypeAlias = Callable[[int], None]  # takes the signal's number
STOP_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)
ROUNDS: Final = 16  # WebSockets of uvicorn are told within two, as measured; Granian's loop stops within four behind its start


class StopSignal:
    """The handler of one signal: tells everybody who listens, then calls the handler that was there before.

    That one is called some rounds of the loop later, where a loop runs in the main thread: uvicorn closes WebSockets with 1012 as
    soon as it looks, which on a busy machine is before anything of ours has run. A second signal is not kept waiting.

    The process's table of handlers is the only place that knows it: a second listener finds it there and joins it.
    """

    def __init__(self, number: int, previous: Callable[[int, FrameType | None], Any]) -> None:
        """previous: the handler of the server."""
        self._number = number
        self._previous = previous
        self._listeners: list[Told] = []
        self._is_passing_on = False

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """Handle the signal."""
        for told in tuple(self._listeners):
            told(number)
        loop = _running_loop()
        if loop is None or self._is_passing_on:
            self._previous(number, frame)
        else:
            self._is_passing_on = True
            loop.call_soon_threadsafe(after_rounds, loop, self._pass_on)

    def _pass_on(self) -> None:
        self._is_passing_on = False
        self._previous(self._number, None)

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


def _running_loop() -> asyncio.AbstractEventLoop | None:
    """Give the loop that this thread runs; it need not be the one that whoever listens is on."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def after_rounds(loop: asyncio.AbstractEventLoop, call: Callable[[], object], rounds: int = ROUNDS) -> None:
    """Call this once the loop has made so many rounds; a run of it that is about to end ends before. On the loop."""
    if rounds:
        loop.call_soon(after_rounds, loop, call, rounds - 1)
    else:
        call()


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
