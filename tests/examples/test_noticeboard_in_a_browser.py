"""The noticeboard as people have it: a real server, and Debian's Chromium driven by Playwright."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.servers.running import STOP_SECONDS, eventually, free_port

EXAMPLES = Path(__file__).parents[2] / "examples"
READY_SECONDS = 60
PASSWORD = "a sentence that is Ada's own"

pytestmark = pytest.mark.servers


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Where a fresh board is served."""
    port = free_port()
    command = [
        str(Path(sys.executable).with_name("martlet")),
        "run",
        "noticeboard:app",
        "--app-dir",
        str(EXAMPLES),
        "--port",
        str(port),
    ]
    environment = {**os.environ, "NOTICEBOARD_FOLDER": str(tmp_path / "data")}
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        eventually(lambda: server.poll() is not None or accepts(port), READY_SECONDS)
        assert accepts(port), (tmp_path / "log").read_text()
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(STOP_SECONDS)


def accepts(port: int) -> bool:
    """Whether somebody listens there."""
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def page(address: str) -> Iterator[Page]:
    """An empty page of a browser that runs no scripts."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("chromium is absent: scripts/services install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"] if os.geteuid() == 0 else [])
        yield browser.new_page(base_url=address, java_script_enabled=False)
        browser.close()


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
