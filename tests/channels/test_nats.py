"""Two processes over one NATS, its restarts, what is found missing, and what a server says no to."""

import asyncio
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from martlet.channels import (
    BrokerUnavailableError,
    Channel,
    Channels,
    MessageLimitError,
    Missing,
    NatsBroker,
    RedisBroker,
    Reset,
    Topic,
    Window,
)
from martlet.channels.nats import consumers as nats_consumers
from martlet.channels.nats import reading as nats_reading
from martlet.channels.nats.names import Names
from martlet.channels.nats.streams import SPARE
from martlet.messages import Event
from martlet.optional_packages import MissingExtraError
from tests.channels.reading import SECONDS, is_silent, read
from tests.rows import each
from tests.services import Service

DESCRIPTORS = Path("/proc/self/fd")


async def ask(broker: NatsBroker, what: str, **question: object) -> dict[str, Any]:
    return await broker._streams._ask(what, question)  # noqa: SLF001


@pytest.fixture
async def channel(nats_server: Service, request: pytest.FixtureRequest) -> AsyncIterator[Channel[int]]:
    async with Channels(NatsBroker(nats_server.url, prefix=request.node.name[:32])) as channels:
        yield channels.channel("numbers", int, window=Window(count=10))


def broker_of(channel: Channel[int]) -> NatsBroker:
    broker = channel._channels.broker  # noqa: SLF001
    assert isinstance(broker, NatsBroker)
    return broker


async def test_two_processes_share_order_ids_and_repeats(nats_server: Service) -> None:
    one, other = (Channels(NatsBroker(nats_server.url, prefix="two")) for _ in range(2))
    here, there = one.channel("numbers", int), other.channel("numbers", int)
    async with one, other, here.subscribe() as events, there.subscribe() as others:
        await asyncio.gather(*(channel.publish(number) for number in range(50) for channel in (here, there)))
        first = await here.publish(7, id="once")
        assert (await there.publish(7, id="once")).is_repeat

        seen = await read(events, 101)
        assert seen == await read(others, 101)
    async with one, here.subscribe(after=first.id) as events:
        await here.publish(8)
        assert await read(events, 1) == [8]


PUBLISHER = """
import asyncio, sys
from martlet.channels import Channels, NatsBroker

async def main(url, first):
    channels = Channels(NatsBroker(url, prefix="processes"))
    async with channels:
        channel = channels.channel("numbers", int)
        for number in range(int(first), int(first) + 100):
            await channel.publish(number)

asyncio.run(main(*sys.argv[1:]))
"""


async def test_other_processes_publish_and_this_one_reads(nats_server: Service) -> None:
    channels = Channels(NatsBroker(nats_server.url, prefix="processes"))
    async with channels, channels.channel("numbers", int).subscribe() as events:
        words = [sys.executable, "-c", PUBLISHER, nats_server.url]
        processes = [await asyncio.create_subprocess_exec(*words, first) for first in ("0", "1000")]
        statuses = [await process.wait() for process in processes]
        seen = await read(events, 200)

    assert statuses == [0, 0]
    assert [number for number in seen if number < 1_000] == list(range(100))
    assert [number for number in seen if number >= 1_000] == list(range(1_000, 1_100))


async def test_a_cancellation_that_the_client_swallows_is_heeded(channel: Channel[int], monkeypatch: pytest.MonkeyPatch) -> None:
    """As before Python 3.12 its `asyncio.wait_for` does, where it comes together with the answer."""
    await channel.publish(1)
    client = await broker_of(channel)._links.client()  # noqa: SLF001
    request = client.request

    async def swallowing(*args: Any, **options: Any) -> Any:
        answer = await request(*args, **options)
        publishing.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(0)
        return answer

    monkeypatch.setattr(client, "request", swallowing)
    publishing = asyncio.ensure_future(channel.publish(2))
    await asyncio.wait([publishing])

    assert publishing.cancelled()


def count_open() -> int:
    return len(list(DESCRIPTORS.iterdir()))


