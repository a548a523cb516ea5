"""Which of Granian's protocols `martlet run` chooses: the one without back-pressure only where no route streams."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from martlet import App, Event, Response, Stream, StreamingResponse
from martlet.cli.inspecting import read_facts
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
