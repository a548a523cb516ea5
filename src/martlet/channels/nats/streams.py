"""What channels ask of JetStream: streams, the messages in them, and consumers; each question once, with a bound on its time."""

from __future__ import annotations

import asyncio
import base64
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar, cast

import msgspec

from martlet.channels.contract import MessageLimitError, Window
from martlet.channels.nats.links import NatsLinks
from martlet.channels.nats.names import Names, NatsPlace, message_id

T = TypeVar("T")
ANSWER_SECONDS: Final = 2.0  # for one question; a server that is alive answers within milliseconds
SPARE: Final = 100  # messages of a topic beyond its window, so that a reader in a short rush need not be told of a gap
HEADER_BYTES: Final = 200  # at most, of what is sent beside a message
MESSAGE_ID: Final = "Nats-Msg-Id"
CALL: Final = "Martlet-Call"  # tells a repeat of one call from another call
MARK: Final = "Martlet-Mark"  # on the message that says nothing, where a topic begins
NANOSECONDS: Final = 1_000_000_000

# Errors by JetStream's own numbers.
NO_STREAM: Final = 10059
NO_MESSAGE: Final = 10037
OTHER_SETTINGS: Final = 10058


class NoStreamError(Exception):
    """A stream is not there: never yet, or not any more."""


class RefusedError(Exception):
    """The server does not do what is asked, for a reason of its own."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(f"{error.get('description', 'an error without a text')} ({error.get('err_code', error.get('code'))})")
        self.number: int = error.get("err_code", 0)
        self.may_pass: bool = error.get("code", 0) >= 500


@dataclass(frozen=True, slots=True)
class Settings:
    """Of all streams. repeat_seconds: how long a publisher's id is known. idle_seconds: see NatsBroker."""

    replicas: int
    repeat_seconds: float
    idle_seconds: float


@dataclass(frozen=True, slots=True)
class Stream:
    """One as it is. created: tells it from one that was there before. max_count: messages of one topic."""

    name: str
    created: str
    max_count: int


@dataclass(frozen=True, slots=True)
class Stored:
    """One message as it is kept."""

    subject: str
    place: NatsPlace
    call: str | None


