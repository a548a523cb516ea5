"""Groups: routes that a module declares without the app, merged below a prefix, with guards of their own."""

import pytest

from martlet import App, ForbiddenError, Group, Request, URLs
from tests.serving import Serve


def forbid(request: Request) -> None:
    raise ForbiddenError


def test_a_group_stands_below_its_prefix(serve: Serve) -> None:
    app, books = App(), Group("/books")

    @books.get("/{book_id}")
    def show(book_id: int) -> str:
        return f"book {book_id}"

    @books.get("")
    def list_books() -> str:
        return "books"

    app.include(books)
    client = serve(app)

    assert client.get("/books/7").text == "book 7"
    assert client.get("/books").text == "books"
    assert client.get("/7").status_code == 404


def test_prefixes_of_nested_groups_join_outermost_first(serve: Serve) -> None:
    app = App()
    outer, inner = Group("/a"), Group("/b")
    app.include(outer, prefix="/x")
    outer.include(inner, prefix="/y")

    @inner.get("/c")
    def show(urls: URLs) -> str:
        return urls.to(show)

    assert serve(app).get("/x/a/y/b/c").text == "/x/a/y/b/c"


def test_a_group_may_be_included_before_and_after_it_is_filled(serve: Serve) -> None:
    app, books = App(), Group("/books")
    books.get("/early")(lambda: "early")
    app.include(books)
    books.get("/late")(lambda: "late")
    deeper = Group("/deeper")
    books.include(deeper)
    deeper.get("/latest")(lambda: "latest")

    client = serve(app)

    assert [client.get(f"/books/{name}").text for name in ("early", "late", "deeper/latest")] == ["early", "late", "latest"]


def test_a_prefix_may_hold_parameters(serve: Serve) -> None:
    app, books = App(), Group("/shelves/{shelf_id}/books")

    @books.get("/{book_id}")
    def show(shelf_id: int, book_id: int) -> list[int]:
        return [shelf_id, book_id]

    app.include(books, prefix="/{library:slug}")

    @books.get("/")
    def list_books(shelf_id: int, library: str) -> list[object]:
        return [shelf_id, library]

    # Whoever is below the prefix takes its parameters, or the request.
    with pytest.raises(Exception, match="'library'"):
        app.freeze()


def test_parameters_of_a_prefix_arrive_as_any_others(serve: Serve) -> None:
    app, books = App(), Group("/shelves/{shelf_id}/books")

    @books.get("/{book_id}")
    def show(shelf_id: int, book_id: int, library: str) -> list[object]:
        return [library, shelf_id, book_id]

    app.include(books, prefix="/{library:slug}")

    assert serve(app).get("/city/shelves/3/books/7").json() == ["city", 3, 7]


def test_one_group_may_stand_in_two_places(serve: Serve) -> None:
    app, books = App(), Group("/books")

    @books.get("/{book_id}")
    def show(book_id: int) -> str:
        return f"book {book_id}"

    app.include(books, prefix="/old")
    app.include(books, prefix="/new")
    client = serve(app)

    assert client.get("/old/books/7").text == client.get("/new/books/7").text == "book 7"


def test_every_method_of_an_app_is_there_for_a_group(serve: Serve) -> None:
    app, books = App(), Group("/books")
    methods = ["get", "post", "put", "patch", "delete", "options", "query"]
    for method in methods:
        getattr(books, method)("/", name=method)(lambda request: f"by {request.method}")
    app.include(books)
    client = serve(app)

    answers = [getattr(client, method)("/books/").text for method in methods]

    assert answers == [f"by {method.upper()}" for method in methods]


def test_guards_of_a_group_do_not_reach_the_app_it_is_in(serve: Serve) -> None:
    app, closed = App(), Group("/closed", guards=[forbid])
    closed.get("/")(lambda: "closed")
    app.include(closed)
    app.get("/")(lambda: "open")
    client = serve(app)

    assert client.get("/closed/").status_code == 403
    assert client.get("/").text == "open"


def test_urls_lead_to_handlers_by_function_and_by_name(serve: Serve) -> None:
    app, books = App(), Group("/books")

    @books.get("/{book_id}/{title}", name="book")
    def show(book_id: int, title: str) -> str:
        return title

    @app.get("/")
    def links(urls: URLs) -> list[str]:
        return [
            urls.to(show, book_id=7, title="le café"),
            urls.to("book", book_id=7, title="50 %"),
            urls.to(links, query={"q": "a b&c", "page": 2, "none": None}),
        ]

    app.include(books, prefix="/shop")

    assert serve(app).get("/").json() == ["/shop/books/7/le%20caf%C3%A9", "/shop/books/7/50%20%25", "/?q=a+b%26c&page=2"]
