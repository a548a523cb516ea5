"""The noticeboard, driven as programs and browsers do, over every protocol and each time with a file of its own."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import msgspec
import pytest

from examples.noticeboard.application import HERE, app, database
from examples.noticeboard.model import Category
from examples.noticeboard.store import PAGE_SIZE, Database, Notices
from martlet import TemplateEngine
from martlet.templates import check
from martlet.testing import Client

ROPE: Mapping[str, str] = {
    "title": "Forty fathoms of rope",
    "category": "for-sale",
    "text": "Laid, tarred, and only a little used.",
    "name": "Tam Rennie",
    "contact": "07700 900 381",
}
TEMPLATES = HERE / "templates"
BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
HOSTILE = "<script>alert(1)</script>\"'&amp;</textarea>{title}"


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of a fresh board, which is made when the application starts."""
    path = tmp_path / "board.sqlite3"
    monkeypatch.setenv("NOTICEBOARD_DATABASE", str(path))
    return path


@pytest.fixture(params=["asgi", "wsgi", "rsgi"])
def protocol(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture
def client(path: Path, protocol: Any) -> Iterator[Client]:
    """A program that talks to a fresh board."""
    with Client(app, protocol=protocol) as client:
        yield client


@pytest.fixture
def browser(path: Path, protocol: Any) -> Iterator[Client]:
    """A browser that looks at a fresh board."""
    with Client(app, protocol=protocol, headers=BROWSER) as browser:
        yield browser


class Structure(HTMLParser):
    """A page as a browser reads it: its elements, their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.attributes: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._in_label = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(" ".join([tag, *(name for name, _ in attrs)]))
        self.attributes.append((tag, {"labelled": "" if self._in_label else None, **dict(attrs)}))
        self._in_label = tag == "label" or (self._in_label and tag != "form")

    def handle_endtag(self, tag: str) -> None:
        self._in_label = self._in_label and tag != "label"

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, *tags: str) -> list[dict[str, str | None]]:
        """The attributes of every element of these tags."""
        return [attributes for tag, attributes in self.attributes if tag in tags]

    def values(self, name: str) -> list[str]:
        """What an attribute is, wherever it stands."""
        return [value for _, attributes in self.attributes if (value := attributes.get(name)) is not None]

    def control(self, name: str) -> dict[str, str | None]:
        """The control of a form's field, the chosen one of several."""
        named = [each for each in self.all("input", "textarea") if each.get("name") == name]
        return next((each for each in named if "checked" in each), named[0])


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
    page = Structure(browser.get("/notices?q=e").text)

    wanted = {"/notices/new", "/notices/18", "/notices?category=events&q=e", "/notices?q=e", "/notices?q=e&page=2"}
    assert wanted <= set(page.values("href"))
    assert page.elements.count("article class") == PAGE_SIZE


def test_the_chosen_category_is_marked_and_kept_by_the_search(browser: Client) -> None:
    page = Structure(browser.get("/notices?category=events&q=the").text)

    assert [link["href"] for link in page.all("a") if link.get("aria-current")] == ["/notices?category=events&q=the"]
    assert (page.control("category")["value"], page.control("q")["value"]) == ("events", "the")
    assert "“the” in events" in page.text


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
    before = browser.get("/notices/3").content

    refused = browser.post(target, form={**ROPE, "title": "Ro", "text": f"\n{HOSTILE}", "takes_place": "soon", "contact": ""})

    page = Structure(refused.text)
    assert refused.status_code == 422
    assert f"<h1>{heading}</h1>" in refused.text
    assert target in [form["action"] for form in page.all("form")]
    assert (page.control("title")["value"], page.control("takes_place")["value"]) == ("Ro", "soon")
    assert page.control("category")["value"] == "for-sale"
    assert "checked" in page.control("category")
    assert f"\n\n{HOSTILE}" in page.text  # a browser drops the first line feed of a textarea
    assert {each["name"] for each in page.all("input", "textarea") if "aria-invalid" in each} == {
        "title",
        "takes_place",
        "contact",
    }
    assert "3 to 80 characters. Expected at least 3 characters." in page.text
    assert "How to reach you: This field is required" in page.text
    assert browser.get("/notices/3").content == before


def test_what_was_refused_is_pinned_up_once_it_is_mended(browser: Client) -> None:
    page = Structure(browser.post("/notices", form={**ROPE, "title": "Ro"}).text)
    kept = {name: page.control(name)["value"] for name in ("category", "name", "contact")}

    made = browser.post("/notices", form={**ROPE, **kept, "title": "Rope"})

    assert browser.get(made.headers["location"], headers={"accept": "application/json"}).json()["title"] == "Rope"


def test_an_empty_form_is_answered_with_every_field_that_it_needs(browser: Client) -> None:
    refused = browser.post("/notices", form={})

    assert refused.text.count("This field is required.") == 5
    assert refused.headers["vary"] == "accept"


def test_a_form_for_a_notice_begins_with_what_hangs_there(browser: Client) -> None:
    made = browser.post("/notices", form={**ROPE, "takes_place": "2031-05-04"})

    page = Structure(browser.get(f"{made.headers['location']}/edit").text)

    assert {name: page.control(name)["value"] for name in ("title", "category", "name", "contact", "takes_place")} == {
        **{name: ROPE[name] for name in ("title", "category", "name", "contact")},
        "takes_place": "2031-05-04",
    }
    assert ROPE["text"] in page.text
    assert "checked" in page.control("category")
    assert page.values("aria-invalid") == []


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


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [("GET", "/notices/999", 404), ("GET", "/nowhere", 404), ("GET", "/notices?page=x", 422), ("DELETE", "/notices", 405)],
)
def test_errors_are_pages_with_a_way_back(browser: Client, method: str, target: str, status: int) -> None:
    answer, data = (browser.request(method, target, headers={"accept": accept}) for accept in ("text/html", "*/*"))

    assert answer.status_code == data.status_code == status
    assert "← All notices" in Structure(answer.text).text
    assert data.headers["content-type"] == "application/problem+json"


