"""A cancellation that a block of a task takes back: how whoever looks after a task ends what it waits for, and not the task."""

from __future__ import annotations

import asyncio

__all__ = ["Interruption"]


class Interruption:
    """One cancellation at a time of the task that makes this, told apart from those that others ask for, as by `asyncio.timeout`.

    `begin` is for whoever looks after the task; `open` and `end` are for the task, around each block. Where somebody else cancels
    the task too, in whatever order, theirs goes on.
    """

    __slots__ = ("_cancelling", "_has_begun", "_is_open", "_task")

    def __init__(self) -> None:
        """Take the present task, which has opened no block yet."""
        self._task = asyncio.current_task()
        self._cancelling = 0 if self._task is None else self._task.cancelling()
        self._is_open = self._has_begun = False

    def open(self) -> bool:
        """Begin a block; False where nothing can interrupt it, as a server has tasks that asyncio does not know."""
        self._is_open = self._task is not None
        return self._is_open

    def begin(self) -> bool:
        """Cancel the task where it waits; once in a block, so that no clean-up is interrupted, and never behind the block.

        False where it did not, such as for somebody else's cancellation that is under way: the task ends by that, or takes it
        back, as a timeout in the block does; so try again while the block lasts. Not for the task itself, which may raise.
        """
        if self._task is not None and self._is_open and not self._has_begun and self._task.cancelling() <= self._cancelling:
            self._has_begun = True
            self._task.cancel()
        return self._has_begun

    def end(self) -> bool:
        """End a block, and take the cancellation back; True where there was one, and nobody else has asked for another."""
        has_begun, self._has_begun, self._is_open = self._has_begun, False, False
        return has_begun and self._task is not None and self._task.uncancel() <= self._cancelling