class NatsStreams:
    """What is asked."""

    def __init__(self, links: NatsLinks, settings: Settings, on_new: Callable[[str], None]) -> None:
        """on_new: called with the name of a stream which is another one than it was."""
        self._links = links
        self._settings = settings
        self._on_new = on_new
        self._streams: dict[str, Stream] = {}  # of this connection
        self._created: dict[str, str] = {}
        self._asking: dict[str, asyncio.Lock] = {}

    def forget(self, name: str | None = None) -> None:
        """Look at a stream anew before it is used again; at all of them where there is no name."""
        if name is None:
            self._streams.clear()
        else:
            self._streams.pop(name, None)

    async def stream(self, names: Names, window: Window) -> Stream:
        """Give the stream of a channel; it is made where it is absent, and changed where its window is another."""
        if (stream := self._streams.get(names.stream)) is not None:
            return stream
        async with self._asking.setdefault(names.stream, asyncio.Lock()):
            if (stream := self._streams.get(names.stream)) is not None:
                return stream
            told = await self._made(names, self._wanted(names, window))
            stream = Stream(names.stream, told["created"], told["config"]["max_msgs_per_subject"])
            self._streams[names.stream] = stream
        before = self._created.get(names.stream)
        self._created[names.stream] = stream.created
        if before not in {None, stream.created}:
            self._on_new(names.stream)
        return stream

    async def publish(self, names: Names, payload: bytes, headers: dict[str, str]) -> tuple[int, bool]:
        """Append a message, and give its number, and whether the server had its id before; raises NoStreamError."""
        client = await self._links.client()
        if len(payload) + HEADER_BYTES > client.max_payload:
            raise MessageLimitError(
                f"A message of {len(payload):,} bytes is too long for {self._links}, which takes {client.max_payload:,} "
                "with what stands beside it: raise max_payload there."
            )
        answer = await self._request(client, names.subject, payload, headers)
        if "error" in answer:
            raise RefusedError(answer["error"])
        if answer.get("stream") != names.stream:
            raise RefusedError({"description": f"the stream {answer.get('stream')!r} takes the subject {names.subject!r}"})
        return answer["seq"], answer.get("duplicate", False)

    async def tail(self, names: Names) -> NatsPlace:
        """Give the last place of a topic; of one that has no message yet it is that of a mark, which is published."""
        stored = await self._stored(names.stream, {"last_by_subj": names.subject})
        if stored is not None:
            return stored.place
        mark = message_id(names.subject, os.urandom(8).hex())
        number, _ = await self.publish(names, b"", {MESSAGE_ID: mark, MARK: "1"})
        return NatsPlace.of(mark, b"", number)

    async def at(self, names: Names, number: int) -> Stored | None:
        """Give the message of this number."""
        return await self._stored(names.stream, {"seq": number})

    async def make_consumer(self, client: Any, names: Names, config: dict[str, Any]) -> dict[str, Any]:
        """Have messages sent to a subject; the server names it, and forgets it when nobody listens there."""
        question = {"stream_name": names.stream, "config": config}
        return await self._ask(f"CONSUMER.CREATE.{names.stream}", question, client)

    async def _stored(self, stream: str, question: dict[str, Any]) -> Stored | None:
        try:
            found = (await self._ask(f"STREAM.MSG.GET.{stream}", question))["message"]
        except RefusedError as error:
            if error.number == NO_MESSAGE:
                return None
            raise
        headers = read_headers(base64.b64decode(found.get("hdrs", "")))
        payload = base64.b64decode(found.get("data", ""))
        place = NatsPlace.of(headers.get(MESSAGE_ID), payload, found["seq"])
        return Stored(found["subject"], place, headers.get(CALL))

    async def _made(self, names: Names, wanted: dict[str, Any]) -> dict[str, Any]:
        new = {"retention": "limits", "discard": "old", "storage": "file", "num_replicas": self._settings.replicas}
        try:
            return await self._ask(f"STREAM.CREATE.{names.stream}", {**new, **wanted})
        except RefusedError as error:
            if error.number != OTHER_SETTINGS:
                raise
        told = await self._ask(f"STREAM.INFO.{names.stream}", {})
        if all(told["config"].get(name) == value for name, value in wanted.items()):
            return told  # what is not ours to say is as its operator has set it
        return await self._ask(f"STREAM.UPDATE.{names.stream}", {**told["config"], **wanted})

    def _wanted(self, names: Names, window: Window) -> dict[str, Any]:
        settings = self._settings
        seconds = max(window.seconds + settings.idle_seconds, settings.repeat_seconds, 1)
        return {
            "name": names.stream,
            "subjects": list(names.subjects),
            "max_msgs_per_subject": window.count + SPARE,
            "max_age": int(seconds * NANOSECONDS),
            "duplicate_window": int(max(settings.repeat_seconds, 0.1) * NANOSECONDS),
        }

    async def _ask(self, what: str, question: dict[str, Any], client: Any = None) -> dict[str, Any]:
        client = client or await self._links.client()
        try:
            answer = await self._request(client, f"$JS.API.{what}", msgspec.json.encode(question), None)
        except NoStreamError:
            raise ConnectionError("it has no JetStream; start it with --jetstream") from None
        if "error" not in answer:
            return answer
        if answer["error"].get("err_code") == NO_STREAM:
            self.forget(what.rpartition(".")[2])
            raise NoStreamError
        raise RefusedError(answer["error"])

    @staticmethod
    async def _request(client: Any, subject: str, payload: bytes, headers: dict[str, str] | None) -> dict[str, Any]:
        try:
            answer = await heeding_cancellation(client.request(subject, payload, timeout=ANSWER_SECONDS, headers=headers))
        except Exception as error:
            if type(error).__name__ == "NoRespondersError":
                raise NoStreamError from None
            raise
        decoded: dict[str, Any] = msgspec.json.decode(answer.data)
        return decoded


async def heeding_cancellation(call: Awaitable[T]) -> T:
    """Await something; raises CancelledError where it has swallowed a cancellation.

    Before Python 3.12 `asyncio.wait_for`, which the client asks with, swallows one that comes together with the answer.
    """
    task = cast("asyncio.Task[Any]", asyncio.current_task())
    before = task.cancelling()
    try:
        return await call
    finally:
        if task.cancelling() > before:
            raise asyncio.CancelledError


def read_headers(raw: bytes) -> dict[str, str]:
    r"""Read the fields that stand beside a message.

    >>> read_headers(b"NATS/1.0\r\nNats-Msg-Id: order-7\r\n\r\n")
    {'Nats-Msg-Id': 'order-7'}
    """
    fields = (line.partition(b":") for line in raw.split(b"\r\n")[1:])
    return {name.decode(errors="replace"): value.strip().decode(errors="replace") for name, colon, value in fields if colon}
