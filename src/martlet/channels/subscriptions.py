"""One reader of a topic: an iterator, which is no more than a place in the topic's log."""

from __future__ import annotations

from typing import Generic, Protocol, Self, TypeVar

from martlet.channels.relays import Relay
from martlet.channels.resets import opening, reset
from martlet.channels.slow_readers import FOR_EVER
from martlet.messages import Event, Listener

T = TypeVar("T")


class Readable(Protocol[T]):
    """What a subscription reads: a relay that somebody else keeps for as long as it has readers."""

    def enter(self) -> Relay[T]:
        """Give the relay, which counts one reader more."""
        ...

    def leave(self, relay: Relay[T]) -> None:
        """Count one reader less."""
        ...


class Subscription(Generic[T]):
    """The events of a channel from some place on, in order, each once.

    It begins at the first step, or where `async with` enters it, and ends when it is closed, when nobody holds it any more, or
    with the channels, after what there was to read. One task at a time reads it.
    """

    __slots__ = (
        "__weakref__", "_after", "_cursor", "_first", "_is_over", "_most_behind", "_opens", "_relay", "_source", "may_have_more",
    )  # fmt: skip

    def __init__(self, source: Readable[T], after: str | None, *, opens: bool = False) -> None:
        """after: the id of the last event that the reader has seen; None or an empty text for those that come from now on.

        opens: for those, an Opening comes first.
        """
        self._source = source
        self._after = after
        self._opens = opens
        self._relay: Relay[T] | None = None
        self._cursor = 0
        # What is read before the log, the last one first, with their numbers.
        self._first: list[tuple[int, Event[T]]] | None = None
        self._most_behind = FOR_EVER  # until it has caught up
        self._is_over = False
        self.may_have_more = True

    def __aiter__(self) -> Self:
        return self

    async def __aenter__(self) -> Self:
        """Begin here; raises BrokerUnavailableError."""
        await self._begun()
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.aclose()

    async def __anext__(self) -> Event[T]:
        """Give the next event, or wait for it; raises BrokerUnavailableError at the first step."""
        relay = self._relay or await self._begun()
        while (event := self.take_now()) is None:
            await self._wait(relay)
        return event

    async def begin(self) -> None:
        """Begin here, unless it has ended; raises BrokerUnavailableError."""
        if not self._is_over:
            await self._begun()

    def take_now(self) -> Event[T] | None:
        """Give the next event, None where it is still to come; raises StopAsyncIteration at the end, and before `begin`."""
        relay = self._relay
        if relay is None:
            raise StopAsyncIteration
        log = relay.log
        self.may_have_more = True
        while True:
            index = self._cursor - log.first
            pending = len(log.entries) - index
            if index < 0 or pending > self._most_behind or self._first:
                event = self._behind(relay)
            elif pending:
                event = log.entries[index].event
                self._cursor += 1
                if event is not None and relay.last_of_each and not relay.last_of_each.is_last(self._cursor - 1, event):
                    event = None
                if pending == 1 and not relay.has_ended:
                    self.may_have_more, self._most_behind = False, relay.most_behind
            elif relay.has_ended:
                raise self._end()
            else:
                self.may_have_more, self._most_behind = False, relay.most_behind
                return None
            if event is not None:
                return event

    def on_news(self, listener: Listener | None) -> None:
        """Have this one told, from the loop, whenever there may be something to take; None for not any more."""
        if self._relay is not None:
            self._relay.tell_on_news(self, listener)

    async def aclose(self) -> None:
        """Read no more."""
        self._end()

    def __del__(self) -> None:
        relay, self._relay = self._relay, None
        if relay is not None and not relay.loop.is_closed():
            relay.loop.call_soon_threadsafe(self._source.leave, relay)  # memory is cleaned up in any thread

    async def _begun(self) -> Relay[T]:
        if self._is_over:
            raise StopAsyncIteration
        if self._relay is not None:
            return self._relay
        relay = self._relay = self._source.enter()
        try:
            await relay.join()
            self._cursor = relay.log.end
            if self._after:
                found = await relay.find(self._after)
                self._cursor = relay.log.end if found is None else found
                if found is None:
                    self._first = [(self._cursor, reset("unknown id", relay.log.last_id))]
            elif self._opens:
                self._first = [(self._cursor, opening(relay.log.last_id))]
        except BaseException:
            self._end()
            raise
        return relay

    async def _wait(self, relay: Relay[T]) -> None:
        if self in relay.waiting:
            raise RuntimeError("Two tasks read one subscription: give each its own, by one more call of `subscribe`.")
        future = relay.waiting[self] = relay.loop.create_future()
        try:
            await future
        finally:
            if relay.waiting.get(self) is future:  # nobody woke it: it was cancelled
                del relay.waiting[self]

    def _behind(self, relay: Relay[T]) -> Event[T] | None:
        """Give what a reader gets that is not simply the next entry of the log; None if there is nothing of the kind."""
        log, last_of_each = relay.log, relay.last_of_each
        if self._first:
            number, event = self._first.pop()
            return event if last_of_each is None or last_of_each.is_last(number, event) else None
        if relay.most_behind != FOR_EVER:
            raise self._end()
        number, self._cursor = self._cursor, log.first
        if last_of_each is None:
            return reset("slow reader", log.before, missed=log.first - number)
        self._first = last_of_each.since(number)
        if number < last_of_each.lost:
            return reset("slow reader", None)
        return None

    def _end(self) -> StopAsyncIteration:
        self._is_over = True
        relay, self._relay = self._relay, None
        if relay is not None:
            relay.tell_on_news(self, None)
            self._source.leave(relay)
        return StopAsyncIteration()
