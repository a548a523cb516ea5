"""How the files of one directory are served: the options an author writes, and what was made of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypedDict

from martlet.files.caching import FINGERPRINT, Freshness
from martlet.files.names import may_be_served
from martlet.http import Headers
from martlet.http.content_types import read_content_types

__all__ = ["FileOptions", "FilePolicy"]


class FileOptions(TypedDict, total=False):
    """Options of `app.static`.

    index: the file that answers for a directory (`index.html`); None: directories are 404. There are no listings.
    fallback: a file that answers for every path that leads to none and whose last part has no dot, for single-page apps.
    max_age: seconds for which clients use a file unasked; None, the default, makes them ask each time, and get a 304.
    fingerprint: an expression found in names that change with their content; these are kept for ever. None: only those of a
        manifest that `martlet assets build` wrote.
    hidden: serve names that begin with a dot; without it only `.well-known/`.
    follow_links: let symbolic links lead out of the directory.
    download: make browsers save every file, under its own name.
    headers: further fields of every file, such as Access-Control-Allow-Origin for fonts.
    content_types: ending to media type, beside and before the usual ones.
    memory_file_bytes, memory_bytes: a file of at most so many bytes is kept in memory, and all of them together.
    """

    index: str | None
    fallback: str | None
    max_age: int | None
    fingerprint: str | None
    hidden: bool
    follow_links: bool
    download: bool
    headers: Mapping[str, str]
    content_types: Mapping[str, str]
    memory_file_bytes: int
    memory_bytes: int


MEMORY_FILE_BYTES: Final = 256 * 1024  # nearly every stylesheet, script and icon
MEMORY_BYTES: Final = 32 * 1024 * 1024
# Fields that the file itself decides; one set for all files would be wrong for most.
DECIDED: Final = frozenset(
    {"accept-ranges", "content-encoding", "content-length", "content-range", "content-type", "etag", "last-modified"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePolicy:
    """The options, checked; see FileOptions. Raises ValueError that says what is wrong and how to mend it.

    >>> FilePolicy(headers={"ETag": '"1"'})
    Traceback (most recent call last):
        ...
    ValueError: headers={'etag': …}: each file has its own; leave it out.
    """

    index: str | None = "index.html"
    fallback: str | None = None
    max_age: int | None = None
    fingerprint: str | None = FINGERPRINT
    hidden: bool = False
    follow_links: bool = False
    download: bool = False
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    content_types: Mapping[str, str] = field(default_factory=dict[str, str])
    memory_file_bytes: int = MEMORY_FILE_BYTES
    memory_bytes: int = MEMORY_BYTES
    types: Mapping[str, str] = field(init=False, repr=False)  # all of them, the usual ones too

    def __post_init__(self) -> None:
        """Check every option."""
        for option, name in (("index", self.index), ("fallback", self.fallback)):
            if name is not None and not may_be_served(name, hidden=self.hidden):
                raise ValueError(f"{option}={name!r} is no file below the directory: write its path, as in 'index.html'.")
        for option in ("memory_file_bytes", "memory_bytes"):
            if getattr(self, option) < 0:
                raise ValueError(f"{option} is a number of bytes from 0 on, not {getattr(self, option)}.")
        decided = DECIDED.intersection(Headers(self.headers).keys())
        if decided:
            raise ValueError(f"headers={{{min(decided)!r}: …}}: each file has its own; leave it out.")
        Freshness(self.max_age, self.fingerprint)
        object.__setattr__(self, "types", read_content_types(self.content_types))
