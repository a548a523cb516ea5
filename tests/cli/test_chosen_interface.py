"""Which of Granian's protocols `martlet run` chooses: the one without back-pressure only where no route streams."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from click import ClickException

from martlet import App, Event, Limits, Response, Stream, StreamingResponse, WebSocket
from martlet.cli.inspecting import check_interface, read_facts
from martlet.cli.serving import COMMANDS, Settings
from tests.rows import each


@each(
    ("annotation", "interface"),
    [
        pytest.param(str, "rsgi", id="text"),
        pytest.param(Response, "rsgi", id="a response"),
        pytest.param(StreamingResponse, "asgi", id="a streaming response"),
        pytest.param(Response | StreamingResponse, "asgi", id="a streaming response among others"),
        pytest.param(Stream, "asgi", id="a stream"),
        pytest.param(AsyncIterator[Event[str]], "asgi", id="events"),
        pytest.param(Iterator[int], "asgi", id="items"),
    ],
)
def test_asgi_serves_what_streams(annotation: Any, interface: str) -> None:
    app = App()

    def answer() -> None: ...

    answer.__annotations__["return"] = annotation
    app.get("/")(answer)
    module = ModuleType("streaming_or_not")
    vars(module)["app"] = app
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "streaming_or_not", module)
        assert read_facts("streaming_or_not:app", str(Path.cwd())).interface == interface


def test_websockets_are_served_over_asgi_and_what_they_need_is_told() -> None:
    app = App(limits=Limits(message_bytes=20_000_000))

    @app.websocket("/chat", subprotocols=["v1"])
    async def chat(socket: WebSocket[str, str]) -> None: ...

    module = ModuleType("chatting")
    vars(module)["app"] = app
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "chatting", module)
        facts = read_facts("chatting:app", str(Path.cwd()))

    assert (facts.interface, facts.message_bytes, facts.subprotocols, facts.sessions) == ("asgi", 20_000_000, "/chat", None)
    assert "WebSocket" in facts.reason
    with pytest.raises(ClickException, match="subprotocol"):
        check_interface(facts, "rsgi")
    with pytest.raises(ClickException, match="WSGI"):
        check_interface(facts, "wsgi")
    settings = Settings("chatting:app", ".", "127.0.0.1", 8000, 1, reload=False, message_bytes=facts.message_bytes)
    assert "--ws-max-size 20000000" in " ".join(COMMANDS["uvicorn"](settings))
    assert "--websocket-max-message-size 20000000" in " ".join(COMMANDS["h2corn"](settings))
