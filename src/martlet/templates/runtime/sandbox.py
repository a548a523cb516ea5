"""What a template that is not trusted may reach and do.

One guard for every way to an attribute or item that a template can choose (`a.b`, `a[b]`, `attr`, `map(attribute=)`, `format`):
`get_attribute` and `get_item` of a Guard, which a sandboxed engine uses as its own. Names that begin with an underscore are
refused, as is whatever leads to frames and code; methods of texts that can make a long text of a short one are checked first.

What is counted while a page runs stands in budgets.py, how much it is in weights.py. What the application's own values and
functions do, in time and memory, is not bounded.
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
from martlet.templates.runtime.bounds import check_operands
from martlet.templates.runtime.budgets import hold, spend
from martlet.templates.runtime.text_methods import guarded_method
from martlet.templates.runtime.undefined import MISSING, Undefined
from martlet.templates.runtime.weights import CONTAINERS, PER_ITERATION, SLOT, check_items, check_printable, items_in, made

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
WIDEST_RANGE: Final = 1 << 60  # beyond it are numbers of which many have the same hash
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

    immutable: lists, dicts, sets and deques cannot be changed; if they can, so can those that the application passes.
    iterations: of a page together: each item of a loop or a filter and each call is one, a large body or long value more.
    made_bytes: of all values that a page makes, whether they are kept or not.
    output_characters: of a page, and of any text made on the way.
    recursion: macros, recursive loops and included templates within one another; lists too.
    range_items: of one range, and of any list that an operator, a filter or a method of a text makes.
    integer_bits: of a number that an operator takes or makes.
    """

    immutable: bool = True
    iterations: int = 1_000_000
    made_bytes: int = 100_000_000
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
        return made(self, BINARY[symbol](left, right))

    def unary(self, symbol: str, operand: Any) -> Any:
        """`symbol operand`."""
        return UNARY[symbol](operand)

    def range(self, *args: int) -> range:
        """As Python's. Raises BudgetError beyond `range_items`."""
        # In a class body the name is not yet this method's, but in here it is the built-in again.
        found = range(*args)
        try:
            length = len(found)
        except OverflowError:
            length = self.range_items + 1
        if length > self.range_items:
            raise RangeBudgetError(f"a range may have {self.range_items} items at most in a sandboxed template")
        if max(map(abs, args)) > WIDEST_RANGE:
            raise RangeBudgetError("a range may go to 2 ** 60 at most in a sandboxed template")
        return found


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
            if isinstance(key, slice):
                return made(self.policy, obj[key])
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

        Counts the call and what it goes through. Raises BudgetError if it would compare or print too much.
        """
        given = (*args, *kwargs.values()) if kwargs else args
        spend(1 + len(given))
        for value in (function, *given):
            if callable(value) and not self.policy.is_safe_callable(value):
                raise SecurityError(f"{value!r:.100} may not be called by a sandboxed template")
            self.printable(value)
        owner = getattr(function, "__self__", None)
        if isinstance(owner, CONTAINERS):
            self._count_method(owner, getattr(function, "__name__", ""), given)

    def made(self, value: Any) -> Any:
        """The value, which an operation has made, counted. Raises BudgetError if it is more than one value may be."""
        return made(self.policy, value)

    def _count_method(self, owner: Any, name: str, given: tuple[Any, ...]) -> None:
        """A method of a list or its like: the work on all its items, and the memory that it takes when it grows."""
        if name in COMPARING_METHODS:
            self.printable(owner)
            if any(map(callable, given)):
                raise SecurityError(f"{name!r} may be given no function by a sandboxed template")
        spend(len(owner) // PER_ITERATION)
        if any(name in names for _, names in CHANGING_METHODS):
            items = sum(max(1, items_in(value)) for value in given)
            check_items(self.policy, len(owner) + items)
            hold(2 * SLOT * items)

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
