"""File names as Falcon makes them safe: ours keeps more of a name, and none of its folders."""

from __future__ import annotations

from typing import Any

from martlet.http import safe_filename
from tests.rows import each
from tests.shared_cases import conformance

CASES = [
    case
    for table in ("falcon_secure_filename", "falcon_secure_filename_win")
    for case in conformance(f"http/static_traversal/{table}.json")["cases"]
]

# By the name: what ours makes of it, and why.
OTHERWISE = {
    ".": ("", "nothing is left of it, which an application has to see"),
    "..": ("", "the same"),
    "Ąžuolai žaliuos.jpeg": ("Ąžuolai žaliuos.jpeg", "letters of any script stay; file systems take them"),
    "/etc/shadow": ("shadow", "folders are taken off, not joined to the name"),
    "C:\\Windows\\kernel32.dll": ("kernel32.dll", "the same"),
    ". ⬅ a dot": ("⬅ a dot", "blanks and signs inside a name stay, and those before it go"),
    ".emacs.d/init.el": ("init.el", "folders are taken off"),
    "~/.emacs.d/init.el": ("init.el", "the same"),
}


@each("case", CASES, ids=lambda case: f"{case['filename']} {case['max_length']}", count=25)
def test_a_name_is_made_safe(case: dict[str, Any]) -> None:
    """25 rows; 12 of them shorten to a length that the caller names, where ours is fixed at what file systems take."""
    name = safe_filename(case["filename"])

    unshortened = case["expected"] if case["max_length"] is None else name
    assert name == OTHERWISE.get(case["filename"], (unshortened, ""))[0]
    assert not set(name) & set('/\\:*?"<>|\0')
    assert not name.startswith(".")
    assert safe_filename(name) == name


def test_the_tables_are_whole_and_every_exception_is_in_them() -> None:
    assert len(CASES) == 25
    assert OTHERWISE.keys() <= {case["filename"] for case in CASES}
