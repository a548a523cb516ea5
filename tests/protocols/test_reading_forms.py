"""A form is read by hand, whole or part by part, over every protocol; and whatever happens, no file of it stays open."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from martlet import App, Limits, NotFoundError, Request, Respond, Response, Stream
from martlet.testing import Client
from tests.serving import Serve
from tests.spooled_files import needs_proc, spooled_files, stay_open

LARGE = b"swift" * 100_000
MULTIPART = {"content-type": "multipart/form-data; boundary=x"}
URLENCODED = {"content-type": "application/x-www-form-urlencoded"}


def part(name: str, content: bytes, filename: str | None = None) -> bytes:
    disposition = f'Content-Disposition: form-data; name="{name}"' + ("" if filename is None else f'; filename="{filename}"')
    return f"--x\r\n{disposition}\r\n\r\n".encode() + content + b"\r\n"


FORM = part("title", b"Swifts") + part("photo", LARGE, "a/b.png") + part("tag", b"a") + part("tag", b"b") + b"--x--\r\n"


def pieces(body: bytes, size: int = 60_000) -> Iterator[bytes]:
    for place in range(0, len(body), size):
        yield body[place : place + size]


@pytest.fixture
def app() -> App:
    app = App(limits=Limits(body_bytes=2_000_000, form_memory_bytes=100_000))
    add_readers(app)
    add_streams_and_errors(app)
    return app


def add_readers(app: App) -> None:

    @app.post("/form")
    async def read_form(request: Request) -> dict[str, Any]:
        form = await request.form()
        again = await request.form()
        photo = form.upload("photo")
        return {
            "title": form.text("title"),
            "tags": form.get_list("tag"),
            "photo": None if photo is None else [photo.filename, photo.size, (await photo.read()) == LARGE, photo.is_in_memory],
            "same": form is again,
        }

    @app.post("/parts")
    async def read_parts(request: Request) -> list[list[Any]]:
        found: list[list[Any]] = []
        async for each in request.parts():
            if each.is_file:
                found.append([each.name, each.filename, sum([len(chunk) async for chunk in each.chunks()])])
            elif each.name == "title":
                found.append([each.name, await each.text()])
            else:
                found.append([each.name, "passed over"])
        return found


def add_streams_and_errors(app: App) -> None:
    @app.post("/error")
    async def fail(request: Request) -> None:
        await request.form()
        raise NotFoundError

    @app.post("/bug")
    async def stumble(request: Request) -> None:
        await request.form()
        raise ZeroDivisionError

    @app.post("/stream")
    async def stream(request: Request) -> Response:
        form = await request.form()
        return Response(Stream(form.uploads("photo")[0].chunks()))

    @app.post("/later")
    async def stream_later(request: Request) -> Response:
        form = await request.form()

        async def chunks() -> AsyncIterator[bytes]:
            await asyncio.sleep(0)
            yield await form.uploads("photo")[0].read()

        return Response(Stream(chunks()))


@pytest.fixture
def client(app: App, serve: Serve) -> Client:
    return serve(app)


@pytest.fixture
def no_file_left() -> Iterator[None]:
    before = spooled_files()
    yield
    assert stay_open(before) == set()  # over WSGI a loop closes them while the answer is on its way


@needs_proc
@pytest.mark.usefixtures("no_file_left")
@pytest.mark.parametrize("whole", [True, False], ids=["in one piece", "in pieces"])
def test_a_form_with_a_file(client: Client, whole: bool) -> None:
    content = FORM if whole else pieces(FORM)

    answer = client.post("/form", content=content, headers=MULTIPART)

    assert answer.json() == {"title": "Swifts", "tags": ["a", "b"], "photo": ["b.png", len(LARGE), True, False], "same": True}


def test_a_form_without_files_is_read_alike(client: Client) -> None:
    answer = client.post("/form", content=b"title=Swifts&tag=a&tag=b&photo=", headers=URLENCODED)

    assert answer.json() == {"title": "Swifts", "tags": ["a", "b"], "photo": None, "same": True}


def test_part_by_part(client: Client) -> None:
    answer = client.post("/parts", content=pieces(FORM), headers=MULTIPART)

    assert answer.json() == [
        ["title", "Swifts"],
        ["photo", "b.png", len(LARGE)],
        ["tag", "passed over"],
        ["tag", "passed over"],
    ]


@needs_proc
@pytest.mark.usefixtures("no_file_left")
@pytest.mark.parametrize("path", ["/stream", "/later"])
def test_a_streamed_answer_keeps_the_form_to_its_end(client: Client, path: str) -> None:
    assert client.post(path, content=FORM, headers=MULTIPART).content == LARGE


@needs_proc
@pytest.mark.usefixtures("no_file_left")
@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/error", FORM, 404),
        ("/bug", FORM, 500),
        ("/form", FORM[:-20], 400),
        ("/form", FORM + part("a", b"a" * 2_000_000), 413),
        ("/parts", FORM[:-20], 400),
        ("/form", part("title", b"a" * 200_000) + b"--x--", 413),
    ],
)
def test_no_file_stays_open_after_an_error(client: Client, path: str, body: bytes, status: int) -> None:
    assert client.post(path, content=body, headers=MULTIPART).status_code == status


@needs_proc
@pytest.mark.usefixtures("no_file_left")
def test_no_file_stays_open_when_the_client_leaves(client: Client) -> None:
    headers = {**MULTIPART, "content-length": str(len(FORM) * 2)}

    assert client.post("/form", content=pieces(FORM[:-20]), headers=headers, breaks_off=True).status_code == 400


@pytest.mark.parametrize("path", ["/form", "/parts"])
@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "nonsense", None])
def test_what_is_no_form_is_415(client: Client, path: str, content_type: str | None) -> None:
    headers = {} if content_type is None else {"content-type": content_type}

    answer = client.post(path, content=b"{}", headers=headers)

    assert answer.status_code == 415
    assert "multipart/form-data" in answer.headers["accept"]


def test_a_urlencoded_form_has_no_parts(client: Client) -> None:
    assert client.post("/parts", content=b"a=1", headers=URLENCODED).status_code == 415


@pytest.mark.parametrize("content_type", ["multipart/form-data", "multipart/form-data; boundary=a; boundary=b"])
def test_a_form_without_one_boundary_is_400(client: Client, content_type: str) -> None:
    assert client.post("/form", content=FORM, headers={"content-type": content_type}).status_code == 400


def test_a_middleware_may_read_the_form_first(serve: Serve) -> None:
    app = App(limits=Limits(form_memory_bytes=100_000))

    @app.use
    async def look(request: Request, respond: Respond) -> Response:
        form = await request.form()
        response = await respond(request)
        response.headers["x-size"] = str(form.uploads("photo")[0].size)
        return response

    @app.post("/")
    async def read_form(request: Request) -> str:
        return (await request.form()).text("title")

    client = serve(app)

    answer = client.post("/", content=FORM, headers=MULTIPART)

    assert (answer.text, answer.headers["x-size"]) == ("Swifts", str(len(LARGE)))
