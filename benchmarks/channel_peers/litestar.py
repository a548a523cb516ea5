"""Litestar: its channels plugin with the backend in memory, by the two forms that its documentation has for WebSockets."""

from litestar import Litestar, WebSocket, post, websocket
from litestar.channels import ChannelsPlugin
from litestar.channels.backends.memory import MemoryChannelsBackend
from msgspec import Struct


class News(Struct):
    """What is published."""

    text: str


plugin = ChannelsPlugin(backend=MemoryChannelsBackend(), channels=["news"], create_ws_route_handlers=True)


@websocket("/iterated")
async def watch(socket: WebSocket) -> None:
    await socket.accept()
    async with plugin.start_subscription(["news"]) as subscriber:
        async for message in subscriber.iter_events():
            await socket.send_text(message)


@post("/publish", status_code=204)
async def publish(data: News) -> None:
    plugin.publish(data, "news")


app = Litestar([watch, publish], plugins=[plugin], openapi_config=None, logging_config=None)
