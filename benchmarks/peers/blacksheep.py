"""The cases in BlackSheep: bound parameters, pydantic models in (its dataclasses are not validated), dicts out.

Its documentation shows dicts as well as objects in `json(...)`; dicts take half the time, so they stand here.
Its encoder writes UUID and datetime by itself.
"""

from blacksheep import Application, FromJSON, Response, Router, json, text

from benchmarks.peers.items import GREETING, NAME, NEW_ID, PRICE, TAGS
from benchmarks.peers.models import NewItem, NewOrder
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

router = Router()
app = Application(router=router)


@router.get("/text")
async def show_text() -> Response:
    return text(GREETING)


@router.get("/items/{int:item_id}")
async def show_item(item_id: int) -> Response:
    return json({"id": item_id, "name": NAME, "price": PRICE, "tags": TAGS})


@router.post("/items")
async def create_item(data: FromJSON[NewItem]) -> Response:
    new = data.value
    return json({"id": NEW_ID, "name": new.name, "price": new.price, "tags": new.tags})


@router.get("/orders/{int:order_id}")
async def show_order(order_id: int) -> Response:
    return json(
        {
            "id": order_id,
            "number": NUMBER,
            "placed_at": PLACED_AT,
            "status": STATUS,
            "customer": {"name": CUSTOMER_NAME, "email": CUSTOMER_EMAIL},
            "lines": [
                {"sku": sku, "title": title, "quantity": quantity, "unit_price": unit_price}
                for sku, title, quantity, unit_price in LINES
            ],
            "note": None,
        }
    )


@router.post("/orders")
async def create_order(data: FromJSON[NewOrder]) -> Response:
    new = data.value
    return json(
        {
            "id": NEW_ORDER_ID,
            "number": NEW_NUMBER,
            "placed_at": new.requested_at,
            "status": OrderStatus.PLACED,
            **new.model_dump(exclude={"requested_at"}),
        }
    )
