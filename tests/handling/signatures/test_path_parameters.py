"""What a parameter of the pattern becomes: the annotation picks the converter, and what does not fit is no such page."""

import enum
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, NewType
from uuid import UUID

import pytest
from msgspec import Meta

from martlet import App, Request, require_auth
from martlet.routing import BadParametersError
from martlet.testing import Client
from tests.handling.signatures.showing import REQUIRED, showing
from tests.rows import each
from tests.serving import PROTOCOLS, Serve

SOME_ID = "8f14e45f-ceea-467f-9575-3f9b2f8c1d0a"
NO_SUCH_PAGE = None


class Shelf(enum.Enum):
    NOVELS = "novels"
    POEMS = "poems"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class EvenConverter:
    """Whole numbers that two divides."""

    regex = "[0-9]*[02468]"

    def parse(self, text: str) -> int:
        return int(text)

    def format(self, value: int) -> str:
        return str(value)


TABLE = [
    (REQUIRED, "{value}", "walden", "walden"),
    (Any, "{value}", "walden", "walden"),
    (str, "{value}", "caf%C3%A9%20noir", "café noir"),
    (str, "{value}", "%F0%28%8C%28", "\ufffd(\ufffd("),
    (str, "{value:path}", "a/b/c", "a/b/c"),
    (str, "{value:slug}", "the-raven", "the-raven"),
    (str, "{value:slug}", "The-Raven", NO_SUCH_PAGE),
    (int, "{value}", "7", 7),
    (int, "{value:int}", "7", 7),
    (REQUIRED, "{value:int}", "7", 7),
    (int, "{value}", "007", 7),
    (int, "{value}", "-7", NO_SUCH_PAGE),
    (int, "{value}", "7.0", NO_SUCH_PAGE),
    (int, "{value}", "%D9%A3", NO_SUCH_PAGE),
    (int, "{value}", "9" * 4_000, NO_SUCH_PAGE),
    (int | None, "{value}", "7", 7),
    (float, "{value}", "-2.5", -2.5),
    (float, "{value}", "nan", NO_SUCH_PAGE),
    (float, "{value}", "1e999", NO_SUCH_PAGE),
    (Decimal, "{value}", "19.90", Decimal("19.90")),
    (UUID, "{value}", SOME_ID, UUID(SOME_ID)),
    (UUID, "{value}", "8f14e45f", NO_SUCH_PAGE),
    (date, "{value}", "2028-02-29", date(2028, 2, 29)),
    (date, "{value}", "2026-02-29", NO_SUCH_PAGE),
    (datetime, "{value}", "2026-11-22T15:30Z", datetime(2026, 11, 22, 15, 30, tzinfo=UTC)),
    (bool, "{value}", "true", True),
    (bool, "{value}", "maybe", NO_SUCH_PAGE),
    (Shelf, "{value}", "poems", Shelf.POEMS),
    (Shelf, "{value}", "POEMS", NO_SUCH_PAGE),
    (Level, "{value}", "2", Level.HIGH),
    (Literal["asc", "desc"], "{value}", "asc", "asc"),
    (Literal["asc", "desc"], "{value}", "up", NO_SUCH_PAGE),
    (Literal[1, 2], "{value}", "2", 2),
    (int | Literal["latest"], "{value}", "latest", "latest"),
    (int | Literal["latest"], "{value}", "12", 12),
    (Annotated[int, Meta(ge=1)], "{value}", "1", 1),
    (Annotated[int, Meta(ge=1)], "{value}", "0", NO_SUCH_PAGE),
    (Annotated[str, Meta(max_length=3)], "{value}", "abcd", NO_SUCH_PAGE),
    (Annotated[Decimal, Meta(title="Price")], "{value}", "1.5", Decimal("1.5")),
    (int, "{value:even}", "24", 24),
    (REQUIRED, "{value:even}", "24", 24),
    (int, "{value:even}", "25", NO_SUCH_PAGE),
]


def name(row: tuple[Any, str, str, Any]) -> str:
    annotation, hole, text, _ = row
    kind = "unannotated" if annotation is REQUIRED else getattr(annotation, "__name__", str(annotation))
    return f"{kind} {hole} {text[:20]}"


@pytest.fixture(scope="module", params=PROTOCOLS)
def table(request: pytest.FixtureRequest) -> Iterator[Client]:
    """One app with a route for every row, below the row's number."""
    app = App(converters={"even": EvenConverter()})
    for number, (annotation, hole, _, _) in enumerate(TABLE):
        app.get(f"/{number}/{hole}", name=str(number), inline=True)(showing(annotation))
    with Client(app, protocol=request.param) as client:
        yield client


@each("number", [pytest.param(number, id=name(row)) for number, row in enumerate(TABLE)])
def test_a_parameter_of_the_pattern_arrives_as_its_annotation_says(table: Client, number: int) -> None:
    _, _, text, expected = TABLE[number]

    received = table.get(f"/{number}/{text}")

    if expected is NO_SUCH_PAGE:
        assert received.status_code == 404
    else:
        assert (received.status_code, received.text) == (200, repr(expected))


