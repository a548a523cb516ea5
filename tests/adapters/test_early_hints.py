"""103 Early Hints where a server can send them, and a plain no elsewhere (RFC 8297)."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from typing import Any

import pytest

from martlet import App, Request, Respond, Response, Stream
from martlet.http import BadHeaderError
from martlet.testing import Client
from tests.rows import each
from tests.serving import Serve

STYLE = "</app.css>; rel=preload; as=style"
SCRIPT = "</app.js>; rel=preload; as=script"


def hinting(*, waits: bool = False) -> App:
    app = App()

    @app.get("/async")
    async def home(request: Request) -> dict[str, bool]:
        return {"told": await request.early_hints([STYLE, SCRIPT])}

    @app.get("/inline", inline=True)
    async def inline(request: Request) -> dict[str, bool]:
        return {"told": await request.early_hints([STYLE, SCRIPT])}

    @app.get("/late")
    async def late(request: Request) -> Response:
        async def chunks() -> AsyncIterator[str]:
            yield str(await request.early_hints([STYLE]))

        return Response(Stream(chunks()))

    @app.get("/broken")
    async def broken(request: Request) -> str:
        with pytest.raises(BadHeaderError):
            await request.early_hints([f"{STYLE}\r\nset-cookie: a=b"])
        return "refused"

    if waits:

        @app.use
        async def waiting(request: Request, respond: Respond) -> Response:
            return await respond(request)

    return app


class ASGIServer:
    """Offers extensions to an app, and notes the hints."""

    def __init__(self, app: App, *extensions: str) -> None:
        self._app = app
        self._extensions: dict[str, dict[str, Any]] = {name: {} for name in extensions}
        self.events: list[dict[str, Any]] = []

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        async def noting(event: dict[str, Any]) -> None:
            self.events.append(event)
            if event["type"] != "http.response.early_hint":
                await send(event)

        await self._app({**scope, "extensions": self._extensions}, receive, noting)


class WSGIServer:
    """Offers gunicorn's call to an app, and notes the hints and the thread they came in."""

    def __init__(self, app: App) -> None:
        self._app = app
        self.hints: list[Any] = []
        self.threads: list[threading.Thread] = []

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        environ["wsgi.early_hints"] = self._note
        return self._app(environ, start_response)

    def _note(self, fields: list[tuple[str, str]]) -> None:
        self.hints.append(fields)
        self.threads.append(threading.current_thread())


def test_a_server_with_the_extension_is_told_before_the_answer() -> None:
    server = ASGIServer(hinting(), "http.response.early_hint", "http.response.push")

    assert Client(server).get("/async").json() == {"told": True}
    assert [event["type"].removeprefix("http.response.") for event in server.events] == ["early_hint", "start", "body"]
    assert server.events[0]["links"] == [STYLE.encode(), SCRIPT.encode()]


@pytest.mark.parametrize(
    "extensions",
    [
        pytest.param((), id="none"),
        pytest.param(("http.response.pathsend",), id="others"),
        pytest.param(("http.response.early_hint", "http.response.zerocopysend"), id="h2corn, which wants them too late"),
    ],
)
def test_any_other_asgi_server_is_not(extensions: tuple[str, ...]) -> None:
    server = ASGIServer(hinting(), *extensions)

    assert Client(server).get("/async").json() == {"told": False}
    assert server.events[0]["type"] == "http.response.start"


def test_after_the_answer_has_begun_it_is_too_late() -> None:
    assert Client(ASGIServer(hinting(), "http.response.early_hint")).get("/late").text == "False"


@each("path", ["/async", "/inline"])
@each("waits", [False, True], ids=["", "behind a middleware"])
def test_a_wsgi_server_with_a_call_for_it_is_called_in_its_own_thread(path: str, *, waits: bool) -> None:
    app = hinting(waits=waits)
    server = WSGIServer(app)

    received = Client(server, protocol="wsgi").get(path).json()
    app.__wsgi_del__()

    assert received == {"told": True}
    assert server.hints == [[("link", STYLE), ("link", SCRIPT)]]
    assert server.threads == [threading.current_thread()]


def test_elsewhere_nothing_is_sent(serve: Serve) -> None:
    client = serve(hinting())

    assert client.get("/async").json() == client.get("/inline").json() == {"told": False}
    assert client.get("/broken").text == "refused"


def test_a_mounted_app_tells_too() -> None:
    app = App()
    app.mount("/inner", hinting())
    server = ASGIServer(app, "http.response.early_hint")

    assert Client(server).get("/inner/async").json() == {"told": True}
    assert server.events[0]["links"] == [STYLE.encode(), SCRIPT.encode()]


def test_a_mounted_asgi_application_tells_too() -> None:
    async def foreign(scope: Any, receive: Any, send: Any) -> None:
        if "http.response.early_hint" in scope["extensions"]:
            await send({"type": "http.response.early_hint", "links": [STYLE.encode()]})
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"foreign"})

    app = App()
    app.mount("/old", foreign, kind="asgi")
    server = ASGIServer(app, "http.response.early_hint")

    assert Client(server).get("/old/").text == "foreign"
    assert server.events[0]["links"] == [STYLE.encode()]


def test_a_client_that_has_left_over_asgi_gets_no_hint_and_fails_nothing() -> None:
    async def server(scope: dict[str, Any], receive: Any, send: Any) -> None:
        async def sending(event: dict[str, Any]) -> None:
            if event["type"] == "http.response.early_hint":
                raise ConnectionResetError
            await send(event)

        await app({**scope, "extensions": {"http.response.early_hint": {}}}, receive, sending)

    app = hinting()

    assert Client(server).get("/async").json() == {"told": False}


@pytest.mark.parametrize("path", ["/async", "/inline"])
def test_a_client_that_has_left_over_wsgi_gets_no_hint_and_fails_nothing(path: str) -> None:
    def left(fields: object) -> None:
        raise BrokenPipeError

    def server(environ: dict[str, Any], start_response: Any) -> Any:
        return app({**environ, "wsgi.early_hints": left}, start_response)

    app = hinting()

    assert Client(server, protocol="wsgi").get(path).json() == {"told": False}
