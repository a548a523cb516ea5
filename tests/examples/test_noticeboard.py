"""The noticeboard, driven as programs and browsers do, over every protocol and each time with a file of its own."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import msgspec
import pytest

from examples.noticeboard.application import app, database
from examples.noticeboard.model import Category
from examples.noticeboard.store import PAGE_SIZE, Database, Notices
from martlet.testing import Client

ROPE: Mapping[str, str] = {
    "title": "Forty fathoms of rope",
    "category": "for-sale",
    "text": "Laid, tarred, and only a little used.",
    "name": "Tam Rennie",
    "contact": "07700 900 381",
}
BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
HOSTILE = "<script>alert(1)</script>\"'&amp;</textarea>{title}"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "board.sqlite3"


@pytest.fixture(params=["asgi", "wsgi", "rsgi"])
def protocol(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture
def client(path: Path, protocol: Any) -> Iterator[Client]:
    """A program that talks to a fresh board."""
    with app.override(Database, Database(path)), Client(app, protocol=protocol) as client:
        yield client


@pytest.fixture
def browser(path: Path, protocol: Any) -> Iterator[Client]:
    """A browser that looks at a fresh board."""
    with app.override(Database, Database(path)), Client(app, protocol=protocol, headers=BROWSER) as browser:
        yield browser


class Structure(HTMLParser):
    """A page as a browser reads it: its elements, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(" ".join([tag, *(name for name, _ in attrs)]))

    def handle_data(self, data: str) -> None:
        self.text += data


# Programs ---------------------------------------------------------------------------------------------


def test_a_new_board_has_its_first_notices_newest_first(client: Client) -> None:
    listing = client.get("/notices").json()

    moments = [notice["posted_at"] for notice in listing["notices"]]
    assert (listing["page"], listing["pages"], listing["total"], len(moments)) == (1, 2, 18, PAGE_SIZE)
    assert moments == sorted(moments, reverse=True)


@pytest.mark.parametrize(
    ("query", "total"),
    [
        pytest.param({}, 18, id="all"),
        pytest.param({"category": "events"}, 5, id="a category"),
        pytest.param({"q": "HERRING"}, 1, id="words in any case"),
        pytest.param({"q": "Harbour office"}, 2, id="words of the name"),
        pytest.param({"q": "harbour", "category": "lost-and-found"}, 1, id="words in a category"),
        pytest.param({"q": "%"}, 0, id="a sign that means something to LIKE"),
        pytest.param({"q": "_"}, 0, id="another one"),
        pytest.param({"q": "' OR 1=1 --"}, 0, id="a sign that means something to SQL"),
    ],
)
def test_notices_are_found(client: Client, query: dict[str, str], total: int) -> None:
    assert client.get("/notices", query=query).json()["total"] == total


@pytest.mark.parametrize(
    ("query", "status"),
    [
        pytest.param("page=2", 200, id="the last page"),
        pytest.param("page=3", 404, id="a page after the last"),
        pytest.param("page=0", 422, id="a page before the first"),
        pytest.param(f"page={'9' * 30}", 422, id="a page beyond all numbers"),
        pytest.param("category=gossip", 422, id="no category of ours"),
        pytest.param(f"q={'x' * 101}", 422, id="too many words"),
        pytest.param("q=%ff%00", 200, id="no text at all"),
    ],
)
def test_what_cannot_be_listed_is_refused(client: Client, query: str, status: int) -> None:
    assert client.get(f"/notices?{query}").status_code == status


def test_a_notice_is_pinned_up_read_changed_and_taken_down(client: Client) -> None:
    created = client.post("/notices", json={**ROPE, "takes_place": "2031-05-04"})
    address = created.headers["location"]

    assert created.status_code == 201
    assert created.json() == client.get(address).json()
    assert client.patch(address, json={"title": "Thirty fathoms", "takes_place": None}).json()["takes_place"] is None
    assert client.get(address).json()["title"] == "Thirty fathoms"
    assert client.get(address).json()["text"] == ROPE["text"]
    assert client.put(address, json=ROPE).json()["title"] == ROPE["title"]
    assert client.get(address).json()["edited_at"] is not None
    assert client.delete(address).status_code == 204
    assert client.get(address).status_code == 404


def test_the_address_of_a_notice_that_is_gone_is_never_anothers(client: Client) -> None:
    first = client.post("/notices", json=ROPE).headers["location"]
    client.delete(first)

    assert client.post("/notices", json=ROPE).headers["location"] != first


