"""Apps that must not start, one mistake each, with the words that the refusal must say."""

# None of the functions is ever called, so most have no body.
# mypy: disable-error-code="empty-body"
# ruff: noqa: ANN001, ANN202  what is not annotated is so on purpose

import functools
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Protocol

from msgspec import Meta, Struct

from martlet import (
    HTML,
    App,
    Body,
    Cookie,
    Group,
    Header,
    Query,
    Request,
    Response,
    require_auth,
    require_methods,
    require_role,
)
from martlet.channels import Channel, Presence
from martlet.http import HTTPError


class Book(Struct):
    title: str


class Author(Struct):
    name: str


class Shelf:
    """Nothing that can be read or written."""


class Database:
    """Another such thing."""


class User(Struct):
    name: str


class Admin(User): ...


class Clock(Protocol):
    def now(self) -> float: ...


Declare = Callable[[App], object]


@dataclass(frozen=True)
class Mistake:
    """How to make an app that cannot start, and what the refusal must say, in lower or upper case."""

    declare: Declare
    words: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.declare.__name__.replace("_", " ")

    @property
    def lines(self) -> set[int]:
        """The lines of the mistake, one of which is its place."""
        lines, first = inspect.getsourcelines(self.declare)
        return set(range(first, first + len(lines)))

    def app(self) -> App:
        app = App()
        self.declare(app)
        return app


MISTAKES: list[Mistake] = []


def mistake(*words: str) -> Callable[[Declare], Declare]:
    def remember(declare: Declare) -> Declare:
        MISTAKES.append(Mistake(declare, words))
        return declare

    return remember


# Parameters that come from nowhere, or from two places.


@mistake("'shelf'", "show", "Shelf", "app.provider")
def a_type_that_nobody_provides(app: App) -> None:
    @app.get("/")
    def show(shelf: Shelf) -> str: ...


@mistake("'clock'", "Clock", "app.provider")
def a_protocol_that_nobody_provides(app: App) -> None:
    @app.get("/")
    def show(clock: Clock) -> str: ...


@mistake("'books'", "Body()")
def a_list_of_classes_that_is_not_said_to_be_the_body(app: App) -> None:
    @app.post("/")
    def add(books: list[Book]) -> str: ...


@mistake("'options'", "dict", "Body()")
def a_dict_that_is_not_said_to_be_the_body(app: App) -> None:
    @app.post("/")
    def add(options: dict[str, int]) -> str: ...


@mistake("'data'", "bytes", "Body()")
def bytes_that_are_not_said_to_be_the_body(app: App) -> None:
    @app.post("/")
    def add(data: bytes) -> str: ...


@mistake("'pair'", "comes from nowhere")
def a_pair_in_the_query(app: App) -> None:
    @app.get("/")
    def show(pair: tuple[int, str]) -> str: ...


@mistake("'channel'", "not declared", "app.channel('name', bytes)")
def a_channel_that_was_not_declared(app: App) -> None:
    @app.get("/")
    def show(channel: Channel[bytes]) -> str: ...


@mistake("'members'", "not declared", "app.presence('name', bytes)")
def a_presence_that_was_not_declared(app: App) -> None:
    @app.get("/")
    def show(members: Presence[bytes]) -> str: ...


@mistake("'name'", "show", "annotat")
def a_parameter_without_an_annotation(app: App) -> None:
    @app.get("/")
    def show(name) -> str: ...  # type: ignore[no-untyped-def]


@mistake("*shelves", "show")
def any_number_of_parameters(app: App) -> None:
    @app.get("/")
    def show(*shelves: str) -> str: ...


@mistake("options", "show")
def any_named_parameters(app: App) -> None:
    @app.get("/")
    def show(**options: str) -> str: ...


@mistake("'author'", "second body", "'book'")
def two_bodies(app: App) -> None:
    @app.post("/")
    def add(book: Book, author: Author) -> str: ...


@mistake("second body", "'author'", "'book'")
def a_second_body_in_a_guard(app: App) -> None:
    def look(author: Annotated[Author, Body()]) -> None: ...

    @app.post("/", guards=[look])
    def add(book: Book) -> str: ...


@mistake("'book'", "query")
def a_class_in_the_query(app: App) -> None:
    @app.get("/")
    def show(book: Annotated[Book, Query()]) -> str: ...


@mistake("'books'", "header")
def a_list_of_classes_in_a_header_field(app: App) -> None:
    @app.get("/")
    def show(books: Annotated[list[Book], Header()]) -> str: ...


