"""While an app is developed: whether what a handler returned is what its annotation says. Only with `debug` on.

The class alone is looked at, not what a list or a dict holds: a check that costs little, for the mistakes that are made most,
a forgotten `return`, a row of the database in the place of a Struct.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal, NewType, TypeAlias, cast, get_args, get_origin, is_typeddict

from martlet.handling.signatures.functions import MISSING, Function, union_members
from martlet.handling.signatures.type_kinds import type_name
from martlet.rendering import Created, Page, Reply

Accepts: TypeAlias = Callable[[Any], bool]


def result_check(function: Function) -> Callable[[Any], None] | None:
    """Make the function that raises TypeError for a value of another class, None for an annotation that tells no class."""
    accepts = acceptor(function.result)
    if accepts is None:
        return None

    def check(value: Any) -> None:
        if not accepts(value):
            raise TypeError(
                f"{function.name} ({function.where}) is annotated -> {type_name(function.result)}, and returned "
                f"{'None' if value is None else f'a value of the class {type_name(type(value))}'}. "
                "Return what the annotation says, or correct it."
            )

    return check


def acceptor(kind: Any) -> Accepts | None:
    """Make the function that tells whether a value is of a type by its class; None for a type that has none.

    >>> accepts = acceptor(list[int] | None)
    >>> accepts and (accepts([7]), accepts(None), accepts(7))
    (True, True, False)
    """
    kind = _named(kind)
    members = union_members(kind)
    if len(members) > 1:
        return _any_of([acceptor(member) for member in members])
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in {Reply, Created, Page}:
        return _holding(origin, acceptor(arguments[0]))
    if origin is Literal:
        return lambda value: value in arguments
    return _instance_of(origin or kind)


def _named(kind: Any) -> Any:
    """Look behind a type's other names."""
    while True:
        if get_origin(kind) is Annotated:
            kind = get_args(kind)[0]
        elif isinstance(kind, NewType):
            kind = kind.__supertype__
        elif not isinstance(kind, type) and (aliased := getattr(kind, "__value__", None)) is not None:
            kind = aliased  # what `type Name = …` makes, from Python 3.12 on
        else:
            return kind


def _any_of(members: list[Accepts | None]) -> Accepts | None:
    known = [accepts for accepts in members if accepts is not None]
    return (lambda value: any(accepts(value) for accepts in known)) if len(known) == len(members) else None


def _holding(outer: type[Any], accepts: Accepts | None) -> Accepts:
    def accepts_outer(value: Any) -> bool:
        if not isinstance(value, outer):
            return False
        held: Any = value.value
        if isinstance(held, Page):  # what only the page shows needs no mention
            held = cast("Page[Any]", held).value
        return accepts is None or accepts(held)

    return accepts_outer


def _instance_of(kind: Any) -> Accepts | None:
    if kind is None:
        return lambda value: value is None
    if is_typeddict(kind):
        kind = dict
    if kind in (MISSING, Any, object) or not isinstance(kind, type):
        return None
    if getattr(kind, "_is_protocol", False) and not getattr(kind, "_is_runtime_protocol", False):
        return None
    # Whatever Python itself takes for it: an int is a number with a point, and bytes come in three classes.
    classes: dict[Any, tuple[type[Any], ...]] = {float: (float, int), bytes: (bytes, bytearray, memoryview)}
    accepted = classes.get(kind, (kind,))
    return lambda value: isinstance(value, accepted)
