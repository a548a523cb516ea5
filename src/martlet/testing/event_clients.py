"""A stream of events from an application in memory, over any of the three protocols: what an EventSource is in a browser."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Any, Final, Self

from martlet.testing.event_streams import EventReader, ReceivedEvent
from martlet.testing.exchange import Received
from martlet.testing.open_answers import OpenAnswer

__all__ = ["EventClient", "EventsRefusedError", "event_stream_lines"]

EVENT_STREAM: Final = "text/event-stream"


class EventsRefusedError(Exception):
    """The answer is no stream of events; `response` has it."""

    def __init__(self, response: Received) -> None:
        """Tell its status."""
        kind = response.headers.get("content-type") or "without a type"
        super().__init__(
            f"The answer is no stream of events but {response.status_code}, {kind}: {response.content[:300]!r}. "
            "A browser would give up as well: it takes 200 and text/event-stream."
        )
        self.response = response


class EventClient:
    """One open stream; an iterator of its events, and as a context manager it leaves at the end of the block.

    headers: of the answer.
    """

    def __init__(self, answer: OpenAnswer, target: str, timeout: float, left: Callable[[], None]) -> None:
        """Wait for the answer's beginning; raises EventsRefusedError for what is no stream of events.

        left: called once the application has closed its stream.
        """
        self._answer, self._target, self._timeout, self._left = answer, target, timeout, left
        self._reader = EventReader()
        self._events: deque[ReceivedEvent] = deque()
        self._taken_id = ""
        self._is_open = True  # to be left
        self._has_ended = False
        try:
            self.headers = self._begun().headers
        except BaseException:
            self._give_up()
            raise

    @property
    def last_event_id(self) -> str:
        """The last id that was named, up to the event that was given last; with it a browser comes back."""
        return self._taken_id if self._events else self._reader.last_id

    def __iter__(self) -> Self:
        """Give the events until the application ends the stream."""
        return self

    def __next__(self) -> ReceivedEvent:
        """Wait for the next event.

        Raises TimeoutError if none comes in time, StopIteration at the end, and what the application raised.
        """
        deadline = time.monotonic() + self._timeout
        while not self._events:
            if self._has_ended or not self._is_open:
                raise StopIteration
            chunk = self._wait(self._answer.take, "sent no event", deadline)
            self._has_ended = not chunk
            self._events.extend(self._reader.feed(chunk))
        event = self._events.popleft()
        self._taken_id = event.id
        return event

    def close(self) -> None:
        """Leave, and wait until the handler has ended and cleaned up; raises TimeoutError if it does not."""
        if self._is_open:
            self._is_open = False
            self._answer.leave()
            self._left()

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Leave; what fails behind an error in the block is not told."""
        if kind is None:
            self.close()
        else:
            self._give_up()

    def _give_up(self) -> None:
        try:
            self.close()
        except Exception:  # noqa: BLE001  another error is on its way
            return

    def _begun(self) -> Received:
        begun: Received = self._wait(self._answer.begin, "did not answer")
        kind = (begun.headers.get("content-type") or "").partition(";")[0]
        if begun.status_code == 200 and kind == EVENT_STREAM:
            return begun
        raise EventsRefusedError(self._whole(begun))

    def _whole(self, begun: Received) -> Received:
        content = bytearray()
        deadline = time.monotonic() + self._timeout
        while chunk := self._wait(self._answer.take, "has not ended an answer that is no stream of events", deadline):
            content += chunk
        return Received(begun.status_code, begun.headers, bytes(content))

    def _wait(self, wanted: Callable[[float], Any], missing: str, deadline: float | None = None) -> Any:
        seconds = self._timeout if deadline is None else max(0.0, deadline - time.monotonic())
        try:
            return wanted(seconds)
        except TimeoutError as error:
            if error.args:  # the application's own
                raise
            raise TimeoutError(
                f"{self._target} {missing} for {self._timeout:g} seconds. See that something is published for it to send: an "
                "Opening is no event that a browser hands on. Where it takes its time, say `client.events(…, timeout=…)`."
            ) from None


def event_stream_lines(lines: list[tuple[str, str]], last_event_id: str | None) -> list[tuple[str, str]]:
    """Add the fields that a browser sends for a stream of events, where the caller has not named them.

    >>> event_stream_lines([("cache-control", "max-age=60")], "7")
    [('cache-control', 'max-age=60'), ('accept', 'text/event-stream'), ('last-event-id', '7')]
    """
    usual = {"accept": EVENT_STREAM, "cache-control": "no-cache", "last-event-id": last_event_id}
    names = {name.lower() for name, _ in lines}
    return [*lines, *((name, value) for name, value in usual.items() if value is not None and name not in names)]
