"""Cache-Control: for ever where the name tells the content, else as the author says (RFC 9111, RFC 8246)."""

from __future__ import annotations

from hashlib import sha256

import pytest

from martlet.files.caching import Freshness
from tests.rows import each

FOR_EVER = "max-age=31536000, immutable"


@each(
    "path",
    [
        "app.3f2a9c1b.css",
        "css/app-3f2a9c1b0d4e.css",
        "app.0123456789abcdef0123456789abcdef.js",
        "app.3f2a9c1b.js.map",
        f"logo.{sha256(b'logo').hexdigest()}.svg",
    ],
)
def test_a_fingerprinted_name_is_kept_for_ever(path: str) -> None:
    assert Freshness().cache_control(path) == FOR_EVER


@each(
    "path",
    [
        pytest.param("app.css", id="no fingerprint"),
        pytest.param("report.20240229.pdf", id="a date"),
        pytest.param("cafe-deadbeef.jpg", id="a word"),
        pytest.param("3f2a9c1b.css", id="nothing before it"),
        pytest.param("app.3f2a9c.css", id="too short"),
        pytest.param("app.3F2A9C1B.css", id="capitals"),
        pytest.param("app.3f2a9c1b", id="no ending"),
        pytest.param("v.3f2a9c1b.d/app.css", id="in a directory's name"),
        pytest.param("app.3f2a9c1bxyz.css", id="more than digits"),
    ],
)
def test_other_names_are_asked_for_each_time(path: str) -> None:
    assert Freshness().cache_control(path) == "no-cache"


def test_a_manifest_s_files_are_kept_for_ever_whatever_they_are_called() -> None:
    freshness = Freshness(fingerprint=None, known=frozenset({"app.12345678.css"}))

    assert freshness.cache_control("app.12345678.css") == FOR_EVER
    assert freshness.cache_control("app.3f2a9c1b.css") == "no-cache"


def test_an_age_and_an_expression_of_one_s_own() -> None:
    freshness = Freshness(max_age=60, fingerprint=r"\.v[0-9]+\.", private=True)

    assert freshness.cache_control("app.css") == "private, max-age=60"
    assert freshness.cache_control("app.v7.css") == f"private, {FOR_EVER}"


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="from 0 on, not -1"):
        Freshness(max_age=-1)
    with pytest.raises(ValueError, match="is no regular expression"):
        Freshness(fingerprint="(")
