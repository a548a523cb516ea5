"""Nobody's upload is read before the guards have spoken, but for a small one; and a plain chain stays in one thread."""

import asyncio
import contextvars
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any

import pytest

from martlet import App, Body, ForbiddenError, Guard, Limits, Request, UnauthorizedError
from martlet.handling.calling.guards_first import AwaitedBody
from martlet.testing import Client
from tests.rows import each
from tests.serving import ProtocolName, Serve

CHAPTER: contextvars.ContextVar[str] = contextvars.ContextVar("CHAPTER", default="none")
OCTETS = [(b"content-type", b"application/octet-stream")]
Declare = Callable[[App], object]
Upload = Annotated[bytes, Body()]


class User:
    pass


class Shelf:
    pass


async def upload(app: App, headers: list[tuple[bytes, bytes]], chunks: list[bytes]) -> tuple[int, int]:
    """Send chunks over ASGI; give the status, and how many of them were taken."""
    left, sent = list(chunks), []

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(0)
        return {"type": "http.request", "body": left.pop(0), "more_body": bool(left)} if left else {"type": "http.disconnect"}

    async def send(event: Any) -> None:
        sent.append(event)

    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": [*OCTETS, *headers]}
    await app(scope, receive, send)
    return sent[0]["status"], len(chunks) - len(left)


def refusing_inline(app: App) -> None:
    @app.authenticator(inline=True)
    def who(request: Request) -> User | None:
        return None

    @app.post("/")
    def keep(user: User, data: Upload) -> str: ...  # type: ignore[empty-body]


def refusing_in_a_thread(app: App) -> None:
    @app.authenticator
    def who(request: Request) -> User | None:
        return None

    @app.post("/")
    def keep(user: User, data: Upload) -> str: ...  # type: ignore[empty-body]


def refusing_before_an_async_handler(app: App) -> None:
    def nobody() -> None:
        raise UnauthorizedError

    @app.post("/", guards=[nobody])
    async def keep(data: Upload) -> str: ...  # type: ignore[empty-body]


REFUSING: list[Declare] = [refusing_inline, refusing_in_a_thread, refusing_before_an_async_handler]
LARGE = [b"x" * 50_000] * 4


@pytest.mark.parametrize("declare", REFUSING)
@pytest.mark.parametrize(
    "headers", [pytest.param([(b"content-length", b"200000")], id="announced"), pytest.param([], id="of unknown length")]
)
async def test_a_large_upload_is_not_read_for_somebody_who_is_refused(
    declare: Declare, headers: list[tuple[bytes, bytes]]
) -> None:
    app = App()
    declare(app)

    assert await upload(app, headers, LARGE) == (401, 0)


async def test_how_much_is_read_before_the_guards_is_a_limit() -> None:
    app = App(limits=Limits(unguarded_bytes=3))
    refusing_in_a_thread(app)

    assert await upload(app, [(b"content-length", b"3")], [b"abc"]) == (401, 1)
    assert await upload(app, [(b"content-length", b"4")], [b"abcd"]) == (401, 0)
    assert await upload(app, [(b"content-length", b"four")], [b"abcd"]) == (401, 0)


@pytest.mark.parametrize("size", [10, 200_000])
def test_guards_providers_and_handler_share_a_thread_and_a_context_whatever_the_size(serve: Serve, size: int) -> None:
    app, threads = App(), []

    def look() -> None:
        threads.append(threading.current_thread())
        CHAPTER.set("one")

    @app.provider
    def shelf() -> Iterator[Shelf]:
        threads.append(threading.current_thread())
        yield Shelf()
        threads.append(threading.current_thread())

    def look_again(shelf: Shelf) -> None:
        threads.append(threading.current_thread())

    @app.post("/", guards=[look, look_again])
    def keep(shelf: Shelf, data: Upload) -> str:
        threads.append(threading.current_thread())
        return f"{len(data)} bytes in chapter {CHAPTER.get()}"

    def ask() -> str:
        return serve(app).post("/", content=b"x" * size, headers={"content-type": "application/octet-stream"}).text

    assert contextvars.copy_context().run(ask) == f"{size} bytes in chapter one"
    assert len(threads) == 5
    assert len(set(threads)) == 1


