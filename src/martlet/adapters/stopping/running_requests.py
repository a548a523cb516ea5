"""The requests that are under way, found when the process ends: a register of them would cost every request something."""

from __future__ import annotations

import asyncio
from types import FrameType
from typing import Any, Final

from martlet.messages import Request

# The outermost coroutine of a request: of the adapters, and of the endpoints that send by themselves.
OUTERMOST: Final = frozenset(
    {
        ("martlet.adapters.asgi.application", "_answering.<locals>.answer"),
        ("martlet.adapters.asgi.websocket", "serve_socket"),
        ("martlet.adapters.rsgi.application", "rsgi_application.<locals>.serve"),
        ("martlet.adapters.wsgi.exchange", "LoopPart._guarded"),
    }
)
GENERATED: Final = "<endpoint "
DEEPEST: Final = 100  # coroutines of a server and of what stands between it and us


def running_requests(loop: asyncio.AbstractEventLoop) -> set[asyncio.Task[Any]]:
    """Give the tasks of a loop that answer a request, other than this one; a request that never waits is not among them."""
    current = asyncio.current_task(loop)
    return {task for task in asyncio.all_tasks(loop) if task is not current and _frame(task) is not None}


def description(task: asyncio.Task[Any]) -> str:
    """Name the request that a task answers, as `GET /books`."""
    frame = _frame(task)
    known = {} if frame is None else frame.f_locals
    request = known.get("request")
    if isinstance(request, Request):
        return f"{request.method} {ascii(request.path)[1:-1]}"
    return f"{known['method']} {ascii(known['path'])[1:-1]}" if "path" in known else "a request"


def _frame(task: asyncio.Task[Any]) -> FrameType | None:
    """Give the frame of our coroutine that answers a request, if it is among those that the task waits for."""
    coroutine: Any = task.get_coro()
    for _ in range(DEEPEST):
        frame: FrameType | None = getattr(coroutine, "cr_frame", None) or getattr(coroutine, "gi_frame", None)
        if frame is None:
            return None
        code = frame.f_code
        if code.co_filename.startswith(GENERATED) or (frame.f_globals.get("__name__"), code.co_qualname) in OUTERMOST:
            return frame
        coroutine = getattr(coroutine, "cr_await", None) or getattr(coroutine, "gi_yieldfrom", None)
    return None
