"""Where functions run: a plain chain in one hop to one thread, the loop never blocked, over WSGI right where it is called."""

import asyncio
import contextvars
import threading
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from martlet import App, Request, Respond, Response
from martlet.testing import Client
from tests.rows import each
from tests.serving import ProtocolName, Serve

LANGUAGE: contextvars.ContextVar[str] = contextvars.ContextVar("LANGUAGE", default="none")


class Shelf:
    pass


def here() -> str:
    return threading.current_thread().name


def chain(events: list[tuple[str, str, str]], *, inline: bool = False) -> App:
    """A guard, two providers and a handler, all plain, that write down their thread and their context."""
    app = App()

    def note(what: str) -> None:
        events.append((what, here(), LANGUAGE.get()))

    def look(request: Request) -> None:
        note("guard")
        LANGUAGE.set("set by the guard")

    @app.provider(inline=inline)
    def shelf() -> Iterator[Shelf]:
        note("provider")
        token = LANGUAGE.set("set by the provider")
        yield Shelf()
        note("clean-up")
        LANGUAGE.reset(token)  # refused in another context than the one it was set in

    @app.get("/", guards=[look], inline=inline)
    def show(shelf: Shelf) -> str:
        note("handler")
        return here()

    return app


def test_a_chain_of_plain_functions_shares_one_thread_and_one_context(serve: Serve) -> None:
    events: list[tuple[str, str, str]] = []

    received = contextvars.copy_context().run(serve(chain(events)).get, "/")

    assert received.status_code == 200
    assert {thread for _, thread, _ in events} == {received.text}
    assert [(what, language) for what, _, language in events] == [
        ("guard", "none"),
        ("provider", "set by the guard"),
        ("handler", "set by the provider"),
        ("clean-up", "set by the provider"),
    ]


@pytest.mark.parametrize("protocol", ["asgi", "rsgi"])
def test_on_a_loop_the_whole_chain_is_one_hop_to_the_pool(protocol: ProtocolName, monkeypatch: pytest.MonkeyPatch) -> None:
    events: list[tuple[str, str, str]] = []
    hops: list[object] = []
    real = asyncio.BaseEventLoop.run_in_executor

    def counted(loop: Any, executor: Any, function: Any, *arguments: Any) -> Any:
        hops.append(function)
        return real(loop, executor, function, *arguments)

    with Client(chain(events), protocol=protocol) as client:
        monkeypatch.setattr(asyncio.BaseEventLoop, "run_in_executor", counted)
        received = client.get("/")

    assert len(hops) == 1
    assert received.text.startswith("martlet")
    assert received.text != "martlet-client"  # where the client's loop runs


def test_over_wsgi_a_plain_chain_runs_in_the_calling_thread() -> None:
    events: list[tuple[str, str, str]] = []

    with Client(chain(events), protocol="wsgi") as client:
        received = contextvars.copy_context().run(client.get, "/")

    assert received.text == here()


def test_over_wsgi_whatever_waits_runs_on_the_one_background_loop() -> None:
    app, loops = App(), []

    @app.provider
    async def shelf() -> AsyncIterator[Shelf]:
        loops.append(asyncio.get_running_loop())
        yield Shelf()
        loops.append(asyncio.get_running_loop())

    @app.get("/waiting")
    async def wait() -> str:
        await asyncio.sleep(0)
        loops.append(asyncio.get_running_loop())
        return here()

    @app.get("/plain")
    def plain(shelf: Shelf) -> str:
        return here()

    with Client(app, protocol="wsgi") as client:
        waiting, plain_there = client.get("/waiting").text, client.get("/plain").text

    assert waiting == "martlet-loop"
    assert plain_there not in {"martlet-loop", here()}  # a plain function may block, so it is not for the loop
    assert len(loops) == 3
    assert len(set(map(id, loops))) == 1


@pytest.mark.parametrize("protocol", ["asgi", "rsgi"])
@each("waits", [False, True])
def test_inline_functions_run_right_on_the_loop(protocol: ProtocolName, waits: bool) -> None:
    app = App()

    @app.provider(inline=True)
    def shelf() -> Iterator[Shelf]:
        assert here() == "martlet-client"
        yield Shelf()
        assert here() == "martlet-client"

    if waits:

        @app.get("/")
        async def show_waiting(shelf: Shelf) -> str:
            return here()

    else:

        @app.get("/", inline=True)
        def show(shelf: Shelf) -> str:
            return here()

    with Client(app, protocol=protocol) as client:
        assert client.get("/").text == "martlet-client"


