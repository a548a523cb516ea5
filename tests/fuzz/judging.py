"""What no answer may be, whatever was asked: a list of complaints about one request and its three answers."""

from __future__ import annotations

import json
import logging
import re
import sys
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from martlet.codings import BrokenContentError, find_coding
from martlet.http import HTTPStatus
from tests.fuzz.asked import Asked
from tests.fuzz.servers import Told

TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
KNOWN_STATUSES = frozenset({200, 201, 204, 206, 303, 304, 308, 418, 501, *range(400, 432), 451})


class Overheard(logging.Handler):
    """What the framework reports as nobody's fault but its own."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.complaints: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        told = "".join(traceback.format_exception(*record.exc_info)) if record.exc_info else ""
        self.complaints.append(f"logged: {record.getMessage()[:200]}\n{told}")

    def warned(
        self,
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,  # noqa: ARG002  the module `warnings` calls it so
        line: str | None = None,  # noqa: ARG002  the same
    ) -> None:
        """Hear a warning: of a coroutine that nobody awaited, of a file that nobody closed."""
        self.complaints.append(f"warned: {category.__name__}: {message} ({filename}:{lineno})")

    def unraisable(self, told: sys.UnraisableHookArgs) -> None:
        """Hear an exception that nobody could be told of, as one in a destructor."""
        self.complaints.append(f"unraisable: {told.err_msg} {told.object!r}: {told.exc_value!r}")

    def taken(self) -> list[str]:
        """The complaints since the last time."""
        complaints, self.complaints = self.complaints, []
        return complaints


@contextmanager
def overheard() -> Iterator[Overheard]:
    """Listen to all of the framework's loggers, and to what an event loop complains of."""
    listener = Overheard()
    loggers = [logging.getLogger(name) for name in ("martlet", "asyncio")]
    before = [logger.propagate for logger in loggers]
    for logger in loggers:
        logger.addHandler(listener)
        logger.propagate = False
    hook, sys.unraisablehook = sys.unraisablehook, listener.unraisable
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.showwarning = listener.warned
            yield listener
    finally:
        sys.unraisablehook = hook
        for logger, propagate in zip(loggers, before, strict=True):
            logger.removeHandler(listener)
            logger.propagate = propagate


def complaints(asked: Asked, answers: dict[str, Told]) -> list[str]:
    """What is wrong with the answers; nothing, if all is well."""
    found = [f"{name}: {complaint}" for name, told in answers.items() for complaint in _about(asked, told)]
    if is_told_alike(asked) and len({_compared(told) for told in answers.values()}) > 1:
        statuses = " ".join(str(told.status) for told in answers.values())
        contents = {name: told.content[:80] for name, told in answers.items()}
        found.append(f"the protocols differ in {asked.target[:6]} ({statuses}): {contents}")
    return found


def _compared(told: Told) -> tuple[int, bytes]:
    """What must be the same everywhere."""
    if told.status in (400, 413):
        return 400, b""  # a body that is broken and too large is refused for what is seen first
    kind = told.header("content-type") or ""
    # Between several parts stands something made up for each answer.
    made_up = kind.partition("boundary=")[2].encode() if kind.startswith("multipart/") else b""
    return told.status, told.content.replace(made_up, b"") if made_up else told.content


def _about(asked: Asked, told: Told) -> Iterator[str]:
    if told.status == 0 and asked.leaves_after is not None:
        return
    if told.status not in KNOWN_STATUSES:
        yield f"the status {told.status}"
    for name, value in told.headers:
        if not TOKEN.fullmatch(name) or not VALUE.fullmatch(value):
            yield f"the field {name!r}: {value!r}"
    if len([1 for name, _ in told.headers if name == "content-length"]) > 1:
        yield "two lengths"
    if asked.leaves_after is None and told.is_whole:
        yield from _about_content(asked, told)


def _about_content(asked: Asked, told: Told) -> Iterator[str]:
    length = told.header("content-length")
    if told.content and (asked.method.upper() == "HEAD" or told.status in (204, 205, 304)):
        yield "content where there is none"
    if length is not None and told.status == 204:
        yield "a length where there is no content"
    if asked.method.upper() == "HEAD" or not HTTPStatus.allows_content(told.status):
        return
    if length is not None and int(length) != len(told.content):
        yield f"the length {length} of {len(told.content)} bytes"
    content = told.content
    coding = told.header("content-encoding")
    if coding is not None and told.status != 206 and content != b"coded":
        try:
            content = _decoded(coding, content)
        except BrokenContentError as error:
            yield f"content that is not in {coding}: {error}"
            return
    if (told.header("content-type") or "").startswith(("application/json", "application/problem+json")) and told.status != 206:
        try:
            json.loads(content)
        except ValueError as error:
            yield f"JSON that is none: {error}: {content[:200]!r}"


def _decoded(name: str, content: bytes) -> bytes:
    decoder = find_coding(name).decoder()
    decoded = decoder.decode(content, 1 << 24)
    while not decoder.needs_input:
        decoded += decoder.decode(b"", 1 << 24)
    if not decoder.is_complete:
        raise BrokenContentError("it ends too early")
    return decoded


# Paths whose answers tell what differs between servers by nature.
SHOWS_SERVER = ("/everything", "/files", "/downloads")


def is_told_alike(asked: Asked) -> bool:
    """Whether all servers hand over the same: what is not ASCII, repeated or empty they treat each in their own way."""
    names = [name.lower() for name, _ in asked.headers]
    return (
        len(set(names)) == len(names)
        and asked.method.isupper()
        and asked.target.startswith("/")
        and not asked.target.startswith(SHOWS_SERVER)
        and (asked.http_version, asked.scheme, asked.peer, asked.root_path) == ("1.1", "http", "127.0.0.1", "")
        and not asked.breaks_off
        and asked.leaves_after is None
        and all(value and value.isascii() and value.isprintable() for _, value in asked.headers)
        and all(TOKEN.fullmatch(name) and "_" not in name for name in names)
        and ("content-length" not in names or _states_its_length(asked))
    )


def _states_its_length(asked: Asked) -> bool:
    stated = next(value for name, value in asked.headers if name.lower() == "content-length")
    return stated == str(sum(map(len, asked.chunks)))
