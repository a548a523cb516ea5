"""The cases in Falcon: resources and media.

Dicts with text for what JSON has no type for, as its ASGI tutorial's `serialize` builds them, and its own JSON handler.
Validation by hand, since Falcon's own needs a JSON Schema library, which is slower.
"""

import falcon
import falcon.asgi
from falcon.asgi import Request, Response

from benchmarks.peers.items import GREETING, NAME, NEW_ID, PRICE, TAGS, is_new_item
from benchmarks.peers.orders import placed_order, stored_order


class Text:
    """GET /text."""

    async def on_get(self, request: Request, response: Response) -> None:
        """Answer with plain text."""
        response.content_type = falcon.MEDIA_TEXT
        response.text = GREETING


class Items:
    """POST /items."""

    async def on_post(self, request: Request, response: Response) -> None:
        """Read, validate, and answer with what would be stored."""
        data = await request.get_media()
        if not is_new_item(data):
            raise falcon.HTTPUnprocessableEntity
        response.media = {"id": NEW_ID, "name": data["name"], "price": data["price"], "tags": data["tags"]}


class Item:
    """GET /items/42."""

    async def on_get(self, request: Request, response: Response, item_id: int) -> None:
        """Answer with one item."""
        response.media = {"id": item_id, "name": NAME, "price": PRICE, "tags": TAGS}


class Orders:
    """POST /orders."""

    async def on_post(self, request: Request, response: Response) -> None:
        """Read, validate, and answer with what would be stored."""
        order = placed_order(await request.get_media())
        if order is None:
            raise falcon.HTTPUnprocessableEntity
        response.media = order


class Order:
    """GET /orders/1042."""

    async def on_get(self, request: Request, response: Response, order_id: int) -> None:
        """Answer with one order."""
        response.media = stored_order(order_id)


app = falcon.asgi.App()
app.add_route("/text", Text())
app.add_route("/items", Items())
app.add_route("/items/{item_id:int}", Item())
app.add_route("/orders", Orders())
app.add_route("/orders/{order_id:int}", Order())
