"""A form fills what JSON fills, and what only a form can have in it: files. Over every protocol, in plain functions too."""

from dataclasses import dataclass
from typing import Annotated, Any, TypedDict

import pytest
from msgspec import Meta, Struct

from martlet import App, Body, Form, FreezeError, Guard, Limits, Request, Upload, validate_json_body
from martlet.handling import describe_source
from martlet.testing import Client
from tests.rows import each
from tests.serving import Serve, ServeOnce
from tests.spooled_files import needs_proc, spooled_files, stay_open

MULTIPART = {"content-type": "multipart/form-data; boundary=x"}
LARGE = b"swift" * 200_000


class NewBook(Struct):
    title: Annotated[str, Meta(min_length=1, max_length=20)]
    year: int
    tags: list[str] = []


class Illustrated(Struct):
    title: Annotated[str, Meta(max_length=20)]
    cover: Upload
    pages: list[Upload]
    note: Upload | None = None


@dataclass
class Letter:
    text: str
    scan: Upload


class Parcel(TypedDict, total=False):
    weight: float
    photo: Upload


def part(name: str, content: bytes | str, filename: str | None = None) -> bytes:
    disposition = f'Content-Disposition: form-data; name="{name}"' + ("" if filename is None else f'; filename="{filename}"')
    return f"--x\r\n{disposition}\r\n\r\n".encode() + (content.encode() if isinstance(content, str) else content) + b"\r\n"


def form(*parts: bytes) -> bytes:
    return b"".join(parts) + b"--x--\r\n"


def errors_of(answer: Any) -> dict[str, str]:
    assert answer.status_code == 422, answer.text
    return {error["pointer"]: error["detail"] for error in answer.json()["errors"]}


def said(upload: Upload | None) -> str:
    return "none" if upload is None else f"{upload.filename} {upload.size}"


def taking_forms() -> App:
    app = App(limits=Limits(form_memory_bytes=100_000))

    @app.post("/books")
    async def add_book(new: NewBook) -> NewBook:
        return new

    @app.post("/illustrated")
    async def add_illustrated(new: Illustrated) -> list[str]:
        return [new.title, said(new.cover), *map(said, new.pages), said(new.note)]

    @app.post("/letters")
    def add_letter(letter: Letter) -> str:
        return f"{letter.text} {letter.scan.file.read() == LARGE}"

    @app.post("/parcels")
    def add_parcel(parcel: Parcel) -> str:
        return f"{parcel.get('weight')} {said(parcel.get('photo'))}"

    @app.post("/photo")
    def add_photo(photo: Upload) -> str:
        return said(photo)

    @app.post("/marked")
    async def add_marked(photo: Annotated[Upload, Body()], size: int = 0) -> str:
        return f"{said(photo)} {size}"

    @app.post("/perhaps")
    async def add_perhaps(photo: Upload | None = None) -> str:
        return said(photo)

    @app.post("/several")
    async def add_several(photos: Annotated[list[Upload], Meta(max_length=2)]) -> list[str]:
        return [said(photo) for photo in photos]

    @app.post("/form")
    def read_form(form: Form) -> list[str]:
        return [f"{name}={said(value) if isinstance(value, Upload) else value}" for name, value in form.items()]

    return app


@pytest.fixture
def client(serve_once: ServeOnce) -> Client:
    return serve_once(taking_forms)


# What JSON fills.


def test_one_struct_from_every_kind_of_body(client: Client) -> None:
    expected = {"title": "Walden", "year": 1854, "tags": ["a", "b"]}
    parts = form(part("title", "Walden"), part("year", "1854"), part("tags", "a"), part("tags", "b"), part("x", LARGE, "ignored"))

    assert client.post("/books", json=expected).json() == expected
    assert client.post("/books", form=expected).json() == expected
    assert client.post("/books", content=parts, headers=MULTIPART).json() == expected


def test_every_error_of_a_form_is_told(client: Client) -> None:
    wrong = form(part("title", ""), part("year", b"1854", "year.txt"), part("tags", b"a", "tag.txt"))

    assert errors_of(client.post("/books", content=wrong, headers=MULTIPART)) == {
        "/title": "Missing required field",
        "/year": "Expected a text, got a file",
        "/tags/0": "Expected a text, got a file",
    }


# What only a form fills.


