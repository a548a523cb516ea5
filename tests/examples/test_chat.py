"""The noticeboard's chat in memory, as pages of several people have it open at once."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import aclosing, closing
from pathlib import Path
from typing import Any

import pytest

from examples.noticeboard import application, chat
from examples.noticeboard.application import app
from examples.noticeboard.chat import hear
from examples.noticeboard.messages import KEPT, Messages
from examples.noticeboard.model import Person, Said, Say, Stir
from examples.noticeboard.settings import FOLDER
from examples.noticeboard.store import Database
from martlet import PasswordHasher
from martlet.channels import Channels, Window
from martlet.messages import SocketClosedError
from martlet.stores import Rate
from martlet.testing import Client, HandshakeRefusedError, SocketClient

PASSWORD = "the harbour is frozen"
BROWSER = {"accept": "text/html"}
FREELY = Rate(1_000_000, seconds=1)
KEYS = iter(f"key-of-tests-{number}" for number in range(10_000))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a fresh board, on which nobody is too fast."""
    for kept in FOLDER.glob("sessions.sqlite3*"):
        kept.unlink()
    monkeypatch.setattr(application, "FOLDER", tmp_path)
    monkeypatch.setattr(application, "PasswordHasher", lambda: PasswordHasher(time_cost=1, memory_kib=64, parallelism=1))
    monkeypatch.setattr(chat, "PACE", FREELY)
    return tmp_path


@pytest.fixture(params=["asgi", "rsgi"])
def browser(request: pytest.FixtureRequest, folder: Path) -> Iterator[Client]:
    protocol: Any = request.param
    with Client(app, protocol=protocol, headers=BROWSER) as browser:
        yield browser


def opened(browser: Client, window: str = "window-of-ada", *, notice: int = 3, **query: Any) -> SocketClient:
    """Open the chat of a notice, as a page does."""
    return browser.websocket(f"/notices/{notice}/chat", query={"window": window, **query}, headers={"accept": "*/*"})


def told(socket: SocketClient, *types: str) -> dict[str, Any]:
    """Give the next message of one of these types."""
    while (message := socket.receive_json())["type"] not in types:
        continue
    return dict(message)


def say(socket: SocketClient, text: str, key: str = "") -> None:
    """Say something."""
    socket.send_json({"type": "say", "key": key or next(KEYS), "text": text})


def here(socket: SocketClient, wanted: list[str], guests: int = 0) -> bool:
    """Wait until these are here; it takes as long as a test may."""
    while (message := told(socket, "here")) != {"type": "here", "names": wanted, "guests": guests, "more": 0}:
        assert message["guests"] <= 3
    return True


def log_in(browser: Client) -> None:
    """Be the harbourmaster from now on."""
    assert browser.post("/login", form={"name": "harbourmaster", "password": PASSWORD}).status_code == 303


def test_what_one_says_all_who_have_the_notice_open_read_in_one_order(browser: Client) -> None:
    with opened(browser, "window-1", name="Tam") as tam, opened(browser, "window-2") as guest, opened(browser, notice=4) as other:
        say(tam, "Is it still to be had?")
        assert [told(each, "said")["text"] for each in (tam, guest)] == ["Is it still to be had?"] * 2
        say(guest, "It is.")
        say(tam, "I come on Friday.")

        read = [[told(each, "said")["text"] for _ in range(2)] for each in (tam, guest)]
        assert read[0] == read[1]  # whichever of the two came first
        assert sorted(read[0]) == ["I come on Friday.", "It is."]
        say(other, "Something else.")
        assert told(other, "said")["text"] == "Something else."


def test_a_name_is_the_accounts_or_one_that_is_told_to_be_a_guests(browser: Client) -> None:
    rows = [("Tam  Rennie ", "Tam Rennie (guest)"), ("harbourmaster", "harbourmaster (guest)"), (" \u2003\n", "A guest")]

    for number, (name, read) in enumerate(rows):
        with opened(browser, name=name, after=number) as socket:
            say(socket, "Hello")
            assert told(socket, "said")["name"] == read
    log_in(browser)
    with opened(browser, name="Somebody else", after=3) as socket:
        say(socket, "Good morning")
        assert told(socket, "said")["name"] == "harbourmaster"


