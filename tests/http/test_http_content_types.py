"""Content types come from one table, so that all machines agree."""

from __future__ import annotations

import mimetypes

import pytest

from martlet.http import BadMediaTypeError, MediaType
from martlet.http.content_types import CONTENT_TYPES, content_type_for, read_content_types
from tests.rows import each


@each(
    ("name", "expected"),
    [
        ("index.html", "text/html; charset=utf-8"),
        ("app.mjs", "text/javascript; charset=utf-8"),
        ("app.js.map", "application/json"),
        ("site.webmanifest", "application/manifest+json"),
        ("icon.SVG", "image/svg+xml"),
        ("module.wasm", "application/wasm"),
        ("font.woff2", "font/woff2"),
        ("a/b.c/LICENSE", "application/octet-stream"),
        (".html", "application/octet-stream"),
        ("a.unheard-of", "application/octet-stream"),
        ("archive.tar.gz", "application/gzip"),
        ("favicon.ico", "image/vnd.microsoft.icon"),
    ],
)
def test_the_ending_tells_the_type(name: str, expected: str) -> None:
    assert content_type_for(name) == expected


def test_every_type_is_one() -> None:
    assert all(str(MediaType.parse(text)) == text for text in CONTENT_TYPES.values())
    assert all(ending == ending.lower() and ending[0] == "." for ending in CONTENT_TYPES)


def test_the_machine_s_registry_changes_nothing() -> None:
    mimetypes.add_type("application/x-machine", ".css")
    try:
        assert content_type_for("app.css") == "text/css; charset=utf-8"
    finally:
        mimetypes.init()


def test_an_application_s_own_types_go_before() -> None:
    own = read_content_types({".TXT": "text/plain; charset=iso-8859-1", "": "text/plain; charset=utf-8"})

    assert content_type_for("a.txt", own) == "text/plain; charset=iso-8859-1"
    assert content_type_for("README", own) == "text/plain; charset=utf-8"
    assert content_type_for("a.css", own) == "text/css; charset=utf-8"


def test_what_is_no_ending_or_no_type_is_refused() -> None:
    for ending in ("css", ".tar.gz", "a/.b"):
        with pytest.raises(ValueError, match="is no ending of a name"):
            read_content_types({ending: "text/css"})
    with pytest.raises(BadMediaTypeError):
        read_content_types({".css": "css"})
