"""Functions that want the context, and the context they get."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from martlet.templates.errors import UndefinedError
from martlet.templates.runtime import (
    async_twin,
    auto_aiter,
    auto_await,
    auto_to_list,
    pass_context,
    pass_engine,
    pass_eval_context,
)
from tests.templates.stand_in import StandInEngine


def test_decorators_mark_what_is_wanted() -> None:
    def function(*_: Any) -> None: ...

    async def twin(*_: Any) -> None: ...

    assert pass_context(function).template_argument == "context"  # type: ignore[attr-defined]
    assert pass_eval_context(function).template_argument == "eval_context"  # type: ignore[attr-defined]
    assert pass_engine(function).template_argument == "engine"  # type: ignore[attr-defined]
    assert async_twin(twin)(function).async_twin is twin  # type: ignore[attr-defined]


def test_a_context_is_a_mapping_of_all_variables() -> None:
    engine = StandInEngine()
    context = engine.context(autoescape=True, user="Ada", n=1)

    assert dict(context) == {"user": "Ada", "n": 1}
    assert (context["user"], context.get("other"), "n" in context, len(context)) == ("Ada", None, True, 2)
    assert context.resolve("user") == "Ada"
    assert (context.engine, context.name) == (engine, None)
    assert (context.eval_context.autoescape, context.eval_context.engine) == (True, engine)
    assert repr(context) == "<RenderContext of None: user, n>"
    with pytest.raises(UndefinedError, match="'other' is undefined"):
        context.resolve("other") + 1


async def numbers() -> AsyncIterator[int]:
    for number in range(3):
        yield number


async def seven() -> int:
    return 7


class Awaitable:
    def __await__(self) -> Any:
        return seven().__await__()


@pytest.mark.parametrize("value", [7, Awaitable()])
async def test_what_can_be_awaited_is(value: Any) -> None:
    assert await auto_await(value) == 7
    assert await auto_await(seven()) == 7
    assert await auto_await("x") == "x"


async def test_both_kinds_of_iterables_are_gone_through() -> None:
    assert [item async for item in auto_aiter(numbers())] == [0, 1, 2]
    assert [item async for item in auto_aiter(range(3))] == [0, 1, 2]
    assert await auto_to_list(numbers()) == await auto_to_list(range(3)) == [0, 1, 2]
    with pytest.raises(TypeError):
        auto_aiter(1)  # type: ignore[arg-type]
