"""The command line: what it says before a server starts, and that a server starts and stops cleanly."""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from click.testing import CliRunner

from martlet.cli import MissingExtraError, require_extra
from martlet.cli.access_log import EscapingFormatter
from martlet.cli.commands import cli
from martlet.signing import KeyRing
from tests.rows import each

OTHER_SERVERS = ["uvicorn", "hypercorn", "h2corn", "gunicorn"]  # than the default one
SHOP = """
from collections.abc import AsyncIterator
from martlet import App, Stream

app = App()
streaming = App()


@app.get("/books/{book_id}")
async def show_book(book_id: int, page: int = 1) -> str:
    return f"book {book_id}, page {page}"


@streaming.get("/changes")
async def changes() -> Stream:
    return Stream([b"one", b"two"])
"""

PREFIXES = """
from functools import partial
from martlet import App, Group

class Older:
    def __call__(self, environ, start_response): ...

async def events(scope, receive, send): ...
def old(environ, start_response): ...
def anybody(): ...

app = App()
app.static("/assets", "assets", guards=[anybody])
app.mount("/old", old)
app.mount("/older", Older())
app.mount("/events", events)
app.mount("/inner", App())
group = Group("/own")
@group.get("/x")
async def own() -> str: ...
group.mount("", old, name="own")
app.include(group)
app.mount("", partial(old))
"""

