"""Litestar: its channels plugin with the backend in memory, and ServerSentEvent."""

from collections.abc import AsyncGenerator

from litestar import Litestar, get, post
from litestar.channels import ChannelsPlugin
from litestar.channels.backends.memory import MemoryChannelsBackend
from litestar.response import ServerSentEvent
from msgspec import Struct


class News(Struct):
    """What is published."""

    text: str


plugin = ChannelsPlugin(backend=MemoryChannelsBackend(), channels=["news"])


async def events() -> AsyncGenerator[bytes, None]:
    async with plugin.start_subscription(["news"]) as subscriber:
        async for message in subscriber.iter_events():
            yield message


@get("/feed")
async def watch() -> ServerSentEvent:
    return ServerSentEvent(events())


@post("/publish", status_code=204)
async def publish(data: News) -> None:
    plugin.publish(data, "news")


app = Litestar([watch, publish], plugins=[plugin], openapi_config=None, logging_config=None)
