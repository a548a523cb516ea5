"""The watch for a client that leaves, and the inbox that lets it wait without taking the body's events away."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import pytest

from martlet.adapters.asgi import inbox as inboxes
from martlet.adapters.asgi.inbox import Inbox
from martlet.adapters.leaving import GRACE_SECONDS, Watch


async def test_a_block_is_cancelled_when_the_client_leaves_and_goes_on_behind() -> None:
    gone = asyncio.Event()
    asyncio.get_running_loop().call_later(0.01, gone.set)

    async with Watch(gone.wait) as watch:
        await asyncio.sleep(5)

    assert watch.left


async def test_a_block_whose_client_stays_is_left_alone() -> None:
    async with Watch(asyncio.Event().wait) as watch:
        await asyncio.sleep(0)

    assert not watch.left


async def test_a_cancellation_of_somebody_else_goes_through() -> None:
    async def watched() -> None:
        async with Watch(asyncio.Event().wait):
            await asyncio.sleep(5)

    task = asyncio.create_task(watched())
    await asyncio.sleep(0.01)

    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task


async def test_two_cancellations_at_once_are_not_swallowed() -> None:
    gone = asyncio.Event()

    async def watched() -> None:
        async with Watch(gone.wait):
            await asyncio.sleep(5)

    task = asyncio.create_task(watched())
    await asyncio.sleep(0.01)
    gone.set()
    await asyncio.sleep(0)

    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_leaving_that_meets_a_timeout_of_the_block_is_heeded_behind_it() -> None:
    gone = asyncio.Event()

    async def late() -> None:
        try:
            await asyncio.sleep(5)
        finally:
            gone.set()  # the timeout's cancellation is under way
            await asyncio.sleep(2 * GRACE_SECONDS)

    async with Watch(gone.wait) as watch:
        with suppress(TimeoutError):
            async with asyncio.timeout(0.01):
                await late()
        assert not watch.left
        await asyncio.sleep(5)

    assert watch.left


async def test_a_failure_of_the_block_is_raised_even_if_the_client_has_left() -> None:
    gone = asyncio.Event()
    gone.set()

    async def fails() -> None:
        try:
            await asyncio.sleep(5)
        except asyncio.CancelledError:
            raise ValueError("the clean-up failed") from None

    with pytest.raises(ValueError, match="the clean-up failed"):
        async with Watch(gone.wait):
            await fails()


async def test_a_server_that_cannot_tell_is_not_watched() -> None:
    async def cannot() -> None:
        raise RuntimeError("no such thing here")

    async with Watch(cannot) as watch:
        await asyncio.sleep(0.01)

    assert not watch.left


class Server:
    """Gives events, then a disconnect when the client leaves; counts how many were taken."""

    def __init__(self, *bodies: bytes) -> None:
        self._bodies = list(bodies)
        self.taken = 0
        self.gone = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        self.taken += 1
        if self._bodies:
            return {"type": "http.request", "body": self._bodies.pop(0), "more_body": bool(self._bodies)}
        await self.gone.wait()
        return {"type": "http.disconnect"}


async def test_whoever_reads_gets_every_event_in_order() -> None:
    server = Server(b"a", b"b", b"c")
    inbox = Inbox(server.receive)

    async with Watch(inbox.gone):
        bodies = [(await inbox.receive())["body"] for _ in range(3)]

    assert bodies == [b"a", b"b", b"c"]


async def test_a_body_waits_for_a_reader_who_comes_late() -> None:
    server = Server(*[b"x"] * 100)
    inbox = Inbox(server.receive)

    async with Watch(inbox.gone):
        await asyncio.sleep(0.01)
        taken_before = server.taken
        bodies = [(await inbox.receive())["body"] for _ in range(100)]

    assert taken_before <= 3
    assert bodies == [b"x"] * 100


async def test_a_body_nobody_reads_does_not_hide_for_ever_that_its_client_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inboxes, "READER_SECONDS", 0.01)
    server = Server(*[b"x"] * 100)
    inbox = Inbox(server.receive)

    server.gone.set()
    async with Watch(inbox.gone) as watch:
        await asyncio.sleep(5)

    assert watch.left
    assert (await inbox.receive())["body"] == b"x"
    assert (await inbox.receive())["type"] == "http.disconnect"  # what was let go makes the body a broken one


async def test_a_server_that_cancels_by_itself_is_left_to_do_so() -> None:
    gone = asyncio.Event()
    cancelled: list[str] = []

    async def watched() -> None:
        async with Watch(gone.wait):
            try:
                await asyncio.sleep(5)
            except asyncio.CancelledError:
                try:
                    await asyncio.sleep(0.1)
                except asyncio.CancelledError:
                    cancelled.append("twice")
                raise

    task = asyncio.create_task(watched())
    await asyncio.sleep(0)
    gone.set()
    await asyncio.sleep(0.01)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert cancelled == []


async def test_whoever_reads_hears_of_the_leaving_too() -> None:
    server = Server()
    inbox = Inbox(server.receive)
    reading = asyncio.create_task(inbox.receive())

    server.gone.set()
    async with Watch(inbox.gone) as watch:
        await asyncio.sleep(5)

    assert watch.left
    assert (await reading)["type"] == "http.disconnect"
