"""The shapes of the cases as pydantic models, for the frameworks whose users write these."""

from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from benchmarks.peers.orders import MAX_TITLE_LENGTH, OrderStatus


class NewItem(BaseModel):
    """What a client sends."""

    name: str
    price: float
    tags: list[str]


class Item(BaseModel):
    """What it gets back."""

    id: int
    name: str
    price: float
    tags: list[str]


class Customer(BaseModel):
    """Who orders."""

    name: str
    email: str


class Line(BaseModel):
    """One article of an order, its price in cents."""

    sku: str
    title: Annotated[str, Field(max_length=MAX_TITLE_LENGTH)]
    quantity: Annotated[int, Field(ge=1)]
    unit_price: Annotated[int, Field(ge=0)]


class NewOrder(BaseModel):
    """What a client sends."""

    customer: Customer
    lines: Annotated[list[Line], Field(min_length=1)]
    requested_at: AwareDatetime
    note: str | None = None


class Order(BaseModel):
    """What it gets back."""

    id: int
    number: UUID
    placed_at: AwareDatetime
    status: OrderStatus
    customer: Customer
    lines: list[Line]
    note: str | None
