"""How plain values become those of a type, and why one did not: msgspec's conversion, and its message taken apart.

Not here: finding everything that is wrong (validation.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec

__all__ = ["STRICT", "TRAIL_STEP", "UNHASHABLE", "Conversion", "Failure", "read_failure"]

UNHASHABLE = "Expected values that a set can hold, got an array or an object"

# One step of msgspec's path: a field's name, or an index. The key of a dict is only "[...]", which is no step.
TRAIL_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")


class Failure(NamedTuple):
    """Why a conversion failed, and where below the value: `trail` is msgspec's path, as in ".items[0].price"."""

    text: str
    trail: str

    def below(self, step: str) -> Failure | None:
        """The same failure seen from one step further down; None if it did not happen there."""
        rest = self.trail.removeprefix(step)
        return Failure(self.text, rest) if len(rest) < len(self.trail) and rest[:1] in ("", ".", "[") else None

    def below_item(self) -> tuple[int, Failure] | None:
        """The index of the item that failed, and the failure seen from there."""
        step = TRAIL_STEP.match(self.trail)
        return (int(step[2]), Failure(self.text, self.trail[step.end() :])) if step and step[2] else None


@dataclass(frozen=True, slots=True)
class Conversion:
    """How plain values become those of a type.

    strict: False lets text stand for numbers, booleans and null, as forms and tables of text need.
    str_keys: True where the format has only text for keys, as JSON; a dict's keys are then read from it.
    dec_hook: makes instances of classes that msgspec does not know.
    """

    strict: bool = True
    str_keys: bool = True
    dec_hook: Callable[[type, Any], Any] | None = None

    def convert(self, value: object, type_: Any) -> Any:
        """The value as the type wants it. Raises msgspec.ValidationError."""
        try:
            return msgspec.convert(value, type_, strict=self.strict, str_keys=self.str_keys, dec_hook=self.dec_hook)
        except TypeError as error:
            if str(error).startswith("unhashable"):
                raise msgspec.ValidationError(UNHASHABLE) from error
            raise

    def failure(self, value: object, type_: Any) -> Failure | None:
        """Why the value does not fit the type; None if it does."""
        try:
            self.convert(value, type_)
        except msgspec.ValidationError as error:
            return read_failure(error)
        return None


def read_failure(error: msgspec.ValidationError) -> Failure:
    """Split msgspec's message into the text and the path.

    >>> read_failure(msgspec.ValidationError("Expected `int`, got `str` - at `$.items[0]`"))
    Failure(text='Expected `int`, got `str`', trail='.items[0]')
    """
    text, mark, place = str(error).rpartition(" - at `")
    if mark and place.startswith("$") and place.endswith("`"):
        return Failure(text, place[1:-1])
    if mark and place.startswith("key` in `$") and place.endswith("`"):
        return Failure(f"Invalid key: {text}", place[10:-1])
    return Failure(str(error), "")


STRICT = Conversion()
