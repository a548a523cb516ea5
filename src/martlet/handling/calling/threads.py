"""Calling now, or in a thread: one bounded pool per app, and the context variables of whoever asks."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import AsyncGenerator, Awaitable, Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, AbstractContextManager, AsyncExitStack, ExitStack, asynccontextmanager
from typing import Any, TypeAlias

from martlet.messages import Response, Stream

InThread: TypeAlias = Callable[..., Awaitable[Any]]


def thread_pool(threads: int) -> Executor:
    """Make the pool that blocking functions run in; its threads start when they are needed."""
    return ThreadPoolExecutor(threads, thread_name_prefix="martlet")


def runner_in(threads: Executor) -> InThread:
    """Make the function `in_thread(call, *arguments)` for one pool; `context` runs several calls in one context."""

    async def in_thread(call: Callable[..., Any], *arguments: Any, context: contextvars.Context | None = None) -> Any:
        own = context or contextvars.copy_context()

        def called() -> Any:
            try:
                return own.run(call, *arguments)
            except StopIteration as error:  # a Future refuses it, and whoever waits would wait for ever
                raise RuntimeError(f"{getattr(call, '__qualname__', call)} raised StopIteration.") from error

        return await asyncio.get_running_loop().run_in_executor(threads, called)

    return in_thread


def opener_in(in_thread: InThread) -> Callable[[AbstractContextManager[Any]], AbstractAsyncContextManager[Any]]:
    """Make the function that enters and leaves a blocking context manager in a thread, in one context."""

    @asynccontextmanager
    async def opened_in_thread(manager: AbstractContextManager[Any]) -> AsyncGenerator[Any]:
        context = contextvars.copy_context()
        value = await in_thread(manager.__enter__, context=context)
        try:
            yield value
        except BaseException as error:
            leaving = in_thread(manager.__exit__, type(error), error, error.__traceback__, context=context)
            if not await waited_out(leaving):
                raise
        else:
            await waited_out(in_thread(manager.__exit__, None, None, None, context=context))

    return opened_in_thread


async def waited_out(clean_up: Awaitable[Any]) -> Any:
    """Await a clean-up even if whoever asks is cancelled meanwhile: it may hold a transaction."""
    running = asyncio.ensure_future(clean_up)
    cancelled: asyncio.CancelledError | None = None
    while not running.done():
        try:
            await asyncio.shield(running)
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled
    return running.result()


def keep_open(stack: ExitStack | AsyncExitStack, response: Response) -> None:
    """Let a streamed answer hold what the stack holds, beside what it held before, until its last chunk."""
    body = response.body
    if not isinstance(body, Stream):
        return
    held, body.held = body.held, stack.pop_all()
    if held is None:
        return
    if isinstance(held, AbstractAsyncContextManager):
        both = AsyncExitStack()
        both.push(body.held) if isinstance(body.held, ExitStack) else both.push_async_exit(body.held)
        both.push_async_exit(held)
        body.held = both
    else:
        body.held.push(held)
