"""Messages of one topic as JetStream sends them: each numbered by the consumer, so that one that is lost on the way is noticed.

A consumer lives at the server for as long as somebody listens to it, and is not asked for twice: when anything is wrong another
takes its place, after the last message that was read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Final, NamedTuple

from martlet.channels.contract import Record
from martlet.channels.nats.names import Names, NatsPlace
from martlet.channels.nats.streams import MARK, MESSAGE_ID, NANOSECONDS, NatsStreams

BEAT_SECONDS: Final = 5.0  # the server gives a sign of life that often where there is nothing to send
SILENT_SECONDS: Final = 12.0  # without one a consumer is taken for gone
FORGOTTEN_SECONDS: Final = 5  # until the server drops a consumer to which nobody listens


class Sent(NamedTuple):
    """One message, and how many of its topic are still to come."""

    record: Record
    place: NatsPlace
    pending: int


class Consumer:
    """Hands on what comes after a place, until something is wrong.

    broken: done when something is wrong: what came last was handed on, and what comes next is lost. pending: how many messages
    there were when it began.
    """

    def __init__(self, client: Any, names: Names, take: Callable[[Sent], Awaitable[None]]) -> None:
        self._loop = asyncio.get_running_loop()
        self._client = client
        self._names = names
        self.stream = names.stream
        self._take = take
        self._subscription: Any = None
        self._name = ""
        self._delivered = 0
        self.pending = 0
        self._heard = self._loop.time()
        self.broken: asyncio.Future[None] = self._loop.create_future()

    async def open(self, streams: NatsStreams, number: int) -> None:
        """Begin behind this number; 0 for all there is."""
        inbox = self._client.new_inbox()
        self._subscription = await self._client.subscribe(inbox, cb=self._receive)
        told = await streams.make_consumer(
            self._client,
            self._names,
            {
                "deliver_subject": inbox,
                "deliver_policy": "by_start_sequence",
                "opt_start_seq": number + 1,
                "filter_subject": self._names.subject,
                "ack_policy": "none",
                "max_deliver": 1,
                "replay_policy": "instant",
                "flow_control": True,
                "idle_heartbeat": int(BEAT_SECONDS * NANOSECONDS),
                "inactive_threshold": FORGOTTEN_SECONDS * NANOSECONDS,
                "num_replicas": 1,
                "mem_storage": True,
            },
        )
        self._name, self.pending = told["name"], told["num_pending"]

    async def close(self) -> None:
        """Listen no longer, and have the server forget it; it does so by itself if this is lost on the way."""
        self.give_up()
        with suppress(Exception):
            if self._subscription is not None:
                await self._subscription.unsubscribe()
            if self._name:
                await self._client.publish(f"$JS.API.CONSUMER.DELETE.{self._names.stream}.{self._name}")

    def give_up(self) -> None:
        """Hand on nothing more."""
        if not self.broken.done():
            self.broken.set_result(None)

    def look(self, now: float) -> None:
        """Give up if it was silent for too long."""
        if now - self._heard > SILENT_SECONDS:
            self.give_up()

    async def _receive(self, message: Any) -> None:
        if self.broken.done():
            return
        self._heard = self._loop.time()
        headers: dict[str, str] = message.headers or {}
        if "Status" in headers:
            await self._note(message.reply or headers.get("Nats-Consumer-Stalled"), headers.get("Nats-Last-Consumer"))
            return
        sent, delivered = read_sent(message, headers)
        if delivered != self._delivered + 1:
            self.give_up()
            return
        self._delivered = delivered
        try:
            await self._take(sent)
        except BaseException:
            self.give_up()
            raise

    async def _note(self, asked: str | None, delivered: str | None) -> None:
        """Note a sign of life: one that asks whether we are as far as it is, or that says how far that is."""
        if delivered is not None and int(delivered) != self._delivered:
            self.give_up()
        elif asked:
            await self._client.publish(asked)


def read_sent(message: Any, headers: dict[str, str]) -> tuple[Sent, int]:
    """Read a message, and its number with its consumer.

    Both are in the subject for its acknowledgement, which ends with its number in the stream, that with the consumer, its
    nanoseconds since 1970, and how many follow; a cluster puts one more word behind these.
    """
    words = message.reply.split(".")
    number, delivered, nanoseconds, pending = map(int, words[5:9] if len(words) == 9 else words[7:11])
    place = NatsPlace.of(headers.get(MESSAGE_ID), message.data, number)
    payload = None if MARK in headers else message.data
    return Sent(Record(str(place), payload, nanoseconds // 1_000_000), place, pending), delivered
