"""`martlet assets build`: names that tell the content, references that follow them, copies that are never stale."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from martlet.files import BadManifestError, Build, MissingDirectoryError, build_assets, read_manifest
from martlet.files.building import fingerprinted

LONG = "body { margin: 0 } " * 50


class Gzip:
    """A coding that counts its work."""

    suffix = ".gz"

    def __init__(self) -> None:
        self.coded = 0

    def encode_best(self, data: bytes) -> bytes:
        self.coded += 1
        return gzip.compress(data, mtime=0)


def build(source: Path, target: Path | None = None, coding: Gzip | None = None) -> Build:
    compressors = [coding or Gzip()]
    return build_assets(str(source), str(target or source), compressors, lambda path: not path.endswith(".png"))


def write(folder: Path, **files: str) -> None:
    """Write files; `__` stands for a slash, `_` before the ending for a dot."""
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_every_file_gets_a_name_of_its_content(tmp_path: Path) -> None:
    write(tmp_path, css__app_css="a {}", app_js="1;", LICENSE="free")

    done = build(tmp_path)

    assert (
        done.files
        == read_manifest(str(tmp_path))
        == {path: fingerprinted(path, (tmp_path / path).read_bytes()) for path in done.files}
    )
    assert sorted(done.files) == ["LICENSE", "app.js", "css/app.css"]
    assert all((tmp_path / made).read_bytes() == (tmp_path / path).read_bytes() for path, made in done.files.items())


def test_a_second_build_changes_nothing_and_a_change_makes_one_new_name(tmp_path: Path) -> None:
    write(tmp_path, app_css=LONG, app_js="1;")
    first = build(tmp_path)
    before = {name: (tmp_path / name).stat().st_mtime_ns for name in names(tmp_path)}
    again = Gzip()

    second = build(tmp_path, coding=again)

    assert (second.files, second.written, again.coded) == (first.files, [], 0)
    assert {name: (tmp_path / name).stat().st_mtime_ns for name in names(tmp_path)} == before
    write(tmp_path, app_css=LONG + "b {}")
    third = build(tmp_path)
    assert third.files["app.js"] == first.files["app.js"]
    assert (tmp_path / first.files["app.css"]).exists()  # pages that were sent before still ask for it
    assert third.files["app.css"] != first.files["app.css"]
    assert gzip.decompress((tmp_path / "app.css.gz").read_bytes()) == (LONG + "b {}").encode()


def test_stylesheets_refer_to_fingerprinted_files(tmp_path: Path) -> None:
    write(
        tmp_path,
        css__app_css="@import 'base.css'; a { b: url(../img/a%20b.png?v=1#x) } "
        "c { d: url('/img/x.png'), url(http://e/f.png), url(#g) }",
        css__base_css="h { i: url(../img/x.png) }",
        img__x_png="x",
    )
    (tmp_path / "img" / "a b.png").write_text("a b")

    done = build(tmp_path)

    app, base = ((tmp_path / done.files[f"css/{name}.css"]).read_text() for name in ("app", "base"))
    assert base == f"h {{ i: url(../{done.files['img/x.png']}) }}"
    assert app == (
        f"@import '{done.files['css/base.css'].removeprefix('css/')}'; "
        f"a {{ b: url(../{done.files['img/a b.png'].replace(' ', '%20')}?v=1#x) }} "
        "c { d: url('/img/x.png'), url(http://e/f.png), url(#g) }"
    )
    assert (tmp_path / "css/base.css").read_text() == "h { i: url(../img/x.png) }"
    assert done.remarks == []
    write(tmp_path, img__x_png="y")
    assert build(tmp_path).files["css/app.css"] != done.files["css/app.css"]


def test_what_cannot_be_followed_is_left_and_said(tmp_path: Path) -> None:
    write(
        tmp_path, a_css="@import 'b.css'; c { d: url(none.png), url(none.png), url(../../etc/passwd) }", b_css="@import 'a.css';"
    )
    (tmp_path / "latin.css").write_bytes(b"a { b: url(caf\xe9.png) }")

    done = build(tmp_path)

    assert done.remarks == [
        "b.css: 'a.css' leads back to itself, so it is left as it is.",
        "a.css: 'none.png' leads to no file here, so it is left as it is.",
        "a.css: '../../etc/passwd' leads to no file here, so it is left as it is.",
        "latin.css: it is not in UTF-8, so its references are left as they are.",
    ]
    assert (tmp_path / done.files["b.css"]).read_text() == "@import 'a.css';"


def test_scripts_and_source_maps_keep_their_references(tmp_path: Path) -> None:
    script = "import './other.js';\n//# sourceMappingURL=app.js.map"
    write(tmp_path, app_js=script, app_js_map="{}", odd_css="a { b: url(app.js.map) }")

    done = build(tmp_path)

    assert (tmp_path / done.files["app.js"]).read_text() == script
    assert (tmp_path / done.files["odd.css"]).read_text() == "a { b: url(app.js.map) }"
    assert "app.js.map" not in done.files


def test_compressed_copies_are_made_where_they_are_worth_it(tmp_path: Path) -> None:
    write(tmp_path, app_css=LONG, tiny_css="a {}", image_png=LONG)
    (tmp_path / "noise.txt").write_bytes(os.urandom(2_000))

    done = build(tmp_path)

    assert [name for name in names(tmp_path) if name.endswith(".gz")] == sorted(["app.css.gz", f"{done.files['app.css']}.gz"])
    plain, copy = (tmp_path / "app.css").stat(), (tmp_path / "app.css.gz").stat()
    assert copy.st_mtime_ns == plain.st_mtime_ns


def test_an_author_s_own_copy_is_kept_unless_it_is_older(tmp_path: Path) -> None:
    write(tmp_path, app_css=LONG)
    own = gzip.compress(LONG.encode(), 1)
    (tmp_path / "app.css.gz").write_bytes(own)
    build(tmp_path)
    assert (tmp_path / "app.css.gz").read_bytes() == own

    os.utime(tmp_path / "app.css.gz", (0, 0))
    build(tmp_path)

    assert (tmp_path / "app.css.gz").read_bytes() != own


def test_another_directory_gets_everything(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    write(source, css__app_css=LONG, app_js_map="{}")
    (source / ".env").write_text("secret")
    (source / "link.txt").symlink_to("/etc/passwd")

    done = build(source, target)

    made = done.files["css/app.css"]
    assert names(source) == [".env", "app.js.map", "css/app.css", "link.txt"]
    assert names(target) == sorted(["app.js.map", "css/app.css", "css/app.css.gz", made, f"{made}.gz", "manifest.json"])
    assert build(source, target).written == []


def test_what_would_do_harm_is_refused(tmp_path: Path) -> None:
    write(tmp_path, manifest_json='{"name": "App"}', app_css="a {}")

    with pytest.raises(BadManifestError, match="is no manifest of a build, so it is not overwritten"):
        build(tmp_path)
    with pytest.raises(ValueError, match="lies inside"):
        build(tmp_path, tmp_path / "out")
    with pytest.raises(MissingDirectoryError):
        build(tmp_path / "none")
    assert names(tmp_path) == ["app.css", "manifest.json"]
