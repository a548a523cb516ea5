"""Apps that must start, each for a reason for which a strict reader might have refused it."""

# None of the functions is ever called, so most have no body.
# mypy: disable-error-code="empty-body"
# ruff: noqa: ANN001, ANN202, ARG005  what is not annotated or not used is so on purpose

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, Literal, Protocol, TypedDict, TypeVar
from uuid import UUID

from msgspec import Meta, Struct

from martlet import (
    HTML,
    App,
    Body,
    Cookie,
    Created,
    Group,
    Guard,
    Header,
    Headers,
    HTTPError,
    Limits,
    Page,
    Query,
    QueryString,
    Reply,
    Request,
    Respond,
    Response,
    URLs,
    WSGIRequest,
    require_auth,
    require_methods,
    validate_json_body,
)

T = TypeVar("T")


class Book(Struct):
    title: str
    parts: "list[Book] | None" = None


class Cat(Struct, tag=True):
    lives: int


class Dog(Struct, tag=True):
    tricks: int


@dataclass
class Author:
    name: str


class Options(TypedDict, total=False):
    depth: int


class Paged(Struct, Generic[T]):
    items: list[T]


class User(Struct):
    name: str


class Admin(User): ...


class Store(Protocol):
    def get(self, key: str) -> str: ...


class MemoryStore:
    def get(self, key: str) -> str:
        return key


class Shelf: ...


class Database: ...


Declare = Callable[[App], object]
VALID: list[Declare] = []


def valid(declare: Declare) -> Declare:
    VALID.append(declare)
    return declare


@valid
def nothing_at_all(app: App) -> None: ...


@valid
def every_kind_of_parameter(app: App) -> None:
    @app.post("/{item_id}/{slug:slug}")
    async def handle(  # noqa: PLR0913, PLR0917
        item_id: UUID,
        slug: str,
        new: Book,
        request: Request,
        query: QueryString,
        headers: Headers,
        urls: URLs,
        limits: Limits,
        page: int = 1,
        tags: Sequence[str] = (),
        *,
        order: Literal["asc", "desc"] = "asc",
        agent: Annotated[str | None, Header("user-agent")] = None,
        cart: Annotated[str | None, Cookie()] = None,
        q: Annotated[str, Query("search"), Meta(max_length=10)] = "",
    ) -> None: ...


@valid
def a_request_of_one_protocol(app: App) -> None:
    @app.get("/")
    def show(request: WSGIRequest) -> str: ...


@valid
def the_request_or_what_stands_for_it(app: App) -> None:
    @app.get("/")
    def show(request: Request | Mapping[str, Any]) -> str: ...


@valid
def an_unannotated_request(app: App) -> None:
    @app.get("/{name}")
    def show(request, name): ...  # type: ignore[no-untyped-def]


@valid
def a_class_that_contains_itself(app: App) -> None:
    @app.post("/")
    def add(new: Book) -> Book: ...


@valid
def a_union_of_tagged_classes(app: App) -> None:
    @app.post("/")
    def add(pet: Cat | Dog) -> Cat | Dog | None: ...


@valid
def a_generic_class(app: App) -> None:
    @app.post("/")
    def add(books: Paged[Book]) -> Paged[Book]: ...


@valid
def bodies_that_are_no_classes(app: App) -> None:
    app.post("/a")(_with(Annotated[list[Book], Body()]))
    app.post("/b", name="b")(_with(Annotated[bytes, Body()]))
    app.post("/c", name="c")(_with(Annotated[dict[str, list[int]], Body()]))
    app.post("/d", name="d")(_with(Options))
    app.post("/e", name="e")(_with(Author))


def _with(annotation: Any) -> Callable[..., None]:
    def take(new: Any) -> None: ...

    take.__annotations__["new"] = annotation
    return take


@valid
def a_body_in_a_get(app: App) -> None:
    @app.get("/")
    def search(options: Annotated[Options | None, Body()] = None) -> str: ...


@valid
def every_kind_of_result(app: App) -> None:
    results: list[Any] = [
        *(str, bytes, HTML, None, Response, Any, object, int, dict, list[Book], tuple[int, str], Mapping[str, Book]),
        *(Book | None, str | Response, Reply[Book], Reply[None], Created[list[Author]], Page[Paged[Book]], Reply[HTML] | Book),
    ]
    for number, result in enumerate(results):

        def show() -> Any: ...

        show.__annotations__["return"] = result
        app.get(f"/{number}", name=f"show {number}")(show)


@valid
def pages_of_data(app: App) -> None:
    app.get("/a", page=lambda book: HTML(book.title), name="a")(_giving(Book))
    app.get("/b", page=HTML, name="b")(_giving(Page[list[int]]))
    app.post("/c", page=HTML, name="c")(_giving(Created[Book]))
    app.get("/d", page=HTML, name="d")(_giving(Book | None))


