"""Where work is done that blocks, such as writing to a disk: in a thread, or right here if nobody else waits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeAlias

Blocking: TypeAlias = Callable[..., Awaitable[Any]]


async def in_thread(call: Callable[..., Any], /, *arguments: Any, **named: Any) -> Any:
    """Call a function in a thread of the loop's own pool; it is called even if whoever waits is cancelled before."""
    return await asyncio.shield(asyncio.get_running_loop().run_in_executor(None, partial(call, *arguments, **named)))


async def right_here(call: Callable[..., Any], /, *arguments: Any, **named: Any) -> Any:
    """Call a function in this thread, without ever suspending; for a server's worker thread, which serves one request."""
    return call(*arguments, **named)
