"""What a parameter becomes that is read from a field: of the query, of the header section, of the cookies."""

import enum
from collections.abc import Iterator, Sequence
from datetime import date, time, timedelta
from typing import Annotated, Any, Literal

import pytest
from msgspec import Meta

from martlet import App, Body, Cookie, Header, Headers, Query, QueryString
from martlet.testing import Client
from tests.handling.signatures.showing import REQUIRED, showing
from tests.rows import each
from tests.serving import PROTOCOLS, Serve

REFUSED = object()  # 422


class Order(enum.Enum):
    UP = "asc"
    DOWN = "desc"


Row = tuple[str, Any, Any, str, Any]

QUERY: list[Row] = [
    ("text as it is", str, REQUIRED, "value=caf%C3%A9+noir", "café noir"),
    ("an empty text is a text", str, REQUIRED, "value=", ""),
    ("a name without = is an empty text", str, REQUIRED, "value", ""),
    ("of several values the first", str, REQUIRED, "value=a&value=b", "a"),
    ("an absent one is refused", str, REQUIRED, "other=a", REFUSED),
    ("an absent one has its default", str, "all", "", "all"),
    ("a sent one has no default", str, "all", "value=", ""),
    ("any default will do", int, None, "", None),
    ("a number", int, REQUIRED, "value=-42", -42),
    ("no number", int, REQUIRED, "value=4x", REFUSED),
    ("no number in spite of a default", int, 7, "value=x", REFUSED),
    ("a blank that is no number counts as absent", int, 7, "value=", 7),
    ("a blank where a number is required", int, REQUIRED, "value=", REFUSED),
    ("a number of another script", int, REQUIRED, "value=%D9%A3", REFUSED),
    ("a number too long to be one", int, REQUIRED, f"value={'9' * 5_000}", REFUSED),
    ("a fraction", float, REQUIRED, "value=2.5e3", 2500.0),
    ("no fraction", float, REQUIRED, "value=inf", REFUSED),
    ("a ticked box", bool, False, "value=on", True),
    ("a box left out", bool, False, "", False),
    ("a date", date, REQUIRED, "value=2026-11-22", date(2026, 11, 22)),
    ("no date", date, REQUIRED, "value=2026-02-30", REFUSED),
    ("a time", time, REQUIRED, "value=15:30", time(15, 30)),
    ("a duration", timedelta, REQUIRED, "value=PT90S", timedelta(seconds=90)),
    ("a member of an enumeration by its value", Order, REQUIRED, "value=desc", Order.DOWN),
    ("no member of an enumeration", Order, REQUIRED, "value=DOWN", REFUSED),
    ("one of some words", Literal["asc", "desc"], "asc", "value=desc", "desc"),
    ("none of some words", Literal["asc", "desc"], "asc", "value=sideways", REFUSED),
    ("an optional one that is there", int | None, None, "value=7", 7),
    ("an optional one that is not", int | None, None, "", None),
    ("an optional one that does not fit", int | None, None, "value=x", REFUSED),
    ("a union, text last", str | int, REQUIRED, "value=7", 7),
    ("a union with another text", str | int, REQUIRED, "value=seven", "seven"),
    ("within its bounds", Annotated[int, Meta(ge=1, le=100)], 1, "value=100", 100),
    ("beyond its bounds", Annotated[int, Meta(ge=1, le=100)], 1, "value=101", REFUSED),
    ("too long a text", Annotated[str, Meta(max_length=3)], REQUIRED, "value=abcd", REFUSED),
    ("a list", list[int], REQUIRED, "value=1&other=x&value=2", [1, 2]),
    ("a list of one", list[int], REQUIRED, "value=1", [1]),
    ("a list without an item is not there", list[int], REQUIRED, "", REFUSED),
    ("a list with a default", list[int], [], "", []),
    ("a list with a bad item", list[int], REQUIRED, "value=1&value=x", REFUSED),
    ("an optional list", list[int] | None, None, "", None),
    ("an optional list that is there", list[int] | None, None, "value=3", [3]),
    ("a list of anything is one of texts", list, REQUIRED, "value=a&value=b", ["a", "b"]),
    ("a list of bounded items", list[Annotated[int, Meta(ge=1)]], REQUIRED, "value=1&value=0", REFUSED),
    ("a set", set[str], REQUIRED, "value=a&value=a", {"a"}),
    ("a frozen set", frozenset[int], REQUIRED, "value=1", frozenset({1})),
    ("a tuple", tuple[int, ...], REQUIRED, "value=1&value=2", (1, 2)),
    ("a sequence", Sequence[date], REQUIRED, "value=2026-11-22", [date(2026, 11, 22)]),
    ("a list of an enumeration", list[Order], REQUIRED, "value=asc&value=desc", [Order.UP, Order.DOWN]),
    ("said to be of the query", Annotated[int, Query()], REQUIRED, "value=7", 7),
    ("said by the word alone", Annotated[int, Query], REQUIRED, "value=7", 7),
    ("under another name", Annotated[str, Query("order-by")], REQUIRED, "order-by=year", "year"),
    ("under another name only", Annotated[str, Query("order-by")], REQUIRED, "value=year", REFUSED),
    ("bounded, under another name", Annotated[int, Meta(ge=1), Query("p")], REQUIRED, "p=0", REFUSED),
    ("anything is text", Annotated[Any, Query()], REQUIRED, "value=a", "a"),
]

