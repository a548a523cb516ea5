"""Recorded attacks in every slot of a request, over every protocol: no 5xx, no split field, no traceback, no markup of theirs."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Annotated, Any
from urllib.parse import quote, quote_from_bytes

import msgspec
import pytest
from msgspec import Struct

from martlet import HTML, App, Body, Cookie, Form, Header, Request, Response, SetCookie
from martlet.http import format_disposition
from martlet.testing.exchange import Received, Sent
from tests.files.test_traversal import TRANSPORTS
from tests.rows import each
from tests.serving import PROTOCOLS, ProtocolName, Share
from tests.shared_cases import conformance, conformance_file

FOLDER = conformance_file("http/payloads")
LISTS = {path.stem: path.read_bytes().splitlines() for path in sorted(FOLDER.glob("*.txt"))}
LISTS["html5sec"] = [case["data"].encode() for case in conformance("http/payloads/html5sec.json")["cases"]]
COUNTS = {
    "crlf": 36,
    "format_strings": 67,
    "header_names": 42,
    "html5sec": 149,
    "http_methods": 46,
    "integers": 12,
    "json_fuzz": 89,
    "naughty_unicode": 66,
    "null_bytes": 61,
    "open_redirect": 325,
    "ssti": 107,
    "traversal": 9_000,
    "xss": 1_455,
}
EVERY_SO_MANY = {
    "traversal": 90,
    "xss": 10,
    "open_redirect": 2,
}  # all of them go through static files in tests/files/test_traversal.py

ANSWERS = {200, 303, 400, 404, 405, 413, 415, 422, 501}


class Note(Struct):
    text: str
    year: int = 0


def page(note: Note) -> HTML:
    return HTML('<p title="{}">{}</p>').format(note.text, note.text)


def echoing_app() -> App:
    app = App()

    @app.get("/path/{rest:path}", page=page)
    async def show_path(rest: str) -> Note:
        return Note(rest)

    @app.get("/number/{number}")
    async def show_number(number: int, year: int | None = None) -> int:
        return number

    @app.route("/slots", methods=["GET", "POST"], page=page)
    async def show(request: Request, q: str = "", cookie: Annotated[str, Cookie()] = "") -> Note:
        return Note(f"{q} {cookie} {request.headers.get('x-text')} {request.query.all()}")

    @app.get("/header")
    async def show_header(x_text: Annotated[str, Header()] = "") -> Response:
        headers = {"content-disposition": format_disposition("attachment", x_text)}
        return Response(x_text, headers=headers, cookies=[SetCookie("text", quote(x_text)[:4_000])])

    @app.get("/next")
    async def lead_on(q: str = "") -> Response:
        return Response.redirect(q)

    @app.post("/note", page=page)
    async def add(note: Note) -> Note:
        return note

    @app.post("/form", page=page)
    async def take(form: Form) -> Note:
        return Note(repr(form.get("text")))

    @app.post("/raw")
    async def take_raw(content: Annotated[bytes, Body()]) -> int:
        return len(content)

    return app


def requests(line: bytes) -> Iterator[Sent]:
    """Put a line into every slot, as far as a server would hand it over."""
    escaped = quote_from_bytes(line, safe="")
    field = re.sub(r"[\0\r\n]", " ", line.decode("latin-1"))
    text = line.decode("utf-8", "replace")
    browser = [("host", "testserver"), ("accept", "text/html,*/*;q=0.8")]
    yield Sent("GET", f"/path/{escaped}", browser)
    yield Sent("GET", f"/number/{escaped}?year={escaped}", browser)
    yield Sent("GET", f"/slots?q={escaped}&{escaped}={escaped}", [*browser, ("cookie", f"cookie={field}"), ("x-text", field)])
    yield Sent("GET", "/header", [*browser, ("x-text", field), ("cookie", field)])
    yield Sent("GET", f"/next?q={escaped}", browser)
    for path, kind, content in (
        ("/note", "application/json", msgspec.json.encode({"text": text, "year": 7})),
        ("/note", "application/json", line),
        ("/note", "application/x-www-form-urlencoded", f"text={escaped}&{escaped}".encode()),
        ("/form", "application/x-www-form-urlencoded", b"text=" + line),
        ("/raw", field.strip() or "text/plain", line),
    ):
        yield Sent("POST", path, [*browser, ("content-type", kind), ("content-length", str(len(content)))], [content])


class Tags(HTMLParser):
    """The tags of a page, and what stands in the text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]


def wrong(sent: Sent, received: Received) -> str | None:
    """Say what is wrong with an answer, if anything is."""
    if received.status_code not in ANSWERS:
        return f"status {received.status_code}"
    if any(re.search(r"[\r\n\0]", value) for _, value in received.headers.items()):
        return "a split field"
    if b"Traceback" in received.content and b"Traceback" not in b"".join(sent.chunks) + sent.target.encode():
        return "a traceback"
    if received.headers.get("content-type", "").startswith("text/html"):
        tags = Tags(received.content.decode())
        if received.status_code == 200 and (tags.tags, tags.attributes) != (["p"], ["title"]):
            return f"markup {tags.tags}"
        if received.status_code != 200 and {"script", "img", "svg", "iframe", "body onload"} & set(tags.tags):
            return f"markup {tags.tags}"
        if any(name.startswith("on") for name in tags.attributes):
            return "a handler of theirs"
    return None


def test_the_lists_are_whole() -> None:
    assert {name: len(lines) for name, lines in LISTS.items()} == COUNTS


@pytest.fixture(scope="module")
def echoing() -> App:
    return echoing_app()


@each("name", LISTS)
def test_hostile_text_in_every_slot(protocol: ProtocolName, name: str, share: Share, echoing: App) -> None:
    lines = share(LISTS[name][:: EVERY_SO_MANY.get(name, 1)])
    found: list[Any] = []

    with asyncio.Runner() as runner:
        transport = TRANSPORTS[protocol](echoing, runner.run)
        transport.start()
        for line in lines:
            for sent in requests(line):
                problem = wrong(sent, transport.send(sent))
                if problem:
                    found.append((problem, sent))
        transport.stop()

    assert found[:3] == []


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_methods_and_field_names_of_others(protocol: ProtocolName) -> None:
    """46 methods, and 42 field names with hostile values."""
    values = ['"><script>', "\\", "%0d%0a", "a" * 5_000, ",;=", "0", "-1", "\xff"]
    with asyncio.Runner() as runner:
        transport = TRANSPORTS[protocol](echoing_app(), runner.run)
        transport.start()
        for method in LISTS["http_methods"]:
            for path in ("/slots", "/nowhere", "*"):
                received = transport.send(Sent(method.decode("latin-1"), path, [("host", "testserver")]))
                assert received.status_code in {200, 204, 400, 404, 405, 501}, (method, path)
        for name in LISTS["header_names"]:
            if re.fullmatch(rb"[A-Za-z0-9-]+", name):
                for value in values:
                    lines = (
                        [(name.decode(), value)] if name.lower() == b"host" else [("host", "testserver"), (name.decode(), value)]
                    )
                    received = transport.send(Sent("GET", "/slots", lines))
                    assert received.status_code in {200, 400, 406, 413, 415, 417, 422}, (name, value)
        transport.stop()
