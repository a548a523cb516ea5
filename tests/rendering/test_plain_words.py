"""What forms' pages say of a field that is not valid."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

import pytest
from msgspec import Meta

from martlet.rendering import in_plain_words
from martlet.rendering.validation import collect_errors
from tests.rows import each


@each(
    ("type_", "value", "said"),
    [
        pytest.param(Annotated[str, Meta(min_length=1)], "", "Expected at least 1 character", id="one character"),
        pytest.param(Annotated[str, Meta(max_length=2000)], "x" * 2001, "Expected at most 2,000 characters", id="text"),
        pytest.param(Annotated[list[int], Meta(min_length=2)], [], "Expected at least 2 values", id="list"),
        pytest.param(Annotated[int, Meta(ge=1)], 0, "Expected a number of at least 1", id="at least"),
        pytest.param(Annotated[float, Meta(lt=0.5)], 1.0, "Expected a number of less than 0.5", id="less"),
        pytest.param(Annotated[int, Meta(gt=1)], 1, "Expected a number of at least 2", id="more, as msgspec has it"),
        pytest.param(Annotated[int, Meta(multiple_of=5)], 7, "Expected a multiple of 5", id="multiple"),
        pytest.param(Annotated[str, Meta(pattern=r"^`\S")], "x", "Expected a text of another form", id="pattern"),
        pytest.param(dict[str, int], {"a": "`"}, "Expected `int`, got `str`", id="what no form brings about"),
        pytest.param(Decimal, "x", "Invalid decimal string", id="plain already"),
    ],
)
def test_people_read_no_names_of_types(type_: Any, value: Any, said: str) -> None:
    [error] = collect_errors(type_, value)

    assert in_plain_words(error.detail) == said


@each(
    ("detail", "said"),
    [
        pytest.param("Expected one of `a`, `b-c`", "Expected one of a, b-c", id="choice"),
        pytest.param("Missing required field", "This field is required", id="missing"),
        pytest.param("Expected a date such as 2026-11-22", "Expected a date such as 2026-11-22", id="date"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_what_forms_say_themselves(detail: str, said: str) -> None:
    assert in_plain_words(detail) == said
