"""The cases in FastAPI: pydantic models in and out, without its OpenAPI pages."""

from fastapi import FastAPI
from fastapi.responses import PlainTextResponse

from benchmarks.peers.items import GREETING, NAME, NEW_ID, PRICE, TAGS
from benchmarks.peers.models import Customer, Item, Line, NewItem, NewOrder, Order
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

app = FastAPI(openapi_url=None)


@app.get("/text", response_class=PlainTextResponse)
async def show_text() -> str:
    return GREETING


@app.get("/items/{item_id}")
async def show_item(item_id: int) -> Item:
    return Item(id=item_id, name=NAME, price=PRICE, tags=TAGS)


@app.post("/items")
async def create_item(new: NewItem) -> Item:
    return Item(id=NEW_ID, name=new.name, price=new.price, tags=new.tags)


@app.get("/orders/{order_id}")
async def show_order(order_id: int) -> Order:
    return Order(
        id=order_id,
        number=NUMBER,
        placed_at=PLACED_AT,
        status=STATUS,
        customer=Customer(name=CUSTOMER_NAME, email=CUSTOMER_EMAIL),
        lines=[
            Line(sku=sku, title=title, quantity=quantity, unit_price=unit_price) for sku, title, quantity, unit_price in LINES
        ],
        note=None,
    )


@app.post("/orders")
async def create_order(new: NewOrder) -> Order:
    return Order(
        id=NEW_ORDER_ID,
        number=NEW_NUMBER,
        placed_at=new.requested_at,
        status=OrderStatus.PLACED,
        customer=new.customer,
        lines=new.lines,
        note=new.note,
    )
