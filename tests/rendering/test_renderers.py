"""Values to bytes: every kind of value that can be written, and what is said of the others."""

import enum
import json
import re
from collections import ChainMap, OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from ipaddress import IPv6Network
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Any, NamedTuple, TypedDict
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup
from msgspec import Struct

from martlet.rendering import HTML, UnrenderableError, default_renderers, render_json, render_msgpack, render_text
from tests.rows import each


class Color(enum.Enum):
    RED = "red"


class Name(str):
    __slots__ = ()


class Count(int):
    pass


class Share(float):
    pass


@dataclass
class Point:
    x: int
    y: "Point | None" = None


class Book(Struct, rename="camel"):
    page_count: int


class Pair(NamedTuple):
    left: int
    right: str


class Film(TypedDict):
    title: str


class Plain:
    pass


@each(
    ("value", "written"),
    [
        pytest.param({"a": [1, 1.5, True, None, "é"]}, '{"a":[1,1.5,true,null,"é"]}', id="builtins"),
        pytest.param(Point(1, Point(2)), '{"x":1,"y":{"x":2,"y":null}}', id="dataclass"),
        pytest.param(Book(3), '{"pageCount":3}', id="Struct"),
        pytest.param(Pair(1, "a"), '[1,"a"]', id="NamedTuple"),
        pytest.param(Film(title="M"), '{"title":"M"}', id="TypedDict"),
        pytest.param({1}, "[1]", id="set"),
        pytest.param(frozenset(), "[]", id="frozenset"),
        pytest.param(Color.RED, '"red"', id="enumeration"),
        pytest.param(datetime(2026, 11, 22, 15, 30, tzinfo=UTC), '"2026-11-22T15:30:00Z"', id="date and time"),
        pytest.param(timedelta(minutes=90), '"PT5400S"', id="duration"),
        pytest.param(UUID(int=1), '"00000000-0000-0000-0000-000000000001"', id="UUID"),
        pytest.param(Decimal("1.50"), '"1.50"', id="Decimal"),
        pytest.param(b"hi", '"aGk="', id="bytes"),
        pytest.param(float("nan"), "null", id="not a number"),
        pytest.param(2**100, "1267650600228229401496703205376", id="beyond 64 bits"),
        pytest.param(HTML("<b>"), '"<b>"', id="HTML"),
        pytest.param({Name("a"): Name("b")}, '{"a":"b"}', id="kinds of text"),
        pytest.param([Count(3), Share(0.5)], "[3,0.5]", id="kinds of numbers"),
        pytest.param(OrderedDict(a=1), '{"a":1}', id="OrderedDict"),
        pytest.param(MappingProxyType({"a": 1}), '{"a":1}', id="mapping proxy"),
        pytest.param(ChainMap({"a": 1}, {"b": 2}), '{"b":2,"a":1}', id="ChainMap"),
        pytest.param(deque([1, 2]), "[1,2]", id="deque"),
        pytest.param(range(3), "[0,1,2]", id="range"),
        pytest.param({"a": 1}.keys(), '["a"]', id="keys"),
        pytest.param({"a": 1}.values(), "[1]", id="values"),
        pytest.param({"a": 1}.items(), '[["a",1]]', id="items"),
        pytest.param(PurePosixPath("a/b"), '"a/b"', id="path"),
        pytest.param(IPv6Network("2001:db8::/32"), '"2001:db8::/32"', id="network"),
        pytest.param(re.compile("a+"), '"a+"', id="pattern"),
        pytest.param(msgspec.msgpack.Ext(5, b"hi"), '{"code":5,"data":"aGk="}', id="extension of MessagePack"),
        pytest.param(
            {1: "a", 1.5: "b", date(2026, 1, 2): "c", Color.RED: "d"},
            '{"1":"a","1.5":"b","2026-01-02":"c","red":"d"}',
            id="keys that have a text",
        ),
        pytest.param(
            {None: 1, True: {(1, "a"): [{False: 2}]}}, '{"null":1,"true":{"[1,\\"a\\"]":[{"false":2}]}}', id="keys that have none"
        ),
    ],
)
def test_json_is_written(value: Any, written: str) -> None:
    assert render_json(value).decode() == written
    json.loads(render_json(value))


@each("render", [render_json, render_msgpack, render_text])
@each(
    ("make", "name"),
    [
        pytest.param(Plain, "Plain", id="a plain class"),
        pytest.param(lambda: (number for number in [1]), "generator", id="a generator"),
        pytest.param(lambda: {"a": [complex(1, 2)]}, "complex", id="within data"),
        pytest.param(lambda: {None: Plain()}, "Plain", id="beside a key without text"),
        pytest.param(lambda: Plain, "type", id="a class"),
    ],
)
def test_what_cannot_be_written_is_named_with_a_cure(render: Callable[[Any], Any], make: Callable[[], Any], name: str) -> None:
    with pytest.raises(UnrenderableError, match=f"class '{name}' cannot be rendered: .* Return a dict, a dataclass or a"):
        render(make())


@each(
    "value",
    [{"a": [1, None, "é"]}, Point(1), {(1, 2): b"x"}, datetime(2026, 11, 22, tzinfo=UTC), 2**64 - 1, -(2**63), [deque([1])]],
    ids=str,
)
def test_msgpack_keeps_what_json_would_change(value: Any) -> None:
    assert msgspec.msgpack.decode(render_msgpack(value), type=type(value)) == value or isinstance(value, list)


def test_integers_that_msgpack_does_not_know_become_text() -> None:
    value = {"a": [2**64, (-(2**63) - 1,), 7, True, b"x"], 2**70: Point(2**65)}

    assert msgspec.msgpack.decode(render_msgpack(value), strict=False) == {
        "a": [str(2**64), [str(-(2**63) - 1)], 7, True, b"x"],
        str(2**70): {"x": str(2**65), "y": None},
    }


@each(
    ("value", "written"),
    [
        pytest.param("as it is", "as it is", id="text"),
        pytest.param(Markup("<b>"), "<b>", id="markup"),
        pytest.param(None, "", id="nothing"),
        pytest.param(True, "true", id="boolean"),
        pytest.param(Decimal("1.50"), "1.50", id="Decimal"),
        pytest.param(date(2026, 11, 22), "2026-11-22", id="date"),
        pytest.param(Color.RED, "red", id="enumeration"),
        pytest.param({"a": [1]}, '{\n  "a": [\n    1\n  ]\n}', id="data"),
    ],
)
def test_text_is_written_for_people(value: Any, written: str) -> None:
    assert render_text(value) == written
    assert type(render_text(value)) is str


def test_json_comes_first_and_msgpack_has_three_names() -> None:
    renderers = default_renderers()

    assert list(renderers) == ["application/json", "application/vnd.msgpack", "application/msgpack", "application/x-msgpack"]
    assert renderers["application/json"]({"a": 1}) == b'{"a":1}'
    assert renderers["application/x-msgpack"]({"a": 1}) == b"\x81\xa1a\x01"


KEYS = st.none() | st.booleans() | st.integers() | st.text() | st.tuples(st.integers())


@given(
    st.recursive(
        st.none() | st.integers() | st.text() | st.binary(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    )
)
def test_whatever_a_client_can_send_can_be_written_again(value: Any) -> None:
    json.loads(render_json(value))
    msgspec.msgpack.decode(render_msgpack(value), strict=False)
