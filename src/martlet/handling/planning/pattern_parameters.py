"""The parameters of a pattern: that each is taken, and which converter the annotations of those who take it ask for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from martlet.declaration_errors import DeclarationError
from martlet.handling.planning.plans import Plan
from martlet.handling.signatures.functions import MISSING, Function
from martlet.handling.signatures.path_converters import Inferred, PathConverters, path_type
from martlet.handling.signatures.sources import FromRequest
from martlet.handling.signatures.type_kinds import type_name

PARAMETER: Final = re.compile(r"\{\{|\}\}|\{([^{}:]*)(?::([^{}]*))?\}")


def parameters_of_pattern(pattern: str) -> dict[str, str | None]:
    """List the parameters of a pattern, each with the converter it states.

    >>> parameters_of_pattern("/books/{book_id:int}/{page}")
    {'book_id': 'int', 'page': None}
    """
    return {match[1]: match[2] for match in PARAMETER.finditer(pattern) if match[1] is not None}


def check_taken(plan: Plan, in_pattern: Mapping[str, str | None]) -> None:
    """Refuse a pattern with a parameter that nobody takes, unless somebody takes the whole request."""
    function = plan.handler.function
    taken = {parameter.name for called in plan.functions for parameter in called.parameters}
    missing = [name for name in in_pattern if name not in taken]
    if missing and FromRequest() not in plan.handler.sources():
        raise DeclarationError(
            f"The pattern has a parameter {missing[0]!r}, and {function.name} does not take it.",
            plan.where,
            f"Add `{missing[0]}: str` (or int, …) to its parameters, or take the request.",
        )


def inferred_converters(plan: Plan, in_pattern: Mapping[str, str | None], converters: PathConverters) -> Inferred:
    """Give the converters that annotations ask for, where the pattern states none; raises DeclarationError."""
    inferred: Inferred = {}
    asked: dict[str, tuple[Function, Any]] = {}
    for function in plan.functions:
        for parameter in function.parameters:
            kind, _ = path_type(parameter.annotation)
            if in_pattern.get(parameter.name, "") is not None or kind in (MISSING, Any):
                continue
            first, other = asked.setdefault(parameter.name, (function, kind))
            if other != kind:
                raise DeclarationError(
                    f"The parameter {parameter.name!r} of the pattern is {type_name(other)} for {first.name} "
                    f"and {type_name(kind)} for {function.name}.",
                    plan.where,
                    "Annotate it alike, or name a converter in the pattern.",
                )
            inferred[parameter.name] = _converter(parameter.name, kind, function, converters)
    return inferred


def _converter(name: str, kind: Any, function: Function, converters: PathConverters) -> Any:
    try:
        return converters.of(kind)
    except ValueError as error:
        raise DeclarationError(
            f"The parameter {name!r} of {function.name} is {type_name(kind)}, and {error}.",
            function.where,
            "Give it a value that is neither empty nor has a slash, or take it from the query.",
        ) from error
