"""The noticeboard as people have it: a real server, and Debian's Chromium driven by Playwright."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.examples.boards import Board

PATIENCE = 20_000  # milliseconds, on a busy machine
PASSWORD = "a sentence that is Ada's own"

pytestmark = [pytest.mark.servers, pytest.mark.slow]


@pytest.fixture
def page(board: Board, chromium: Browser) -> Page:
    """An empty page of a browser that runs no scripts."""
    return chromium.new_page(base_url=board.address, java_script_enabled=False)


@pytest.fixture
def live_page(board: Board, chromium: Browser) -> Page:
    """The board of somebody whose browser runs scripts, once it follows what happens."""
    page = chromium.new_page(base_url=board.address)
    page.goto("/notices")
    expect(page.get_by_text("Live", exact=True)).to_be_visible(timeout=PATIENCE)
    return page


def sign_up(page: Page) -> None:
    """Make an account for Ada."""
    page.goto("/sign-up")
    page.get_by_label("Name").fill("Ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_role("status")).to_have_text("Welcome to the board, Ada.")


def pin_up(page: Page, title: str) -> None:
    """Pin up a notice; its page is shown then."""
    page.goto("/notices/new")
    page.get_by_label("Title").fill(title)
    page.get_by_label("For sale").check()
    page.get_by_label("Notice", exact=True).fill("Laid, tarred, and only a little used.")
    page.get_by_label("How to reach you").fill("07700 900 381")
    page.get_by_role("button", name="Pin it up").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)


def test_somebody_signs_up_pins_up_is_refused_anothers_notice_and_logs_out(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="Pin up a notice").click()
    page.get_by_role("link", name="Sign up").last.click()
    page.get_by_label("Name").fill("Ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_role("status")).to_have_text("Welcome to the board, Ada.")

    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("status")).to_have_text("You are logged out.")
    page.get_by_role("link", name="Log in").click()
    page.get_by_label("Name").fill("Ada")
    page.get_by_label("Password").fill("somebody else's sentence")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_contain_text("No account has this name and this password")
    expect(page.get_by_label("Name")).to_have_value("Ada")
    expect(page.get_by_label("Password")).to_have_value("")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("status")).to_have_text("Welcome back, Ada.")

    page.get_by_role("link", name="Pin up a notice").click()
    page.get_by_label("Title").fill("Forty fathoms of rope")
    page.get_by_label("For sale").check()
    page.get_by_label("Notice", exact=True).fill("Laid, tarred, and only a little used.")
    page.get_by_label("How to reach you").fill("07700 900 381")
    page.get_by_role("button", name="Pin it up").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Forty fathoms of rope")
    expect(page.get_by_role("definition").first).to_contain_text("Ada, just now")
    expect(page.get_by_role("link", name="Edit")).to_be_visible()

    page.goto("/notices/3")
    expect(page.get_by_role("link", name="Edit")).to_have_count(0)
    refused = page.goto("/notices/3/edit")
    assert refused is not None
    assert refused.status == 403
    expect(page.get_by_text("Only who pinned it up may edit it.")).to_be_visible()

    page.goto("/notices")
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("link", name="Log in")).to_be_visible()
    page.goto("/notices/new")
    expect(page.get_by_role("heading", level=1)).to_have_text("Log in")


def test_an_open_board_shows_what_others_pin_up_edit_and_take_down(live_page: Page, page: Page) -> None:
    live_page.evaluate("window.isTheSame = true")
    focused = live_page.locator(".card a").first
    focused.focus()
    address = focused.get_attribute("href")
    sign_up(page)

    pin_up(page, "Forty fathoms of rope")
    expect(live_page.locator(".card").first).to_contain_text("Forty fathoms of rope", timeout=PATIENCE)
    expect(live_page.get_by_role("link", name="For sale")).to_be_visible()
    assert live_page.evaluate("document.activeElement.getAttribute('href')") == address

    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Title").fill("Thirty fathoms of rope")
    page.get_by_role("button", name="Save").click()
    expect(live_page.locator(".card").first).to_contain_text("Thirty fathoms of rope", timeout=PATIENCE)

    page.get_by_text("Take down").click()
    page.get_by_role("button", name="Yes, take it down").click()
    expect(live_page.get_by_text("Thirty fathoms of rope")).to_have_count(0, timeout=PATIENCE)
    assert live_page.evaluate("window.isTheSame")


def test_an_open_board_comes_back_after_a_restart_and_shows_what_it_missed(board: Board, live_page: Page, page: Page) -> None:
    live_page.evaluate("window.isTheSame = true")
    sign_up(page)

    board.stop()
    expect(live_page.get_by_text("Not connected")).to_be_visible(timeout=PATIENCE)
    board.start()
    pin_up(page, "Forty fathoms of rope")

    expect(live_page.locator(".card").first).to_contain_text("Forty fathoms of rope", timeout=PATIENCE)
    expect(live_page.get_by_text("Live", exact=True)).to_be_visible(timeout=PATIENCE)
    assert live_page.evaluate("window.isTheSame")
