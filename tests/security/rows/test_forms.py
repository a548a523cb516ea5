"""Rows 1 to 21: forms that cost more than they should, or get in where they should not. Over every protocol."""

import ast
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import pytest
from msgspec import Meta

import martlet
from martlet import App, BadFilenameError, HTTPError, Limits, Upload
from martlet.http import MediaType, MultipartParser
from martlet.messages.incoming.spools import Spool
from martlet.testing import Client
from martlet.testing.form_bodies import SentFile
from tests.rows import each
from tests.security.rows.forms import END, MULTIPART, URLENCODED, WAYS, form_app, part
from tests.security.rows.measuring import assert_linear
from tests.serving import Serve, ServeOnce

MIB = 1024 * 1024


@pytest.fixture
def client(serve_once: ServeOnce) -> Client:
    return serve_once(form_app)


def parsed(body: bytes, limits: Limits | None = None, piece: int = 65_536) -> int:
    """How many events a body makes, or the status of its refusal."""
    parser = MultipartParser("x", limits or Limits(body_bytes=1 << 40))
    try:
        events = sum(len(list(parser.feed(body[place : place + piece]))) for place in range(0, len(body), piece))
        parser.finish()
    except HTTPError as error:
        return -error.status_code
    return events


# CVE-2023-30798, CVE-2023-25577, CVE-2023-24580, CVE-2023-25578
@each("way", WAYS)
def test_row_1_any_number_of_parts(client: Client, way: str) -> None:
    fields = b"".join(part(b"a", "tags") for _ in range(Limits().query_fields + 1))
    files = b"".join(part(b"a", "tags", "a.txt") for _ in range(Limits().form_files + 1))

    assert client.post(way, content=fields + END, headers=MULTIPART).status_code == 400
    assert client.post(way, content=files + END, headers=MULTIPART).status_code in {400, 415, 422}


def test_row_2_a_part_without_a_filename_kept_without_limit(client: Client) -> None:
    large = part(b"a" * (MIB + 1)) + END

    assert {client.post(way, content=large, headers=MULTIPART).status_code for way in WAYS[:3]} == {413}


def test_row_3_a_form_without_a_limit_by_default(client: Client) -> None:
    def endless() -> Iterator[bytes]:
        yield part(b"", "photo", "a.png")[:-2]
        while True:
            sent.append(MIB)
            yield b"a" * MIB

    for way in WAYS:
        sent: list[int] = []
        chunks = [next(source) for source in [endless()] for _ in range(12)]

        assert client.post(way, content=chunks, headers=MULTIPART).status_code == 413


# CVE-2026-54283
@each("way", WAYS[:3])
def test_row_4_limits_for_forms_with_parts_and_none_for_urlencoded_ones(client: Client, way: str) -> None:
    many = "&".join(["tags=a"] * (Limits().query_fields + 1))
    large = "text=" + "a" * (MIB + 1)

    assert client.post(way, content=many, headers=URLENCODED).status_code == 400
    assert client.post(way, content=large, headers=URLENCODED).status_code == 413


# Tornado 6.5.9
def test_row_5_any_number_of_query_arguments(serve: Serve) -> None:
    app = App()

    @app.get("/")
    async def home(tag: list[str]) -> int:
        return len(tag)

    client = serve(app)

    assert client.get("/?" + "&".join(["tag=a"] * 1_000)).json() == 1_000
    assert client.get("/?" + "&".join(["tag=a"] * 1_001)).status_code == 400


# CVE-2023-46136
@each("begin", [b"\r", b"\n", b"\r\n"], ids=["CR", "LF", "CRLF"])
def test_row_6_a_part_that_begins_with_a_line_break_and_has_no_other(begin: bytes) -> None:
    head = part(b"", "photo", "a.png")[:-2] + begin

    assert_linear(lambda size: parsed(head + b"a" * size + b"\r\n" + END, piece=256), 100_000)


WORST = {
    "line breaks": b"\r\n" * 50_000,
    "nearly the boundary": b"\r\n--" * 25_000,
    "the boundary without an end": b"\r\n--x-" * 16_000,
    "carriage returns": b"\r" * 100_000,
}


# CVE-2025-67726
@each("content", WORST.values(), ids=WORST)
def test_row_7_a_quadratic_search_for_the_boundary(content: bytes) -> None:
    head = part(b"", "photo", "a.png")[:-2]

    assert_linear(lambda size: parsed(head + content[:size] + b"\r\n" + END, piece=1_000), 12_500)