@mistake("'shelf'", "cookie")
def an_unknown_class_in_a_cookie(app: App) -> None:
    @app.get("/")
    def show(shelf: Annotated[Shelf, Cookie()]) -> str: ...


@mistake("'size'", "query", "length")
def a_bound_that_does_not_suit_its_type(app: App) -> None:
    @app.get("/")
    def show(size: Annotated[int, Meta(min_length=3)]) -> str: ...


@mistake("No decoder", "complex")
def a_body_that_no_decoder_gives(app: App) -> None:
    @app.post("/")
    def add(numbers: Annotated[dict[int, set[complex]], Body()]) -> str: ...


@mistake("No decoder", "tag")
def a_union_of_bodies_that_nothing_tells_apart(app: App) -> None:
    @app.post("/")
    def add(new: Book | Author) -> str: ...


# Paths.


@mistake("'book_id'", "show", "book_id: str")
def a_parameter_of_the_pattern_that_nobody_takes(app: App) -> None:
    @app.get("/books/{book_id}")
    def show() -> str: ...


@mistake("'book_id'", "book_id: str")
def a_misspelt_parameter_of_the_pattern(app: App) -> None:
    @app.get("/books/{book_id}")
    def show(bookid: int) -> str: ...


@mistake("'book_id'", "int", "{book_id:uuid}")
def a_converter_that_is_not_the_annotation(app: App) -> None:
    @app.get("/books/{book_id:uuid}")
    def show(book_id: int) -> str: ...


@mistake("'book_id'", "str", "{book_id:int}")
def text_for_a_converter_of_numbers(app: App) -> None:
    @app.get("/books/{book_id:int}")
    def show(book_id: str) -> str: ...


@mistake("'book_id'", "is str for", "and int for", "alike")
def one_parameter_of_the_path_with_two_types(app: App) -> None:
    def look(book_id: str) -> None: ...

    @app.get("/books/{book_id}", guards=[look])
    def show(book_id: int) -> str: ...


@mistake("'part'", "show", "none of its values", "slash")
def values_that_no_path_can_hold(app: App) -> None:
    @app.get("/{part}")
    def show(part: Literal["", "a/b"]) -> str: ...


@mistake("sulg", "slug")
def a_converter_that_nobody_knows(app: App) -> None:
    @app.get("/books/{name:sulg}")
    def show(name: str) -> str: ...


@mistake("/books/{name")
def a_brace_that_is_not_closed(app: App) -> None:
    @app.get("/books/{name")
    def show() -> str: ...


@mistake("'name'", "twice")
def one_name_twice_in_a_pattern(app: App) -> None:
    @app.get("/{name}/{name}")
    def show(name: str) -> str: ...


@mistake("books", "/books")
def a_pattern_without_its_slash(app: App) -> None:
    @app.get("books")
    def show() -> str: ...


@mistake("'/books'", "fit the same paths", "remove one")
def a_route_that_is_there_already(app: App) -> None:
    @app.get("/books")
    def show() -> str: ...

    @app.get("/books")
    def list_books() -> str: ...


@mistake("/{shelf}/new", "/books/{name}", "/books/new")
def two_patterns_for_one_path(app: App) -> None:
    @app.get("/{shelf}/new")
    def new(shelf: str) -> str: ...

    @app.get("/books/{name}")
    def show(name: str) -> str: ...


@mistake("/{year}", "/{number}")
def two_names_for_one_segment(app: App) -> None:
    @app.get("/{year}")
    def by_year(year: int) -> str: ...

    @app.get("/{number}")
    def by_number(number: int) -> str: ...


@mistake("'book'", "name=")
def one_name_for_two_routes(app: App) -> None:
    @app.get("/a/{name}", name="book")
    def show(name: str) -> str: ...

    @app.get("/b/{name}", name="book")
    def list_books(name: str) -> str: ...


@mistake("G T")
def a_method_that_is_none(app: App) -> None:
    @app.route("/", methods=["g t"])
    def show() -> str: ...


# Providers and authenticators.


@mistake("Database -> Shelf -> Database", "take", "parameter")
def providers_in_a_circle(app: App) -> None:
    @app.provider
    def database(shelf: Shelf) -> Database: ...

    @app.provider
    def shelf(database: Database) -> Shelf: ...

    @app.get("/")
    def show(database: Database) -> str: ...


@mistake("Shelf -> Shelf")
def a_provider_that_needs_itself(app: App) -> None:
    @app.provider
    def shelf(old: Shelf) -> Shelf: ...

    @app.get("/")
    def show(shelf: Shelf) -> str: ...


