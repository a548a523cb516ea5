"""What values that JSON does not know stand for in it: one table for scripts and for the filters that write JSON."""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import enum
import json
import pathlib
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

__all__ = ["json_kind"]


def json_kind(value: Any, otherwise: Callable[[Any], Any]) -> Any:
    """What stands for a value: of kinds that JSON knows, or that are asked for in their turn.

    otherwise: gives it for all that is not in this table, such as durations and bytes.

    >>> json_kind(datetime.date(2026, 1, 2), str), json_kind({1}, str), json_kind(datetime.timedelta(1), str)
    ('2026-01-02', [1], '1 day, 0:00:00')
    """
    own = getattr(value, "__json__", None)
    if own is not None:
        made = own()
        return json.loads(made) if isinstance(made, str | bytes) else made
    match value:
        case enum.Enum():
            return value.value
        case datetime.date() | datetime.time():
            return value.isoformat()
        case decimal.Decimal() | uuid.UUID() | pathlib.PurePath():
            return str(value)
        case Mapping():
            return dict(cast("Mapping[Any, Any]", value))
        case _ if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        case Iterable() if not isinstance(value, bytes | bytearray | memoryview):
            return list(cast("Iterable[Any]", value))
        case _:
            return otherwise(value)
