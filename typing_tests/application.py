"""What a type checker must make of an application: decorators change no types, and a misspelt option is refused."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import assert_type

from msgspec import Struct

from martlet import (
    HTML,
    AfterResponse,
    App,
    Created,
    Form,
    Group,
    NotFoundError,
    Page,
    Reply,
    Request,
    Respond,
    Response,
    Upload,
    URLs,
    require_methods,
)
from martlet.testing import Client


class Book(Struct):
    """What the handlers answer with."""

    id: int
    title: str


class Shelf:
    """What a provider supplies."""


def a_handler_stays_the_function_it_was(app: App) -> None:
    @app.get("/books/{book_id:int}", name="book", overlaps=True)
    def show_book(book_id: int, shelf: Shelf) -> Book:
        return Book(book_id, "Walden")

    assert_type(show_book(1, Shelf()), Book)
    show_book("1", Shelf())  # type: ignore[arg-type]


def a_group_takes_the_same_options(app: App) -> None:
    group = Group("/books")

    @group.post("/", inline=True)
    def add_book(new: Book, urls: URLs) -> Created[Book]:
        return Created(new, location=urls.to("book", book_id=new.id))

    app.include(group)


def a_misspelt_option_is_refused(app: App) -> None:
    app.get("/books", nmae="books")  # type: ignore[call-arg]
    app.get("/books", inline="yes")  # type: ignore[arg-type]


def a_provider_stays_the_function_it_was(app: App) -> None:
    @app.provider
    async def shelf() -> AsyncIterator[Shelf]:
        yield Shelf()

    @app.provider(scope="app")
    def other_shelf() -> Shelf:
        return Shelf()

    assert_type(shelf(), AsyncIterator[Shelf])
    assert_type(other_shelf(), Shelf)
    app.provider(scope="forever")  # type: ignore[call-overload]


def an_error_handler_stays_the_function_it_was(app: App) -> None:
    @app.on_error(KeyError)
    def nothing_there(error: KeyError) -> NotFoundError:
        return NotFoundError(str(error))

    assert_type(nothing_there(KeyError()), NotFoundError)


def a_middleware_has_one_shape(app: App) -> None:
    @app.use
    async def stamp(request: Request, respond: Respond) -> Response:
        return await respond(request)

    async def forgetful(request: Request) -> Response:
        return Response()

    app.use(forgetful)  # type: ignore[type-var]


def a_guard_keeps_the_signature_of_what_it_guards() -> None:
    @require_methods("POST")
    def create(title: str) -> Book:
        return Book(1, title)

    checked: Callable[[str], Book] = create
    assert_type(checked("Walden"), Book)
    create(1)  # type: ignore[arg-type]


def a_wrapped_value_keeps_its_type(book: Book) -> None:
    assert_type(Reply(book, status=202), Reply[Book])
    assert_type(Created(book, location="/books/1"), Created[Book])
    assert_type(Page(book, title="Walden"), Page[Book])
    assert_type(Created(book, location="/books/1").value, Book)


def a_client_knows_its_requests(app: App) -> None:
    client = Client(app, protocol="wsgi")
    assert_type(client.get("/books/1", headers={"accept": "text/html"}).status_code, int)
    Client(app, protocol="spdy")  # type: ignore[arg-type]


def work_after_the_answer_takes_the_arguments_of_its_function(tasks: AfterResponse) -> None:
    async def send_letter(to: str, *, copies: int = 1) -> None: ...

    tasks.add(send_letter, "ada@example.org", copies=2)
    tasks.add(send_letter, 7)  # type: ignore[arg-type]
    tasks.add(send_letter, "ada@example.org", copy=2)  # type: ignore[call-arg]


def an_application_is_mounted_with_the_options_of_a_route(app: App) -> None:
    app.mount("/old", App(), kind="martlet", name="old")
    app.mount("/old", App(), kind="cgi")  # type: ignore[arg-type]
    app.mount("/old", App(), inline=True)  # type: ignore[call-arg]


def an_app_has_the_options_it_names() -> None:
    App(trailing_slash="strict", root_path="/shop", shutdown_seconds=5)
    App(trailing_slash="sometimes")  # type: ignore[arg-type]
    App(dubug=True)  # type: ignore[call-arg]


def a_page_for_a_form_takes_what_was_wrong_and_what_was_sent(app: App) -> None:
    def new_book(errors: Mapping[str, Sequence[str]], sent: Form) -> HTML:
        return HTML(sent.text("title"))

    def forgetful(errors: Mapping[str, Sequence[str]]) -> HTML:
        return HTML("")

    app.post("/books", form=new_book)
    app.post("/books", form=forgetful)  # type: ignore[arg-type]


async def a_form_has_texts_and_files(request: Request) -> None:
    form = await request.form()
    assert_type(form.get("title"), str | Upload | None)
    assert_type(form.get("title", 7), str | Upload | int)
    assert_type(form.text("title"), str)
    assert_type(form.uploads("photos"), list[Upload])
    async for part in request.parts():
        assert_type(part.filename, str | None)
        assert_type(await part.read(), bytes)
