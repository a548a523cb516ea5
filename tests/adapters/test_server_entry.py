"""One object for every server: decided once, whoever asks first, and ended with its process."""

from __future__ import annotations

import asyncio
import gc
import inspect
import os
import subprocess
import sys
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from martlet.adapters import ServerEntry
from martlet.messages import Application, Response
from tests.adapters.applications import OneAnswer, answering
from tests.adapters.asgi_server import ASGIExchange, asgi_scope
from tests.adapters.wsgi_server import WSGIExchange, environ


class Entry(ServerEntry):
    """Serves one answer, and counts how often it was decided."""

    def __init__(self, *, fails: bool = False) -> None:
        super().__init__()
        self.decided = 0
        self._fails = fails
        self.app = OneAnswer(answering(lambda: Response("Hello")), on_loop=False)

    def decide(self) -> Application:
        self.decided += 1
        if self._fails:
            raise ValueError("two routes tie")
        return self.app


def test_servers_see_an_asgi_application_in_the_instance() -> None:
    entry = Entry()

    assert inspect.iscoroutinefunction(entry.__call__)
    assert hasattr(entry, "__rsgi__")
    with pytest.raises(TypeError):
        entry()  # type: ignore[call-arg]  # uvicorn tries whether it is a factory, and wants this


def test_first_requests_that_come_together_decide_and_start_once() -> None:
    entry, together = Entry(), threading.Barrier(8)

    def ask(_: int) -> bytes:
        together.wait(5)
        return WSGIExchange(entry, environ()).rest()

    with ThreadPoolExecutor(8) as workers:
        answers = list(workers.map(ask, range(8), timeout=10))
    entry.__wsgi_del__()

    assert answers == [b"Hello"] * 8
    assert entry.decided == 1
    assert entry.app.lifespan.events == ["start", "stop"]


async def test_a_mistake_in_the_application_ends_the_start_up() -> None:
    exchange = ASGIExchange({"type": "lifespan.startup"})

    await Entry(fails=True)({"type": "lifespan"}, exchange.receive, exchange.send)

    assert exchange.sent == [{"type": "lifespan.startup.failed", "message": "two routes tie"}]


async def test_a_server_without_a_lifespan_meets_the_mistake_in_each_request() -> None:
    entry = Entry(fails=True)

    for _ in range(2):
        exchange = ASGIExchange()
        with pytest.raises(ValueError, match="two routes tie"):
            await entry(asgi_scope(), exchange.receive, exchange.send)

    assert entry.decided == 2


def test_a_worker_over_rsgi_starts_and_stops_the_application() -> None:
    entry, loop = Entry(), asyncio.new_event_loop()

    entry.__rsgi_init__(loop)
    entry.__rsgi_del__(loop)
    loop.close()

    assert entry.app.lifespan.events == ["start", "stop"]


def test_stopping_what_never_started_does_nothing() -> None:
    entry, loop = Entry(), asyncio.new_event_loop()

    entry.__wsgi_del__()
    entry.__rsgi_del__(loop)
    loop.close()

    assert entry.app.lifespan.events == []


# How a process ends. The clean-up may need threads, which are not to be had in atexit's hooks.

PROGRAM = """
import asyncio, os, sys
from martlet import App

app = App()

def tell(line):
    os.write(1, line.encode() + b"\\n")  # at once, since two processes write

@app.lifespan
async def shelf():
    yield
    tell(await asyncio.to_thread(lambda: "cleaned up"))

@app.get("/")
async def home() -> str:
    return "Hello"

def ask():
    chunks = app({"REQUEST_METHOD": "GET", "PATH_INFO": "/"}, lambda *_: None)
    tell(b"".join(chunks).decode())

def forks():
    child = os.fork()
    ask()
    if child:
        os.waitpid(child, 0)

def uses_multiprocessing():
    import multiprocessing
    worker = multiprocessing.get_context("fork").Process(target=ask)
    worker.start()
    worker.join()

globals()[sys.argv[1]]()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="pre-fork servers need fork")
@pytest.mark.parametrize(
    ("way", "printed"),
    [
        pytest.param("ask", ["Hello", "cleaned up"], id="a process of its own"),
        pytest.param("forks", ["Hello", "Hello", "cleaned up", "cleaned up"], id="each process after a fork"),
        pytest.param("uses_multiprocessing", ["Hello", "cleaned up"], id="a worker of multiprocessing, as Granian's are"),
    ],
)
def test_the_application_is_stopped_when_its_process_ends(way: str, printed: list[str], tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM, encoding="utf-8")

    ended = subprocess.run([sys.executable, str(program), way], capture_output=True, text=True, timeout=20, check=False)

    assert ended.stderr == ""
    assert sorted(ended.stdout.splitlines()) == sorted(printed)


def test_an_app_that_was_stopped_is_not_kept_until_the_process_ends() -> None:
    entry = Entry()
    assert WSGIExchange(entry, environ()).rest() == b"Hello"
    entry.__wsgi_del__()

    kept = weakref.ref(entry)
    del entry
    gc.collect()

    assert kept() is None
