"""Names with one value or several, in the order in which they came; it never changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar, overload

__all__ = ["MultiMapping"]

Value = TypeVar("Value")
Default = TypeVar("Default")


class MultiMapping(Generic[Value]):
    """What a query string and a form have in common: `mapping[name]` is the first value, `get_list` gives all of them."""

    __slots__ = ("_index", "_pairs")

    _pairs: tuple[tuple[str, Value], ...]
    _index: dict[str, list[Value]] | None  # made when somebody first asks for a name

    @overload
    def get(self, name: str) -> Value | None: ...
    @overload
    def get(self, name: str, default: Default) -> Value | Default: ...
    def get(self, name: str, default: object = None) -> object:
        """The first value of a name."""
        values = self._by_name().get(name)
        return default if values is None else values[0]

    def get_list(self, name: str) -> list[Value]:
        """All values of a name, in order; none is an empty list."""
        return self._by_name().get(name, []).copy()

    def all(self) -> dict[str, list[Value]]:
        """All values of all names."""
        return {name: values.copy() for name, values in self._by_name().items()}

    def items(self) -> tuple[tuple[str, Value], ...]:
        """Every pair in order, repeated names as often as they occur."""
        return self._pairs

    def keys(self) -> list[str]:
        """The distinct names in the order of their first occurrence; makes `dict(…)` work, with first values."""
        return list(self._by_name())

    def __getitem__(self, name: str) -> Value:
        return self._by_name()[name][0]

    def __contains__(self, name: object) -> bool:
        return name in self._by_name()

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name())

    def __len__(self) -> int:
        return len(self._by_name())

    def __eq__(self, other: object) -> bool:
        return self._pairs == other._pairs if isinstance(other, type(self)) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._pairs)

    def _by_name(self) -> dict[str, list[Value]]:
        if self._index is None:
            self._index = {}
            for name, value in self._pairs:
                self._index.setdefault(name, []).append(value)
        return self._index
