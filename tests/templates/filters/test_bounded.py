"""The filters and globals of a sandboxed engine."""

from typing import Any

import pytest
from markupsafe import Markup

from martlet.templates.errors import BudgetError
from martlet.templates.filters import DEFAULT_FILTERS, bounded_filters, bounded_globals, bounded_tests, call_filter
from martlet.templates.runtime import Sandbox
from tests.templates.stand_in import StandInEngine, apply, ask

BOUNDS = Sandbox(output_characters=1_000, range_items=100, integer_bits=256)
TEXT = "x" * 900


def doubled() -> Any:
    value: Any = [1]
    for _ in range(50):
        value = [value, value]
    return value


@pytest.fixture
def engine() -> StandInEngine:
    engine = StandInEngine(sandbox=BOUNDS)
    engine.filters = bounded_filters(BOUNDS, engine.filters)
    return engine


@pytest.mark.parametrize(
    ("name", "value", "args", "kwargs"),
    [
        ("center", "x", (10**9,), {}),
        ("indent", "x\ny", (10**9,), {}),
        ("indent", "x\ny" * 300, (TEXT,), {}),
        ("wordwrap", TEXT, (1,), {"wrapstring": TEXT}),
        ("format", "%1000000000d", (1,), {}),
        ("format", "%*d", (10**9, 1), {}),
        ("format", "%(a)1000000000d", (), {"a": 1}),
        ("replace", TEXT, ("x", "yy"), {}),
        ("replace", TEXT, (), {"old": "x", "new": "yy"}),
        ("join", [TEXT, TEXT], (), {}),
        ("join", "abc", (TEXT,), {}),
        ("join", [{"a": TEXT}, {"a": TEXT}], (), {"attribute": "a"}),
        ("batch", [1], (10**9, "x"), {}),
        ("slice", [1], (10**9,), {}),
        ("round", 1.5, (10**9, "floor"), {}),
        ("filesize", 10**6, (10**9,), {}),
        ("sum", [[1] * 60, [1] * 60], (), {"start": []}),
        ("tojson", [1], (10**9,), {}),
        ("json", [1], (), {"indent": 10**9}),
        ("urlencode", TEXT, (), {}),
        ("string", doubled(), (), {}),
        ("upper", doubled(), (), {}),
        ("tojson", doubled(), (), {}),
        ("unique", [doubled()], (), {}),
    ],
)
def test_filters_make_nothing_huge(
    engine: StandInEngine, name: str, value: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> None:
    with pytest.raises(BudgetError, match="at most in a sandboxed template"):
        apply(name, value, *args, engine=engine, **kwargs)


@pytest.mark.parametrize(
    ("name", "value", "args", "kwargs"),
    [
        ("center", "x", (9,), {}),
        ("indent", "x\ny", (), {"first": True}),
        ("wordwrap", "a b c", (1,), {"break_long_words": False}),
        ("format", "%s-%s", (1, 2), {}),
        ("replace", "aaa", ("a", "b", 2), {}),
        ("join", ["<a>", Markup("<b>")], ("<",), {}),
        ("join", [{"a": 1}], (), {"attribute": "a"}),
        ("round", 1.55, (1,), {}),
        ("filesize", 10**6, (), {"binary": True}),
        ("sum", [1, 2], (), {}),
        ("sum", [{"a": 1}], ("a", 5), {}),
        ("tojson", [1], (2,), {}),
        ("urlencode", {"a": "b"}, (), {}),
        ("length", "abc", (), {}),
        ("first", [1], (), {}),
        ("date", 0, (), {}),
    ],
)
@pytest.mark.parametrize("autoescape", [False, True])
def test_filters_do_what_they_do(
    engine: StandInEngine, name: str, value: Any, args: tuple[Any, ...], kwargs: dict[str, Any], autoescape: bool
) -> None:
    bounded = apply(name, value, *args, engine=engine, autoescape=autoescape, **kwargs)
    plain = apply(name, value, *args, autoescape=autoescape, **kwargs)

    assert bounded == plain
    assert type(bounded) is type(plain)


def test_tests_compare_nothing_huge() -> None:
    engine = StandInEngine(sandbox=BOUNDS)
    engine.tests = bounded_tests(BOUNDS, engine.tests)

    assert ask(3, "odd", engine=engine)
    assert ask("title", "filter", engine=engine)
    assert ask(doubled(), "sequence", engine=engine)
    for name in ("eq", "in", "lower"):
        with pytest.raises(BudgetError):
            ask(doubled(), name, *([doubled()] if name != "lower" else []), engine=engine)


@pytest.mark.parametrize("name", sorted(DEFAULT_FILTERS))
def test_a_bounded_filter_wants_what_the_filter_wants(engine: StandInEngine, name: str) -> None:
    for attribute in ("template_argument", "async_twin"):
        assert hasattr(engine.filters[name], attribute) is hasattr(DEFAULT_FILTERS[name], attribute)


async def test_the_twins_are_bounded_too(engine: StandInEngine) -> None:
    async def texts() -> Any:
        yield TEXT
        yield TEXT

    context = engine.context()
    assert await call_filter(engine, "join", ["a", "b"], ("-",), context=context, is_async=True) == "a-b"
    assert await call_filter(engine, "first", texts(), context=context, is_async=True) == TEXT
    with pytest.raises(BudgetError):
        await call_filter(engine, "join", texts(), context=context, is_async=True)
    with pytest.raises(BudgetError):
        await call_filter(engine, "sort", doubled(), context=context, is_async=True)


def test_globals_make_nothing_huge() -> None:
    names = bounded_globals(BOUNDS)

    assert len(names["range"](100)) == 100
    assert names["lipsum"](2, False, 5, 6).count("\n\n") == 1
    for name, kwargs in (("lipsum", {"n": 10**9}), ("lipsum", {"n": 1, "max": 10**9})):
        with pytest.raises(BudgetError):
            names[name](**kwargs)
    with pytest.raises(BudgetError):
        names["range"](101)
