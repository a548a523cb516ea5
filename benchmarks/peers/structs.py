"""The shapes of the cases as msgspec Structs, for the frameworks whose users write these."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from benchmarks.peers.orders import MAX_TITLE_LENGTH, OrderStatus


class NewItem(Struct):
    """What a client sends."""

    name: str
    price: float
    tags: list[str]


class Item(Struct):
    """What it gets back."""

    id: int
    name: str
    price: float
    tags: list[str]


class Customer(Struct):
    """Who orders."""

    name: str
    email: str


class Line(Struct):
    """One article of an order, its price in cents."""

    sku: str
    title: Annotated[str, Meta(max_length=MAX_TITLE_LENGTH)]
    quantity: Annotated[int, Meta(ge=1)]
    unit_price: Annotated[int, Meta(ge=0)]


class NewOrder(Struct):
    """What a client sends."""

    customer: Customer
    lines: Annotated[list[Line], Meta(min_length=1)]
    requested_at: Annotated[datetime, Meta(tz=True)]
    note: str | None = None


class Order(Struct):
    """What it gets back."""

    id: int
    number: UUID
    placed_at: datetime
    status: OrderStatus
    customer: Customer
    lines: list[Line]
    note: str | None
