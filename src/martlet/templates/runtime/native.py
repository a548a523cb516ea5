"""What a native template gives: one value as it is, several as a text that is read as a Python literal where it is one."""

from __future__ import annotations

from ast import literal_eval, parse
from collections.abc import Sequence
from typing import Any

__all__ = ["native_value"]


def native_value(pieces: Sequence[Any], longest: int | None = None) -> Any:
    """One value from all that a template wrote. longest: a text of more characters is not read, for that takes much memory.

    >>> native_value(["[1, ", 2, "]"]), native_value([object]), native_value([]), native_value(["a ", 1])
    ([1, 2], <class 'object'>, None, 'a 1')
    """
    if not pieces:
        return None
    if len(pieces) == 1 and not isinstance(pieces[0], str):
        return pieces[0]
    text = "".join(map(str, pieces))
    if longest is not None and len(text) > longest:
        return text
    try:
        # A literal must begin at once: Python 3.10 and later would strip blanks before it.
        return literal_eval(parse(text, mode="eval"))
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return text
