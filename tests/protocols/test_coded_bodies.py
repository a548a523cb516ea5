"""Bodies of requests with Content-Encoding: decoded before anybody sees them, in bounded memory (RFC 9110, Section 8.4)."""

from __future__ import annotations

import asyncio
import time
import tracemalloc
import zlib
from functools import cache
from itertools import pairwise
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from martlet import App, Body, Limits, Request, UnauthorizedError
from martlet.codings import find_coding
from martlet.testing import Client
from tests.rows import each
from tests.serving import Serve, ServeOnce

NAMES = ("gzip", "deflate", "br", "zstd")
TEXT = b"The swift never lands. " * 400


class Bird(Struct):
    name: str


def coded(names: str, data: bytes) -> bytes:
    for name in filter(None, (name.strip() for name in names.split(","))):
        data = data if name.lower() == "identity" else find_coding(name).encode(data)
    return data


def library(limits: Limits | None = None) -> App:
    app = App(limits=limits)

    @app.post("/raw")
    async def raw(data: Annotated[bytes, Body()]) -> bytes:
        return data

    @app.post("/plain", inline=True)
    def plain(data: Annotated[bytes, Body()]) -> bytes:
        return data

    @app.post("/sizes")
    async def sizes(request: Request) -> list[int]:
        return [len(piece) async for piece in request.chunks()]

    @app.post("/birds")
    def birds(bird: Bird) -> Bird:
        return bird

    @app.post("/told")
    async def told(request: Request) -> list[Any]:
        return [request.content_length, request.headers["content-encoding"], len(await request.read()), len(request.body)]

    return app


@each("path", ["/raw", "/plain"])
@each(
    "names",
    [
        *NAMES,
        "GZIP",
        "x-gzip",
        "identity",
        "",
        ",gzip,",
        "gzip, br",
        "gzip, gzip, gzip",
        "deflate,\tzstd",
        "identity, br, identity",
    ],
)
def test_a_body_is_decoded_before_anybody_sees_it(serve_once: ServeOnce, path: str, names: str) -> None:
    client = serve_once(library)

    answer = client.post(path, content=coded(names, TEXT), headers={"content-encoding": names})

    assert (answer.status_code, answer.content) == (200, TEXT)


@each("name", NAMES)
def test_a_decoder_is_given_what_was_decoded(serve_once: ServeOnce, name: str) -> None:
    client = serve_once(library)
    headers = {"content-encoding": name, "content-type": "application/json"}

    assert client.post("/birds", content=coded(name, b'{"name": "swift"}'), headers=headers).json() == {"name": "swift"}
    form = {"content-encoding": name, "content-type": "application/x-www-form-urlencoded"}
    assert client.post("/birds", content=coded(name, b"name=swift"), headers=form).json() == {"name": "swift"}
    assert client.post("/birds", content=coded(name, b'{"name": 7}'), headers=headers).status_code == 422


def test_the_fields_tell_what_was_sent(serve_once: ServeOnce) -> None:
    client, data = serve_once(library), coded("gzip", TEXT)

    answer = client.post("/told", content=data, headers={"content-encoding": "gzip"})

    assert answer.json() == [len(data), "gzip", len(TEXT), len(TEXT)]


@each("size", [1, 7, 1_000])
@each("names", [*NAMES, "br, gzip"])
def test_a_body_may_arrive_in_any_pieces(serve_once: ServeOnce, names: str, size: int) -> None:
    client, data = serve_once(library), coded(names, TEXT)
    pieces = [data[place : place + size] for place in range(0, len(data), size)]

    assert client.post("/raw", content=pieces, headers={"content-encoding": names}).content == TEXT


@each("name", ["gzip", "zstd"])
def test_several_members_are_one_body(serve_once: ServeOnce, name: str) -> None:
    content = coded(name, b"swift") + coded(name, b"") + coded(name, b"martlet")

    assert serve_once(library).post("/raw", content=content, headers={"content-encoding": name}).content == b"swiftmartlet"


