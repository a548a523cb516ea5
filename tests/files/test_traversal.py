"""Nothing outside a directory is ever read, whatever a client asks for, over all three protocols; and nothing gives a 5xx."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from martlet import App
from martlet.testing import Client
from martlet.testing.exchange import Received, Sent
from martlet.testing.rsgi_transport import RSGITransport
from martlet.testing.transports import ASGITransport
from martlet.testing.wsgi_transport import WSGITransport
from tests.files.conftest import SECRET
from tests.serving import PROTOCOLS, ProtocolName, Serve, Share
from tests.shared_cases import conformance, conformance_file

TRANSPORTS: dict[ProtocolName, Callable[[App, Any], ASGITransport | WSGITransport | RSGITransport]] = {
    "asgi": ASGITransport,
    "wsgi": WSGITransport,
    "rsgi": RSGITransport,
}
FILES = ["secret.txt", "etc/passwd", "../assets-private/secret.txt"]  # in the place of {FILE}


def ask_all(app: App, protocol: ProtocolName, targets: Iterable[str]) -> dict[str, Received]:
    """Send many requests as they stand, without a client's corrections, on one loop."""
    with asyncio.Runner() as runner:
        transport = TRANSPORTS[protocol](app, runner.run)
        transport.start()
        answers = {target: transport.send(Sent("GET", target, [("host", "testserver")], [])) for target in targets}
        transport.stop()
    return answers


def payloads() -> list[str]:
    """The hostile paths of others, with file names of ours in them; what is no ASCII is percent-encoded byte by byte."""
    lines = conformance_file("http/payloads/traversal.txt").read_bytes().splitlines()
    texts = ["".join(chr(byte) if 0x20 < byte < 0x7F else f"%{byte:02X}" for byte in line) for line in lines]
    return [text.replace("{FILE}", FILES[number % len(FILES)]) for number, text in enumerate(texts)]


def test_no_payload_reads_anything_outside(house: Path, protocol: ProtocolName, share: Share) -> None:
    app = App()
    app.static("/assets", house)
    lines = payloads()

    answers = ask_all(app, protocol, [f"/assets/{line}" for line in share(lines)])

    assert len(lines) == 9_000
    assert {answer.status_code for answer in answers.values()} <= {404, 308}
    assert [target for target, answer in answers.items() if SECRET in answer.text or "root:" in answer.text] == []


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_bad_paths_of_another_project_are_404(house: Path, protocol: ProtocolName) -> None:
    app = App()
    app.static("/static", house)
    uris = [case["uri"] for case in conformance("http/static_traversal/falcon_bad_path.json")["cases"]]
    client_side = {uri for uri in uris if "?" in uri}  # what follows is a query; before it there is nothing either

    answers = ask_all(app, protocol, [encoded(uri) for uri in uris])

    assert len(uris) == 40
    assert len(client_side) == 1
    assert {target: answer.status_code for target, answer in answers.items() if answer.status_code != 404} == {}


def encoded(uri: str) -> str:
    """A path as a client would put it on the wire."""
    return "".join(
        character if "!" <= character <= "~" else "".join(f"%{byte:02X}" for byte in character.encode()) for character in uri
    )


PROBES = [
    "../assets-private/secret.txt",
    "..%2fassets-private%2fsecret.txt",
    "%2e%2e/assets-private/secret.txt",
    "-private/secret.txt",
    "css/../../assets.bak/secret.txt",
    "/etc/passwd",
    "%2fetc%2fpasswd",
    "//etc/passwd",
    "app.js%00",
    "app.js%00.css",
    "%00",
    "app.js/",
    "app.js%2f.",
    "app.js%5c",
    "css%5capp.css",
    "app.js%20",
    "app.js.",
    "app.js::$DATA",
    "nul",
    "css/con.css",
    ".env",
    "css/.secret",
    ".git/config",
    "%2egit/config",
    ".well-known/../.env",
    ".well-known",
    "caf%E9.txt",
    "%ff%fe",
    "%c0%ae%c0%ae/secret.txt",
    "%u002e%u002e/secret.txt",
    "x" * 300,
    "x" * 5_000,
    "x/" * 2_000,
    "out/secret.txt",
    "out.txt",
    "up/secret.txt",
    "loop",
    "loop/loop",
    "pipe",
    "env.txt",
    "~root/.bashrc",
    "%EF%BC%8E%EF%BC%8E/secret.txt",
    "..%ef%bc%8fsecret.txt",
]


