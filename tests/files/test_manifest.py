"""The manifest of a build: read back as it was written, refused where it cannot be meant, left alone where it is another's."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from martlet.files import MANIFEST_NAME, BadManifestError, read_manifest
from martlet.files.manifest import format_manifest, parse_manifest
from martlet.files.names import may_be_served

PATHS = st.text(min_size=1, max_size=20).filter(may_be_served)


@given(st.dictionaries(PATHS, PATHS))
def test_what_was_written_is_read_back(files: dict[str, str]) -> None:
    assert parse_manifest(format_manifest(files)) == files


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b'{"name": "App", "start_url": "/"}', id="a web application's"),
        pytest.param(b'{"src/main.js": {"file": "main.4889e940.js"}}', id="a bundler's"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b"{", id="broken"),
        pytest.param(b"\xff", id="no UTF-8"),
        pytest.param(b"[" * 100_000, id="deep"),
        pytest.param(b"", id="empty"),
    ],
)
def test_another_program_s_manifest_says_nothing(data: bytes, tmp_path: Path) -> None:
    (tmp_path / MANIFEST_NAME).write_bytes(data)

    assert read_manifest(str(tmp_path)) == {}


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b'{"martlet": 2, "files": {}}', "it is of version 2"),
        (b'{"martlet": 1}', "its files are no texts"),
        (b'{"martlet": 1, "files": {"a": 1}}', "its files are no texts"),
        (b'{"martlet": 1, "files": {"a": "../b"}}', "'../b' is no path below the directory"),
        (b'{"martlet": 1, "files": {"a": "b.css"}}', "names 'b.css', which is not there"),
    ],
)
def test_one_of_ours_that_cannot_be_meant_is_told(data: bytes, complaint: str, tmp_path: Path) -> None:
    (tmp_path / MANIFEST_NAME).write_bytes(data)

    with pytest.raises(BadManifestError, match=complaint) as caught:
        read_manifest(str(tmp_path))
    assert "Run `martlet assets build` again, or delete it." in str(caught.value)


def test_no_manifest_says_nothing(tmp_path: Path) -> None:
    assert read_manifest(str(tmp_path)) == {}
