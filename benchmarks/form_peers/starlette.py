"""Forms in Starlette: `request.form()`, closed as its documentation shows; it hands out no parts as they arrive."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route


async def upload(request: Request) -> Response:
    async with request.form() as form:
        return PlainTextResponse(f"{form['title']} {form['film'].size}")


async def files(request: Request) -> Response:
    async with request.form() as form:
        size = sum(photo.size for photo in form.getlist("photos"))
        agreed = form["agreed"] == "on"
        return PlainTextResponse(f"{form['name']} {form['email']} {form['city']} {int(form['year'])} {agreed} {size}")


async def fields(request: Request) -> Response:
    async with request.form() as form:
        agreed = form["agreed"] == "on"
        return PlainTextResponse(f"{form['name']} {form['email']} {form['city']} {int(form['year'])} {agreed}")


app = Starlette(
    routes=[
        Route("/upload", upload, methods=["POST"]),
        Route("/files", files, methods=["POST"]),
        Route("/fields", fields, methods=["POST"]),
    ]
)
