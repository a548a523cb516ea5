"""Compressed copies beside a file: chosen by Accept-Encoding, each with a tag of its own, never one of another content."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from martlet import App
from martlet.files.precompressed import MAX_FIELD, MAX_REMEMBERED, CodingChoice
from martlet.files.roots import Content, FoundFile, read
from tests.serving import Serve

PLAIN = b"body { margin: 0 } " * 40


@pytest.fixture
def assets(tmp_path: Path) -> Path:
    """A stylesheet with copies in three codings, br the smallest; a script without any."""
    (tmp_path / "app.css").write_bytes(PLAIN)
    (tmp_path / "app.css.gz").write_bytes(gzip.compress(PLAIN))
    (tmp_path / "app.css.br").write_bytes(b"brotli")
    (tmp_path / "app.css.zst").write_bytes(b"zstandard")
    (tmp_path / "app.js").write_bytes(b"1;")
    return tmp_path


@pytest.mark.parametrize(
    ("accept", "coding"),
    [
        pytest.param(None, None, id="no field"),
        pytest.param("", None, id="an empty field"),
        pytest.param("identity", None, id="identity"),
        pytest.param("gzip", "gzip", id="gzip"),
        pytest.param("x-gzip", "gzip", id="an old name"),
        pytest.param("GZIP", "gzip", id="in capitals"),
        pytest.param("gzip, deflate, br, zstd", "br", id="of equals the smallest"),
        pytest.param("*", "br", id="any"),
        pytest.param("gzip, br;q=0.5", "gzip", id="the higher quality"),
        pytest.param("gzip;q=0, br;q=0, zstd;q=0.1", "zstd", id="what is left"),
        pytest.param("gzip;q=0", None, id="q=0 is none"),
        pytest.param("*;q=0, gzip", "gzip", id="all others ruled out"),
        pytest.param("identity;q=1, gzip;q=0.5", None, id="identity by quality"),
        pytest.param("identity;q=0, *", "br", id="anything but identity"),
        pytest.param("identity;q=0", None, id="not identity, and nothing else is named: the field is disregarded"),
        pytest.param("*;q=0", None, id="nothing at all: the field is disregarded"),
        pytest.param("compress, nonsense;q=x", None, id="others"),
    ],
)
def test_the_best_copy_is_chosen(serve: Serve, assets: Path, accept: str | None, coding: str | None) -> None:
    app = App()
    app.static("/assets", assets)
    fields = {} if accept is None else {"accept-encoding": accept}

    for answer in [serve(app).get("/assets/app.css", headers=fields)] * 2:
        assert answer.headers.get("content-encoding") == coding
        suffix = {None: "", "gzip": ".gz", "br": ".br", "zstd": ".zst"}[coding]
        assert answer.content == (assets / f"app.css{suffix}").read_bytes()
        assert (answer.headers["content-type"], answer.headers["vary"]) == ("text/css; charset=utf-8", "accept-encoding")


@pytest.mark.parametrize("memory_file_bytes", [0, 100_000], ids=["from the disk", "from memory"])
def test_each_copy_has_its_own_tag_and_its_own_parts(serve: Serve, assets: Path, memory_file_bytes: int) -> None:
    app = App()
    app.static("/assets", assets, memory_file_bytes=memory_file_bytes)
    client = serve(app)
    answers = {
        coding: client.get("/assets/app.css", headers={"accept-encoding": coding})
        for coding in ("identity", "gzip", "br", "zstd")
    }
    tags = {coding: answer.headers["etag"] for coding, answer in answers.items()}

    assert len(set(tags.values())) == 4
    for coding, tag in tags.items():
        again = client.get("/assets/app.css", headers={"accept-encoding": coding, "if-none-match": tag})
        assert (again.status_code, again.headers["vary"], again.headers["etag"]) == (304, "accept-encoding", tag)
        assert client.get("/assets/app.css", headers={"accept-encoding": "deflate", "if-match": tag}).status_code == (
            200 if coding == "identity" else 412
        )
        part = client.get("/assets/app.css", headers={"accept-encoding": coding, "range": "bytes=1-3", "if-range": tag})
        assert (part.status_code, part.content) == (206, answers[coding].content[1:4])


def test_a_copy_older_than_its_file_is_of_something_else(serve: Serve, assets: Path, settled: None) -> None:
    app = App()
    app.static("/assets", assets)
    client = serve(app)
    assert client.get("/assets/app.css", headers={"accept-encoding": "br"}).headers["content-encoding"] == "br"

    changed = (assets / "app.css.br").stat().st_mtime_ns + 1
    os.utime(assets / "app.css", ns=(changed, changed))
    os.utime(assets / "app.css.gz", ns=(changed, changed))

    assert client.get("/assets/app.css", headers={"accept-encoding": "br"}).content == PLAIN
    assert client.get("/assets/app.css", headers={"accept-encoding": "br, gzip"}).headers["content-encoding"] == "gzip"


def test_a_file_without_copies_does_not_vary(serve: Serve, assets: Path) -> None:
    app = App()
    app.static("/assets", assets)

    answer = serve(app).get("/assets/app.js", headers={"accept-encoding": "gzip"})

    assert answer.headers.get("vary") is answer.headers.get("content-encoding") is None


def test_a_vary_of_one_s_own_stays(serve: Serve, assets: Path) -> None:
    app = App()
    app.static("/assets", assets, headers={"Vary": "Origin"})

    assert serve(app).get("/assets/app.css").headers["vary"] == "Origin, accept-encoding"


def test_a_copy_asked_for_by_its_own_name_is_a_file_like_others(serve: Serve, assets: Path) -> None:
    app = App()
    app.static("/assets", assets)

    answer = serve(app).get("/assets/app.css.gz", headers={"accept-encoding": "gzip"})

    assert gzip.decompress(answer.content) == PLAIN
    assert (answer.headers["content-type"], answer.headers.get("content-encoding")) == ("application/gzip", None)


def test_a_copy_that_is_a_link_out_is_not_taken(serve: Serve, assets: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "secret"
    outside.write_text("secret")
    (assets / "app.js.br").symlink_to(outside)
    app = App()
    app.static("/assets", assets)

    assert serve(app).get("/assets/app.js", headers={"accept-encoding": "br"}).text == "1;"


def test_a_copy_that_cannot_be_read_is_left_out(serve: Serve, assets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unless_brotli(file: FoundFile, limit: int) -> Content | None:
        return None if file.real.endswith(".br") else read(file, limit)

    monkeypatch.setattr("martlet.files.loading.read", unless_brotli)
    app = App()
    app.static("/assets", assets)

    answer = serve(app).get("/assets/app.css", headers={"accept-encoding": "br, gzip;q=0.5"})

    assert answer.headers["content-encoding"] == "gzip"


def test_choices_are_remembered_within_bounds() -> None:
    choice = CodingChoice()
    for number in range(3 * MAX_REMEMBERED):
        assert choice(f"gzip, x-{number}", ("gzip", "identity")) == "gzip"
        assert len(choice.remembered) <= MAX_REMEMBERED
    before = len(choice.remembered)
    assert choice("gzip," + "x" * MAX_FIELD, ("gzip", "identity")) == "gzip"

    assert len(choice.remembered) == before
