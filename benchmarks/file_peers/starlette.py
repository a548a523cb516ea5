"""Files in Starlette: StaticFiles at a mount, as its documentation shows."""

from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles


def make(directory: str) -> Starlette:
    return Starlette(routes=[Mount("/assets", app=StaticFiles(directory=directory))])
