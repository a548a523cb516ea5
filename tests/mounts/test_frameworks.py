"""Applications of other frameworks below a prefix, over each protocol: what they are asked, and the addresses they make."""

# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

import contextlib
import gzip
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from martlet import App, Limits
from martlet.testing import Client
from tests.rows import each
from tests.serving import ProtocolName, Serve


def flask_app() -> Any:
    flask: Any = pytest.importorskip("flask")
    app: Any = flask.Flask("old")

    @app.get("/books/<int:book_id>")
    def show_book(book_id: int) -> Any:
        return {"id": book_id, "url": flask.url_for("show_book", book_id=book_id), "agent": flask.request.args.get("a")}

    @app.post("/upload")
    def upload() -> str:
        return str(len(flask.request.get_data()))

    @app.get("/stream")
    def stream() -> Any:
        def chunks() -> Iterator[str]:
            for number in range(3):
                yield f"{number} of {flask.request.path}\n"

        return flask.Response(flask.stream_with_context(chunks()), mimetype="text/plain")

    @app.get("/slashed/")
    def slashed() -> str:
        return "slashed"

    @app.get("/cookies")
    def cookies() -> Any:
        response = flask.make_response("cookies")
        response.set_cookie("a", "1")
        response.set_cookie("b", "2")
        return response

    @app.get("/fails")
    def fails() -> str:
        raise RuntimeError("on purpose")

    return app


def falcon_app() -> Any:
    falcon = pytest.importorskip("falcon")

    class Book:
        def on_get(self, request: Any, response: Any, book_id: int) -> None:
            response.media = {"id": book_id, "url": f"{request.prefix}/books/7", "agent": request.get_param("a")}

    class Upload:
        def on_post(self, request: Any, response: Any) -> None:
            response.text = str(len(request.bounded_stream.read()))

    app = falcon.App()
    app.add_route("/books/{book_id:int}", Book())
    app.add_route("/upload", Upload())
    return app


def starlette_app() -> Any:
    pytest.importorskip("starlette")
    from starlette.applications import Starlette
    from starlette.responses import JSONResponse, PlainTextResponse, StreamingResponse
    from starlette.routing import Route

    async def show_book(request: Any) -> Any:
        url = request.url_for("book", book_id=request.path_params["book_id"])
        return JSONResponse({"id": request.path_params["book_id"], "url": str(url), "agent": request.query_params.get("a")})

    async def upload(request: Any) -> Any:
        return PlainTextResponse(str(len(await request.body())))

    async def stream(request: Any) -> Any:
        async def chunks() -> AsyncIterator[str]:
            for number in range(3):
                yield f"{number} of {request.url.path}\n"

        return StreamingResponse(chunks(), media_type="text/plain")

    async def slashed(request: Any) -> Any:
        return PlainTextResponse("slashed")

    async def fails(request: Any) -> Any:
        raise RuntimeError("on purpose")

    return Starlette(
        routes=[
            Route("/books/{book_id:int}", show_book, name="book"),
            Route("/upload", upload, methods=["POST"]),
            Route("/stream", stream),
            Route("/slashed/", slashed),
            Route("/fails", fails),
        ]
    )


def living_starlette_app(events: list[str]) -> Any:
    pytest.importorskip("starlette")
    from starlette.applications import Starlette
    from starlette.background import BackgroundTask
    from starlette.responses import FileResponse, PlainTextResponse
    from starlette.routing import Route

    async def later(request: Any) -> Any:
        return PlainTextResponse("done", background=BackgroundTask(events.append, "later"))

    async def this_file(request: Any) -> Any:
        return FileResponse(__file__)

    @contextlib.asynccontextmanager
    async def living(app: Any) -> AsyncIterator[dict[str, Any]]:
        events.append("open")
        yield {}
        events.append("close")

    return Starlette(routes=[Route("/later", later), Route("/file", this_file)], lifespan=living)


def django_urls() -> list[Any]:
    http, urls = pytest.importorskip("django.http"), pytest.importorskip("django.urls")

    def show_book(request: Any, book_id: int) -> Any:
        return http.JsonResponse({"id": book_id, "url": urls.reverse("book", args=[book_id]), "agent": request.GET.get("a")})

    def upload(request: Any) -> Any:
        return http.HttpResponse(str(len(request.body)))

    return [urls.path("books/<int:book_id>", show_book, name="book"), urls.path("upload", upload)]


