"""JSON that may stand in a page: `tojson` as the policies say, `json` of more kinds of values and without needless spaces.

Both write `<`, `>`, `&`, `'` and the two line ends that JavaScript once did not allow in strings as escapes, so that the text
ends no element and no attribute in single quotes.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable
from typing import Any, Final, cast

from martlet.templates.escaping.json_kinds import json_kind
from martlet.templates.escaping.safe import JSONText
from martlet.templates.runtime.passing import EvalContext, pass_eval_context
from martlet.templates.runtime.undefined import Undefined

__all__ = ["to_json", "to_json_by_policy"]

ESCAPES: Final = {
    "<": "\\u003c",
    ">": "\\u003e",
    "&": "\\u0026",
    "'": "\\u0027",
    "\u2028": "\\u2028",
    "\u2029": "\\u2029",
}
USUAL_ARGUMENTS: Final = {"sort_keys": True}
# PERF: a call of json.dumps with arguments makes an encoder each time, at twice the cost of encoding a small value.
USUAL: Final = json.JSONEncoder(sort_keys=True).encode


def _html_safe(text: str) -> JSONText:
    for character, escaped in ESCAPES.items():
        if character in text:
            text = text.replace(character, escaped)
    return JSONText(text)


@pass_eval_context
def to_json_by_policy(context: EvalContext, value: Any, indent: int | None = None) -> JSONText:
    """The value as the policies "json.dumps_function" and "json.dumps_kwargs" write it.

    indent: on many lines, each level so deep.
    """
    policies = context.engine.policies
    dumps: Any = policies["json.dumps_function"]
    arguments: dict[str, Any] = policies["json.dumps_kwargs"]
    if dumps is None and indent is None and arguments == USUAL_ARGUMENTS:
        return _html_safe(USUAL(value))
    if indent is not None:
        arguments = {**arguments, "indent": indent}
    return _html_safe((dumps or json.dumps)(value, **arguments))


def to_json(value: Any, indent: int | None = None) -> JSONText:
    r"""The value without spaces, in the order it has.

    Takes what JSON knows and besides: what has a method `__json__` (which gives JSON or such a value), dates, times and durations
    (ISO 8601, seconds), Decimal and UUID and paths (as text), enums (their value), data classes, mappings, sets and other
    iterables; an undefined value is null. NaN and infinities are null.
    Raises TypeError for anything else.

    >>> print(to_json({"day": datetime.date(2026, 1, 2), "tags": ("a", "<b>")}))
    {"day":"2026-01-02","tags":["a","\u003cb\u003e"]}
    """
    separators = (",", ":") if indent is None else (",", ": ")
    try:
        text = json.dumps(value, ensure_ascii=False, separators=separators, indent=indent, default=_plain, allow_nan=False)
    except ValueError:
        # Not a number of JSON somewhere inside, or a value that contains itself, which fails again.
        text = json.dumps(_finite(value), ensure_ascii=False, separators=separators, indent=indent, default=_plain)
    return _html_safe(text)


def _plain(value: Any) -> Any:
    return None if isinstance(value, Undefined) else json_kind(value, _seconds)


def _seconds(value: Any) -> Any:
    """Of a duration; nothing else has a form in JSON, bytes neither."""
    if isinstance(value, datetime.timedelta):
        return value.total_seconds()
    raise TypeError(f"a value of the type {type(value).__name__} has no form in JSON")


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if abs(value) < float("inf") else None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in cast("dict[Any, Any]", value).items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in cast("Iterable[Any]", value)]
    if value is None or isinstance(value, str | int):
        return value
    return _finite(_plain(value))