def test_messagepack_goes_in_and_out(client: Client) -> None:
    headers = {"content-type": "application/vnd.msgpack", "accept": "application/vnd.msgpack"}

    created = client.post("/notices", content=msgspec.msgpack.encode(ROPE), headers=headers)

    assert created.headers["content-type"] == "application/vnd.msgpack"
    assert msgspec.msgpack.decode(created.content)["title"] == ROPE["title"]


def test_every_error_of_a_notice_is_listed_at_once(client: Client) -> None:
    refused = client.post("/notices", json={**ROPE, "title": "  ", "category": "gossip", "takes_place": "soon", "price": 7})

    assert refused.status_code == 422
    assert {error["pointer"] for error in refused.json()["errors"]} == {"/title", "/category", "/takes_place", "/price"}


REFUSALS = [
    pytest.param("GET", "/notices/999", {}, b"", 404, id="no such notice"),
    pytest.param("GET", f"/notices/{'9' * 25}", {}, b"", 404, id="no number that a store could hold"),
    pytest.param("GET", "/notices/rope", {}, b"", 404, id="no number"),
    pytest.param("DELETE", "/notices/999", {}, b"", 404, id="nothing to take down"),
    pytest.param("DELETE", "/notices", {}, b"", 405, id="no method for all of them"),
    pytest.param("GET", "/notices", {"accept": "image/png"}, b"", 406, id="no picture of the board"),
    pytest.param("DELETE", "/notices/1", {"accept": "image/png"}, b"", 204, id="an answer without content fits any Accept"),
    pytest.param("PUT", "/notices/1", {"accept": "text/html"}, b"{}", 406, id="no page of what programs do"),
    pytest.param("POST", "/notices", {"content-type": "text/csv"}, b"a,b", 415, id="no such form"),
    pytest.param("POST", "/notices", {}, b"{}", 415, id="no word of its form"),
    pytest.param("POST", "/notices", {"content-type": "application/json"}, b'{"title"', 400, id="half a document"),
    pytest.param("PATCH", "/notices/1", {"content-type": "application/json"}, b'{"tilte":""}', 422, id="a misspelt field"),
]


@pytest.mark.parametrize(("method", "target", "headers", "content", "status"), REFUSALS)
def test_what_is_not_offered_is_refused(
    client: Client, method: str, target: str, headers: dict[str, str], content: bytes, status: int
) -> None:
    assert client.request(method, target, headers=headers, content=content).status_code == status


def test_a_refused_method_names_the_allowed_ones_to_everybody(browser: Client) -> None:
    refused = browser.delete("/notices")

    assert refused.headers["allow"] == "GET, HEAD, OPTIONS, POST"
    assert refused.headers["content-type"] == "text/html; charset=utf-8"


# Browsers ---------------------------------------------------------------------------------------------


def test_the_same_address_is_a_page_to_a_browser(browser: Client) -> None:
    page, data = browser.get("/notices/5"), browser.get("/notices/5", headers={"accept": "application/json"})

    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["vary"] == data.headers["vary"] == "accept"
    assert data.json()["title"] in Structure(page.text).text


def test_the_root_leads_to_the_board(browser: Client) -> None:
    assert browser.get("/").headers["location"] == "/notices"


def test_the_board_links_to_its_notices_categories_and_pages(browser: Client) -> None:
    page = browser.get("/notices?q=e").text

    for href in ("/notices/new", "/notices/18", "/notices?q=e&amp;category=events", "/notices?q=e&amp;page=2"):
        assert f'href="{href}"' in page


def test_a_board_without_a_find_says_so(browser: Client) -> None:
    assert "Nothing on the board fits that." in browser.get("/notices?q=whale").text


def test_a_browser_pins_up_edits_and_takes_down(browser: Client) -> None:
    created = browser.post("/notices", form={**ROPE, "takes_place": ""})
    address = created.headers["location"]
    form = browser.get(f"{address}/edit").text
    saved = browser.post(f"{address}/edit", form={**ROPE, "title": "Ten fathoms", "takes_place": "2031-05-04"})
    page = browser.get(address).text
    deleted = browser.post(f"{address}/delete")

    assert (created.status_code, created.content) == (303, b"")
    assert 'value="Forty fathoms of rope"' in form
    assert (saved.status_code, saved.headers["location"]) == (303, address)
    assert "Ten fathoms" in page
    assert "Sunday 4 May" in page
    assert (deleted.status_code, deleted.headers["location"]) == (303, "/notices")
    assert browser.get(address).status_code == 404


