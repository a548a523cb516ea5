"""Whoever reads the pages has met every name that an application may import from `martlet`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import martlet

REPOSITORY = Path(__file__).parents[2]
PAGES = [REPOSITORY / "README.md", *(REPOSITORY / "docs").rglob("*.md")]
WORDS = frozenset(re.findall(r"\w+", "\n".join(page.read_text(encoding="utf-8") for page in PAGES)))


@pytest.mark.parametrize("name", martlet.__all__)
def test_a_public_name_stands_in_some_page(name: str) -> None:
    assert name in WORDS
