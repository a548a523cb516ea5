"""From a body to its form: what stays in memory, what goes to disk, in which charset a text is, and that no file is left open."""

import asyncio
import errno
import logging
import os
import threading
import time
from collections.abc import AsyncGenerator, Callable
from typing import Any

import pytest

from martlet.http import (
    BadRequestError,
    ContentTooLargeError,
    HTTPError,
    InsufficientStorageError,
    Limits,
    MultipartParser,
    ServiceUnavailableError,
)
from martlet.messages import Blocking, Form, Upload, in_thread, right_here
from martlet.messages.incoming.collecting import WRITE_BYTES, close_spool, collect_form
from martlet.messages.incoming.spools import Spool
from tests.spooled_files import needs_proc, spooled_files

KIB = 1024


def part(content: bytes, name: str = "a", filename: str | None = None, *more: str) -> bytes:
    disposition = f'Content-Disposition: form-data; name="{name}"' + ("" if filename is None else f'; filename="{filename}"')
    return b"--x\r\n" + "\r\n".join([disposition, *more]).encode() + b"\r\n\r\n" + content + b"\r\n"


async def collected(*parts: bytes, limits: Limits | None = None, blocking: Blocking = right_here, end: bytes = b"--x--") -> Form:
    body = b"".join(parts) + end
    limits = limits or Limits()

    async def chunks() -> AsyncGenerator[bytes]:
        for place in range(0, len(body), 64 * KIB):
            yield body[place : place + 64 * KIB]

    return await collect_form(chunks(), MultipartParser("x", limits), limits, blocking)


async def test_fields_and_files_in_the_order_they_came() -> None:
    form = await collected(
        part(b"Swifts", "title"), part(b"12", "photo", "a/b.png", "Content-Type: image/png"), part(b"x", "title")
    )

    photo = form.upload("photo")
    assert photo is not None
    assert (photo.filename, photo.raw_filename, photo.content_type, photo.size) == ("b.png", "a/b.png", "image/png", 2)
    assert photo.headers["content-type"] == "image/png"
    assert form.items() == (("title", "Swifts"), ("photo", photo), ("title", "x"))
    assert form.get_list("title") == ["Swifts", "x"]
    assert form.text("photo", "none") == "none"
    assert form.text("nothing") == ""
    assert form.upload("title") is None
    assert repr(form).startswith("Form([('title', 'Swifts'), ('photo', <Upload 'b.png'")


async def test_a_field_for_a_file_that_was_left_empty_is_an_empty_text() -> None:
    form = await collected(part(b"", "photo", ""), part(b"", "note", "a.txt"), part(b"1", "other", ""))

    assert form["photo"] == ""
    assert form.uploads("photo") == []
    assert [upload.size for upload in form.uploads("note")] == [0]
    assert [(upload.filename, upload.size) for upload in form.uploads("other")] == [("", 1)]


# Charsets.


@pytest.mark.parametrize(
    ("more", "content", "text"),
    [
        pytest.param([], "naïve €".encode(), "naïve €", id="UTF-8 without another word"),
        pytest.param(
            ["Content-Type: text/plain; charset=ISO-8859-1"], b"na\xefve \x80", "naïve €", id="as browsers read Latin-1"
        ),
        pytest.param(["Content-Type: text/plain; charset=shift_jis"], "ツバメ".encode("shift_jis"), "ツバメ", id="of the part"),
        pytest.param(["Content-Type: application/json"], "ü".encode(), "ü", id="a type without a charset"),
        pytest.param([], b"na\xefve", "na�ve", id="what is no UTF-8 is replaced"),
        pytest.param(["Content-Type: text/plain; charset=euc-kr"], b"\xff\xff", "��", id="what is none in its charset, too"),
    ],
)
async def test_the_charset_of_a_field(more: list[str], content: bytes, text: str) -> None:
    assert (await collected(part(content, "a", None, *more)))["a"] == text


async def test_the_charset_that_a_form_tells_is_that_of_its_names_and_texts() -> None:
    body = [
        part("naïve".encode("cp1252"), "a"),
        part(b"windows-1252", "_charset_"),
        part("naïve".encode(), "b", None, "Content-Type: text/plain; charset=utf-8"),
        part(b"x", "NAME").replace(b"NAME", "größe".encode("cp1252")),
    ]

    assert (await collected(*body)).items() == (("a", "naïve"), ("_charset_", "windows-1252"), ("b", "naïve"), ("größe", "x"))


@pytest.mark.parametrize(
    "body",
    [
        part(b"a", "a", None, "Content-Type: text/plain; charset=idna"),
        part(b"unicode_escape", "_charset_"),
        part(b"\xff", "_charset_"),
    ],
)
async def test_a_charset_nobody_knows_is_refused(body: bytes) -> None:
    with pytest.raises(BadRequestError, match="charset"):
        await collected(body)


# Memory and disk.


async def test_small_files_stay_in_memory_and_large_ones_go_to_disk() -> None:
    limits = Limits(form_memory_bytes=100 * KIB)
    contents = [bytes([number]) * size for number, size in enumerate([40 * KIB, 70 * KIB, 40 * KIB, 30 * KIB, 3 * WRITE_BYTES])]

    form = await collected(*(part(content, "f", f"{number}") for number, content in enumerate(contents)), limits=limits)

    uploads = form.uploads("f")
    assert [upload.is_in_memory for upload in uploads] == [True, False, True, False, False]
    assert [await upload.read() for upload in uploads] == contents
    assert form.is_on_disk
    form.close()
    assert not form.is_on_disk


