"""Names in code of what a template names."""

from __future__ import annotations

import keyword

__all__ = ["bound_name", "is_python_name"]


def is_python_name(name: str) -> bool:
    """Whether Python can read this as a name."""
    return name.isascii() and name.isidentifier() and not keyword.iskeyword(name)


def bound_name(kind: str, name: str) -> str:
    """The name in code of a filter or a test."""
    return f"{kind}_{name}" if name.isascii() and name.isidentifier() else f"{kind}_x{name.encode().hex()}"
