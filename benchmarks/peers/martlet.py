"""The cases in Martlet: plain typed functions, msgspec Structs in and out."""

from benchmarks.peers.items import GREETING, NAME, NEW_ID, PRICE, TAGS
from benchmarks.peers.orders import (
    CUSTOMER_EMAIL,
    CUSTOMER_NAME,
    LINES,
    NEW_NUMBER,
    NEW_ORDER_ID,
    NUMBER,
    PLACED_AT,
    STATUS,
    OrderStatus,
)
from benchmarks.peers.structs import Customer, Item, Line, NewItem, NewOrder, Order
from martlet import App, Group

cases = Group("")


@cases.get("/text")
async def show_text() -> str:
    return GREETING


@cases.get("/items/{item_id:int}")
async def show_item(item_id: int) -> Item:
    return Item(item_id, NAME, PRICE, TAGS)


@cases.post("/items")
async def create_item(new: NewItem) -> Item:
    return Item(NEW_ID, new.name, new.price, new.tags)


@cases.get("/orders/{order_id:int}")
async def show_order(order_id: int) -> Order:
    customer = Customer(CUSTOMER_NAME, CUSTOMER_EMAIL)
    lines = [Line(sku, title, quantity, unit_price) for sku, title, quantity, unit_price in LINES]
    return Order(order_id, NUMBER, PLACED_AT, STATUS, customer, lines, None)


@cases.post("/orders")
async def create_order(new: NewOrder) -> Order:
    return Order(NEW_ORDER_ID, NEW_NUMBER, new.requested_at, OrderStatus.PLACED, new.customer, new.lines, new.note)


# What none of the others does is left out here; martlet_defaults.py has it.
app = App(checks_host=False, security_headers=None)
app.include(cases)
