"""Endpoints that send their answer themselves over ASGI: which they are, and that nobody can tell."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any

import pytest

from martlet import App, Body, ConflictError, Group, Limits, Reply, Request, Response
from martlet.adapters.asgi.dialect import ASGIDialect
from martlet.adapters.hosts import KnownHosts
from martlet.adapters.stopping.running_requests import description, running_requests
from martlet.handling.endpoints.direct_endpoints import is_direct
from martlet.messages import Middleware
from tests.rows import each

Event = dict[str, Any]

cases = Group("")


@cases.get("/text")
async def text() -> str:
    return "Swift"


@cases.get("/data/{number:int}")
async def data(number: int) -> dict[str, int]:
    return {"number": number}


@cases.post("/bodies")
async def body(new: Annotated[dict[str, int], Body()]) -> dict[str, int]:
    return new


@cases.get("/replies")
async def reply() -> Reply[int]:
    return Reply(1, status=202)


@cases.get("/responses")
async def response() -> Response:
    return Response("made by hand")


@cases.get("/plain")
def plain() -> str:
    return "from a thread"


@cases.get("/nothing")
async def nothing() -> None:
    return


def app_of(group: Group) -> App:
    app = App(checks_host=False)
    app.include(group)
    return app


def scope_of(path: str, method: str = "GET", headers: list[tuple[bytes, bytes]] | None = None, **more: Any) -> Event:
    return {"type": "http", "method": method, "path": path, "query_string": b"", "headers": headers or [], **more}


class Exchange:
    """A server that keeps what it is sent."""

    def __init__(self, *events: Event) -> None:
        self.events = list(events)
        self.sent: list[Event] = []

    async def receive(self) -> Event:
        return self.events.pop(0) if self.events else {"type": "http.disconnect"}

    async def send(self, event: Event) -> None:
        self.sent.append(event)

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"])

    @property
    def body(self) -> bytes:
        return b"".join(event.get("body", b"") for event in self.sent[1:])


async def ask(app: App, scope: Event, *events: Event) -> Exchange:
    exchange = Exchange(*events)
    await app(scope, exchange.receive, exchange.send)
    return exchange


@each(
    ("path", "method", "direct"),
    [
        pytest.param("/text", "GET", True, id="text"),
        pytest.param("/data/7", "GET", True, id="data"),
        pytest.param("/bodies", "POST", True, id="with a body"),
        pytest.param("/replies", "GET", False, id="a status that is not known before"),
        pytest.param("/responses", "GET", False, id="a response of its own"),
        pytest.param("/plain", "GET", False, id="a chain for a thread"),
        pytest.param("/nothing", "GET", False, id="no content"),
    ],
)
def test_what_is_known_before_the_request_is_sent_directly(path: str, method: str, *, direct: bool) -> None:
    endpoint, _ = app_of(cases).freeze().router.match(method, path)

    assert endpoint is not None
    assert is_direct(endpoint.plan) is direct


async def passing(request: Request, respond: Any) -> Response:
    answer: Response = await respond(request)
    return answer


@pytest.mark.parametrize(
    ("middlewares", "root_path"), [([passing], ""), ([], "/shop")], ids=["behind a middleware", "behind a root path"]
)
def test_the_direct_way_is_closed_where_something_stands_around_routing(middlewares: list[Middleware], root_path: str) -> None:
    app = App(root_path=root_path)
    for middleware in middlewares:
        app.use(middleware)
    frozen = app.freeze()

    assert frozen.directly(dialect_of(frozen)) is None


def dialect_of(frozen: Any) -> ASGIDialect:
    async def nobody(*_: Any) -> None:
        return

    return ASGIDialect(frozen, KnownHosts(), nobody, lambda *_: None, nobody)


async def test_every_route_answers_whatever_its_way() -> None:
    app = app_of(cases)

    answers = {
        path: await ask(app, scope_of(path)) for path in ("/text", "/data/7", "/replies", "/responses", "/plain", "/nothing")
    }

    assert {path: (answer.status, answer.body) for path, answer in answers.items()} == {
        "/text": (200, b"Swift"),
        "/data/7": (200, b'{"number":7}'),
        "/replies": (202, b"1"),
        "/responses": (200, b"made by hand"),
        "/plain": (200, b"from a thread"),
        "/nothing": (204, b""),
    }


async def test_head_has_the_length_and_no_content() -> None:
    answer = await ask(app_of(cases), scope_of("/text", "HEAD"))

    assert (answer.status, answer.body) == (200, b"")
    assert (b"content-length", b"5") in answer.sent[0]["headers"]


@pytest.mark.parametrize(("scheme", "strict"), [("http", False), ("https", True)])
async def test_the_fields_of_every_answer_are_those_of_its_scheme(scheme: str, *, strict: bool) -> None:
    answer = await ask(app_of(cases), scope_of("/text", scheme=scheme, root_path=""))

    names = [name for name, _ in answer.sent[0]["headers"]]
    assert b"x-content-type-options" in names
    assert (b"strict-transport-security" in names) is strict


LENGTH_AND_TYPE = [(b"content-type", b"application/json"), (b"content-length", b"7")]


@pytest.mark.parametrize(
    "events",
    [
        pytest.param([{"type": "http.request", "body": b'{"a":1}'}], id="in one event"),
        pytest.param(
            [{"type": "http.request", "body": b'{"a', "more_body": True}, {"type": "http.request", "body": b'":1}'}], id="in two"
        ),
        pytest.param(
            [{"type": "http.request", "more_body": True}, {"type": "http.request", "body": b'{"a":1}'}], id="after an empty one"
        ),
    ],
)
@pytest.mark.parametrize("headers", [LENGTH_AND_TYPE, LENGTH_AND_TYPE[:1]], ids=["of known length", "of unknown length"])
async def test_a_body_is_read_however_it_comes(events: list[Event], headers: list[tuple[bytes, bytes]]) -> None:
    answer = await ask(app_of(cases), scope_of("/bodies", "POST", headers), *events)

    assert (answer.status, answer.body) == (200, b'{"a":1}')


@pytest.mark.parametrize(
    "events",
    [
        pytest.param([{"type": "http.disconnect"}], id="nothing came"),
        pytest.param([{"type": "http.request", "body": b'{"a":1'}], id="one byte is missing"),
        pytest.param([{"type": "http.request", "body": b'{"a', "more_body": True}, {"type": "http.disconnect"}], id="half came"),
    ],
)
async def test_a_body_that_is_not_whole_is_refused(events: list[Event]) -> None:
    answer = await ask(app_of(cases), scope_of("/bodies", "POST", LENGTH_AND_TYPE), *events)

    assert answer.status == 400


async def test_a_guard_may_have_read_the_body_before() -> None:
    async def reads(request: Request) -> None:
        await request.read()

    app = App(checks_host=False)
    app.post("/bodies", guards=[reads])(body)
    answer = await ask(app, scope_of("/bodies", "POST", LENGTH_AND_TYPE), {"type": "http.request", "body": b'{"a":1}'})

    assert (answer.status, answer.body) == (200, b'{"a":1}')


async def test_an_error_is_answered() -> None:
    app = App(checks_host=False)

    @app.get("/")
    async def refuse() -> str:
        raise ConflictError("Taken.")

    answer = await ask(app, scope_of("/"))

    assert answer.status == 409


async def test_an_error_of_a_handler_that_takes_no_request_is_told_with_one() -> None:
    app = App(checks_host=False)

    @app.get("/books/{number:int}", limits=Limits(body_bytes=7))
    async def refuse(number: int) -> str:
        raise KeyError(number)

    @app.on_error(KeyError)
    async def tell(request: Request, _error: KeyError) -> Response:
        name = request.headers["x-name"]
        return Response(f"{request.method} {request.path} {dict(request.params)} {name} {request.limits.body_bytes}")

    answer = await ask(app, scope_of("/books/7", headers=[(b"x-name", b"Ann")]))

    assert answer.body == b"GET /books/7 {'number': 7} Ann 7"


@pytest.mark.parametrize(
    ("hosts", "status"),
    [
        pytest.param([b"shop.example"], 200, id="one"),
        pytest.param([], 400, id="none"),
        pytest.param([b"a.example", b"b.example"], 400, id="two"),
        pytest.param([b"a b"], 400, id="no authority"),
    ],
)
async def test_a_request_says_whom_it_is_for_whatever_its_way(hosts: list[bytes], status: int) -> None:
    app = App()
    app.include(cases)

    for path in ("/text", "/data/7", "/replies", "/nowhere"):
        answer = await ask(app, scope_of(path, headers=[(b"host", host) for host in hosts], http_version="1.1"))

        assert answer.status == (status if status == 400 else {"/replies": 202, "/nowhere": 404}.get(path, 200))


async def test_what_is_asked_of_no_request_is_named_while_it_runs() -> None:
    app, waits = App(checks_host=False), asyncio.Event()

    @app.get("/books/{number:int}", finishes=True)
    async def wait(number: int) -> str:
        waits.set()
        await asyncio.sleep(60)
        return str(number)

    task = asyncio.create_task(ask(app, scope_of("/books/7")))
    await waits.wait()
    running = running_requests(asyncio.get_running_loop())
    task.cancel()

    assert [description(each) for each in running] == ["GET /books/7"]


async def test_what_a_request_asked_for_is_done_after_its_answer() -> None:
    app, done = App(checks_host=False), asyncio.Event()

    @app.get("/")
    async def ask_for_more(request: Request) -> str:
        request.after.add(done.set)
        return "soon"

    answer = await ask(app, scope_of("/"))

    assert answer.body == b"soon"
    await asyncio.wait_for(done.wait(), 5)


class Shelf:
    """Something to close."""


async def test_a_provider_is_left_before_the_answer_is_sent() -> None:
    app, order = App(checks_host=False), []

    @app.provider
    async def shelf() -> AsyncIterator[Shelf]:
        yield Shelf()
        order.append("left")

    @app.get("/")
    async def show(shelf: Shelf) -> str:
        return type(shelf).__name__

    class Watching(Exchange):
        async def send(self, event: Event) -> None:
            order.append(event["type"])
            await super().send(event)

    exchange = Watching()
    await app(scope_of("/"), exchange.receive, exchange.send)

    assert order == ["left", "http.response.start", "http.response.body"]


async def test_a_client_that_has_left_is_no_failure() -> None:
    class Gone(Exchange):
        async def send(self, _: Event) -> None:
            raise ConnectionResetError

    exchange = Gone()

    await app_of(cases)(scope_of("/text"), exchange.receive, exchange.send)


async def test_a_handler_that_exits_does_not_end_the_worker() -> None:
    app = App(checks_host=False)

    @app.get("/")
    async def leave() -> str:
        raise SystemExit(3)

    with pytest.raises(RuntimeError, match=r"raised SystemExit\(3\)"):
        await ask(app, scope_of("/"))


async def test_a_cancelled_request_stays_cancelled() -> None:
    app, waits = App(checks_host=False), asyncio.Event()

    @app.get("/")
    async def wait() -> str:
        waits.set()
        await asyncio.sleep(60)
        return ""

    task = asyncio.create_task(ask(app, scope_of("/")))
    await waits.wait()
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
