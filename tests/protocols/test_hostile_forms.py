"""Whatever a client sends as a form: no answer is a 500, memory stays flat, and no loop waits for a disk."""

import asyncio
import random
import subprocess
import sys
import time
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from msgspec import Struct

from martlet import App, Form, Limits, Request, Upload
from martlet.messages.incoming.spools import Spool
from martlet.testing import Client
from tests.rows import each
from tests.serving import PROTOCOLS, ProtocolName, Serve, ServeOnce, Share
from tests.shared_cases import conformance_file

PAYLOADS = ["crlf", "format_strings", "header_names", "naughty_unicode", "null_bytes", "ssti", "traversal", "xss"]
PATHS = ["/struct", "/form", "/parts", "/photo"]


class New(Struct):
    title: str
    year: int
    photo: Upload
    tags: list[str] = []


def make_app() -> App:
    app = App(limits=Limits(body_bytes=100_000, form_memory_bytes=2_000, field_bytes=1_000, part_header_bytes=1_000))

    @app.post("/struct")
    async def take_struct(new: New) -> list[str]:
        return [new.title, new.photo.filename, *new.tags]

    @app.post("/form")
    def take_form(form: Form) -> dict[str, str]:
        return {name: repr(value) for name, value in form.items()}

    @app.post("/parts")
    async def take_parts(request: Request) -> list[list[Any]]:
        return [[part.name, part.filename, await part.text()] async for part in request.parts()]

    @app.post("/photo")
    def take_photo(photo: Upload) -> list[Any]:
        return [photo.filename, photo.raw_filename, photo.content_type, photo.headers.items(), len(photo.file.read())]

    return app


@pytest.fixture(scope="module")
def client(serve_once: ServeOnce) -> Client:
    return serve_once(make_app)


@each("slot", ["name", "filename", "content type", "charset", "header", "boundary", "content"])
@each("payloads", PAYLOADS)
def test_hostile_text_in_every_place_of_a_form(payloads: str, slot: str, client: Client, share: Share) -> None:
    lines = conformance_file(f"http/payloads/{payloads}.txt").read_bytes().splitlines()
    chosen = random.Random(payloads + slot).sample(lines, min(len(lines), 12))
    for line in share(chosen):
        places = dict.fromkeys(["name", "filename", "content type", "charset", "header", "boundary", "content"], b"photo")
        places[slot] = line
        body = b"--x\r\n" + (
            b'Content-Disposition: form-data; name="%(name)b"; filename="%(filename)b"\r\n'
            b"Content-Type: %(content type)b; charset=%(charset)b\r\nX-Other: %(header)b\r\n\r\n%(content)b\r\n--x--"
            % {key.encode(): value for key, value in places.items()}
        )
        boundary = line.decode("latin-1") if slot == "boundary" else "x"
        if not boundary.isprintable():
            continue  # no server hands it on
        for path in PATHS:
            answer = client.post(path, content=body, headers={"content-type": f"multipart/form-data; boundary={boundary}"})
            assert answer.status_code < 500, (path, line)


WORDS = [
    *[b"--x\r\n", b"--x--", b"\r\n", b"\r\n--x\r\n", b"\r\n--x--\r\n", b"\r", b"\n", b"--", b"x", b"\0", b"\xff", b"%22", b"%"],
    *[b'"', b";", b"=", b":", b"\\", b"Content-Disposition: form-data", b"; name=", b"; filename=", b"; name*=", b"title"],
    *[b"year", b"photo", b"tags", b"_charset_", b"Content-Type: text/plain; charset=", b"utf-16", b"idna", b"shift_jis", b"1854"],
    *[b"Content-Transfer-Encoding: base64", b"Content-Length: 5", b"a" * 300],
]
TYPES = [
    "multipart/form-data; boundary=x",
    'multipart/form-data; boundary="x"; charset=utf-7',
    "multipart/form-data; boundary=-",
    "multipart/form-data",
    "application/x-www-form-urlencoded",
    "application/x-www-form-urlencoded; charset=utf-16",
]


