"""Write Python source line by line, keep the values it names, and compile it.

A user's text goes into the source as a constant only, by `repr`; targets, tables and functions go in by name.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import CodeType
from typing import Any

from martlet.routing.routes import Route

INDENT = "    "


@dataclass(frozen=True, slots=True)
class Value:
    """The value of one route, by which it answers: its target, or itself."""

    route: Route[Any]


@dataclass(frozen=True, slots=True)
class Table:
    """Keys to routes, of which the source names the dict's `get`."""

    routes: Mapping[Any, Route[Any]]
    entry: Callable[[Any, Route[Any]], Any]
    """What stands in the table for a route: made from its value and itself."""


@dataclass(slots=True)
class Emitter:
    """Lines of source, and the constants they name."""

    lines: list[str] = field(default_factory=list[str])
    constants: dict[str, Any] = field(default_factory=dict[str, Any])
    depth: int = 0
    _shared: dict[str, str] = field(default_factory=dict[str, str])
    _code: CodeType | None = None

    def line(self, text: str) -> None:
        """One line at the present depth."""
        self.lines.append(INDENT * self.depth + text)

    def note(self, text: str) -> None:
        """A comment; in ASCII and on one line, so that it stays one."""
        self.line(f"# {ascii(text)[1:-1]}")

    @contextmanager
    def block(self, opening: str) -> Generator[None]:
        """A line that ends in a colon, and what is written meanwhile below it."""
        self.line(f"{opening}:")
        self.depth += 1
        yield
        self.depth -= 1

    @contextmanager
    def conditional(self, conditions: Sequence[str]) -> Generator[None]:
        """What is written meanwhile, below an `if` with all these conditions; without one where there are none."""
        if conditions:
            with self.block(f"if {' and '.join(conditions)}"):
                yield
        else:
            yield

    def constant(self, kind: str, value: Any) -> str:
        """A name for a value, as `table_3`."""
        name = f"{kind}_{len(self.constants)}"
        self.constants[name] = value
        return name

    def shared(self, key: str, kind: str, value: Any) -> str:
        """A name for a value that is made once for a key."""
        if key not in self._shared:
            self._shared[key] = self.constant(kind, value)
        return self._shared[key]

    @property
    def source(self) -> str:
        """All lines."""
        return "\n".join(self.lines) + "\n"

    def bind(self, name: str, value_of: Callable[[Route[Any]], Any]) -> Any:
        """Run the source with constants made for these values of routes, and give what it defined under a name."""
        if self._code is None:
            self._code = compile(self.source, "<routes>", "exec")
        namespace: dict[str, Any] = {constant: bound(value, value_of) for constant, value in self.constants.items()}
        exec(self._code, namespace)  # noqa: S102  # the source is our own: users' texts are constants in it
        return namespace[name]


def bound(constant: Any, value_of: Callable[[Route[Any]], Any]) -> Any:
    """A constant as the code finds it: tables as the `get` of a dict, routes as their values, all else as it is."""
    match constant:
        case Value(route):
            return value_of(route)
        case Table(routes, entry):
            return {key: entry(value_of(route), route) for key, route in routes.items()}.get
        case _:
            return constant
