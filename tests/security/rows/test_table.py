"""The table of docs/security.md: every mistake is there once, and every test that it names exists, and is one of its row."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent
PAGE = (HERE.parents[2] / "docs" / "security.md").read_text("utf-8")
COUNT = 80  # mistakes that were gathered
ROW = re.compile(r"^\| ([0-9]+) \| (.+) \| (.+) \| (.+) \|$", re.MULTILINE)
IDENTIFIER = re.compile(r"CVE-[0-9]+-[0-9]+|GHSA(?:-[a-z0-9]{4}){3}|PYSEC-[0-9-]+")

ROWS = {int(number): (ids, re.findall(r"`(test_\w+)`", tests)) for number, _, ids, tests in ROW.findall(PAGE)}
SOURCES = {path: path.read_text("utf-8") for path in HERE.glob("test_*.py") if path != Path(__file__)}
TESTS = {name for source in SOURCES.values() for name in re.findall(r"^(?:async )?def (test_row_\w+)", source, re.MULTILINE)}


def test_every_mistake_is_in_the_table_once() -> None:
    assert len(ROW.findall(PAGE)) == COUNT
    assert list(ROWS) == list(range(1, COUNT + 1))


def test_every_test_of_the_table_exists_and_every_test_is_in_the_table() -> None:
    named = [name for _, names in ROWS.values() for name in names]

    assert sorted(named) == sorted(TESTS)
    assert [number for number, (_, names) in ROWS.items() if not names] == []


def test_a_test_has_the_number_of_its_row() -> None:
    wrong = [name for number, (_, names) in ROWS.items() for name in names if not name.startswith(f"test_row_{number}_")]

    assert wrong == []


def test_tests_quote_the_identifiers_of_the_table_and_no_others() -> None:
    quoted = {found for source in SOURCES.values() for found in IDENTIFIER.findall(source)}

    assert quoted <= set(IDENTIFIER.findall(PAGE))
