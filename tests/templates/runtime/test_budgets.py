"""What a sandboxed page may use up."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from martlet.templates import TemplateEngine
from martlet.templates.errors import BudgetError
from martlet.templates.runtime import Budget, Sandbox, auto_aiter, counted, counted_async, deeper, spending

POLICY = Sandbox(iterations=5, output_characters=10, recursion=2)


def test_iterations_of_all_loops_are_counted_together() -> None:
    with Budget(POLICY).running():
        assert list(counted("abc")) == ["a", "b", "c"]
        with pytest.raises(BudgetError, match="5 iterations together"):
            list(counted("abc"))


def test_a_loop_that_stops_early_has_used_what_it_took() -> None:
    budget = Budget(POLICY)

    with budget.running():
        for _ in counted(range(100)):
            break

    assert budget.iterations == 4


async def test_iterations_of_asynchronous_loops_are_counted() -> None:
    with Budget(POLICY).running(), pytest.raises(BudgetError):
        [item async for item in counted_async(auto_aiter(range(6)))]


def test_characters_are_counted_wherever_they_are_written() -> None:
    pieces: list[str] = []

    with Budget(POLICY).running():
        write, capture = spending(pieces.append), spending(pieces.append)
        write("12345")
        capture("12345")
        with pytest.raises(BudgetError, match="10 characters"):
            write("1")
    assert pieces == ["12345", "12345"]


def test_a_page_goes_so_deep() -> None:
    with Budget(POLICY).running(), deeper():
        with deeper(), pytest.raises(BudgetError, match="too deep"), deeper():
            raise AssertionError
        with deeper():
            pass


def test_nothing_is_counted_outside_of_a_sandbox() -> None:
    pieces: list[str] = []

    assert len(list(counted(range(100)))) == 100
    assert spending(pieces.append) == pieces.append
    with deeper(), deeper(), deeper():
        pass


def test_a_page_within_a_page_has_a_budget_of_its_own() -> None:
    outer, inner = Budget(POLICY), Budget(POLICY)

    with outer.running():
        list(counted("ab"))
        with inner.running():
            list(counted("abcd"))
        list(counted("a"))

    assert (outer.iterations, inner.iterations) == (2, 1)


def test_the_steps_of_a_stream_count_for_it_and_for_nothing_else() -> None:
    def page() -> Iterator[str]:
        yield from counted("abc")

    budget = Budget(POLICY)
    stream = budget.steps(page())

    assert next(stream) == "a"
    assert list(counted(range(100)))  # not the stream's
    assert list(stream) == ["b", "c"]
    assert budget.iterations == 2


async def test_the_steps_of_an_asynchronous_stream_count_for_it() -> None:
    async def page() -> AsyncIterator[str]:
        for letter in counted("abc"):
            await asyncio.sleep(0)
            yield letter

    budgets = [Budget(POLICY), Budget(POLICY)]

    async def read(budget: Budget) -> list[str]:
        return [letter async for letter in budget.steps_async(page())]

    assert await asyncio.gather(*map(read, budgets)) == [["a", "b", "c"]] * 2
    assert [budget.iterations for budget in budgets] == [2, 2]


def test_blocks_and_what_is_written_away_spend_the_budget_too() -> None:
    source = "{% block rows %}{% for number in range(500) %}{{ number }}{% endfor %}{% endblock %}"
    template = TemplateEngine(sandbox=Sandbox(iterations=100)).from_string(source)
    written: list[str] = []

    with pytest.raises(BudgetError):
        template.block("rows").render()
    with pytest.raises(BudgetError):
        template.render_to(written.append)
