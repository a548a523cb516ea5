"""The look-out for clients of handlers that wait: one timer for all, and none where nobody waits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, cast

import pytest

from martlet.adapters.leaving import ClientLeftError
from martlet.adapters.waiting import LOOK_SECONDS, Lookouts
from martlet.messages import Request


class Visitor:
    """A request as far as a look-out knows it; counts how often it was asked to tell when its client leaves."""

    def __init__(self) -> None:
        self.asked = 0
        self.gone = asyncio.Event()

    def client_leaving(self) -> Awaitable[object]:
        self.asked += 1
        return self.gone.wait()


async def served(lookouts: Lookouts, visitor: Visitor, work: Callable[[], Any]) -> object:
    """Do what an endpoint does: take the first step, and have the rest watched."""
    calling = work()
    pending = calling.send(None)
    return await lookouts.watched(cast("Request", visitor), calling, pending)


async def end_with(task: asyncio.Future[object], seconds: float = 10) -> object:
    return await asyncio.wait_for(task, seconds)


async def test_all_who_wait_are_watched_and_each_is_asked_for_once() -> None:
    lookouts, visitors, done = Lookouts(), [Visitor() for _ in range(100)], asyncio.Event()
    tasks = [asyncio.ensure_future(served(lookouts, visitor, done.wait)) for visitor in visitors]

    await asyncio.sleep(10 * LOOK_SECONDS)
    done.set()
    await asyncio.gather(*tasks)

    assert {visitor.asked for visitor in visitors} == {1}


async def test_who_ends_soon_is_never_asked_for() -> None:
    lookouts, visitors = Lookouts(), [Visitor() for _ in range(100)]

    for visitor in visitors:
        await served(lookouts, visitor, lambda: asyncio.sleep(0))
    await asyncio.sleep(3 * LOOK_SECONDS)

    assert {visitor.asked for visitor in visitors} == {0}


async def test_who_begins_to_wait_later_is_watched_too() -> None:
    lookouts, first, second, done = Lookouts(), Visitor(), Visitor(), asyncio.Event()
    tasks = [asyncio.ensure_future(served(lookouts, first, done.wait))]
    await asyncio.sleep(5 * LOOK_SECONDS)  # there is nobody left to look after

    tasks.append(asyncio.ensure_future(served(lookouts, second, done.wait)))
    await asyncio.sleep(0)
    second.gone.set()

    with pytest.raises(ClientLeftError):
        await end_with(tasks[1])
    done.set()
    await end_with(tasks[0])


async def test_nothing_is_kept_of_a_loop_where_nobody_waits() -> None:
    lookouts = Lookouts()

    await served(lookouts, Visitor(), lambda: asyncio.sleep(0))
    await asyncio.sleep(3 * LOOK_SECONDS)

    assert vars_of(lookouts) == {}


def test_each_loop_has_a_look_out_of_its_own_and_a_closed_one_is_forgotten() -> None:
    lookouts, left = Lookouts(), list[bool]()

    async def leave() -> None:
        visitor = Visitor()
        task = asyncio.ensure_future(served(lookouts, visitor, asyncio.Event().wait))
        visitor.gone.set()
        with pytest.raises(ClientLeftError):
            await end_with(task)
        left.append(True)

    async def begin_to_wait() -> None:
        await served(lookouts, Visitor(), lambda: asyncio.sleep(0))

    asyncio.run(begin_to_wait())  # its loop is closed before the first look
    asyncio.run(leave())
    asyncio.run(begin_to_wait())

    assert left == [True]
    assert len(vars_of(lookouts)) <= 2


def vars_of(lookouts: Lookouts) -> dict[asyncio.AbstractEventLoop, object]:
    """The loops in which somebody waits."""
    by_loop: dict[asyncio.AbstractEventLoop, object] = lookouts._by_loop  # type: ignore[assignment]  # noqa: SLF001
    return by_loop