def _giving(result: Any) -> Callable[[], Any]:
    def give() -> Any: ...

    give.__annotations__["return"] = result
    return give


@valid
def routes_that_only_seem_to_tie(app: App) -> None:
    names = ["/books/new", "/books/{book_id:int}", "/books/{slug:slug}", "/books/{name}", "/books/{rest:path}", "/{shelf}/new"]
    for number, pattern in enumerate(names):
        app.get(pattern, name=f"route {number}", overlaps=True)(lambda request: "")


@valid
def one_path_by_several_methods(app: App) -> None:
    @app.get("/{item_id}")
    def show(item_id: int) -> str: ...

    @app.delete("/{item_id}")
    def remove(item_id: int) -> None: ...

    @app.head("/{item_id}")
    def head(item_id: int) -> Response: ...

    @app.options("/{item_id}")
    def options(item_id: int) -> Response: ...

    @app.route("/{item_id}", methods=["QUERY", "purge"])
    def other(item_id: int) -> str: ...


@valid
def patterns_of_all_kinds(app: App) -> None:
    for number, pattern in enumerate(["/", "/a/", "/a", "/{x}.json", "/v{x:int}/y", "/{{literal}}", "/é", "/~{x}"]):
        app.get(pattern, name=f"pattern {number}", overlaps=True)(lambda request: "")


@valid
def providers_of_all_kinds(app: App) -> None:
    @app.provider(scope="app")
    async def database() -> AsyncIterator[Database]:
        yield Database()

    @app.provider
    async def shelf(database: Database, user: User | None, page: int = 1) -> AsyncGenerator[Shelf, None]:
        yield Shelf()

    @app.provider(inline=True)
    def store() -> Store:
        return MemoryStore()

    @app.provider
    def maybe(request: Request) -> Author | None: ...

    @app.authenticator
    async def who(database: Database, session: Annotated[str | None, Cookie()] = None) -> User | None: ...

    @app.get("/")
    async def show(shelf: Shelf, store: Store, author: Author | None, user: User) -> str: ...


@valid
def a_provided_class_that_could_be_the_body(app: App) -> None:
    @app.provider
    def book() -> Book: ...

    @app.post("/")
    def add(book: Book, author: Author) -> str: ...


@valid
def a_provider_that_nobody_asks_for(app: App) -> None:
    @app.provider
    def shelf(size: int) -> Shelf: ...


@valid
def guards_of_all_kinds(app: App) -> None:
    def typed(user: User, database: Database, *, trial: bool = False) -> None: ...

    async def waiting(request: Request) -> None: ...

    @app.provider(scope="app")
    def database() -> Database: ...

    @app.authenticator
    def who(request: Request) -> Admin | None: ...

    @app.provider
    def user(admin: Admin) -> User: ...

    group = Group("/g", guards=[require_auth, Guard(typed), waiting])
    app.include(group)

    @group.post("/", guards=[require_methods("POST"), lambda request: None])
    @validate_json_body({"title": str})
    @Guard(waiting)
    async def add(new: Book) -> str: ...


@valid
def a_wrapper_that_says_what_it_takes(app: App) -> None:
    def wrap(view: Callable[..., Any]) -> Callable[..., Any]:
        def typed(name: str, page: int = 1) -> str:
            return str(view(name))

        return typed

    @app.get("/{name}")
    @wrap
    def show(name: str) -> str: ...


@valid
def the_same_function_in_several_places(app: App) -> None:
    def show(name: str = "") -> str: ...

    app.get("/a")(show)
    app.get("/b")(show)
    app.post("/a")(show)


@valid
def a_group_in_two_places(app: App) -> None:
    group = Group("/books")
    group.get("/{new}")(_with(str))
    app.include(group, prefix="/old")
    app.include(group, prefix="/now")


@valid
def error_handlers_of_all_kinds(app: App) -> None:
    @app.on_error(HTTPError)
    def expected(error: HTTPError, request: Request) -> HTTPError: ...

    @app.on_error(Exception)
    async def unexpected(error: Exception) -> Reply[Book]: ...

    @app.on_error(KeyError)
    def nothing() -> None: ...

    @app.on_error(OSError)
    def anything(error: Exception, urls: URLs, lang: str = "en"): ...  # type: ignore[no-untyped-def]


@valid
def hooks_of_all_kinds(app: App) -> None:
    @app.provider(scope="app")
    def database() -> Iterator[Database]:
        yield Database()

    @app.lifespan
    async def life(database: Database, limits: Limits, urls: URLs) -> AsyncIterator[None]:
        yield

    @app.lifespan
    def start(database: Database) -> None: ...


@valid
def middleware_of_all_kinds(app: App) -> None:
    async def function(request: Request, respond: Respond) -> Response:
        return await respond(request)

    class Counter:
        async def __call__(self, request: Request, respond: Respond) -> Response:
            return await respond(request)

    app.use(function)
    app.use(Counter(), inline=True)