@pytest.mark.skipif(not DESCRIPTORS.exists(), reason="only Linux tells which file descriptors are open")
async def test_what_was_opened_is_closed(nats_server: Service) -> None:
    open_before = 0
    broker = NatsBroker(nats_server.url, prefix="descriptors")
    for number in range(5):
        channels = Channels(broker)
        channel = channels.channel("numbers", int)
        async with channels, channel.subscribe() as events, channel.part("1").subscribe():
            await asyncio.gather(*(channel.publish(each) for each in range(10)))
            await read(events, 10)
        await asyncio.sleep(0)  # a transport closes its socket in the next turn
        if number == 0:
            open_before = count_open()
    assert count_open() <= open_before
    assert len(asyncio.all_tasks()) == 1

    async with broker:  # what was followed is forgotten at the server, too
        assert (await ask(broker, "STREAM.INFO.descriptors+numbers"))["state"]["consumer_count"] == 0


async def test_a_restart_loses_and_doubles_nothing() -> None:
    server = Service.start("nats", tcp=True)
    channels = Channels(NatsBroker(server.url, timeout_seconds=20))
    channel = channels.channel("numbers", int)
    try:
        async with channels, channel.subscribe() as events:
            await channel.publish(0)
            publishing = asyncio.create_task(publish_all(channel, 1, 300))
            await asyncio.sleep(0.05)
            await asyncio.to_thread(server.kill)
            await asyncio.to_thread(server.start_again)
            await publishing

            assert await read(events, 300) == list(range(300))
    finally:
        server.stop()


async def publish_all(channel: Channel[int], first: int, end: int) -> None:
    for number in range(first, end):
        assert not (await channel.publish(number, id=f"number-{number}")).is_repeat


async def test_a_server_that_comes_back_empty_is_told(tmp_path: Path) -> None:
    server = Service.start("nats", "--store_dir", str(tmp_path), tcp=True)
    channels = Channels(NatsBroker(server.url, timeout_seconds=20))
    channel = channels.channel("numbers", int)
    try:
        async with channels, channel.subscribe() as events:
            before = await channel.publish(1)
            assert await read(events, 1) == [1]
            await asyncio.to_thread(server.kill)
            shutil.rmtree(tmp_path / "jetstream")
            await asyncio.to_thread(server.start_again)

            async with asyncio.timeout(SECONDS):
                told = await anext(events)
            assert isinstance(told, Reset)
            assert told.data == Missing("lost")
            await channel.publish(2)
            assert await read(events, 1) == [2]
        async with channels:
            async with channel.subscribe(after=before.id) as events:
                assert await read(events, 1) == [Missing("unknown id")]
            async with channel.subscribe(after=told.id) as events:
                assert await read(events, 1) == [2]
    finally:
        server.stop()


async def test_a_stream_that_vanishes_while_one_listens_is_told_when_somebody_publishes(channel: Channel[int]) -> None:
    stream = Names.of(broker_of(channel)._prefix, channel.topic).stream  # noqa: SLF001
    async with channel.subscribe() as events:
        await channel.publish(1)
        assert await read(events, 1) == [1]
        await ask(broker_of(channel), f"STREAM.DELETE.{stream}")
        await channel.publish(2)

        assert await read(events, 1) == [Missing("lost")]
        await channel.publish(3)
        assert await read(events, 1) == [3]


