"""What starting costs: an application of ten thousand routes frozen, beside FastAPI registering the same ones.

Both read signatures, and Martlet also generates an endpoint for each route and checks the whole table for conflicts; FastAPI
registers only, its checks come with the first requests. CPU time of the process, one after the other; FastAPI's time grows with
each route, so it is measured over all of them, not projected.
"""

import gc
import time
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from msgspec import Struct
from pydantic import BaseModel

from martlet import App

ROUTES = 10_000


class Part(Struct):
    """What Martlet's handlers give."""

    id: int
    name: str


class PartModel(BaseModel):
    """What FastAPI's handlers give."""

    id: int
    name: str


def handlers(count: int, result: type[Any]) -> list[Callable[..., Any]]:
    """As many functions, each with a path parameter and a query parameter."""
    made: list[Callable[..., Any]] = []
    for number in range(count):

        async def show(part_id: int, page: int = 1) -> result:  # type: ignore[valid-type]
            return result(id=part_id, name="bolt")

        show.__name__ = f"show_{number}"
        made.append(show)
    return made


def timed(work: Callable[[], None]) -> float:
    """CPU seconds of one call, garbage of earlier work collected before."""
    gc.collect()
    began = time.process_time()
    work()
    return time.process_time() - began


def freezing() -> list[tuple[bool, str]]:
    """Both frameworks from the functions to an application."""
    ours, theirs = handlers(ROUTES, Part), handlers(ROUTES, PartModel)

    def freeze() -> None:
        app = App()
        for number, handler in enumerate(ours):
            app.get(f"/r{number}/parts/{{part_id}}")(handler)
        app.freeze()

    def register() -> None:
        app = FastAPI()
        for number, handler in enumerate(theirs):
            app.get(f"/r{number}/parts/{{part_id}}")(handler)

    martlet, fastapi = timed(freeze), timed(register)
    print(f"\nan application of {ROUTES:,} routes: martlet frozen in {martlet:.2f} s, fastapi registered in {fastapi:.2f} s")
    return [(martlet < fastapi, f"{fastapi / martlet:.1f} x faster to freeze than FastAPI is to register, at least 1")]
