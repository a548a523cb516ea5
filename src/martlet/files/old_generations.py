"""What earlier builds made of files that have changed since or are gone; it stays for pages that are open still, until cleaned.

Not here: what a build makes (building.py).
"""

from __future__ import annotations

from collections.abc import Collection
from hashlib import sha256
from pathlib import Path

from martlet.files.building import COPIES, FINGERPRINTED
from martlet.files.roots import Root

__all__ = ["old_generations", "remove_old_generations"]


def old_generations(directory: str, present: Collection[str]) -> list[str]:
    """The paths of fingerprinted files that the last build did not make, and of their compressed copies, sorted.

    present: the fingerprinted files of the last build. Only what is named for its own content counts, so that no author's file
    is among them.
    """
    root = Root(directory)
    found = set(root.walk())
    old: set[str] = set()
    for path in found.difference(present):
        match = FINGERPRINTED.fullmatch(path)
        if match is not None and _digest(Path(root.path, path)).startswith(match["digest"]):
            old |= {path, *(path + suffix for suffix in COPIES if path + suffix in found)}
    return sorted(old)


def remove_old_generations(directory: str, paths: Collection[str]) -> None:
    """Delete what `old_generations` found; what is gone already is no failure. Raises OSError."""
    for path in paths:
        Path(Root(directory).path, path).unlink(missing_ok=True)


def _digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()
