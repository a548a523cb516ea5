"""The values of a session as a type of the author's: read once, and put back where they changed."""

from __future__ import annotations

from typing import Any, Final, cast

import msgspec

from martlet.sessions.errors import SessionValueError

__all__ = ["TypedData"]

ABSENT: Final = object()

_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder(dict[str, Any]).decode


class TypedData:
    """A view on values by one type; `data` is for the handler to read and to change.

    Only what changed goes back, so that a value that was put in by its name in the same request stays. Where both changed one
    value nobody knows which is meant, and it is an error.

    >>> values = {"role": "admin", "other": 1}
    >>> class Member(msgspec.Struct, omit_defaults=True):
    ...     role: str = "reader"
    >>> view = TypedData(Member, values)
    >>> view.data.role = "reader"
    >>> view.settle(values)
    >>> values
    {'other': 1}
    """

    __slots__ = ("_began", "_found", "data")

    def __init__(self, kind: type[Any], values: dict[str, Any]) -> None:
        """Read the values; those that do not fit are dropped. Raises TypeError or ValueError for what JSON cannot hold."""
        self._found = _encode(values)
        self.data: Any
        try:
            self.data = msgspec.convert(values, kind)
        except msgspec.ValidationError:
            for name in _names_in(kind):
                values.pop(name, None)
            self._found = _encode(values)
            self.data = kind()
        self._began: Final = _encode(self.data)

    def settle(self, values: dict[str, Any]) -> None:
        """Put back what changed, a default that leaves its field out too; raises SessionValueError, and as `__init__` does."""
        if _encode(self.data) == self._began:
            return
        before, found = _decode(self._began), _decode(self._found)
        after: dict[str, Any] = msgspec.to_builtins(self.data)
        for name in before.keys() | after.keys():
            wanted, there = after.get(name, ABSENT), values.get(name, ABSENT)
            if wanted == before.get(name, ABSENT) or wanted == there:
                continue
            if there != found.get(name, ABSENT):
                raise SessionValueError(
                    f"{name!r} was changed in one request both by its name in the session and in its typed data: keep to one."
                )
            if wanted is ABSENT:
                values.pop(name, None)
            else:
                values[name] = wanted


def _names_in(kind: type[Any]) -> list[str]:
    """Name the fields of a type as JSON has them."""
    fields = cast("Any", getattr(msgspec.inspect.type_info(kind), "fields", ()))
    return [field.encode_name for field in fields]
