"""Whether a value is what an annotation says, for the options of apps, groups and routes: at the line that gives it."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, Union, cast, get_args, get_origin

from martlet.handling.answering.page_templates import Templates
from martlet.handling.signatures.type_kinds import type_name
from martlet.http import Limits


def fits(value: Any, kind: Any) -> bool:
    """Tell whether a value is of this kind; of a kind that is not known here, any value is.

    >>> fits([print], Sequence[Callable[..., Any]]), fits(print, Sequence[Callable[..., Any]]), fits(100, Limits)
    (True, False, False)
    """
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in {Union, types.UnionType}:
        return any(fits(value, member) for member in arguments)
    if origin is Literal:
        return value in arguments
    if origin is Callable:
        return callable(value)
    if origin is Sequence:
        return isinstance(value, list | tuple) and all(fits(item, arguments[0]) for item in cast("Sequence[Any]", value))
    if origin is Mapping:
        return isinstance(value, Mapping) and all(fits(item, arguments[1]) for item in cast("Mapping[Any, Any]", value).values())
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if kind is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if kind is None or kind is type(None):
        return value is None
    if kind is Templates:
        return isinstance(value, Templates)
    return not isinstance(kind, type) or getattr(kind, "_is_protocol", False) or isinstance(value, kind)


def described(kind: Any) -> str:
    """Say in words what is to be given.

    >>> described(Sequence[Callable[..., Any]]), described(Limits | None)
    ('a list of functions', 'a Limits object, as in Limits(body_bytes=1_000), or None')
    """
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in {Union, types.UnionType}:
        return ", or ".join(described(member) for member in arguments)
    if origin is Literal:
        return " or ".join(map(repr, arguments))
    if origin is Callable:
        return "a function"
    if origin is Sequence:
        return f"a list of {described(arguments[0]).removeprefix('a ')}s"
    if origin is Mapping:
        return f"a mapping to {described(arguments[1]).removeprefix('a ')}s"
    words = {
        bool: "True or False",
        Limits: "a Limits object, as in Limits(body_bytes=1_000)",
        Templates: 'an engine, as in TemplateEngine("templates") or JinjaTemplates(environment)',
        type(None): "None",
        str: "a text",
    }
    return words.get(kind) or f"of the type {type_name(kind)}"
