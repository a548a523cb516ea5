"""The cases in BlackSheep: bound parameters, a pydantic model in (its dataclasses are not validated), a dataclass out."""

from dataclasses import dataclass

from blacksheep import Application, FromJSON, Response, Router, json, text
from pydantic import BaseModel

from benchmarks.peers.items import GREETING, NAME, NEW_ID, PRICE, TAGS


class NewItem(BaseModel):
    """What a client sends."""

    name: str
    price: float
    tags: list[str]


@dataclass
class Item:
    """What it gets back."""

    id: int
    name: str
    price: float
    tags: list[str]


router = Router()
app = Application(router=router)


@router.get("/text")
async def show_text() -> Response:
    return text(GREETING)


@router.get("/items/{int:item_id}")
async def show_item(item_id: int) -> Response:
    return json(Item(item_id, NAME, PRICE, TAGS))


@router.post("/items")
async def create_item(data: FromJSON[NewItem]) -> Response:
    new = data.value
    return json(Item(NEW_ID, new.name, new.price, new.tags))
