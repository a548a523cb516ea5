"""Methods of texts and numbers as a sandboxed template has them: those that can make much of little look first.

The methods are wrapped where they are read, for then it does not matter who calls them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Any, Final, cast

from martlet.templates.errors import BudgetError
from martlet.templates.runtime.bounds import check_joined, check_replacement
from martlet.templates.runtime.budgets import spend
from martlet.templates.runtime.text_formats import Lookups, guarded_format
from martlet.templates.runtime.weights import PER_ITERATION, TEXTS, check_items, check_length, made

__all__ = ["guarded_method"]

GUARDED_TYPES: Final = (*TEXTS, int)
# Codecs that take time in proportion to the text, and what they may do with what they cannot write.
CODECS: Final = frozenset(("ascii", "latin1", "iso88591", "cp1252", "utf8", "utf16", "utf16le", "utf16be", "utf32", "utf8sig"))
HANDLERS: Final = frozenset(("strict", "ignore", "replace", "backslashreplace", "xmlcharrefreplace"))
LONGEST_REPLACEMENT: Final = len("&#1114111;")
LINE_ENDS: Final = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"


def guarded_method(guard: Lookups, obj: Any, name: str, value: Any) -> Any:
    """The attribute's value; a method of a text or number as one that counts, and looks first if it can make much of little."""
    if not callable(value):
        return value
    check = _CHECKS.get(name)
    if isinstance(obj, GUARDED_TYPES):
        return _counting(guard, obj, value if check is None else check(guard, obj, value))
    if check is not None and isinstance(obj, type) and issubclass(obj, GUARDED_TYPES):
        # `str.format`, unbound: the text is the first argument.
        def unbound(text: Any, /, *args: Any, **kwargs: Any) -> Any:
            return guard.get_attribute(text, name)(*args, **kwargs)

        return unbound
    return value


def _counting(guard: Lookups, obj: Any, method: Callable[..., Any]) -> Callable[..., Any]:
    """The method, which counts the work on its text and what it makes, whoever calls it."""
    work = 1 + (len(obj) // PER_ITERATION if isinstance(obj, TEXTS) else 0)

    @wraps(method)
    def run(*args: Any, **kwargs: Any) -> Any:
        spend(work)
        return made(guard.policy, method(*args, **kwargs))

    return run


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
        return guarded_format(guard, text, args, kwargs)

    return format


def _formatted_from_mapping(guard: Lookups, text: Any, method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def format_map(mapping: Mapping[str, Any], /) -> str:
        return guarded_format(guard, text, (), mapping)

    return format_map


def _searched(_guard: Lookups, text: Any, method: Callable[..., Any]) -> Callable[..., Any]:
    """From the right, or of several characters: this may take the product of both lengths."""

    @wraps(method)
    def search(wanted: Any = None, /, *args: Any) -> Any:
        if isinstance(wanted, TEXTS):
            spend(len(text) * len(wanted) // 64)
        return method(wanted, *args)

    return search


def _split(guard: Lookups, text: Any, method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def split(sep: Any = None, maxsplit: Any = -1) -> Any:
        if method.__name__ == "rsplit" and isinstance(sep, TEXTS):
            spend(len(text) * len(sep) // 64)
        most = guard.policy.range_items
        parts = method(sep, min(maxsplit, most) if maxsplit >= 0 else most)
        check_items(guard.policy, len(parts))
        return parts

    return split


def _split_lines(guard: Lookups, text: Any, method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def split_lines(*args: Any, **kwargs: Any) -> Any:
        ends: tuple[Any, ...] = tuple(LINE_ENDS) if isinstance(text, str) else (b"\n", b"\r")
        check_items(guard.policy, sum(text.count(end) for end in ends))
        return method(*args, **kwargs)

    return split_lines


def _coded(guard: Lookups, text: Any, method: Callable[..., Any]) -> Callable[..., Any]:
    """encode, decode: some codecs take the square of a text's length, and some make much of little."""

    @wraps(method)
    def code(encoding: str = "utf-8", errors: str = "strict") -> Any:
        plain = encoding[:40].lower().replace("-", "").replace("_", "")
        if plain not in CODECS or errors not in HANDLERS:
            raise BudgetError(
                f"the codec {encoding!r:.40} with {errors!r:.40} is none of those that a sandboxed template may use"
            )
        check_length(guard.policy, len(text) * (LONGEST_REPLACEMENT if "backslash" in errors or "xml" in errors else 1))
        return method(encoding, errors)

    return code


_CHECKS: Final[dict[str, Check]] = {
    "center": _padded,
    "decode": _coded,
    "encode": _coded,
    "expandtabs": _tabbed,
    "format": _formatted,
    "format_map": _formatted_from_mapping,
    "join": _joined,
    "ljust": _padded,
    "lstrip": _searched,
    "replace": _replaced,
    "rfind": _searched,
    "rindex": _searched,
    "rjust": _padded,
    "rpartition": _searched,
    "rsplit": _split,
    "rstrip": _searched,
    "split": _split,
    "splitlines": _split_lines,
    "strip": _searched,
    "to_bytes": _as_bytes,
    "translate": _translated,
    "zfill": _padded,
}
