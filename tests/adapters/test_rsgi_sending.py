"""Sending over RSGI: the best call for each shape, and streams that end."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from martlet.messages import File, Request, Response, Stream
from tests.adapters.applications import Held, answering, plain_words, words
from tests.adapters.rsgi_server import Protocol, serve


async def test_each_shape_goes_by_the_best_call(tmp_path: Path) -> None:
    page = tmp_path / "page"
    page.write_bytes(b"0123456789")

    text = await serve(answering(lambda: Response("Hello")), Protocol())
    nothing = await serve(answering(lambda: Response(status=204)), Protocol())
    part = await serve(answering(lambda: Response(File(str(page), start=2, stop=5), status=206)), Protocol())

    assert text.calls == [("bytes", 200, [("content-type", "text/plain; charset=utf-8"), ("content-length", "5")], b"Hello")]
    assert nothing.calls == [("empty", 204, [])]
    assert part.calls[0][:2] + part.calls[0][3:] == ("file", 206, str(page), 2, 5)
    assert ("content-length", "3") in part.calls[0][2]


async def test_an_empty_file_is_no_range(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()

    protocol = await serve(answering(lambda: Response(File(str(tmp_path / "empty")))), Protocol())

    assert protocol.calls[0][0] == "empty"
    assert ("content-length", "0") in protocol.calls[0][2]


async def test_text_is_left_to_the_server_which_sends_utf_8() -> None:
    protocol = await serve(answering(lambda: Response(headers={"x-name": "Zoë"})), Protocol())

    assert ("x-name", "Zoë") in protocol.calls[0][2]


@pytest.mark.parametrize("status", [99, 101, 600, 1000])
async def test_a_status_that_would_end_the_worker_never_reaches_the_server(status: int) -> None:
    response, protocol = Response("text"), Protocol()
    response.status_code = status

    await serve(answering(lambda: response), protocol)

    assert [call[1] for call in protocol.calls] == [500]


@pytest.mark.parametrize("source", [words, plain_words])
async def test_a_stream_is_closed_and_released_at_its_end(source: Callable[..., Any]) -> None:
    events = list[str]()

    protocol = await serve(answering(lambda: Response(Stream(source(events, b"a", b"", b"b"), held=Held(events)))), Protocol())

    assert (b"".join(protocol.sent), all(protocol.sent)) == (b"ab", True)
    assert events == ["closed", "released"]


async def test_a_stream_ends_when_its_client_leaves() -> None:
    events, protocol = list[str](), Protocol()
    endless = words(events, *[b"x"] * 10_000, pause=0.001)
    serving = asyncio.create_task(serve(answering(lambda: Response(Stream(endless, held=Held(events)))), protocol))
    await protocol.until(3)

    protocol.gone.set()
    await serving

    assert events == ["closed", "released after ClientLeftError"]


async def test_a_closed_transport_ends_a_stream_quietly() -> None:
    events = list[str]()

    protocol = await serve(answering(lambda: Response(Stream(words(events, *"abc"), held=Held(events)))), Protocol(breaks_at=1))

    assert protocol.sent == [b"a"]
    assert events == ["closed", "released after ClientLeftError"]


async def test_a_failure_of_the_stream_itself_is_raised_for_the_log() -> None:
    events = list[str]()
    failing = words(events, b"a", fails=RuntimeError("the shelf fell"))

    with pytest.raises(RuntimeError, match="the shelf fell"):
        await serve(answering(lambda: Response(Stream(failing, held=Held(events)))), Protocol())

    assert events == ["closed", "released after RuntimeError"]


@pytest.mark.parametrize("fails", [None, RuntimeError("the shelf fell")], ids=["whole", "failed"])
async def test_the_answer_ends_after_the_clean_up_even_if_a_traceback_is_kept(fails: Exception | None) -> None:
    class Transport:
        async def send_bytes(self, _: bytes) -> None:
            """Take it."""

    class Watched(Protocol):
        def response_stream(self, *_: Any) -> Any:
            transport = Transport()
            self.ended = weakref.ref(transport, lambda _: events.append("ended"))
            return transport

    events, kept = list[str](), list[Exception]()
    try:
        await serve(answering(lambda: Response(Stream(words(events, b"a", fails=fails), held=Held(events)))), Watched())
    except RuntimeError as error:
        kept.append(error)

    assert [event.partition(" ")[0] for event in events] == ["closed", "released", "ended"]
    assert kept == ([] if fails is None else [fails])


@pytest.mark.parametrize("length", [None, 5])
async def test_a_stream_that_announced_its_length_begins_with_its_first_chunk(length: int | None) -> None:
    protocol = Protocol()
    failing = words([], fails=RuntimeError("the shelf fell"))

    with pytest.raises(RuntimeError, match="the shelf fell"):
        await serve(answering(lambda: Response(Stream(failing, length=length))), protocol)

    assert bool(protocol.calls) == (length is None)


async def test_a_stream_nobody_wants_is_closed_unread() -> None:
    events = list[str]()
    answer = answering(lambda: Response(Stream(words([], b"a"), held=Held(events), length=1)))

    protocol = await serve(answer, Protocol(), method="HEAD")

    assert protocol.calls[0][0] == "empty"
    assert ("content-length", "1") in protocol.calls[0][2]
    assert events == ["released"]


async def test_sys_exit_in_a_request_is_the_failure_of_that_request() -> None:
    async def leaving(_: Request) -> Response:
        raise SystemExit(3)

    with pytest.raises(RuntimeError, match=r"GET '/' raised SystemExit\(3\)"):
        await serve(leaving, Protocol())


async def test_a_websocket_handshake_is_refused() -> None:
    class Handshake(Protocol):
        def close(self, status: int) -> None:
            self.calls.append(("close", status))

    protocol = await serve(answering(Response), Handshake(), proto="ws")

    assert protocol.calls == [("close", 403)]