def test_a_struct_with_files(client: Client) -> None:
    body = form(part("title", "Swifts"), part("cover", LARGE, "c/cover.png"), part("pages", "1", "1"), part("pages", "22", "2"))

    answer = client.post("/illustrated", content=body, headers=MULTIPART)

    assert answer.json() == ["Swifts", f"cover.png {len(LARGE)}", "1 1", "2 2", "none"]


def test_fields_for_files_that_were_left_empty(client: Client) -> None:
    body = form(part("title", "Swifts"), part("cover", "1", "cover"), part("pages", "", ""), part("note", "", ""))

    assert client.post("/illustrated", content=body, headers=MULTIPART).json() == ["Swifts", "cover 1", "none"]


def test_what_is_wrong_with_files_is_told_with_the_rest(client: Client) -> None:
    body = form(part("title", "a" * 21), part("cover", "", ""), part("pages", "text"))

    assert errors_of(client.post("/illustrated", content=body, headers=MULTIPART)) == {
        "/pages/0": "Expected a file, got a text",
        "/title": "Expected `str` of length <= 20",
        "/cover": "Missing required field",
    }


@each("path", ["/illustrated", "/letters", "/parcels", "/photo", "/marked", "/several"])
@each("content_type", ["application/json", "application/x-www-form-urlencoded", "text/plain"])
def test_a_form_with_parts_is_the_only_body_with_files_in_it(client: Client, path: str, content_type: str) -> None:
    answer = client.post(path, content=b"{}", headers={"content-type": content_type})

    assert (answer.status_code, answer.headers["accept"]) == (415, "multipart/form-data")


def test_other_classes_with_files(client: Client) -> None:
    letter = form(part("text", "Dear"), part("scan", LARGE, "scan"))

    assert client.post("/letters", content=letter, headers=MULTIPART).text == "Dear True"
    assert client.post("/parcels", content=form(part("weight", "1.5")), headers=MULTIPART).text == "1.5 none"
    assert client.post("/parcels", content=form(part("photo", "12", "p")), headers=MULTIPART).text == "None p 2"


def test_one_file_alone(client: Client) -> None:
    body = form(part("other", "1"), part("photo", "1234", "a.png"), part("photo", "1", "b.png"))

    assert client.post("/photo", content=body, headers=MULTIPART).text == "a.png 4"
    assert client.post("/marked?size=7", content=body, headers=MULTIPART).text == "a.png 4 7"
    assert client.post("/perhaps", content=body, headers=MULTIPART).text == "a.png 4"
    assert client.post("/several", content=form(part("photos", "1", "a"), part("photos", "", "b")), headers=MULTIPART).json() == [
        "a 1",
        "b 0",
    ]


@each("body", [form(), form(part("photo", "", "")), form(part("other", "1", "a"))])
def test_one_file_that_was_not_sent(client: Client, body: bytes) -> None:
    assert errors_of(client.post("/photo", content=body, headers=MULTIPART)) == {"/photo": "Missing required field"}
    assert client.post("/perhaps", content=body, headers=MULTIPART).text == "none"


def test_no_body_at_all(client: Client) -> None:
    assert client.post("/perhaps").text == "none"
    assert client.post("/photo").status_code == 415


def test_errors_of_one_file_come_with_those_of_the_query(client: Client) -> None:
    answer = client.post("/marked?size=x", content=form(part("photo", "text")), headers=MULTIPART)

    assert answer.status_code == 422
    assert [error.get("pointer", error.get("name")) for error in answer.json()["errors"]] == ["size", "/photo"]


def test_bounds_of_a_list_of_files(client: Client) -> None:
    answer = client.post("/several", content=form(*[part("photos", "1", "a")] * 3), headers=MULTIPART)

    assert errors_of(answer) == {"/photos": "Expected `array` of length <= 2"}


def test_the_whole_form(client: Client) -> None:
    body = form(part("a", "1"), part("f", "123", "f.txt"), part("a", "2"))

    assert client.post("/form", content=body, headers=MULTIPART).json() == ["a=1", "f=f.txt 3", "a=2"]
    assert client.post("/form", form={"a": ["1", "2"]}).json() == ["a=1", "a=2"]
    assert client.post("/form", json={}).status_code == 415