def test_several_parameters_arrive_by_name_in_any_order(serve: Serve) -> None:
    app = App()

    @app.get("/{year}/{month}/{slug}")
    def article(slug: str, month: int, year: int) -> list[object]:
        return [year, month, slug]

    assert serve(app).get("/2026/11/the-raven").json() == [2026, 11, "the-raven"]


def test_a_parameter_of_the_pattern_may_be_taken_by_a_guard_or_a_provider_alone(serve: Serve) -> None:
    app = App()
    seen: list[int] = []

    @app.provider
    def shelf(shelf_id: int) -> Shelf:
        seen.append(shelf_id)
        return Shelf.NOVELS

    def look(book_id: int) -> None:
        seen.append(book_id)

    @app.get("/shelves/{shelf_id}/books/{book_id}", guards=[look])
    def show(shelf: Shelf) -> str:
        return shelf.value

    client = serve(app)

    assert client.get("/shelves/3/books/7").text == "novels"
    assert seen == [7, 3]
    assert client.get("/shelves/three/books/7").status_code == 404


def test_who_takes_the_request_may_leave_the_parameters_there(serve: Serve) -> None:
    app = App()

    @app.get("/books/{book_id:int}/{page}")
    async def show(request: Request) -> Mapping[str, object]:
        return request.params

    assert serve(app).get("/books/7/12").json() == {"book_id": 7, "page": "12"}


def test_the_narrower_annotation_is_asked_first_whatever_the_order(serve: Serve) -> None:
    app = App()

    @app.get("/books/{name}")
    def by_name(name: str) -> str:
        return f"name {name}"

    @app.get("/books/{number}")
    def by_number(number: int) -> str:
        return f"number {number}"

    @app.get("/books/new")
    def new() -> str:
        return "new"

    client = serve(app)

    assert [client.get(f"/books/{segment}").text for segment in ("new", "7", "seven")] == ["new", "number 7", "name seven"]


class Order(enum.Enum):
    RISING = "asc"
    FALLING = "desc"


class Loose(enum.Enum):
    HARD = "hard"

    @classmethod
    def _missing_(cls, value: object) -> Any:
        return cls.HARD if str(value).lower() == "hard" else None


BookId = NewType("BookId", int)


@each(
    ("annotation", "fits", "misfit"),
    [
        pytest.param(Order, "asc", "up", id="Enum"),
        pytest.param(Literal["asc", "desc"], "asc", "up", id="Literal"),
        pytest.param(Loose, "HARD", "soft", id="Enum that guesses"),
        pytest.param(int | Literal["latest"], "latest", "first", id="union"),
        pytest.param(Annotated[int, Meta(ge=1)], "1", "0", id="bound"),
        pytest.param(BookId, "7", "seven", id="NewType"),
    ],
)
def test_what_the_path_cannot_mean_is_404_before_anybody_asks_who_is_there(
    serve: Serve, annotation: Any, fits: str, misfit: str
) -> None:
    app = App()

    async def show(value: Any) -> str:
        return "shown"

    show.__annotations__["value"] = annotation
    app.authenticator(inline=True)(nobody)
    app.get("/waiting/{value}", guards=[require_auth])(show)
    client = serve(app)

    assert client.get(f"/waiting/{fits}").status_code == 401
    assert client.get(f"/waiting/{misfit}").status_code == 404


def nobody(request: Request) -> int | None:
    return None


@pytest.mark.parametrize("annotation", [Order, Literal["asc", "desc"], BookId])
def test_what_the_path_cannot_mean_is_404_for_every_method(serve: Serve, annotation: Any) -> None:
    app = App()

    def show(value: Any) -> str:
        return "shown"

    show.__annotations__["value"] = annotation
    app.get("/{value}")(show)
    client = serve(app)

    assert client.delete("/up").status_code == 404
    assert client.options("/up").status_code == 404


def test_one_of_a_few_values_is_narrower_than_any_text(serve: Serve) -> None:
    app = App()

    @app.get("/{name}")
    def by_name(name: str) -> str:
        return f"name {name}"

    @app.get("/{order}")
    def in_order(order: Order) -> str:
        return f"order {order.name}"

    client = serve(app)

    assert [client.get(path).text for path in ("/asc", "/ascending")] == ["order RISING", "name ascending"]


def test_a_url_is_made_of_the_value_that_the_handler_gets() -> None:
    app = App()

    @app.get("/{order}/{level}/{latest}")
    def show(order: Order, level: Literal[1, "two"], latest: int | Literal["latest"]) -> str: ...  # type: ignore[empty-body]

    router = app.freeze().router

    assert router.url_for("show", order=Order.FALLING, level=1, latest="latest") == "/desc/1/latest"
    with pytest.raises(BadParametersError, match="order='desc' does not suit 'Order'"):
        router.url_for("show", order="desc", level=1, latest=7)
