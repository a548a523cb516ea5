"""ASGI applications below a prefix, over each protocol: their scope, their events, their failures, their lifespan."""

from __future__ import annotations

import asyncio
import contextvars
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from martlet import App, ForbiddenError, Limits, Request, Respond, Response
from martlet.testing import Client
from tests.rows import each
from tests.serving import ProtocolName, Serve

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


def mounting(application: Application, prefix: str = "/old", **options: Any) -> App:
    app = App()
    app.mount(prefix, application, **options)
    return app


async def answer(send: Send, body: bytes = b"", status: int = 200, *fields: tuple[bytes, bytes]) -> None:
    await send({"type": "http.response.start", "status": status, "headers": list(fields)})
    await send({"type": "http.response.body", "body": body})


def telling(*keys: str) -> Application:
    """An application that answers with these values of its scope."""

    async def tell(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await answer(send, repr(tuple(scope[key] for key in keys)).encode())

    return tell


@each(
    ("prefix", "target", "root_path", "path"),
    [
        pytest.param("/old", "/old/books/7", "/old", "/old/books/7", id="below the prefix"),
        pytest.param("/old", "/old/", "/old", "/old/", id="its own root"),
        pytest.param("/old", "/old", "/old", "/old", id="without a slash"),
        pytest.param("/old/", "/old/a", "/old", "/old/a", id="a prefix that ends in a slash"),
        pytest.param("", "/books", "", "/books", id="everything"),
        pytest.param("/", "/", "", "/", id="everything, the root"),
        pytest.param("/{shop}/old", "/ours/old/a", "/ours/old", "/ours/old/a", id="a parameter in the prefix"),
        pytest.param("/old", "/old//a//", "/old", "/old//a//", id="empty segments"),
        pytest.param("/old", "/old/le%20caf%C3%A9%2F", "/old", "/old/le café/", id="percent-encoded"),
    ],
)
def test_a_mounted_application_knows_where_it_lies(serve: Serve, prefix: str, target: str, root_path: str, path: str) -> None:
    client = serve(mounting(telling("root_path", "path"), prefix))

    assert client.get(target).text == repr((root_path, path))


def test_what_does_not_begin_with_the_prefix_is_not_below_it(serve: Serve) -> None:
    client = serve(mounting(telling("path")))

    assert client.get("/older").status_code == 404
    assert client.get("/ol").status_code == 404
    assert client.get("/").status_code == 404


def test_the_scope_says_what_the_request_says(serve: Serve) -> None:
    keys = ("type", "method", "scheme", "http_version", "query_string", "raw_path", "client", "server", "state")
    client = serve(mounting(telling(*keys)))

    said = client.request("BREW", "/old/a%20b?x=1&y=%20").text

    expected: tuple[Any, ...] = (
        "http",
        "BREW",
        "http",
        "1.1",
        b"x=1&y=%20",
        b"/old/a%20b",
        ("127.0.0.1", 50_000),
        ("127.0.0.1", 80),
        {},
    )
    assert said == repr(expected)


def test_only_extensions_that_can_be_kept_are_handed_on() -> None:
    app = mounting(telling("extensions"))

    async def server(scope: Scope, receive: Receive, send: Send) -> None:
        offered = {
            "http.response.early_hint": {},
            "http.response.push": {},
            "http.response.trailers": {},
            "tls": {"version": 772},
        }
        await app({**scope, "extensions": offered}, receive, send)

    said = Client(server).get("/old/").text

    assert said == repr(({"http.response.early_hint": {}, "tls": {"version": 772}, "http.response.pathsend": {}},))


def test_fields_pass_in_both_directions(serve: Serve) -> None:
    async def echo(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            own = [(name, value) for name, value in scope["headers"] if name.startswith(b"x-")]
            await answer(send, b"", 418, *own, (b"Set-Cookie", b"a=1"), (b"set-cookie", b"b=2"), (b"x-name", "Zoë".encode()))

    received = serve(mounting(echo)).get("/old/", headers=[("x-one", "1"), ("x-two", "2")])

    assert received.status_code == 418
    assert received.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert (received.headers["x-one"], received.headers["x-two"], received.headers["x-name"]) == ("1", "2", "Zoë")
    assert "content-type" not in received.headers


@each("sent", [b"", b"small", [b"a" * 70_000, b"b" * 70_000], [b"x"] * 50], ids=["none", "one", "large", "many"])
def test_a_body_comes_piece_by_piece(serve: Serve, sent: bytes | list[bytes]) -> None:
    async def measure(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body, more = b"", True
        while more:
            event = await receive()
            body += event["body"]
            more = event["more_body"]
        await answer(send, str(len(body)).encode())

    client = serve(mounting(measure))

    assert client.post("/old/", content=sent).text == str(len(b"".join(sent) if isinstance(sent, list) else sent))


def test_a_streamed_answer_comes_piece_by_piece(serve: Serve) -> None:
    async def stream(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"6")]})
            for part in (b"ab", b"", b"cd"):
                await send({"type": "http.response.body", "body": part, "more_body": True})
            await send({"type": "http.response.body", "body": b"ef"})

    received = serve(mounting(stream)).get("/old/")

    assert received.content == b"abcdef"
    assert received.headers["content-length"] == "6"


