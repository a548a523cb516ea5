"""A second Frozen in the first one's place for the length of a block, started and stopped with it; for tests.

Where the app runs already, what has nothing to do with the overridden type runs on, and its values are shared; the rest is
made anew on the app's own loop, and released at the block's end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager, suppress
from types import TracebackType
from typing import Any, TypeAlias

from martlet.handling.calling.lifespan import AppLifespan

Running: TypeAlias = Callable[[], AppLifespan | None]


class Override:
    """A block in which an app supplies a value of a test's own: `with`, or `async with` on the loop that the app runs on."""

    def __init__(self, replacing: AbstractContextManager[Running]) -> None:
        """replacing: puts the second Frozen in place and takes it away; gives what tells its lifespan, None if not frozen."""
        self._replacing = replacing
        self._lifespan: Running | None = None

    def __enter__(self) -> None:
        """Begin; raises FreezeError where the app runs and cannot do so with the value, and what its start raises."""
        lifespan = self._begin()
        if lifespan is not None:
            try:
                _finish(lifespan, lifespan.start)
            except BaseException as error:
                self._put_back(error)
                raise

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """End, and stop what was started for the block."""
        lifespan = self._end(error)
        if lifespan is not None:
            _finish(lifespan, lifespan.stop)

    async def __aenter__(self) -> None:
        """Begin, as `with` does."""
        lifespan = self._begin()
        if lifespan is not None:
            try:
                await _finish_here(lifespan, lifespan.start)
            except BaseException as error:
                self._put_back(error)
                raise

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """End, as `with` does."""
        lifespan = self._end(error)
        if lifespan is not None:
            await _finish_here(lifespan, lifespan.stop)

    def _begin(self) -> AppLifespan | None:
        """Put the second Frozen in place; give its lifespan if it is to be started at once."""
        self._lifespan = self._replacing.__enter__()
        return self._lifespan()

    def _end(self, error: BaseException | None) -> AppLifespan | None:
        """Put the first Frozen back; give the second one's lifespan if it runs still."""
        lifespan = None if self._lifespan is None else self._lifespan()
        self._put_back(error)
        return lifespan if lifespan is not None and lifespan.is_running else None

    def _put_back(self, error: BaseException | None) -> None:
        details = (None, None, None) if error is None else (type(error), error, error.__traceback__)
        self._replacing.__exit__(*details)


def _finish(lifespan: AppLifespan, act: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Start or stop on the lifespan's loop, from wherever this is; raises RuntimeError on that loop if it would have to wait."""
    loop, here = lifespan.loop, None
    with suppress(RuntimeError):
        here = asyncio.get_running_loop()
    if here is not None and here is loop:
        if lifespan.may_suspend:
            raise RuntimeError("The app runs on this very loop, and `with` would block it: write `async with app.override(…)`.")
        with suppress(StopIteration):
            act().send(None)
    elif loop is not None and loop.is_running():
        asyncio.run_coroutine_threadsafe(act(), loop).result()
    elif loop is not None and not loop.is_closed():
        loop.run_until_complete(act())
    else:  # its loop has gone before it
        asyncio.run(act())


async def _finish_here(lifespan: AppLifespan, act: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Start or stop on the lifespan's loop, which may be another than this one."""
    loop = lifespan.loop
    if loop is None or loop is asyncio.get_running_loop() or not loop.is_running():
        await act()
    else:
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(act(), loop))