def test_over_wsgi_an_inline_coroutine_is_stepped_in_the_calling_thread() -> None:
    app = App()

    @app.get("/", inline=True)
    async def show() -> str:
        return here()

    with Client(app, protocol="wsgi") as client:
        assert client.get("/").text == here()


def test_over_wsgi_an_inline_middleware_leaves_the_thread_alone() -> None:
    app = App()

    async def mark(request: Request, respond: Respond) -> Response:
        response = await respond(request)
        response.headers["x-thread"] = here()
        return response

    app.use(mark, inline=True)
    app.get("/")(here)

    with Client(app, protocol="wsgi") as client:
        received = client.get("/")

    assert received.text == received.headers["x-thread"] == here()


@pytest.mark.parametrize("protocol", ["asgi", "rsgi"])
def test_a_blocking_handler_does_not_block_the_loop(protocol: ProtocolName) -> None:
    app, release = App(), threading.Event()

    @app.get("/blocked")
    def block() -> str:
        return str(release.wait(10))

    @app.get("/free")
    async def free() -> str:
        return "free"

    with Client(app, protocol=protocol) as client:
        answers: list[str] = []
        blocked = threading.Thread(target=lambda: answers.append(client.get("/blocked").text))
        blocked.start()
        free_meanwhile = client.get("/free").text
        release.set()
        blocked.join()

    assert free_meanwhile == "free"
    assert answers == ["True"]


@pytest.mark.parametrize("protocol", ["asgi", "rsgi"])
@each("asks", ["guard", "provider", "error handler", "authenticator"])
def test_no_blocking_function_of_any_kind_is_called_on_the_loop(protocol: ProtocolName, asks: str) -> None:
    app, threads = App(), []

    def note() -> Shelf:
        threads.append(here())
        return Shelf()

    def guard() -> None:
        note()

    if asks == "provider":
        app.provider(note)
    elif asks == "authenticator":
        app.authenticator(note)
    elif asks == "error handler":
        app.on_error(KeyError)(note)

    @app.get("/", guards=[guard] if asks == "guard" else [])
    async def show(request: Request) -> str:
        raise KeyError

    @app.get("/shelf")
    async def show_shelf(shelf: Shelf) -> str:
        return ""

    app.provider(note) if asks in {"guard", "error handler"} else None

    with Client(app, protocol=protocol) as client:
        client.get("/" if asks in {"guard", "error handler"} else "/shelf")

    assert threads
    assert "martlet-client" not in threads


@pytest.mark.parametrize("protocol", ["asgi", "rsgi"])
def test_the_context_of_a_middleware_reaches_the_thread(protocol: ProtocolName) -> None:
    app = App()

    async def german(request: Request, respond: Respond) -> Response:
        LANGUAGE.set("de")
        return await respond(request)

    app.use(german)
    app.get("/")(lambda: f"in {LANGUAGE.get()}")

    with Client(app, protocol=protocol) as client:
        assert client.get("/").text == "in de"


@pytest.mark.parametrize("protocol", ["asgi", "rsgi"])
@each("path", ["/waiting", "/plain"])
def test_what_a_handler_sets_does_not_reach_the_next_request(protocol: ProtocolName, path: str) -> None:
    app = App()

    def plain() -> str:
        before = LANGUAGE.get()
        LANGUAGE.set("left behind")
        return before

    async def wait() -> str:
        return plain()

    app.get("/waiting")(wait)
    app.get("/plain")(plain)

    with Client(app, protocol=protocol) as client:
        assert [client.get(path).text for _ in range(2)] == ["none", "none"]


@pytest.mark.parametrize("protocol", ["asgi", "rsgi"])
def test_no_more_handlers_block_at_once_than_the_app_says(protocol: ProtocolName) -> None:
    app, running, most = App(threads=2), [], []
    lock = threading.Lock()

    @app.get("/")
    def work() -> str:
        with lock:
            running.append(1)
            most.append(len(running))
        time.sleep(0.01)
        with lock:
            running.pop()
        return ""

    with Client(app, protocol=protocol) as client:
        threads = [threading.Thread(target=client.get, args=("/",)) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert max(most) == 2
