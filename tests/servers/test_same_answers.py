"""The same request gets the same status, body and fields on every server: those that the application gives in memory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import pytest

from martlet.testing import Client
from tests.rows import wrong_rows
from tests.servers.application import app
from tests.servers.running import Server
from tests.servers.wire import SERVERS_OWN, ask

JSON = {"content-type": "application/json"}
BOOK = b'{"title":"Walden","year":1854}'
TOO_LARGE = b"x" * 500_001


@dataclass(frozen=True)
class Row:
    """One request; a body of several pieces is sent in chunks."""

    name: str
    target: str
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | tuple[bytes, ...] | None = None


ROWS = [
    Row("text", "/text"),
    Row("a plain function", "/plain"),
    Row("a function that waits", "/waits"),
    Row("nothing", "/nothing"),
    Row("JSON", "/books/7"),
    Row("MessagePack", "/books/7", headers={"accept": "application/msgpack"}),
    Row("406", "/books/7", headers={"accept": "image/png"}),
    Row("HEAD of text", "/text", "HEAD"),
    Row("HEAD of JSON", "/books/7", "HEAD"),
    Row("HEAD of a stream", "/stream/async/async", "HEAD"),
    Row("HEAD of a plain function's stream", "/stream/sync/sync", "HEAD"),
    Row("HEAD of a plain function's async stream", "/stream/sync/async", "HEAD"),
    Row("HEAD of a file", "/file", "HEAD"),
    Row("OPTIONS", "/books/7", "OPTIONS"),
    Row("404", "/nowhere"),
    Row("404 by a handler", "/books/101"),
    Row("404 for a browser", "/nowhere", headers={"accept": "text/html,*/*;q=0.8"}),
    Row("404 for what does not convert", "/books/" + "9" * 3_900),
    Row("405", "/text", "DELETE"),
    Row("501", "/text", "PROPFINDER"),
    Row("POST", "/books", "POST", JSON, BOOK),
    Row("POST to a plain function", "/books/plain", "POST", JSON, BOOK),
    Row("POST in chunks", "/books", "POST", JSON, (BOOK[:10], BOOK[10:])),
    Row("POST in chunks to a plain function", "/books/plain", "POST", JSON, (BOOK[:10], BOOK[10:])),
    Row("415", "/books", "POST", {"content-type": "text/csv"}, b"a,b"),
    Row("415 without a type", "/books", "POST", body=BOOK),
    Row("422", "/books", "POST", JSON, b'{"title":"","year":"old"}'),
    Row("400 for broken JSON", "/books", "POST", JSON, b'{"title":'),
    Row("400 for a body that is no UTF-8", "/books/plain", "POST", JSON, b'{"title":"\xff","year":1}'),
    Row("413 by the announced length", "/books", "POST", JSON, TOO_LARGE),
    Row("413 by the announced length, a plain function", "/books/plain", "POST", JSON, TOO_LARGE),
    Row("413 by the counted length", "/books", "POST", JSON, (b" " * 250_000,) * 3),
    Row("413 by the counted length, a plain function", "/books/plain", "POST", JSON, (b" " * 250_000,) * 3),
    Row("a path that is no UTF-8", "/path/caf%E9%ff"),
    Row("a path in UTF-8", "/path/caf%C3%A9"),
    Row("an encoded slash separates", "/path/a%2Fb"),
    Row("an encoded percent sign is one", "/path/a%2541"),
    Row("a NUL and a line break", "/path/a%00b%0Ac"),
    Row("empty segments stay", "/path//a//"),
    Row("a query that is no UTF-8", "/query?q=%ff&r=caf%C3%A9&q=+b&empty="),
    Row("201", "/status/201"),
    Row("205 is empty", "/status/205"),
    Row("304 is empty", "/status/304"),
    Row("an unregistered status", "/status/299"),
    Row("599", "/status/599"),
    Row("a refused status", "/status/600"),
    Row("a refused interim status", "/status/103"),
    Row("repeated fields and two cookies", "/fields"),
    Row("an async stream", "/stream/async/async"),
    Row("a sync stream", "/stream/async/sync"),
    Row("a plain function's sync stream", "/stream/sync/sync"),
    Row("a plain function's async stream", "/stream/sync/async"),
    Row("an async stream of known length", "/stream/async/async?length=21"),
    Row("a sync stream of known length", "/stream/sync/sync?length=21"),
    Row("an empty stream", "/stream/async/async?count=0"),
    Row("a file", "/file"),
    Row("a part of a file", "/file/part"),
    Row("a static file from memory", "/assets/note.txt"),
    Row("a static file from the disk", "/assets/unheld/note.txt"),
    Row("HEAD of a static file from memory", "/assets/note.txt", "HEAD"),
    Row("HEAD of a static file from the disk", "/assets/unheld/note.txt", "HEAD"),
    Row("a static file that the client has", "/assets/note.txt", headers={"if-none-match": "*"}),
    Row("a static file that the client has not", "/assets/unheld/note.txt", headers={"if-none-match": '"x"'}),
    Row("a part of a static file from memory", "/assets/note.txt", headers={"range": "bytes=-9"}),
    Row("a part of a static file from the disk", "/assets/unheld/note.txt", headers={"range": "bytes=2-11"}),
    Row("416", "/assets/unheld/note.txt", headers={"range": "bytes=99999-"}),
    Row("412", "/assets/unheld/note.txt", headers={"if-match": '"x"'}),
    Row("405 for a static file", "/assets/note.txt", "DELETE"),
    Row("404 for a static file", "/assets/none.txt"),
    Row("404 for what lies outside", "/assets/%2e%2e/application.py"),
    Row("404 for what lies outside, by an encoded slash", "/assets/..%2fapplication.py"),
    Row("404 for a NUL in a static file's name", "/assets/note.txt%00"),
    Row("404 for a static file's name that is no UTF-8", "/assets/%ff%fe.txt"),
    Row("500", "/fails/async/error"),
    Row("500 by a plain function", "/fails/sync/error"),
]

# (row, server): why the server answers by itself.
EXCEPTIONS = {
    ("501", "uvicorn"): "httptools knows a list of methods, and answers 400 to any other",
}


@pytest.fixture(scope="module")
def in_memory() -> Iterable[Client]:
    """The application without a server."""
    with Client(app) as client:
        yield client


def compare(row: Row, server: Server, in_memory: Client) -> None:
    in_memory.cookies.clear()
    expected = in_memory.request(row.method, row.target, headers=row.headers, content=b"" if row.body is None else row.body)

    answer = ask(server.port, row.target, method=row.method, headers=row.headers, body=row.body)

    fields = [(name, value.encode().decode("latin-1")) for name, value in expected.headers.items() if name not in SERVERS_OWN]
    assert (answer.status, answer.body) == (expected.status_code, expected.content)
    assert answer.whole
    if "content-length" not in expected.headers and answer.all("content-length") == ["0"]:
        fields.append(("content-length", "0"))  # some servers add it where nothing follows, h2corn even to HEAD and 304
    assert answer.ours == sorted(fields, key=lambda line: line[0])


def test_the_answers_are_the_application_s(server: Server, in_memory: Client) -> None:
    rows = [(row.name, row) for row in ROWS if (row.name, server.name) not in EXCEPTIONS]

    assert len(ROWS) == 75
    assert wrong_rows(rows, lambda row: compare(row, server, in_memory)) == {}