def test_our_own_probes_find_nothing(house: Path, serve: Serve) -> None:
    (house / "out").symlink_to(house.parent)
    (house / "out.txt").symlink_to(house.parent / "secret.txt")
    (house / "up").symlink_to("..")
    (house / "loop").symlink_to("loop")
    (house / "env.txt").symlink_to(".env")
    os.mkfifo(house / "pipe")
    app = App()
    app.static("/assets", house)
    client = serve(app)

    found = {probe[:40]: client.get(f"/assets/{probe}") for probe in PROBES}

    assert {probe: answer.status_code for probe, answer in found.items() if answer.status_code != 404} == {}
    assert len({answer.content for answer in found.values()}) == 1  # nobody can tell what is there from what is not
    assert client.get("/assets-private/secret.txt").status_code == 404


def test_a_link_that_turns_outside_after_it_was_found_is_not_followed(house: Path, serve: Serve, settled: None) -> None:
    link = house / "current"
    link.symlink_to("css")
    app = App()
    app.static("/assets", house)
    client = serve(app)
    assert client.get("/assets/current/app.css").text == "public css/app.css"

    link.unlink()
    (house.parent / "app.css").write_text(SECRET)
    link.symlink_to("..")

    assert client.get("/assets/current/app.css").status_code == 404


def test_links_may_lead_out_where_the_author_says_so(house: Path, serve: Serve) -> None:
    (house / "out").symlink_to(house.parent)
    app = App()
    app.static("/assets", house, follow_links=True)

    assert serve(app).get("/assets/out/secret.txt").text == SECRET


SEGMENTS = [
    "..",
    ".",
    "",
    "app.js",
    "css",
    "app.css",
    "index.html",
    "%2e%2e",
    "%00",
    "\\",
    "con",
    ".env",
    "%ff",
    "big.bin",
    "é",
    "?",
    ":",
    "x" * 300,
]
TEXTS = st.lists(st.sampled_from(SEGMENTS) | st.text(max_size=8), max_size=6).map("/".join)
FIELDS = {
    "range": st.sampled_from(["bytes=0-1", "bytes=-5", "bytes=9999999-", "bytes=0-0,2-3", "bytes=", "lines=1", "\x7f"]),
    "if-none-match": st.sampled_from(["*", '"x"', "W/", '"', ""]),
    "if-match": st.sampled_from(["*", '"x"', ""]),
    "if-modified-since": st.sampled_from(["Sun, 06 Nov 1994 08:49:37 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "soon"]),
    "if-unmodified-since": st.sampled_from(["Sun, 06 Nov 1994 08:49:37 GMT", "0"]),
    "if-range": st.sampled_from(['"x"', "Sun, 06 Nov 1994 08:49:37 GMT"]),
    "accept-encoding": st.text(alphabet="gzipbrdstenty*;q=01., ", max_size=20),
}


@pytest.fixture
def clients(house: Path) -> list[Client]:
    """A client for each protocol; the directory has an index, a large file and compressed copies."""
    (house / "index.html").write_text("index")
    (house / "css" / "index.html").write_text("css")
    (house / "big.bin").write_bytes(b"b" * 3_000)
    (house / "app.js.gz").write_bytes(b"gzip")
    app = App()
    app.static("/assets", house, memory_file_bytes=1_000, fallback="index.html")
    return [Client(app, protocol=protocol) for protocol in PROTOCOLS]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TEXTS, st.fixed_dictionaries({}, optional=FIELDS), st.sampled_from(["GET", "HEAD", "POST", "DELETE", "OPTIONS"]))
def test_any_request_gets_one_of_the_few_answers_there_are(
    clients: list[Client], path: str, fields: dict[str, str], method: str
) -> None:
    fields = {name: value for name, value in fields.items() if value.isprintable()}

    answers = [client.request(method, f"/assets/{path}", headers=fields) for client in clients]

    allowed = {200, 206, 304, 308, 404, 412, 416} if method in {"GET", "HEAD"} else {204, 404, 405}
    assert {answer.status_code for answer in answers} <= allowed
    assert all(SECRET not in answer.text for answer in answers)
    if "boundary" not in str(answers[0].headers):
        assert all(answer.content == answers[0].content for answer in answers)
