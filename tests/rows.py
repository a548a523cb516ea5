"""Long tables: one test for each, which names every row that fails. A test for each row costs more than most rows do."""

import inspect
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import Any, TypeAlias, TypeVar

import pytest
from _pytest.mark.structures import ParameterSet

from tests.serving import Serving

T = TypeVar("T")
TestFunction: TypeAlias = Callable[..., None]


def wrong_rows(rows: Iterable[tuple[str, T]], judge: Callable[[T], None]) -> dict[str, str]:
    """What is wrong with each row that `judge` refuses by an error, by the row's name; a name that stands twice is a mistake."""
    wrong, names = dict[str, str](), set[str]()
    for name, row in rows:
        assert name not in names, f"two rows have the name {name!r}"
        names.add(name)
        try:
            judge(row)
        except (Exception, pytest.fail.Exception) as error:  # noqa: BLE001  whatever it is, it is told with its row
            wrong[name] = f"{type(error).__name__}: {error}"
    return wrong


def each(
    names: str | Sequence[str],
    table: Iterable[Any],
    *,
    ids: Callable[[Any], object] | Iterable[object] | None = None,
    count: int | None = None,
) -> Callable[[TestFunction], TestFunction]:
    """Run a test for each row of a table, written as for pytest's `parametrize`: all rows in one test, which tells all that fail.

    For rows that share nothing but what a module shares: a fixture is made once for all of them. What `serve` serves for a row is
    stopped after it.
    count: how many rows a table of another project has, so that none is lost unseen.
    """
    parameters = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
    rows = _named([_values(row, len(parameters)) for row in table], ids)
    assert rows, "a table without rows judges nothing"
    assert count in {None, len(rows)}, f"the table has {len(rows)} rows, not {count}"

    def decorate(test: TestFunction) -> TestFunction:
        @wraps(test)
        def test_all(**fixtures: Any) -> None:
            first: BaseException | None = None
            wrong, skipped = list[str](), list[str]()
            for name, values in rows:
                try:
                    test(**fixtures, **dict(zip(parameters, values, strict=True)))
                    _end_row(fixtures.values())
                except pytest.skip.Exception as skip:
                    skipped.append(str(skip))
                except (Exception, pytest.fail.Exception) as error:  # noqa: BLE001  told with its row
                    first = first or error
                    wrong.append(f"[{name}] {type(error).__name__}: {error}")
            if wrong:
                raise AssertionError(f"{len(wrong)} of {len(rows)} rows are wrong:\n" + "\n".join(wrong)) from first
            if len(skipped) == len(rows):
                pytest.skip(skipped[0])

        signature = inspect.signature(test)
        missing = [name for name in parameters if name not in signature.parameters]
        assert not missing, f"{test.__name__} has no parameters {missing}"
        left = [parameter for name, parameter in signature.parameters.items() if name not in parameters]
        test_all.__signature__ = signature.replace(parameters=left)  # type: ignore[attr-defined]  # what inspect looks at
        del test_all.__wrapped__  # pytest would ask the function below for its fixtures
        return test_all

    return decorate


def _end_row(fixtures: Iterable[Any]) -> None:
    for fixture in fixtures:
        if isinstance(fixture, Serving):
            fixture.end_row()


def _values(row: Any, count: int) -> tuple[str | None, tuple[Any, ...]]:
    if isinstance(row, ParameterSet):
        assert not row.marks, "a row with a mark is a test of its own: use pytest's parametrize"
        return (row.id if isinstance(row.id, str) else None), tuple(row.values)
    return None, (row,) if count == 1 else tuple(row)


def _named(
    rows: list[tuple[str | None, tuple[Any, ...]]], ids: Callable[[Any], object] | Iterable[object] | None
) -> list[tuple[str, tuple[Any, ...]]]:
    given = None if ids is None or callable(ids) else [str(name) for name in ids]
    assert given is None or len(given) == len(rows), "a name for each row"
    named = []
    for number, (name, values) in enumerate(rows):
        if given is not None:
            name = given[number]  # noqa: PLW2901  as pytest: what stands at the row is for tables without names
        elif name is None:
            name = "-".join(str(ids(value)) if callable(ids) else ascii(value)[:50] for value in values)  # noqa: PLW2901
        named.append((name, values))
    return named
