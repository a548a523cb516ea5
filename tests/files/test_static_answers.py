"""What a file is answered with: validators, conditions, ranges, freshness, fields; and what happens when it changes."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from martlet import App, NotFoundError, WSGIRequest
from martlet.files import roots
from martlet.files.manifest import format_manifest
from martlet.files.static_files import redirect_to_directory
from martlet.handling import StaticOptions
from martlet.testing import Client
from tests.rows import each
from tests.serving import ProtocolName
from tests.shared_cases import conformance

LARGE = bytes(range(256)) * 20
LAST_YEAR_NS = 1_735_689_600 * 10**9  # 1 January 2025


@pytest.fixture
def assets(tmp_path: Path) -> Path:
    """A small file, a larger one and a page, all changed long ago."""
    folder = tmp_path / "assets"
    folder.mkdir()
    (folder / "app.css").write_text("body {}")
    (folder / "large.bin").write_bytes(LARGE)
    (folder / "app.3f2a9c1b.js").write_text("1;")
    (folder / "index.html").write_text("<h1>index</h1>")
    for path in folder.iterdir():
        os.utime(path, ns=(LAST_YEAR_NS, LAST_YEAR_NS))
    return folder


Open = Callable[..., Client]


@pytest.fixture(params=["remembered", "just changed"])
def serve_files(
    request: pytest.FixtureRequest, protocol: ProtocolName, assets: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Open]:
    """Serve the directory by some options, with files that are remembered and with files too young for it."""
    if request.param == "remembered":
        monkeypatch.setattr(roots, "SETTLING_NS", 0)
    clients: list[Client] = []

    def start(**options: object) -> Client:
        app = App(security_headers=None)
        app.static("/assets", assets, **{"memory_file_bytes": 1_000, **options})  # type: ignore[arg-type]
        clients.append(Client(app, protocol=protocol))
        return clients[-1].__enter__()

    yield start
    for client in clients:
        client.__exit__(None, None, None)


def test_a_small_file_has_all_its_fields(serve_files: Open) -> None:
    answer = serve_files().get("/assets/app.css")

    assert answer.content == b"body {}"
    assert sorted(answer.headers.items()) == [
        ("accept-ranges", "bytes"),
        ("cache-control", "no-cache"),
        ("content-length", "7"),
        ("content-type", "text/css; charset=utf-8"),
        ("etag", answer.headers["etag"]),
        ("last-modified", "Wed, 01 Jan 2025 00:00:00 GMT"),
        ("x-content-type-options", "nosniff"),
    ]
    assert answer.headers["etag"].startswith('"')


def test_a_large_file_is_sent_from_the_disk_with_the_same_fields(serve_files: Open) -> None:
    client = serve_files()

    for _ in range(2):
        answer = client.get("/assets/large.bin")
        assert answer.content == LARGE, "the content differs"
        assert (answer.headers["content-length"], answer.headers["content-type"]) == (str(len(LARGE)), "application/octet-stream")
        assert answer.headers["etag"].startswith('"')
    assert client.head("/assets/large.bin").headers.items() == client.get("/assets/large.bin").headers.items()


@each("name", ["app.css", "large.bin"])
def test_who_has_it_already_is_told_so(serve_files: Open, name: str) -> None:
    client = serve_files()
    first = client.get(f"/assets/{name}")
    etag, changed = first.headers["etag"], first.headers["last-modified"]

    for fields in (
        {"if-none-match": etag},
        {"if-none-match": f'"x", W/{etag}'},
        {"if-none-match": "*"},
        {"if-modified-since": changed},
    ):
        for method in ("GET", "HEAD"):
            again = client.request(method, f"/assets/{name}", headers=fields)
            assert (again.status_code, again.content) == (304, b"")
            assert sorted(again.headers.keys()) == ["cache-control", "etag", "x-content-type-options"]
    for fields in (
        {"if-none-match": '"x"', "if-modified-since": changed},
        {"if-modified-since": "Tue, 31 Dec 2024 23:59:59 GMT"},
    ):
        assert client.get(f"/assets/{name}", headers=fields).status_code == 200


@each("name", ["app.css", "large.bin"])
def test_who_means_another_state_is_refused(serve_files: Open, name: str) -> None:
    client = serve_files()
    etag = client.get(f"/assets/{name}").headers["etag"]

    assert client.get(f"/assets/{name}", headers={"if-match": etag}).status_code == 200
    for fields in ({"if-match": '"x"'}, {"if-match": f"W/{etag}"}, {"if-unmodified-since": "Tue, 31 Dec 2024 23:59:59 GMT"}):
        refused = client.get(f"/assets/{name}", headers={**fields, "if-none-match": etag})
        assert (refused.status_code, refused.json()["status"]) == (412, 412)


@pytest.mark.parametrize("name", ["app.css", "large.bin"])
def test_parts_are_sent_to_those_who_ask_for_them(serve_files: Open, assets: Path, name: str) -> None:
    client, content = serve_files(), (assets / name).read_bytes()
    size, etag = len(content), client.get(f"/assets/{name}").headers["etag"]

    def part(**fields: str) -> tuple[int, str | None, bytes]:
        answer = client.get(f"/assets/{name}", headers={key.replace("_", "-"): value for key, value in fields.items()})
        return answer.status_code, answer.headers.get("content-range"), answer.content

    assert part(range="bytes=1-3") == (206, f"bytes 1-3/{size}", content[1:4])
    assert part(range="bytes=-2") == (206, f"bytes {size - 2}-{size - 1}/{size}", content[-2:])
    assert part(range="bytes=1-3", if_range=etag) == (206, f"bytes 1-3/{size}", content[1:4])
    assert part(range="bytes=1-3", if_range='"x"') == (200, None, content)
    assert part(range="bytes=99999-")[:2] == (416, f"bytes */{size}")
    assert part(range="bytes=1-3", if_none_match=etag)[0] == 304
    several = client.get(f"/assets/{name}", headers={"range": "bytes=0-0, 4-5"})
    assert several.headers["content-type"].startswith("multipart/byteranges; boundary=")
    assert f"Content-Range: bytes 4-5/{size}".encode() in several.content
    assert int(several.headers["content-length"]) == len(several.content)
    assert client.head(f"/assets/{name}", headers={"range": "bytes=1-3"}).status_code == 200


def test_ranges_of_another_project(serve_files: Open, assets: Path) -> None:
    (assets / "digits").write_bytes(b"0123456789abcdef")
    client = serve_files()
    cases = conformance("http/range_conditional/falcon_static_range.json")["cases"]

    for case in cases:
        answer = client.get("/assets/digits", headers={"range": case["range_header"]})
        assert (answer.headers.get("content-range"), answer.text) == (case["exp_content_range"], case["exp_content"]), case
    assert len(cases) == 14


def test_a_change_is_seen_by_the_next_request(serve_files: Open, assets: Path) -> None:
    client = serve_files()
    first = client.get("/assets/app.css")

    (assets / "app.css").write_text("body { margin: 0 }")
    second = client.get("/assets/app.css", headers={"if-none-match": first.headers["etag"]})
    (assets / "app.css").unlink()
    third = client.get("/assets/app.css")
    (assets / "app.css").write_bytes(LARGE)
    fourth = client.get("/assets/app.css")

    assert (second.status_code, second.text) == (200, "body { margin: 0 }")
    assert third.status_code == 404
    assert (fourth.status_code, fourth.content) == (200, LARGE)


def test_a_file_replaced_by_another_of_the_same_time_and_size_is_seen(serve_files: Open, assets: Path) -> None:
    client = serve_files()
    first = client.get("/assets/app.css")

    (assets / "new.css").write_text("html {}")
    os.utime(assets / "new.css", ns=(LAST_YEAR_NS, LAST_YEAR_NS))
    (assets / "new.css").replace(assets / "app.css")

    assert client.get("/assets/app.css", headers={"if-none-match": first.headers["etag"]}).text == "html {}"


def test_changes_too_quick_for_the_clock_are_seen(protocol: ProtocolName, assets: Path) -> None:
    app = App()
    app.static("/assets", assets)

    with Client(app, protocol=protocol) as client:
        for number in range(60):
            (assets / "app.css").write_text(f"{number:03}")
            assert client.get("/assets/app.css").text == f"{number:03}"


def test_how_long_a_file_may_be_kept(serve_files: Open) -> None:
    assert serve_files().get("/assets/app.3f2a9c1b.js").headers["cache-control"] == "max-age=31536000, immutable"
    client = serve_files(max_age=60, fingerprint=None)
    assert client.get("/assets/app.3f2a9c1b.js").headers["cache-control"] == "max-age=60"
    assert client.get("/assets/").headers["cache-control"] == "max-age=60"


def test_a_file_of_a_manifest_is_not_looked_for_again(protocol: ProtocolName, assets: Path, settled: None) -> None:
    (assets / "manifest.json").write_bytes(format_manifest({"app.css": "app.3f2a9c1b.js", "large.bin": "large.bin"}))
    app = App()
    app.static("/assets", assets, memory_file_bytes=1_000)

    with Client(app, protocol=protocol) as client:
        paths = ["/assets/app.3f2a9c1b.js", "/assets/large.bin", "/assets/app.css"]
        first = [client.get(path) for path in paths]
        for path in assets.iterdir():
            path.unlink()

        assert [answer.headers["cache-control"] for answer in first] == ["max-age=31536000, immutable"] * 2 + ["no-cache"]
        assert [client.get(path).status_code for path in paths] == [200, 404, 404]


def test_fields_types_and_names_of_one_s_own(serve_files: Open, assets: Path) -> None:
    (assets / 'say "hi"; é.book').write_text("a book")
    client = serve_files(
        headers={"Access-Control-Allow-Origin": "*", "Cache-Control": "no-store"},
        content_types={".book": "application/vnd.example"},
        download=True,
    )

    answer = client.get("/assets/say%20%22hi%22%3B%20%C3%A9.book")

    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-type"] == "application/vnd.example"
    assert answer.headers["content-disposition"] == (
        "attachment; filename=\"say _hi_; _.book\"; filename*=UTF-8''say%20%22hi%22%3B%20%C3%A9.book"
    )


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"index": "../index.html"}, r"index='../index.html' is no file below the directory"),
        ({"fallback": "/index.html"}, "fallback='/index.html' is no file"),
        ({"memory_bytes": -1}, "memory_bytes is a number of bytes from 0 on"),
        ({"headers": {"ETag": '"1"'}}, r"each file has its own; leave it out"),
        ({"headers": {"a\n": "b"}}, "is no field name"),
        ({"content_types": {"css": "text/css"}}, "is no ending of a name"),
    ],
)
def test_options_that_make_no_sense_are_refused(options: StaticOptions, complaint: str, assets: Path) -> None:
    with pytest.raises(ValueError, match=complaint):
        App().static("/assets", assets, **options)


def test_hidden_files_are_served_where_the_author_says_so(serve_files: Open, assets: Path) -> None:
    (assets / ".env").write_text("shown")

    assert serve_files().get("/assets/.env").status_code == 404
    assert serve_files(hidden=True).get("/assets/.env").text == "shown"


def test_directories_without_an_index_are_404(serve_files: Open, assets: Path) -> None:
    (assets / "empty").mkdir()
    client, without = serve_files(), serve_files(index=None)

    assert [client.get(f"/assets/{path}").status_code for path in ("empty", "empty/")] == [404, 404]
    assert [without.get(f"/assets{path}").status_code for path in ("", "/", "/empty", "/index.html")] == [404, 404, 404, 200]


def test_a_fallback_answers_for_pages_but_not_for_files(serve_files: Open) -> None:
    client = serve_files(fallback="index.html", index=None)

    for path in ("/", "/orders", "/orders/7", "/orders/7/", ""):
        answer = client.get(f"/assets{path}")
        assert (answer.status_code, answer.text) == ((308, "") if path == "" else (200, "<h1>index</h1>"))
    for path in ("/gone.js", "/../orders", "/orders//7", "/.env", "//"):
        assert client.get(f"/assets{path}").status_code == 404


def test_a_file_without_permission_or_gone_since_is_404(serve_files: Open, assets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    client = serve_files()

    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)

    assert client.get("/assets/app.css").status_code == 404


def test_a_large_file_that_goes_while_it_is_asked_for_is_404(serve_files: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    client = serve_files()

    def gone(*_: object) -> None:
        raise ValueError("It has 3 bytes; 0 to 5120 is no part of it.")

    monkeypatch.setattr("martlet.files.static_files.File", gone)

    assert client.get("/assets/large.bin").status_code == 404


def test_a_redirect_never_leads_to_another_host() -> None:
    with pytest.raises(NotFoundError):
        redirect_to_directory(WSGIRequest({"PATH_INFO": "//evil.example"}))


def test_times_that_tell_nothing_are_not_told(serve_files: Open, assets: Path) -> None:
    os.utime(assets / "app.css", (1, 1))
    os.utime(assets / "index.html", (4_102_444_800, 4_102_444_800))
    client = serve_files()

    for path in ("app.css", "index.html"):
        answer = client.get(f"/assets/{path}")
        assert answer.headers.get("last-modified") is None
        assert client.get(f"/assets/{path}", headers={"if-none-match": answer.headers["etag"]}).status_code == 304


def test_the_loop_never_reads_a_file(assets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    readers: list[str] = []
    original = roots.read

    def spying(*arguments: object) -> object:
        readers.append(threading.current_thread().name)
        return original(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("martlet.files.loading.read", spying)
    for protocol in ("asgi", "rsgi", "wsgi"):
        app = App(security_headers=None)
        app.static("/assets", assets)
        with Client(app, protocol=protocol) as client:
            client.get("/assets/app.css")

    assert [name.partition("_")[0] for name in readers] == ["martlet", "martlet", threading.current_thread().name]
