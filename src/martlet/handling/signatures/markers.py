"""Words for a signature: where a parameter comes from when its type alone does not say it.

Used inside `Annotated`: `page: Annotated[int, Query("p")]`, `agent: Annotated[str, Header()]`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, TypeAlias


@dataclass(frozen=True, slots=True)
class Query:
    """A field of the query string; `name` where it differs from the parameter's.

    >>> Query("order-by").name
    'order-by'
    """

    name: str | None = None


@dataclass(frozen=True, slots=True)
class Header:
    """A header field; without a `name`, the parameter's with hyphens for underscores.

    required: False gives None where the field is absent or empty, without a default at the parameter.

    >>> Header("if-match").name
    'if-match'
    """

    name: str | None = None
    required: bool = True


@dataclass(frozen=True, slots=True)
class Cookie:
    """A cookie the client sent; `name` where it differs from the parameter's.

    >>> Cookie("cart").name
    'cart'
    """

    name: str | None = None


@dataclass(frozen=True, slots=True)
class Body:
    """The request body, for types that would not be taken for one: `Annotated[list[int], Body()]`.

    `Annotated[bytes, Body()]` is the body as it came, of any media type.

    >>> Body()
    Body()
    """


# What a client that comes back to a stream of events saw last; None for one that comes for the first time.
LastEventID: TypeAlias = Annotated[str | None, Header("last-event-id", required=False)]
