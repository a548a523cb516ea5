"""The application that Autobahn's cases are run against: what comes goes back."""

from typing import Any

from martlet import App, Limits, WebSocket

app = App(limits=Limits(message_bytes=17 * 1024 * 1024))  # the largest case is of 16 MiB


@app.websocket("/")
async def echo(socket: WebSocket[Any, Any]) -> None:
    async for message in socket:
        await socket.send(message)


app.freeze()
