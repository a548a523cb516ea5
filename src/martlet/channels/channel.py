"""A channel: a topic with a type, which one publishes to and reads from; and all channels of a process, over one broker."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, Final, Generic, Self, TypeVar

import msgspec

from martlet.channels.contract import Broker, BrokerUnavailableError, Published, Record, Topic, Window, check_message
from martlet.channels.memory import MemoryBroker
from martlet.channels.relays import Relay
from martlet.channels.slow_readers import DropOldest, SlowReaders
from martlet.channels.subscriptions import Subscription
from martlet.messages import Event

T = TypeVar("T")
WINDOW: Final = Window()
DROP_OLDEST: Final = DropOldest()
RANDOM_BYTES: Final = 12  # of the id of a publisher who gives none


class Channels:
    """All channels of a process, over one broker; opened by `async with` where they are used.

    broker: what carries the messages; one in memory, where there is none, which reaches this process alone.

    >>> import asyncio
    >>> async def main() -> None:
    ...     channels = Channels()
    ...     numbers = channels.channel("numbers", int)
    ...     async with channels, numbers.subscribe() as events:
    ...         await numbers.publish(7)
    ...         print((await anext(events)).data)
    >>> asyncio.run(main())
    7
    """

    def __init__(self, broker: Broker | None = None) -> None:
        self.broker: Broker = MemoryBroker() if broker is None else broker
        self._names: set[str] = set()
        self._relays: dict[str, Relay[Any]] = {}
        self._is_open = False
        self._is_draining = False
        self._before_close: list[Callable[[], Awaitable[None]]] = []

    def channel(
        self,
        name: str,
        message_type: type[T],
        *,
        window: Window = WINDOW,
        slow: SlowReaders = DROP_OLDEST,
        event: str | None = None,
    ) -> Channel[T]:
        """Declare a channel.

        name: any text without a slash. message_type: what msgspec reads and writes: a Struct, a dataclass, a union of tagged
        ones. window: how much is kept for who comes back. slow: what becomes of a reader that cannot keep up. event: the type
        that its events have. Raises ValueError for a name that is taken, TypeError for a type that cannot be read.
        """
        if "/" in name:
            raise ValueError(f"The name {name!r} has a slash, which is for the parts of a channel: channel(…).part(…).")
        if name in self._names:
            raise ValueError(f"There is a channel {name!r} already: give each its own name.")
        format_ = Format(message_type, event)
        channel = Channel(self, Topic(name, window), format_, slow)
        self._names.add(name)
        return channel

    async def __aenter__(self) -> Self:
        """Open the broker."""
        await self.broker.__aenter__()
        self._is_open, self._is_draining = True, False
        return self

    async def __aexit__(self, *exception: object) -> None:
        """End the subscriptions, after what there is to read, and close the broker."""
        self.drain()
        for close in self._before_close:
            await close()
        self._is_open = False
        for relay in list(self._relays.values()):
            relay.leave()
        self._relays.clear()
        await self.broker.__aexit__(*exception)

    def before_close(self, close: Callable[[], Awaitable[None]]) -> None:
        """Have this awaited each time before the broker is closed, while one can still publish; it raises nothing."""
        self._before_close.append(close)

    def drain(self) -> None:
        """Let every subscription end, those that begin from now on too, after what there is to read; one can still publish."""
        self._is_draining = True
        for relay in list(self._relays.values()):
            relay.end()

    async def publish(self, topic: Topic, payload: bytes, publisher_id: str) -> Published:
        """Publish what was encoded."""
        self._check_open()
        return await self.broker.publish(topic, payload, publisher_id)

    async def window(self, topic: Topic) -> Sequence[Record]:
        """Give what is kept."""
        self._check_open()
        return await self.broker.window(topic)

    def enter(self, topic: Topic, format_: Format[T], slow: SlowReaders) -> Relay[T]:
        """Give the topic's relay, with one reader more."""
        self._check_open()
        relay = self._relays.get(topic.name)
        if relay is None:
            relay = self._relays[topic.name] = Relay(topic, self.broker, format_.event, slow)
            relay.has_ended = self._is_draining
        relay.readers += 1
        return relay

    def leave(self, relay: Relay[Any]) -> None:
        """Count one reader less; who was the last frees everything."""
        relay.readers -= 1
        if relay.readers == 0 and self._relays.get(relay.topic.name) is relay:
            del self._relays[relay.topic.name]
            relay.leave()

    def _check_open(self) -> None:
        if not self._is_open:
            raise BrokerUnavailableError(
                "The channels are not open: an app opens them when it starts; elsewhere write `async with channels:` around this."
            )


