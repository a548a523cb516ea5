"""Recorded attacks and odd texts wherever a client is met: a value or an error of the client, never another."""

import json
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from typing import Any

from msgspec import Struct, msgpack

from martlet.http import HTTPError
from martlet.rendering import ScalarError, body_decoder, render_json, render_msgpack, render_problem, scalar_converter
from tests.rows import each
from tests.shared_cases import conformance_file

PAYLOADS = sorted(
    path for path in conformance_file("http/payloads").glob("*.txt") if path.name not in ("traversal.txt", "xss.txt")
)


class Order(Struct, forbid_unknown_fields=True):
    name: str
    count: int = 0
    when: datetime | None = None
    price: Decimal | None = None
    tags: list[str] = []


DECODERS = [
    body_decoder(type_, media_type)
    for type_ in (Any, Order, dict[str, int])
    for media_type in ("application/json", "application/msgpack", "application/x-www-form-urlencoded")
]
SCALARS = [scalar_converter(type_) for type_ in (int, float, Decimal, bool, datetime, str)]


def check_status(error: HTTPError) -> None:
    assert 400 <= error.status_code < 500
    for accept in (None, "text/html"):
        _, body = render_problem(error, accept)
        assert len(body) < 100_000
        assert b"Traceback" not in body


@each("path", PAYLOADS, ids=lambda path: path.stem, count=10)
def test_no_payload_brings_about_a_server_error(path: Any) -> None:
    lines = path.read_bytes().splitlines()

    for line in [
        *lines,
        *(json.dumps({"name": text, text: text}).encode() for text in map(bytes.decode, filter(bytes.isascii, lines))),
    ]:
        for decode in DECODERS:
            try:
                value = decode(line)
            except HTTPError as error:
                check_status(error)
                continue
            json.loads(render_json(value))
            msgpack.decode(render_msgpack(value), strict=False)
        for convert in SCALARS:
            with suppress(ScalarError):
                convert(line.decode("utf-8", "replace"))
