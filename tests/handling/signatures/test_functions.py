"""What may be a handler: any callable that says what it takes; how it is called follows from what it is."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from martlet import App, require_methods
from tests.rows import each
from tests.serving import Serve


class Label(str):  # a name of its own, since a provider of plain text would take the place of every parameter
    __slots__ = ()


def plain(number: int) -> Label:
    return Label(f"number {number}")


async def waiting(number: int) -> Label:
    return Label(f"number {number}")


class Greeter:
    """Has handlers of every kind, and is one."""

    def __init__(self, word: str) -> None:
        self.word = word

    def method(self, number: int) -> Label:
        return Label(f"{self.word} {number}")

    async def waiting_method(self, number: int) -> Label:
        return Label(f"{self.word} {number}")

    @classmethod
    def of_class(cls, number: int) -> Label:
        return Label(f"number {number}")

    @staticmethod
    async def of_nobody(number: int) -> Label:
        return Label(f"number {number}")

    def __call__(self, number: int) -> Label:
        return Label(f"{self.word} {number}")

    def shelf(self) -> "Shelf":
        return Shelf("novels")


class WaitingGreeter(Greeter):
    async def __call__(self, number: int) -> Label:  # type: ignore[override]
        return Label(f"{self.word} {number}")


class Child(Greeter):
    """Is called as its parent is."""


HANDLERS: list[Any] = [
    pytest.param(plain, id="function"),
    pytest.param(waiting, id="async function"),
    pytest.param(Greeter("number").method, id="method"),
    pytest.param(Greeter("number").waiting_method, id="async method"),
    pytest.param(Greeter.of_class, id="class method"),
    pytest.param(Greeter.of_nobody, id="static method"),
    pytest.param(Greeter("number"), id="callable object"),
    pytest.param(WaitingGreeter("number"), id="async callable object"),
    pytest.param(Child("number"), id="inherited call"),
]
GUARDED: list[Any] = [
    pytest.param(require_methods("GET")(plain), id="guarded function"),
    pytest.param(require_methods("GET")(waiting), id="guarded async function"),
]


@each("handler", HANDLERS + GUARDED)
@each("inline", [False, True])
def test_any_callable_is_a_handler(serve: Serve, handler: Callable[..., Any], inline: bool) -> None:
    app = App()
    app.get("/{number}", inline=inline)(handler)

    assert serve(app).get("/7").text == "number 7"


@each("handler", HANDLERS)
def test_any_callable_is_a_provider_too(serve: Serve, handler: Callable[..., Any]) -> None:
    app = App()
    app.provider(handler)

    @app.get("/{number}")
    async def show(provided: Label) -> dict[str, str]:
        return {"provided": provided}

    assert serve(app).get("/7").json() == {"provided": "number 7"}


def test_a_lambda_is_a_handler(serve: Serve) -> None:
    app = App()
    app.get("/")(lambda: "Hello")
    app.get("/method")(lambda request: request.method)

    client = serve(app)

    assert client.get("/").text == "Hello"
    assert client.get("/method").text == "GET"


def test_one_function_may_answer_several_routes(serve: Serve) -> None:
    app = App()

    @app.get("/")
    @app.get("/index.html")
    @app.route("/home", methods=["get", "POST"])
    def home() -> str:
        return "home"

    client = serve(app)

    assert {client.get(path).text for path in ("/", "/index.html", "/home")} == {"home"}
    assert client.post("/home").text == "home"
    assert home() == "home"


def test_a_class_supplies_itself(serve: Serve) -> None:
    app = App()

    @app.provider
    class Search:
        def __init__(self, q: str, page: int = 1) -> None:
            self.text = f"{q}, page {page}"

    @app.get("/")
    def show(search: Search) -> str:
        return search.text

    client = serve(app)

    assert client.get("/?q=raven&page=3").text == "raven, page 3"
    assert client.get("/").status_code == 422


def titled(title: str, number: int, *, suffix: str = "!") -> str:
    return f"{title} {number}{suffix}"


async def titled_later(title: str, number: int, *, suffix: str = "!") -> str:
    return titled(title, number, suffix=suffix)


@pytest.mark.parametrize("function", [titled, titled_later])
def test_a_partial_function_is_a_handler_and_what_it_holds_is_not_the_clients_to_give(
    serve: Serve, function: Callable[..., Any]
) -> None:
    app = App()
    app.get("/positional/{number}")(partial(function, "Psalm"))
    app.get("/named/{number}")(partial(function, title="Psalm"))
    app.get("/all/{number}")(partial(partial(function, "Psalm"), suffix="?"))
    app.get("/guarded/{number}")(require_methods("GET")(partial(function, title="Psalm")))
    client = serve(app)

    assert client.get("/positional/23?title=Sonnet&suffix=.").text == "Psalm 23."
    assert client.get("/named/23?title=Sonnet").text == "Psalm 23!"
    assert client.get("/all/23?title=Sonnet&suffix=.").text == "Psalm 23?"
    assert client.get("/guarded/23?title=Sonnet").text == "Psalm 23!"


def test_a_route_of_a_partial_function_has_the_functions_name() -> None:
    app = App()
    app.get("/{number}")(partial(titled, "Psalm"))

    assert app.freeze().router.url_for("titled", number=7) == "/7"


class Shelf:
    def __init__(self, name: str, size: int = 7) -> None:
        self.text = f"{name} of {size}"


@pytest.mark.parametrize(
    "provider",
    [pytest.param(partial(Shelf, "novels"), id="class"), pytest.param(partial(Greeter.shelf, Greeter("")), id="method")],
)
def test_a_partial_function_is_a_provider_too(serve: Serve, provider: Callable[..., Any]) -> None:
    app = App()
    app.provider(provider)
    app.get("/")(show_shelf)

    assert serve(app).get("/?name=poems").text == "novels of 7"


def show_shelf(shelf: Shelf) -> str:
    return shelf.text
