r"""Read a text/event-stream as a browser does (HTML, "Server-sent events", section "Interpreting an event stream")."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import Any

import msgspec

__all__ = ["EventReader", "ReceivedEvent", "read_events"]

_LINES = re.compile(r"([^\r\n]*)(?:\r\n|\r|\n)")


@dataclass(frozen=True, slots=True)
class ReceivedEvent:
    """An event that was dispatched; `id` is the last one that was named, here or before.

    retry: in milliseconds, where this event named one.

    >>> ReceivedEvent('{"bird":"swift"}').json()
    {'bird': 'swift'}
    """

    data: str
    event: str = "message"
    id: str = ""
    retry: int | None = None

    def json(self) -> Any:
        """The data as JSON; raises msgspec.DecodeError for what is none."""
        return msgspec.json.decode(self.data)


class EventReader:
    r"""Reads a stream as it comes, cut anywhere; last_id: the last one that was named, by an event or by a block without data.

    >>> reader = EventReader()
    >>> reader.feed(b"id: 7\ndata: swi"), reader.feed(b"ft\n\n")
    ([], [ReceivedEvent(data='swift', event='message', id='7', retry=None)])
    """

    def __init__(self) -> None:
        """Begin before the first byte."""
        self.last_id = ""
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._begins = True
        self._after_return = False  # a line feed that comes next belongs to it
        self._rest: list[str] = []  # of a line that is not whole
        self._data: list[str] = []
        self._id = ""  # which counts from the end of its block on
        self._event = ""
        self._retry: int | None = None

    def feed(self, chunk: bytes) -> list[ReceivedEvent]:
        """Give the events that are whole now."""
        text = self._decoder.decode(chunk)
        if not text:
            return []
        if self._begins:
            self._begins, text = False, text.removeprefix("\ufeff")
        if self._after_return:
            text = text.removeprefix("\n")
        self._after_return = text.endswith("\r")
        end = max(text.rfind("\n"), text.rfind("\r")) + 1
        if not end:
            self._rest.append(text)
            return []
        whole, self._rest = "".join((*self._rest, text[:end])), [text[end:]]
        return [event for line in _LINES.findall(whole) if (event := self._take(line))]

    def _take(self, line: str) -> ReceivedEvent | None:
        if not line:
            return self._dispatched()
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        match name:
            case "data":
                self._data.append(value)
            case "event":
                self._event = value
            case "id" if "\0" not in value:
                self._id = value
            case "retry" if value.isascii() and value.isdigit():
                self._retry = int(value[:9])
            case _:
                pass
        return None

    def _dispatched(self) -> ReceivedEvent | None:
        event, self.last_id = None, self._id
        if self._data:
            event = ReceivedEvent("\n".join(self._data), self._event or "message", self.last_id, self._retry)
        self._data, self._event, self._retry = [], "", None
        return event


def read_events(content: bytes) -> list[ReceivedEvent]:
    r"""Give the events of a stream; what stands behind the last empty line is none yet.

    >>> read_events(b"id: 7\ndata: swift\ndata: swallow\n\n: still here\n\ndata: half")
    [ReceivedEvent(data='swift\nswallow', event='message', id='7', retry=None)]
    """
    return EventReader().feed(content)
