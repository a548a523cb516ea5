"""Where a path below a directory really leads: nothing outside it is ever found."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from martlet.files import MissingDirectoryError
from martlet.files.roots import FoundDirectory, FoundFile, Root, read
from tests.files.conftest import SECRET


def text(root: Root, path: str) -> str | None:
    """What is read at a path; None where nothing is found."""
    found = root.find(path)
    content = read(found, 1_000) if isinstance(found, FoundFile) else None
    return None if content is None or content.data is None else content.data.decode()


def test_files_and_directories_inside_are_found(house: Path) -> None:
    root = Root(house)

    assert text(root, "css/app.css") == "public css/app.css"
    assert text(root, ".well-known/security.txt") == "public .well-known/security.txt"
    assert isinstance(root.find("css"), FoundDirectory)
    assert root.find("css/app.css/x") is None
    assert root.find("none") is None


def test_a_link_that_leads_out_leads_nowhere(house: Path) -> None:
    (house / "file.txt").symlink_to(house.parent / "secret.txt")
    (house / "folder").symlink_to(house.parent)
    (house / "beside").symlink_to("../assets-private/secret.txt")
    (house / "absolute").symlink_to("/etc/passwd")
    (house / "loop").symlink_to("loop")
    root = Root(house)

    assert [root.find(path) for path in ("file.txt", "folder", "folder/secret.txt", "beside", "absolute", "loop")] == [None] * 6
    assert text(Root(house, follow_links=True), "folder/secret.txt") == SECRET


def test_a_link_inside_is_followed_but_lends_no_name_to_what_is_hidden(house: Path) -> None:
    (house / "style.css").symlink_to("css/app.css")
    (house / "env.txt").symlink_to(".env")
    (house / "git").symlink_to(".git")
    root = Root(house)

    assert text(root, "style.css") == "public css/app.css"
    assert root.find("env.txt") is None
    assert root.find("git/config") is None


def test_the_root_itself_may_be_a_link(house: Path, tmp_path: Path) -> None:
    link = tmp_path / "current"
    link.symlink_to(house)

    assert text(Root(link), "app.js") == "public app.js"


def test_what_is_no_regular_file_is_not_found(house: Path) -> None:
    os.mkfifo(house / "pipe")

    assert Root(house).find("pipe") is None


def test_a_name_too_long_or_without_permission_is_not_found(house: Path) -> None:
    root = Root(house)

    assert root.find("x" * 300) is None
    assert root.find("/".join(["x"] * 400)) is None


def test_a_link_that_takes_a_file_s_place_is_not_read(house: Path) -> None:
    found = Root(house).find("app.js")
    assert isinstance(found, FoundFile)

    (house / "app.js").unlink()
    (house / "app.js").symlink_to(house.parent / "secret.txt")

    assert read(found, 1_000) is None


def test_a_pipe_that_takes_a_file_s_place_is_not_waited_for(house: Path) -> None:
    found = Root(house).find("app.js")
    assert isinstance(found, FoundFile)

    (house / "app.js").unlink()
    os.mkfifo(house / "app.js")

    assert read(found, 1_000) is None


def test_a_larger_file_is_not_read_into_memory(house: Path) -> None:
    found = Root(house).find("app.js")
    assert isinstance(found, FoundFile)

    content = read(found, 5)

    assert content is not None
    assert (content.data, content.state.size) == (None, len("public app.js"))


@pytest.mark.parametrize("directory", ["nowhere", "app.js", "a\0b"])
def test_what_is_no_directory_is_told(house: Path, directory: str) -> None:
    with pytest.raises(MissingDirectoryError, match="is no directory whose files can be served"):
        Root(f"{house}/{directory}")


def test_all_that_may_be_served_can_be_listed(house: Path) -> None:
    (house / "folder").symlink_to(house / "css")
    (house / "style.css").symlink_to("css/app.css")

    assert list(Root(house).walk()) == [".well-known/security.txt", "LICENSE", "app.js", "css/app.css", "style.css"]


def test_a_directory_that_has_gone_lists_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    root = Root(folder)
    folder.rmdir()

    assert list(root.walk()) == []
