"""tojson and json."""

import datetime
import decimal
import enum
import json
import pathlib
import uuid
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from martlet.templates.escaping.safe import JSONText
from martlet.templates.runtime import Undefined
from tests.rows import each
from tests.templates.stand_in import StandInEngine, apply


class Colour(enum.Enum):
    RED = "red"


class Weekday(enum.IntEnum):
    MONDAY = 1


@dataclass
class Point:
    x: int
    y: Any


class Own:
    def __init__(self, made: Any) -> None:
        self.made = made

    def __json__(self) -> Any:
        return self.made


@each(
    ("value", "expected"),
    [
        ({"foo": "bar"}, '{"foo": "bar"}'),
        ("\"ba&r'", r'"\"ba\u0026r\u0027"'),
        ("<bar>", r'"\u003cbar\u003e"'),
        ({"b": 1, "a": 2}, '{"a": 2, "b": 1}'),
        ("\u2028é", r'"\u2028\u00e9"'),
    ],
)
def test_tojson_writes_as_the_policy_says(value: Any, expected: str) -> None:
    written = apply("tojson", value)

    assert written == expected
    assert type(written) is JSONText


def test_tojson_can_be_told_how_to_write() -> None:
    engine = StandInEngine()
    engine.policies["json.dumps_kwargs"] = {"sort_keys": False}

    assert apply("tojson", {"b": 1, "a": 2}, engine=engine) == '{"b": 1, "a": 2}'
    assert apply("tojson", {"a": [1]}, indent=1) == '{\n "a": [\n  1\n ]\n}'


def test_tojson_can_be_given_another_writer() -> None:
    engine = StandInEngine()
    seen: list[Any] = []

    def dumps(value: Any, **options: Any) -> str:
        seen.append((value, options))
        return "'<\u2028>'"

    engine.policies |= {"json.dumps_function": dumps, "json.dumps_kwargs": {"foo": "bar"}}

    assert apply("tojson", 23, engine=engine) == r"\u0027\u003c\u2028\u003e\u0027"
    assert seen == [(23, {"foo": "bar"})]


@each(
    ("value", "expected"),
    [
        ({"b": 1, "a": [True, None, 1.5]}, '{"b":1,"a":[true,null,1.5]}'),
        ("é</script>'\u2028", r'"é\u003c/script\u003e\u0027\u2028"'),
        (datetime.datetime(2026, 1, 2, 3, 4, tzinfo=datetime.UTC), '"2026-01-02T03:04:00+00:00"'),
        (datetime.time(3, 4), '"03:04:00"'),
        (datetime.timedelta(minutes=1), "60.0"),
        (decimal.Decimal("1.10"), '"1.10"'),
        (uuid.UUID(int=1), '"00000000-0000-0000-0000-000000000001"'),
        (pathlib.PurePosixPath("/a"), '"/a"'),
        (Colour.RED, '"red"'),
        (Weekday.MONDAY, "1"),
        (Point(1, Point(2, {3})), '{"x":1,"y":{"x":2,"y":[3]}}'),
        ((number for number in (1, 2)), "[1,2]"),
        (Undefined(name="x"), "null"),
        ([float("nan"), float("inf"), {"a": (float("-inf"), Point(1, None))}], '[null,null,{"a":[null,{"x":1,"y":null}]}]'),
        (Own("[1, 2]"), "[1,2]"),
        (Own({"a": 1}), '{"a":1}'),
    ],
)
def test_json_writes_what_applications_have(value: Any, expected: str) -> None:
    written = apply("json", value)

    assert written == expected
    assert type(written) is JSONText


@pytest.mark.parametrize("value", [object(), b"bytes", Point], ids=["object", "bytes", "class"])
def test_json_refuses_what_has_no_form(value: Any) -> None:
    with pytest.raises(TypeError, match="has no form in JSON"):
        apply("json", value)


def test_json_on_many_lines() -> None:
    assert apply("json", {"a": 1}, indent=2) == '{\n  "a": 1\n}'


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_json_is_read_back_as_it_was_and_ends_nothing(value: Any) -> None:
    for name in ("json", "tojson"):
        written = apply(name, value)

        assert json.loads(written) == value
        assert not set(written) & set("<>&'\u2028\u2029")