@pytest.mark.parametrize(
    ("target", "heading"),
    [
        pytest.param("/notices", "Pin up a notice", id="a new notice"),
        pytest.param("/notices/3/edit", "Edit the notice", id="a notice that is there"),
    ],
)
def test_a_browser_gets_its_form_again_with_what_must_be_mended(browser: Client, target: str, heading: str) -> None:
    refused = browser.post(target, form={**ROPE, "title": "Ro", "category": "", "text": HOSTILE})

    assert refused.status_code == 422
    assert f"<h1>{heading}</h1>" in refused.text
    assert f'action="{target}"' in refused.text
    assert '<a href="#title">Title</a>: 3 to 80 characters.' in refused.text
    assert 'value="Ro" required' in refused.text
    assert 'aria-invalid="true"' in refused.text
    assert HOSTILE in Structure(refused.text).text


def test_a_program_gets_no_form_again(client: Client) -> None:
    assert client.post("/notices", form={}).headers["content-type"] == "application/problem+json"


def test_a_browser_that_sends_no_form_gets_the_page_of_errors(browser: Client) -> None:
    refused = browser.post("/notices", content="&" * 2_000, headers={"content-type": "application/json"})

    assert (refused.status_code, "<form" in refused.text) == (400, False)


def test_hostile_text_never_changes_a_page(browser: Client) -> None:
    harmless, hostile = (
        {**ROPE, "title": text, "text": text, "name": text, "contact": text} for text in ("harmless text", HOSTILE)
    )
    first, second = (browser.post("/notices", form=form).headers["location"] for form in (harmless, hostile))

    for suffix in ("", "/edit"):
        pages = [Structure(browser.get(f"{address}{suffix}").text) for address in (first, second)]
        assert pages[0].elements == pages[1].elements
    assert HOSTILE in Structure(browser.get(second).text).text
    board = browser.get("/notices", query={"q": HOSTILE}).text
    assert Structure(board).elements.count("script") == 0
    assert HOSTILE in Structure(board).text


@pytest.mark.parametrize("target", ["/notices/999", "/nowhere", "/notices?page=x"])
def test_errors_are_pages_with_a_way_back(browser: Client, target: str) -> None:
    page = browser.get(target)

    assert page.status_code in {404, 422}
    assert '<a href="/notices">← All notices</a>' in page.text


def test_a_browser_reads_which_part_of_an_address_is_wrong(browser: Client) -> None:
    assert "<li>page: Expected a whole number</li>" in browser.get("/notices?page=x").text


@pytest.mark.parametrize("target", ["/notices", "/notices/1", "/notices/new", "/notices/1/edit", "/nowhere"])
def test_pages_are_whole_and_bring_everything_from_here(browser: Client, target: str) -> None:
    page = browser.get(target).text
    structure = Structure(page)

    assert [structure.elements.count(element) for element in ("h1", "main id")] == [1, 1]
    assert "{" not in page
    assert "http" not in page.replace('http-equiv="', "")
    for attribute in ('href="/noticeboard.css?', 'href="/favicon.svg"', 'href="#main"'):
        assert attribute in page


@pytest.mark.parametrize(
    ("target", "media_type"), [("/noticeboard.css", "text/css; charset=utf-8"), ("/favicon.svg", "image/svg+xml")]
)
def test_style_and_icon_may_be_kept(browser: Client, target: str, media_type: str) -> None:
    received = browser.get(target)

    assert received.headers["content-type"] == media_type
    assert "max-age" in received.headers["cache-control"]


# The store --------------------------------------------------------------------------------------------


def test_notices_outlive_a_restart(path: Path, protocol: Any) -> None:
    with app.override(Database, Database(path)), Client(app, protocol=protocol) as client:
        address = client.post("/notices", json=ROPE).headers["location"]
        client.delete("/notices/1")

    with app.override(Database, Database(path)), Client(app, protocol=protocol) as client:
        assert client.get(address).json()["title"] == ROPE["title"]
        assert client.get("/notices").json()["total"] == 18


def test_an_error_rolls_back_what_was_written(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    pin_up = Notices.add

    def pin_up_and_fail(notices: Notices, *args: Any) -> None:
        pin_up(notices, *args)
        raise RuntimeError("The pin broke.")

    monkeypatch.setattr(Notices, "add", pin_up_and_fail)

    assert client.post("/notices", json=ROPE).status_code == 500
    assert client.get("/notices").json()["total"] == 18


def test_the_file_is_named_by_the_environment(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTICEBOARD_DATABASE", str(path))

    assert database().path == str(path)
    assert path.exists()


def test_a_file_of_another_schema_is_left_alone(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()

    with pytest.raises(RuntimeError, match="schema 99"):
        Database(path)


def test_every_category_has_a_first_notice(path: Path) -> None:
    with Database(path).transaction(writes=False) as connection:
        counts = Notices(connection).counts("")

    assert set(counts) == set(Category)
    assert min(counts.values()) > 0
