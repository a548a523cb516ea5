"""What can never be rendered is told before the first request; what may be is not refused."""

import abc
import enum
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from ipaddress import IPv4Address
from typing import Annotated, Any, Generic, Literal, NamedTuple, NewType, NotRequired, Protocol, TypedDict, TypeVar

import pytest
from msgspec import Struct

from martlet.rendering import HTML, unrenderable
from tests.rows import each

T = TypeVar("T")


class Plain:
    pass


class Shape:
    """Renderable only as one of its subclasses."""


@dataclass
class Circle(Shape):
    radius: float
    inside: "list[Circle] | None" = None

    def __call__(self) -> float:
        return self.radius


class Abstract(abc.ABC):
    @abc.abstractmethod
    def area(self) -> float: ...


class HasName(Protocol):
    name: str


class Color(enum.Enum):
    RED = "red"


class Pair(NamedTuple):
    left: int
    right: Plain


class Film(TypedDict):
    title: str
    maker: NotRequired[Plain]


@dataclass
class Box(Generic[T]):
    item: T


class Shelf(Struct):
    plain: dict[str, list[Plain]]


@dataclass
class OnlyForCheckers:
    item: "Missing"  # type: ignore[name-defined]  # noqa: F821


class Alias:
    """Stands for what `type Shelves = list[Shelf]` makes from Python 3.12 on."""

    def __init__(self, value: Any) -> None:
        self.__value__ = value


UNKNOWN = "is a class whose fields are not known: make it a dataclass or a msgspec.Struct, or return a dict"


@each(
    "type_",
    [
        int,
        str,
        None,
        type(None),
        Any,
        object,
        "Later",
        bytes,
        date,
        IPv4Address,
        HTML,
        list,
        dict,
        list[int],
        dict[str, Any],
        dict[tuple[int, int], int],
        set[Color],
        tuple[int, ...],
        Mapping[str, int],
        Sequence[int],
        Iterable[int],
        int | None,
        Literal["a"],
        Annotated[int, "mark"],
        NewType("UserId", int),
        T,
        Circle,
        list[Circle],
        Shape,
        Abstract,
        HasName,
        Box[int],
        OnlyForCheckers,
        pytest.param(Alias(list[int]), id="an alias"),
    ],
    ids=str,
)
def test_types_whose_values_can_be_rendered(type_: Any) -> None:
    assert unrenderable(type_) is None


@each(
    ("type_", "reason"),
    [
        pytest.param(Plain, f"`Plain` {UNKNOWN}", id="a plain class"),
        pytest.param(list[Plain], f"`Plain` {UNKNOWN}", id="in a list"),
        pytest.param(int | Plain, f"`Plain` {UNKNOWN}", id="in a union"),
        pytest.param(Annotated[Plain, "mark"], f"`Plain` {UNKNOWN}", id="annotated"),
        pytest.param(NewType("Named", Plain), f"`Plain` {UNKNOWN}", id="NewType"),
        pytest.param(Box[Plain], f"`Plain` {UNKNOWN}", id="a generic class"),
        pytest.param(Shelf, f"its field 'plain': `Plain` {UNKNOWN}", id="a field of a Struct"),
        pytest.param(list[Pair], f"its field 'right': `Plain` {UNKNOWN}", id="a field of a NamedTuple"),
        pytest.param(Film, f"its field 'maker': `Plain` {UNKNOWN}", id="a field of a TypedDict"),
        pytest.param(Alias(list[Plain]), f"`Plain` {UNKNOWN}", id="an alias"),
        pytest.param(complex, f"`complex` {UNKNOWN}", id="complex"),
        pytest.param(ValueError, f"`ValueError` {UNKNOWN}", id="an exception"),
        pytest.param(Iterator[int], "`Iterator` yields its items as it runs: return a list of them, or a stream", id="Iterator"),
        pytest.param(
            Generator[int, None, None],
            "`Generator` yields its items as it runs: return a list of them, or a stream",
            id="Generator",
        ),
        pytest.param(
            AsyncIterator[int],
            "`AsyncIterator` yields its items as it runs: collect them in a list, or return a stream",
            id="AsyncIterator",
        ),
        pytest.param(Awaitable[int], "`Awaitable` is not there yet: await it, and return what it gives", id="Awaitable"),
        pytest.param(Callable[[], int], "`Callable` is something to call: call it, and return what it gives", id="Callable"),
        pytest.param(type[int], "`type` is a class, not a value: return an instance, or its name", id="a class"),
    ],
)
def test_types_whose_values_never_can(type_: Any, reason: str) -> None:
    assert unrenderable(type_) == reason
