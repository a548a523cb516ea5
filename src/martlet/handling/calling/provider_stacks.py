"""Stacks of what providers opened; leaving one never makes an exception disappear, since nothing else could be answered.

A provider that catches what is thrown into it at its yield, to roll back, and does not raise it again, has still rolled back;
the exception goes on to whoever answers it.
"""

from __future__ import annotations

import asyncio
import types
from collections.abc import Callable, Coroutine, Generator
from contextlib import AsyncExitStack, ExitStack
from functools import partial
from types import TracebackType
from typing import Any, Final, TypeVar

T = TypeVar("T")

CAUGHT: Final = "A provider, or what a stream held, caught this and did not raise it again."


class ProviderStack(ExitStack[bool | None]):
    """Leaves plain providers."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Leave all, the last first; the exception goes on."""
        if super().__exit__(kind, error, trace):
            note(error)


class AsyncProviderStack(AsyncExitStack[bool | None]):
    """Leaves plain and asynchronous providers."""

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Leave all, the last first; the exception goes on."""
        if await to_its_end(super().__aexit__(kind, error, trace)):
            note(error)


@types.coroutine
def to_its_end(clean_up: Coroutine[Any, Any, T]) -> Generator[Any, Any, T]:
    """Await a clean-up in this very task; one cancellation meanwhile comes after it, and a second one gets through to it.

    A server may cancel a request that is ending already, since its client has left; what the clean-up closes would stay open.
    """
    cancelled: asyncio.CancelledError | None = None
    step: Callable[[], Any] = partial(clean_up.send, None)
    while True:
        try:
            pending = step()
        except StopIteration as done:
            if cancelled is not None:
                raise cancelled from None
            result: T = done.value
            return result
        step = partial(clean_up.send, None)
        try:
            yield from _waited_for(pending)
        except asyncio.CancelledError as error:
            if cancelled is not None:
                step = partial(clean_up.throw, error)
            elif pending is not None:
                step = partial(_again, pending)
            cancelled = error
        except BaseException as error:  # noqa: BLE001  such as GeneratorExit, of a loop that ends
            step = partial(clean_up.throw, error)


def _waited_for(pending: asyncio.Future[Any] | None) -> Generator[Any, Any, None]:
    if pending is None:
        yield
    elif not pending.done():
        yield from asyncio.wait([pending]).__await__()  # which leaves it alone when it is cancelled itself


def _again(pending: asyncio.Future[Any]) -> asyncio.Future[Any]:
    return pending


def note(error: BaseException | None) -> None:
    """Tell whoever reads the log where the exception has been; once, for one that is raised again and again."""
    if error is not None and CAUGHT not in getattr(error, "__notes__", ()):
        error.add_note(CAUGHT)
