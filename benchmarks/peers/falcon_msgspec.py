"""The cases in Falcon with the recipe of its documentation that puts msgspec in the place of its own JSON and validation.

Encoder and decoder are made once, which the recipe leaves to its reader.
"""

from typing import Any, NoReturn

import falcon
import falcon.asgi
import falcon.media
import msgspec
from falcon.asgi import Request, Response

from benchmarks.peers.falcon import Text
from benchmarks.peers.items import NAME, NEW_ID, PRICE, TAGS
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


class ValidBody:
    """Middleware: the body as the Struct that the resource asks for."""

    async def process_resource(self, req: Request, resp: Response, resource: object, params: dict[str, Any]) -> None:
        """Read and convert; what does not fit raises msgspec.ValidationError."""
        struct = getattr(resource, f"{req.method}_SCHEMA", None)
        if struct is not None:
            params["new"] = msgspec.convert(await req.get_media(), struct)


async def refuse(request: Request, response: Response, error: Exception, params: dict[str, Any]) -> NoReturn:
    raise falcon.HTTPUnprocessableEntity(description=str(error))


class Items:
    """POST /items."""

    POST_SCHEMA = NewItem

    async def on_post(self, request: Request, response: Response, new: NewItem) -> None:
        """Answer with what would be stored."""
        response.media = Item(NEW_ID, new.name, new.price, new.tags)


class StoredItem:
    """GET /items/42."""

    async def on_get(self, request: Request, response: Response, item_id: int) -> None:
        """Answer with one item."""
        response.media = Item(item_id, NAME, PRICE, TAGS)


class Orders:
    """POST /orders."""

    POST_SCHEMA = NewOrder

    async def on_post(self, request: Request, response: Response, new: NewOrder) -> None:
        """Answer with what would be stored."""
        response.media = Order(NEW_ORDER_ID, NEW_NUMBER, new.requested_at, OrderStatus.PLACED, new.customer, new.lines, new.note)


class StoredOrder:
    """GET /orders/1042."""

    async def on_get(self, request: Request, response: Response, order_id: int) -> None:
        """Answer with one order."""
        customer = Customer(CUSTOMER_NAME, CUSTOMER_EMAIL)
        lines = [Line(sku, title, quantity, unit_price) for sku, title, quantity, unit_price in LINES]
        response.media = Order(order_id, NUMBER, PLACED_AT, STATUS, customer, lines, None)


app = falcon.asgi.App(middleware=[ValidBody()])
app.add_error_handler(msgspec.ValidationError, refuse)
handler = falcon.media.JSONHandler(dumps=msgspec.json.Encoder().encode, loads=msgspec.json.Decoder().decode)
app.req_options.media_handlers[falcon.MEDIA_JSON] = handler
app.resp_options.media_handlers[falcon.MEDIA_JSON] = handler
app.add_route("/text", Text())
app.add_route("/items", Items())
app.add_route("/items/{item_id:int}", StoredItem())
app.add_route("/orders", Orders())
app.add_route("/orders/{order_id:int}", StoredOrder())
