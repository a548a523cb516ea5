"""Handlers that give their value item by item: `-> AsyncIterator[Event[Change]]`, `-> Iterator[Row]`.

The items are sent as they come, in what the client takes: as events (text/event-stream), as lines of JSON (application/x-ndjson),
or as one JSON array. An array that breaks off is no JSON, so nobody takes it for whole.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Generator, Iterable, Iterator
from typing import Any, Final, cast, get_args, get_origin

from martlet.handling.answering.replies import Encode
from martlet.handling.answering.representations import Representation, RepresentationChoice
from martlet.handling.signatures.functions import union_members
from martlet.handling.signatures.type_kinds import type_name
from martlet.messages import (
    BARE,
    EVENT_ASIDES,
    EVENT_FIELDS,
    LINE_ASIDES,
    Event,
    Framing,
    News,
    Request,
    Response,
    Stream,
    as_chunks,
    event_bytes,
)
from martlet.rendering import Renderer, render_json

__all__ = ["data_type", "item_choice", "item_encoder", "item_type"]

ITERATORS: Final = (AsyncIterator, AsyncIterable, AsyncGenerator, Iterator, Generator)
EVENT_STREAM: Final = "text/event-stream"
LINES: Final = "application/x-ndjson"
ARRAY: Final = Framing(b"[", b",", b"]")


def item_type(annotation: Any) -> Any:
    """Give the type of the items that a return annotation promises one by one; None if it does not. Others may stand beside it.

    >>> item_type(AsyncIterator[Event[int]] | Response), item_type(list[int])
    (martlet.messages.streams.events.Event[int], None)
    """
    for member in union_members(annotation):
        if (get_origin(member) or member) in ITERATORS:
            return (get_args(member) or (Any,))[0]
    return None


def data_type(item: Any) -> Any:
    """Give the type of what is rendered: of an Event's data, or of the item itself."""
    return (get_args(item) or (Any,))[0] if (get_origin(item) or item) is Event else item


def item_bytes(item: object) -> bytes:
    """Write an item as JSON; of an Event its data, and what else it says, as an object."""
    if not isinstance(item, Event):
        return render_json(item)
    event = cast("Event[Any]", item)
    said = {"event": event.event, "id": event.id, "retry": event.retry}
    return render_json({**{name: value for name, value in said.items() if value is not None}, "data": event.data})


def item_choice(item: Any) -> RepresentationChoice:
    """Prepare what clients may choose from; who does not care gets events where they are promised, else lines of JSON."""
    events: dict[str, Renderer] = {EVENT_STREAM: lambda value: event_bytes(value, render_json)}
    others: dict[str, Renderer] = {LINES: lambda value: item_bytes(value) + b"\n", "application/json": item_bytes}
    return RepresentationChoice({**events, **others} if (get_origin(item) or item) is Event else {**others, **events})


def item_encoder(other: Encode, item: Any) -> Encode:
    """Make what makes a response of an iterator of such items; of anything else, such as a Response, `other` does."""
    brings_events = item is Any or (get_origin(item) or item) is Event

    def encode(value: Any, request: Request, representation: Representation | None) -> Response:
        if representation is None or isinstance(value, Response) or not isinstance(value, AsyncIterable | Iterable):
            return other(value, request, representation)
        if isinstance(value, News) and not brings_events:
            raise TypeError(
                f"A subscription brings events, and the handler promises {type_name(item)}: annotate it as "
                f"-> AsyncIterator[Event[{type_name(item)}]], or take event.data in a generator."
            )
        framing = ARRAY if representation.media_type == "application/json" else BARE
        chunks = as_chunks(cast("Any", value), representation.render, framing)
        is_events = representation.media_type == EVENT_STREAM
        asides = EVENT_ASIDES if is_events else LINE_ASIDES
        response = Response(Stream(chunks, asides=asides), headers=representation.fields.text)
        if is_events:
            for name, field in EVENT_FIELDS.items():
                response.headers.setdefault(name, field)
        return response

    return encode
