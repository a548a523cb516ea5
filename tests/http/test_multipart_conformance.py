"""Forms with parts as two other projects test them: busboy's recorded bodies, Falcon's tables around bodies of its own."""

import base64
from typing import Any

from martlet.http import HTTPError, Limits, MultipartParser, PartHead, find_codec
from martlet.http.charsets import decode_text
from tests.rows import each
from tests.shared_cases import conformance

BUSBOY = conformance("http/multipart/busboy_multipart.json")["cases"]
TRUNCATED = conformance("http/multipart/falcon_truncated.json")["cases"]
EPILOGUES = conformance("http/multipart/falcon_epilogue.json")["cases"]
HEADER_SIZES = conformance("http/multipart/falcon_headers_edge.json")["cases"]

Outcome = list[tuple[str, Any, Any, str]] | int

# By what a case is called: why ours differs, and what ours answers.
OTHERWISE: dict[str, tuple[str, Outcome]] = {
    "Fields and files (limits)": ("beyond a limit is 413; a value cut short would be taken for what was meant", 413),
    "Fields and files (limits: 0 files)": ("beyond a limit is 400; what follows is not left out without a word", 400),
    "Parts limit": ("the same", 400),
    "Fields limit": ("the same", 400),
    "Files limit": ("the same", 400),
    "Empty content-type and empty content-disposition": ("a part has a name (RFC 7578 section 4.2), or the form is broken", 400),
    "No Content-Disposition": ("the same", 400),
    "Unicode filenames": (
        "`filename*` is ignored (RFC 7578 section 4.2), and without a filename it is a field",
        [("field", "file", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "application/octet-stream")],
    ),
}
# Where the name is not to be made safe: one keeps paths, the other has names longer than file systems take.
RAW = {"Paths to be preserved through the preservePath option", "Header size limit should be per part"}


def limits_of(case: dict[str, Any]) -> Limits:
    given = case.get("limits", {})
    several = given.get("parts")
    return Limits(
        form_files=several - 1 if several is not None else given.get("files", 100),
        query_fields=given.get("fields", 1_000),
        file_bytes=given.get("fileSize"),
        field_bytes=given.get("fieldSize") or 1024 * 1024,
    )


def pieces_of(source: list[Any]) -> list[bytes]:
    return [base64.b64decode(piece["b64"]) if isinstance(piece, dict) else piece.encode() for piece in source]


def expected(case: dict[str, Any]) -> Outcome:
    """What busboy gave, or 400 where it gave an error."""
    outcome: list[tuple[str, Any, Any, str]] = []
    for event in case["expected"]:
        if isinstance(event, str):  # a limit was reached; see OTHERWISE
            continue
        if "error" in event:
            return 400
        if event["type"] == "field":
            value = event["val"]
            outcome.append(("field", event["name"], value, event["info"]["mimeType"]))
        else:
            content = base64.b64decode(event["data"]["b64"])
            outcome.append(("file", (event["name"], event["info"].get("filename")), content, event["info"]["mimeType"]))
    return outcome


def received(pieces: list[bytes], boundary: str, limits: Limits, *, raw: bool = False) -> Outcome:
    """The parts, or the status of the refusal; `raw`: with the files' names as they came."""
    parser, parts = MultipartParser(boundary, limits), list[tuple[PartHead, bytearray]]()
    try:
        for piece in pieces:
            for event in parser.feed(piece):
                if isinstance(event, PartHead):
                    parts.append((event, bytearray()))
                elif event is not None:
                    parts[-1][1].extend(event)
        parser.finish()
    except HTTPError as error:
        return error.status_code
    return [described(head, bytes(content), raw=raw) for head, content in parts]


def described(head: PartHead, content: bytes, *, raw: bool) -> tuple[str, Any, Any, str]:
    kind = head.content_type.essence
    if head.is_file:
        return "file", (head.name, head.raw_filename if raw else head.filename), content, kind
    return "field", head.name, decode_text(content, find_codec(head.content_type.charset or "utf-8") or "utf-8"), kind


@each("cut", ["as recorded", "whole", "byte by byte"])
@each("case", BUSBOY, ids=[case["what"] for case in BUSBOY], count=26)
def test_busboy(case: dict[str, Any], cut: str) -> None:
    pieces, wanted = pieces_of(case["source"]), expected(case)
    whole = b"".join(pieces)
    if cut != "as recorded":
        pieces = [whole] if cut == "whole" else [whole[place : place + 1] for place in range(len(whole))]
    if case["what"] in OTHERWISE:
        wanted = OTHERWISE[case["what"]][1]

    outcome = received(pieces, case["boundary"], limits_of(case), raw=case["what"] in RAW)
    if "events" in case and isinstance(outcome, list):  # busboy hands out what has a listener only
        outcome = [each for each in outcome if each[0] in case["events"]]
    assert outcome == wanted


def test_every_exception_is_one() -> None:
    assert set(OTHERWISE) <= {case["what"] for case in BUSBOY}


BOUNDARY = "5b11af82ab65407ba8cdccf37d2a9c4f"
THREE_PARTS = (
    f"--{BOUNDARY}\r\n"
    'Content-Disposition: form-data; name="hello"\r\n\r\n'
    "world\r\n"
    f"--{BOUNDARY}\r\n"
    'Content-Disposition: form-data; name="document"\r\nContent-Type: application/json\r\n\r\n'
    '{"debug": true}\r\n'
    f"--{BOUNDARY}\r\n"
    'Content-Disposition: form-data; name="file1"; filename="test.txt"\r\nContent-Type: text/plain\r\n\r\n'
    "Hello, world!\n\r\n"
    f"--{BOUNDARY}--"
).encode()


@each("case", TRUNCATED, count=4)
def test_a_form_that_is_cut_short(case: dict[str, Any]) -> None:
    assert received([THREE_PARTS[: -case["truncated_by"]]], BOUNDARY, Limits()) == 400


@each("case", EPILOGUES, count=6)
def test_what_stands_behind_the_last_boundary(case: dict[str, Any]) -> None:
    outcome = received([THREE_PARTS + case["epilogue"].encode()], BOUNDARY, Limits())

    assert isinstance(outcome, list)
    assert len(outcome) == 3


@each("case", HEADER_SIZES, count=6)
def test_the_size_of_a_header_section(case: dict[str, Any]) -> None:
    # Falcon's own section has a line without a colon, which it passes over and we refuse.
    section = (
        b"X-Falcon: Peregrine\r\nContent-Type: application/vnd.oasis.opendocument.text\r\n"
        b"X: 7\r\n"
        b'Content-Disposition: form-data; name="file"; filename=hd.txt\r\n'
    )
    body = b"--x\r\n" + section + b"\r\nNo, it is not an ODT document...\r\n--x--\r\n"

    outcome = received([body], "x", Limits(part_header_bytes=case["max_headers_size"]))

    assert (outcome == 400) is (case["max_headers_size"] < 142)