@each("path", ["/illustrated", "/photo", "/form", "/books"])
def test_a_broken_form_is_400(client: Client, path: str) -> None:
    answer = client.post(path, content=form(part("photo", "1", "a"))[:-6], headers=MULTIPART)

    assert (answer.status_code, answer.json()["detail"][:35]) == (400, "The form is broken in part 1 ('phot")


@needs_proc
@pytest.mark.parametrize("path", ["/illustrated", "/photo", "/letters"])
def test_no_file_stays_open_after_a_422(client: Client, path: str) -> None:
    body = form(part("cover", LARGE, "c"), part("scan", LARGE, "s"), part("photo", "text"))
    before = spooled_files()

    assert client.post(path, content=body, headers=MULTIPART).status_code == 422

    assert stay_open(before) == set()  # over WSGI a loop closes them while the answer is on its way


# Limits of a route.


def test_a_route_for_large_files_says_so(serve: Serve) -> None:
    app = App(limits=Limits(body_bytes=1_000))

    @app.post("/films", limits=Limits(body_bytes=10_000_000, file_bytes=2_000_000, form_memory_bytes=1_000))
    def add_film(film: Upload) -> str:
        return said(film)

    @app.post("/photos")
    def add_photo(photo: Upload) -> str:
        return said(photo)

    client = serve(app)

    assert client.post("/films", content=form(part("film", LARGE, "a")), headers=MULTIPART).text == f"a {len(LARGE)}"
    assert client.post("/films", content=form(part("film", LARGE * 3, "a")), headers=MULTIPART).status_code == 413
    assert client.post("/films", content=form(part("title", "a" * 2_000)), headers=MULTIPART).status_code == 413
    assert client.post("/photos", content=form(part("photo", LARGE, "a")), headers=MULTIPART).status_code == 413


@each(
    ("fields", "status"),
    [
        pytest.param([("title", "a"), ("year", "1")], 200, id="within"),
        pytest.param([("title", "a"), ("year", "1"), ("tags", "x" * 50)], 413, id="a field"),
        pytest.param([("title", "a"), ("year", "1")] + [("tags", "x" * 20)] * 4, 413, id="all fields together"),
        pytest.param([("a", "1")] * 7, 400, id="the number of fields"),
    ],
)
def test_the_same_limits_hold_for_forms_of_either_kind(serve: Serve, fields: list[tuple[str, str]], status: int) -> None:
    app = App(limits=Limits(query_fields=6, field_bytes=40, form_memory_bytes=400))

    @app.post("/books")
    async def add_book(new: NewBook) -> NewBook:
        return new

    @app.post("/form", limits=Limits(query_fields=6, field_bytes=40, form_memory_bytes=90))
    def read_form(form: Form) -> str:
        return "read"

    client = serve(app)
    multipart = form(*(part(name, value) for name, value in fields))
    urlencoded = "&".join(f"{name}={value}" for name, value in fields)
    kind = {"content-type": "application/x-www-form-urlencoded"}

    if status != 413 or len(fields) == 3:  # what has parts has header sections to count, too
        assert client.post("/books", content=multipart, headers=MULTIPART).status_code == status
        assert client.post("/books", content=urlencoded, headers=kind).status_code == status
    assert client.post("/form", content=urlencoded, headers=kind).status_code == status


