"""Rows 22, 23, 66, 68, 76, 79 and 80: bodies as they arrive, and what stands before and behind the application."""

import re
import zlib
from pathlib import Path
from typing import Annotated, Any

import msgspec
import pytest
from msgspec import Struct

from martlet import App, Body, Request, Response, WebSocket
from martlet.cli.serving import COMMANDS as RUN
from martlet.testing import Client
from tests.rows import each
from tests.security.rows.measuring import assert_linear
from tests.serving import ProtocolName, Serve, ServeOnce

ROOT = Path(__file__).parents[3]
JSON = {"content-type": "application/json"}


class Note(Struct):
    text: str


def make_app() -> App:
    app = App()

    @app.post("/json")
    async def take_any(data: Annotated[Any, Body()]) -> str:
        return type(data).__name__

    @app.post("/notes")
    def add_note(note: Note) -> str:
        return note.text

    @app.post("/bytes")
    async def take_bytes(data: Annotated[bytes, Body()]) -> int:
        return len(data)

    @app.post("/chunks")
    async def take_chunks(request: Request) -> int:
        return sum([len(chunk) async for chunk in request.chunks()])

    return app


WAYS = ["/json", "/notes", "/bytes", "/chunks"]


@pytest.fixture
def client(serve_once: ServeOnce) -> Client:
    return serve_once(make_app)


@each("way", WAYS)
@each("coding", ["gzip", "deflate"])
def test_row_22_a_small_compressed_body_becomes_a_huge_one(client: Client, way: str, coding: str) -> None:
    for size in (12_000_000, 9_000_000):  # beyond the bound of a body, and within it
        packer = zlib.compressobj(9, wbits=31 if coding == "gzip" else 15)
        bomb = packer.compress(b"a" * size) + packer.flush()

        answer = client.post(way, content=bomb, headers={**JSON, "content-encoding": coding})

        assert len(bomb) < 20_000
        assert answer.status_code == 413


def test_row_23_a_body_in_tiny_pieces_takes_quadratic_time(client: Client) -> None:
    assert client.post("/bytes", content=[b"a"] * 1_000).json() == 1_000
    assert_linear(lambda size: client.post("/bytes", content=[b"a"] * size), 1_000)
    assert_linear(lambda size: client.post("/chunks", content=[b"a"] * size), 1_000)


@each("protocol", ["asgi", "rsgi"])
def test_row_66_a_subprotocol_that_is_no_ascii_ends_the_worker(protocol: ProtocolName) -> None:
    app = App()

    @app.websocket("/", subprotocols=["chat"])
    async def chat(socket: WebSocket[str, str]) -> None:
        await socket.send(f"{socket.subprotocol}")

    with Client(app, protocol=protocol) as client:
        asked = {"sec-websocket-protocol": "caf\u00e9, ch\u00e4t"}

        assert client.websocket("/", headers=asked).receive() == "None"
        assert client.websocket("/", subprotocols=["chat"]).receive() == "chat"


# CVE-2026-49853
@each("text", ["a\r\nX-Evil: 1", "a\n", "a\r", "\n"])
def test_row_68_the_test_client_sends_line_breaks_in_fields(client: Client, text: str) -> None:
    for fields in ({"x-a": text}, {f"x-{text}": "a"}, {"host": text}, {"cookie": text}):
        with pytest.raises(ValueError, match="field"):
            client.get("/", headers=fields)


def test_row_68_a_redirect_takes_credentials_to_another_origin(serve: Serve) -> None:
    app = App()
    seen: list[str] = []

    @app.get("/")
    async def home(request: Request) -> Any:
        seen.append(request.host)
        return Response.redirect("https://evil.example/")

    answer = serve(app).get("/", headers={"authorization": "Bearer a"})

    assert answer.status_code == 303  # it follows nothing by itself
    assert seen == ["testserver"]


# CVE-2024-27454
@each("way", WAYS[:2])
@each(
    "deep", [b"[" * 100_000, b'{"a":' * 100_000, b"[{" * 50_000, b"[" * 100_000 + b"]" * 100_000], ids=["[", "{", "[{", "closed"]
)
def test_row_76_deep_json_ends_the_process(client: Client, way: str, deep: bytes) -> None:
    answer = client.post(way, content=deep, headers=JSON)

    assert answer.status_code == 400
    assert client.post("/json", json=[[[1]]]).status_code == 200


def test_row_76_deep_messagepack_ends_the_process(client: Client) -> None:
    deep = b"\x91" * 100_000 + msgspec.msgpack.encode(1)

    assert client.post("/json", content=deep, headers={"content-type": "application/msgpack"}).status_code == 400


# CVE-2022-24761, CVE-2023-47627, CVE-2023-47641
def test_row_79_malformed_framing_passes_through_the_server() -> None:
    """The servers' duty: each is asked by tests/servers/test_http11probe.py, and none older than what was asked is installed."""
    running = (ROOT / "tests/servers/running.py").read_text("utf-8")
    probed = set(re.findall(r'^ {4}"[a-z0-9-]+": "([a-z0-9]+) ', running, re.MULTILINE))
    project = (ROOT / "pyproject.toml").read_text("utf-8")

    assert probed == {"granian", *RUN}
    assert (ROOT / "tests/servers/test_http11probe.py").is_file()
    assert [name for name in sorted(probed) if not re.search(rf'"{name}>=[0-9]', project)] == []


def test_row_80_a_body_that_breaks_off_is_an_error_of_ours(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    for way in WAYS:
        try:
            answer = client.post(way, content=[b'{"text":'], headers={**JSON, "content-length": "100"}, breaks_off=True)
        except (IndexError, RuntimeError, ConnectionError):
            continue  # nobody is there to be answered
        assert answer.status_code < 500

    assert [record for record in caplog.records if record.levelno >= 40] == []
