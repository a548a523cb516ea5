"""The filters, tests and globals of a sandboxed engine: those by which much can be made of little look at their arguments first.

All filters and tests refuse a value that is too much to print, for each may turn its value into text or compare it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Any, Final

from martlet.templates.filters import html, json_text, numbers, ordering, sequences, text
from martlet.templates.filters.attributes import attribute_getter
from martlet.templates.runtime.bounds import (
    check_bits,
    check_items,
    check_joined,
    check_length,
    check_printable,
    check_printf,
    check_replacement,
)
from martlet.templates.runtime.passing import EngineLike, EvalContext, pass_engine, pass_eval_context
from martlet.templates.runtime.sandbox import Sandbox
from martlet.templates.runtime.values import lipsum

__all__ = ["bounded_filters", "bounded_globals", "bounded_tests"]

DEEPEST_INDENT: Final = 100  # spaces of one level of JSON


def bounded_filters(policy: Sandbox, filters: Mapping[str, Callable[..., Any]]) -> dict[str, Callable[..., Any]]:
    """These filters as a sandboxed engine has them."""
    instead = {sequences.join: _bounded_join(policy), ordering.total: _bounded_total(policy)}
    return {name: _bounded(policy, instead.get(function, function), _CHECKS.get(function)) for name, function in filters.items()}


def bounded_tests(policy: Sandbox, tests: Mapping[str, Callable[..., Any]]) -> dict[str, Callable[..., Any]]:
    """These tests as a sandboxed engine has them."""
    return {name: _bounded(policy, test, None) for name, test in tests.items()}


def bounded_globals(policy: Sandbox) -> dict[str, Callable[..., Any]]:
    """The globals that a sandboxed engine has in the place of others."""

    @wraps(lipsum)
    def bounded_lipsum(n: int = 5, html: bool = True, min: int = 20, max: int = 100) -> str:  # noqa: A002, FBT001, FBT002 -- as there
        check_items(policy, n * max)
        return lipsum(n, html, min, max)

    return {"range": policy.range, "lipsum": bounded_lipsum}


def _bounded(policy: Sandbox, function: Callable[..., Any], check: Callable[..., None] | None) -> Callable[..., Any]:
    before = 0 if getattr(function, "template_argument", None) is None else 1

    def checked(target: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(target)
        def run(*args: Any, **kwargs: Any) -> Any:
            for value in (*args[before:], *kwargs.values()):
                check_printable(policy, value)
            if check is not None:
                check(policy, *args[before:], **kwargs)
            return target(*args, **kwargs)

        return run

    bounded = checked(function)
    twin = getattr(function, "async_twin", None)
    if twin is not None:
        bounded.async_twin = checked(twin)  # type: ignore[attr-defined]
    return bounded


def _bounded_join(policy: Sandbox) -> Callable[..., Any]:
    @sequences.collects
    @pass_eval_context
    def join(context: EvalContext, value: Iterable[Any], d: Any = "", attribute: str | int | None = None) -> str:
        items = value if attribute is None else map(attribute_getter(context.engine, attribute), value)
        return sequences.join(context, check_joined(policy, text.as_text(d), items), d)

    return join


def _bounded_total(policy: Sandbox) -> Callable[..., Any]:
    @sequences.collects
    @pass_engine
    def total(engine: EngineLike, value: Iterable[Any], attribute: str | int | None = None, start: Any = 0) -> Any:
        get = attribute_getter(engine, attribute)
        result = start
        for item in value:
            result = policy.binary("+", result, get(item))
        return result

    return total


# Each is called with the policy and what its filter is given.


def _check_center(policy: Sandbox, _value: Any, width: int = 80) -> None:
    check_length(policy, width)


def _check_indent(policy: Sandbox, value: Any, width: int | str = 4, *_: Any, **__: Any) -> None:
    written = str(value)
    check_length(policy, len(written) + (len(written.splitlines()) + 1) * (len(width) if isinstance(width, str) else width))


def _check_word_wrap(
    policy: Sandbox, value: Any, width: int = 79, _long: Any = None, wrapstring: str | None = None, **_: Any
) -> None:
    written = str(value)
    lines = written.count("\n") + len(written) // max(width, 1) + 1
    check_length(policy, len(written) + lines * len(wrapstring or "\n"))


def _check_format(policy: Sandbox, value: Any, /, *args: Any, **kwargs: Any) -> None:
    check_printf(policy, str(value), args or tuple(kwargs.values()))


def _check_replace(policy: Sandbox, value: Any, old: Any, new: Any, count: int | None = None) -> None:
    check_replacement(policy, str(value), str(old), str(new), -1 if count is None else count)


def _check_slices(policy: Sandbox, _value: Any, slices: int, _fill: Any = None, **_: Any) -> None:
    check_items(policy, slices)


def _check_batch(policy: Sandbox, _value: Any, linecount: int, fill_with: Any = None) -> None:
    if fill_with is not None:
        check_items(policy, linecount)


def _check_round(policy: Sandbox, _value: Any, precision: int = 0, *_: Any, **__: Any) -> None:
    check_bits(policy, abs(precision) * 4)


def _check_precision(policy: Sandbox, _value: Any, precision: int = 1, *_: Any, **__: Any) -> None:
    check_length(policy, precision)


def _check_json(policy: Sandbox, _value: Any, indent: int | None = None) -> None:
    if indent is not None:
        check_length(policy, 0 if indent <= DEEPEST_INDENT else policy.output_characters + indent)


def _check_url_encode(policy: Sandbox, value: Any) -> None:
    check_length(policy, len(value) * 3 if isinstance(value, str) else 0)


_CHECKS: Final[dict[Callable[..., Any], Callable[..., None]]] = {
    html.url_encode: _check_url_encode,
    json_text.to_json: _check_json,
    json_text.to_json_by_policy: _check_json,
    numbers.file_size: _check_precision,
    numbers.round_number: _check_round,
    sequences.batch: _check_batch,
    sequences.slices: _check_slices,
    text.center: _check_center,
    text.format_text: _check_format,
    text.indent: _check_indent,
    text.replace: _check_replace,
    text.word_wrap: _check_word_wrap,
}
