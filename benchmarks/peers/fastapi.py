"""The cases in FastAPI: pydantic models in and out, without its OpenAPI pages."""

from fastapi import FastAPI
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel

from benchmarks.peers.items import GREETING, NAME, NEW_ID, PRICE, TAGS


class NewItem(BaseModel):
    """What a client sends."""

    name: str
    price: float
    tags: list[str]


class Item(BaseModel):
    """What it gets back."""

    id: int
    name: str
    price: float
    tags: list[str]


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