def test_head_has_the_fields_and_no_body(serve: Serve) -> None:
    async def home(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await answer(send, b"" if scope["method"] == "HEAD" else b"home", 200, (b"content-length", b"4"))

    client = serve(mounting(home))

    assert client.head("/old/").content == b""
    assert client.head("/old/").headers["content-length"] == client.get("/old/").headers["content-length"] == "4"


def test_a_file_by_its_path_is_sent_as_a_file(serve: Serve, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_bytes(b"<p>page")

    async def send_file(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and "http.response.pathsend" in scope["extensions"]:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.pathsend", "path": str(file)})

    assert serve(mounting(send_file)).get("/old/").content == b"<p>page"


async def raise_at_once(scope: Scope, receive: Receive, send: Send) -> None:
    raise RuntimeError("on purpose")


async def say_nothing(scope: Scope, receive: Receive, send: Send) -> None:
    return


async def begin_only(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})


async def split_a_field(scope: Scope, receive: Receive, send: Send) -> None:
    await answer(send, b"", 200, (b"x-name", b"a\r\nset-cookie: b"))


async def invent_a_status(scope: Scope, receive: Receive, send: Send) -> None:
    await answer(send, b"", 999)


async def send_no_start(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.body", "body": b"body"})


async def leave_the_process(scope: Scope, receive: Receive, send: Send) -> None:
    raise SystemExit(3)


@pytest.mark.parametrize(
    "application",
    [raise_at_once, say_nothing, begin_only, split_a_field, invent_a_status, send_no_start, leave_the_process],
    ids=lambda application: application.__name__,
)
def test_a_failure_before_the_answer_is_a_500_that_is_logged_once(
    serve: Serve, application: Application, caplog: pytest.LogCaptureFixture
) -> None:
    async def alive(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await application(scope, receive, send)

    received = serve(mounting(alive)).get("/old/x")

    assert received.status_code == 500
    assert "on purpose" not in received.text
    assert [record.name for record in caplog.records if record.levelno >= logging.ERROR] == ["martlet.errors"]


def test_a_failure_after_the_answer_is_logged_once(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    async def fail_late(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await answer(send, b"done")
            raise RuntimeError("on purpose")

    with caplog.at_level(logging.ERROR):
        received = serve(mounting(fail_late)).get("/old/x")

    assert received.text == "done"
    (record,) = caplog.records
    assert record.getMessage() == "GET /old/x: the mounted application failed after its answer."
    assert record.exc_info is not None
    assert str(record.exc_info[1]) == "on purpose"


def test_a_failure_midway_never_looks_whole(protocol: ProtocolName) -> None:
    async def fail_midway(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"a", "more_body": True})
            raise RuntimeError("on purpose")

    with Client(mounting(fail_midway), protocol=protocol) as client, pytest.raises(RuntimeError, match="on purpose"):
        client.get("/old/")


def test_what_goes_on_after_the_answer_is_waited_for(protocol: ProtocolName) -> None:
    events: list[str] = []

    async def go_on(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await answer(send, b"done")
            await asyncio.sleep(0.05)
            events.append("went on")

    with Client(mounting(go_on), protocol=protocol) as client:
        assert client.get("/old/").text == "done"

    assert events == ["went on"]


def test_what_goes_on_for_ever_ends_with_the_app(protocol: ProtocolName) -> None:
    events: list[str] = []

    async def go_on(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await answer(send, b"done")
            try:
                await asyncio.sleep(100)
            finally:
                events.append("ended")

    app = App(shutdown_seconds=0.01)
    app.mount("/old", go_on)
    with Client(app, protocol=protocol) as client:
        client.get("/old/")

    assert events == ["ended"]


def test_a_client_that_leaves_an_upload_is_told(serve: Serve) -> None:
    events: list[str] = []

    async def read(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            while (event := await receive())["type"] == "http.request":
                assert event["more_body"]
            events.append(event["type"])

    received = serve(mounting(read)).post("/old/", content=[b"part"], headers={"content-length": "100"}, breaks_off=True)

    assert events == ["http.disconnect"]
    assert received.status_code == 400


def test_after_the_answer_the_client_is_gone(protocol: ProtocolName) -> None:
    events: list[str] = []

    async def listen(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await receive()
            await answer(send, b"done")
            events.append((await receive())["type"])

    with Client(mounting(listen), protocol=protocol) as client:
        client.get("/old/")

    assert events == ["http.disconnect"]


def test_a_body_beyond_the_limits_is_refused(serve: Serve) -> None:
    async def read(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            while (await receive()).get("more_body"):
                continue
            await answer(send, b"read")

    client = serve(mounting(read, limits=Limits(body_bytes=10)))

    assert client.post("/old/", content=b"x" * 10).text == "read"
    assert client.post("/old/", content=b"x" * 11).status_code == 413
    assert client.post("/old/", content=[b"x"] * 11).status_code == 413


def test_a_refused_body_counts_for_more_than_the_answer_to_it(serve: Serve) -> None:
    async def begin_and_fail(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            while (event := await receive()).get("more_body"):
                continue
            if event["type"] == "http.disconnect":
                await send({"type": "http.response.body", "body": b"truncated"})
                raise RuntimeError("The client has left.")

    client = serve(mounting(begin_and_fail, limits=Limits(body_bytes=10)))

    assert client.post("/old/", content=[b"x"] * 11).status_code == 413


def test_routes_of_its_own_go_before(serve: Serve) -> None:
    app = mounting(telling("path"))

    @app.get("/old/new")
    async def new() -> str:
        return "new"

    @app.get("/old/")
    async def home() -> str:
        return "home"

    client = serve(app)

    assert client.get("/old/new").text == "new"
    assert client.get("/old/").text == "home"
    assert client.post("/old/new").text == repr(("/old/new",))
    assert client.get("/old/newer").text == repr(("/old/newer",))


def test_guards_and_middleware_stand_around_a_mount(serve: Serve) -> None:
    def locked(request: Request) -> None:
        if request.headers.get("x-key") != "1":
            raise ForbiddenError

    app = mounting(telling("path"), guards=[locked])

    @app.use
    async def stamp(request: Request, respond: Respond) -> Response:
        response = await respond(request)
        response.headers["x-path"] = request.path
        return response

    client = serve(app)

    assert client.get("/old/a").status_code == 403
    assert client.get("/old/a", headers={"x-key": "1"}).text == repr(("/old/a",))
    assert client.get("/old/a", headers={"x-key": "1"}).headers["x-path"] == "/old/a"


def test_a_body_that_was_read_before_is_read_again(serve: Serve) -> None:
    async def echo(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await answer(send, (await receive())["body"])

    app = mounting(echo)

    @app.use
    async def look(request: Request, respond: Respond) -> Response:
        await request.read()
        return await respond(request)

    assert serve(app).post("/old/", content=b"body").text == "body"


def test_context_variables_are_the_requests(serve: Serve) -> None:
    who = contextvars.ContextVar[str]("who")

    async def tell(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await answer(send, who.get().encode())

    app = mounting(tell)

    @app.use
    async def set_who(request: Request, respond: Respond) -> Response:
        who.set("Ada")
        return await respond(request)

    assert serve(app).get("/old/").text == "Ada"


# Lifespan.


def living(events: list[str], fails: str = "") -> Application:
    """An application that notes its lifespan, or fails in it."""

    async def live(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await answer(send, repr(scope["state"]).encode())
            return
        for phase in ("startup", "shutdown"):
            assert (await receive())["type"] == f"lifespan.{phase}"
            if phase == fails:
                await send({"type": f"lifespan.{phase}.failed", "message": "on purpose"})
                return
            events.append(phase)
            scope["state"]["since"] = phase
            await send({"type": f"lifespan.{phase}.complete"})

    return live


def test_a_mount_starts_and_stops_with_the_app(protocol: ProtocolName) -> None:
    events: list[str] = []
    app = mounting(living(events))

    @app.lifespan
    async def around() -> AsyncIterator[None]:
        events.append("open")
        yield
        events.append("close")

    with Client(app, protocol=protocol) as client:
        said = client.get("/old/").text

    assert said == repr({"since": "startup"})
    assert events == ["open", "startup", "shutdown", "close"]


def test_an_application_that_is_mounted_twice_lives_once(protocol: ProtocolName) -> None:
    events: list[str] = []
    app, application = App(), living(events)
    app.mount("/v1", application)
    app.mount("/latest", application)

    with Client(app, protocol=protocol) as client:
        assert client.get("/v1/").text == client.get("/latest/").text == repr({"since": "startup"})

    assert events == ["startup", "shutdown"]


@pytest.mark.parametrize("protocol", ["asgi", "rsgi"])
def test_a_mount_that_cannot_start_keeps_the_app_from_starting(protocol: ProtocolName) -> None:
    events: list[str] = []
    app = App()
    app.mount("/one", living(events))
    app.mount("/two", living(events, fails="startup"))

    with pytest.raises(RuntimeError, match="startup failed: on purpose"), Client(app, protocol=protocol):
        pytest.fail("It started.")

    assert events == ["startup", "shutdown"]


def test_a_mount_that_knows_no_lifespan_is_left_alone(serve: Serve) -> None:
    async def only_http(scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "http"
        await answer(send, b"here")

    assert serve(mounting(only_http)).get("/old/").text == "here"


def test_a_mount_that_is_declared_in_a_group_has_its_prefix(serve: Serve) -> None:
    from martlet import Group

    app, group = App(), Group("/desk")
    group.mount("/old", telling("root_path", "path"))
    app.include(group)

    assert serve(app).get("/desk/old/a").text == repr(("/desk/old", "/desk/old/a"))


def test_no_server_is_asked_for_two_events_at_once_so_that_a_body_keeps_its_order() -> None:
    """Of two who wait some servers serve the later one first; this one does."""
    pieces = [bytes([number]) * 10 for number in range(50)]
    waiting: list[asyncio.Future[dict[str, Any]]] = []
    sent: list[dict[str, Any]] = []

    async def echo(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        more = True
        while more:
            event = await receive()
            more = event.get("more_body", False)
            await send({"type": "http.response.body", "body": event["body"], "more_body": more})

    async def receive() -> dict[str, Any]:
        waiting.append(asyncio.get_running_loop().create_future())
        return await waiting[-1]

    async def send(event: dict[str, Any]) -> None:
        sent.append(event)

    async def upload() -> None:
        for number, piece in enumerate(pieces):
            while not waiting:  # noqa: ASYNC110  whoever wants it comes in some turns of the loop
                await asyncio.sleep(0)
            for _ in range(20):  # and whoever else
                await asyncio.sleep(0)
            assert len(waiting) == 1
            waiting.pop().set_result({"type": "http.request", "body": piece, "more_body": number < len(pieces) - 1})

    async def exchange() -> None:
        headers = [(b"host", b"example.org"), (b"transfer-encoding", b"chunked")]
        scope = {"type": "http", "method": "POST", "path": "/old/x", "query_string": b"", "headers": headers}
        await asyncio.wait_for(asyncio.gather(upload(), mounting(echo)(scope, receive, send)), timeout=30)

    asyncio.run(exchange())

    assert b"".join(event.get("body", b"") for event in sent) == b"".join(pieces)