def test_a_page_that_comes_back_is_told_what_it_missed_and_nothing_twice(browser: Client) -> None:
    with opened(browser, "window-1") as stays:
        with opened(browser, "window-2") as leaves:
            say(stays, "first")
            last = told(leaves, "said")["id"]
        say(stays, "second")
        say(stays, "third")
        assert [told(stays, "said")["text"] for _ in range(3)] == ["first", "second", "third"]

        with opened(browser, "window-2", after=last) as back:
            assert [told(back, "said")["text"] for _ in range(2)] == ["second", "third"]
            say(stays, "fourth")
            assert told(back, "said")["text"] == "fourth"


def test_what_a_page_sends_again_is_said_once(browser: Client) -> None:
    with opened(browser) as broken:
        say(broken, "once", "the-same-key")
    with opened(browser) as socket:
        say(socket, "once", "the-same-key")
        say(socket, "and then")

        assert [told(socket, "said")["text"] for _ in range(2)] == ["once", "and then"]


def test_what_was_said_stands_in_the_page_and_outlives_a_restart(folder: Path) -> None:
    with Client(app, headers=BROWSER) as browser, opened(browser, name="Tam") as socket:
        say(socket, "<b>still</b> here?")
        told(socket, "said")
    with Client(app, headers=BROWSER) as browser:
        page = browser.get("/notices/3").text
        data = browser.get("/notices/3/messages", headers={"accept": "application/json"}).json()

    assert "&lt;b&gt;still&lt;/b&gt; here?" in page
    assert f'data-id="{data[0]["id"]}"' in page
    assert [(said["name"], said["text"]) for said in data] == [("Tam (guest)", "<b>still</b> here?")]


def test_everybody_is_told_who_is_here(browser: Client) -> None:
    with opened(browser, "window-1", name="Tam") as tam:
        assert here(tam, ["Tam (guest)"])
        with opened(browser, "window-2") as guest, opened(browser, "window-2"):
            assert here(guest, ["Tam (guest)"], guests=1)
            assert here(tam, ["Tam (guest)"], guests=1)
        assert here(tam, ["Tam (guest)"])
        log_in(browser)
        with opened(browser, "window-3"):
            assert here(tam, ["Tam (guest)", "harbourmaster"])


def test_a_long_list_of_who_is_here_is_cut(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat, "LISTED", 1)
    with opened(browser, "window-1", name="Tam"), opened(browser, "window-2", name="Ida") as ida:
        assert told(ida, "here") == {"type": "here", "names": ["Tam (guest)"], "guests": 0, "more": 1}


def test_the_others_are_told_who_writes(browser: Client) -> None:
    with opened(browser, "window-1", name="Tam") as tam, opened(browser, "window-2") as guest:
        assert here(tam, ["Tam (guest)"], guests=1)
        assert here(guest, ["Tam (guest)"], guests=1)
        tam.send_json({"type": "writing"})
        assert told(guest, "writes") == {"type": "writes", "name": "Tam (guest)"}
        guest.send_json({"type": "writing"})

        assert told(tam, "writes")["name"] == "A guest"


