"""The cases in Martlet: plain typed functions, msgspec Structs in and out."""

from msgspec import Struct

from benchmarks.peers.items import GREETING, NAME, NEW_ID, PRICE, TAGS
from martlet import App


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


app = App()


@app.get("/text")
async def show_text() -> str:
    return GREETING


@app.get("/items/{item_id:int}")
async def show_item(item_id: int) -> Item:
    return Item(item_id, NAME, PRICE, TAGS)


@app.post("/items")
async def create_item(new: NewItem) -> Item:
    return Item(NEW_ID, new.name, new.price, new.tags)