@needs_proc
async def test_any_number_of_large_files_takes_one_descriptor() -> None:
    before = spooled_files()

    form = await collected(
        *(part(b"a" * KIB, "f", f"{number}") for number in range(100)), limits=Limits(form_memory_bytes=10 * KIB)
    )

    assert len(spooled_files() - before) == 1
    assert len(form.uploads("f")) == 100
    form.close()
    assert spooled_files() <= before


@pytest.mark.parametrize("fields", [[part(b"a" * 200)], [part(b"a" * 20)] * 7, [part(b"", "a" * 200)]])
async def test_texts_beyond_the_memory_of_a_form_are_refused(fields: list[bytes]) -> None:
    with pytest.raises(ContentTooLargeError, match="fields of the form are larger than 150 bytes together"):
        await collected(*fields, limits=Limits(form_memory_bytes=150))


@needs_proc
@pytest.mark.parametrize(
    "end",
    [
        pytest.param(b"", id="cut short"),
        pytest.param(part(b"", "a", "b", "Junk") + b"--x--", id="broken later"),
        pytest.param(part(b"a" * 300_000) + b"--x--", id="beyond a limit"),
        pytest.param(part(b"a", "a", None, "Content-Type: text/plain; charset=no") + b"--x--", id="a charset nobody knows"),
    ],
)
async def test_nothing_stays_open_of_a_form_that_is_refused(end: bytes) -> None:
    before = spooled_files()

    with pytest.raises(HTTPError):
        await collected(part(b"a" * 3 * WRITE_BYTES, "f", "f"), limits=Limits(form_memory_bytes=200_000), end=end)

    assert spooled_files() <= before


@needs_proc
async def test_nothing_stays_open_when_the_client_leaves() -> None:
    before = spooled_files()

    async def chunks() -> AsyncGenerator[bytes]:
        yield part(b"a" * 3 * WRITE_BYTES, "f", "f")[:-2]
        await asyncio.Event().wait()

    task = asyncio.ensure_future(collect_form(chunks(), MultipartParser("x"), Limits(form_memory_bytes=KIB), in_thread))
    while spooled_files() <= before:  # noqa: ASYNC110  a thread opens it
        await asyncio.sleep(0.001)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert spooled_files() <= before


async def test_the_disk_is_never_written_on_the_loop() -> None:
    threads: set[int] = set()

    async def watched(call: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        def noted() -> Any:
            threads.add(threading.get_ident())
            return call(*arguments, **named)

        return await in_thread(noted)

    form = await collected(part(b"a" * 5 * WRITE_BYTES, "f", "f"), blocking=watched)

    assert threads
    assert threading.get_ident() not in threads
    assert sum([len(chunk) async for chunk in form.uploads("f")[0].chunks()]) == 5 * WRITE_BYTES
    assert threading.get_ident() not in threads
    form.close()


@pytest.mark.parametrize(
    ("number", "refusal"),
    [
        (errno.ENOSPC, InsufficientStorageError),
        (errno.EMFILE, ServiceUnavailableError),
        (errno.EIO, OSError),
    ],
)
async def test_a_disk_that_fails(
    number: int, refusal: type[Exception], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(**_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("tempfile.TemporaryFile", fail)
    caplog.set_level(logging.ERROR)

    with pytest.raises(refusal):
        await collected(part(b"a" * KIB, "f", "f"), limits=Limits(form_memory_bytes=100))

    assert [record.name for record in caplog.records] == ([] if refusal is OSError else ["martlet.uploads"])


def test_a_spool_that_is_closed_takes_nothing_more() -> None:
    spool = Spool()
    spool.add(b"a")
    spool.close()

    spool.write()

    assert not spool.is_on_disk


async def test_a_form_can_be_made_for_a_test() -> None:
    upload = Upload("a.txt", b"swift")
    fields: dict[str, str | Upload] = {"title": "Swifts", "photo": upload}
    form = Form(fields)

    assert dict(form.items()) == {"title": "Swifts", "photo": upload}
    assert form == Form([("title", "Swifts"), ("photo", upload)])
    form.close()
    assert not form.is_on_disk
    assert await upload.read() == b"swift"


@needs_proc
async def test_a_form_is_closed_even_if_whoever_closes_it_is_cancelled() -> None:
    before = spooled_files()
    form = await collected(part(b"a" * 5 * WRITE_BYTES, "f", "f"))
    assert len(spooled_files() - before) == 1
    busy = [asyncio.ensure_future(in_thread(time.sleep, 0.1)) for _ in range(40)]  # no thread is left
    await asyncio.sleep(0)

    closing = asyncio.ensure_future(close_spool(form, in_thread))
    await asyncio.sleep(0)
    closing.cancel()
    await asyncio.gather(closing, *busy, return_exceptions=True)

    await in_thread(time.sleep, 0)
    while form.is_on_disk:  # noqa: ASYNC110  a thread closes it
        await asyncio.sleep(0.01)
    assert spooled_files() <= before
