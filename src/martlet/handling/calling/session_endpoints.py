"""What stands around the endpoint of a route that asks for its session: found before the endpoint, kept after it.

It is kept before the answer is sent, so that what an answer tells the client has been kept.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from martlet.handling.calling.replaced_streams import close_stream
from martlet.handling.calling.threads import InThread
from martlet.handling.signatures.session_sources import SessionKeeper
from martlet.messages import Request, Response, Stream
from martlet.sessions import CookieSessions, StoredSessions

__all__ = ["with_session"]

Answer: TypeAlias = Callable[[Request], Awaitable[Response]]
Failed: TypeAlias = Callable[[Request, Exception], Awaitable[Response]]


def with_session(answer: Answer, sessions: SessionKeeper, failed: Failed, in_thread: InThread | None) -> Answer:
    """Put the session around an endpoint.

    in_thread: where a stream is closed whose session cannot be kept; None closes it right where the request is.
    """
    if isinstance(sessions, CookieSessions):
        return _in_cookie(answer, sessions, failed, in_thread)
    return _in_store(answer, sessions, failed, in_thread)


def _in_cookie(answer: Answer, sessions: CookieSessions, failed: Failed, in_thread: InThread | None) -> Answer:
    async def respond(request: Request) -> Response:
        sessions.begin(request)
        response = await answer(request)
        try:
            return sessions.finish(request, response)
        except Exception as error:  # noqa: BLE001  such as a session that is too large
            return sessions.marked(await _instead(request, response, error, failed, in_thread))

    return respond


def _in_store(answer: Answer, sessions: StoredSessions, failed: Failed, in_thread: InThread | None) -> Answer:
    async def respond(request: Request) -> Response:
        try:
            await sessions.begin(request)
        except Exception as error:  # noqa: BLE001  such as a store that is away
            return sessions.marked(await failed(request, error))
        response = await answer(request)
        try:
            return await sessions.finish(request, response)
        except Exception as error:  # noqa: BLE001
            return sessions.marked(await _instead(request, response, error, failed, in_thread))

    return respond


async def _instead(
    request: Request, response: Response, error: Exception, failed: Failed, in_thread: InThread | None
) -> Response:
    """Answer the error in place of a response, whose stream is closed."""
    if isinstance(response.body, Stream):
        await close_stream(response.body, in_thread)
    return await failed(request, error)
