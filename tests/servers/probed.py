"""The application that the probe's malformed requests are sent to: it takes GET and POST, and tells what cookies it saw."""

from __future__ import annotations

from typing import Annotated, Any

from martlet import App, Body, Request

app = App()


@app.get("/")
async def greet() -> str:
    return "Hello"


@app.post("/")
async def repeat(content: Annotated[bytes, Body()]) -> bytes:
    return content


@app.get("/echo")
async def show_fields(request: Request) -> str:
    return "\n".join(f"{name}: {value}" for name, value in request.headers.items())


@app.get("/cookie")
async def show_cookies(request: Request) -> dict[str, Any]:
    return request.cookies