@mistake("Database -> Shelf -> Database")
def providers_of_the_app_in_a_circle(app: App) -> None:
    @app.provider(scope="app")
    def database(shelf: Shelf) -> Database: ...

    @app.provider(scope="app")
    def shelf(database: Database) -> Shelf: ...


@mistake("Shelf", "one_more", "app.override")
def a_second_provider(app: App) -> None:
    @app.provider
    def shelf() -> Shelf: ...

    @app.provider
    def one_more() -> Shelf: ...


@mistake("Shelf", "of_the_app", "app.override")
def a_second_provider_of_the_other_scope(app: App) -> None:
    @app.provider
    def shelf() -> Shelf: ...

    @app.provider(scope="app")
    def of_the_app() -> Shelf: ...


@mistake("Shelf", "per request", 'scope="app"')
def a_provider_of_the_request_in_one_of_the_app(app: App) -> None:
    @app.provider
    def shelf() -> Shelf: ...

    @app.provider(scope="app")
    def database(shelf: Shelf) -> Database: ...


@mistake("Shelf", "per request", 'scope="app"')
def a_provider_of_the_request_at_start_up(app: App) -> None:
    @app.provider
    def shelf() -> Shelf: ...

    @app.lifespan
    def life(shelf: Shelf) -> Iterator[None]:
        yield


@mistake("the provider", "shelf", "->")
def a_provider_that_does_not_say_what_it_gives(app: App) -> None:
    @app.provider
    def shelf():  # type: ignore[no-untyped-def]
        return Shelf()


@mistake("the provider", "nothing", "->")
def a_provider_of_nothing(app: App) -> None:
    @app.provider
    def nothing() -> None: ...


@mistake("'database'", "Database", "app.provider")
def a_provider_that_needs_what_nobody_gives(app: App) -> None:
    @app.provider
    def shelf(database: Database) -> Shelf: ...

    @app.get("/")
    def show(shelf: Shelf) -> str: ...


@mistake("show", "require_auth", "app.authenticator")
def a_guard_that_needs_to_know_who_asks(app: App) -> None:
    @app.get("/")
    @require_auth
    def show() -> str: ...


@mistake("show", "require_role", "User", "roles")
def a_guard_that_looks_at_what_no_user_has(app: App) -> None:
    @app.authenticator
    def who(request: Request) -> User | None: ...

    @app.get("/")
    @require_role("clerk")
    def show() -> str: ...


@mistake("authenticator", "who", "User | None")
def an_authenticator_that_does_not_say_whom_it_gives(app: App) -> None:
    @app.authenticator
    def who(request: Request):  # type: ignore[no-untyped-def]
        return None


# Results.


@mistake("show", "Shelf", "renderer")
def a_result_that_no_renderer_takes(app: App) -> None:
    @app.get("/")
    def show() -> Shelf: ...


@mistake("show", "Shelf")
def a_list_of_what_no_renderer_takes(app: App) -> None:
    @app.get("/")
    def show() -> list[Shelf] | None: ...


@mistake("show", "generator", "StreamingResponse")
def a_generator_that_does_not_say_what_it_gives(app: App) -> None:
    @app.get("/")
    def show() -> object:
        yield "a"


@mistake("show", "generator", "StreamingResponse")
def an_async_generator_that_does_not_say_what_it_gives(app: App) -> None:
    @app.get("/")
    async def show() -> object:
        yield "a"


@mistake("show", "page", "->")
def a_page_without_data(app: App) -> None:
    @app.get("/", page=HTML)
    def show() -> str: ...


@mistake("show", "page", "->")
def a_page_of_nobody_knows_what(app: App) -> None:
    @app.get("/", page=HTML)
    def show():  # type: ignore[no-untyped-def]
        return "a"


@mistake("show", "page", "->")
def a_page_of_a_response(app: App) -> None:
    @app.get("/", page=HTML)
    def show() -> Response: ...


# Wrappers, and annotations that lead nowhere.


def timed(view: Callable[..., Any]) -> Callable[..., Any]:
    """A decorator of another library."""

    @functools.wraps(view)
    def timing(*args: Any, **kwargs: Any) -> Any:
        return view(*args, **kwargs)

    return timing


@mistake("show", "decorator", "guard", "__signature__")
def a_foreign_decorator(app: App) -> None:
    @app.get("/{name}")
    @timed
    def show(name: str) -> str: ...


@mistake("show", "decorator", "guard")
def a_foreign_decorator_below_a_guard(app: App) -> None:
    @app.get("/{name}")
    @require_methods("GET")
    @timed
    def show(name: str) -> str: ...


