"""The cases in Starlette: routes, JSONResponse of dicts; validation by hand, since Starlette brings none."""

from json import JSONDecodeError

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from benchmarks.peers.items import GREETING, NAME, NEW_ID, PRICE, TAGS, is_new_item
from benchmarks.peers.orders import placed_order, stored_order


async def show_text(request: Request) -> Response:
    return PlainTextResponse(GREETING)


async def show_item(request: Request) -> Response:
    return JSONResponse({"id": request.path_params["item_id"], "name": NAME, "price": PRICE, "tags": TAGS})


async def create_item(request: Request) -> Response:
    try:
        data = await request.json()
    except JSONDecodeError as error:
        raise HTTPException(400) from error
    if not is_new_item(data):
        raise HTTPException(422)
    return JSONResponse({"id": NEW_ID, "name": data["name"], "price": data["price"], "tags": data["tags"]})


async def show_order(request: Request) -> Response:
    return JSONResponse(stored_order(request.path_params["order_id"]))


async def create_order(request: Request) -> Response:
    try:
        data = await request.json()
    except JSONDecodeError as error:
        raise HTTPException(400) from error
    order = placed_order(data)
    if order is None:
        raise HTTPException(422)
    return JSONResponse(order)


app = Starlette(
    routes=[
        Route("/text", show_text),
        Route("/items", create_item, methods=["POST"]),
        Route("/items/{item_id:int}", show_item),
        Route("/orders", create_order, methods=["POST"]),
        Route("/orders/{order_id:int}", show_order),
    ],
)
