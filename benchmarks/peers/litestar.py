"""The cases in Litestar: msgspec Structs in and out, without its OpenAPI pages and logging."""

from litestar import Litestar, MediaType, get, post
from msgspec import Struct

from benchmarks.peers.items import GREETING, NAME, NEW_ID, PRICE, TAGS


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


@get("/text", media_type=MediaType.TEXT)
async def show_text() -> str:
    return GREETING


@get("/items/{item_id:int}")
async def show_item(item_id: int) -> Item:
    return Item(item_id, NAME, PRICE, TAGS)


@post("/items", status_code=200)
async def create_item(data: NewItem) -> Item:
    return Item(NEW_ID, data.name, data.price, data.tags)


app = Litestar([show_text, show_item, create_item], openapi_config=None, logging_config=None)
