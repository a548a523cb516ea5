"""Python source that is built line by line, compiled once per shape, and given its constants when it is built."""

from __future__ import annotations

import hashlib
import linecache
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from types import CodeType
from typing import Any


class Code:
    """The source of one function named `endpoint`, inside a factory that takes its constants.

    Values stand in the source by the names of constants, so two functions of one shape have the same source.

    >>> code = Code()
    >>> code.open("def endpoint():")
    >>> code.line(f"return {code.constant('swift')}")
    >>> print(code.source)
    def make(c0):
        def endpoint():
            return c0
        return endpoint
    <BLANKLINE>
    >>> code.build({})()
    'swift'
    """

    def __init__(self) -> None:
        """Begin inside the factory."""
        self.constants: dict[str, Any] = {}
        self._lines: list[str] = []
        self._depth = 1

    def line(self, text: str) -> None:
        """Add a line at the present depth."""
        self._lines.append("    " * self._depth + text)

    def lines(self, texts: Iterable[str]) -> None:
        """Add several lines at the present depth; deeper ones bring their own blanks."""
        for text in texts:
            self.line(text)

    def open(self, opening: str) -> None:
        """Add a line that opens a block, and go into it."""
        self.line(opening)
        self._depth += 1

    def close(self, blocks: int = 1) -> None:
        """Leave blocks."""
        self._depth -= blocks

    @property
    def depth(self) -> int:
        """How many blocks are open."""
        return self._depth

    @property
    def place(self) -> tuple[int, int]:
        """Where the next line comes: its number, and its depth."""
        return len(self._lines), self._depth

    def insert(self, place: tuple[int, int], texts: Iterable[str]) -> None:
        """Add lines at a place that was passed before."""
        number, depth = place
        self._lines[number:number] = ["    " * depth + text for text in texts]

    def mentions(self, name: str) -> bool:
        """Whether a line names this, or might."""
        return any(name in line for line in self._lines)

    def replace(self, stand_in: str, text: str) -> None:
        """Write in all lines what was not known when they were added."""
        self._lines = [line.replace(stand_in, text) for line in self._lines]

    def constant(self, value: object) -> str:
        """Give the name of a constant with this very value."""
        for name, known in self.constants.items():
            if known is value:
                return name
        name = f"c{len(self.constants)}"
        self.constants[name] = value
        return name

    @property
    def source(self) -> str:
        """The whole source."""
        return "\n".join([f"def make({', '.join(self.constants)}):", *self._lines, "    return endpoint", ""])

    def build(self, environment: Mapping[str, Any]) -> Callable[..., Any]:
        """Compile and give the function; `environment` is what every function of this kind may name."""
        namespace = dict(environment)
        exec(_compiled(self.source), namespace)  # noqa: S102  our own text; what users wrote is in it as constants only
        function: Callable[..., Any] = namespace["make"](*self.constants.values())
        return function


@lru_cache(maxsize=4_096)
def _compiled(source: str) -> CodeType:
    """Compile once per shape; ten thousand routes have some dozens of shapes. Tracebacks find the source by its name."""
    name = f"<endpoint {hashlib.blake2s(source.encode(), digest_size=4).hexdigest()}>"
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    return compile(source, name, "exec")
