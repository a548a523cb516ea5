"""Blocks as values: `super` and `self`, where more is done with them than printing what they give."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from martlet.templates.runtime.undefined import Undefined

__all__ = ["BlockValue", "BlocksOfPage", "block_value"]

Capture = Callable[[Callable[..., Any]], Any]  # runs a function of the page, gives what it writes


class BlockValue:
    """One definition of a block and those above it: called, it gives its output; `super` is the next one above."""

    __slots__ = ("_capture", "_functions", "_name", "_undefined")

    def __init__(self, name: str, functions: Sequence[Callable[..., Any]], capture: Capture, undefined: type[Undefined]) -> None:
        self._name = name
        self._functions = functions
        self._capture = capture
        self._undefined = undefined

    def __call__(self) -> Any:
        """What the block writes, or a coroutine that gives it."""
        return self._capture(self._functions[0])

    @property
    def super(self) -> BlockValue | Undefined:
        """The definition above this one."""
        return block_value(self._name, self._functions[1:], self._capture, self._undefined)


def block_value(
    name: str, functions: Sequence[Callable[..., Any]], capture: Capture, undefined: type[Undefined]
) -> BlockValue | Undefined:
    """The first of these definitions, or an undefined value if there is none."""
    if not functions:
        return undefined(f"there is no parent block called {name!r}.", name="super")
    return BlockValue(name, functions, capture, undefined)


class BlocksOfPage:
    """`self`: each block of the page as an attribute."""

    __slots__ = ("_blocks", "_capture", "_undefined")

    def __init__(self, blocks: Mapping[str, Callable[..., Any]], capture: Capture, undefined: type[Undefined]) -> None:
        self._blocks = blocks
        self._capture = capture
        self._undefined = undefined

    def __getitem__(self, name: str) -> BlockValue | Undefined:
        if name not in self._blocks:
            raise KeyError(name)
        return block_value(name, [self._blocks[name]], self._capture, self._undefined)

    def __getattr__(self, name: str) -> BlockValue | Undefined:
        if name not in self._blocks:
            raise AttributeError(name)
        return self[name]
