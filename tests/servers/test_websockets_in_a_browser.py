"""WebSockets on real servers, as Chromium sees them: from a page of the server itself, or of another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.chromium import launched
from tests.servers.running import Server, eventually
from tests.servers.test_websockets import CARRYING, TOLD_LEAVING, code_told, started

__all__ = ["started"]

# Opens a WebSocket, sends messages one after the other, each once the one before is answered, and tells everything there was to
# see. Of a long message only its length and its ends are told. A text that begins with "bytes " is sent as that many bytes.
TALK = """
async ({ path, host, protocols, messages, closeWith }) => {
  const seen = { protocol: null, opened: false, received: [], code: null, reason: null, wasClean: null };
  const short = (value) => (value.length > 64 ? [value.length, value.slice(0, 1), value.slice(-1)] : value);
  const socket = new WebSocket(`ws://${host ?? location.host}${path}`, protocols ?? []);
  socket.binaryType = "arraybuffer";
  const sendNext = () => {
    if (messages.length === 0) return closeWith && socket.close(...closeWith);
    const message = messages.shift();
    const isBytes = message.startsWith("bytes ");
    socket.send(isBytes ? new Uint8Array(Number(message.slice(6))).fill(7) : message);
  };
  return await new Promise((resolve) => {
    socket.onopen = () => {
      seen.opened = true;
      seen.protocol = socket.protocol;
      sendNext();
    };
    socket.onmessage = ({ data }) => {
      if (typeof data === "string") seen.received.push(short(data));
      else {
        const bytes = new Uint8Array(data);
        seen.received.push(["bytes", bytes.length, bytes.every((byte) => byte === 7)]);
      }
      sendNext();
    };
    socket.onclose = ({ code, reason, wasClean }) => resolve({ ...seen, code, reason, wasClean });
  });
}
"""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One for all."""
    with launched() as browser:
        yield browser


@pytest.fixture(params=CARRYING)
def carrying(request: pytest.FixtureRequest, started: dict[str, Server]) -> tuple[str, Server]:
    """A server that carries WebSockets, by its name."""
    return request.param, started[request.param]


@pytest.fixture
def page(carrying: tuple[str, Server], chromium: Browser) -> Iterator[Page]:
    """A page of that server."""
    page = chromium.new_page(base_url=f"http://127.0.0.1:{carrying[1].port}")
    page.goto("/page")
    yield page
    page.close()


def talk(page: Page, path: str, *messages: str, **more: Any) -> dict[str, Any]:
    """Open one from a page, and give what the page saw."""
    seen: dict[str, Any] = page.evaluate(TALK, {"path": path, "messages": list(messages), **more})
    return seen


Carrying = tuple[str, Server]


def test_texts_and_bytes_come_back_to_a_page_as_they_were(carrying: Carrying, page: Page) -> None:
    large = 1024 * 1024
    messages = ["", "né \U0001f426", "a" * large, "bytes 0", "bytes 3", f"bytes {large}"]

    seen = talk(page, "/echo", *messages, closeWith=[1000, "done"])

    assert seen["received"] == [
        "",
        "né \U0001f426",
        [large, "a", "a"],
        ["bytes", 0, True],
        ["bytes", 3, True],
        ["bytes", large, True],
    ]
    assert (seen["opened"], seen["protocol"]) == (True, "")


def test_a_page_is_told_how_the_server_closes(carrying: Carrying, page: Page) -> None:
    name, _ = carrying
    reason = "" if name == "granian-rsgi" else "né"

    for path, messages, code, told in [
        ("/closing/1000", ["x"], 1000, reason),
        ("/closing/4321", ["x"], 4321, reason),
        ("/failing", ["x"], 1011, ""),
        ("/small", ["bytes 1000", "bytes 1001"], 1009, None),
        ("/typed", ['{"type": "said", "text": "Hello"}', '{"type": "sold"}'], 1007, None),
    ]:
        seen = talk(page, path, *messages)
        assert (seen["opened"], seen["code"]) == (True, code_told(name, code)), path
        assert seen["wasClean"] or name.startswith("granian"), path  # which does not wait for the client's own closing frame
        assert told is None or seen["reason"] == told, path


def test_a_handler_is_told_how_a_page_closes(carrying: Carrying, page: Page) -> None:
    name, server = carrying
    before = len(server.journal)

    page.evaluate(
        """async (path) => {
        const socket = new WebSocket(`ws://${location.host}${path}`);
        await new Promise((resolve) => (socket.onopen = resolve));
        socket.send("hello");
        socket.close(4001, "bye");
    }""",
        f"/leaving/page-{name}",
    )

    left = f"page-{name} left with {TOLD_LEAVING.get(name, '4001 bye')}"
    assert eventually(lambda: left in server.journal[before:], 10), server.journal[before:]
    assert f"page-{name} said hello" in server.journal[before:]


def test_a_page_that_is_closed_ends_the_handler(carrying: Carrying, page: Page) -> None:
    name, server = carrying
    before = len(server.journal)
    page.evaluate(f"""new Promise((resolve) => {{
        window.socket = new WebSocket(`ws://${{location.host}}/leaving/gone-{name}`);
        socket.onopen = resolve;
    }})""")

    page.goto("about:blank")

    assert eventually(lambda: f"released /leaving/gone-{name}" in server.journal[before:], 10), server.journal[before:]


def test_a_page_and_the_server_agree_on_a_subprotocol(carrying: Carrying, page: Page) -> None:
    if carrying[0] == "granian-rsgi":
        return  # has none, so that Chromium fails the connection, as it must
    seen = talk(page, "/spoken", protocols=["v1.chat", "v2.chat"])
    assert (seen["protocol"], seen["received"]) == ("v2.chat", ["v2.chat"])


def test_a_page_is_told_of_a_refusal_only_that_there_was_one(carrying: Carrying, page: Page) -> None:
    for path in ("/rooms/12", "/nowhere"):
        seen = talk(page, path)
        assert (seen["opened"], seen["code"], seen["received"]) == (False, 1006, []), path


def test_a_page_of_another_origin_opens_none(carrying: Carrying, started: dict[str, Server], chromium: Browser) -> None:
    name, server = carrying
    other = started["uvicorn" if name != "uvicorn" else "hypercorn"]
    page = chromium.new_page()
    page.goto(f"http://127.0.0.1:{other.port}/page")

    seen = talk(page, "/echo", "x", host=f"127.0.0.1:{server.port}")

    assert (seen["opened"], seen["code"], seen["received"]) == (False, 1006, [])
    page.close()
