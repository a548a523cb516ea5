"""A session in Starlette: `SessionMiddleware`, as its documentation shows; the cookie is signed by itsdangerous."""

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from benchmarks.session_peers.payload import PAYLOAD, SECRET


async def bare(request: Request) -> Response:
    return PlainTextResponse("8")


async def begin(request: Request) -> Response:
    request.session.update(PAYLOAD)
    return PlainTextResponse("7")


async def count(request: Request) -> Response:
    request.session["count"] += 1
    return PlainTextResponse(str(request.session["count"]))


async def read(request: Request) -> Response:
    return PlainTextResponse(str(request.session["count"]))


def make(*, with_sessions: bool) -> Starlette:
    routes = [Route("/bare", bare), Route("/begin", begin), Route("/count", count), Route("/read", read)]
    return Starlette(routes=routes, middleware=[Middleware(SessionMiddleware, secret_key=SECRET)] if with_sessions else [])
