"""What is written as events is read back by readers of other projects: eventsource-parser on Node, and httpx-sse."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from httpx_sse import EventSource
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from martlet import Event
from martlet.http import format_comment
from martlet.messages.streams.events import event_bytes

READER = Path(__file__).with_name("event_readers") / "read.js"
INSTALLED = Path(__file__).parents[2] / ".conformance" / "events"
TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]))
LINE = st.text(alphabet=st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT, lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner)
)
EVENTS: st.SearchStrategy[list[Event[Any]]] = st.lists(
    st.builds(
        Event,
        data=TEXT | JSON,
        event=st.none() | LINE.filter(bool),
        id=st.none() | LINE,
        retry=st.none() | st.integers(0, 2**31 - 1),
    ),
    max_size=6,
)
HOSTILE: list[Event[Any]] = [
    Event("\ufeff: x\r\n\r\r\n\n", event="\ufeff", id=" "),
    Event("", event="\u2028\x85\x0b", id=""),
    Event("id: 7\n\ndata: y\0", id="\U0001f426", retry=0),
]
Reader = Callable[[list[str]], dict[str, Any]]


def to_json(value: object) -> bytes:
    """Write data that is no text."""
    return json.dumps(value, ensure_ascii=False).encode()


def expected_data(event: Event[Any]) -> str:
    """What a reader must give: text with its line breaks as LF, anything else as JSON."""
    return re.sub("\r\n|\r", "\n", event.data) if isinstance(event.data, str) else to_json(event.data).decode()


@pytest.fixture(scope="module")
def eventsource_parser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """The parser of browsers' polyfills, in one process for all streams."""
    node = shutil.which("node")
    if node is None or not (INSTALLED / "node_modules").is_dir():
        pytest.skip("Node or eventsource-parser is absent: install Node, then run scripts/conformance events")
    folder = tmp_path_factory.mktemp("reader")
    for file in READER.parent.iterdir():
        shutil.copy(file, folder)
    (folder / "node_modules").symlink_to(INSTALLED / "node_modules")
    command = [node, str(folder / READER.name)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        sent, received = process.stdin, process.stdout
        assert sent is not None
        assert received is not None

        def read(pieces: list[str]) -> dict[str, Any]:
            sent.write(json.dumps(pieces).encode() + b"\n")
            sent.flush()
            answer: dict[str, Any] = json.loads(received.readline())
            return answer

        yield read
        sent.close()


@given(events=EVENTS, size=st.integers(1, 40))
@example(events=HOSTILE, size=1)
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_eventsource_parser_reads_what_is_written(eventsource_parser: Reader, events: list[Event[Any]], size: int) -> None:
    stream = "".join((format_comment() + event_bytes(event, to_json)).decode() for event in events)

    answer = eventsource_parser([stream[at : at + size] for at in range(0, len(stream), size)])
    expected: list[list[str | None]] = []
    for event in events:
        if event.retry is not None:
            expected.append(["(retry)", str(event.retry), None])
        expected.append([event.event, expected_data(event), event.id])
    assert answer == {"events": expected, "problems": []}


@given(EVENTS)
@example(HOSTILE)
@settings(deadline=None)
def test_httpx_sse_reads_what_is_written(events: list[Event[Any]]) -> None:
    stream = b"".join(event_bytes(event, to_json) for event in events)
    answer = httpx.Response(200, headers={"content-type": "text/event-stream"}, content=stream)

    read = [(each.event, each.data, each.id, each.retry) for each in EventSource(answer).iter_sse()]
    last_id, expected = "", []
    for event in events:
        last_id = last_id if event.id is None else event.id
        expected.append((event.event or "message", expected_data(event), last_id, event.retry))
    assert read == expected
