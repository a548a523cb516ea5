"""Conformance tables recorded from other projects, which live beside the repository and may be absent."""

import json
from pathlib import Path
from typing import Any

import pytest

CONFORMANCE = Path(__file__).parents[2] / "shared" / "conformance"


def conformance_file(name: str) -> Path:
    """Where the table or folder `name` lies; skips the asking test module when the tables are absent."""
    if not CONFORMANCE.is_dir():
        pytest.skip(f"../shared is absent: no conformance tables, so no {name}", allow_module_level=True)
    return CONFORMANCE / name


def conformance(name: str) -> Any:
    """The JSON of one table, as in `conformance("http/accept/negotiator.json")`."""
    return json.loads(conformance_file(name).read_text(encoding="utf-8"))
