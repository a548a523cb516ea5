"""Strategies for requests to a random app: most fit one of its routes more or less, some fit nothing."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from martlet import App
from tests.handling.endpoints.random_apps import World, random_apps


@dataclass(frozen=True)
class Asked:
    """A request, and who fails while it is answered."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    chunks: tuple[bytes, ...]
    failing: frozenset[str]


TEXTS = ["1", "0", "-7", "x", "", "true", "2026-11-22", "red", "asc", "café", "a b", "9" * 30, "1,2", "1,x", "ada"]
ITEMS = ["", "/", "/7", "/x", "/red", "/2026-11-22", "/a/b", "/caf%C3%A9", "/%FF", "/7/"]
BODY_BYTES = [
    b"",
    b'{"title": "Walden", "year": 1854}',
    b'{"title": "a"}',
    b'{"title": 7, "year": "x"}',
    b'{"title": "longer than ten"}',
    b"[1, 2]",
    b"[[[[[1]]]]]",
    b"null",
    b'{"a": 1}',
    b'{"a": ',
    b"\xff\xfe",
    b"title=Walden&year=1854",
    b'--x\r\nContent-Disposition: form-data; name="title"\r\n\r\nWalden\r\n--x--',
    b'--x\r\nContent-Disposition: form-data; name="title"; filename="a"\r\n\r\nWalden\r\n--x--',
    b"title=&year=x",
    b"\x82\xa5title\xa1a\xa4year\x01",
    b"x" * 45,
    b'{"title": "' + b"x" * 80 + b'"}',
]
TYPES = [
    "application/json",
    "application/json; charset=utf-8",
    "application/x-www-form-urlencoded",
    "application/vnd.msgpack",
    "multipart/form-data; boundary=x",
    "text/csv",
    "nonsense",
]
ACCEPTS = ["*/*", "application/json", "text/html,*/*;q=0.8", "application/vnd.msgpack", "image/png", "", ";;", "text/html"]
CONDITIONS = ["if-match", "if-none-match", "if-modified-since", "if-unmodified-since", "if-range", "range"]
STATES = [
    '"v1"',
    'W/"v1"',
    '"v1;application/vnd.msgpack"',
    '"v2", "v3"',
    "*",
    "",
    "Mon, 01 Jul 2024 00:00:00 GMT",
    "Sun, 30 Jun 2024 00:00:00 GMT",
    "bytes=0-3",
    "bytes=90000000-",
]
FAILING = ["show0", "show1", "show2", "provide0", "provide1", "provide2", "who", "guard00", "guard01", "state0", "leave provide1"]
MOSTLY: st.SearchStrategy[bool] = st.sampled_from([True] * 4 + [False])
NEARLY_ALWAYS: st.SearchStrategy[bool] = st.sampled_from([True] * 19 + [False])


def media_type_of(content: bytes) -> str:
    if content.startswith(b"--x"):
        return "multipart/form-data; boundary=x"
    return "application/x-www-form-urlencoded" if content.startswith(b"title=") else "application/json"


@st.composite
def random_requests(draw: st.DrawFn, world: World) -> Asked:
    """A request that fits one of the routes more or less."""
    address = draw(st.sampled_from(world.addresses))
    method = address.method if draw(MOSTLY) else draw(st.sampled_from(["GET", "POST", "HEAD", "PUT", "OPTIONS"]))
    item = (
        f"/{draw(st.sampled_from(address.items))}"
        if bool(address.items) and draw(NEARLY_ALWAYS)
        else draw(st.sampled_from(ITEMS))
    )
    pairs: list[str] = []
    headers: list[tuple[str, str]] = []
    for parameter in address.parameters:
        if not parameter.texts or not draw(NEARLY_ALWAYS):
            continue
        place, name = parameter.place
        text = draw(st.sampled_from([*parameter.texts] if draw(NEARLY_ALWAYS) else TEXTS))
        if place == "query":
            pairs.append(f"{name}={text}")
        elif text.isascii():  # RSGI's one server hands on no other text in a header field
            headers.append(("cookie", f"{name}={text}") if place == "cookie" else (name, text))
    if draw(st.booleans()):
        headers += draw(st.dictionaries(st.sampled_from(CONDITIONS), st.sampled_from(STATES), min_size=1, max_size=3)).items()
    if draw(st.booleans()):
        headers.append(("accept", draw(st.sampled_from(ACCEPTS))))
    fits = draw(MOSTLY) and bool(address.bodies)
    content = draw(st.sampled_from(address.bodies if fits else BODY_BYTES))
    if draw(MOSTLY):
        headers.append(("content-type", media_type_of(content) if fits else draw(st.sampled_from(TYPES))))
    chunks = (content,) if draw(st.booleans()) else tuple(content[place : place + 20] for place in range(0, len(content), 20))
    failing = frozenset[str]() if draw(MOSTLY) else draw(st.frozensets(st.sampled_from(FAILING), max_size=2))
    # Of two fields with one name, servers keep both in ways of their own; here each comes once.
    return Asked(method, f"{address.path}{item}?{'&'.join(pairs)}", tuple(dict(headers).items()), chunks, failing)


@st.composite
def conversations(draw: st.DrawFn) -> tuple[App, World, list[Asked]]:
    """An app, its world, and what it is asked."""
    app, world = draw(random_apps())
    return app, world, draw(st.lists(random_requests(world), min_size=4, max_size=12))
