"""Types that applications take from made-up requests: with bounds, a choice of numbers, dates, and one that holds itself."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, TypedDict
from uuid import UUID

from msgspec import Meta, Struct


class Color(enum.Enum):
    RED = "red"


class Part(Struct):
    name: Annotated[str, Meta(pattern="^[a-z]+$")]
    parts: list[Part] = []


class New(Struct, forbid_unknown_fields=True):
    title: Annotated[str, Meta(min_length=1, max_length=20)]
    price: Decimal
    when: datetime | None = None
    size: Annotated[int, Meta(ge=0)] | float = 0
    color: Color = Color.RED
    parts: dict[str, Part] = {}


@dataclass
class Author:
    names: list[str]
    born: date | None = None


class Options(TypedDict, total=False):
    depth: int
    uid: UUID


class User(Struct):
    name: str
