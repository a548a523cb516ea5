"""Forms with files taken apart: the same from any pieces, within their limits, and every broken one refused with its reason."""

import random
import time
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from martlet.http import (
    BadRequestError,
    ContentTooLargeError,
    HTTPError,
    Limits,
    MediaType,
    MultipartParser,
    PartHead,
    multipart_boundary,
)
from tests.rows import each

Part = tuple[str, str | None, bytes]
DISPOSITION = "Content-Disposition: form-data; "


def part(headers: str, content: bytes = b"") -> bytes:
    return b"--x\r\n" + headers.encode() + b"\r\n\r\n" + content + b"\r\n"


def form(*parts: bytes) -> bytes:
    return b"".join(parts) + b"--x--\r\n"


def read(pieces: Iterable[bytes], limits: Limits | None = None, boundary: str = "x") -> list[Part]:
    """The parts that these pieces of a body make up: name, the file's name as it was sent, content."""
    parser, found = MultipartParser(boundary, limits or Limits()), list[Part]()
    for piece in pieces:
        for event in parser.feed(piece):
            if isinstance(event, PartHead):
                found.append((event.name, event.raw_filename, b""))
            elif event is not None:
                name, filename, content = found.pop()
                found.append((name, filename, content + event))
    parser.finish()
    return found


def one_by_one(body: bytes) -> list[bytes]:
    return [body[place : place + 1] for place in range(len(body))]


def in_random_pieces(body: bytes, seed: int) -> list[bytes]:
    chance = random.Random(seed)
    places = sorted(chance.choices(range(len(body) + 1), k=12))
    return [body[start:end] for start, end in zip([0, *places], [*places, len(body)], strict=True)]


def ways_to_send(body: bytes) -> list[list[bytes]]:
    return [[body], one_by_one(body), *(in_random_pieces(body, seed) for seed in range(5))]


def outcome(pieces: list[bytes], limits: Limits | None = None, boundary: str = "x") -> Any:
    try:
        return read(pieces, limits, boundary)
    except HTTPError as error:
        return error.status_code


def refusal(body: bytes, limits: Limits | None = None) -> str:
    """Why a body is refused, which is the same however it comes."""
    with pytest.raises(HTTPError) as refused:
        read([body], limits)
    assert {outcome(pieces, limits) for pieces in ways_to_send(body)} == {refused.value.status_code}
    return str(refused.value)


NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)


def escaped(name: str) -> str:
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


@given(
    st.lists(st.tuples(NAMES, st.none() | NAMES, st.binary(max_size=80)), max_size=5),
    st.binary(max_size=40),
    st.lists(st.integers(0, 600), max_size=8),
)
def test_what_a_browser_writes_is_read_back(parts: list[Part], epilogue: bytes, cuts: list[int]) -> None:
    # A name that looks escaped, or has an old escape in it, cannot be told from one that is.
    parts = [each for each in parts if not any("%" in (text or "") or "\\" in (text or "") for text in each[:2])]
    body = form(
        *(
            part(
                f'{DISPOSITION}name="{escaped(name)}"{"" if file is None else f"; filename={chr(34)}{escaped(file)}{chr(34)}"}',
                content,
            )
            for name, file, content in parts
        )
    )
    places = sorted(min(cut, len(body)) for cut in cuts)

    pieces = [body[start:end] for start, end in zip([0, *places], [*places, len(body)], strict=True)]

    assert read([*pieces, epilogue]) == parts


@given(
    st.lists(st.sampled_from([b"\r", b"\n", b"-", b"--x", b"x", b"\r\n--x", b"--x--", b":", b" ", b";", b'"', b"name=", b"a"]))
)
def test_any_bytes_are_a_form_or_refused_alike(words: list[bytes]) -> None:
    for body in (b"".join(words), b"--x\r\n" + b"".join(words), part(f'{DISPOSITION}name="a"') + b"".join(words)):
        outcomes = [outcome(pieces) for pieces in ways_to_send(body)]

        assert all(each == outcomes[0] for each in outcomes)


