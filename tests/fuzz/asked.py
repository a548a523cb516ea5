"""A whole request as a server would hand it over, made of decisions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from tests.fuzz.bodies import body, coded, encoded, pairs
from tests.fuzz.choices import Choices, any_text, damaged
from tests.fuzz.fields import condition, field

READING = ("GET", "GET", "GET", "GET", "GET", "HEAD", "HEAD", "QUERY", "OPTIONS", "POST")
WRITING = ("POST", "POST", "POST", "POST", "POST", "PUT", "QUERY", "PATCH", "OPTIONS", "GET")
ODD_METHODS = ("TRACE", "CONNECT", "get", "PROPFIND", "DELETE", "BREW", "", "G T", "é", "GET\n", "M" * 500, "PRI", "_")
READERS = (
    *("/", "/text/", "/number/", "/number/7/2026-11-22/red", "/rest/", "/query", "/everything", "/files/", "/files/", "/state/7"),
    *("/page", "/downloads/", "/events", "/lines", "/file", "/moved", "/hints", "/secure/page", "/teapot", "/secret/token"),
    *("/foreign/asgi/a", "/foreign/wsgi/a", "/foreign/own/text/a"),
)
WRITERS = (
    "/scans",
    "/checksums",
    "/sold",
    "/form",
    "/foreign/asgi/a",
    "/foreign/wsgi/a",
    "/foreign/own/text/a",
    "/new",
    "/author",
    "/options",
    "/any",
    "/bytes",
    "/pieces",
    "/guarded",
    "/state/7",
    "/form",
    "/parts",
    "/upload",
)
SEGMENTS = ("..", "%2e%2e", "..%2f", "%00", "birds.txt", "sub", "%ff", "CON", ".well-known", "\\..\\", "a" * 300, "%c0%ae", ".")
KEPT = frozenset({"/files/", "/downloads/", "/file", "/state/7"})  # with a state that conditions may name
FILES = ("birds.txt", "birds.json", "big.txt", "empty.txt", "app.css", "sub/index.html", ".hidden", "sub/", "nothing", "a b.txt")
QUERY_NAMES = (*"abcdefghi", "q", "z", "", "a[]", "é")


@dataclass(frozen=True)
class Asked:
    """What a client sends and does.

    is_dressed: to the application with middlewares. breaks_off: the client leaves before its body's end.
    leaves_after: how many pieces of the answer it waits for; None waits for all.
    """

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    chunks: tuple[bytes, ...] = ()
    is_dressed: bool = True
    breaks_off: bool = False
    leaves_after: int | None = None
    http_version: str = "1.1"
    scheme: str = "http"
    peer: str | None = "127.0.0.1"
    root_path: str = ""

    def simpler(self) -> list[Asked]:
        """The same with something left out, in each way that there is."""
        found = [replace(self, headers=self.headers[:place] + self.headers[place + 1 :]) for place, _ in enumerate(self.headers)]
        found += [replace(self, chunks=self.chunks[:place] + self.chunks[place + 1 :]) for place, _ in enumerate(self.chunks)]
        found += [replace(self, target=self.target.partition("?")[0])]
        for place, chunk in enumerate(self.chunks):
            for kept in (chunk[: len(chunk) // 2], chunk[len(chunk) // 2 :], chunk[:-1], chunk[1:]):
                found.append(replace(self, chunks=(*self.chunks[:place], kept, *self.chunks[place + 1 :])))
        for place, (name, text) in enumerate(self.headers):
            for cut in (text[: len(text) // 2], text[len(text) // 2 :], text[:-1], text[1:]):
                found.append(replace(self, headers=(*self.headers[:place], (name, cut), *self.headers[place + 1 :])))
        half = len(self.target) // 2
        found += [replace(self, target=cut) for cut in (self.target[:-1], self.target[: max(half, 1)])]
        plain = Asked(self.method, self.target, self.headers, self.chunks)
        found += [replace(self, **{name: getattr(plain, name)}) for name in PLAIN if getattr(self, name) != getattr(plain, name)]
        return [other for other in dict.fromkeys(found) if other != self]


PLAIN = ("is_dressed", "breaks_off", "leaves_after", "http_version", "scheme", "peer", "root_path")


def asked(choices: Choices) -> Asked:
    """Any request."""
    writes = bool(choices.below(2))
    method = choices.one_of(WRITING if writes else READING)
    if choices.rarely(30):
        method = choices.one_of(ODD_METHODS)
    path = choices.one_of(WRITERS if writes else READERS)
    headers = choices.many(field, 6)
    if path in KEPT and choices.below(3):
        headers += choices.many(condition, 3)
    if path in {"/guarded", "/secret/token"} and choices.below(2):
        headers.append(("x-user", "ada"))
    chunks: list[bytes] = []
    if method in {"POST", "PUT", "PATCH", "QUERY"} or choices.rarely(30):
        chunks = _body(choices, path, headers)
    if not choices.rarely(20):
        headers.append(("host", choices.one_of(("testserver", "example.org", "sub.example.org"))))
    return Asked(method, _target(choices, path), tuple(headers), tuple(chunks), **_circumstances(choices))


def _body(choices: Choices, path: str, headers: list[tuple[str, str]]) -> list[bytes]:
    """The pieces of a body; the fields that tell of it are added."""
    kind, data = body(choices, path)
    if choices.rarely(6):
        names, data = coded(choices, data)
        headers.append(("content-encoding", names))
    if kind is not None and not choices.rarely(20):
        headers.append(("content-type", kind.encode("utf-8", "replace").decode("latin-1")))
    if data and choices.below(3):
        headers.append(("content-length", str(len(data))))
    return _pieces(choices, data)


def _circumstances(choices: Choices) -> dict[str, Any]:
    """How the client behaves, and what the server tells of it."""
    told: dict[str, Any] = {"is_dressed": choices.below(3) > 0}
    if choices.rarely(20):
        told["breaks_off"] = True
    if choices.rarely(20):
        told["leaves_after"] = choices.below(3)
    if choices.rarely(10):
        told["http_version"] = choices.one_of(("1.0", "2", "1", "3"))
        told["scheme"] = choices.one_of(("http", "https"))
        told["peer"] = choices.one_of(("127.0.0.1", None, "2001:db8::1", "203.0.113.9", ""))
        told["root_path"] = choices.one_of(("", "/shop", "shop", "/é"))
    return told


def _target(choices: Choices, path: str) -> str:
    if path in {"/text/", "/rest/", "/number/"} or choices.rarely(12):
        path += encoded(choices)
    if path in {"/files/", "/downloads/"}:
        path += choices.one_of(FILES) if choices.below(4) else _below(choices)
    if choices.rarely(15):
        path = damaged(choices, path)
    if choices.rarely(60):
        path = choices.one_of(("", "*", "//evil.test/", "http://example.org/text/a", "/\\evil.test", "?", "/" * 500, "a", "/%"))
    query = pairs(choices, QUERY_NAMES) if choices.below(2) else ""
    if choices.rarely(30):
        query += any_text(choices)
    target = f"{path}?{query}" if query else path
    return "".join(char for char in target if char > " " and char != "\x7f").encode("utf-8", "replace").decode("latin-1")


def _below(choices: Choices) -> str:
    """A path below the static files, or not."""
    return "/".join(choices.one_of(SEGMENTS) for _ in range(1 + choices.below(5)))


def _pieces(choices: Choices, data: bytes) -> list[bytes]:
    """The data as it arrives: at once, in two, or bytewise, empty pieces between."""
    kind = choices.below(5)
    if kind < 3 or not data:
        return [data] if data or kind == 1 else []
    if kind == 3:
        place = choices.below(len(data))
        return [data[:place], data[place:]]
    size = 1 + choices.below(7)
    pieces = [data[place : place + size] for place in range(0, min(len(data), 400), size)]
    return [*pieces, b"", data[len(b"".join(pieces)) :]]
