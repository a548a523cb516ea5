"""What a template that is not trusted may reach and do.

One guard for every way to an attribute or item that a template can choose (`a.b`, `a[b]`, `attr`, `map(attribute=)`, `format`):
`get_attribute` and `get_item` of a Guard, which a sandboxed engine uses as its own. Names that begin with an underscore are
refused, as is whatever leads to frames and code; methods of texts that can make a long text of a short one are checked first.

What is counted while a page runs stands in budgets.py. What the application's own values do, in time and memory, is not bounded.
"""

from __future__ import annotations

import operator
from collections import deque
from collections.abc import Callable, Mapping, MutableMapping, MutableSequence, MutableSet
from dataclasses import dataclass
from inspect import getattr_static
from types import AsyncGeneratorType, CodeType, CoroutineType, FrameType, GeneratorType, GenericAlias, TracebackType
from typing import Any, Final, TypeVar

from martlet.templates.errors import BudgetError, SecurityError
from martlet.templates.runtime.bounds import check_operands, check_printable
from martlet.templates.runtime.text_methods import guarded_method
from martlet.templates.runtime.undefined import MISSING, Undefined

__all__ = ["Guard", "RangeBudgetError", "Sandbox", "is_safe_attribute", "is_safe_callable", "unsafe"]

F = TypeVar("F")

# Of these nothing may be read, and of those nothing that begins so.
CLOSED_TYPES: Final = (CodeType, FrameType, TracebackType)
CLOSED_PREFIXES: Final = ((GeneratorType, "gi_"), (CoroutineType, "cr_"), (AsyncGeneratorType, "ag_"))
CHANGING_METHODS: Final[tuple[tuple[type, frozenset[str]], ...]] = (
    (
        MutableSet,
        frozenset(
            "add clear difference_update discard intersection_update pop remove symmetric_difference_update update".split()  # noqa: SIM905 -- words
        ),
    ),
    (MutableMapping, frozenset(("clear", "move_to_end", "pop", "popitem", "setdefault", "update"))),
    (
        deque,
        frozenset("append appendleft clear extend extendleft insert pop popleft remove reverse rotate".split()),  # noqa: SIM905 -- the same
    ),
    (MutableSequence, frozenset(("append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort"))),
)
COMPARING_METHODS: Final = frozenset(("count", "index", "remove", "sort"))
BINARY: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": lambda left, right: left / right,
    "//": lambda left, right: left // right,
    "%": operator.mod,
    "**": lambda left, right: left**right,
}
UNARY: Final[dict[str, Callable[[Any], Any]]] = {"+": operator.pos, "-": operator.neg}


def unsafe(thing: F) -> F:
    """Mark a function or method that no sandboxed template may call, or a class of whose objects it may read nothing.

    >>> @unsafe
    ... def delete(): ...
    >>> is_safe_callable(delete)
    False
    """
    thing.unsafe_callable = True  # type: ignore[attr-defined]
    if isinstance(thing, type):
        thing.unsafe_attributes = True  # type: ignore[attr-defined]
    return thing


def is_safe_attribute(obj: object, name: str, *, immutable: bool = False) -> bool:
    """Whether a template may read this attribute. immutable: not if it is a method that changes a list, dict, set or deque.

    >>> is_safe_attribute("", "upper"), is_safe_attribute("", "__class__"), is_safe_attribute(str, "mro")
    (True, False, False)
    """
    if name.startswith("_") or isinstance(obj, CLOSED_TYPES) or getattr_static(type(obj), "unsafe_attributes", None):
        return False
    if isinstance(obj, type | GenericAlias):
        return name != "mro"
    if any(isinstance(obj, kind) and name.startswith(prefix) for kind, prefix in CLOSED_PREFIXES):
        return False
    return not (immutable and any(isinstance(obj, kind) and name in names for kind, names in CHANGING_METHODS))


def is_safe_callable(obj: Any) -> bool:
    """Whether a template may call this: anything that is not marked by `unsafe`, nor by Django's `alters_data`."""
    if isinstance(obj, Undefined):
        return True  # its call says what it is
    return not (getattr(obj, "unsafe_callable", False) or getattr(obj, "alters_data", False))


