"""Long tables of other projects: one test for each table, which names every row that fails."""

from collections.abc import Callable, Iterable
from typing import TypeVar

import pytest

T = TypeVar("T")


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
