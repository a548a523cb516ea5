r"""Read a text/event-stream as a browser does (HTML, "Server-sent events", section "Interpreting an event stream")."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["ReceivedEvent", "read_events"]

_LINES = re.compile(r"([^\r\n]*)(?:\r\n|\r|\n)")


@dataclass(frozen=True, slots=True)
class ReceivedEvent:
    """An event that was dispatched; `id` is the last one that was named, here or before."""

    data: str
    event: str = "message"
    id: str = ""


def read_events(content: bytes) -> list[ReceivedEvent]:
    r"""Give the events of a stream; what stands behind the last empty line is none yet.

    >>> read_events(b"id: 7\ndata: swift\ndata: swallow\n\n: still here\n\ndata: half")
    [ReceivedEvent(data='swift\nswallow', event='message', id='7')]
    """
    text = content.decode("utf-8", "replace").removeprefix("\ufeff")
    found: list[ReceivedEvent] = []
    data: list[str] = []
    event = last_id = ""
    for line in _LINES.findall(text):
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if not line:
            if data:
                found.append(ReceivedEvent("\n".join(data), event or "message", last_id))
            data, event = [], ""
        elif name == "data":
            data.append(value)
        elif name == "event":
            event = value
        elif name == "id" and "\0" not in value:
            last_id = value
    return found