@each(
    ("headers", "name", "filename"),
    [
        pytest.param(f'{DISPOSITION}name="a"', "a", None, id="a field"),
        pytest.param(f"{DISPOSITION}name=a; filename=b.txt", "a", "b.txt", id="without quotes"),
        pytest.param("content-disposition:FORM-DATA;NAME=a", "a", None, id="in any case"),
        pytest.param(f'{DISPOSITION}filename="b;c.txt" ; name="a=b"', "a=b", "b;c.txt", id="separators in quotes"),
        pytest.param(f'{DISPOSITION}name="%22a%22%0D%0A"; filename="%41%"', '"a"\r\n', "%41%", id="what browsers escape"),
        pytest.param(f'{DISPOSITION}name="a"; filename="C:\\a\\b.txt"', "a", "C:\\a\\b.txt", id="a backslash is one"),
        pytest.param(f'{DISPOSITION}name="a"; filename="a\\"b\\\\.txt"', "a", 'a"b\\.txt', id="old escapes"),
        pytest.param(f'{DISPOSITION}name="a"; filename="b\\"', "a", "b\\", id="a backslash at the end"),
        pytest.param(f'{DISPOSITION}name="a "b" c"', 'a "b" c', None, id="quotes inside quotes"),
        pytest.param(f"{DISPOSITION}name=\"a\"; filename*=UTF-8''b.sh", "a", None, id="filename* is ignored"),
        pytest.param(f"{DISPOSITION}name*=UTF-8''b; name=\"a\"; name*0=c", "a", None, id="name* is ignored"),
        pytest.param(f'{DISPOSITION}name="a"; filename=""', "a", "", id="no file chosen"),
        pytest.param(f'{DISPOSITION}name="naïve 💥"', "naïve 💥", None, id="UTF-8"),
        pytest.param(f'{DISPOSITION}name="a";', "a", None, id="a semicolon too many"),
        pytest.param(f'{DISPOSITION}name=""', "", None, id="an empty name"),
        pytest.param(f"{DISPOSITION}name=items[0]", "items[0]", None, id="brackets without quotes"),
        pytest.param(f'{DISPOSITION}\r\n\tname="a"', "a", None, id="a folded line"),
        pytest.param(
            f'X-Other: 1\r\nContent-Length: 77\r\n{DISPOSITION}name="a"', "a", None, id="other fields are ignored, RFC 7578 4.8"
        ),
        pytest.param(f'{DISPOSITION}name="a"\r\nContent-Transfer-Encoding: 8BIT', "a", None, id="a coding that changes nothing"),
    ],
)
def test_the_names_of_a_part(headers: str, name: str, filename: str | None) -> None:
    body = form(part(headers, b"content"))

    assert all(read(pieces) == [(name, filename, b"content")] for pieces in ways_to_send(body))


def test_names_that_are_no_utf8_are_replaced() -> None:
    assert read([form(part(DISPOSITION)[:-6] + b'name="na\xefve"\r\n\r\n\r\n')]) == [("na�ve", None, b"")]


