"""What becomes of a streamed answer that a middleware puts another answer in the place of.

Put aside for an answer that is no stream, it is closed, and what it held is released, before that answer is sent. A new stream
is taken to be made of it, as a compressed one is, so it holds what the old one held until its own end.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Any, TypeAlias

from martlet.handling.calling.provider_stacks import AsyncProviderStack
from martlet.handling.calling.threads import InThread, waited_out
from martlet.messages import Held, Request, Respond, Response, Stream

Exit: TypeAlias = Callable[[type[BaseException] | None, BaseException | None, TracebackType | None], Awaitable[Any]]
Settle: TypeAlias = Callable[[Request, Response | None], Awaitable[None]]


def noting_streams(respond: Respond) -> Respond:
    """Make the Respond that remembers, on the request, the stream it answers with."""

    async def noting(request: Request) -> Response:
        response = await respond(request)
        if isinstance(response.body, Stream):
            request.extras.streams.append(response.body)
        return response

    return noting


def settling_in(in_thread: InThread | None) -> Settle:
    """Make the function that settles what becomes of the streams given to a middleware, and remembers the one it gave.

    in_thread: where blocking clean-up goes; None leaves it right where the request is.
    """

    async def settle(request: Request, response: Response | None) -> None:
        streams = request.extras.streams
        given, new = list(streams), None if response is None else response.body
        streams.clear()
        is_one_of_them = any(old is new for old in given)
        async with AsyncProviderStack() as stack:
            for old in given:
                if isinstance(new, Stream) and not is_one_of_them:
                    _carry(old, new, in_thread)
                elif old is not new:
                    stack.push_async_callback(close_stream, old, in_thread)
        if isinstance(new, Stream):
            streams.append(new)

    return settle


def _carry(old: Stream, new: Stream, in_thread: InThread | None) -> None:
    if old.held is None or new.held is old.held:
        return
    if new.held is None:
        new.held = old.held
        return
    both = AsyncProviderStack()
    both.push_async_exit(_exit(old.held, in_thread))
    both.push_async_exit(_exit(new.held, in_thread))
    new.held = both


async def close_stream(stream: Stream, in_thread: InThread | None) -> None:
    """Close a stream that will not be sent, and release what it holds."""
    async with AsyncProviderStack() as stack:
        if stream.held is not None:
            stack.push_async_exit(_exit(stream.held, in_thread))
        closing = getattr(stream.chunks, "aclose" if isinstance(stream.chunks, AsyncIterable) else "close", None)
        if closing is None:
            return
        if isinstance(stream.chunks, AsyncIterable):
            await closing()
        elif in_thread is None:
            closing()
        else:
            await waited_out(in_thread(closing))


def _exit(held: Held, in_thread: InThread | None) -> Exit:
    """Make what leaves a context manager that may be a blocking one."""
    if isinstance(held, AbstractAsyncContextManager):
        return held.__aexit__

    async def leave(kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> Any:
        if in_thread is None:
            return held.__exit__(kind, error, trace)
        return await waited_out(in_thread(held.__exit__, kind, error, trace))

    return leave
