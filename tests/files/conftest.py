"""Directories of files for the tests of this room."""

from __future__ import annotations

from pathlib import Path

import pytest

from martlet.files import roots

SECRET = "the secret of the house"


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A root `assets` with files, and secrets wherever a way out of it could lead."""
    root = tmp_path / "srv" / "www" / "assets"
    for name in ("css/app.css", "app.js", "LICENSE", ".well-known/security.txt"):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"public {name}")
    for folder in (root / "..", root / "../..", root / "../../..", root / "../assets-private", root / "../assets.bak"):
        for name in ("secret.txt", "etc/passwd", "etc/issue", "boot.ini", "windows/system32/drivers/etc/hosts"):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(SECRET)
    for name in (".env", ".git/config", "css/.secret"):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(SECRET)
    return root


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let files that were made just now be remembered."""
    monkeypatch.setattr(roots, "SETTLING_NS", 0)
