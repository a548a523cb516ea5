"""The names that a macro's parameters have in code: none meets a name of ours, and no two are one to Python."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["argument_names", "other_name", "parameter_name"]


def parameter_name(name: str) -> str:
    """The parameter's name in code. Python takes some letters for one another, so those beyond ASCII are written as numbers.

    >>> parameter_name("label"), parameter_name("é")
    ('v_label', 'u_c3a9')
    """
    return f"v_{name}" if name.isascii() else f"u_{name.encode().hex()}"


def other_name(name: str) -> str:
    """The name in code of a keyword that no parameter takes, though one has its name: its place in the call filled that one."""
    return "k" + parameter_name(name)


def argument_names(given: Mapping[str, Any]) -> dict[str, Any]:
    """Keyword arguments under the names that they have in the template.

    >>> argument_names({"v_label": 1, "u_c3a9": 2, other_name("class"): 3})
    {'label': 1, 'é': 2, 'class': 3}
    """
    keys = ((key.removeprefix("k"), value) for key, value in given.items())
    return {key[2:] if key.startswith("v_") else bytes.fromhex(key[2:]).decode(): value for key, value in keys}
