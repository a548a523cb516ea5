"""An event is written once, for all who receive the same object; nobody sees that in it."""

from __future__ import annotations

import copy
import json
import pickle
from dataclasses import fields, replace
from typing import Any

import msgspec
import pytest

from martlet import Event
from martlet.messages import event_bytes


class Writer:
    """Counts how often it is asked."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, value: Any) -> bytes:
        self.calls += 1
        return json.dumps(value).encode()


def test_an_event_is_written_once_for_all_its_receivers() -> None:
    event, writer = Event({"bird": "swift"}, id="7"), Writer()

    written = [event_bytes(event, writer) for _ in range(100)]

    assert set(written) == {b'id: 7\ndata: {"bird": "swift"}\n\n'}
    assert written[0] is written[99]
    assert writer.calls == 1


def test_another_writer_is_asked_anew() -> None:
    event = Event([1, 2])

    assert event_bytes(event, Writer()) == b"data: [1, 2]\n\n"
    assert event_bytes(event, msgspec.json.encode) == b"data: [1,2]\n\n"


def test_what_is_no_event_is_written_each_time() -> None:
    data, writer = {"count": 1}, Writer()
    assert event_bytes(data, writer) == b'data: {"count": 1}\n\n'
    data["count"] = 2
    assert event_bytes(data, writer) == b'data: {"count": 2}\n\n'


def test_nothing_of_it_shows_in_the_event() -> None:
    event, same = Event("seen", event="note"), Event("seen", event="note")
    event_bytes(event, Writer())

    assert (event, hash(event), repr(event)) == (same, hash(same), repr(same))
    assert [field.name for field in fields(event)] == ["data", "event", "id", "retry"]
    assert msgspec.json.encode(event) == msgspec.json.encode(same)
    for copied in (copy.copy(event), pickle.loads(pickle.dumps(event)), replace(event)):  # noqa: S301  our own bytes
        assert copied == event
    assert event_bytes(replace(event, data="heard"), Writer()) == b"event: note\ndata: heard\n\n"


def test_an_event_may_name_its_type_and_stays_as_it_is() -> None:
    event = Event[int](7, id="1")

    assert (event.data, event.id) == (7, "1")
    for name in ("data", "other"):
        with pytest.raises(AttributeError, match=f"cannot assign to field '{name}'"):
            setattr(event, name, 8)
