"""Numbers that no field takes are 422 wherever they come from: not a number, infinite, or a billion digits long in print."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, NamedTuple, TypedDict

import attrs
import pydantic
import pytest
from msgspec import Meta, Struct, msgpack

from martlet import App, Body, Limits
from tests.rows import each
from tests.serving import Serve, ServeOnce

PACK = {"content-type": "application/vnd.msgpack"}
JSON = {"content-type": "application/json"}
FORM = {"content-type": "application/x-www-form-urlencoded"}
UNFIT = ["NaN", "sNaN", "Infinity", "-Infinity", "1e9999999", "-1e-9999999", "1e4301"]
NAN, INFINITY = float("nan"), float("inf")


class Price(Struct):
    amount: Decimal
    rate: float = 1.0


@dataclass
class DataclassPrice:
    amount: Decimal


@attrs.define
class AttrsPrice:
    amount: Decimal


class TypedPrice(TypedDict):
    amount: Decimal


class ModelPrice(pydantic.BaseModel):
    amount: Decimal = Decimal(1)
    rate: float = 1.0


class OpenModel(pydantic.BaseModel):
    rate: Annotated[float, pydantic.Field(allow_inf_nan=True)] = 1.0


class Pair(NamedTuple):
    low: Decimal | None
    high: Decimal | None


class Basket(Struct, rename="camel"):
    unit_prices: list[Price]
    by_name: dict[str, Annotated[Decimal, Meta(description="each")]] = {}
    pair: Pair = Pair(None, None)
    model: ModelPrice | None = None
    inner: Basket | None = None
    count: int = 0


def taking(type_: Any, *, decoders: Any = None) -> App:
    app = App(decoders=decoders or {})

    async def take(sent: Any) -> str:
        return "taken"

    take.__annotations__ = {"sent": Annotated[type_, Body()], "return": str}
    app.post("/")(take)
    return app


@each("text", UNFIT)
@each("type_", [Price, DataclassPrice, AttrsPrice, TypedPrice, ModelPrice])
def test_a_decimal_that_is_no_measure_is_refused_from_every_body(serve_once: ServeOnce, type_: Any, text: str) -> None:
    client = serve_once(taking, type_)

    sent = {"amount": text}
    answers = [
        client.post("/", content=json.dumps(sent).encode(), headers=JSON),
        client.post("/", content=msgpack.encode(sent), headers=PACK),
        client.post("/", content=f"amount={text}".encode(), headers=FORM),
    ]

    assert [answer.status_code for answer in answers] == [422, 422, 422]
    assert {answer.json()["errors"][0]["pointer"] for answer in answers} == {"/amount"}


@each("text", ["0.10", "-3", "1e400", "1E-4300"])
def test_a_decimal_of_any_common_size_is_taken(serve_once: ServeOnce, text: str) -> None:
    client = serve_once(taking, Price)

    assert client.post("/", json={"amount": text}).status_code == 200
    assert client.post("/", content=msgpack.encode({"amount": text}), headers=PACK).status_code == 200


def test_a_number_written_in_json_is_measured_too(serve_once: ServeOnce) -> None:
    answer = serve_once(taking, Price).post("/", content=b'{"amount":1e9999999}', headers=JSON)

    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"pointer": "/amount", "detail": "Expected a decimal number"}]


def test_a_body_with_more_than_python_can_read_is_refused_all_the_same(serve_once: ServeOnce) -> None:
    answer = serve_once(taking, Price).post("/", content=b'{"amount":"NaN","unknown":1e99999999999999999999}', headers=JSON)

    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"pointer": "", "detail": "Expected finite numbers"}]


@each("number", [NAN, INFINITY, -INFINITY], ids=str)
@each("type_", [Price, ModelPrice, dict[str, Any], dict[str, float | str]], ids=str)
def test_a_float_of_messagepack_that_json_does_not_have_is_refused(serve_once: ServeOnce, type_: Any, number: float) -> None:
    answer = serve_once(taking, type_).post("/", content=msgpack.encode({"amount": "1", "rate": number}), headers=PACK)

    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"pointer": "/rate", "detail": "Expected a number"}]


def test_a_very_large_float_is_taken(serve_once: ServeOnce) -> None:
    body = msgpack.encode({"amount": "1", "rate": 1.7e308})

    assert serve_once(taking, Price).post("/", content=body, headers=PACK).status_code == 200


def test_all_that_is_wrong_is_told_at_once_by_the_names_of_the_wire(serve_once: ServeOnce) -> None:
    sent = {
        "unitPrices": [{"amount": "1"}, {"amount": "NaN"}],
        "byName": {"a": "1e99999"},
        "pair": ["1", "Infinity"],
        "model": {"amount": "1e99999", "rate": "NaN"},
        "inner": {"unitPrices": [{"amount": "sNaN"}]},
        "count": "many",
    }

    client = serve_once(taking, Basket)
    answers = [client.post("/", json=sent), client.post("/", content=msgpack.encode(sent), headers=PACK)]

    expected = {
        "/unitPrices/1/amount", "/byName/a", "/pair/1", "/model/amount", "/model/rate", "/inner/unitPrices/0/amount", "/count",
    }  # fmt: skip
    assert [{error["pointer"] for error in answer.json()["errors"]} for answer in answers] == [expected, expected]


def test_no_more_errors_are_listed_than_the_limit_allows(serve: Serve) -> None:
    app = App(limits=Limits(errors_listed=3))

    @app.post("/")
    async def take(prices: Annotated[list[Decimal], Body()]) -> int:
        return len(prices)

    answer = serve(app).post("/", json=["NaN"] * 1_000)

    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/0", "/1", "/2", ""]


def test_a_model_that_asks_for_infinite_numbers_gets_them(serve_once: ServeOnce) -> None:
    client = serve_once(taking, OpenModel)

    assert client.post("/", json={"rate": "Infinity"}).status_code == 200
    assert client.post("/", content=msgpack.encode({"rate": INFINITY}), headers=PACK).status_code == 200


@each("body", [b'{"rate":NaN}', b'{"rate":-Infinity}'])
def test_what_is_no_json_is_none_for_a_model_either(serve_once: ServeOnce, body: bytes) -> None:
    assert serve_once(taking, ModelPrice).post("/", content=body, headers=JSON).status_code == 400


def test_a_number_beyond_all_floats_is_refused_for_a_model(serve_once: ServeOnce) -> None:
    answer = serve_once(taking, ModelPrice).post("/", content=b'{"rate":1e400}', headers=JSON)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/rate"


class LooseModel(pydantic.BaseModel):
    anything: object = None
    more: Any = None


@each("name", ["anything", "more"])
def test_what_a_model_says_nothing_of_is_finite_all_the_same(serve_once: ServeOnce, name: str) -> None:
    client = serve_once(taking, LooseModel)

    assert client.post("/", content=f'{{"{name}":[1e400]}}'.encode(), headers=JSON).status_code == 422
    assert client.post("/", content=msgpack.encode({name: {"a": NAN}}), headers=PACK).status_code == 422
    assert client.post("/", json={name: [{"a": 1.5}, "NaN"]}).status_code == 200


def test_what_a_registered_decoder_gives_is_measured_too(serve: Serve) -> None:
    app = taking(Price, decoders={"text/csv": lambda data: dict([data.decode().split(",")])})

    answer = serve(app).post("/", content=b"amount,NaN", headers={"content-type": "text/csv"})

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/amount")


class Attachment(pydantic.BaseModel):
    data: bytes
    name: str = "é"
    price: Decimal = Decimal("1.5")


@pytest.mark.parametrize(
    ("accept", "data"),
    [("application/json", "/w=="), ("application/vnd.msgpack", b"\xff")],
)
def test_a_models_bytes_that_are_no_text_are_sent_back(serve: Serve, accept: str, data: object) -> None:
    app = App()

    @app.post("/")
    async def echo(sent: Attachment) -> Attachment:
        return sent

    answer = serve(app).post("/", content=msgpack.encode({"data": b"\xff"}), headers={**PACK, "accept": accept})

    read = answer.json() if accept == "application/json" else msgpack.decode(answer.content)
    assert answer.status_code == 200
    assert read == {"data": data, "name": "é", "price": "1.5"}
