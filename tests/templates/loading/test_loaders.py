"""Templates are found by name, in folders, packages, mappings and functions, and nowhere else."""

import os
import sys
import zipfile
from pathlib import Path

import pytest

from martlet.templates.errors import TemplateNotFoundError, TemplateSyntaxError
from martlet.templates.loading import (
    ChoiceLoader,
    DictLoader,
    DirectoryLoader,
    FunctionLoader,
    Loader,
    PackageLoader,
    PrefixLoader,
    Source,
)
from tests.rows import each


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of templates beside a file that is none of them."""
    (tmp_path / "secret.txt").write_text("secret")
    templates = tmp_path / "templates"
    (templates / "mails").mkdir(parents=True)
    (templates / "page.html").write_text("page")
    (templates / "mails" / "welcome.html").write_text("welcome")
    return templates


@each("name", ["mails/welcome.html", "./mails/welcome.html", "/mails/welcome.html", "mails//welcome.html"])
def test_a_folder_gives_what_lies_in_folders_below(folder: Path, name: str) -> None:
    source = DirectoryLoader(folder).load(name)

    assert source.text == "welcome"
    assert source.filename == str(folder / "mails" / "welcome.html")


@each(
    "name",
    [
        "../secret.txt",
        "mails/../../secret.txt",
        "..",
        "",
        ".",
        "/",
        "..\\secret.txt",
        "mails\\welcome.html",
        "page.html\0",
        "\udcff\ud800",
        "x" * 100_000,
        "mails",
        "page.html/more",
    ],
)
def test_no_name_leads_out_of_the_folder_or_to_something_else(folder: Path, name: str) -> None:
    with pytest.raises(TemplateNotFoundError):
        DirectoryLoader(folder).load(name)


def test_a_pipe_is_no_template(folder: Path) -> None:
    os.mkfifo(folder / "pipe.html")

    with pytest.raises(TemplateNotFoundError):
        DirectoryLoader(folder).load("pipe.html")


def test_an_earlier_folder_wins(folder: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "page.html").write_text("my page")
    loader = DirectoryLoader(mine, folder)

    assert loader.load("page.html").text == "my page"
    assert loader.load("mails/welcome.html").text == "welcome"


def test_a_file_in_the_way_of_a_folder_is_passed_over(folder: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "mails").write_text("a file")

    assert DirectoryLoader(mine, folder).load("mails/welcome.html").text == "welcome"


def test_a_changed_file_is_no_longer_current_and_has_another_version(folder: Path) -> None:
    loader = DirectoryLoader(folder)
    before = loader.load("page.html")
    assert before.is_current()

    (folder / "page.html").write_text("another page")

    assert not before.is_current()
    assert loader.load("page.html").version != before.version


def test_a_removed_file_is_no_longer_current(folder: Path) -> None:
    source = DirectoryLoader(folder).load("page.html")

    (folder / "page.html").unlink()

    assert not source.is_current()


def test_a_file_that_appears_in_an_earlier_folder_makes_the_later_one_out_of_date(folder: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    source = DirectoryLoader(mine, folder).load("page.html")

    (mine / "page.html").write_text("my page")

    assert not source.is_current()


def test_a_copied_file_with_another_time_has_the_same_version(folder: Path) -> None:
    loader = DirectoryLoader(folder)
    before = loader.load("page.html")

    os.utime(folder / "page.html", (1, 1))

    assert not before.is_current()
    assert loader.load("page.html").version == before.version


def test_a_folder_lists_its_names(folder: Path) -> None:
    assert DirectoryLoader(folder).list_names() == ["mails/welcome.html", "page.html"]


def test_a_missing_name_is_told_with_the_place_and_the_nearest_name(folder: Path) -> None:
    with pytest.raises(TemplateNotFoundError) as raised:
        DirectoryLoader(folder).load("mails/welcom.html")

    assert str(raised.value) == f"there is no template 'mails/welcom.html' in '{folder}'; did you mean 'mails/welcome.html'?"
    assert raised.value.names == ("mails/welcom.html",)


def test_a_folder_that_is_not_there_is_told_with_the_place_it_was_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    with pytest.raises(TemplateNotFoundError) as raised:
        DirectoryLoader("templates").load("page.html")

    assert str(raised.value) == f"there is no template 'page.html' in '{tmp_path / 'templates'}', for there is no such folder"


def test_bytes_of_another_encoding_are_told_with_their_line(folder: Path) -> None:
    (folder / "old.html").write_bytes("one\ntwo é".encode("latin-1"))

    with pytest.raises(TemplateSyntaxError, match=r"byte 0xe9 is not utf-8") as raised:
        DirectoryLoader(folder).load("old.html")

    assert raised.value.line == 2
    assert DirectoryLoader(folder, encoding="latin-1").load("old.html").text == "one\ntwo é"


def test_a_byte_order_mark_is_not_part_of_the_text(folder: Path) -> None:
    (folder / "marked.html").write_bytes(b"\xef\xbb\xbfpage\r\n")

    assert DirectoryLoader(folder).load("marked.html").text == "page\r\n"


def test_a_directory_loader_wants_a_folder() -> None:
    with pytest.raises(ValueError, match="needs a folder"):
        DirectoryLoader()


@pytest.fixture
def on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that packages are imported from."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "path_importer_cache", dict(sys.path_importer_cache))
    return tmp_path


def test_a_package_gives_what_lies_in_its_folder(on_path: Path) -> None:
    (on_path / "shop_of_tests" / "templates").mkdir(parents=True)
    (on_path / "shop_of_tests" / "__init__.py").touch()
    (on_path / "shop_of_tests" / "templates" / "page.html").write_text("page")
    loader = PackageLoader("shop_of_tests")

    assert loader.load("page.html").text == "page"
    assert loader.list_names() == ["page.html"]
    with pytest.raises(TemplateNotFoundError):
        loader.load("../__init__.py")


def test_a_zipped_package_gives_what_lies_in_its_folder(on_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = on_path / "shop.zip"
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("zipped_shop_of_tests/__init__.py", "")
        zipped.writestr("zipped_shop_of_tests/templates/mails/welcome.html", "welcome")
    monkeypatch.syspath_prepend(archive)
    loader = PackageLoader("zipped_shop_of_tests")

    assert loader.load("mails/welcome.html").text == "welcome"
    assert loader.load("mails/welcome.html").is_current()
    assert loader.list_names() == ["mails/welcome.html"]
    for name in ("mails", "other.html", "../__init__.py"):
        with pytest.raises(TemplateNotFoundError):
            loader.load(name)


@pytest.mark.parametrize(
    ("package", "directory", "what"),
    [
        pytest.param("no_such_package_here", "templates", "no package 'no_such_package_here'", id="no package"),
        pytest.param("json", "templates", "'json' has no folder 'templates'", id="no folder"),
        pytest.param("no_such_package_here.below", "templates", "no package", id="no package above"),
    ],
)
def test_a_package_without_templates_is_refused(package: str, directory: str, what: str) -> None:
    with pytest.raises(ValueError, match=what):
        PackageLoader(package, directory)


def test_a_mapping_may_change() -> None:
    templates = {"page": "one"}
    loader = DictLoader(templates)
    before = loader.load("page")

    templates["page"] = "two"

    assert not before.is_current()
    assert loader.load("page").text == "two"


def test_a_function_gives_texts_sources_or_nothing() -> None:
    given: dict[str, str | Source] = {"text": "text", "source": Source("source", "source.html", "v1", lambda: False)}
    loader = FunctionLoader(given.get)

    assert loader.load("text").is_current()
    assert loader.load("source").version == "v1"
    assert not loader.load("source").is_current()
    with pytest.raises(TemplateNotFoundError, match="there is no template 'other'"):
        loader.load("other")
    assert loader.list_names() == []


def test_the_first_loader_that_has_a_name_gives_it() -> None:
    first: dict[str, str] = {}
    loader = ChoiceLoader(DictLoader(first), DictLoader({"page": "second", "other": "other"}))
    source = loader.load("page")
    assert source.text == "second"
    assert source.is_current()

    first["page"] = "first"

    assert not source.is_current()
    assert loader.load("page").text == "first"
    assert loader.list_names() == ["other", "page"]
    with pytest.raises(TemplateNotFoundError):
        loader.load("missing")


def test_a_prefix_leads_to_its_loader() -> None:
    loader = PrefixLoader({"blog": DictLoader({"post.html": "post"}), "shop": DictLoader({"item.html": "item"})})

    assert loader.load("blog/post.html").text == "post"
    assert loader.list_names() == ["blog/post.html", "shop/item.html"]
    for name in ("post.html", "blog", "blog/", "blog/item.html", "other/post.html"):
        with pytest.raises(TemplateNotFoundError) as raised:
            loader.load(name)
        assert raised.value.names == (name,)


def test_a_prefix_may_end_otherwise() -> None:
    assert PrefixLoader({"blog": DictLoader({"post": "post"})}, delimiter=":").load("blog:post").text == "post"
    with pytest.raises(ValueError, match="needs a delimiter"):
        PrefixLoader({}, delimiter="")


@each(
    "loader",
    [DirectoryLoader("."), DictLoader({}), FunctionLoader(lambda _: None), ChoiceLoader(), PrefixLoader({})],
    ids=lambda loader: type(loader).__name__,
)
def test_each_is_a_loader(loader: object) -> None:
    assert isinstance(loader, Loader)
