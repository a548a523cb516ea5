"""A block of a task that is interrupted, beside timeouts, task groups and cancellations of others, in every order."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from martlet.messages import Interruption
from tests.rows import each

LONG = 10.0


class Work:
    """A task with a block that waits, and swallows its own interruption; `done` tells how far it came."""

    def __init__(self, wait: Callable[[], Awaitable[object]] = lambda: asyncio.sleep(LONG)) -> None:
        self._wait = wait
        self.done: list[str] = []
        self.interruption: Interruption | None = None
        self.task = asyncio.create_task(self._run())

    async def _run(self) -> int:
        task = asyncio.current_task()
        assert task is not None
        self.interruption = Interruption()
        assert self.interruption.open()
        try:
            await self._wait()
        except asyncio.CancelledError:
            self.done.append("cancelled")
            if not self.interruption.end():
                raise
        else:
            self.interruption.end()
        await asyncio.sleep(0)
        self.done.append("went on")
        return task.cancelling()

    def interrupt(self) -> bool:
        """Interrupt the block."""
        assert self.interruption is not None
        return self.interruption.begin()


async def test_a_task_goes_on_behind_the_block_that_was_interrupted() -> None:
    work = Work()
    await asyncio.sleep(0)

    assert work.interrupt()

    assert await work.task == 0
    assert work.done == ["cancelled", "went on"]


async def cleaning_up() -> None:
    """Wait, and clean up for longer than one step."""
    try:
        await asyncio.sleep(LONG)
    finally:
        await asyncio.sleep(0.02)


ORDERS: dict[str, list[str]] = {
    "theirs first": ["theirs", "ours"],
    "ours first": ["ours", "theirs"],
    "theirs behind the block's first step": ["ours", "step", "theirs"],
    "theirs before": ["theirs", "step", "ours"],
}


@each("order", ORDERS)
def test_a_cancellation_of_somebody_else_goes_on_in_whatever_order(order: str) -> None:
    async def outcome() -> tuple[list[str], bool, int]:
        work = Work(cleaning_up)
        await asyncio.sleep(0)
        for act in ORDERS[order]:
            if act == "theirs":
                work.task.cancel()
            elif act == "ours":
                work.interrupt()
            else:
                await asyncio.sleep(0)
        await asyncio.wait([work.task])
        return work.done, work.task.cancelled(), work.task.cancelling()

    assert asyncio.run(outcome()) == (["cancelled"], True, 1)


async def test_a_second_interruption_does_not_break_into_the_clean_up_of_the_first() -> None:
    cleaned: list[str] = []

    async def clean() -> None:
        try:
            await asyncio.sleep(LONG)
        finally:
            await asyncio.sleep(0.01)
            cleaned.append("whole")

    work = Work(clean)
    await asyncio.sleep(0)
    assert work.interrupt()
    await asyncio.sleep(0)

    assert work.interrupt()

    assert (await work.task, cleaned) == (0, ["whole"])


async def test_it_may_come_again_for_a_later_block() -> None:
    async def twice() -> list[str]:
        interruption, done = Interruption(), []
        for name in ("one", "two"):
            interruption.open()
            asyncio.get_running_loop().call_soon(interruption.begin)
            try:
                await asyncio.sleep(LONG)
            except asyncio.CancelledError:
                done.append(name if interruption.end() else "theirs")
        return done

    assert await asyncio.create_task(twice()) == ["one", "two"]


async def test_it_is_refused_while_a_timeout_inside_is_taken_back_and_comes_behind_it() -> None:
    cleans, timed_out = asyncio.Event(), asyncio.Event()

    async def late() -> None:
        try:
            await asyncio.sleep(LONG)
        finally:
            cleans.set()
            await asyncio.sleep(0.01)

    async def timed() -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(0.01):
                await late()
        timed_out.set()
        await asyncio.sleep(LONG)

    work = Work(timed)
    await cleans.wait()

    assert not work.interrupt()
    await timed_out.wait()
    assert work.interrupt()

    assert (await work.task, work.done) == (0, ["cancelled", "went on"])


async def test_a_block_that_has_caught_it_and_returned_owes_nothing() -> None:
    async def caught() -> None:
        with pytest.raises(asyncio.CancelledError):
            await asyncio.sleep(LONG)

    work = Work(caught)
    await asyncio.sleep(0)

    assert work.interrupt()

    assert (await work.task, work.done) == (0, ["went on"])


async def test_behind_its_block_nothing_is_interrupted() -> None:
    interruption = Interruption()
    interruption.open()
    interruption.end()

    assert not interruption.begin()

    await asyncio.sleep(0)


async def test_nothing_is_swallowed_that_was_not_begun() -> None:
    work = Work()
    await asyncio.sleep(0)

    work.task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await work.task
    assert work.done == ["cancelled"]


async def test_a_task_group_around_it_still_ends_its_task() -> None:
    interruption: list[Interruption] = []
    ended: list[asyncio.Task[None]] = []

    async def child() -> None:
        interruption.append(Interruption())
        interruption[0].open()
        try:
            await asyncio.sleep(LONG)
        except asyncio.CancelledError:
            if not interruption[0].end():
                raise
        await asyncio.sleep(LONG)

    async def fails() -> None:
        await asyncio.sleep(0)
        interruption[0].begin()
        raise ValueError("the group ends")

    async def grouped() -> None:
        async with asyncio.TaskGroup() as group:
            ended.append(group.create_task(child()))
            group.create_task(fails())

    with pytest.raises(ExceptionGroup):
        await grouped()
    assert ended[0].cancelled()


async def test_a_task_that_was_cancelled_before_counts_from_there() -> None:
    async def survivor() -> str:
        with suppress(asyncio.CancelledError):  # and its count stays
            await asyncio.sleep(LONG)
        interruption = Interruption()
        interruption.open()
        asyncio.get_running_loop().call_soon(interruption.begin)
        try:
            await asyncio.sleep(LONG)
        except asyncio.CancelledError:
            return "ours" if interruption.end() else "theirs"
        return "nobody's"

    task = asyncio.create_task(survivor())
    await asyncio.sleep(0)
    task.cancel()

    assert await task == "ours"


def test_outside_of_a_task_there_is_nothing_to_interrupt() -> None:
    made: list[tuple[bool, ...]] = []

    def make() -> None:
        interruption = Interruption()
        made.append((interruption.open(), interruption.begin(), interruption.end()))

    loop = asyncio.new_event_loop()
    loop.call_soon(make)
    loop.call_soon(loop.stop)
    loop.run_forever()
    loop.close()

    assert made == [(False, False, False)]


@given(st.lists(st.sampled_from(["ours", "theirs", "step"]), max_size=8))
def test_the_task_is_cancelled_exactly_where_somebody_else_asked_for_it(acts: list[str]) -> None:
    async def outcome() -> tuple[bool, int]:
        work = Work()
        await asyncio.sleep(0)
        theirs = 0
        for act in acts:
            if work.task.done():
                break
            if act == "step":
                await asyncio.sleep(0)
            elif act == "ours":
                work.interrupt()
            else:
                theirs += 1
                work.task.cancel()
        work.interrupt()
        await asyncio.wait([work.task])
        return work.task.cancelled(), theirs

    cancelled, theirs = asyncio.run(outcome())

    assert cancelled == (theirs > 0)
