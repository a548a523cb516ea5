"""What a function does, in the same words in every process: by this the code cache knows a tag that was changed."""

from __future__ import annotations

import os
import sys
from functools import partial
from types import CodeType
from typing import Any, cast

__all__ = ["described"]


def described(function: Any) -> str:
    """Where a function is from, what it is compiled to, what it is bound to, and the version of its file.

    What it calls in another file is not looked at.
    """
    if isinstance(function, partial):
        bound = cast("partial[Any]", function)
        return repr((described(bound.func), [_value(value) for value in bound.args], sorted(map(repr, bound.keywords.items()))))
    kind: type[object] = type(cast("object", function))
    plain: Any = function if hasattr(function, "__qualname__") else kind
    code = getattr(function, "__code__", None) or getattr(getattr(plain, "__call__", None), "__code__", None)  # noqa: B004 -- its code
    cells = [_value(cell.cell_contents) for cell in getattr(function, "__closure__", None) or ()]
    defaults = [_value(value) for value in getattr(function, "__defaults__", None) or ()]
    where = getattr(plain, "__module__", ""), getattr(plain, "__qualname__", "")
    return repr((where, _code(code) if isinstance(code, CodeType) else "", cells, defaults, _file(where[0])))


def _code(code: CodeType) -> Any:
    constants = [_code(part) if isinstance(part, CodeType) else repr(part) for part in code.co_consts]
    return code.co_code.hex(), code.co_names, code.co_varnames, constants


def _value(value: Any) -> str:
    """An object is only what class it is of: its address is another in each process."""
    if hasattr(value, "__code__"):
        return described(value)
    return (
        repr(value)
        if isinstance(value, (str, bytes, int, float, type(None)))
        else f"{type(value).__module__}.{type(value).__qualname__}"
    )


def _file(module: str | None) -> tuple[int, int]:
    try:
        status = os.stat(getattr(sys.modules.get(module or ""), "__file__", None) or "")  # noqa: PTH116 -- a Path would be made for nothing
    except OSError:
        return 0, 0
    return status.st_size, status.st_mtime_ns
