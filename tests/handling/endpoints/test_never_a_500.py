"""No bytes from a client cause a 500 on an app whose handlers do not fail: random requests, and a corpus of hostile text."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal
from urllib.parse import quote
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from martlet import (
    HTML,
    App,
    Body,
    Cookie,
    Created,
    Header,
    Headers,
    Limits,
    QueryString,
    Request,
    Response,
    require_auth,
    require_methods,
    validate_json_body,
)
from martlet.testing import Client
from tests.serving import PROTOCOLS
from tests.shared_cases import CONFORMANCE
from tests.shared_types import Author, Color, New, Options, User


def fortress() -> App:  # noqa: C901  many routes, each of them simple
    """An app that takes a bit of everything and fails at nothing."""
    app = App(limits=Limits(body_bytes=2_000, nesting_depth=20))

    @app.authenticator
    def who(x_user: Annotated[str | None, Header()] = None) -> User | None:
        return User(x_user) if x_user else None

    @app.get("/text/{text}")
    def text(text: str, request: Request) -> Response:
        return Response(text, headers={"x-length": str(len(text))})

    @app.get("/number/{number}/{when}/{color}")
    def number(number: int, when: date, color: Color) -> dict[str, Any]:
        return {"number": number, "when": when, "color": color}

    @app.get("/rest/{rest:path}")
    async def rest(rest: str) -> HTML:
        return HTML("<p>{}</p>").format(rest)

    @app.get("/query")
    def query(  # noqa: PLR0913
        a: int = 0,
        b: float = 0,
        c: bool = False,  # noqa: FBT002
        d: date | None = None,
        e: Decimal = Decimal(0),
        f: timedelta | None = None,
        g: list[int] | None = None,
        h: Literal["x", "y"] = "x",
        *,
        i: UUID | Color | str = "",
        cookie: Annotated[int, Cookie("a")] = 0,
        header: Annotated[list[Decimal], Header("x-list")] = [],  # noqa: B006  never changed
    ) -> list[Any]:
        return [a, b, c, d, e, f, g, h, i, cookie, header]

    @app.get("/everything")
    async def everything(request: Request, query: QueryString, headers: Headers) -> dict[str, Any]:
        address = [request.host, request.scheme, request.http_version, request.content_length]
        return {"query": query.all(), "headers": headers.items(), "cookies": request.cookies, "address": address}

    @app.post("/new", page=lambda new: HTML("<h1>{}</h1>").format(new.title))
    def add(new: New) -> Created[New]:
        return Created(new, location=f"/new/{new.title}")

    @app.post("/author")
    async def author(author: Author, q: int = 0) -> Author:
        return author

    @app.post("/options")
    def options(options: Options | None = None) -> Options | None:
        return options

    @app.post("/any")
    async def anything(data: Annotated[Any, Body()]) -> Any:
        return data

    @app.post("/bytes")
    def raw(data: Annotated[bytes, Body()]) -> bytes:
        return data

    @app.post("/pieces")
    async def pieces(request: Request) -> int:
        return sum([len(chunk) async for chunk in request.chunks()])

    @app.route("/guarded", methods=["POST", "PUT"])
    @require_auth
    @require_methods("POST")
    @validate_json_body({"name": str})
    def guarded(user: User) -> User:
        return user

    return app


GETS = ["/text/", "/number/", "/number/1/2026-11-22/", "/rest/", "/query", "/everything", "/"]
POSTS = ["/new", "/author", "/options", "/any", "/bytes", "/pieces", "/guarded"]


@pytest.fixture(scope="module")
def clients() -> Iterator[list[Client]]:
    with ExitStack() as stack:
        yield [stack.enter_context(Client(fortress(), protocol=protocol)) for protocol in PROTOCOLS]


def check(clients: list[Client], method: str, target: str, headers: dict[str, str], content: Any) -> None:
    """Ask over every protocol: no answer is a mistake of ours, and all are the same unless a server hides what was sent."""
    answers = [client.request(method, target, headers=headers, content=content) for client in clients]

    for answer in answers:
        assert answer.status_code < 500 or answer.status_code == 501
    # What servers do not hand on alike: text beyond ASCII, a Content-Type that is empty, a Content-Length that lies.
    told_alike = all(text.isascii() for text in headers.values()) and headers.get("content-type") != ""
    if told_alike and "content-length" not in headers and "/everything" not in target:
        assert len({(answer.status_code, answer.content) for answer in answers}) == 1


# Text of a header field as a server lets it through: any byte but controls (RFC 9110 section 5.5).
FIELD_TEXT = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=40)
HEADERS = st.dictionaries(
    st.sampled_from(["accept", "content-type", "cookie", "x-user", "x-list", "x-other", "content-length", "host", "range"]),
    st.one_of(FIELD_TEXT, st.sampled_from(["application/json", "application/x-www-form-urlencoded", "text/html", "1", "ada"])),
    max_size=4,
)
ENCODED = st.one_of(
    st.binary(max_size=20).map(quote),
    st.text(max_size=20).map(lambda text: quote(text.encode("utf-8", "surrogatepass"))),
    st.text("/%.;:@&=+$,?#[]{}0aé", max_size=20),
)
PAIRS = st.lists(st.tuples(st.sampled_from([*"abcdefghi", "z"]), ENCODED), max_size=5).map(
    lambda pairs: "&".join(f"{name}={text}" for name, text in pairs)
)
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.just("2026-11-22"))
NAMES = st.sampled_from(["title", "price", "when", "size", "color", "parts", "name", "names", "born", "depth", "uid", "x"])
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=8
)
CONTENTS = st.one_of(
    st.binary(max_size=60),
    VALUES.map(lambda value: json.dumps(value).encode()),
    st.lists(st.tuples(NAMES, ENCODED), max_size=5).map(lambda pairs: "&".join(f"{n}={t}" for n, t in pairs).encode()),
    st.sampled_from([b"[" * 1_000, b'{"a":' * 300, b"\x91" * 900, b"1" * 1_900, b"x" * 2_100, b'"\\ud800"', b"\xff"]),
)


@settings(max_examples=40)
@given(st.sampled_from(GETS), ENCODED, PAIRS, HEADERS, st.sampled_from(["GET", "HEAD", "POST", "OPTIONS", "BREW"]))
def test_no_target_and_no_field_is_a_mistake_of_ours(
    clients: list[Client], path: str, rest: str, query: str, headers: dict[str, str], method: str
) -> None:
    check(clients, method, f"{path}{rest}?{query}", {k: v for k, v in headers.items() if k != "content-length"}, b"")


@settings(max_examples=40)
@given(st.sampled_from(POSTS), PAIRS, HEADERS, CONTENTS, st.booleans())
def test_no_body_is_a_mistake_of_ours(
    clients: list[Client], path: str, query: str, headers: dict[str, str], content: bytes, in_pieces: bool
) -> None:
    pieces = [content[place : place + 7] for place in range(0, len(content), 7)]

    check(clients, "POST", f"{path}?{query}", headers, pieces if in_pieces else content)


PAYLOADS = sorted((CONFORMANCE / "http" / "payloads").glob("*.txt"))


@pytest.mark.parametrize("path", PAYLOADS, ids=lambda path: path.stem)
def test_no_hostile_text_is_a_mistake_of_ours(clients: list[Client], path: Any) -> None:
    lines = path.read_bytes().splitlines()
    client = clients[0]

    for line in lines[:: max(1, len(lines) // 60)]:
        field = line.decode("latin-1").translate(dict.fromkeys([*range(32), 127]))
        answers = [
            client.get(f"/text/{quote(line)}"),
            client.get(f"/rest/{quote(line)}", headers={"accept": "text/html"}),
            client.get(f"/query?a={quote(line)}&i={quote(line)}"),
            client.get("/everything", headers={"x-other": field, "cookie": f"a={field}"}),
            client.post("/author", json={"names": [line.decode("utf-8", "replace")]}),
            client.post("/author", content=b"names=" + line, headers={"content-type": "application/x-www-form-urlencoded"}),
            client.post("/any", content=line, headers={"content-type": "application/json"}),
        ]

        assert [answer.status_code for answer in answers if answer.status_code >= 500] == []
