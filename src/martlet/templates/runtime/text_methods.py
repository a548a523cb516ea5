"""Methods of texts as a sandboxed template has them: those that can make a long text look first, and `format` has no way out.

`"{0.__class__}".format(x)` would read attributes past any guard, so that each field is looked up by the guard. The methods are
wrapped where they are read, for then it does not matter who calls them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from string import Formatter
from typing import Any, Final, Protocol, cast

from markupsafe import EscapeFormatter, Markup

from martlet.templates.runtime.bounds import (
    LONG_NUMBER,
    TEXTS,
    Bounds,
    check_joined,
    check_length,
    check_printable,
    check_replacement,
)

__all__ = ["Lookups", "guarded_method"]

GUARDED_TYPES: Final = (*TEXTS, int)
FIELD: Final = re.compile(r"([^.\[]*)((?:\.[^.\[]+|\[[^\]]+\])*)")
FIELD_STEP: Final = re.compile(r"\.([^.\[]+)|\[([^\]]+)\]")


class Lookups(Protocol):
    """The guard, as far as it is needed here."""

    @property
    def policy(self) -> Bounds:
        """The bounds."""
        ...

    def get_attribute(self, obj: Any, name: str, /) -> Any:
        """`obj.name`."""
        ...

    def get_item(self, obj: Any, key: Any, /) -> Any:
        """`obj[key]`."""
        ...


def guarded_method(guard: Lookups, obj: Any, name: str, value: Any) -> Any:
    """The attribute's value; if it is a method by which a text can grow or be read through, one that looks first."""
    check = _CHECKS.get(name)
    if check is None or not callable(value):
        return value
    if isinstance(obj, GUARDED_TYPES):
        return check(guard, obj, value)
    if isinstance(obj, type) and issubclass(obj, GUARDED_TYPES):
        # `str.format`, unbound: the text is the first argument.
        def unbound(text: Any, /, *args: Any, **kwargs: Any) -> Any:
            return guard.get_attribute(text, name)(*args, **kwargs)

        return unbound
    return value


Check = Callable[[Lookups, Any, Callable[..., Any]], Callable[..., Any]]


def _padded(guard: Lookups, _text: Any, method: Callable[..., Any]) -> Callable[..., Any]:
    """center, ljust, rjust, zfill: the first argument is the length."""

    @wraps(method)
    def pad(width: Any, *args: Any) -> Any:
        check_length(guard.policy, width)
        return method(width, *args)

    return pad


def _as_bytes(guard: Lookups, _number: Any, method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def to_bytes(length: Any = 1, byteorder: str = "big", *, signed: bool = False) -> Any:
        check_length(guard.policy, length)
        return method(length, byteorder, signed=signed)

    return to_bytes


def _tabbed(guard: Lookups, text: Any, method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def expand(tabsize: Any = 8) -> Any:
        check_length(guard.policy, len(text) + text.count("\t" if isinstance(text, str) else b"\t") * tabsize)
        return method(tabsize)

    return expand


def _replaced(guard: Lookups, text: Any, method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def replace(old: Any, new: Any, count: Any = -1, /) -> Any:
        check_replacement(guard.policy, text, old, new, count)
        return method(old, new, count)

    return replace


def _joined(guard: Lookups, text: Any, method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def join(items: Iterable[Any], /) -> Any:
        return method(check_joined(guard.policy, text, items))

    return join


def _translated(guard: Lookups, text: Any, method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def translate(table: Any, /, *args: Any) -> Any:
        values = cast("Iterable[Any]", table.values() if isinstance(table, Mapping) else table)
        longest = max([1, *(len(value) for value in values if isinstance(value, TEXTS))])
        check_length(guard.policy, len(text) * longest)
        return method(table, *args)

    return translate


def _formatted(guard: Lookups, text: Any, method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def format(*args: Any, **kwargs: Any) -> str:  # noqa: A001 -- that is its name
        return _guarded_format(guard, text, args, kwargs)

    return format


def _formatted_from_mapping(guard: Lookups, text: Any, method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def format_map(mapping: Mapping[str, Any], /) -> str:
        return _guarded_format(guard, text, (), mapping)

    return format_map


_CHECKS: Final[dict[str, Check]] = {
    "center": _padded,
    "expandtabs": _tabbed,
    "format": _formatted,
    "format_map": _formatted_from_mapping,
    "join": _joined,
    "ljust": _padded,
    "replace": _replaced,
    "rjust": _padded,
    "to_bytes": _as_bytes,
    "translate": _translated,
    "zfill": _padded,
}


def _guarded_format(guard: Lookups, text: str, args: Sequence[Any], values: Mapping[str, Any]) -> str:
    if isinstance(text, Markup):
        return Markup(_MarkupFormatter(guard, text).vformat(text, args, values))  # noqa: S704 -- its values are escaped
    return str(_TextFormatter(guard).vformat(text, args, values))


class _TextFormatter(Formatter):
    """`str.format`, with every attribute and item looked up by the guard, and no field too wide."""

    def __init__(self, guard: Lookups) -> None:
        self._guard = guard

    def get_field(self, field_name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[Any, str]:
        found = FIELD.fullmatch(field_name)
        if found is None:
            raise ValueError(f"{field_name!r} is no name of a field in a format")
        first = found[1]
        value = self.get_value(int(first) if first.isdigit() else first, args, kwargs)
        for attribute, key in FIELD_STEP.findall(found[2]):
            if attribute:
                value = self._guard.get_attribute(value, attribute)
            else:
                value = self._guard.get_item(value, int(key) if key.isdigit() else key)
        return value, first

    def format_field(self, value: Any, format_spec: str) -> str:
        check_printable(self._guard.policy, value)
        for number in LONG_NUMBER.findall(format_spec):
            check_length(self._guard.policy, int(number[:20]))
        return str(super().format_field(value, format_spec))


class _MarkupFormatter(_TextFormatter, EscapeFormatter):
    """The same for markup, whose values are escaped."""

    def __init__(self, guard: Lookups, text: Markup) -> None:
        EscapeFormatter.__init__(self, escape=text.escape)
        self._guard = guard
