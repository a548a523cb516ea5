"""Rows 35 to 41, 61, 62, 64, 65, 78: fields and queries that mean, or cost, more than they seem to. Over every protocol."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

import martlet
from martlet import CORS, App, File, Request, Response
from martlet.http import AcceptLanguage, MediaType, Negotiation, parse_accept, requested_ranges
from martlet.testing import Client
from tests.rows import each
from tests.security.rows.measuring import assert_linear, seconds
from tests.serving import Serve, ServeOnce

DIGITS = b"0123456789"


class Note(Struct):
    text: str


def make_app() -> App:
    app = App()

    @app.get("/search")
    async def search(request: Request) -> list[Any]:
        return list(request.query.items())

    @app.get("/numbers/{number:int}")
    async def numbered(number: int) -> int:
        return number

    @app.get("/texts/{text}")
    async def named(text: int) -> int:
        return text

    @app.post("/notes")
    async def add_note(note: Note) -> str:
        return note.text

    @app.get("/fields")
    async def fields(request: Request) -> int:
        return len(request.headers.get_list("x-a"))

    @app.get("/set/{where}")
    async def setting(request: Request, where: str) -> Response:
        text = request.query["text"]
        if where == "name":
            return Response("a", headers={text: "a"})
        return Response("a", headers={"x-a": text})

    return app


@pytest.fixture
def client(serve_once: ServeOnce) -> Client:
    return serve_once(make_app)


# CVE-2020-28473
def test_row_35_a_semicolon_parts_a_query(client: Client) -> None:
    assert client.get("/search?a=1;b=2&c=3").json() == [["a", "1;b=2"], ["c", "3"]]


# CVE-2025-14550, CVE-2025-67725
def test_row_36_repeated_fields_are_joined_again_and_again(serve: Serve) -> None:
    client = serve(make_app())

    assert client.get("/fields", headers=[("x-a", "b")] * 100).json() in {1, 100}
    assert_linear(lambda count: client.get("/fields", headers=[("x-a", "b")] * count), 2_500)


# CVE-2026-84429
@each("piece", [";a=b", ';a="\\\\', ";", ",", ",a/b;q=0.5", ' ;="', "\\", "*/*,"])
def test_row_37_parameters_of_accept_and_content_type_take_quadratic_time(piece: str) -> None:
    assert_linear(lambda size: parse_accept("text/html" + piece * (size // len(piece))), 25_000)
    assert_linear(lambda size: MediaType.parse_or_none("text/html" + piece * (size // len(piece))), 25_000)


# CVE-2023-23969, CVE-2024-39614, CVE-2026-77050
def test_row_38_what_was_read_of_fields_is_remembered_without_bound(client: Client) -> None:
    assert seconds(lambda: AcceptLanguage.parse("a-" * 500_000).choose(["en", "de"])) < 1
    assert_linear(lambda size: AcceptLanguage.parse("de-CH;q=0.5," * size).choose(["en", "de"]), 10_000)
    negotiation = Negotiation(["text/html", "application/json"])
    for number in range(2_000):
        negotiation.choose(f"text/x{number};q=0.5, */*")
    negotiation.choose("text/html;" * 100_000)

    remembered = [value for name in type(negotiation).__slots__ if isinstance(value := getattr(negotiation, name), dict)]
    assert remembered
    assert all(len(cache) <= 256 for cache in remembered)
    assert sum(len(key) for cache in remembered for key in cache) < 256 * 512
    assert client.get("/search", headers={"accept-language": "de-" * 5_000}).status_code == 200


@each("digits", ["٣", "３", "²", "๓", "1_0", "+1", " 1", "1e1"])
def test_row_39_digits_of_other_scripts(client: Client, digits: str) -> None:
    assert requested_ranges(f"bytes=0-{digits}", 10, limit=50) is None or digits == " 1"
    assert client.get(f"/numbers/{digits}").status_code == 404
    for length in (digits, f"5{digits}"):
        coat = length.encode().decode("latin-1")
        answer = client.post("/notes", content=[b"{}"], headers={"content-length": coat, "content-type": "application/json"})
        assert answer.status_code in {400, 413, 422}


def test_row_40_a_number_with_more_digits_than_python_reads(client: Client) -> None:
    digits = "9" * 5_000

    assert client.get(f"/numbers/{digits}").status_code == 404
    assert client.get(f"/texts/{digits}").status_code == 404


# CVE-2025-62727
@each("piece", ["0-0,", "-1,", "0-,", "0-0 ,", ",", "9-1,"])
def test_row_41_a_list_of_ranges_takes_quadratic_time(serve: Serve, tmp_path: Path, piece: str) -> None:
    (tmp_path / "digits").write_bytes(DIGITS)
    app = App()

    @app.get("/")
    async def show() -> File:
        return File(str(tmp_path / "digits"))

    assert seconds(lambda: requested_ranges("bytes=" + piece * 100_000, 10, limit=50)) < 0.1
    assert serve(app).get("/", headers={"range": "bytes=" + piece * 10_000}).content == DIGITS


# CVE-2021-32677
@each(
    "kind",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain;application/json", None],
)
def test_row_61_json_is_read_whatever_the_content_type(client: Client, kind: str | None) -> None:
    fields = {} if kind is None else {"content-type": kind}

    answer = client.post("/notes", content=b'{"text":"from a page of another site"}', headers=fields)

    assert answer.status_code in {400, 415, 422}
    assert "from a page" not in answer.text
    if kind in {None, "text/plain"}:
        assert answer.status_code == 415


@each(
    "origin",
    [
        "https://a.example.evil",
        "https://aXexample",
        "https://evil.example",
        "https://a.example@evil",
        "https://a.example:444",
        "null",
        "https://a.example\n",
        "http://a.example",
        "https://xa.example",
        "https://b.a.example",
    ],
)
def test_row_62_a_dot_in_an_allowed_origin_fits_any_letter(serve: Serve, origin: str) -> None:
    app = make_app()
    app.use(CORS(["https://a.example", "https://*.shop.example"], allow_credentials=True))
    client = serve(app)

    assert (
        client.get("/search", headers={"origin": "https://a.example"}).headers["access-control-allow-origin"]
        == "https://a.example"
    )
    for refused in (origin, origin.replace("a.example", "x.shopXexample")):
        if "\n" not in refused:
            assert "access-control-allow-origin" not in client.get("/search", headers={"origin": refused}).headers
        assert refused not in CORS(["https://a.example"]).origins  # a line break comes by no server


# CVE-2025-67724
def test_row_64_a_reason_phrase_injects_fields(serve: Serve) -> None:
    with pytest.raises((TypeError, ValueError)):
        Response("a", status="200 OK\r\nX-Evil: 1")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    app = App()

    @app.get("/")
    async def home() -> Response:
        return Response("a", status=299)

    assert serve(app).get("/").status_code == 299


# CVE-2020-7695
@each("text", ["a\r\nX-Evil: 1", "a\nb", "a\rb", "a\0b", "\x7f", "\u2028", "\u010d\u010a"])
def test_row_65_a_line_break_in_a_field_reaches_the_server(client: Client, text: str) -> None:
    for where in ("name", "value"):
        answer = client.get(f"/set/{where}", query={"text": text})

        assert answer.status_code == 500
        assert "x-evil" not in answer.headers
    assert client.get("/set/value", query={"text": "a"}).headers["x-a"] == "a"


# CVE-2021-32052, CVE-2026-53878
def test_row_78_a_check_lets_a_line_break_at_the_end_through() -> None:
    dollar = re.compile(r"(?<!\\)\$\Z")
    root = Path(martlet.__file__).parent
    found = [
        f"{path.relative_to(root)}:{node.lineno}"
        for path in root.rglob("*.py")
        if "re.compile" in (text := path.read_text("utf-8"))
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "re.compile"
        for part in ast.walk(node)
        if isinstance(part, ast.Constant) and isinstance(part.value, str | bytes) and dollar.search(str(part.value))
    ]

    assert found == []


def test_row_78_a_line_break_behind_what_a_parameter_takes(client: Client) -> None:
    assert client.get("/numbers/7%0A").status_code == 404
    assert client.get("/texts/7%0A").status_code == 404