class RangeBudgetError(BudgetError, OverflowError):
    """A sandboxed template asked for too long a range."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sandbox:
    """What templates that are not trusted may do; a subclass may decide otherwise by its methods.

    immutable: lists, dicts, sets and deques cannot be changed. iterations: of all loops of a page together.
    output_characters: of a page, and of any text made on the way.
    recursion: macros, recursive loops and included templates within one another.
    range_items: of one range, and of any list that an operator or a filter makes.
    integer_bits: of a number that an operator makes.
    """

    immutable: bool = False
    iterations: int = 1_000_000
    output_characters: int = 10_000_000
    recursion: int = 100
    range_items: int = 100_000
    integer_bits: int = 65_536

    def is_safe_attribute(self, obj: Any, name: str, value: Any) -> bool:
        """Whether this attribute, which has this value, may be read."""
        return is_safe_attribute(obj, name, immutable=self.immutable) and not (
            callable(value) and not self.is_safe_callable(value)
        )

    def is_safe_callable(self, obj: Any) -> bool:
        """Whether this may be called."""
        return is_safe_callable(obj)

    def binary(self, symbol: str, left: Any, right: Any) -> Any:
        """`left symbol right`. Raises BudgetError if the result would be too long or too large."""
        check_operands(self, symbol, left, right)
        return BINARY[symbol](left, right)

    def unary(self, symbol: str, operand: Any) -> Any:
        """`symbol operand`."""
        return UNARY[symbol](operand)

    def range(self, *args: int) -> range:
        """As Python's. Raises BudgetError beyond `range_items`."""
        # In a class body the name is not yet this method's, but in here it is the built-in again.
        made = range(*args)
        try:
            length = len(made)
        except OverflowError:
            length = self.range_items + 1
        if length > self.range_items:
            raise RangeBudgetError(f"a range may have {self.range_items} items at most in a sandboxed template")
        return made


class Guard:
    """A policy applied: what a sandboxed engine looks attributes and items up with, and asks before a call."""

    def __init__(self, policy: Sandbox, undefined: type[Undefined] = Undefined) -> None:
        self.policy = policy
        self.undefined = undefined

    def get_attribute(self, obj: Any, name: str, /) -> Any:
        """`obj.name`, else `obj[name]`, else an undefined value; one whose use raises SecurityError if it is not allowed."""
        name = str.__str__(name)
        if name.startswith("_"):
            return self._underscored(obj, name)
        value = getattr(obj, name, MISSING)
        if value is not MISSING:
            return self._allowed(obj, name, value)
        try:
            return obj[name]
        except (TypeError, LookupError, AttributeError):
            return self.undefined(obj=obj, name=name)

    def get_item(self, obj: Any, key: Any, /) -> Any:
        """`obj[key]`, else `obj.key`, else an undefined value; likewise."""
        try:
            if not isinstance(key, str | int):
                self.printable(key)
            return obj[key]
        except (TypeError, LookupError, AttributeError):
            pass
        if not isinstance(key, str):
            return self.undefined(obj=obj, name=key)
        name = str.__str__(key)
        if name.startswith("_"):
            return self._underscored(obj, name)
        value = getattr(obj, name, MISSING)
        return self.undefined(obj=obj, name=key) if value is MISSING else self._allowed(obj, name, value)

    def printable(self, value: Any) -> Any:
        """The value. Raises BudgetError if its text would be too long; then it also takes too long to compare or to hash."""
        return check_printable(self.policy, value)

    def check_call(self, function: Any, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None) -> None:
        """Raise SecurityError if this may not be called, or is given something to call that may not be.

        Raises BudgetError if it would compare or print too much.
        """
        for value in (function, *args, *(kwargs or {}).values()):
            if callable(value) and not self.policy.is_safe_callable(value):
                raise SecurityError(f"{value!r:.100} may not be called by a sandboxed template")
            self.printable(value)
        if getattr(function, "__name__", None) in COMPARING_METHODS:
            self.printable(getattr(function, "__self__", None))

    def _underscored(self, obj: Any, name: str) -> Any:
        """What begins with an underscore is an item or nothing; no property is run to find out."""
        if isinstance(obj, Undefined):
            return getattr(obj, name) if name[:2] != "__" else self._of_undefined(obj, name)
        if getattr_static(obj, name, MISSING) is MISSING:
            try:
                return obj[name]
            except (TypeError, LookupError, AttributeError):
                pass
        return self._refused(obj, name)

    def _of_undefined(self, obj: Undefined, name: str) -> Any:
        return obj[name] if getattr_static(obj, name, MISSING) is MISSING else self._refused(obj, name)

    def _allowed(self, obj: Any, name: str, value: Any) -> Any:
        if not self.policy.is_safe_attribute(obj, name, value):
            return self._refused(obj, name)
        return guarded_method(self, obj, name, value)

    def _refused(self, obj: Any, name: str) -> Undefined:
        kind = type(obj).__name__
        return self.undefined(f"access to attribute {name!r} of {kind!r} object is unsafe.", obj, name, SecurityError)