BROKEN = """
from martlet import App

class Shelf: ...

app = App()


@app.get("/a/{x}/y")
async def first(x: str, shelf: Shelf) -> str: ...


@app.get("/a/b/{z}")
async def second(z: str) -> str: ...


@app.get("/a/{y}/y")
async def third(y: str) -> str: ...
"""


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A directory with two modules; what is imported from it is forgotten again."""
    (tmp_path / "shop_for_cli.py").write_text(SHOP)
    (tmp_path / "broken_for_cli.py").write_text(BROKEN)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield tmp_path
    for name in ("shop_for_cli", "broken_for_cli", "prefixes_for_cli"):
        sys.modules.pop(name, None)


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli, arguments)
    return result.exit_code, result.output


def test_routes_shows_what_each_parameter_became(directory: Path) -> None:
    code, output = run("routes", "shop_for_cli:app")

    assert code == 0
    assert "GET, HEAD    /books/{book_id}  show_book" in output
    assert "book_id: the path" in output
    assert "page: query field 'page'" in output


def test_routes_names_what_the_framework_gives_as_it_is_written(directory: Path) -> None:
    (directory / "leading_for_cli.py").write_text(
        "from martlet import App, URLs\n\napp = App()\n@app.get('/')\ndef home(urls: URLs) -> str:\n    return urls.to(home)\n"
    )

    code, output = run("routes", "leading_for_cli:app")

    assert code == 0
    assert "urls: URLs, once per request" in output


def test_routes_tells_what_lies_below_a_prefix_in_one_line_each(directory: Path) -> None:
    (directory / "assets").mkdir()
    (directory / "prefixes_for_cli.py").write_text(PREFIXES)

    code, output = run("routes", "prefixes_for_cli:app")

    assert code == 0
    assert [line.partition("  (")[0] for line in output.splitlines()] == [
        "GET, HEAD    /assets  static files in assets",
        "               guard anybody",
        "*            /old  WSGI application old",
        "*            /older  WSGI application Older",
        "*            /events  ASGI application events",
        "*            /inner  Martlet application",
        "GET, HEAD    /own/x  own",
        "*            /own  WSGI application old",
        "*            /  WSGI application old",
    ]


def test_routes_prints_the_generated_code(directory: Path) -> None:
    code, output = run("routes", "shop_for_cli:app", "--code")

    assert code == 0
    assert "async def endpoint(request):" in output
    assert "def lookup(method, path):" in output


@pytest.mark.parametrize(
    ("command", "target", "words"),
    [
        pytest.param("routes", "shop_for_cli", "write MODULE:APP", id="no colon"),
        pytest.param("routes", "nowhere_at_all:app", "There is no module 'nowhere_at_all'", id="no such module"),
        pytest.param("routes", "shop_for_cli:application", "has nothing under the name 'application'", id="no such name"),
        pytest.param("run", "shop_for_cli:show_book", "has a function under the name 'show_book'", id="not an app"),
    ],
)
def test_a_wrong_target_is_explained(directory: Path, command: str, target: str, words: str) -> None:
    code, output = run(command, target)

    assert code == 1
    assert words in output


def test_every_mistake_of_an_app_is_told_before_a_server_starts(directory: Path) -> None:
    code, output = run("run", "broken_for_cli:app")

    assert code == 1
    assert "The application cannot start (2 problems)" in output
    assert "broken_for_cli.py:9" in output
    assert "comes from nowhere" in output
    assert "/a/b/{z}" in output


@pytest.mark.parametrize("command", ["run", "check", "routes"])
@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("\nprices = {}\nprices['tea']\n", "line 3, in <module>", id="what it raises"),
        pytest.param("\n\nprices = (\n", "'(' was never closed", id="what is no Python"),
        pytest.param("import no_such_package_at_all\n", "No module named 'no_such_package_at_all'", id="what it imports"),
    ],
)
def test_a_module_that_cannot_be_imported_is_told_by_its_place(directory: Path, command: str, text: str, words: str) -> None:
    name = f"unreadable_for_cli_{command}_{len(text)}"
    (directory / f"{name}.py").write_text(text, encoding="utf-8")
    code, output = run(command, f"{name}:app")

    assert code == 1
    assert f"{name} cannot be imported" in output
    assert f'{name}.py", line' in output
    assert words in output
    assert "importlib" not in output


def test_an_address_that_is_taken_is_told(directory: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        code, output = run("run", "shop_for_cli:app", "--port", str(taken.getsockname()[1]))

    assert code == 1
    assert "cannot be listened on" in output


def test_a_missing_package_names_its_extra() -> None:
    with pytest.raises(MissingExtraError, match=r"pip install 'martlet\[standard\]'"):
        require_extra("package_that_is_not_there", "standard")


@pytest.mark.servers
@pytest.mark.parametrize(
    ("target", "protocol"), [("shop_for_cli:app", "RSGI"), ("shop_for_cli:streaming", "ASGI")], ids=["rsgi", "asgi"]
)
def test_run_serves_and_stops_cleanly(directory: Path, target: str, protocol: str) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--port", str(port), "--app-dir", str(directory)]
    command = [sys.executable, "-c", "from martlet.cli.main import main; main()", "run", target, *options]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    pipe, joined = subprocess.PIPE, subprocess.STDOUT
    with subprocess.Popen(command, cwd="/", text=True, env=environment, stdout=pipe, stderr=joined) as server:
        try:
            path = "/books/7" if protocol == "RSGI" else "/changes"
            answer = fetch(f"http://127.0.0.1:{port}{path}")
        finally:
            server.send_signal(signal.SIGTERM)
            output, _ = server.communicate(timeout=20)

    assert answer == (b"book 7, page 1" if protocol == "RSGI" else b"onetwo")
    assert f"granian over {protocol}" in output
    assert f'"GET {path}' not in output  # no access log unless it is wanted
    assert output.rstrip().endswith("Stopped.")
    assert server.returncode == 0


@pytest.mark.servers
@pytest.mark.parametrize("server", ["granian", *(pytest.param(name, marks=pytest.mark.slow) for name in OTHER_SERVERS)])
@pytest.mark.parametrize("wanted", [True, pytest.param(False, marks=pytest.mark.slow)], ids=["wanted", "not wanted"])
def test_an_access_log_is_printed_when_it_is_wanted_and_never_moves_the_cursor(
    directory: Path, server: str, wanted: bool
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--server", server, "--port", str(port), "--app-dir", str(directory), *(["--access-log"] if wanted else [])]
    command = [sys.executable, "-c", "from martlet.cli.main import main; main()", "run", "shop_for_cli:app", *options]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    pipe, joined = subprocess.PIPE, subprocess.STDOUT
    with subprocess.Popen(command, cwd=directory, text=True, env=environment, stdout=pipe, stderr=joined) as process:
        try:
            fetch(f"http://127.0.0.1:{port}/books/7")
            with suppress(urllib.error.HTTPError):
                fetch(f"http://127.0.0.1:{port}/red%1B%5B31m%0Amore%E2%80%AE")
        finally:
            process.send_signal(signal.SIGTERM)
            output, _ = process.communicate(timeout=20)

    assert ("GET /books/7" in output) == wanted
    assert ("/red" in output) == wanted
    assert "\x1b[31m" not in output
    assert "\nmore" not in output
    assert "\u202e" not in output


@each(
    ("text", "shown"),
    [
        pytest.param("/books/é 7", "/books/é 7", id="what can be printed stays"),
        pytest.param("/a\x1b[31m", r"/a\x1b[31m", id="escape sequences"),
        pytest.param("/a\n\r\tb", r"/a\n\r\tb", id="line breaks"),
        pytest.param("/a\x9b\x7f\x00", r"/a\x9b\x7f\x00", id="other controls"),
        pytest.param("/a\u202e\u2028", r"/a\u202e\u2028", id="direction and separators"),
        pytest.param("/a\ud83d", r"/a\ud83d", id="half a character"),
    ],
)
def test_a_line_about_a_request_is_one_line_of_printable_characters(text: str, shown: str) -> None:
    record = logging.LogRecord("access", logging.INFO, __file__, 1, 'GET "%s"', (text,), None)

    assert EscapingFormatter("%(message)s").format(record) == f'GET "{shown}"'


def fetch(address: str, seconds: float = 20.0) -> bytes:
    """Fetch once the server answers."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(address, timeout=5) as response:  # noqa: S310  an address of our own
                content: bytes = response.read()
                return content
        except urllib.error.HTTPError:
            raise
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def test_a_secret_is_printed_that_an_app_takes() -> None:
    printed = [CliRunner().invoke(cli, ["secret"]).output for _ in range(2)]

    assert printed[0] != printed[1]
    assert all(line.endswith("\n") and len(KeyRing([line.strip()]).derive("session")) == 1 for line in printed)
