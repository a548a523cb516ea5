"""What the annotation of a path parameter asks of the router: a built-in converter, or one made of the type.

So a text that is no value of the type is no match: another pattern may fit, and else it is 404 before any guard has spoken.
"""

from __future__ import annotations

import datetime
import decimal
import re
import uuid
from collections.abc import Mapping
from typing import Annotated, Any, Final, NewType, TypeAlias, get_args, get_origin

import msgspec

from martlet.handling.signatures.functions import without_none
from martlet.handling.signatures.type_kinds import type_name
from martlet.rendering import scalar_choices, scalar_converter, scalar_text
from martlet.routing import Converter

Inferred: TypeAlias = dict[str, "str | Converter[Any]"]
PATH_CONVERTERS: Final[Mapping[Any, str]] = {
    str: "str",
    int: "int",
    float: "float",
    uuid.UUID: "uuid",
    datetime.date: "date",
    datetime.datetime: "datetime",
    decimal.Decimal: "decimal",
}
WHOLE_SEGMENT: Final = "[^/]+"
CHOICES_LISTED: Final = 100  # in an expression; of more of them only the lookup decides, since conflicts are found by expressions


class ScalarPathConverter:
    """One text to a value of any type that one text can stand for, and back.

    Raises TypeError for a type that none can, ValueError where no path can hold any of its values.

    >>> from typing import Literal
    >>> ScalarPathConverter(Literal["asc", "desc"]).regex
    'asc|desc'
    """

    def __init__(self, kind: Any) -> None:
        """Prepare both ways."""
        self.name: Final = type_name(kind)
        self._parse = scalar_converter(kind)
        self.regex: Final = _expression(scalar_choices(kind))

    def parse(self, text: str) -> Any:
        """Give the value of a text; raises ScalarError, a ValueError, where there is none."""
        return self._parse(text)

    def format(self, value: Any) -> str:
        """Give the text of a value; raises ValueError where it is no value of the type, or none that a path can hold."""
        text = scalar_text(msgspec.to_builtins(value))
        if not text or "/" in text or self.parse(text) != value:
            raise ValueError(f"{value!r} is no value that a segment of a path can hold here")
        return text


def _expression(choices: Mapping[str, Any] | None) -> str:
    if choices is None:
        return WHOLE_SEGMENT
    texts = [text for text in choices if text and "/" not in text]
    if not texts:
        raise ValueError("a segment of a path can hold none of its values")
    return "|".join(map(re.escape, texts)) if len(texts) <= CHOICES_LISTED else WHOLE_SEGMENT


class PathConverters:
    """The converters made for one app; those of one type are one object, so that the router sees them as alike."""

    def __init__(self) -> None:
        """Make each when it is first asked for."""
        self._made: dict[Any, Converter[Any]] = {}

    def of(self, kind: Any) -> str | Converter[Any]:
        """Give what reads this type; raises as ScalarPathConverter does."""
        known = PATH_CONVERTERS.get(kind)
        if known is not None:
            return known
        if kind not in self._made:
            self._made[kind] = ScalarPathConverter(kind)
        return self._made[kind]


def path_type(kind: Any) -> tuple[Any, bool]:
    """Look behind a type's other names and its bounds; tell the type that is read, and whether there are bounds.

    >>> path_type(NewType("UserId", int))
    (<class 'int'>, False)
    """
    is_bounded = False
    while True:
        kind = without_none(kind)
        if get_origin(kind) is Annotated:
            kind, *marks = get_args(kind)
            is_bounded = is_bounded or any(isinstance(mark, msgspec.Meta) for mark in marks)
        elif isinstance(kind, NewType):
            kind = kind.__supertype__
        elif not isinstance(kind, type) and (aliased := getattr(kind, "__value__", None)) is not None:
            kind = aliased  # what `type Name = …` makes, from Python 3.12 on
        else:
            return kind, is_bounded
