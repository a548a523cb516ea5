"""The noticeboard's chat as people have it: a real server, and pages of several people in Debian's Chromium."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, expect

from tests.examples.boards import Board

PATIENCE = 20_000  # milliseconds, on a busy machine
PASSWORD = "a sentence that is Ada's own"
EXPECTED = re.compile("ERR_CONNECTION_REFUSED|WebSocket connection to|404")  # what Chromium tells where a server is away

pytestmark = [pytest.mark.servers, pytest.mark.slow]

Opened = Callable[..., Page]


@pytest.fixture
def opened(board: Board, chromium: Browser) -> Opened:
    """Opens a notice, each time as somebody else; what its scripts complain of fails the test."""

    def open_page(name: str = "", notice: int = 3, **options: object) -> Page:
        page = chromium.new_page(base_url=board.address, **options)  # type: ignore[arg-type]
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", complain)
        page.on("console", complain_of_message)
        page.goto(f"/notices/{notice}")
        if name:
            page.get_by_label("Your name").fill(name)
            page.get_by_label("Your name").blur()
        return page

    return open_page


def complain(problem: object) -> None:
    raise AssertionError(problem)


def complain_of_message(message: ConsoleMessage) -> None:
    if message.type in {"error", "warning"} and not EXPECTED.search(message.text):
        raise AssertionError(message.text)


def say(page: Page, text: str) -> None:
    """Write, and send by the Enter key."""
    page.get_by_label("Message").fill(text)
    page.get_by_label("Message").press("Enter")


def said(page: Page) -> Locator:
    """All that was said, without who and when."""
    return page.get_by_role("log").locator(".words")


def has_said(page: Page, *texts: str) -> None:
    """Wait until these are all that was said, in this order."""
    expect(said(page)).to_have_text(list(texts), timeout=PATIENCE)


def here(page: Page, text: str) -> None:
    """Wait until these are here."""
    expect(page.locator(".people")).to_have_text(f"Here now: {text}", timeout=PATIENCE)


def sign_up(page: Page) -> None:
    """Be Ada from now on."""
    page.goto("/sign-up")
    page.get_by_label("Name").fill("Ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign up").click()


def pin_up(page: Page) -> str:
    """Pin up a notice as Ada; gives its address."""
    page.goto("/notices/new")
    page.get_by_label("Title").fill("Forty fathoms of rope")
    page.get_by_label("For sale").check()
    page.get_by_label("Notice", exact=True).fill("Laid, tarred, and only a little used.")
    page.get_by_label("How to reach you").fill("07700 900 381")
    page.get_by_role("button", name="Pin it up").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Forty fathoms of rope", timeout=PATIENCE)
    return page.url


def test_two_talk_and_see_each_other_come_write_and_go(opened: Opened) -> None:
    tam = opened("Tam")
    here(tam, "Tam (guest)")
    guest = opened()
    here(tam, "Tam (guest) and a guest")
    here(guest, "Tam (guest) and a guest")

    tam.get_by_label("Message").press_sequentially("Is it <b>still</b> to be had?")
    expect(guest.get_by_text("Tam (guest) is writing …")).to_be_visible(timeout=PATIENCE)
    tam.get_by_role("button", name="Send").click()
    has_said(guest, "Is it <b>still</b> to be had?")
    expect(guest.get_by_text("Tam (guest) is writing …")).to_have_count(0)
    say(guest, "It is.")
    has_said(tam, "Is it <b>still</b> to be had?", "It is.")
    expect(tam.locator(".unsent li")).to_have_count(0)

    guest.get_by_label("Your name").fill("Ida")
    guest.get_by_label("Your name").blur()
    here(tam, "Tam (guest) and Ida (guest)")
    guest.close()
    here(tam, "Tam (guest)")
    has_said(opened(), "Is it <b>still</b> to be had?", "It is.")


def test_a_restart_loses_nothing_and_shows_nothing_twice(board: Board, opened: Opened) -> None:
    tam, ida = opened("Tam"), opened("Ida")
    here(tam, "Tam (guest) and Ida (guest)")
    tam.evaluate("window.isTheSame = true")
    say(tam, "before")
    has_said(ida, "before")

    board.stop()
    say(ida, "while nobody answers")
    expect(ida.locator(".unsent")).to_contain_text("while nobody answers")
    expect(tam.get_by_text("Not connected. What you send waits here until we are.")).to_be_visible(timeout=PATIENCE)
    board.start()

    for page in (tam, ida):
        has_said(page, "before", "while nobody answers")
    expect(ida.locator(".unsent li")).to_have_count(0)
    expect(tam.locator(".trouble")).to_be_empty()
    say(tam, "after")
    for page in (tam, ida):
        has_said(page, "before", "while nobody answers", "after")
    assert tam.evaluate("window.isTheSame")


def test_an_open_notice_shows_edits_and_that_it_is_taken_down(opened: Opened) -> None:
    ada = opened()
    sign_up(ada)
    address = pin_up(ada)
    number = int(address.rsplit("/", 1)[1])
    here(ada, "Ada")
    tam = opened("Tam", number)
    expect(tam.get_by_text("Live", exact=True)).to_be_visible(timeout=PATIENCE)
    here(tam, "Ada and Tam (guest)")
    tam.get_by_label("Message").fill("half a sentence")

    ada.get_by_role("link", name="Edit").click()
    ada.get_by_label("Title").fill("Thirty fathoms of rope")
    ada.get_by_role("button", name="Save").click()
    expect(tam.get_by_role("heading", level=1)).to_have_text("Thirty fathoms of rope", timeout=PATIENCE)
    expect(tam).to_have_title("Thirty fathoms of rope · Ternhaven Noticeboard")
    expect(tam.get_by_label("Message")).to_have_value("half a sentence")

    ada.get_by_text("Take down").click()
    ada.get_by_role("button", name="Yes, take it down").click()
    expect(tam.get_by_text("There is no such notice on the board.")).to_be_visible(timeout=PATIENCE)
    expect(tam.get_by_role("log")).to_have_count(0)


def test_a_page_follows_the_end_of_the_talk_unless_somebody_reads_above(opened: Opened) -> None:
    tam, guest = opened("Tam", viewport={"width": 390, "height": 844}), opened()
    here(guest, "Tam (guest) and a guest")
    for number in range(12):
        say(tam, f"line {number}")
    has_said(guest, *[f"line {number}" for number in range(12)])
    log = guest.get_by_role("log")
    log.scroll_into_view_if_needed()
    expect(log.get_by_text("line 11")).to_be_in_viewport(timeout=PATIENCE)

    log.evaluate("log => log.scrollTop = 0")
    say(tam, "one more")
    has_said(guest, *[f"line {number}" for number in range(12)], "one more")
    assert log.evaluate("log => log.scrollTop") == 0
    assert guest.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert tam.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_without_scripts_there_is_a_form(board: Board, chromium: Browser, opened: Opened) -> None:
    tam = opened("Tam")
    here(tam, "Tam (guest)")
    plain = chromium.new_page(base_url=board.address, java_script_enabled=False)
    plain.goto("/notices/3")
    plain.get_by_label("Your name").fill("Ida")
    plain.get_by_label("Message").fill("By post")
    plain.get_by_role("button", name="Send").click()

    has_said(plain, "By post")
    has_said(tam, "By post")
