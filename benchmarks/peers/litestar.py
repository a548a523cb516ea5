"""The cases in Litestar: msgspec Structs in and out, without its OpenAPI pages and logging."""

from litestar import Litestar, MediaType, get, post

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


@get("/text", media_type=MediaType.TEXT)
async def show_text() -> str:
    return GREETING


@get("/items/{item_id:int}")
async def show_item(item_id: int) -> Item:
    return Item(item_id, NAME, PRICE, TAGS)


@post("/items", status_code=200)
async def create_item(data: NewItem) -> Item:
    return Item(NEW_ID, data.name, data.price, data.tags)


@get("/orders/{order_id:int}")
async def show_order(order_id: int) -> Order:
    customer = Customer(CUSTOMER_NAME, CUSTOMER_EMAIL)
    lines = [Line(sku, title, quantity, unit_price) for sku, title, quantity, unit_price in LINES]
    return Order(order_id, NUMBER, PLACED_AT, STATUS, customer, lines, None)


@post("/orders", status_code=200)
async def create_order(data: NewOrder) -> Order:
    return Order(NEW_ORDER_ID, NEW_NUMBER, data.requested_at, OrderStatus.PLACED, data.customer, data.lines, data.note)


app = Litestar([show_text, show_item, create_item, show_order, create_order], openapi_config=None, logging_config=None)
