"""Martlet: a channel in memory, and a WebSocket that is sent what it brings, as in docs/channels.md."""

from typing import Any

from msgspec import Struct

from martlet import App, Event, WebSocket
from martlet.channels import Channel, Reset


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
    async with channel.subscribe() as events, socket.sending(events, told):
        async for _ in socket:
            pass


def told(event: Event[Any]) -> Told | Missed:
    return Missed(event.id) if isinstance(event, Reset) else Told(event.id, event.data.text)


@app.post("/publish")
async def publish(news: News, channel: Channel[News]) -> None:
    await channel.publish(news)
