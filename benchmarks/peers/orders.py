"""The order that every application answers with, as a database layer hands it over, and what a new one must be.

Below, for the applications that write JSON from dicts: the dict of an order, and a new one checked by hand.
"""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

MAX_TITLE_LENGTH = 200


class OrderStatus(StrEnum):
    """Where an order stands."""

    PLACED = "placed"
    PAID = "paid"
    SHIPPED = "shipped"


# The stored order: GET /orders/1042.
NUMBER = UUID("7f1c9b52-3d0e-4c7a-9a44-5b8e2f6d1c03")
PLACED_AT = datetime(2026, 3, 5, 9, 30, 15, 418211, tzinfo=UTC)
STATUS = OrderStatus.PAID
CUSTOMER_NAME = "Ines Duarte"
CUSTOMER_EMAIL = "ines.duarte@example.com"
LINES = [  # rows of a cursor: sku, title, quantity, unit_price in cents
    ("NB-204", "Nest box, oak", 2, 3450),
    ("FD-011", "Suet, 1 kg", 5, 690),
    ("BK-750", "Swifts: a field guide", 1, 2495),
]

# What the database adds to a new one: POST /orders.
NEW_ORDER_ID = 1043
NEW_NUMBER = UUID("0b9a6e14-82f5-4f4e-8d27-c1e35a90f7d6")


def stored_order(order_id: int) -> dict[str, Any]:
    """The stored order in types that json writes."""
    return {
        "id": order_id,
        "number": str(NUMBER),
        "placed_at": PLACED_AT.isoformat(),
        "status": STATUS,
        "customer": {"name": CUSTOMER_NAME, "email": CUSTOMER_EMAIL},
        "lines": [
            {"sku": sku, "title": title, "quantity": quantity, "unit_price": unit_price}
            for sku, title, quantity, unit_price in LINES
        ],
        "note": None,
    }


def placed_order(data: Any) -> dict[str, Any] | None:
    """The order that a decoded body places, in types that json writes; None unless every field is right."""
    if type(data) is not dict:
        return None
    customer, lines, note = data.get("customer"), data.get("lines"), data.get("note")
    if type(customer) is not dict or type(customer.get("name")) is not str or type(customer.get("email")) is not str:
        return None
    if type(lines) is not list or not lines or (note is not None and type(note) is not str):
        return None
    for line in lines:
        if not is_line(line):
            return None
    requested_at = parse_instant(data.get("requested_at"))
    if requested_at is None:
        return None
    return {
        "id": NEW_ORDER_ID,
        "number": str(NEW_NUMBER),
        "placed_at": requested_at.isoformat(),
        "status": OrderStatus.PLACED,
        # Field by field: what else a client wrote is no part of an order.
        "customer": {"name": customer["name"], "email": customer["email"]},
        "lines": [
            {"sku": line["sku"], "title": line["title"], "quantity": line["quantity"], "unit_price": line["unit_price"]}
            for line in lines
        ],
        "note": note,
    }


def is_line(line: Any) -> bool:
    """Whether a decoded line has its four fields within their bounds.

    `type(...) is` rather than isinstance: it is quicker, json makes exactly these types, and True is no quantity.
    """
    if type(line) is not dict:
        return False
    title, quantity, unit_price = line.get("title"), line.get("quantity"), line.get("unit_price")
    return (
        type(line.get("sku")) is str
        and type(title) is str
        and len(title) <= MAX_TITLE_LENGTH
        and type(quantity) is int
        and quantity >= 1
        and type(unit_price) is int
        and unit_price >= 0
    )


def parse_instant(text: Any) -> datetime | None:
    """A time with its zone, None for anything else."""
    if type(text) is not str:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if instant.tzinfo is None else instant