# CVE-2022-23833
@each("piece", [1, 2, 7, 1_000])
@each(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"--x", id="half"),
        pytest.param(b"--x\r\n\r\n", id="no name"),
        pytest.param(b"--x--", id="no part"),
        pytest.param(b"\r\n--x\r\r\n\n", id="odd line breaks"),
        pytest.param(b"--x\r\n:\r\n\r\n\r\n--x--", id="no field"),
        pytest.param(part(b"a")[:-1], id="broken off"),
        pytest.param(part(b"a") * 3, id="no end"),
    ],
)
def test_row_8_a_form_that_is_read_for_ever(body: bytes, piece: int) -> None:
    began = time.thread_time()

    parsed(body, piece=piece)

    assert time.thread_time() - began < 0.5


# CVE-2025-47287
def test_row_9_a_line_in_the_log_for_each_bad_part(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    bad = b"--x\r\nContent-Disposition: form-data\r\n\r\na\r\n"

    for body in (bad * 500 + END, b"\0" * 5_000, part(b"a", "text")[:-2] + b"--x" * 1_000):
        assert client.post("/form", content=body, headers=MULTIPART).status_code == 400

    assert caplog.records == []


# CVE-2026-40347
def test_row_10_a_preamble_or_an_epilogue_without_end() -> None:
    assert_linear(lambda size: parsed(part(b"a") + END + b"\r\n--x" * size, piece=1_000), 5_000)
    assert parsed(b"\r\n-" * 100_000 + part(b"a") + END) == -400


# CVE-2026-42561
@each(
    "more",
    [b"X-A: b\r\n" * 20, b"X-" + b"a" * 20_000 + b": b\r\n", b"X-A: " + b"b" * 20_000 + b"\r\n", b"X-A: " + b"b" * MIB],
    ids=["count", "name", "value", "no end"],
)
def test_row_11_any_number_of_header_lines_in_a_part(client: Client, more: bytes) -> None:
    answers = [client.post(way, content=part(b"a", more=more) + END, headers=MULTIPART) for way in WAYS]

    assert [answer.status_code for answer in answers] == [400] * 4


# CVE-2026-53537
def test_row_12_names_with_a_star_take_the_place_of_the_plain_ones(client: Client) -> None:
    line = b"Content-Disposition: form-data; name=\"a\"; name*=UTF-8''b; filename=\"c.txt\"; filename*=UTF-8''..%2Fd.txt"

    assert client.post("/form", content=b"--x\r\n" + line + b"\r\n\r\n1\r\n" + END, headers=MULTIPART).json() == {"a": "c.txt"}


# CVE-2024-24762
def test_row_13_an_expression_that_backtracks_over_content_type(client: Client) -> None:
    assert_linear(lambda size: MediaType.parse_or_none("multipart/form-data" + ';="\\' * size), 30_000)

    assert client.post("/form", content=b"a", headers={"content-type": 'multipart/form-data;="\\' * 10_000}).status_code in {
        400,
        415,
    }


# CVE-2026-33033, CVE-2026-108147
def test_row_14_parts_in_base64_are_decoded_in_memory(client: Client) -> None:
    spaced = part(b" \r\n" * 100_000, more=b"Content-Transfer-Encoding: base64\r\n") + END

    assert {client.post(way, content=spaced, headers=MULTIPART).status_code for way in WAYS} == {400}


async def test_row_15_the_loop_waits_while_an_upload_goes_to_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    app = form_app(Limits(body_bytes=1 << 30))
    left = [part(b"", "photo", "a.png")[:-2], *[b"a" * 65_536] * 60, b"\r\n" + END][::-1]
    loops_own, writers = threading.get_ident(), set[int]()
    write = Spool.write

    def written(spool: Spool, *, is_last: bool = True) -> None:
        writers.add(threading.get_ident())
        write(spool, is_last=is_last)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": left.pop(), "more_body": bool(left)}

    async def send(event: Any) -> None:
        answered.append(event)

    answered: list[dict[str, Any]] = []
    monkeypatch.setattr(Spool, "write", written)
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/form",
    }
    fields = [(b"host", b"a"), (b"content-type", MULTIPART["content-type"].encode())]
    await app({**scope, "query_string": b"", "headers": fields}, receive, send)

    assert answered[0]["status"] == 200
    assert writers
    assert loops_own not in writers


