"""Whoever reads the pages has met every name that an application may import from `martlet`, and can install it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import martlet
from tests.rows import each

REPOSITORY = Path(__file__).parents[2]
PAGES = [REPOSITORY / "README.md", *(REPOSITORY / "docs").rglob("*.md")]
WORDS = frozenset(re.findall(r"\w+", "\n".join(page.read_text(encoding="utf-8") for page in PAGES)))


@each("name", martlet.__all__)
def test_a_public_name_stands_in_some_page(name: str) -> None:
    assert name in WORDS


def test_the_readme_installs_an_extra_that_there_is() -> None:
    extras = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    named = re.findall(r"pip install '\.\[(\w+)\]'", (REPOSITORY / "README.md").read_text(encoding="utf-8"))

    assert named
    assert set(named) <= set(extras)