def test_no_body_is_an_empty_body(serve_once: ServeOnce) -> None:
    client = serve_once(library)

    for path in ("/raw", "/plain"):
        answer = client.post(path, content=b"", headers={"content-encoding": "gzip", "content-length": "0"})
        assert (answer.status_code, answer.content) == (200, b"")


@each("names", ["compress", "gzip, snappy", "*", "gzip;q=1", "gzip br", '"gzip"'])
def test_an_unknown_coding_is_415_and_those_that_are_known_are_told(serve_once: ServeOnce, names: str) -> None:
    client = serve_once(library)

    answer = client.post("/raw", content=TEXT, headers={"content-encoding": names})

    assert (answer.status_code, answer.headers["accept-encoding"]) == (415, "zstd, br, gzip, deflate")


def test_codings_beyond_the_limit_are_415(serve_once: ServeOnce) -> None:
    client = serve_once(library, Limits(body_codings=1))

    answer = client.post("/raw", content=coded("gzip, br", TEXT), headers={"content-encoding": "gzip, br"})

    assert (answer.status_code, answer.json()["detail"]) == (
        415,
        "The body has 2 content codings, and at most 1 are undone here.",
    )


@each("name", NAMES)
@each("path", ["/raw", "/plain", "/sizes"])
def test_what_is_not_in_its_coding_is_400(serve_once: ServeOnce, name: str, path: str) -> None:
    client = serve_once(library)
    right = coded(name, TEXT)
    broken = {
        "nonsense": b"\xff nonsense",
        "changed at its start": b"\0\0" + right[2:],
        "cut off": right[:-3],
        "cut off early": right[: len(right) // 2],
        "more behind": right + b"\0\1\2",
        "another coding": coded("gzip" if name != "gzip" else "br", TEXT),
    }

    answers = {what: client.post(path, content=data, headers={"content-encoding": name}) for what, data in broken.items()}

    assert {what: answer.status_code for what, answer in answers.items()} == dict.fromkeys(broken, 400)
    assert f"content coding {name}" in answers["cut off"].json()["detail"]


@each("names", [*NAMES, "gzip, gzip"])
@each("path", ["/raw", "/plain", "/sizes"])
def test_more_than_the_limit_is_413_however_it_was_coded(serve_once: ServeOnce, names: str, path: str) -> None:
    client = serve_once(library, Limits(body_bytes=100_000))

    assert client.post(path, content=coded(names, bytes(100_000)), headers={"content-encoding": names}).status_code == 200
    assert client.post(path, content=coded(names, bytes(100_001)), headers={"content-encoding": names}).status_code == 413


def test_what_comes_in_counts_too(serve_once: ServeOnce) -> None:
    """Content that decodes to nothing may not come without end."""
    client = serve_once(library, Limits(body_bytes=1_000))
    empty = coded("gzip", b"") * 51

    assert client.post("/raw", content=empty, headers={"content-encoding": "gzip"}).status_code == 413
    assert client.post("/raw", content=[empty[:500], empty[500:]], headers={"content-encoding": "gzip"}).status_code == 413


def test_a_middle_stage_may_not_be_a_bomb_either(serve_once: ServeOnce) -> None:
    """A small body of much nothing in little nothing: 20 bytes for each member, none of which gives anything."""
    client = serve_once(library, Limits(body_bytes=1_000_000))
    bomb = coded("br", coded("gzip", b"") * 60_000)

    assert client.post("/raw", content=bomb, headers={"content-encoding": "gzip, br"}).status_code == 413


@each("name", NAMES)
def test_what_grows_as_only_a_bomb_does_is_413(name: str) -> None:
    client = Client(library(Limits(body_bytes=1_000_000_000)))
    bomb = coded(name, bytes(8 * 1024 * 1024))
    tracemalloc.start()
    try:
        answer = client.post("/sizes", content=bomb, headers={"content-encoding": name})
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert (answer.status_code, answer.json()["detail"]) == (
        413,
        "The request body grows to more than 200 times its size when decoded.",
    )
    assert peak < 2_000_000


@each("name", NAMES)
def test_a_small_body_of_one_letter_is_no_bomb(name: str) -> None:
    client = Client(library())

    assert len(client.post("/raw", content=coded(name, b"a" * 900_000), headers={"content-encoding": name}).content) == 900_000


@pytest.mark.parametrize("name", ["gzip", "zstd"])
def test_many_empty_members_are_a_bomb(name: str) -> None:
    """Each costs work, and gives nothing that a size would count."""
    client = Client(library())
    began = time.process_time()

    answer = client.post("/raw", content=coded(name, b"") * 400_000, headers={"content-encoding": name})

    assert answer.status_code == 413
    assert time.process_time() - began < 1


@cache
def large_text() -> bytes:
    """Random-looking, so that the ratio is an honest one."""
    return b"".join(b"%x " % (number * number * 2_654_435_761 % 2**61) for number in range(200_000))


@cache
def coded_text(name: str) -> bytes:
    return coded(name, large_text())


@each("name", NAMES)
def test_a_body_is_decoded_in_bounded_memory(serve_once: ServeOnce, name: str) -> None:
    data = coded_text(name)
    pieces = [data[place : place + 65_536] for place in range(0, len(data), 65_536)]
    client = serve_once(library)
    tracemalloc.start()
    try:
        sizes = client.post("/sizes", content=pieces, headers={"content-encoding": name}).json()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert sum(sizes) > 3_000_000
    assert max(sizes) < 400_000
    assert peak < 2_000_000 + len(data)  # the client holds what it sends


def test_a_loop_gets_its_turn_while_a_large_body_is_decoded() -> None:
    app, turns = App(), list[float]()

    @app.post("/")
    async def size(request: Request) -> int:
        async def ticking() -> None:
            while True:
                turns.append(time.perf_counter())
                await asyncio.sleep(0)

        ticker = asyncio.ensure_future(ticking())
        try:
            return len(await request.read())
        finally:
            ticker.cancel()

    answer = Client(app).post("/", content=coded_text("gzip"), headers={"content-encoding": "gzip"})

    assert int(answer.text) == len(large_text())
    assert len(turns) > 3


def test_a_deflated_body_without_its_format_is_taken(serve_once: ServeOnce) -> None:
    compressor = zlib.compressobj(wbits=-15)
    raw = compressor.compress(TEXT) + compressor.flush()

    assert serve_once(library).post("/raw", content=raw, headers={"content-encoding": "deflate"}).content == TEXT


def test_guards_speak_before_a_coded_body_is_decoded(serve: Serve) -> None:
    """However small it is as it comes: a stranger may have us hold a little, and nobody knows how much it would be."""
    app = App()

    def nobody() -> None:
        raise UnauthorizedError

    @app.post("/", guards=[nobody])
    def raw(data: Annotated[bytes, Body()]) -> int:
        return len(data)

    assert serve(app).post("/", content=b"no gzip", headers={"content-encoding": "gzip"}).status_code == 401


def test_a_large_body_is_decoded_without_a_loop() -> None:
    client = Client(library(), protocol="wsgi")

    assert client.post("/plain", content=coded("gzip", TEXT * 200), headers={"content-encoding": "gzip"}).content == TEXT * 200


@pytest.fixture(scope="module")
def client() -> Client:
    return Client(library(Limits(body_bytes=5_000)))


FIELDS = st.lists(st.sampled_from([*NAMES, "identity", "compress", "*", "x-gzip", ""]), max_size=4).map(", ".join)


@given(names=FIELDS, data=st.binary(max_size=300), places=st.lists(st.integers(0, 400), max_size=4), is_coded=st.booleans())
def test_no_bytes_are_a_mistake_of_ours(client: Client, names: str, data: bytes, places: list[int], is_coded: bool) -> None:
    content = data
    if is_coded and not {"compress", "*"} & set(names.split(", ")):
        content = coded(names, data)
    cuts = sorted({min(place, len(content)) for place in [0, *places, len(content)]})

    answer = client.post("/raw", content=[content[a:b] for a, b in pairwise(cuts)], headers={"content-encoding": names})

    assert answer.status_code in {200, 400, 413, 415}
    if is_coded and answer.status_code == 200:
        assert answer.content == data
