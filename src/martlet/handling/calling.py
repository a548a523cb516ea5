"""Calling now, or in a thread: one bounded pool per app, and the context variables of whoever asks."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import AsyncGenerator, Awaitable, Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager
from typing import Any, TypeAlias

InThread: TypeAlias = Callable[..., Awaitable[Any]]


def thread_pool(threads: int) -> Executor:
    """Make the pool that blocking functions run in; its threads start when they are needed."""
    return ThreadPoolExecutor(threads, thread_name_prefix="martlet")


def runner_in(threads: Executor) -> InThread:
    """Make the function `in_thread(call, *arguments)` for one pool."""

    async def in_thread(call: Callable[..., Any], *arguments: Any) -> Any:
        context = contextvars.copy_context()

        def called() -> Any:
            return context.run(call, *arguments)

        return await asyncio.get_running_loop().run_in_executor(threads, called)

    return in_thread


def opener_in(in_thread: InThread) -> Callable[[AbstractContextManager[Any]], AbstractAsyncContextManager[Any]]:
    """Make the function that enters and leaves a blocking context manager in a thread."""

    @asynccontextmanager
    async def opened_in_thread(manager: AbstractContextManager[Any]) -> AsyncGenerator[Any]:
        value = await in_thread(manager.__enter__)
        try:
            yield value
        except BaseException as error:
            if not await in_thread(manager.__exit__, type(error), error, error.__traceback__):
                raise
        else:
            await in_thread(manager.__exit__, None, None, None)

    return opened_in_thread