HEADER: list[Row] = [
    ("by its name", Annotated[str, Header("x-page")], REQUIRED, "3", "3"),
    ("in any case", Annotated[int, Header("X-Page")], REQUIRED, "3", 3),
    ("no number", Annotated[int, Header("x-page")], REQUIRED, "three", REFUSED),
    ("absent", Annotated[int, Header("x-other")], REQUIRED, "3", REFUSED),
    ("absent with a default", Annotated[int, Header("x-other")], 1, "3", 1),
    ("absent and optional", Annotated[int | None, Header("x-other")], None, "3", None),
    ("a list has commas", Annotated[list[str], Header("x-page")], REQUIRED, "a, b ,,c", ["a", "b", "c"]),
    ("a list of numbers", Annotated[set[int], Header("x-page")], REQUIRED, "1,2,1", {1, 2}),
    ("a list with a bad item", Annotated[list[int], Header("x-page")], REQUIRED, "1,x", REFUSED),
]

COOKIE: list[Row] = [
    ("by its name", Annotated[str, Cookie("cart")], REQUIRED, "cart=c7; theme=dark", "c7"),
    ("as a number", Annotated[int, Cookie("cart")], REQUIRED, "cart=7", 7),
    ("no number", Annotated[int, Cookie("cart")], REQUIRED, "cart=c7", REFUSED),
    ("absent", Annotated[str, Cookie("cart")], REQUIRED, "theme=dark", REFUSED),
    ("absent and optional", Annotated[str | None, Cookie("cart")], None, "theme=dark", None),
    ("absent with a default", Annotated[str, Cookie("cart")], "none", "", "none"),
    ("of two with one name the first", Annotated[str, Cookie("cart")], REQUIRED, "cart=1; cart=2", "1"),
]


ROWS = [("query", *row) for row in QUERY] + [("header", *row) for row in HEADER] + [("cookie", *row) for row in COOKIE]


@pytest.fixture(scope="module", params=PROTOCOLS)
def table(request: pytest.FixtureRequest) -> Iterator[Client]:
    """One app with a route for every row, at the row's number."""
    app = App()
    for number, row in enumerate(ROWS):
        app.get(f"/{number}", name=str(number), inline=True)(showing(row[2], row[3]))
    with Client(app, protocol=request.param) as client:
        yield client


@each("number", [pytest.param(number, id=f"{row[0]}: {row[1]}") for number, row in enumerate(ROWS)])
def test_a_field_arrives_as_its_parameter_says(table: Client, number: int) -> None:
    place, _, _, _, sent, expected = ROWS[number]

    received = {
        "query": lambda: table.get(f"/{number}?{sent}"),
        "header": lambda: table.get(f"/{number}", headers={"x-page": sent}),
        "cookie": lambda: table.get(f"/{number}", headers={"cookie": sent}),
    }[place]()

    if expected is REFUSED:
        assert received.status_code == 422
        assert {(error["location"]) for error in received.json()["errors"]} == {place}
    else:
        assert (received.status_code, received.text) == (200, repr(expected))


def test_names_come_from_the_parameters(serve: Serve) -> None:
    app = App()

    @app.get("/")
    def show(
        q: str, user_agent: Annotated[str, Header()], cart: Annotated[str, Cookie()], page: Annotated[int, Query()] = 1
    ) -> list[object]:
        return [q, user_agent, cart, page]

    received = serve(app).get("/?q=walden&page=2", headers={"user-agent": "netscape", "cookie": "cart=c7"})

    assert received.json() == ["walden", "netscape", "c7", 2]


def test_keyword_only_parameters_are_passed_by_name(serve: Serve) -> None:
    app = App()

    @app.get("/{shelf}")
    async def show(shelf: str, /, q: str, *, page: int = 1, cart: Annotated[str | None, Cookie()] = None) -> list[object]:
        return [shelf, q, page, cart]

    client = serve(app)

    assert client.get("/poems?q=raven&page=2").json() == ["poems", "raven", 2, None]
    assert client.get("/poems?q=raven", headers={"cookie": "cart=c7"}).json() == ["poems", "raven", 1, "c7"]


def test_every_field_that_does_not_fit_is_named_in_one_answer(serve: Serve) -> None:
    app = App()

    @app.post("/")
    def show(
        page: int,
        sizes: list[int],
        x_level: Annotated[int, Header()],
        cart: Annotated[int, Cookie("my-cart")],
        new: Annotated[dict[str, int], Body()],
    ) -> None: ...

    received = serve(app).post(
        "/?sizes=1&sizes=x&sizes=y", json={"a": "b"}, headers={"x-level": "high", "cookie": "my-cart=full"}
    )

    errors = [(error.get("location", "body"), error.get("name", error.get("pointer"))) for error in received.json()["errors"]]
    assert received.status_code == 422
    assert errors == [
        ("query", "page"),
        ("query", "sizes"),
        ("query", "sizes"),
        ("header", "x-level"),
        ("cookie", "my-cart"),
        ("body", "/a"),
    ]


def test_the_fields_themselves_can_be_asked_for(serve: Serve) -> None:
    app = App()

    @app.get("/")
    def show(query: QueryString, fields: Headers) -> list[object]:
        return [query.all(), fields["X-Level"]]

    assert serve(app).get("/?a=1&b=2&a=3", headers={"x-level": "high"}).json() == [{"a": ["1", "3"], "b": ["2"]}, "high"]


def test_a_default_is_the_very_object_that_stands_in_the_signature(serve: Serve) -> None:
    everything = ["all"]
    app = App()

    @app.get("/")
    def show(tags: list[str] = everything) -> str:
        return str(tags is everything)

    assert serve(app).get("/").text == "True"


def test_more_fields_than_the_limit_are_400(serve: Serve) -> None:
    app = App()
    app.get("/", inline=True)(showing(int, 1))

    assert serve(app).get("/?" + "a=1&" * 1_001).status_code == 400