@pytest.fixture(scope="module")
def django_setup() -> None:
    django, conf = pytest.importorskip("django"), pytest.importorskip("django.conf")
    urls: Any = type("Urls", (), {"urlpatterns": []})
    conf.settings.configure(ROOT_URLCONF=urls, SECRET_KEY="example", ALLOWED_HOSTS=["*"], USE_TZ=True)
    django.setup()
    urls.urlpatterns.extend(django_urls())


@pytest.fixture(params=["flask", "falcon", "starlette", "django over WSGI", "django over ASGI"])
def old(request: pytest.FixtureRequest, serve: Serve) -> Client:
    app = App()
    match request.param:
        case "flask":
            application = flask_app()
        case "falcon":
            application = falcon_app()
        case "starlette":
            application = starlette_app()
        case name:
            request.getfixturevalue("django_setup")
            kind = "wsgi" if "WSGI" in name else "asgi"
            application = getattr(pytest.importorskip(f"django.core.{kind}"), f"get_{kind}_application")()
    app.mount("/old", application)
    return serve(app)


def test_paths_queries_and_addresses_are_right(old: Client) -> None:
    book = old.get("/old/books/7?a=b%20c").json()

    assert book["id"] == 7
    assert book["agent"] == "b c"
    assert book["url"].removeprefix("http://testserver") == "/old/books/7"


@each("size", [0, 100, 200_000])
def test_uploads_arrive(old: Client, size: int) -> None:
    assert old.post("/old/upload", content=b"x" * size).text == str(size)


def test_what_is_not_there_is_told_by_the_framework(old: Client) -> None:
    received = old.get("/old/nowhere")

    assert received.status_code == 404
    assert received.headers.get("content-type") != "application/problem+json"
    assert old.delete("/old/books/7").status_code in {200, 405}  # a Django view answers any method


@pytest.fixture(params=["flask", "starlette"])
def streaming(request: pytest.FixtureRequest, serve: Serve) -> Client:
    app = App()
    app.mount("/old", flask_app() if request.param == "flask" else starlette_app())
    return serve(app)


def test_streams_and_redirects_pass(streaming: Client) -> None:
    path = streaming.get("/old/stream").text.splitlines()[0].removeprefix("0 of ")

    assert streaming.get("/old/stream").text == "".join(f"{number} of {path}\n" for number in range(3))
    assert path.removeprefix("/old") == "/stream"
    assert streaming.get("/old/slashed").headers["location"].removeprefix("http://testserver") == "/old/slashed/"


@pytest.mark.filterwarnings("default")
def test_a_frameworks_own_500_passes(streaming: Client) -> None:
    assert streaming.get("/old/fails").status_code == 500


@pytest.mark.parametrize("framework", [flask_app, starlette_app], ids=["flask", "starlette"])
@pytest.mark.parametrize(
    ("content", "fields", "status"),
    [
        pytest.param([b"x" * 600] * 2, {}, 413, id="too large"),
        pytest.param(gzip.compress(bytes(1_000_000)), {"content-encoding": "gzip"}, 413, id="a bomb"),
        pytest.param(b"no gzip at all", {"content-encoding": "gzip"}, 400, id="wrongly coded"),
    ],
)
def test_the_refusal_of_a_body_is_answered_quietly(
    serve: Serve,
    framework: Callable[[], Any],
    content: Any,
    fields: dict[str, str],
    status: int,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    app = App(limits=Limits(body_bytes=1_000_000 - 1 if fields else 1_000))
    app.mount("/old", framework())

    received = serve(app).post("/old/upload", content=content, headers=fields)

    assert received.status_code == status
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert "Traceback" not in capsys.readouterr().err


def test_flasks_cookies_stay_apart(serve: Serve) -> None:
    app = App()
    app.mount("/old", flask_app())

    cookies = serve(app).get("/old/cookies").headers.get_list("set-cookie")

    assert [cookie.partition(";")[0] for cookie in cookies] == ["a=1", "b=2"]


def test_starlettes_life_files_and_background_tasks(protocol: ProtocolName) -> None:
    events: list[str] = []
    app = App()
    app.mount("/old", living_starlette_app(events))

    with Client(app, protocol=protocol) as client:
        assert client.get("/old/later").text == "done"
        assert client.get("/old/file").content.startswith(b'"""Applications of other frameworks')
        assert client.head("/old/file").headers["content-length"] == client.get("/old/file").headers["content-length"]

    assert events == ["open", "later", "close"]