def test_a_browser_reads_which_part_of_an_address_is_wrong(browser: Client) -> None:
    assert "<li>page: Expected a whole number</li>" in browser.get("/notices?page=x").text


PAGES = ["/notices", "/notices?q=whale", "/notices/1", "/notices/new", "/notices/1/edit", "/nowhere"]


@pytest.mark.parametrize("target", PAGES)
def test_pages_are_whole_and_bring_everything_from_here(browser: Client, target: str) -> None:
    page = Structure(browser.get(target).text)

    assert [page.elements.count(element) for element in ("h1", "title", "main id", "html lang", "footer")] == [1, 1, 1, 1, 1]
    assert all(not place.startswith(("http", "//")) for name in ("href", "src", "action") for place in page.values(name))
    assert not {"script", "style"} & {element.split()[0] for element in page.elements}
    assert not [name for _, attributes in page.attributes for name in attributes if name == "style" or name.startswith("on")]
    assert not {"{", "}", "zBlocked", "None"} & set(page.text.split())


@pytest.mark.parametrize("target", PAGES)
def test_pages_can_be_used_without_seeing_them(browser: Client, target: str) -> None:
    page = Structure(browser.get(target).text)

    identifiers = page.values("id")
    assert len(identifiers) == len(set(identifiers))
    assert "#main" in page.values("href")
    assert all("alt" in image for image in page.all("img"))
    described = [each for value in page.values("aria-describedby") for each in value.split()]
    assert {*page.values("for"), *described} <= set(identifiers)
    labelled = set(page.values("for"))
    for control in page.all("input", "textarea"):
        assert control.get("type") == "hidden" or control.get("id") in labelled or control["labelled"] is not None


def test_style_flags_and_icon_are_there_and_asked_for_once(browser: Client) -> None:
    page = Structure(browser.get("/notices").text)
    targets = {link["href"] or "" for link in page.all("link")} | set(page.values("src"))

    assert len(targets) == 7
    for target in targets:
        received = browser.get(target)
        assert received.headers["content-type"] in {"text/css; charset=utf-8", "image/svg+xml"}
        assert browser.get(target, headers={"if-none-match": received.headers["etag"]}).status_code == 304


def test_nothing_is_wrong_with_the_templates() -> None:
    assert check(TemplateEngine(TEMPLATES)) == []


# The store --------------------------------------------------------------------------------------------


def test_notices_outlive_a_restart(path: Path, protocol: Any) -> None:
    with Client(app, protocol=protocol) as client:
        address = client.post("/notices", json=ROPE).headers["location"]
        client.delete("/notices/1")

    with Client(app, protocol=protocol) as client:
        assert client.get(address).json()["title"] == ROPE["title"]
        assert client.get("/notices").json()["total"] == 18


def test_an_error_rolls_back_what_was_written(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    before = client.get("/notices").json()["total"]
    pin_up = Notices.add

    def pin_up_and_fail(notices: Notices, *args: Any) -> None:
        pin_up(notices, *args)
        raise RuntimeError("The pin broke.")

    monkeypatch.setattr(Notices, "add", pin_up_and_fail)

    assert client.post("/notices", json=ROPE).status_code == 500
    assert client.get("/notices").json()["total"] == before


def test_the_file_is_named_by_the_environment(path: Path) -> None:
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
