"""Values that are not there."""

import copy
import logging
import operator
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from martlet.templates.errors import SecurityError, TemplateRuntimeError, UndefinedError
from martlet.templates.runtime import (
    MISSING,
    ChainableUndefined,
    DebugUndefined,
    StrictUndefined,
    Undefined,
    make_logging_undefined,
)
from tests.rows import each


class Holder:
    def __init__(self) -> None:
        self.colour = "red"


USES: dict[str, Callable[[Any], Any]] = {
    "attribute": lambda value: value.name,
    "item": lambda value: value["name"],
    "call": lambda value: value(),
    "plus": lambda value: value + 1,
    "plus it": lambda value: 1 + value,
    "times": lambda value: value * 2,
    "by it": lambda value: 2 / value,
    "modulo": lambda value: value % 2,
    "power": lambda value: value**2,
    "negative": operator.neg,
    "less": lambda value: value < 1,
    "at least": lambda value: value >= 1,
    "int": int,
    "float": float,
    "complex": complex,
}
STRICT_USES: dict[str, Callable[[Any], Any]] = {
    "text": str,
    "loop": iter,
    "truth": bool,
    "length": len,
    "equal": lambda value: value == 1,
    "unequal": lambda value: value != 1,
    "hash": hash,
    "in": lambda value: 1 in value,
}


@each("use", USES.values(), ids=USES)
@each("kind", [Undefined, DebugUndefined, StrictUndefined])
def test_use_as_a_value_is_an_error(kind: type[Undefined], use: Callable[[Any], Any]) -> None:
    with pytest.raises(UndefinedError, match=r"^'user' is undefined$"):
        use(kind(name="user"))


@each("use", STRICT_USES.values(), ids=STRICT_USES)
def test_a_strict_one_allows_nothing_else_either(use: Callable[[Any], Any]) -> None:
    with pytest.raises(UndefinedError, match="'user' is undefined"):
        use(StrictUndefined(name="user"))


async def test_it_is_nothing_where_nothing_is_possible() -> None:
    missing = Undefined(name="user")

    assert (str(missing), len(missing), list(missing), bool(missing)) == ("", 0, [], False)
    assert [item async for item in missing] == []
    assert repr(missing) == "Undefined"
    assert missing == Undefined(name="other")
    assert missing != 1
    assert len({missing, Undefined()}) == 1


@each(
    ("missing", "message"),
    [
        (Undefined(name="user"), "'user' is undefined"),
        (Undefined("no caller"), "no caller"),
        (Undefined(obj=42, name="upper"), "'int object' has no attribute 'upper'"),
        (Undefined(obj=None, name="split"), "'None' has no attribute 'split'"),
        (Undefined(obj=[], name=3), "list object has no element 3"),
        (Undefined(obj={"colour": 1}, name="color"), "'dict object' has no attribute 'color'; did you mean 'colour'?"),
        (Undefined(obj="", name="uper"), "'str object' has no attribute 'uper'; did you mean 'upper'?"),
    ],
)
def test_the_message_tells_what_was_looked_for(missing: Undefined, message: str) -> None:
    with pytest.raises(UndefinedError) as raised:
        missing()

    assert str(raised.value) == message


def test_the_message_names_the_module_of_a_class_and_what_objects_have() -> None:
    with pytest.raises(UndefinedError, match=r"test_undefined\.Holder object' has no attribute 'color'; did you mean 'colour'\?"):
        Undefined(obj=Holder(), name="color")()


def test_an_object_that_breaks_when_it_is_looked_at_does_not_hide_the_message() -> None:
    class Broken(dict[str, int]):
        def __iter__(self) -> Any:
            raise RuntimeError

    with pytest.raises(UndefinedError, match=r"has no attribute 'x'$"):
        Undefined(obj=Broken(), name="x")()


def test_another_error_can_be_asked_for() -> None:
    with pytest.raises(SecurityError, match="no way"):
        Undefined("no way", None, "x", SecurityError)()
    with pytest.raises(TemplateRuntimeError):
        Undefined(error=TemplateRuntimeError)()


@each("kind", [Undefined, ChainableUndefined, DebugUndefined, StrictUndefined])
def test_python_may_ask_for_protocols(kind: type[Undefined]) -> None:
    missing = kind(name="user")

    assert not hasattr(missing, "__await__")
    for copied in (copy.copy(missing), copy.deepcopy(missing), pickle.loads(pickle.dumps(missing))):  # noqa: S301 -- made here
        assert copied._undefined_name == "user"  # noqa: SLF001 -- known by this name
        assert copied._undefined_obj is MISSING  # noqa: SLF001 -- the same


def test_a_chain_of_missing_values_is_the_same_missing_value() -> None:
    missing = ChainableUndefined(name="user")

    assert missing.address["city"].name is missing
    assert str(missing) == missing.__html__() == ""
    with pytest.raises(UndefinedError, match="'user' is undefined"):
        missing.address + 1


@pytest.mark.parametrize(
    ("missing", "shown"),
    [
        (DebugUndefined(name="user"), "{{ user }}"),
        (DebugUndefined(obj=42, name="upper"), "{{ no such element: int object['upper'] }}"),
        (DebugUndefined("a hint"), "{{ undefined value printed: a hint }}"),
    ],
)
def test_a_debugging_one_prints_as_it_was_written(missing: Undefined, shown: str) -> None:
    assert str(missing) == shown


@pytest.fixture
def logged() -> tuple[list[str], logging.Logger]:
    lines: list[str] = []

    class Lines(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(f"{record.levelname} {record.getMessage()}")

    logger = logging.getLogger("martlet.tests.undefined")
    logger.handlers = [Lines()]
    logger.propagate = False
    return lines, logger


def test_a_logging_one_tells_of_every_use(logged: tuple[list[str], logging.Logger]) -> None:
    lines, logger = logged
    missing = make_logging_undefined(logger)(name="user")

    assert (str(missing), list(missing), bool(missing)) == ("", [], False)
    with pytest.raises(UndefinedError):
        missing + 1
    assert lines == ["WARNING Template variable warning: 'user' is undefined"] * 3 + [
        "ERROR Template variable error: 'user' is undefined"
    ]


def test_a_logging_one_is_otherwise_as_its_base(logged: tuple[list[str], logging.Logger]) -> None:
    lines, logger = logged
    kind = make_logging_undefined(logger, DebugUndefined)

    assert issubclass(kind, DebugUndefined)
    assert str(kind(name="user")) == "{{ user }}"
    assert lines == ["WARNING Template variable warning: 'user' is undefined"]


def test_a_logging_one_writes_to_standard_error_by_default(capsys: pytest.CaptureFixture[str]) -> None:
    str(make_logging_undefined()(name="user"))

    assert "'user' is undefined" in capsys.readouterr().err