@pytest.mark.parametrize("inline", [False, True])
def test_what_the_guards_asked_for_is_not_made_twice(serve: Serve, inline: bool) -> None:
    app, made = App(), []

    @app.provider(inline=inline)
    def shelf(request: Request) -> Shelf:
        made.append(request)
        return Shelf()

    @app.authenticator(inline=inline)
    def who(shelf: Shelf, name: str) -> User | None:
        return User()

    def look(shelf: Shelf, name: str, number: int = 7) -> None:
        if name != "ada":
            raise ForbiddenError

    @app.post("/", guards=[Guard(look, inline=inline)])
    def keep(shelf: Shelf, user: User, name: str, number: int, data: Upload) -> str:
        return f"{name} {number} {len(data)} {type(user).__name__} {type(shelf).__name__}"

    client = serve(app)

    assert client.post("/?name=ada&number=8", content=[b"abc", b"de"]).text == "ada 8 5 User Shelf"
    assert client.post("/?name=bob&number=8", content=[b"abc", b"de"]).status_code == 403
    assert len(made) == 2


@each("inline", [False, True])
@each(("length", "status"), [pytest.param("120", 413, id="too large"), pytest.param("90", 400, id="broken off")])
def test_what_guards_opened_is_closed_when_the_body_cannot_be_read(serve: Serve, inline: bool, length: str, status: int) -> None:
    app, events = App(limits=Limits(body_bytes=100, unguarded_bytes=0)), []

    @app.provider(inline=inline)
    def shelf() -> Iterator[Shelf]:
        events.append("open")
        try:
            yield Shelf()
        finally:
            events.append("close")

    def look(shelf: Shelf) -> None:
        events.append("guard")

    @app.post("/", guards=[Guard(look, inline=inline)])
    def keep(shelf: Shelf, data: Upload) -> str:
        events.append("handler")
        return ""

    fields = {"content-length": length, "content-type": "application/octet-stream"}
    received = serve(app).post("/", content=b"x" * 60, headers=fields, breaks_off=True)

    assert (received.status_code, events) == (status, ["open", "guard", "close"])


async def test_a_request_that_is_cancelled_lets_the_waiting_thread_go() -> None:
    app, waiting, closed = App(), asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    @app.provider
    def shelf() -> Iterator[Shelf]:
        try:
            yield Shelf()
        finally:
            loop.call_soon_threadsafe(closed.set)

    def look(shelf: Shelf) -> None: ...

    @app.post("/", guards=[look])
    def keep(data: Upload) -> str: ...  # type: ignore[empty-body]

    async def receive() -> dict[str, Any]:
        waiting.set()
        await asyncio.Event().wait()
        raise AssertionError

    async def send(event: Any) -> None:
        raise AssertionError

    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": OCTETS}
    task = asyncio.create_task(app(scope, receive, send))
    await waiting.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    await asyncio.wait_for(closed.wait(), 5)


def test_a_thread_does_not_wait_for_a_loop_that_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("martlet.handling.calling.guards_first.LOOK_SECONDS", 0.01)
    loop = asyncio.new_event_loop()

    async def begin() -> AwaitedBody:
        return AwaitedBody()

    body = loop.run_until_complete(begin())

    with ThreadPoolExecutor(1) as threads, pytest.raises(RuntimeError, match="loop has ended"):
        threads.submit(body.wait).result(5)
    loop.close()


@pytest.mark.parametrize("protocol", ["asgi", "rsgi"])
def test_slow_uploads_behind_blocking_guards_hold_no_thread_that_others_need(protocol: ProtocolName) -> None:
    app, held = App(threads=1), threading.Event()

    def look() -> None:
        held.wait(10)

    @app.post("/", guards=[look])
    def keep(data: Upload) -> str:
        return "kept"

    app.get("/")(lambda: "shown")

    with Client(app, protocol=protocol) as client, ThreadPoolExecutor(1) as threads:
        kept = threads.submit(lambda: client.post("/", content=[b"a", b"b"]).text)
        assert client.get("/").text == "shown"
        held.set()
        assert kept.result(10) == "kept"