async def test_a_stream_that_vanishes_is_told_even_if_nobody_does(channel: Channel[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nats_consumers, "BEAT_SECONDS", 0.1)
    monkeypatch.setattr(nats_consumers, "SILENT_SECONDS", 0.3)
    monkeypatch.setattr(nats_reading, "LOOK_SECONDS", 0.05)
    stream = Names.of(broker_of(channel)._prefix, channel.topic).stream  # noqa: SLF001
    async with channel.subscribe() as events:
        await channel.publish(1)
        assert await read(events, 1) == [1]
        await asyncio.sleep(1)  # some signs of life
        assert await is_silent(events)
        await ask(broker_of(channel), f"STREAM.DELETE.{stream}")

        assert await read(events, 1) == [Missing("lost")]


async def test_messages_that_are_lost_on_the_way_are_fetched_again(channel: Channel[int]) -> None:
    async with channel.subscribe() as events:
        await channel.publish(0)
        assert await read(events, 1) == [0]
        (consumer,) = broker_of(channel)._reading._consumers  # noqa: SLF001
        consumer._delivered -= 1  # noqa: SLF001  as if the next one were the second after this
        for number in range(1, 9):
            await channel.publish(number)

        assert await read(events, 8) == list(range(1, 9))


async def test_who_was_away_for_longer_than_the_window_is_told(channel: Channel[int]) -> None:
    broker = broker_of(channel)
    async with channel.subscribe() as events:
        await channel.publish(0)
        assert await read(events, 1) == [0]
        (consumer,) = broker._reading._consumers  # noqa: SLF001
        await consumer._subscription.unsubscribe()  # noqa: SLF001  what comes now does not arrive
        await publish_all(channel, 1, 12 + SPARE)
        last = await channel.publish(199)
        consumer.give_up()

        async with asyncio.timeout(SECONDS):
            told: Event[Any] = await anext(events)
        assert (told.data, told.id) == (Missing("lost"), last.id)
        await channel.publish(200)
        assert await read(events, 1) == [200]


async def test_what_left_the_stream_before_it_was_sent_is_told(channel: Channel[int]) -> None:
    broker = broker_of(channel)
    async with channel.subscribe() as events:
        await channel.publish(0)
        assert await read(events, 1) == [0]
        ((followed, _),) = broker._reading._followed.values()  # noqa: SLF001
        names = followed.names
        await ask(broker, f"STREAM.PURGE.{names.stream}", filter=names.subject)
        followed.max_count = 2  # so that one more to come is half of what is kept
        last = await channel.publish(1)

        async with asyncio.timeout(SECONDS):
            told: Event[Any] = await anext(events)
        assert (told.data, told.id) == (Missing("lost"), last.id)


async def test_a_reader_in_a_rush_gets_all_while_it_is_there(channel: Channel[int]) -> None:
    async with channel.subscribe() as events:
        await asyncio.gather(*(channel.publish(number) for number in range(SPARE)))
        reasons = {told.reason for told in await read(events, 10) if isinstance(told, Missing)}
        assert reasons <= {"slow reader"}  # of this process's log of ten, and not of the stream's


async def test_two_tries_of_one_call_are_no_repeat(channel: Channel[int], monkeypatch: pytest.MonkeyPatch) -> None:
    streams = broker_of(channel)._streams  # noqa: SLF001
    publish, lost = streams.publish, list[tuple[int, bool]]()

    async def lose_the_first_answer(*given: Any) -> tuple[int, bool]:
        answer = await publish(*given)
        if not lost:
            lost.append(answer)
            raise TimeoutError
        return answer

    monkeypatch.setattr(streams, "publish", lose_the_first_answer)
    first = await channel.publish(1, id="once")
    again = await channel.publish(1, id="once")

    assert (first.is_repeat, again.is_repeat, again.id) == (False, True, first.id)
    assert len(await channel.history()) == 1


async def test_a_server_that_is_away_is_an_error_within_the_time() -> None:
    channels = Channels(NatsBroker("nats://ada:secret@127.0.0.1:1", timeout_seconds=0.3))
    channel = channels.channel("numbers", int)
    async with channels:
        with pytest.raises(BrokerUnavailableError, match=r"^nats://127\.0\.0\.1:1 is not available: .*failed"):
            await channel.publish(1)
        with pytest.raises(BrokerUnavailableError):
            await anext(channel.subscribe())


async def test_a_server_without_jetstream_is_told_with_the_cure(tmp_path: Path) -> None:
    settings = tmp_path / "settings"
    settings.write_text("jetstream: disabled\naccounts: { A: { users: [{user: a, password: a}] } }\nno_auth_user: a\n")
    server = Service.start("nats", "--config", str(settings), tcp=True)
    channels = Channels(NatsBroker(server.url, timeout_seconds=1))
    try:
        async with channels:
            with pytest.raises(BrokerUnavailableError, match=r"JetStream"):
                await channels.channel("numbers", int).publish(1)
    finally:
        server.stop()


async def test_a_server_that_takes_less_is_the_publishers_413(tmp_path: Path) -> None:
    settings = tmp_path / "settings"
    settings.write_text("max_payload: 1000\n")
    server = Service.start("nats", "--config", str(settings), tcp=True)
    channels = Channels(NatsBroker(server.url))
    try:
        async with channels:
            channel = channels.channel("texts", str)
            with pytest.raises(MessageLimitError, match=r"902 bytes is too long for nats://.*max_payload"):
                await channel.publish("x" * 900)
            await channel.publish("x" * 700)
    finally:
        server.stop()


async def test_what_an_operator_sets_stays_and_a_new_window_is_taken(nats_server: Service) -> None:
    broker = NatsBroker(nats_server.url, prefix="operator")
    stream = "operator+numbers"
    async with Channels(broker) as channels:
        await channels.channel("numbers", int).publish(1)
        config = (await ask(broker, f"STREAM.INFO.{stream}"))["config"]
        await ask(broker, f"STREAM.UPDATE.{stream}", **{**config, "description": "mine", "max_bytes": 1_000_000})
    async with Channels(broker) as channels:
        channel = channels.channel("numbers", int, window=Window(count=7, seconds=60))
        await channel.publish(2)
        config = (await ask(broker, f"STREAM.INFO.{stream}"))["config"]
        assert [event.data for event in await channel.history()] == [1, 2]

    assert (config["description"], config["max_bytes"], config["max_msgs_per_subject"]) == ("mine", 1_000_000, 7 + SPARE)
    assert config["max_age"] == (60 + 7 * 24 * 3_600) * 10**9


async def test_what_somebody_else_wrote_is_told_and_the_channel_goes_on(channel: Channel[int]) -> None:
    broker = broker_of(channel)
    async with channel.subscribe() as events:
        client = await broker._links.client()  # noqa: SLF001
        await client.publish(Names.of(broker._prefix, channel.topic).subject, b'"text"')  # noqa: SLF001
        await channel.publish(1)

        assert await read(events, 2) == [Missing("unreadable", 1), 1]


async def test_history_is_as_old_as_the_window(nats_server: Service) -> None:
    async with Channels(NatsBroker(nats_server.url, prefix="old")) as channels:
        channel = channels.channel("numbers", int, window=Window(count=10, seconds=0.2))
        await channel.publish(1)
        await asyncio.sleep(0.3)
        await channel.publish(2)

        assert [event.data for event in await channel.history()] == [2]


NAMES = {
    "a channel": ("chat", "martlet+chat", "martlet.chat"),
    "a part": ("chat/42", "martlet+chat", "martlet.chat./42"),
    "an empty part": ("chat/", "martlet+chat", "martlet.chat./"),
    "what NATS reads otherwise": ("a.b *>/c.d\r\n", "martlet+a=2Eb=20=2A=3E", "martlet.a=2Eb=20=2A=3E./c=2Ed=0D=0A"),
    "its own sign": ("a=20b", "martlet+a=3D20b", "martlet.a=3D20b"),
    "other letters": ("ü\ud800", "martlet+=C3=BC=ED=A0=80", "martlet.=C3=BC=ED=A0=80"),
}


@each("case", NAMES)
def test_every_name_is_a_subject_of_its_own(case: str) -> None:
    name, stream, subject = NAMES[case]

    names = Names.of("martlet", Topic(name, Window()))

    assert (names.stream, names.subject) == (stream, subject)


async def test_the_longest_names_are_taken(nats_server: Service) -> None:
    async with Channels(NatsBroker(nats_server.url, prefix="long")) as channels:
        one, other = (channels.channel("." * 150 + end, int) for end in "ab")
        async with one.part("*" * 40).subscribe() as events, other.subscribe() as others:
            await one.part("*" * 40).publish(1)
            await other.publish(2)
            assert (await read(events, 1), await read(others, 1)) == ([1], [2])


URLS = ["", "127.0.0.1:4222", "redis://one", "nats://", "nats://one:port", "nats://one,two:99999"]


@each("url", URLS)
def test_what_is_no_url_of_nats_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"(?i)NATS|port"):
        NatsBroker(url)


