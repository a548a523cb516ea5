"""The noticeboard, driven as programs and browsers do, over every protocol and each time with a file of its own."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import msgspec
import pytest

from examples.noticeboard import application
from examples.noticeboard.accounts import KEYS
from examples.noticeboard.application import HERE, app
from examples.noticeboard.model import Category, Role, User
from examples.noticeboard.settings import FOLDER, first_password
from examples.noticeboard.store import PAGE_SIZE, Database, Notices
from examples.noticeboard.users import Users
from martlet import PasswordHasher, TemplateEngine
from martlet.security import Verified
from martlet.templates import check
from martlet.testing import Client, Received

ROPE: Mapping[str, str] = {
    "title": "Forty fathoms of rope",
    "category": "for-sale",
    "text": "Laid, tarred, and only a little used.",
    "name": "Tam Rennie",
    "contact": "07700 900 381",
}
HASHER = PasswordHasher(time_cost=1, memory_kib=64, parallelism=1)
PASSWORD = os.environ["NOTICEBOARD_PASSWORD"]
TEMPLATES = HERE / "templates"
BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
PROGRAM = {"accept": "application/json"}
HOSTILE = "<script>alert(1)</script>\"'&amp;</textarea>{title}"


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of a fresh board, for an application that hashes quickly and has counted no attempts."""
    for kept in FOLDER.glob("sessions.sqlite3*"):
        kept.unlink()
    monkeypatch.setattr(application, "FOLDER", tmp_path)
    monkeypatch.setattr(application, "PasswordHasher", lambda: HASHER)
    return tmp_path / "noticeboard.sqlite3"