@mistake("show", "decorator", "guard")
def a_foreign_decorator_above_a_guard(app: App) -> None:
    @app.get("/{name}")
    @timed
    @require_methods("GET")
    def show(name: str) -> str: ...


@mistake("show", "decorator", "guard")
def a_foreign_decorator_between_guards(app: App) -> None:
    @app.get("/{name}")
    @require_methods("GET")
    @timed
    @require_methods("GET")
    def show(name: str) -> str: ...


@mistake("wrapper", "args")
def a_foreign_decorator_that_hides_everything(app: App) -> None:
    def careless(view: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            return view(*args, **kwargs)

        return wrapper

    @app.get("/{name}")
    @careless
    def show(name: str) -> str: ...


@mistake("show", "decorator")
def a_cached_handler(app: App) -> None:
    @app.get("/{name}")
    @functools.cache
    def show(name: str) -> str: ...


@mistake("look", "decorator")
def a_foreign_decorator_around_a_guard(app: App) -> None:
    @timed
    def look(name: str) -> None: ...

    @app.get("/{name}", guards=[look])
    def show(name: str) -> str: ...


@mistake("shelf", "decorator")
def a_foreign_decorator_around_a_provider(app: App) -> None:
    @app.provider
    @timed
    def shelf() -> Shelf: ...


@mistake("show", "resolve", "Missing")
def an_annotation_that_names_nothing(app: App) -> None:
    @app.get("/")
    def show(book: "Missing") -> str: ...  # type: ignore[name-defined]  # noqa: F821


@mistake("show", "resolve", "Missing")
def a_result_that_names_nothing(app: App) -> None:
    @app.get("/")
    def show() -> "Missing": ...  # type: ignore[name-defined]  # noqa: F821


@mistake("show", "resolve", "Local")
def an_annotation_that_only_a_function_knows(app: App) -> None:
    class Local(Struct):
        title: str

    @app.post("/")
    def show(book: "Local") -> str: ...


# What is in a group, an error handler, a hook.


@mistake("'shelf'", "Shelf")
def a_mistake_in_a_group_within_a_group(app: App) -> None:
    inner, outer = Group("/inner"), Group("/outer")
    outer.include(inner)
    app.include(outer)

    @inner.get("/")
    def show(shelf: Shelf) -> str: ...


@mistake("'shelf'", "Shelf")
def an_error_handler_that_needs_what_nobody_gives(app: App) -> None:
    @app.on_error(KeyError)
    def sorry(error: KeyError, shelf: Shelf) -> str: ...


@mistake("'shelf'", "Shelf")
def a_hook_that_needs_what_nobody_gives(app: App) -> None:
    @app.lifespan
    def life(shelf: Shelf) -> Iterator[None]:
        yield


@mistake("'book'", "body")
def a_hook_that_needs_a_body(app: App) -> None:
    @app.lifespan
    def life(book: Book) -> Iterator[None]:
        yield


@mistake("'error'", "annotat")
def an_error_handler_that_does_not_say_which_error(app: App) -> None:
    @app.on_error(HTTPError)
    def sorry(error) -> str: ...  # type: ignore[no-untyped-def]


# What would change its meaning in silence.


@mistake("authenticators", "first", "second")
def authenticators_of_two_types_of_users(app: App) -> None:
    @app.authenticator
    def first(request: Request) -> User | None: ...

    @app.authenticator
    def second(request: Request) -> Shelf | None: ...


@mistake("book", "body")
def a_body_in_an_error_handler(app: App) -> None:
    @app.on_error(KeyError)
    def sorry(error: KeyError, book: Book) -> str: ...


@mistake("KeyError")
def a_second_error_handler(app: App) -> None:
    @app.on_error(KeyError)
    def sorry(error: KeyError) -> str: ...

    @app.on_error(KeyError)
    def sorry_again(error: KeyError) -> str: ...


@mistake("'book'", "Book")
def a_class_in_the_path(app: App) -> None:
    @app.get("/{book}")
    def show(book: Book) -> str: ...


@mistake("'ids'", "list")
def a_list_in_the_path(app: App) -> None:
    @app.get("/{ids}")
    def show(ids: list[int]) -> str: ...


@mistake("'book'", "Book", "Annotated[Book, Body()]")
def a_class_for_the_body_of_a_get(app: App) -> None:
    @app.get("/")
    def show(book: Book) -> str: ...


@mistake("'book'", "only a handler", "Annotated[Book, Body()]")
def a_class_for_the_body_in_a_guard(app: App) -> None:
    def look(book: Book) -> None: ...

    @app.post("/", guards=[look])
    def add() -> str: ...


@mistake("'book'", "only a handler", "app.provider")
def a_class_for_the_body_in_a_provider(app: App) -> None:
    @app.provider
    def shelf(book: Book) -> Shelf: ...

    @app.post("/")
    def add(shelf: Shelf) -> str: ...


@mistake("'admin'", "a kind of user", "Annotated[Admin, Body()]")
def a_kind_of_user_that_a_client_could_make_up(app: App) -> None:
    @app.authenticator
    def who(request: Request) -> User | None: ...

    @app.post("/")
    def add(admin: Admin) -> str: ...


@mistake("look", "bool", "HTTPError", "-> None")
def a_guard_that_answers_yes_or_no(app: App) -> None:
    def look(request: Request) -> bool: ...

    @app.get("/", guards=[look])
    def show() -> str: ...


@mistake("'page'", "Query", "Annotated")
def a_source_for_a_default(app: App) -> None:
    @app.get("/")
    def show(page: int = Query("p")) -> str: ...  # type: ignore[assignment]


@mistake("supply_page", "int", "query parameter", "NewType")
def a_provider_of_numbers(app: App) -> None:
    @app.provider
    def supply_page() -> int: ...


@mistake("supply_name", "str", "query parameter", "NewType")
def a_provider_of_text(app: App) -> None:
    @app.provider(scope="app")
    def supply_name() -> str: ...


@mistake("supply_ids", "list[int]", "query parameter")
def a_provider_of_a_list_of_numbers(app: App) -> None:
    @app.provider
    def supply_ids() -> Iterator[list[int]]:
        yield [1]


@mistake("supply_request", "Request", "every request", "middleware")
def a_provider_of_the_request(app: App) -> None:
    @app.provider
    def supply_request(request: Request) -> Request: ...


@mistake("'error'", "ValueError", "KeyError is none")
def an_error_handler_for_another_error(app: App) -> None:
    @app.on_error(KeyError)
    def sorry(error: ValueError) -> str: ...


@mistake("'error'", "KeyError", "LookupError is none")
def an_error_handler_for_a_narrower_error(app: App) -> None:
    @app.on_error(LookupError)
    def sorry(error: KeyError | IndexError) -> str: ...


@mistake("'request'", "database", "here is none")
def a_provider_of_the_app_that_needs_a_request(app: App) -> None:
    @app.provider(scope="app")
    def database(request: Request) -> Database: ...


@mistake("'pages'", "database", "here is none")
def a_provider_of_the_app_that_needs_a_query(app: App) -> None:
    @app.provider(scope="app")
    def database(pages: int = 7) -> Database: ...


@mistake("'token'", "database", "here is none")
def a_provider_of_the_app_that_needs_a_cookie(app: App) -> None:
    @app.provider(scope="app")
    def database(token: Annotated[str, Cookie()]) -> Database: ...


@mistake("'user'", "database", "here is none")
def a_provider_of_the_app_that_needs_a_user(app: App) -> None:
    @app.authenticator
    def who(request: Request) -> User | None: ...

    @app.provider(scope="app")
    def database(user: User | None) -> Database: ...


@mistake("'request'", "life", "here is none")
def a_hook_that_needs_a_request(app: App) -> None:
    @app.lifespan
    def life(request) -> Iterator[None]:  # type: ignore[no-untyped-def]
        yield


@mistake("'name'", "life", "here is none")
def a_hook_that_needs_a_query(app: App) -> None:
    @app.lifespan
    def life(name: str) -> Iterator[None]:
        yield


@mistake("show", "decorator", "guard")
def a_partial_of_a_guarded_function(app: App) -> None:
    @require_methods("GET")
    def show(name: str, number: int) -> str: ...

    app.get("/{number}")(functools.partial(show, "a"))


@mistake("User", "two sources", "who", "provide_user")
def a_provider_of_the_user(app: App) -> None:
    @app.authenticator
    def who(request: Request) -> User | None: ...

    @app.provider
    def provide_user() -> User: ...


@mistake("Shelf -> Database -> Shelf")
def providers_of_both_scopes_in_a_circle(app: App) -> None:
    @app.provider(scope="app")
    def shelf(database: Database) -> Shelf: ...

    @app.provider(scope="app")
    def database(shelf: Shelf) -> Database: ...

    @app.get("/")
    def show(shelf: Shelf) -> str: ...
