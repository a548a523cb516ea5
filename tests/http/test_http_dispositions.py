"""Content-Disposition: whatever a file is called, its name stays inside the field (RFC 6266, RFC 8187)."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from martlet.http import Headers, MediaType, format_disposition
from tests.rows import each


@each(
    ("filename", "expected"),
    [
        pytest.param("plans.pdf", "attachment; filename=plans.pdf", id="a token needs no quotes"),
        pytest.param("my plans.pdf", 'attachment; filename="my plans.pdf"', id="a blank needs them"),
        pytest.param("a;b=c.txt", 'attachment; filename="a;b=c.txt"', id="a semicolon stays inside"),
        pytest.param('a"b.txt', "attachment; filename=a_b.txt; filename*=UTF-8''a%22b.txt", id="a quote does not end it"),
        pytest.param("50%41.txt", "attachment; filename=50_41.txt; filename*=UTF-8''50%2541.txt", id="no second decoding"),
        pytest.param("café.txt", "attachment; filename=caf_.txt; filename*=UTF-8''caf%C3%A9.txt", id="RFC 8187"),
        pytest.param("../../etc/passwd", "attachment; filename=.._.._etc_passwd", id="no path"),
        pytest.param("..\\boot.ini", "attachment; filename=.._boot.ini", id="no path of Windows"),
        pytest.param("a\r\nx: y\x00", 'attachment; filename="a__x: y_"', id="no line break, no NUL"),
        pytest.param("gpj.\u202eexe", "attachment; filename=gpj._exe", id="no turned ending"),
        pytest.param("", 'attachment; filename=""', id="empty"),
    ],
)
def test_a_name_stays_inside_the_field(filename: str, expected: str) -> None:
    assert format_disposition("attachment", filename) == expected


@given(st.text())
def test_any_name_makes_one_field_that_can_be_read_back(filename: str) -> None:
    value = format_disposition("inline", filename)

    Headers({"content-disposition": value})
    read = MediaType.parse(f"x/{value}")
    assert value.isascii()
    assert value.isprintable()
    assert read.essence == "x/inline"
    assert {name for name, _ in read.parameters} <= {"filename", "filename*"}
    if read.parameter("filename*") is None:
        assert read.parameter("filename") == filename or not filename.isprintable() or set(filename) & set("/\\")


@given(st.text(alphabet=st.characters(codec="utf-8", categories=["L", "N"]), min_size=1))
def test_letters_of_all_scripts_arrive(filename: str) -> None:
    parameters = MediaType.parse(f"x/{format_disposition('attachment', filename)}")
    extended = parameters.parameter("filename*")

    assert filename == (parameters.parameter("filename") if extended is None else unquote(extended.removeprefix("UTF-8''")))
