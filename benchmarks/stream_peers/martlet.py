"""Martlet: a channel in memory, and a handler that gives a subscription of it."""

import os
from collections.abc import AsyncIterator

from msgspec import Struct

from martlet import App, Event
from martlet.channels import Channels, CoalesceBy, DropOldest, DropReader, Window


class News(Struct):
    """What is published."""

    text: str


def about(news: News) -> str:
    return news.text[:1]


POLICIES = {"oldest": DropOldest(), "reader": DropReader(), "key": CoalesceBy(about)}
app = App(checks_host=False, security_headers=None)
channels = Channels()
feed = channels.channel("news", News, window=Window(count=100), slow=POLICIES[os.environ.get("SLOW_READERS", "oldest")])


@app.lifespan
async def open_channels() -> AsyncIterator[None]:
    async with channels:
        yield


@app.get("/feed")
async def watch() -> AsyncIterator[Event[News]]:
    return feed.subscribe()


@app.get("/generated")
async def watch_through() -> AsyncIterator[Event[News]]:
    async with feed.subscribe() as events:
        async for event in events:
            yield event


@app.post("/publish")
async def publish(news: News) -> None:
    await feed.publish(news)