@pytest.fixture(scope="module")
def clients() -> Iterator[dict[ProtocolName, Client]]:
    opened: dict[ProtocolName, Client] = {protocol: Client(make_app(), protocol=protocol) for protocol in PROTOCOLS}
    yield opened
    for client in opened.values():
        client.__exit__(None, None, None)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.sampled_from(WORDS) | st.binary(max_size=8), max_size=30),
    st.sampled_from(TYPES),
    st.sampled_from(PATHS),
    st.booleans(),
    st.integers(1, 50),
)
@example([b"--x\r\n", b"\n", b"--x\r\n"], "multipart/form-data; boundary=x", "/struct", False, 1)  # a bare LF, seen early or late
def test_any_bytes_get_the_same_answer_over_every_protocol(
    clients: dict[ProtocolName, Client], words: list[bytes], content_type: str, path: str, opened: bool, size: int
) -> None:
    start = b'--x\r\nContent-Disposition: form-data; name="photo"; filename="a"\r\n\r\n' if opened else b""
    body = start + b"".join(words)
    pieces = [body[place : place + size] for place in range(0, len(body), size)]

    answers = [client.post(path, content=pieces, headers={"content-type": content_type}) for client in clients.values()]

    assert {answer.status_code for answer in answers} <= {200, 400, 413, 415, 422}
    assert len({(answer.status_code, answer.content) for answer in answers}) == 1


HEAD = b'--x\r\nContent-Disposition: form-data; name="photo"; filename="a"\r\n\r\n'
SCOPE = {
    "type": "http",
    "method": "POST",
    "path": "/",
    "query_string": b"",
    "headers": [(b"host", b"a"), (b"content-type", b"multipart/form-data; boundary=x")],
}

MEASURE = f"""
import asyncio, resource
from martlet import App, Limits, Upload

app = App(limits=Limits(body_bytes=1 << 30))

@app.post("/")
async def take(photo: Upload) -> str:
    return f"{{photo.size}} {{sum([len(chunk) async for chunk in photo.chunks()])}}"

def events(mebibytes):
    yield {HEAD!r}
    for number in range(16 * mebibytes):
        yield bytes(bytearray(65536))
    yield b"\\r\\n--x--"

async def upload(mebibytes):
    pieces, sent = events(mebibytes), []
    async def receive():
        piece = next(pieces, None)
        return {{"type": "http.request", "body": piece or b"", "more_body": piece is not None}}
    async def send(event):
        sent.append(event)
    await app({SCOPE!r}, receive, send)
    return sent[-1]["body"].decode()

async def main():
    await upload(4)  # what is made once
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(await upload(64))
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)

asyncio.run(main())
"""


def test_memory_stays_flat_while_64_mib_are_uploaded() -> None:
    began = time.monotonic()

    measured = subprocess.run([sys.executable, "-c", MEASURE], check=True, capture_output=True, text=True, timeout=60)

    said, grown_kib = measured.stdout.splitlines()
    assert said == f"{64 << 20} {64 << 20}"
    assert int(grown_kib) < 4 * 1024
    assert time.monotonic() - began < 30  # about 1 s, on a machine that is left alone


async def test_no_loop_waits_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    app = App(limits=Limits(body_bytes=1 << 30))
    left = [HEAD, *[b"a" * 65_536] * 100, b"\r\n--x--"][::-1]
    answered: list[MutableMapping[str, Any]] = []
    write = Spool.write

    @app.post("/")
    async def take(photo: Upload) -> str:
        return str(photo.size)

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": left.pop(), "more_body": bool(left)}

    async def send(event: MutableMapping[str, Any]) -> None:
        answered.append(event)

    def write_slowly(spool: Spool, *, is_last: bool = True) -> None:
        time.sleep(0.3)
        write(spool, is_last=is_last)

    monkeypatch.setattr(Spool, "write", write_slowly)
    upload = asyncio.ensure_future(app(SCOPE.copy(), receive, send))
    waits, cpu = [0.0], [0.0]
    while not upload.done():
        began, worked = time.monotonic(), time.thread_time()
        await asyncio.sleep(0.001)
        waits.append(time.monotonic() - began)
        cpu.append(time.thread_time() - worked)

    assert answered[-1]["body"] == str(65_536 * 100).encode()
    assert max(waits) < 0.25
    assert max(cpu) < 0.05


def test_a_large_upload_is_stored(serve: Serve, tmp_path: Path) -> None:
    app = App(limits=Limits(body_bytes=100 << 20))

    @app.post("/")
    def keep(photo: Upload) -> str:
        return photo.save_now(tmp_path).name

    content = bytes(range(256)) * 4_096 * 16

    assert serve(app).post("/", files={"photo": ("a.bin", content)}).text == "a.bin"
    assert (tmp_path / "a.bin").read_bytes() == content
