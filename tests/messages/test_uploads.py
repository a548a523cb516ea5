"""Uploaded files and the spool they lie in: read anyhow, stored only where they are to be stored, gone when closed."""

import io
import os
import zipfile
from pathlib import Path

import pytest

from martlet.http import PartHead
from martlet.messages import BadFilenameError, Upload, right_here
from martlet.messages.incoming.spools import Spool
from tests.shared_cases import conformance_file
from tests.spooled_files import needs_proc, spooled_files

CONTENT = bytes(range(256)) * 1_000


def on_disk(content: bytes = CONTENT, spool: Spool | None = None) -> Upload:
    spool = spool or Spool()
    spool.add(b"before it")
    spool.add(content)
    spool.add(b"behind it")
    spool.write()
    head = PartHead([("Content-Disposition", 'form-data; name="a"; filename="a.bin"')])
    return Upload.of_part(head, (9, len(content)), spool, right_here)


@pytest.fixture(params=["in memory", "on disk"])
def upload(request: pytest.FixtureRequest) -> Upload:
    made = Upload("a.bin", CONTENT) if request.param == "in memory" else on_disk()
    assert made.is_in_memory is (request.param == "in memory")
    return made


async def test_it_is_read_whole_or_in_pieces(upload: Upload) -> None:
    assert await upload.read() == CONTENT
    assert [len(chunk) async for chunk in upload.chunks(100_000)] == [100_000, 100_000, 56_000]
    assert b"".join([chunk async for chunk in upload.chunks()]) == CONTENT
    assert upload.size == len(CONTENT)


def test_it_is_an_ordinary_file(upload: Upload) -> None:
    assert upload.file.read(3) == CONTENT[:3]
    assert upload.file.read() == CONTENT[3:]
    assert upload.file.seek(-2, io.SEEK_END) == len(CONTENT) - 2
    assert upload.file.read(10) == CONTENT[-2:]
    assert upload.file.seek(5) == 5
    assert upload.file.seek(2, io.SEEK_CUR) == 7
    assert upload.file.tell() == 7
    assert upload.file.readable()
    assert upload.file.seekable()


def test_libraries_for_files_take_it() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("swift.txt", "lands")

    with zipfile.ZipFile(on_disk(packed.getvalue()).file) as archive:
        assert archive.read("swift.txt") == b"lands"


def test_an_upload_says_what_it_is() -> None:
    assert repr(Upload("a/b.png", b"1234", content_type="image/png")) == "<Upload 'b.png' image/png 4 bytes>"


# Storing.


async def test_it_is_stored_under_its_own_name(upload: Upload, tmp_path: Path) -> None:
    assert await upload.save(tmp_path) == tmp_path / "a.bin"
    assert (tmp_path / "a.bin").read_bytes() == CONTENT


async def test_a_name_that_is_taken_is_changed(upload: Upload, tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"first")

    path = await upload.save(tmp_path)

    assert path.parent == tmp_path
    assert path.name.endswith("-a.bin")
    assert path.read_bytes() == CONTENT
    assert (tmp_path / "a.bin").read_bytes() == b"first"


async def test_a_name_that_was_asked_for_is_not_changed(upload: Upload, tmp_path: Path) -> None:
    assert await upload.save(tmp_path, "7.bin") == tmp_path / "7.bin"
    with pytest.raises(FileExistsError):
        await upload.save(tmp_path, "7.bin")

    (tmp_path / "7.bin").write_bytes(b"first")
    assert await upload.save(tmp_path, "7.bin", replace=True) == tmp_path / "7.bin"
    assert (tmp_path / "7.bin").read_bytes() == CONTENT
    assert os.listdir(tmp_path) == ["7.bin"]  # noqa: PTH208  a path's own way to list blocks, says the linter


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "/etc/passwd", "../a", "a/b", "a\\b", "..\\a", "a\0b", "/", "a/", "x" * 256, "\0"],
)
def test_a_name_that_leads_elsewhere_is_refused(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "uploads"
    folder.mkdir()

    with pytest.raises(BadFilenameError) as refused:
        Upload("a", b"content").save_now(folder, name)

    assert refused.value.status_code == 400
    assert list(folder.iterdir()) == []
    assert list(tmp_path.iterdir()) == [folder]


@pytest.mark.parametrize(
    "list_name", ["traversal.txt", "naughty_unicode.txt", "null_bytes.txt", "crlf.txt", "format_strings.txt"]
)
def test_no_name_of_a_sender_leaves_the_directory(list_name: str, tmp_path: Path) -> None:
    folder = tmp_path / "uploads"
    folder.mkdir()
    for line in conformance_file(f"http/payloads/{list_name}").read_bytes().splitlines()[:2_000]:
        upload = Upload(line.decode("utf-8", "replace"), b"content")
        if upload.filename:
            path = upload.save_now(folder)
            assert path.resolve().parent == folder.resolve()
            assert not path.name.startswith(".")
            path.unlink()
    assert list(tmp_path.iterdir()) == [folder]


def test_a_link_that_lies_there_is_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    folder = tmp_path / "uploads"
    folder.mkdir()
    (folder / "a.bin").symlink_to(outside)

    path = Upload("a.bin", b"content").save_now(folder)
    Upload("b.bin", b"content").save_now(folder, "a.bin", replace=True)

    assert not outside.exists()
    assert path.name != "a.bin"
    assert not (folder / "a.bin").is_symlink()


def test_what_could_not_be_stored_whole_is_not_there(tmp_path: Path) -> None:
    spool = Spool()
    upload = on_disk(CONTENT, spool)
    file = upload.file
    spool.close()

    with pytest.raises(ValueError, match="closed"):
        upload.save_now(tmp_path)
    with pytest.raises(ValueError, match="closed"):
        file.read()
    assert list(tmp_path.iterdir()) == []


# Closing.


async def test_a_closed_one_says_so() -> None:
    for content in (CONTENT, b""):
        spool = Spool()
        upload = on_disk(content, spool)
        spool.close()
        spool.close()
        with pytest.raises(ValueError, match="Save it before"):
            await upload.read()
        with pytest.raises(ValueError, match="Save it before"):
            _ = upload.file


@needs_proc
def test_what_nobody_closes_is_closed_with_its_last_reference() -> None:
    before = spooled_files()
    upload: Upload | None = on_disk()
    assert len(spooled_files() - before) == 1

    assert upload is not None
    del upload

    assert spooled_files() <= before