def test_a_browser_without_scripts_says_something_by_its_form(browser: Client) -> None:
    with opened(browser, "window-1") as socket:
        answer = browser.post("/notices/3/messages", form={"text": "By post", "name": "Ida"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/notices/3#chat")
        assert told(socket, "said")["name"] == "Ida (guest)"
    assert "By post" in browser.get("/notices/3").text
    assert browser.post("/notices/3/messages", form={"text": " "}).status_code == 422
    assert browser.post("/notices/999/messages", form={"text": "Hello"}).status_code == 404
    assert browser.post("/notices/3/messages", form={"text": "x"}, headers={"sec-fetch-site": "cross-site"}).status_code == 403


def test_a_reader_without_an_account_is_given_no_session(browser: Client) -> None:
    browser.get("/notices/3")
    opened(browser).close()

    assert len(browser.cookies) == 0


def test_what_cannot_be_meant_opens_no_chat(browser: Client) -> None:
    rows: list[tuple[dict[str, Any], dict[str, str], int]] = [
        ({"notice": 999}, {}, 404),
        ({"notice": 10**25}, {}, 404),
        ({"window": "short"}, {}, 422),
        ({"window": "no key at all!"}, {}, 422),
        ({"name": "x" * 31}, {}, 422),
        ({"after": -1}, {}, 422),
        ({"after": 10**25}, {}, 422),
        ({}, {"origin": "https://evil.example"}, 403),
    ]

    for query, headers, status in rows:
        path = f"/notices/{query.pop('notice', 3)}/chat"
        with pytest.raises(HandshakeRefusedError) as caught:
            browser.websocket(path, query={"window": "window-1", **query}, headers=headers)
        assert caught.value.response.status_code == status, (query, headers)


def ending(socket: SocketClient) -> SocketClosedError:
    """Take what is left, and give the closing."""
    try:
        while True:
            socket.receive()
    except SocketClosedError as closed:
        return closed


def test_what_is_no_message_closes_and_is_kept_nowhere(folder: Path) -> None:
    rows = [
        {"type": "say", "key": "key-of-mine", "text": "x" * 501},
        {"type": "say", "key": "key-of-mine", "text": " "},
        {"type": "say", "key": "short", "text": "Hello"},
        {"type": "said", "id": 1},
        {},
    ]

    with Client(app, headers=BROWSER) as browser:
        for row in rows:
            with opened(browser) as socket:
                socket.send_json(row)
                assert ending(socket).code == 1007, row
        assert browser.get("/notices/3/messages", headers={"accept": "*/*"}).json() == []


def test_the_chat_ends_with_its_notice(folder: Path) -> None:
    with Client(app, headers=BROWSER) as browser:
        log_in(browser)
        with opened(browser) as socket:
            say(socket, "Hello")
            told(socket, "said")
            browser.post("/notices/3/delete")
            say(socket, "Anybody here?")
            assert ending(socket).code == 4404
    with closing(sqlite3.connect(folder / "noticeboard.sqlite3")) as database:
        assert database.execute("SELECT count(*) FROM message").fetchone() == (0,)


def test_who_says_too_much_waits_and_nothing_is_lost(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat, "PACE", Rate(2, seconds=0.2))
    with opened(browser) as socket:
        began = time.monotonic()
        for number in range(5):
            say(socket, f"{number}")

        assert [told(socket, "said")["text"] for _ in range(5)] == list("01234")
        assert time.monotonic() - began > 0.25


# The store --------------------------------------------------------------------------------------------


@pytest.fixture
def messages(folder: Path) -> Messages:
    """The messages of a fresh board."""
    return Messages(Database(folder / "noticeboard.sqlite3"))


def test_the_last_messages_of_each_notice_are_kept(messages: Messages) -> None:
    messages.add(4, "Ada", Say("other-notice", "Here"))
    for number in range(KEPT + 3):
        messages.add(3, "Ada", Say(f"key-number-{number}", f"{number}"))

    kept = messages.since(3)
    assert [said.text for said in kept] == [f"{number}" for number in range(3, KEPT + 3)]
    assert len(messages.since(4)) == 1
    assert [said.text for said in messages.since(3, kept[-2].id)] == [f"{KEPT + 2}"]


async def test_a_page_misses_nothing_where_the_channel_does(messages: Messages) -> None:
    channels = Channels()
    stirs = channels.channel("chat", Stir, window=Window(count=2, seconds=60))
    reader = hear(stirs, messages, 3, 0, Person("guest 1", ""))

    async def say(text: str) -> None:
        messages.add(3, "Ada", Say(f"key-of-{text}", text))
        await stirs.publish(Stir("user 1"))

    async with channels, aclosing(reader):
        await say("first")
        told = [await anext(reader)]
        for text in ("second", "third", "fourth", "fifth"):
            await say(text)
        told += [await anext(reader) for _ in range(4)]
        await say("sixth")
        told.append(await anext(reader))

    assert [said.text for said in told if isinstance(said, Said)] == ["first", "second", "third", "fourth", "fifth", "sixth"]


def test_a_board_from_before_the_chat_is_given_one(folder: Path, messages: Messages) -> None:
    path = folder / "noticeboard.sqlite3"
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("DROP TABLE message")
        database.execute("PRAGMA user_version = 2")

    again = Messages(Database(path))
    assert again.add(3, "Ada", Say("key-of-ada", "Hello"))
    assert len(Messages(Database(path)).since(3)) == 1