def test_a_broken_form_writes_no_line_into_the_log(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    for body in (
        form(part("photo", "1", "a"))[:-6],
        form(*[part("photo", "1", "a")] * 200),
        b"junk" * 9_000,
        b"--x\r\n:\r\n\r\n",
    ):
        assert client.post("/photo", content=body, headers=MULTIPART).status_code == 400

    assert caplog.records == []


# Guards, and whoever else reads the body.


def test_a_guard_that_wants_the_bytes_has_them_of_a_form_too(serve: Serve) -> None:
    app = App()
    seen: list[int] = []

    def check(request: Request) -> None:
        seen.append(len(request.body))

    @app.post("/inline", guards=[Guard(check, needs_body=True, inline=True)])
    async def inline(photo: Upload) -> str:
        return said(photo)

    @app.post("/thread", guards=[Guard(check, needs_body=True)])
    def thread(photo: Upload) -> str:
        return said(photo)

    body = form(part("photo", LARGE, "a"))
    client = serve(app)

    for path in ("/inline", "/thread"):
        assert client.post(path, content=body, headers=MULTIPART).text == f"a {len(LARGE)}"
    assert seen == [len(body), len(body)]


def test_a_guard_for_json_refuses_a_form(serve: Serve) -> None:
    app = App()

    @app.post("/", guards=[validate_json_body({"title": str})])
    async def add(new: NewBook) -> NewBook:
        return new

    assert serve(app).post("/", content=form(part("title", "a"), part("year", "1")), headers=MULTIPART).status_code == 400


def test_guards_in_threads_speak_before_a_large_form_is_read(serve: Serve) -> None:
    app = App()
    spoken: list[str] = []

    def look() -> None:
        spoken.append("guard")

    @app.post("/", guards=[look])
    def add(photo: Upload, title: str = "") -> str:
        spoken.append("handler")
        return said(photo)

    client = serve(app)

    assert client.post("/", content=form(part("photo", LARGE, "a")), headers=MULTIPART).text == f"a {len(LARGE)}"
    assert client.post("/", content=form(part("photo", "12", "a")), headers=MULTIPART).text == "a 2"
    assert errors_of(client.post("/", content=form(part("photo", LARGE)), headers=MULTIPART)) == {
        "/photo": "Expected a file, got a text"
    }
    assert spoken == ["guard", "handler", "guard", "handler", "guard"]


# Types that are no forms with files.


def test_an_untyped_body_takes_texts_and_refuses_files(serve: Serve) -> None:
    app = App()

    @app.post("/")
    async def echo(body: Annotated[dict[str, Any], Body()]) -> dict[str, Any]:
        return body

    client = serve(app)
    texts, file = [part("a", "1"), part("a", "2")], part("f", "1", "f")

    assert client.post("/", content=form(*texts), headers=MULTIPART).json() == {"a": "1"}
    assert errors_of(client.post("/", content=form(*texts, file), headers=MULTIPART)) == {"/f": "Expected a text, got a file"}


def test_a_model_of_pydantic_with_a_file(serve: Serve) -> None:
    pydantic = pytest.importorskip("pydantic")
    model = pydantic.create_model("Scan", title=(str, ...), scan=(Upload, ...), pages=(list[Upload], []), n=(int, 1))
    app = App()

    def add(scan: Any) -> str:
        return f"{scan.title} {said(scan.scan)} {len(scan.pages)} {scan.n}"

    add.__annotations__["scan"] = model
    app.post("/")(add)
    client = serve(app)

    body = form(part("title", "a"), part("scan", "12", "s"), part("pages", "1", "p"), part("n", "7"))
    assert client.post("/", content=body, headers=MULTIPART).text == "a s 2 1 7"
    assert client.post("/", json={"title": "a"}).status_code == 415
    wrong = form(part("title", "1", "a"), part("scan", "text"))
    assert set(errors_of(client.post("/", content=wrong, headers=MULTIPART))) == {"/title", "/scan"}


# Mistakes, and what `martlet routes` shows.


def refusal(app: App) -> str:
    with pytest.raises(FreezeError) as refused:
        app.freeze()
    return str(refused.value)


def test_a_file_asked_of_get_is_a_mistake() -> None:
    app = App()

    @app.get("/")
    async def show(photo: Upload) -> str:
        return ""

    assert "this method's requests have none as a rule" in refusal(app)


def test_two_files_side_by_side_are_joined_in_a_type() -> None:
    app = App()

    @app.post("/")
    async def add(front: Upload, back: Upload) -> str:
        return ""

    assert "Join the two in one type" in refusal(app)


def test_a_file_inside_an_object_inside_a_form_is_a_mistake() -> None:
    class Page(Struct):
        scan: Upload

    class Book(Struct):
        pages: list[Page]

    app = App()

    async def add(book: Any) -> str:
        return ""

    add.__annotations__["book"] = Book
    app.post("/")(add)

    assert "No decoder gives" in refusal(app)


def test_an_upload_is_no_answer() -> None:
    app = App()

    @app.post("/")
    async def echo(photo: Upload) -> Upload:
        return photo

    assert "returns what no renderer takes" in refusal(app)


def test_where_a_file_comes_from_is_shown() -> None:
    app = App()

    @app.post("/")
    async def add(photo: Upload) -> str:
        return ""

    plan = app.freeze().router.routes[0].target.plan
    assert [describe_source(source) for source in plan.handler.sources()] == ["the form's field 'photo'"]