class Format(Generic[T]):
    """Messages of a type to bytes and back: JSON, which other programs can read."""

    __slots__ = ("_decode", "_event", "_type", "encode")

    def __init__(self, message_type: type[T], event: str | None) -> None:
        """Raises TypeError for a type that msgspec cannot read."""
        try:
            self._decode: Callable[[bytes], T] = msgspec.json.Decoder(message_type).decode
        except TypeError as error:
            raise TypeError(
                f"{message_type!r} is no type of messages: {error} Take a msgspec.Struct, a dataclass, or a plain type."
            ) from error
        self.encode = msgspec.json.Encoder().encode
        self._type = message_type
        self._event = event

    def payload(self, message: T) -> bytes:
        """Write a message; raises TypeError for one that would not be read again."""
        try:
            payload = self.encode(message)
            self._decode(payload)
        except (TypeError, msgspec.MsgspecError, UnicodeError, RecursionError, OverflowError) as error:
            name = getattr(self._type, "__name__", str(self._type))
            raise TypeError(f"{message!r:.80} is no message of this channel: publish one of its type, {name}. {error}") from error
        return payload

    def event(self, record: Record) -> Event[T]:
        """Read a message that was published."""
        return Event(self._decode(record.payload or b""), event=self._event, id=record.id)

    def events(self, records: Sequence[Record]) -> list[Event[T]]:
        """Read those that can be read."""
        events: list[Event[T]] = []
        for record in records:
            if record.payload is not None:
                with suppress(msgspec.MsgspecError, UnicodeError, RecursionError):
                    events.append(self.event(record))
        return events


class Channel(Generic[T]):
    """A topic with a type: what is published to it is read by all who subscribe, in every process, in one order.

    It is made by `app.channel(…)`, or by a Channels.
    """

    __slots__ = ("_channels", "_format", "_slow", "topic")

    def __init__(self, channels: Channels, topic: Topic, format_: Format[T], slow: SlowReaders) -> None:
        self._channels = channels
        self.topic = topic
        self._format = format_
        self._slow = slow

    def __repr__(self) -> str:
        return f"Channel({self.topic.name!r})"

    def part(self, name: str) -> Channel[T]:
        """Give the channel of one of many: of one room of a chat, or of one book. It has an order and a window of its own.

        name: any text. Raises MessageLimitError if it is longer than about 200 bytes.
        """
        return Channel(self._channels, Topic(f"{self.topic.name}/{name}", self.topic.window), self._format, self._slow)

    async def publish(self, message: T, *, id: str | None = None) -> Published:  # noqa: A002  as the field of an Event
        """Publish a message, and return when the broker has acknowledged it.

        id: the publisher's own, for what may be published twice: the second time is told as `is_repeat`, and nothing happens.
        Raises BrokerUnavailableError, MessageLimitError, and TypeError for what is no message of this channel.
        """
        payload = self._format.payload(message)
        publisher_id = os.urandom(RANDOM_BYTES).hex() if id is None else id
        check_message(payload, publisher_id)
        return await self._channels.publish(self.topic, payload, publisher_id)

    def subscribe(self, *, after: str | None = None, opening: bool = False) -> Subscription[T]:
        """Read the events that come from now on, or after one that was seen.

        after: its id, as a client names it. One that the window does not reach back to, or that never was one, is told by a
        Reset as the first event; what comes from then on follows. None and an empty text are those who have seen nothing.
        opening: give them an Opening first, which is no more than the id to come back with: for clients, who may lose their
        connection before the first event.
        """
        return Subscription(self, after, opens=opening)

    async def history(self) -> list[Event[T]]:
        """Give the events that are kept for who comes back, the oldest first, up to now; without those that cannot be read.

        Raises BrokerUnavailableError.
        """
        return self._format.events(await self._channels.window(self.topic))

    def enter(self) -> Relay[T]:
        """Give the relay of this process, for one reader more."""
        return self._channels.enter(self.topic, self._format, self._slow)

    def leave(self, relay: Relay[T]) -> None:
        """Give it back."""
        self._channels.leave(relay)