@each(
    ("body", "why"),
    [
        pytest.param(b"", "400 The form ends before its first boundary", id="nothing"),
        pytest.param(b"--y\r\n", "400 The form ends before its first boundary", id="another boundary"),
        pytest.param(b"a--x\r\n", "400 The form ends before its first boundary", id="a boundary inside a line"),
        pytest.param(b"--x\na", "at its beginning: lines must end in CRLF", id="LF behind the first boundary"),
        pytest.param(b"--xy\r\n", "at its beginning: a boundary is followed by something else", id="a longer boundary"),
        pytest.param(b"--x", "at its beginning: the body ends before the last boundary", id="half a boundary"),
        pytest.param(part(f'{DISPOSITION}name="a"', b"b"), "in part 1 ('a')", id="no end"),
        pytest.param(form(part(f'{DISPOSITION}name="a"', b"b"))[:-4], "in part 1 ('a')", id="one hyphen at the end"),
        pytest.param(b"--x\r\nContent-Disp", "in part 1: the body ends before the last boundary", id="the end in a header"),
        pytest.param(
            part(f'{DISPOSITION}name="a"') + b"--xxx", "in part 1 ('a'): a boundary is followed by", id="a boundary and more"
        ),
        pytest.param(
            form(part("Content-Type: text/plain")), "Part 1 of the form has no Content-Disposition", id="no disposition"
        ),
        pytest.param(form(part("Content-Disposition: ")), "'', which is not form-data", id="an empty disposition"),
        pytest.param(form(part("Content-Disposition: attachment; name=a")), "which is not form-data", id="another disposition"),
        pytest.param(form(part(f"{DISPOSITION}filename=a")), "without a name", id="no name"),
        pytest.param(form(part(f"{DISPOSITION}name=a; name=b")), "says 'name' twice", id="two names"),
        pytest.param(
            form(part(f"{DISPOSITION}name=a; filename=b; FILENAME=c")), "says 'filename' twice", id="two names of a file"
        ),
        pytest.param(
            form(part(f"{DISPOSITION}name=a\r\n{DISPOSITION}name=b")), "has two Content-Disposition", id="two dispositions"
        ),
        pytest.param(form(part(f'{DISPOSITION}name="a')), "malformed Content-Disposition, from", id="an open quote"),
        pytest.param(form(part("Junk")), "no `name: value`: 'Junk'", id="no colon"),
        pytest.param(form(part(f"Content-Type : a\r\n{DISPOSITION}name=a")), "no `name: value`", id="a blank before the colon"),
        pytest.param(form(part(f" folded\r\n{DISPOSITION}name=a")), "begins with a blank", id="a folded line without a first"),
        pytest.param(form(part(f"\rX: a\r\n{DISPOSITION}name=a")), "bare CR", id="a bare CR before a name"),
        pytest.param(form(part(f"X: a\rY: b\r\n{DISPOSITION}name=a")), "bare CR", id="a bare CR in a value"),
        pytest.param(form(part(f'{DISPOSITION}name="a\0b"')), "bare CR, LF or NUL", id="NUL"),
        pytest.param(
            form(part(f"{DISPOSITION}name=a\r\nContent-Transfer-Encoding: base64")), "which forms do not use", id="base64"
        ),
        pytest.param(
            form(part(f"{DISPOSITION}name=a\r\nContent-Transfer-Encoding: Quoted-Printable")), "do not use", id="quoted-printable"
        ),
    ],
)
def test_a_broken_form_is_refused_with_its_reason(body: bytes, why: str) -> None:
    assert refusal(body).startswith("400 ")
    assert why in refusal(body)


def test_a_bare_lf_ends_no_line() -> None:
    assert refusal(form(part(f"X: a\nY: b\r\n{DISPOSITION}name=a"))).startswith("400 ")


def test_an_empty_form_has_no_parts() -> None:
    assert all(read(pieces) == [] for pieces in ways_to_send(b"--x--"))


@each("preamble", [b"\r\n", b"This is\r\na preamble --x\r\n", b"--\r\n", b"\r\n\r\n--\r\n"])
def test_what_stands_before_the_first_part_is_no_part(preamble: bytes) -> None:
    body = preamble + form(part(f"{DISPOSITION}name=a", b"b"))

    assert all(read(pieces) == [("a", None, b"b")] for pieces in ways_to_send(body))


def test_content_that_nearly_is_a_boundary_is_content() -> None:
    content = b"\r\n--\r\n-x\r--x\n--x\r\r\n--\r\n\r\n--y--"
    body = form(part(f"{DISPOSITION}name=a", content))

    assert all(read(pieces) == [("a", None, content)] for pieces in ways_to_send(body))


# Limits.

FIELD = part(f"{DISPOSITION}name=a", b"12345")
FILE = part(f"{DISPOSITION}name=b; filename=c", b"1234567")


