"""map, select, reject and their like."""

from types import SimpleNamespace
from typing import Any

import pytest

from martlet.templates.errors import TemplateRuntimeError, UndefinedError
from martlet.templates.filters import call_filter, call_test
from martlet.templates.runtime import Undefined, pass_context, pass_engine, pass_eval_context
from tests.rows import each
from tests.templates.stand_in import StandInEngine, apply

USERS = [SimpleNamespace(id=1, name="john", is_active=True), SimpleNamespace(id=2, name="jane", is_active=False)]


@each(
    ("value", "args", "kwargs", "expected"),
    [
        (["1", "2", "3"], ("int",), {}, [1, 2, 3]),
        ([[1, 2], [3], [4, 5, 6]], ("sum",), {}, [3, 3, 15]),
        (["a"], ("default", "x"), {}, ["a"]),
        (["ab"], ("replace",), {"old": "a", "new": "b"}, ["bb"]),
        (USERS, (), {"attribute": "name"}, ["john", "jane"]),
        ([{"a": {"b": 1}}], (), {"attribute": "a.b"}, [1]),
        ([{"a": 1}, {}], (), {"attribute": "a", "default": "none"}, [1, "none"]),
        ([{"a": None}, {}], (), {"attribute": "a", "default": ""}, [None, ""]),
        ([{}], (), {"attribute": "a", "default": ["x", "y"]}, [["x", "y"]]),
        (None, ("upper",), {}, []),
        (Undefined(name="x"), ("upper",), {}, []),
    ],
)
def test_items_are_mapped(value: Any, args: tuple[Any, ...], kwargs: dict[str, Any], expected: list[Any]) -> None:
    assert list(apply("map", value, *args, **kwargs)) == expected


@pytest.mark.parametrize(
    ("args", "kwargs", "message"),
    [
        ((), {}, "needs the name of a filter"),
        ((), {"attribute": "a", "other": 1}, "no argument named 'other'"),
        (("uper",), {}, "No filter named 'uper'; did you mean 'upper'?"),
    ],
)
def test_map_says_what_it_lacks(args: tuple[Any, ...], kwargs: dict[str, Any], message: str) -> None:
    with pytest.raises(TemplateRuntimeError) as raised:
        list(apply("map", [1], *args, **kwargs))

    assert message in str(raised.value)


@each(
    ("name", "value", "args", "expected"),
    [
        ("select", [1, 2, 3, 4, 5], ("odd",), [1, 3, 5]),
        ("select", [None, False, 0, 1, 2], (), [1, 2]),
        ("select", [1, 2, 3, 6], ("divisibleby", 3), [3, 6]),
        ("select", ["a", "b"], ("==", "a"), ["a"]),
        ("reject", [1, 2, 3, 4, 5], ("odd",), [2, 4]),
        ("reject", [None, False, 0, 1, 2], (), [None, False, 0]),
        ("selectattr", USERS, ("is_active",), USERS[:1]),
        ("selectattr", USERS, ("id", "odd"), USERS[:1]),
        ("selectattr", USERS, ("missing", "defined"), []),
        ("rejectattr", USERS, ("is_active",), USERS[1:]),
        ("rejectattr", USERS, ("id", "eq", 1), USERS[1:]),
        ("select", None, ("odd",), []),
    ],
)
def test_items_are_chosen(name: str, value: Any, args: tuple[Any, ...], expected: list[Any]) -> None:
    assert list(apply(name, value, *args)) == expected


def test_choosing_is_lazy() -> None:
    taken: list[int] = []

    def numbers() -> Any:
        for number in (1, 2, 3):
            taken.append(number)
            yield number

    assert next(apply("select", numbers(), "odd")) == 1
    assert taken == [1]


@pytest.mark.parametrize(
    ("name", "args", "message"),
    [("select", ("od",), "No test named 'od'; did you mean 'odd'?"), ("selectattr", (), "need the name of an attribute")],
)
def test_choosing_says_what_it_lacks(name: str, args: tuple[Any, ...], message: str) -> None:
    with pytest.raises(TemplateRuntimeError) as raised:
        list(apply(name, [1], *args))

    assert message in str(raised.value)


def test_filters_and_tests_called_by_name_get_what_they_want() -> None:
    engine = StandInEngine()
    engine.filters["of_context"] = pass_context(lambda context, value: (context["name"], value))
    engine.filters["of_escaping"] = pass_eval_context(lambda context, value: (context.autoescape, value))
    engine.filters["of_engine"] = pass_engine(lambda given, value: (given is engine, value))
    engine.tests["of_context"] = pass_context(lambda context, value: value in context)
    context = engine.context(autoescape=True, name="Ada")

    assert call_filter(engine, "of_context", 1, context=context) == ("Ada", 1)
    assert call_filter(engine, "of_escaping", 1, context=context) == (True, 1)
    assert call_filter(engine, "of_escaping", 1) == (False, 1)
    assert call_filter(engine, "of_escaping", 1, eval_context=context.eval_context) == (True, 1)
    assert call_filter(engine, "of_engine", 1) == (True, 1)
    assert call_test(engine, "of_context", "name", context=context)
    with pytest.raises(TemplateRuntimeError, match="can only be called from a template"):
        call_filter(engine, "of_context", 1)


def test_an_undefined_name_of_a_filter_is_told() -> None:
    from martlet.templates.runtime import StrictUndefined

    with pytest.raises(UndefinedError):
        list(apply("map", [1], StrictUndefined(name="upper")))
