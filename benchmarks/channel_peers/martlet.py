"""Martlet: a channel in memory, and a WebSocket that is sent what it brings, as in docs/channels.md."""

from collections.abc import AsyncGenerator

from msgspec import Struct

from martlet import App, WebSocket
from martlet.channels import Channel, Reset, Subscription


class News(Struct):
    """What is published."""

    text: str


class Told(Struct, tag="told"):
    """What is sent, with the id to come back with."""

    id: str | None
    text: str


class Missed(Struct, tag="missed"):
    """Something is missing."""

    id: str | None


app = App(checks_host=False, security_headers=None)
app.channel("news", News)


@app.websocket("/generated")
async def watch_through(socket: WebSocket[str, Told | Missed], channel: Channel[News]) -> None:
    async with channel.subscribe() as events, socket.sending(told(events)):
        async for _ in socket:
            pass


async def told(events: Subscription[News]) -> AsyncGenerator[Told | Missed, None]:
    async for event in events:
        if isinstance(event, Reset):
            yield Missed(event.id)
        else:
            yield Told(event.id, event.data.text)


@app.post("/publish")
async def publish(news: News, channel: Channel[News]) -> None:
    await channel.publish(news)