def test_a_prefix_that_is_no_word_is_refused() -> None:
    with pytest.raises(ValueError, match=r"'a\.b' is no prefix"):
        NatsBroker("nats://one", prefix="a.b")


@each("kind", [NatsBroker, RedisBroker])
def test_a_missing_package_is_told_with_its_extra_before_anything_begins(
    kind: type[NatsBroker | RedisBroker], monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "nats" if kind is NatsBroker else "redis"
    monkeypatch.setitem(sys.modules, name, None)

    with pytest.raises(MissingExtraError, match=rf"pip install 'martlet\[{name}\]'"):
        kind(f"{name}://127.0.0.1:1")


async def test_no_secret_is_sent_in_plain_text_where_the_url_says_tls(nats_server: Service) -> None:
    channels = Channels(NatsBroker(nats_server.url.replace("nats:", "tls:"), timeout_seconds=0.5))
    async with channels:
        with pytest.raises(BrokerUnavailableError, match="the server has no TLS"):
            await channels.channel("numbers", int).publish(1)


async def test_a_broker_is_closed_while_it_connects(nats_server: Service) -> None:
    for turns in range(40):
        async with asyncio.timeout(10):
            async with NatsBroker(nats_server.url):
                for _ in range(turns):
                    await asyncio.sleep(0)
