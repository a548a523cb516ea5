"""Clients that listen, by event streams and by WebSockets, and come back to any host with the last id that they have.

A cut link is silence, so whoever hears nothing for some seconds leaves and comes back.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from contextlib import suppress
from typing import Any, Final
from urllib.parse import quote

import msgspec
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage

from tests.faults.deliveries import Deliveries, Gap, Heard

SILENT_SECONDS: Final = 6.0  # the application says something every 2
CONNECT_SECONDS: Final = 6.0
PING_SECONDS: Final = 3.0
BACK_SECONDS: Final = 1.0  # at most, to the next connection
PATHS: Final = ("/events/pulled", "/events/given")


class UnexpectedAnswerError(Exception):
    """The server answered something else than a stream."""


class Listener:
    """Listens until it is cancelled. ends: how its connections ended, shared by all of them."""

    def __init__(
        self, name: str, addresses: list[tuple[str, int]], seed: str, deliveries: Deliveries, ends: Counter[str]
    ) -> None:
        self.heard = Heard(name)
        self.at: tuple[str, int] | None = None  # where it was last
        self._addresses = addresses
        self._choices = random.Random(f"{seed} {name}")
        self._deliveries = deliveries
        self._ends = ends

    async def run(self) -> None:
        """Connect, again and again."""
        await asyncio.sleep(self._choices.uniform(0, BACK_SECONDS))
        while True:
            try:
                self.at = self._choices.choice(self._addresses)
                await self.listen(*self.at)
                self._ends["ended in order"] += 1
            except UnexpectedAnswerError as error:
                self._ends[f"answered {error}"] += 1
            except (OSError, EOFError, ConnectionClosed, InvalidHandshake, InvalidMessage) as error:  # a TimeoutError is one
                self._ends[type(error).__name__] += 1
            await asyncio.sleep(self._choices.uniform(0.05, BACK_SECONDS))

    async def listen(self, address: str, port: int) -> None:
        """Listen over one connection until it ends."""
        raise NotImplementedError

    def begin(self, event_id: str) -> None:
        """Note an opening: one who has heard nothing listens from here."""
        if self.heard.opening is None:
            self.heard.opening = self.heard.last_id = event_id
        elif event_id != self.heard.last_id:
            self._deliveries.complain("an opening for one who has an id", f"{event_id} to {self.heard.name}")


class StreamListener(Listener):
    """Takes a stream of events, as a browser does."""

    async def listen(self, address: str, port: int) -> None:
        async with asyncio.timeout(CONNECT_SECONDS):
            reader, writer = await asyncio.open_connection(address, port)
        try:
            last = "" if self.heard.last_id is None else f"last-event-id: {self.heard.last_id}\r\n"
            head = (
                f"GET {self._choices.choice(PATHS)} HTTP/1.1\r\nhost: {address}:{port}\r\naccept: text/event-stream\r\n{last}\r\n"
            )
            writer.write(head.encode())
            async with asyncio.timeout(CONNECT_SECONDS):
                answer = await reader.readuntil(b"\r\n\r\n")
            if not answer.startswith(b"HTTP/1.1 200 "):
                raise UnexpectedAnswerError(answer[9:12].decode("latin-1"))
            self.heard.connections += 1
            await self._read(reader)
        finally:
            writer.transport.abort()

    async def _read(self, reader: asyncio.StreamReader) -> None:
        chunked, events, is_last = bytearray(), bytearray(), False
        while not is_last:
            async with asyncio.timeout(SILENT_SECONDS):
                got = await reader.read(65_536)
            if not got:
                raise EOFError
            chunked += got
            is_last = take_chunks(chunked, events)
            *whole, rest = events.split(b"\n\n")
            events = bytearray(rest)  # an event that is not whole when the connection ends is none
            for block in whole:
                self._take(block.decode())

    def _take(self, block: str) -> None:
        fields = {name: value for name, _, value in (line.partition(": ") for line in block.split("\n")) if name}
        event_id, data = fields.get("id"), fields.get("data")
        if data is None:
            if event_id is not None:
                self.begin(event_id)
        elif fields.get("event") == "reset":
            self.heard.take(Gap(event_id, json.loads(data)["reason"]))
        elif fields.get("event") == "reconnect":  # the last words of a server that ends
            self._ends["asked to reconnect"] += 1
        elif event_id is None:
            self._deliveries.complain("an event without an id", block)
        else:
            self._deliveries.hear(self.heard, event_id, msgspec.json.decode(data)["text"])


class SocketListener(Listener):
    """Takes the same over a WebSocket."""

    async def listen(self, address: str, port: int) -> None:
        after = "" if self.heard.last_id is None else f"?after={quote(self.heard.last_id)}"
        connection = connect(
            f"ws://{address}:{port}/socket{after}",
            open_timeout=CONNECT_SECONDS,
            ping_interval=PING_SECONDS,
            ping_timeout=PING_SECONDS,
            close_timeout=1,
            compression=None,
            proxy=None,
        )
        async with connection as socket:
            self.heard.connections += 1
            async for message in socket:
                self._take(json.loads(message))
            raise EOFError

    def _take(self, told: dict[str, Any]) -> None:
        event_id, text, reason = told["id"], told["text"], told["reason"]
        if reason is not None:
            self.heard.take(Gap(event_id, reason))
        elif text is None:
            self.begin(event_id)
        else:
            self._deliveries.hear(self.heard, event_id, text)


def take_chunks(chunked: bytearray, body: bytearray) -> bool:
    r"""Move what is whole from a chunked body to what it means; True behind its end.

    >>> body, chunked = bytearray(), bytearray(b"2\r\nab\r\n3\r\nc")
    >>> take_chunks(chunked, body), body, chunked
    (False, bytearray(b'ab'), bytearray(b'3\r\nc'))
    """
    while (line := chunked.find(b"\r\n")) >= 0:
        size = int(chunked[:line], 16)
        end = line + 2 + size
        if len(chunked) < end + 2:
            break
        body += chunked[line + 2 : end]
        del chunked[: end + 2]
        if not size:
            return True
    return False


async def stop(tasks: list[asyncio.Task[None]]) -> None:
    """End those that listen; raises what one of them failed with."""
    for task in tasks:
        task.cancel()
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        with suppress(asyncio.CancelledError):
            if isinstance(result, BaseException):
                raise result