@each(
    ("limits", "body", "why"),
    [
        pytest.param(Limits(query_fields=1), form(FIELD, FILE, FIELD), "400 There are more than 1 fields", id="fields"),
        pytest.param(Limits(form_files=1), form(FILE, FIELD, FILE), "400 There are more than 1 files", id="files"),
        pytest.param(
            Limits(field_bytes=4), form(FILE, FIELD), "413 The field 'a' of the form is larger than 4 bytes", id="a field"
        ),
        pytest.param(Limits(file_bytes=6), form(FIELD, FILE), "413 The file 'b' of the form is larger than 6 bytes", id="a file"),
        pytest.param(
            Limits(part_headers=2),
            form(part(f"A: 1\r\n{DISPOSITION}\r\n name=a")),
            "400 Part 1 of the form has a header",
            id="lines",
        ),
        pytest.param(
            Limits(part_header_bytes=37), form(FIELD), "400 Part 1 of the form has a header section of more", id="header bytes"
        ),
        pytest.param(
            Limits(part_header_bytes=20), b"A" * 40 + form(FIELD), "400 The form has no boundary in its first 20", id="preamble"
        ),
        pytest.param(Limits(part_header_bytes=20), b"--x\r\n" + b"a" * 40, "400 ", id="a header line without an end"),
    ],
)
def test_beyond_a_limit(limits: Limits, body: bytes, why: str) -> None:
    assert refusal(body, limits).startswith(why)


def test_up_to_a_limit() -> None:
    limits = Limits(query_fields=1, form_files=1, field_bytes=5, file_bytes=7, part_headers=1, part_header_bytes=50)
    body = b"A" * 50 + b"\r\n" + form(FIELD, FILE)

    assert all(len(read(pieces, limits)) == 2 for pieces in ways_to_send(body))


@each(
    "attack",
    [
        pytest.param(part(f"{DISPOSITION}name=a") + b"\r\n" * 200_000, id="CRLF without an end"),
        pytest.param(part(f"{DISPOSITION}name=a") + b"\r" * 400_000, id="CR without an end"),
        pytest.param(part(f"{DISPOSITION}name=a") + b"\r\n--" * 100_000, id="nearly boundaries"),
        pytest.param(b"--x\r\n" + b"A:" * 200_000, id="a header without an end"),
        pytest.param(b"\r\n" * 200_000, id="a preamble without an end"),
        pytest.param(form(FIELD) + b"a" * 400_000, id="an epilogue"),
        pytest.param(form(*[part(f"A: 1\r\n{DISPOSITION}name=a;{';=' * 3_000}")] * 60), id="parameters that are none"),
        pytest.param(form(*[part(f'{DISPOSITION}name="{chr(34) * 7_000}')] * 60), id="quotes"),
    ],
)
def test_hostile_bodies_cost_linear_time(attack: bytes) -> None:
    for pieces in ([attack], [attack[place : place + 100] for place in range(0, len(attack), 100)]):
        began = time.process_time()
        outcome(pieces)

        assert time.process_time() - began < 1  # about 20 ms in fact


def test_many_tiny_pieces_cost_linear_time() -> None:
    body = form(part(f"{DISPOSITION}name=a; filename=b", b"a" * 100_000))
    began = time.process_time()

    assert len(read(one_by_one(body))[0][2]) == 100_000
    assert time.process_time() - began < 3


# The Content-Type field.


@pytest.mark.parametrize(
    ("parameters", "boundary"),
    [
        ("; boundary=abc", "abc"),
        ('; charset=utf-8; BOUNDARY="a b:c"', "a b:c"),
        (f"; boundary={'a' * 70}", "a" * 70),
    ],
)
def test_the_boundary(parameters: str, boundary: str) -> None:
    assert multipart_boundary(MediaType.parse(f"multipart/form-data{parameters}")) == boundary


@each(
    "parameters",
    [
        "",
        '; boundary=""',
        '; boundary="a "',
        f"; boundary={'a' * 71}",
        '; boundary="é"',
        "; boundary=a; boundary=b",
        "; boundary*=utf-8''a",
    ],
)
def test_what_is_no_boundary_is_refused(parameters: str) -> None:
    content_type = MediaType.parse_or_none(f"multipart/form-data{parameters}")
    assert content_type is not None

    with pytest.raises(BadRequestError, match="boundary"):
        multipart_boundary(content_type)


def test_a_hostile_content_type_costs_linear_time() -> None:
    began = time.process_time()

    MediaType.parse_or_none("multipart/form-data" + ';="\\' * 250_000)

    assert time.process_time() - began < 2


def test_a_file_that_is_too_large_is_refused_before_it_has_come() -> None:
    parser = MultipartParser("x", Limits(file_bytes=10))
    parser.feed(part(f"{DISPOSITION}name=b; filename=c")[:-2])

    with pytest.raises(ContentTooLargeError):
        parser.feed(b"a" * 11)
