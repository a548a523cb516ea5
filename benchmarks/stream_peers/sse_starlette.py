"""Starlette with sse-starlette: EventSourceResponse over a queue for each client, the text written once by who publishes."""

import asyncio
import json
from collections.abc import AsyncIterator

from sse_starlette import EventSourceResponse
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

queues: set[asyncio.Queue[str]] = set()


async def events() -> AsyncIterator[dict[str, str]]:
    queue: asyncio.Queue[str] = asyncio.Queue()
    queues.add(queue)
    try:
        while True:
            yield {"data": await queue.get()}
    finally:
        queues.discard(queue)


async def watch(request: Request) -> Response:
    return EventSourceResponse(events())


async def publish(request: Request) -> Response:
    text = json.dumps(await request.json())
    for queue in queues:
        queue.put_nowait(text)
    return Response(status_code=204)


app = Starlette(routes=[Route("/feed", watch), Route("/publish", publish, methods=["POST"])])
