"""Where compiled code says that it is from: each line of the Python text is given its place in the template.

PERF: the places could be set in the syntax tree as well, before it is compiled. But to make the nodes of a tree, to walk them and
to read them again takes half of the time of compiling a page; the table of a code object takes a fifth of it.
Source: CPython's InternalDocs/code_objects.md, "Source code locations", the same for 3.11 to 3.14.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import CodeType
from typing import Final, TypeAlias

__all__ = ["Place", "relocated"]

Place: TypeAlias = tuple[int, int, int, int]  # a line from 1 and a column in bytes, and the line and the column of the end

_UNITS: Final = 8  # instructions that one entry of the table can stand for
_LONG_ENTRY: Final = 0xF0  # with all numbers of a place
_NO_PLACE: Final = 0xF8


def relocated(code: CodeType, places: Sequence[Place], shown: Mapping[str, str]) -> CodeType:
    """The code, and that of the functions in it, with these places for its lines. shown: other names for functions."""
    first = places[code.co_firstlineno - 1][0]
    table, before = bytearray(), first
    for line, units in _runs(code):
        if line is None:
            _add(table, _NO_PLACE, units, b"", b"")
            continue
        start, column, end, end_column = places[max(line, 1) - 1]  # a module begins on line 0
        rest = _number(end - start) + _number(column + 1) + _number(end_column + 1)
        _add(table, _LONG_ENTRY, units, _signed(start - before) + rest, _signed(0) + rest)
        before = start
    constants = tuple([relocated(part, places, shown) if isinstance(part, CodeType) else part for part in code.co_consts])
    name = shown.get(code.co_name, code.co_name)
    return code.replace(co_consts=constants, co_name=name, co_qualname=name, co_firstlineno=first, co_linetable=bytes(table))


def _runs(code: CodeType) -> Iterator[tuple[int | None, int]]:
    """Each line as often as the instructions come to it, and how many units of code they are."""
    run: int | None = None
    units = 0
    for start, end, line in code.co_lines():
        if line != run:
            if units:
                yield run, units
            run, units = line, 0
        units += (end - start) // 2
    yield run, units


def _add(table: bytearray, kind: int, units: int, numbers: bytes, following: bytes) -> None:
    """Add the entries of a run. numbers: of the first; following: of those behind it, which begin on the same line."""
    while units > 0:
        table.append(kind | min(units, _UNITS) - 1)
        table += numbers
        numbers = following
        units -= _UNITS


def _number(value: int) -> bytes:
    """Six bits a byte, the lowest first; all but the last are marked."""
    found = bytearray()
    while value > 63:
        found.append(value & 63 | 64)
        value >>= 6
    found.append(value)
    return bytes(found)


def _signed(value: int) -> bytes:
    return _number(-value << 1 | 1 if value < 0 else value << 1)