@pytest.fixture(params=["asgi", "wsgi", "rsgi"])
def protocol(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture
def users(path: Path) -> Users:
    """The accounts of the fresh board."""
    return Users(Database(path), HASHER)


@pytest.fixture
def client(users: Users, protocol: Any) -> Iterator[Client]:
    """A program that shows the key of the harbourmaster, whose the first notices are."""
    with Client(app, protocol=protocol, headers=shown_key(users, "harbourmaster")) as client:
        yield client


@pytest.fixture
def visitor(path: Path, protocol: Any) -> Iterator[Client]:
    """A browser that nobody has logged in with."""
    with Client(app, protocol=protocol, headers=BROWSER) as visitor:
        yield visitor


@pytest.fixture
def browser(visitor: Client) -> Client:
    """A browser that the harbourmaster has logged in with."""
    assert log_in(visitor, "harbourmaster").status_code == 303
    visitor.get("/notices")  # which shows the greeting
    return visitor


def shown_key(users: Users, name: str) -> dict[str, str]:
    """Make a key for somebody, and give the field that shows it."""
    new = KEYS.make()
    users.give_key(next(user for user in users.all() if user.name == name), new)
    return {"authorization": f"Bearer {new.key}"}


def sign_up(browser: Client, name: str, password: str = PASSWORD, **more: str) -> Received:
    """Sign up as a browser does."""
    return browser.post("/sign-up", form={"name": name, "password": password, **more})


def log_in(browser: Client, name: str, password: str = PASSWORD, **more: str) -> Received:
    """Log in as a browser does."""
    return browser.post("/login", form={"name": name, "password": password, **more})


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
    page, data = browser.get("/notices/5"), browser.get("/notices/5", headers=PROGRAM)

    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["vary"] == data.headers["vary"] == "accept, cookie"
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
    before = browser.get("/notices/3", headers=PROGRAM).json()

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
    assert browser.get("/notices/3", headers=PROGRAM).json() == before


def test_what_was_refused_is_pinned_up_once_it_is_mended(browser: Client) -> None:
    page = Structure(browser.post("/notices", form={**ROPE, "title": "Ro"}).text)
    kept = {name: page.control(name)["value"] for name in ("category", "name", "contact")}

    made = browser.post("/notices", form={**ROPE, **kept, "title": "Rope"})

    assert browser.get(made.headers["location"], headers=PROGRAM).json()["title"] == "Rope"


def test_an_empty_form_is_answered_with_every_field_that_it_needs(browser: Client) -> None:
    refused = browser.post("/notices", form={})

    assert refused.text.count("This field is required.") == 5
    assert refused.headers["vary"] == "accept, cookie"


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


PAGES = [
    "/notices",
    "/notices?q=whale",
    "/notices/1",
    "/notices/new",
    "/notices/1/edit",
    "/nowhere",
    "/sign-up",
    "/login?next=/notices/new",
    "/key",
    "/members",
]


@pytest.mark.parametrize("target", PAGES)
def test_pages_are_whole_and_bring_everything_from_here(browser: Client, target: str) -> None:
    page = Structure(browser.get(target).text)

    assert [page.elements.count(element) for element in ("h1", "title", "main id", "html lang", "footer")] == [1, 1, 1, 1, 1]
    assert all(not place.startswith(("http", "//")) for name in ("href", "src", "action") for place in page.values(name))
    assert "style" not in {element.split()[0] for element in page.elements}
    assert {script["src"] for script in page.all("script")} <= {"/static/live.js", "/static/chat.js"}
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

    assert len(targets) == 8
    for target in targets:
        received = browser.get(target)
        assert received.headers["content-type"] in {"text/css; charset=utf-8", "text/javascript; charset=utf-8", "image/svg+xml"}
        assert browser.get(target, headers={"if-none-match": received.headers["etag"]}).status_code == 304


def test_an_open_board_is_given_the_very_parts_that_a_new_one_has(browser: Client) -> None:
    browser.post("/notices/1/edit", form={**ROPE, "title": "Thirty fathoms"})  # which leaves a message for the next page

    parts = browser.get("/notices/parts?category=for-sale&q=fathoms").text
    page = browser.get("/notices?category=for-sale&q=fathoms").text

    assert "Thirty fathoms" in parts
    assert "Your changes are on the board." not in parts
    assert "Your changes are on the board." in page
    assert set(parts.split("\n")) <= set(page.replace("\n  ", "\n").split("\n")) | set(page.split("\n"))
    assert Structure(parts).values("data-part") == Structure(page).values("data-part") == ["total", "categories", "list"]


def test_nothing_is_wrong_with_the_templates() -> None:
    assert check(TemplateEngine(TEMPLATES)) == []


def test_who_was_away_is_told_what_changed_meanwhile(browser: Client) -> None:
    with browser.events("/changes") as events:
        address = browser.post("/notices", form=ROPE).headers["location"]
        posted = next(events)
        browser.post(f"{address}/edit", form={**ROPE, "title": "Thirty fathoms"})
    with browser.events("/changes", last_event_id=posted.id) as events:
        edited = next(events)

    assert posted.id
    assert posted.id != edited.id
    assert [event.json()["what"] for event in (posted, edited)] == ["posted", "edited"]
    assert address.endswith(str(edited.json()["notice_id"]))


# Accounts ---------------------------------------------------------------------------------------------


def test_somebody_signs_up_pins_up_and_logs_out(visitor: Client) -> None:
    made = sign_up(visitor, "Ada", next="/notices/new")
    form = visitor.get("/notices/new").text
    pinned = visitor.post("/notices", form=ROPE)
    left = visitor.post("/logout")

    assert (made.status_code, made.headers["location"]) == (303, "/notices/new")
    assert "Welcome to the board, Ada." in form
    assert Structure(form).control("name")["value"] == "Ada"
    assert pinned.status_code == 303
    assert (left.status_code, left.headers["location"]) == (303, "/")
    assert "You are logged out." in visitor.get("/notices").text
    assert "You are logged out." not in visitor.get("/notices").text
    assert visitor.get("/notices/new").status_code == 303


def test_a_logout_ends_the_session_for_every_copy_of_its_cookie(browser: Client) -> None:
    copied = {"cookie": f"session={browser.cookies['session']}"}
    assert browser.get("/key", headers=copied).status_code == 200
    browser.post("/logout")

    assert browser.get("/key", headers=copied).status_code == 303


def test_a_login_gives_a_new_session(visitor: Client) -> None:
    visitor.get("/login")
    before = visitor.cookies["session"]
    log_in(visitor, "harbourmaster")

    assert visitor.cookies["session"] != before


@pytest.mark.parametrize(
    ("name", "password"),
    [
        pytest.param("harbourmaster", "the harbour is thawing", id="a wrong password"),
        pytest.param("nobody", PASSWORD, id="a name that nobody has"),
        pytest.param("harbourmaster", "x" * 5_000, id="a password that is too long"),
        pytest.param("' OR 1=1 --", PASSWORD, id="a sign that means something to SQL"),
    ],
)
def test_a_failed_login_keeps_what_was_typed_but_the_password(visitor: Client, name: str, password: str) -> None:
    refused = log_in(visitor, name, password, next="/notices/new")

    page = Structure(refused.text)
    assert refused.status_code == 422
    assert (page.control("name")["value"], page.control("next")["value"]) == (name, "/notices/new")
    assert "value" not in page.control("password")
    assert password not in refused.text
    assert "Password: No account has this name and this password" in page.text
    assert visitor.get("/notices/new").status_code == 303


@pytest.mark.parametrize(
    ("name", "password", "wrong"),
    [
        pytest.param("harbourmaster", "a good enough one", "Somebody else has this name", id="a taken name"),
        pytest.param("HarbourMaster", "a good enough one", "Somebody else has this name", id="in other letters"),
        pytest.param("Ada Lovelace", "a good enough one", "Expected a text of another form", id="a blank in the name"),
        pytest.param("Ada", "short", "Expected at least 12 characters", id="a short password"),
    ],
)
def test_a_failed_sign_up_keeps_what_was_typed_but_the_password(visitor: Client, name: str, password: str, wrong: str) -> None:
    refused = sign_up(visitor, name, password)

    page = Structure(refused.text)
    assert refused.status_code == 422
    assert page.control("name")["value"] == name
    assert password not in refused.text
    assert wrong in page.text


def test_a_name_that_nobody_has_costs_as_much_as_one_that_somebody_has(users: Users, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[str | None] = []
    verify = HASHER.verify_now

    def counted(kept: str | None, password: str) -> Verified:
        compared.append(kept)
        return verify(kept, password)

    monkeypatch.setattr(HASHER, "verify_now", counted)

    assert users.proven("nobody", PASSWORD) is None
    assert compared == [None]


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_nobody_is_led_to_another_site(visitor: Client, target: str) -> None:
    assert log_in(visitor, "harbourmaster", next=target).headers["location"] == "/"


def test_passwords_and_keys_are_kept_as_hashes(visitor: Client, path: Path) -> None:
    sign_up(visitor, "Ada", "a sentence of my own")
    key = visitor.post("/key", headers=PROGRAM).json()["key"]

    kept = b"".join(each.read_bytes() for each in path.parent.iterdir())
    assert b"$argon2id$" in kept
    assert b"a sentence of my own" not in kept
    assert key.encode() not in kept


def test_whoever_tries_too_often_waits(visitor: Client) -> None:
    answers = [log_in(visitor, "harbourmaster", "guess").status_code for _ in range(11)]

    assert answers == [422] * 10 + [429]
    assert log_in(visitor, "harbourmaster").status_code == 429


@pytest.mark.parametrize("target", ["/login", "/sign-up", "/logout", "/notices", "/notices/3/delete", "/key"])
def test_a_page_of_another_site_changes_nothing(browser: Client, target: str) -> None:
    assert browser.post(target, form=ROPE, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert browser.get("/notices/3").status_code == 200


def test_a_form_of_an_old_browser_needs_its_token(browser: Client) -> None:
    token = Structure(browser.get("/notices/new").text).control("csrf_token")["value"]
    headers = {"cookie": f"session={browser.cookies['session']}"}  # written by hand, so that no Origin goes with it
    browser.cookies.clear()

    assert browser.post("/notices", form=ROPE, headers=headers).status_code == 403
    assert browser.post("/notices", form={**ROPE, "csrf_token": token}, headers=headers).status_code == 303


@pytest.mark.parametrize(
    "target", ["/notices", "/notices/3", "/notices/new", "/notices/3/edit", "/key", "/members", "/login", "/sign-up"]
)
def test_every_form_that_changes_something_has_the_token(browser: Client, target: str) -> None:
    page = browser.get(target).text

    assert page.count('method="post"') == page.count('name="csrf_token"')


def test_password_fields_tell_password_managers_what_they_are(visitor: Client) -> None:
    fields = [Structure(visitor.get(target).text).control for target in ("/login", "/sign-up")]

    assert [(each("name")["autocomplete"], each("password")["autocomplete"]) for each in fields] == [
        ("username", "current-password"),
        ("username", "new-password"),
    ]


# Roles ------------------------------------------------------------------------------------------------


UNSAFE = [("PUT", "/notices/3"), ("PATCH", "/notices/3"), ("DELETE", "/notices/3"), ("POST", "/notices"), ("POST", "/key")]


@pytest.mark.parametrize(("method", "target"), UNSAFE)
def test_a_program_without_a_key_reads_only(visitor: Client, method: str, target: str) -> None:
    refused = visitor.request(method, target, json=ROPE, headers=PROGRAM)

    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, 'Bearer realm="noticeboard"')
    assert visitor.get("/notices/3", headers=PROGRAM).status_code == 200


@pytest.mark.parametrize("target", ["/notices/new", "/notices/3/edit", "/key", "/members"])
def test_a_browser_is_led_to_the_login_and_back(visitor: Client, target: str) -> None:
    led = visitor.get(target)
    page = Structure(visitor.get(led.headers["location"]).text)

    assert (led.status_code, page.control("next")["value"]) == (303, target)
    assert log_in(visitor, "harbourmaster", next=target).headers["location"] == target


@pytest.mark.parametrize(
    ("method", "target"), [*UNSAFE[:3], ("GET", "/notices/3/edit"), ("POST", "/notices/3/edit"), ("POST", "/notices/3/delete")]
)
def test_a_member_changes_nobody_elses_notice(visitor: Client, method: str, target: str) -> None:
    sign_up(visitor, "Ada")
    before = visitor.get("/notices/3", headers=PROGRAM).json()

    refused = visitor.get(target) if method == "GET" else visitor.request(method, target, form=ROPE)

    assert refused.status_code == 403
    assert "This notice is somebody else's." in Structure(refused.text).text
    assert visitor.get("/notices/3", headers=PROGRAM).json() == before


def test_a_page_offers_what_its_reader_may_do(visitor: Client) -> None:
    def offered() -> tuple[bool, bool, bool]:
        page = visitor.get("/notices/3").text
        return "/notices/3/edit" in page, "/notices/3/delete" in page, "/members" in page

    as_visitor = offered()
    sign_up(visitor, "Ada")
    as_member = offered()
    log_in(visitor, "harbourmaster")

    assert (as_visitor, as_member, offered()) == ((False,) * 3, (False,) * 3, (True,) * 3)


def test_an_editor_takes_down_any_notice_and_edits_their_own(visitor: Client, users: Users) -> None:
    sign_up(visitor, "Ada")
    address = visitor.post("/notices", form=ROPE).headers["location"]
    log_in(visitor, "harbourmaster")

    assert visitor.post(f"{address}/edit", form=ROPE).status_code == 403
    assert visitor.post(f"{address}/delete").status_code == 303
    assert "“Forty fathoms of rope” is taken down." in visitor.get("/notices").text


def test_an_editor_makes_editors(visitor: Client, users: Users) -> None:
    sign_up(visitor, "Ada")
    ada = next(user for user in users.all() if user.name == "Ada")
    refused = [visitor.get("/members").status_code, visitor.post(f"/members/{ada.id}/role", form={"role": "editor"}).status_code]
    log_in(visitor, "harbourmaster")

    made = visitor.post(f"/members/{ada.id}/role", form={"role": "editor"})

    assert refused == [403, 403]
    assert made.headers["location"] == "/members"
    assert users.get(ada.id) == User(id=ada.id, name="Ada", role=Role.EDITOR)
    assert "Ada is an editor now." in visitor.get("/members").text
    assert visitor.post("/members/1/role", form={"role": "member"}).status_code == 403
    assert visitor.post("/members/999/role", form={"role": "member"}).status_code == 404


def test_a_new_key_takes_the_place_of_the_one_before(client: Client) -> None:
    new = client.post("/key").json()["key"]

    assert client.patch("/notices/3", json={"title": "Mine"}).status_code == 401
    assert client.patch("/notices/3", json={"title": "Mine"}, headers={"authorization": f"Bearer {new}"}).status_code == 200


def test_a_program_is_given_no_session(client: Client) -> None:
    assert "set-cookie" not in client.post("/notices", json=ROPE).headers


# The store --------------------------------------------------------------------------------------------


def test_notices_and_sessions_outlive_a_restart(path: Path, protocol: Any) -> None:
    with Client(app, protocol=protocol, headers=BROWSER) as browser:
        sign_up(browser, "Ada")
        address = browser.post("/notices", form=ROPE).headers["location"]
        cookie = {"cookie": f"session={browser.cookies['session']}"}

    with Client(app, protocol=protocol, headers=BROWSER) as browser:
        assert "Forty fathoms" in browser.get(f"{address}/edit", headers=cookie).text


def test_the_first_password_is_made_for_its_owner_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTICEBOARD_PASSWORD")

    made = first_password(tmp_path)

    [file] = tmp_path.iterdir()
    assert (first_password(tmp_path), file.read_text().strip()) == (made, made)
    assert len(made) >= 20
    assert file.stat().st_mode & 0o777 == 0o600


def test_an_error_rolls_back_what_was_written(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    before = client.get("/notices").json()["total"]
    pin_up = Notices.add

    def pin_up_and_fail(notices: Notices, *args: Any) -> None:
        pin_up(notices, *args)
        raise RuntimeError("The pin broke.")

    monkeypatch.setattr(Notices, "add", pin_up_and_fail)

    assert client.post("/notices", json=ROPE).status_code == 500
    assert client.get("/notices").json()["total"] == before


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
