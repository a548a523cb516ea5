"""`martlet assets build`: what it does to a directory, what it prints, and how the app then names its files."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from martlet import App, URLs
from martlet.cli.commands import cli
from martlet.codings import find_coding
from martlet.optional_packages import MissingExtraError
from martlet.testing import Client


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli, ["assets", *arguments])
    return result.exit_code, result.output


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Static files as an author has them."""
    (tmp_path / "app.css").write_text("a { background: url(logo.svg) } " * 30)
    (tmp_path / "logo.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    return tmp_path


def test_a_built_directory_is_served_by_its_fingerprinted_names(directory: Path) -> None:
    code, output = run("build", str(directory))
    app = App()
    app.static("/assets", directory)

    @app.get("/")
    async def home(urls: URLs) -> str:
        return urls.asset("app.css")

    assert code == 0
    assert output.splitlines()[-1] == f"{directory}: 2 files in manifest.json, 9 written"
    with Client(app) as client:
        url = client.get("/").text
        answer = client.get(url, headers={"accept-encoding": "gzip, br, zstd"})
        assert url != "/assets/app.css"
        assert answer.headers["cache-control"] == "max-age=31536000, immutable"
        assert answer.headers["content-encoding"] in {"br", "zstd", "gzip"}
        assert client.get(url).text.startswith("a { background: url(logo.")
        assert client.get("/assets/app.css").headers["cache-control"] == "no-cache"


def test_in_debug_files_have_their_own_names(directory: Path) -> None:
    run("build", str(directory))
    app = App(debug=True)
    app.static("/assets", directory)

    @app.get("/")
    async def home(urls: URLs) -> str:
        return urls.asset("app.css")

    with Client(app) as client:
        assert client.get("/").text == "/assets/app.css"


def test_another_directory_may_be_written(directory: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    out = tmp_path_factory.mktemp("out")

    assert run("build", str(directory), "--out", str(out))[0] == 0
    assert sorted(path.name for path in directory.iterdir()) == ["app.css", "logo.svg"]
    assert (out / "app.css").exists()
    assert run("build", str(directory), "--out", str(out))[1] == f"{out}: 2 files in manifest.json, 0 written\n"


def test_what_earlier_builds_left_is_named_and_deleted_on_demand(directory: Path) -> None:
    run("build", str(directory))
    first = {path.name for path in directory.iterdir()}
    (directory / "app.css").write_text("p { margin: 0 } " * 100)
    author = directory / "app.0123456789ab.css"
    author.write_text("an author's, not named for its content")

    code, named = run("build", str(directory))
    old = [line.partition(":")[0] for line in named.splitlines() if "--clean deletes it" in line]
    assert code == 0
    assert len(old) >= 2  # the stylesheet and a copy
    assert {*old} <= first
    assert all((directory / path).exists() for path in old)

    _, cleaned = run("build", str(directory), "--clean")
    assert [line.removeprefix("deleted ") for line in cleaned.splitlines() if line.startswith("deleted")] == old
    assert not any((directory / path).exists() for path in old)
    assert author.exists()
    assert "deleted" not in run("build", str(directory), "--clean")[1]


def test_a_coding_that_is_not_installed_is_left_out_and_told(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def without_brotli(name: str) -> object:
        if name == "br":
            raise MissingExtraError("brotli", "brotli")
        return find_coding(name)

    monkeypatch.setattr("martlet.cli.assets.find_coding", without_brotli)

    code, output = run("build", str(directory))

    assert code == 0
    assert "No copies in the coding br." in output
    assert "pip install 'martlet[brotli]'" in output
    assert sorted(path.suffix for path in directory.glob("app.css.*")) == [".gz", ".zst"]


def test_what_goes_wrong_is_told_in_a_sentence(directory: Path) -> None:
    assert run("build", str(directory / "none"))[0] == 2
    code, output = run("build", str(directory), "--out", str(directory / "out"))
    assert (code, "lies inside" in output) == (1, True)
    (directory / "manifest.json").write_text("{}")
    code, output = run("build", str(directory))
    assert (code, "is no manifest of a build" in output) == (1, True)


def test_a_reference_that_leads_nowhere_is_told(directory: Path) -> None:
    (directory / "app.css").write_text("a { background: url(gone.png) }")

    assert "app.css: 'gone.png' leads to no file here, so it is left as it is.\n" in run("build", str(directory))[1]
