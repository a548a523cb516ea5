"""`format` as a sandboxed template has it: no way out, and no field too wide.

`"{0.__class__}".format(x)` would read attributes past any guard, so that each field is looked up by the guard.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from string import Formatter
from typing import Any, Final, Protocol

from markupsafe import EscapeFormatter, Markup

from martlet.templates.runtime.bounds import NUMBERS
from martlet.templates.runtime.budgets import spend
from martlet.templates.runtime.weights import Bounds, characters_of, check_length, check_printable

__all__ = ["Lookups", "guarded_format"]

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


def guarded_format(guard: Lookups, text: str, args: Sequence[Any], values: Mapping[str, Any]) -> str:
    """`text.format(*args, **values)`; raises BudgetError as soon as it becomes too long."""
    if isinstance(text, Markup):
        return Markup(_MarkupFormatter(guard, text).vformat(text, args, values))  # noqa: S704 -- its values are escaped
    return str(_TextFormatter(guard, text).vformat(text, args, values))


class _TextFormatter(Formatter):
    """`str.format`, with every attribute and item looked up by the guard, and the characters counted before they are made."""

    def __init__(self, guard: Lookups, text: str) -> None:
        self._guard = guard
        self._characters = len(text)

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
        spend(1)
        check_printable(self._guard.policy, value)
        self._take(characters_of(self._guard.policy, value) + sum(int(number[:20]) for number in NUMBERS.findall(format_spec)))
        written = str(super().format_field(value, format_spec))
        self._take(max(0, len(written) - characters_of(self._guard.policy, value)))
        return written

    def _take(self, characters: int) -> None:
        self._characters += characters
        check_length(self._guard.policy, self._characters)


class _MarkupFormatter(_TextFormatter, EscapeFormatter):
    """The same for markup, whose values are escaped."""

    def __init__(self, guard: Lookups, text: Markup) -> None:
        EscapeFormatter.__init__(self, escape=text.escape)
        _TextFormatter.__init__(self, guard, text)
