"""Events are written so that every reader gives them back; the reader of the tests is held to another project's cases."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from martlet.http import BadEventError, format_comment, format_event
from martlet.testing import ReceivedEvent, read_events
from tests.rows import each
from tests.shared_cases import conformance

CASES: dict[str, Any] = conformance("http/sse/eventsource_parser.json")
LINE = st.text(alphabet=st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]))


def test_the_reader_gives_what_eventsource_parser_gave() -> None:
    wrong: list[str] = []
    for case in CASES["cases"]:
        last_id, expected = "", []
        for event in case["events"]:
            last_id = event.get("id", last_id)
            expected.append((event.get("event") or "message", event["data"]))
        stream = case["stream"].replace("\u00ef\u00bb\u00bf", "\ufeff")  # the mark was recorded as three letters
        given = [(event.event, event.data) for event in read_events(stream.encode("utf-8", "surrogatepass"))]
        if given != expected:
            wrong.append(f"{case['stream'][:60]!r}: {given} for {expected}")

    assert wrong == []
    assert len(CASES["cases"]) == 45


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])), LINE, LINE)
@example("", "", "")
@example("\ufeff: data: x\r\n\r\r\n\n", "\ufeff", " ")
@example(" two blanks", " x", "\u2028")
def test_whatever_is_written_is_read_back_with_its_line_breaks_as_lf(data: str, event: str, last_id: str) -> None:
    stream = format_comment("before") + format_event(data, event=event, id=last_id) + format_event("after")

    found, after = read_events(stream)
    assert found == ReceivedEvent(re.sub("\r\n|\r", "\n", data), event or "message", last_id)
    assert after == ReceivedEvent("after", "message", last_id)


@given(st.text())
def test_nothing_in_a_comment_becomes_an_event(text: str) -> None:
    assert read_events(format_comment(text) + format_event("x")) == [ReceivedEvent("x")]


@each(
    ("fields", "words"),
    [
        ({"event": "a\nb"}, "line break"),
        ({"event": "a\rb"}, "line break"),
        ({"id": "a\r\nb"}, "line break"),
        ({"id": "a\0b"}, "NUL"),
        ({"id": "7\ud800"}, "half a character"),
        ({"retry": -1}, "whole milliseconds"),
        ({"retry": 1.5}, "whole milliseconds"),
        ({"retry": True}, "whole milliseconds"),
        ({"retry": 2**31}, "whole milliseconds"),
    ],
    ids=str,
)
def test_a_field_that_would_be_read_as_another_is_refused(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(BadEventError, match=words):
        format_event("x", **fields)


def test_fields_stand_before_the_data() -> None:
    assert format_event("é", event="e", id="1", retry=500) == "event: e\nid: 1\nretry: 500\ndata: é\n\n".encode()
