"""The codings there are in this process: gzip and deflate always, zstd and br by what is installed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from types import MappingProxyType
from typing import Final

from martlet.codings.brotli import brotli_coding
from martlet.codings.coding import Coding, UnknownCodingError
from martlet.codings.deflating import deflate_coding, gzip_coding
from martlet.codings.zstandard import zstd_coding
from martlet.optional_packages import MissingExtraError

# Quickest for its size first: the order of a server's preference.
MAKERS: Final[Mapping[str, Callable[[], Coding]]] = MappingProxyType(
    {"zstd": zstd_coding, "br": brotli_coding, "gzip": gzip_coding, "deflate": deflate_coding}
)
OLDER_NAMES: Final[Mapping[str, str]] = MappingProxyType({"x-gzip": "gzip"})  # RFC 9110, Section 8.4.1.3


@cache
def installed_codings() -> Mapping[str, Coding]:
    """Give every coding that works here by its name, the best for answers that are made now first.

    >>> list(installed_codings())[-2:]
    ['gzip', 'deflate']
    """
    codings: dict[str, Coding] = {}
    for name, make in MAKERS.items():
        with suppress(MissingExtraError):
            codings[name] = make()
    return MappingProxyType(codings)


def installed_coding(name: str) -> Coding | None:
    """Give a coding by its name in any case, None where it does not work here.

    >>> installed_coding("compress") is None
    True
    """
    lower = name.lower()
    return installed_codings().get(OLDER_NAMES.get(lower, lower))


def find_coding(name: str) -> Coding:
    """Give a coding by its name in any case.

    Raises UnknownCodingError for a name that none has, MissingExtraError for one whose package is not installed.

    >>> find_coding("X-GZip").name
    'gzip'
    """
    found = installed_coding(name)
    if found is not None:
        return found
    make = MAKERS.get(name.lower())
    if make is None:
        raise UnknownCodingError(f"There is no content coding {name!r} here; known are {', '.join(MAKERS)}.")
    return make()
