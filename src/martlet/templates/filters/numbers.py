"""Filters for numbers: conversion, rounding, sizes of files."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

from martlet.templates.errors import TemplateRuntimeError

__all__ = ["file_size", "file_size_format", "round_number", "to_float", "to_int"]

ROUNDINGS: Final[dict[str, Callable[[float], float]]] = {"ceil": math.ceil, "floor": math.floor}
DECIMAL_UNITS: Final = ("kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB")
BINARY_UNITS: Final = ("KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB")


def to_int(value: Any, default: int = 0, base: int = 10) -> int:
    """A whole number, or `default` for what is none. base: of digits in a text, with prefixes such as `0x` if it fits them.

    >>> to_int("42.7"), to_int("0x2a", base=16), to_int("many")
    (42, 42, 0)
    """
    try:
        return int(value, base) if isinstance(value, str) else int(value)
    except (TypeError, ValueError, OverflowError):
        pass
    try:
        return int(float(value))
    except (TypeError, ValueError, OverflowError):
        return default


def to_float(value: Any, default: float = 0.0) -> float:
    """A number, or `default` for what is none."""
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return default


def round_number(value: Any, precision: int = 0, method: str = "common") -> Any:
    """Rounded to so many digits behind the point.

    method: "common" (to the nearest, halves to the even digit), "ceil" (up) or "floor" (down).
    Raises TemplateRuntimeError for another one.

    >>> round_number(42.55), round_number(42.55, 1, "floor")
    (43.0, 42.5)
    """
    if method == "common":
        return round(value, precision)
    if method not in ROUNDINGS:
        raise TemplateRuntimeError(f"round knows the methods 'common', 'ceil' and 'floor', not {method!r}")
    scale = 10**precision
    return ROUNDINGS[method](value * scale) / scale


def file_size_format(value: Any, binary: bool = False) -> str:  # noqa: FBT001, FBT002 -- a template's
    """A size in bytes as people read it, in units of 1,000, or of 1,024 if binary.

    >>> file_size_format(1_500_000), file_size_format(1_500_000, True)
    ('1.5 MB', '1.4 MiB')
    """
    size = float(value)
    base = 1024 if binary else 1000
    if size == 1:
        return "1 Byte"
    if size < base:
        return f"{int(size) if math.isfinite(size) else size} Bytes"
    units = BINARY_UNITS if binary else DECIMAL_UNITS
    rank = next((rank for rank in range(1, len(units)) if size < base ** (rank + 1)), len(units))
    return f"{base * size / base ** (rank + 1):.1f} {units[rank - 1]}"


def file_size(value: Any, precision: int = 1, binary: bool = False) -> str:  # noqa: FBT001, FBT002 -- a template's
    """A size in bytes as people read it; a size that rounds up to the next unit is given in that unit.

    precision: digits behind the point. binary: in units of 1,024.

    >>> file_size(0), file_size(1), file_size(999_999), file_size(1536, binary=True)
    ('0 bytes', '1 byte', '1.0 MB', '1.5 KiB')
    """
    size = float(value)
    base = 1024 if binary else 1000
    if abs(size) < base:
        return f"{int(size)} byte{'' if abs(int(size)) == 1 else 's'}"
    units = BINARY_UNITS if binary else DECIMAL_UNITS
    rank = next((rank for rank in range(1, len(units)) if abs(round(size / base**rank, precision)) < base), len(units))
    return f"{size / base**rank:.{precision}f} {units[rank - 1]}"
