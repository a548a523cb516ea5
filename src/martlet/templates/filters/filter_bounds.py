"""What filters look at before they make much of little, or take long over it. Each is called with what its filter is given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from martlet.templates.filters import dates, html, json_text, links, numbers, sequences, text
from martlet.templates.runtime.bounds import check_printf, check_replacement
from martlet.templates.runtime.budgets import spend
from martlet.templates.runtime.sandbox import Sandbox
from martlet.templates.runtime.weights import (
    CONTAINERS,
    TEXTS,
    characters_of,
    check_bits,
    check_items,
    check_length,
    check_printable,
    held_by,
    items_in,
)

__all__ = ["FILTER_CHECKS"]

LONGEST_FORMAT: Final = 1_000  # characters of a date's format; the C library takes 256 bytes for each
LINK: Final = 40  # characters of a link beside its address and its attributes
ESCAPED: Final = 6  # characters that one may become
COPIED: Final = 5_000  # characters that are copied in the time of an iteration


def _check_center(policy: Sandbox, _value: Any, width: int = 80) -> None:
    check_length(policy, width)


def _check_indent(policy: Sandbox, value: Any, width: int | str = 4, *_: Any, **__: Any) -> None:
    written = str(value)
    check_length(policy, len(written) + (len(written.splitlines()) + 1) * (len(width) if isinstance(width, str) else width))


def _check_word_wrap(
    policy: Sandbox, value: Any, width: int = 79, _long: Any = None, wrapstring: str | None = None, **_: Any
) -> None:
    """A long word is cut again and again, and what is left of it copied each time."""
    written = str(value)
    lines = written.count("\n") + len(written) // max(width, 1) + 1
    check_length(policy, len(written) + lines * len(wrapstring or "\n"))
    spend(len(written) + len(written) ** 2 // (COPIED * max(width, 1)))


def _check_format(policy: Sandbox, value: Any, /, *args: Any, **kwargs: Any) -> None:
    check_printf(policy, str(value), kwargs or args)


def _check_replace(policy: Sandbox, value: Any, old: Any, new: Any, count: int | None = None) -> None:
    check_replacement(policy, str(value), str(old), str(new), -1 if count is None else count)


def _check_list(policy: Sandbox, value: Any) -> None:
    check_items(policy, len(value) if isinstance(value, TEXTS) else items_in(value))


def _check_trim(_policy: Sandbox, value: Any, chars: str | None = None) -> None:
    spend(len(value) * len(chars) // 64 if isinstance(value, str) and chars is not None else 0)


def _check_slices(policy: Sandbox, value: Any, slices: int, _fill: Any = None, **_: Any) -> None:
    _check_list(policy, value)
    check_items(policy, slices)


def _check_batch(policy: Sandbox, _value: Any, linecount: int, fill_with: Any = None) -> None:
    if fill_with is not None:
        check_items(policy, linecount)


def _check_round(policy: Sandbox, value: Any, precision: int = 0, *_: Any, **__: Any) -> None:
    check_printable(policy, value)
    check_bits(policy, abs(precision) * 4)


def _check_precision(policy: Sandbox, _value: Any, precision: int = 1, *_: Any, **__: Any) -> None:
    check_length(policy, precision)


def _check_json(policy: Sandbox, value: Any, indent: int | None = None) -> None:
    """Each item has a line of its own, which may stand as deep as lists may."""
    if indent is None:
        return
    check_length(policy, indent * policy.recursion)
    check_length(policy, characters_of(policy, value) * (1 + indent * _depth(value)))


def _depth(value: Any) -> int:
    """How deep lists stand within one another; it was checked that they do not stand too deep."""
    deepest, around = 0, [(value, 1)]
    while around:
        held, depth = around.pop()
        if isinstance(held, CONTAINERS):
            deepest = max(deepest, depth)
            around.extend((item, depth + 1) for item in held_by(held) if isinstance(item, CONTAINERS))
    return deepest


def _check_url_encode(policy: Sandbox, value: Any) -> None:
    check_length(policy, len(value) * 3 if isinstance(value, str) else 0)


def _check_urlize(policy: Sandbox, value: Any, _limit: Any = None, _nofollow: Any = None, *_: Any, **given: Any) -> None:
    """What the links have besides is written once for each, and each has a colon, a full stop or an @."""
    written = str(value)
    links = sum(map(written.count, ":.@"))
    attributes = sum(len(text) for text in (*_[:2], given.get("target"), given.get("rel")) if isinstance(text, str))
    check_length(policy, len(written) * ESCAPED + links * (attributes * ESCAPED + LINK))
    spend(len(written))


def _check_date(policy: Sandbox, _value: Any, format: str = "", *_: Any, **__: Any) -> None:  # noqa: A002 -- as there
    check_length(policy, len(format) if len(format) <= LONGEST_FORMAT else policy.output_characters + len(format))


def _check_print(policy: Sandbox, value: Any) -> None:
    """It looks at each item again for each list around it."""
    spend(10 * characters_of(policy, value))


FILTER_CHECKS: Final[dict[Callable[..., Any], Callable[..., None]]] = {
    dates.format_date: _check_date,
    dates.format_time: _check_date,
    html.url_encode: _check_url_encode,
    json_text.to_json: _check_json,
    json_text.to_json_by_policy: _check_json,
    links.urlize: _check_urlize,
    numbers.file_size: _check_precision,
    numbers.round_number: _check_round,
    sequences.batch: _check_batch,
    sequences.slices: _check_slices,
    sequences.to_list: _check_list,
    text.center: _check_center,
    text.format_text: _check_format,
    text.indent: _check_indent,
    text.pretty_print: _check_print,
    text.replace: _check_replace,
    text.trim: _check_trim,
    text.word_wrap: _check_word_wrap,
}