# CVE-2021-28658, CVE-2021-31542, CVE-2024-39330, CVE-2026-24486
@each("name", ["../a", "/etc/passwd", "..\\..\\a", "C:\\a", "a/../../b", "..", ".", "a\0/b", "%2e%2e/a"])
def test_row_16_the_name_of_an_upload_leaves_the_directory(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "uploads"
    folder.mkdir(exist_ok=True)
    upload = Upload(name, b"content")

    if upload.filename:
        assert upload.save_now(folder).resolve().parent == folder.resolve()
    for asked in ("/a", "../a", "a/../../b", "..", "..\\a", "a\0"):
        with pytest.raises(BadFilenameError):
            upload.save_now(folder, asked)
    assert list(tmp_path.iterdir()) == [folder]


# CVE-2026-33034, CVE-2026-5766
@pytest.mark.parametrize("told", [None, "5"], ids=["missing", "understated"])
def test_row_17_a_length_that_is_missing_or_a_lie_goes_round_the_limit(serve: Serve, told: str | None) -> None:
    client = serve(form_app(Limits(body_bytes=10_000, form_memory_bytes=1_000)))
    chunks = [part(b"a" * 500, name) for name in ("text", "b", "c")]
    fields = MULTIPART if told is None else {**MULTIPART, "content-length": told}

    assert client.post("/form", content=[*chunks, END], headers=fields).status_code in {400, 413}
    assert client.post("/form", content=[b"a" * 6_000] * 2, headers=fields).status_code in {400, 413}


def test_row_18_each_part_is_bounded_and_the_form_is_not(serve: Serve) -> None:
    client = serve(form_app(Limits(field_bytes=1_000, form_memory_bytes=5_000)))
    fits, exceeds = (b"".join(part(b"a" * 900, f"f{number}") for number in range(count)) for count in (3, 6))

    assert client.post("/form", content=fits + END, headers=MULTIPART).status_code == 200
    assert client.post("/form", content=exceeds + END, headers=MULTIPART).status_code == 413


# CVE-2023-31047
def test_row_19_of_several_files_in_one_field_only_the_last_is_validated(serve: Serve) -> None:
    app = App(limits=Limits(file_bytes=10))

    @app.post("/few")
    async def take_few(pages: Annotated[list[Upload], Meta(max_length=2)]) -> int:
        return len(pages)

    client = serve(app)

    three: list[SentFile] = [("a", b"1"), ("b", b"2"), ("c", b"3")]
    assert client.post("/few", files={"pages": three}).status_code == 422
    for large in range(2):
        pages: list[SentFile] = [("a", b"a" * (11 if large == place else 1)) for place in range(2)]
        assert client.post("/few", files={"pages": pages}).status_code == 413


def test_row_20_a_check_of_input_that_is_gone_under_python_o() -> None:
    root = Path(martlet.__file__).parent
    asserting = [
        f"{path.relative_to(root)}:{node.lineno}"
        for path in root.rglob("*.py")
        if "assert " in (text := path.read_text("utf-8"))
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Assert)
    ]

    assert asserting == []


REFUSING = """
from typing import Annotated

from martlet import App, Body, Form
from martlet.testing import Client

app = App()


@app.post("/form")
async def take_form(form: Form) -> str:
    return "taken"


@app.post("/json")
async def take_json(value: Annotated[dict[str, int], Body()]) -> str:
    return "taken"


@app.get("/number/{number:int}")
async def take_number(number: int, page: int = 1) -> str:
    return "taken"


pairs = {"content-type": "application/x-www-form-urlencoded"}
parts = {"content-type": "multipart/form-data; boundary=b"}
with Client(app) as client:
    statuses = [
        client.post("/form", content=b"a=1&" * 100_000, headers=pairs).status_code,
        client.post("/form", content=b"--b\\r\\nX: \\r\\r\\n\\r\\na\\r\\n--b--", headers=parts).status_code,
        client.post("/form", content=b"--b", headers=parts).status_code,
        client.post("/json", content=b"[" * 100_000, headers={"content-type": "application/json"}).status_code,
        client.post("/json", json={"a": "b"}).status_code,
        client.get("/number/1?page=x").status_code,
        client.get("/number/" + "9" * 5_000).status_code,
        client.get("/", headers={"host": "a b"}).status_code,
    ]
print(__debug__, statuses)
"""


def test_row_20_what_is_refused_is_refused_under_python_o_as_well() -> None:
    told = [
        subprocess.run([sys.executable, *options, "-c", REFUSING], capture_output=True, text=True, check=True, timeout=60).stdout
        for options in ([], ["-O"])
    ]

    assert told[0].startswith("True ")
    assert "200" not in told[0]
    assert "500" not in told[0]
    assert told[1] == told[0].replace("True", "False")


# Tornado 6.5.5
@each(
    "line",
    [b"X-A: a\rX-B: b", b"X-A: a\r", b"\rX-A: a", b"X-\rA: a"],
    ids=["in a value", "at its end", "at the beginning", "in a name"],
)
def test_row_21_a_carriage_return_alone_in_the_headers_of_a_part(client: Client, line: bytes) -> None:
    answers = [client.post(way, content=part(b"a", more=line + b"\r\n") + END, headers=MULTIPART) for way in WAYS]

    assert [answer.status_code for answer in answers] == [400] * 4
