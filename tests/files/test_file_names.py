"""Which paths may be looked for at all: decided from the text, alike on every machine."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from martlet.files.names import MAX_PATH, may_be_served
from tests.rows import each


@each(
    "path",
    [
        "app.css",
        "css/app.css",
        "LICENSE",
        "a b.txt",
        "naïve café.txt",
        "می\u200cشود.pdf",
        "app..css",
        "~notes",
        "a+b,c;d=e@f!g$h&i'(j).txt",
        "com10.txt",
        "console.js",
        "null",
        "auxiliary/con-tact.html",
        ".well-known/security.txt",
        "x" * MAX_PATH,
    ],
)
def test_usual_names_may_be_served(path: str) -> None:
    assert may_be_served(path)


@each(
    "path",
    [
        pytest.param("", id="nothing"),
        pytest.param(".", id="dot"),
        pytest.param("..", id="dots"),
        pytest.param("../secret", id="up"),
        pytest.param("a/../../secret", id="down and up"),
        pytest.param("a/./b", id="a dot between"),
        pytest.param("/etc/passwd", id="absolute"),
        pytest.param("a//b", id="an empty segment"),
        pytest.param("a/", id="a slash at the end"),
        pytest.param("a\\..\\b", id="a backslash"),
        pytest.param("c:/boot.ini", id="a drive"),
        pytest.param("app.css::$DATA", id="an alternate data stream"),
        pytest.param("a\0.css", id="NUL"),
        pytest.param("a\n", id="a line break at the end"),
        pytest.param("a\x1f", id="a control character"),
        pytest.param("a\x9f", id="a C1 control character"),
        pytest.param("a\ufffdb", id="what was no UTF-8"),
        pytest.param("a\udcffb", id="a lone surrogate"),
        pytest.param("a.", id="a dot at the end"),
        pytest.param("\u200c.git/config", id="hidden behind what some systems ignore"),
        pytest.param("css/\ufeff.env", id="the same, further down"),
        pytest.param("a /b", id="a space at a segment's end"),
        pytest.param("...", id="three dots"),
        pytest.param("con", id="a device"),
        pytest.param("a/NUL.txt", id="a device with an ending"),
        pytest.param("Com1.tar.gz", id="a port"),
        pytest.param("lpt²", id="a port by a superscript"),
        pytest.param("aux/app.css", id="a device as a directory"),
        pytest.param("prn .txt", id="a device and a space"),
        pytest.param("conin$", id="a console"),
        pytest.param(".env", id="hidden"),
        pytest.param("a/.git/config", id="a hidden directory"),
        pytest.param(".well-known", id="the directory itself"),
        pytest.param(".well-known/.env", id="hidden below .well-known"),
        pytest.param("a/.well-known/b", id=".well-known elsewhere"),
        pytest.param("x" * (MAX_PATH + 1), id="too long"),
    ],
)
def test_a_path_that_may_mean_something_else_is_refused(path: str) -> None:
    assert not may_be_served(path)


def test_hidden_files_may_be_served_where_the_author_says_so() -> None:
    assert may_be_served(".env", hidden=True)
    assert not any(may_be_served(path, hidden=True) for path in (".", "..", "a/../b", "a/.", "...", ".env."))


@given(st.text(max_size=30), st.booleans())
def test_what_is_served_goes_down_by_names(path: str, hidden: bool) -> None:
    if may_be_served(path, hidden=hidden):
        segments = path.split("/")
        assert all(segments)
        assert not {".", ".."} & set(segments)
        assert not re.search(r"[\\:\0\n]", path)
        path.encode()
