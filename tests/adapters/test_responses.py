"""Responses and prepared fields: what must not reach a server is refused at the line that makes it."""

from __future__ import annotations

from typing import Any

import pytest
from markupsafe import Markup

from martlet.http import BadHeaderError
from martlet.messages import PreparedHeaders, Response, Stream
from martlet.rendering import HTML
from tests.rows import each


class Label(str):
    __slots__ = ()


@each("status", [-1, 0, 99, 100, 103, 199, 600, 999, 1000, 70_000])
def test_a_status_that_ends_no_exchange_is_refused(status: int) -> None:
    with pytest.raises(ValueError, match="use one from 200 to 599"):
        Response("", status=status)


@each("content", [bytearray(b"x"), memoryview(b"x"), ["x"], {"a": 1}, 7, None, iter(())])
def test_content_of_no_shape_is_refused_with_the_cure(content: Any) -> None:
    with pytest.raises(TypeError, match=r"wrap chunks in Stream"):
        Response(content)


@each(
    ("content", "media_type"),
    [
        pytest.param("text", "text/plain; charset=utf-8", id="text"),
        pytest.param(HTML("<p>"), "text/html; charset=utf-8", id="markup"),
        pytest.param(Markup("<p>"), "text/html; charset=utf-8", id="markup of another library"),
        pytest.param(Label("text"), "text/plain; charset=utf-8", id="a kind of text"),
        pytest.param(b"bytes", "application/octet-stream", id="bytes"),
        pytest.param(Stream([]), "application/octet-stream", id="a stream"),
        pytest.param(b"", None, id="nothing"),
    ],
)
def test_the_content_implies_its_type(content: Any, media_type: str | None) -> None:
    assert Response(content).headers.get("content-type") == media_type


def test_a_type_of_ones_own_wins() -> None:
    assert Response("{}", headers={"content-type": "application/json"}).headers["content-type"] == "application/json"
    assert Response("{}", media_type="application/json").headers["content-type"] == "application/json"


def test_changing_the_fields_of_one_response_leaves_the_next_alone() -> None:
    first = Response("text")

    first.headers["content-type"] = "text/markdown"

    assert Response("text").headers["content-type"] == "text/plain; charset=utf-8"


def test_prepared_fields_are_ascii_since_servers_disagree_about_the_rest() -> None:
    with pytest.raises(BadHeaderError, match="must be ASCII"):
        PreparedHeaders([("x-name", "Zoë")])
