"""Rows 42 to 50: files that are sent, and what they are called. Over every protocol."""

import asyncio
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest

from martlet import App, Compression, ETag, File, Response, Stream, Validators, WSGIRequest
from martlet.http import format_disposition
from martlet.messages import select_response
from martlet.testing import Client
from tests.adapters.asgi_server import ASGIExchange, asgi_scope
from tests.adapters.wsgi_server import environ
from tests.rows import each
from tests.serving import Serve
from tests.spooled_files import needs_proc

DIGITS = b"0123456789abcdef"
SECRET = "the secret of the house"


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A folder with a file in it, beside others with a secret, and links that lead out."""
    root = tmp_path / "static"
    for name in ("app.css", "css/a.css"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("public")
    for name in ("static-private/a.txt", "static.bak/a.txt", "secret.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(SECRET)
    (root / "link.txt").symlink_to(tmp_path / "secret.txt")
    (root / "folder").symlink_to(tmp_path / "static-private")
    return root


@pytest.fixture
def client(serve: Serve, house: Path) -> Client:
    app = App()
    app.static("/static", house)
    return serve(app)


# CVE-2023-29159
@each(
    "target",
    ["/static-private/a.txt", "/static/../static-private/a.txt", "/static/..%2Fstatic-private/a.txt", "/static.bak/a.txt"],
)
def test_row_42_a_sibling_of_the_root_whose_name_begins_alike(client: Client, target: str) -> None:
    assert client.get("/static/app.css").status_code == 200
    assert client.get(target).status_code == 404


# CVE-2024-23334, Tornado 6.5.9
@each("target", ["/static/link.txt", "/static/folder/a.txt", "/static/css/../link.txt"])
def test_row_43_a_link_leads_out_of_the_root(client: Client, target: str) -> None:
    assert client.get(target).status_code == 404


# GHSA-g6x2-hccm-hh4m
@each(
    "name",
    [
        "NUL",
        "con.txt",
        "css/aux",
        "com1.css",
        "LPT9",
        "app.css::$DATA",
        "C:/app.css",
        "//host/share/a",
        "app.css.",
        "app.css ",
        "CONIN$",
    ],
)
def test_row_44_names_that_mean_a_device_or_another_machine_on_windows(client: Client, house: Path, name: str) -> None:
    if "/" not in name:
        (house / name).write_text(SECRET)

    for spelled in (name, name.replace(":", "%3A").replace("/", "%5C").replace(" ", "%20")):
        assert client.get(f"/static/{spelled}").status_code == 404


def test_row_45_whether_a_path_outside_exists_is_told(client: Client, tmp_path: Path) -> None:
    there, not_there = (client.get(f"/static/{tmp_path}/{name}") for name in ("secret.txt", "nothing.txt"))
    above, not_above = (client.get(f"/static/..%2F{name}") for name in ("secret.txt", "nothing.txt"))

    assert {answer.status_code for answer in (there, not_there, above, not_above)} == {404}
    assert there.content == not_there.content
    assert above.content == not_above.content


def test_row_46_names_of_files_in_a_list_of_a_directory_are_not_escaped(client: Client, house: Path) -> None:
    (house / "<script>alert(1)<").touch()

    answers = [client.get(target) for target in ("/static/", "/static", "/static/css/", "/static/css")]

    assert {answer.status_code for answer in answers} == {404}  # there are no such lists
    assert not any("script" in answer.text or "app.css" in answer.text for answer in answers)


# CVE-2022-36359
@each("name", ['a";filename="evil.exe', "a\r\nSet-Cookie: a=b", "a;b", "a\0", "\u202etxt.exe", "a\\", "../a", "%22", 'a"', "é\n"])
def test_row_47_the_name_of_a_download_ends_its_quotes(serve: Serve, tmp_path: Path, name: str) -> None:
    (tmp_path / "a").write_bytes(DIGITS)
    app = App()

    @app.get("/")
    async def load() -> Response:
        return Response(File(str(tmp_path / "a")), headers={"content-disposition": format_disposition("attachment", name)})

    answer = serve(app).get("/")
    value = answer.headers["content-disposition"]

    assert value.isascii()
    assert value.isprintable()
    assert "set-cookie" not in answer.headers
    assert value.replace(r"\"", "").count('"') in {0, 2}
    assert value.count("filename=") == 1 or "evil" in value.partition('"')[2].rpartition('"')[0]


def test_row_48_several_ranges_of_a_file_that_shrank_are_sent_for_ever(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(DIGITS)
    file = File(str(path))
    path.write_bytes(b"0123")
    asking = WSGIRequest({"REQUEST_METHOD": "GET", "HTTP_HOST": "a", "HTTP_RANGE": "bytes=0-1,8-9", "wsgi.url_scheme": "http"})

    body = select_response(asking, Response(file)).body

    assert isinstance(body, Stream)
    with pytest.raises(OSError, match="became shorter"):
        list(cast("Iterator[bytes]", body.chunks))


def test_row_49_parts_are_compressed_and_ranges_hold_where_they_mean_nothing(serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(DIGITS * 1_000)
    app = App()
    app.use(Compression())

    @app.get("/missing")
    async def missing() -> Response:
        return Response(File(str(tmp_path / "a.txt")), status=404)

    @app.route("/file", ["GET", "POST"])
    async def show() -> File:
        return File(str(tmp_path / "a.txt"))

    client = serve(app)
    asked = {"range": "bytes=0-3", "accept-encoding": "gzip"}

    part = client.get("/file", headers=asked)
    assert (part.status_code, part.content) == (206, b"0123")
    assert "content-encoding" not in part.headers
    assert client.post("/file", headers=asked).status_code == 200
    assert client.get("/missing", headers=asked).status_code == 404
    assert "content-range" not in client.get("/missing", headers=asked).headers


@needs_proc
@pytest.mark.parametrize("way", ["asgi", "wsgi"])  # over RSGI the server itself opens a file
@pytest.mark.parametrize("asked", ["", "bytes=0-9,20-900000"], ids=["whole", "parts"])
def test_row_50_a_file_stays_open_when_the_client_leaves(way: str, asked: str, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(DIGITS * 100_000)
    app = App()

    @app.get("/")
    async def show() -> File:
        return File(str(tmp_path / "a"))

    def leave() -> None:
        if way == "wsgi":
            fields = {"HTTP_HOST": "a", **({"HTTP_RANGE": asked} if asked else {})}
            chunks = app({**environ(), "wsgi.url_scheme": "http", **fields}, lambda *_: None)
            next(iter(chunks))
            chunks.close()
            return
        lines = [(b"host", b"a"), *([(b"range", asked.encode())] if asked else [])]
        exchange = ASGIExchange(leaves=True, breaks_at=2)
        runner.run(app(asgi_scope(headers=lines, scheme="http"), exchange.receive, exchange.send))

    with asyncio.Runner() as runner:
        leave()
        held = len(os.listdir("/proc/self/fd"))  # noqa: PTH208  shorter than the list of its paths
        for _ in range(1_000):
            leave()

        assert len(os.listdir("/proc/self/fd")) <= held + 2  # noqa: PTH208  the same


def test_beyond_the_rows_a_change_of_another_state_than_the_one_meant(serve: Serve, tmp_path: Path) -> None:
    """If-Match and If-Unmodified-Since hold before the handler is called."""
    (tmp_path / "a").write_bytes(DIGITS)
    app, changed = App(), list[str]()

    @app.put("/", validator=lambda: Validators(ETag("v2"), datetime(2026, 1, 2, tzinfo=UTC)))
    async def put() -> None:
        changed.append("put")

    client = serve(app)

    assert client.put("/", headers={"if-match": '"v1"'}).status_code == 412
    assert client.put("/", headers={"if-unmodified-since": "Thu, 01 Jan 2026 00:00:00 GMT"}).status_code == 412
    assert changed == []
    assert client.put("/", headers={"if-match": '"v2"'}).status_code == 204
