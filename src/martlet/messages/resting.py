"""A task at rest: what comes for it is written by whoever brings it, as a part of it; it is woken where it must go on.

The write takes its first step at once; if it suspends, since the client is slow, the task goes on with it. So one thing is
written before the next one is taken, and everything of a request runs in its task.
"""

from __future__ import annotations

import asyncio
import types
from asyncio.tasks import _enter_task, _leave_task  # pyright: ignore[reportPrivateUsage]  documented for those who extend asyncio
from collections.abc import Awaitable, Coroutine, Generator
from types import CoroutineType
from typing import Any, Final, TypeAlias, TypeVar, cast

from martlet.messages.streams.items import News

__all__ = ["AT_ONCE", "Resting", "Suspended", "begun", "resumed"]

T = TypeVar("T")
Suspended: TypeAlias = tuple[Coroutine[Any, Any, Any], object]  # a write, and what it waits for
COROUTINE: Final[type] = CoroutineType
AT_ONCE: Final = 64  # that were there before; behind them the task has its turn, which lets the loop have its own


class Resting:
    """For a class of its own slots: a task `_task` that waits for `_turn`, and `_news` of which it is told."""

    __slots__ = ()
    _news: News
    _task: Any
    _turn: asyncio.Future[Suspended | None] | None

    def _writing(self, item: object) -> Awaitable[Any] | None:
        """Begin to write an item; None where there is nothing to write of it."""
        raise NotImplementedError

    def _write_news(self, loop: asyncio.AbstractEventLoop) -> None:
        """Write what has come, and give the task its turn where it must go on; raises nothing."""
        task = self._task
        _enter_task(loop, task)
        try:
            self._take_steps()
        except StopAsyncIteration:
            self._give_turn(None)  # the task meets it again
        except BaseException as error:  # noqa: BLE001  the task's, as any that it would have met itself
            if self._turn is not None and not self._turn.done():
                self._turn.set_exception(error)
        finally:
            _leave_task(loop, task)

    def _take_steps(self) -> None:
        news, writing_of = self._news, self._writing
        for _ in range(AT_ONCE):
            item = news.take_now()
            if item is None:
                return
            writing = writing_of(item)
            if writing is not None and (suspended := begun(writing)) is not None:
                self._give_turn(suspended)
                return
            if not news.may_have_more:
                return
        self._give_turn(None)

    def _give_turn(self, suspended: Suspended | None) -> None:
        """Wake the task, unless something else has: a write may end what it belongs to."""
        if self._turn is not None and not self._turn.done():
            self._turn.set_result(suspended)
        elif suspended is not None:
            suspended[0].close()

    def _end_rest(self) -> Suspended | None:
        """Give the write that the task has to go on with; nothing is written for it any more."""
        turn, self._turn = self._turn, None  # type: ignore[misc]  # a slot of whoever rests
        if turn is None:
            return None
        return turn.result() if turn.done() and not turn.cancelled() and turn.exception() is None else None


def begun(work: Awaitable[Any]) -> Suspended | None:
    """Take the first step of some work; None where that was all of it."""
    coroutine: Any = work if type(work) is COROUTINE else _waiting_for(work)
    try:
        pending = coroutine.send(None)
    except StopIteration:
        return None
    return coroutine, pending


@types.coroutine
def resumed(work: Coroutine[Any, Any, T], pending: object) -> Generator[Any, Any, T]:
    """Go on with a coroutine that has suspended, and has given `pending` to whoever took the step."""
    while True:
        try:
            yield pending
        except BaseException as error:  # noqa: BLE001  the coroutine's to decide, such as a cancellation
            try:
                pending = work.throw(error)
            except StopIteration as done:
                result: T = done.value
                return result
        else:
            break
    awaiting = cast("Generator[Any, Any, T]", work)  # which `yield from` takes here as if it were one
    return (yield from awaiting)


async def _waiting_for(work: Awaitable[Any]) -> Any:
    return await work
