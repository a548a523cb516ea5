"""Bodies of every kind that the application takes, right, nearly right, and wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import msgspec

from martlet.codings import find_coding
from tests.fuzz.choices import Choices, any_text, damaged, damaged_data

FORM_NAMES = ("title", "pages", "cover", "size", "file", "price", "_charset_", "x", "", "a.b", "é")
NAMES = ("title", "price", "when", "size", "color", "parts", "name", "names", "born", "depth", "uid", "x", "", "a.b", "é")
ENCODED = ("7", "red", "2026-11-22", "true", "+", "%", "%2", "%zz", "%00", "%c3%28", "..%2f", "a+b", "%F0%9F")
BOUNDARIES = (b"swift", b"swift", b"a b", b"", b"--", b"\xff")


def body(choices: Choices, path: str) -> tuple[str | None, bytes]:
    """A body, often one that the handler at the path wants, and the Content-Type that fits it; None for none."""
    kind: str | None
    if path in FORMS and choices.below(3):
        kind, data = _multipart(choices)
    elif path in FITTING and choices.below(2):
        kind, data = _fitting(choices, FITTING[path])
    else:
        kind, data = choices.made((_json, _form, _multipart, _msgpack, _anything, _deep))
    if choices.rarely(4):
        data = damaged_data(choices, data)
    return kind, data


def coded(choices: Choices, data: bytes) -> tuple[str, bytes]:
    """The data in one or two content codings, and their names; perhaps broken."""
    names: list[str] = []
    for _ in range(1 + choices.rarely(6)):
        name = choices.one_of(("gzip", "deflate", "br", "zstd", "identity"))
        names.append(name)
        data = data if name == "identity" else find_coding(name).encode(data, 1)
    if choices.rarely(4):
        data = damaged_data(choices, data)
    return ", ".join(names), data


def value(choices: Choices, depth: int = 0) -> Any:
    """Any value that JSON can hold."""
    kind = choices.below(9 if depth < 4 else 7)
    if kind == 7:
        return {choices.one_of(NAMES): value(choices, depth + 1) for _ in range(choices.below(5))}
    if kind == 8:
        return [value(choices, depth + 1) for _ in range(choices.below(4))]
    return choices.made(SCALARS)


SCALARS: tuple[Callable[[Choices], Any], ...] = (
    lambda choices: choices.below(1_000) - 500,
    lambda choices: any_text(choices).encode("utf-8", "replace").decode(),
    lambda _: None,
    lambda choices: bool(choices.below(2)),
    lambda choices: choices.one_of((0.5, -0.0, 1e300, 5e-324, 2**53, 2**64, -(2**63), 10**40)),
    lambda choices: choices.one_of(("2026-11-22", "2026-11-22T10:00:00Z", "12:00", "P1D", "1.50", "red", "NaN", "1" * 400)),
    lambda choices: choices.one_of(("00000000-0000-4000-8000-000000000000", "aGk=", "-", "٣", "\u2028", "\x00")),
)


FORMS = frozenset({"/form", "/parts", "/upload", "/scans", "/checksums"})
FITTING: dict[str, tuple[dict[str, Any], ...]] = {
    "/new": (
        {"title": "swift", "price": "1.50"},
        {"title": "swift", "price": "1.50", "when": "2026-11-22T10:00:00Z", "size": "3", "color": "red"},
        {"title": "swift", "price": 2, "parts": {"a": {"name": "wing", "parts": [{"name": "feather"}]}}},
    ),
    "/author": ({"names": ["Ada", "Bob"], "born": "1815-12-10"}, {"names": ["Ada"]}),
    "/options": ({"depth": 7, "uid": "00000000-0000-4000-8000-000000000000"}, {}),
    "/guarded": ({"name": "swift"},),
    "/any": ({"a": [1]},),
    "/sold": ({"title": "swift", "price": "7"}, {"title": "", "price": "x"}),
    "/state/7": ({},),
}


def struct(choices: Choices) -> dict[str, Any]:
    """Nearly what `New` wants."""
    made: dict[str, Any] = {"title": "swift", "price": "1.50"}
    for _ in range(choices.below(4)):
        made[choices.one_of(NAMES)] = value(choices, 2)
    return made


def _fitting(choices: Choices, fitting: tuple[dict[str, Any], ...]) -> tuple[str, bytes]:
    """What a handler wants, in one of the ways to write it."""
    made = choices.one_of(fitting)
    kind = choices.below(4)
    if kind == 3 and all(isinstance(item, str) for item in made.values()):
        return "application/x-www-form-urlencoded", "&".join(f"{name}={quote(item)}" for name, item in made.items()).encode()
    if kind == 2:
        return "application/msgpack", msgspec.msgpack.encode(made)
    return "application/json", json.dumps(made).encode()


def _json(choices: Choices) -> tuple[str, bytes]:
    made = struct(choices) if choices.below(2) else value(choices)
    text = json.dumps(made, ensure_ascii=bool(choices.below(2)))
    if choices.rarely(4):
        text = damaged(choices, text)
    return "application/json", text.encode("utf-8", "surrogatepass")


def _msgpack(choices: Choices) -> tuple[str, bytes]:
    made = struct(choices) if choices.below(2) else value(choices)
    try:
        return "application/msgpack", msgspec.msgpack.encode(made)
    except (OverflowError, ValueError):  # a number beyond 64 bits
        return "application/msgpack", choices.data(20)


def pairs(choices: Choices, names: tuple[str, ...] = NAMES) -> str:
    """Fields of a query or a form."""
    joined = (f"{choices.one_of(names)}{choices.one_of(('=', '=', ''))}{encoded(choices)}" for _ in range(choices.below(6)))
    made = choices.one_of(("&", "&", ";", "&&")).join(joined)
    return "&".join([made] * 1_200) if choices.rarely(200) else made


def encoded(choices: Choices) -> str:
    """Text for a place in a target or a form, percent-encoded or not."""
    kind = choices.below(4)
    if kind == 0:
        return quote(any_text(choices).encode("utf-8", "surrogatepass"))
    if kind == 1:
        return quote(choices.data(choices.below(6)))
    if kind == 2:
        return choices.one_of(
            ("7", "red", "2026-11-22", "true", "+", "%", "%2", "%zz", "%00", "%c3%28", "..%2f", "a+b", "%F0%9F")
        )
    return "".join(char for char in any_text(choices) if " " < char < "\x7f")


def _form(choices: Choices) -> tuple[str, bytes]:
    data = pairs(choices).encode("utf-8", "replace")
    return "application/x-www-form-urlencoded", data + choices.data(choices.below(5))


def _multipart(choices: Choices) -> tuple[str, bytes]:
    boundary = choices.one_of(BOUNDARIES)
    parts = choices.many(lambda _: _part(choices, boundary), 5)
    if choices.rarely(40):
        parts = parts * 150
    line = choices.one_of((b"\r\n", b"\r\n", b"\r\n", b"\n"))
    end = choices.one_of((b"--" + line, b"--", b"", b"-" + line, b"--" + line + b"epilogue"))
    data = choices.one_of((b"", b"", b"preamble\r\n")) + b"".join(parts) + b"--" + boundary + end
    return f"multipart/form-data; boundary={choices.one_of(('', '', '_')) or boundary.decode('latin-1')}", data


def _part(choices: Choices, boundary: bytes) -> bytes:
    name = any_text(choices) if choices.rarely(4) else choices.one_of(FORM_NAMES)
    filename = choices.one_of(("", "", '; filename="a.txt"', '; filename="../../x"', "; filename*=UTF-8''%e9", "; filename="))
    head = [f'Content-Disposition: {choices.one_of(("form-data", "form-data", "attachment", ""))}; name="{name}"{filename}']
    head += choices.many(_part_header, 3)
    content = choices.data(choices.below(60)) if choices.below(2) else any_text(choices).encode("utf-8", "surrogatepass")
    lines = "\r\n".join(head).encode("utf-8", "surrogatepass")
    return b"--" + boundary + b"\r\n" + lines + b"\r\n\r\n" + content + b"\r\n"


def _part_header(choices: Choices) -> str:
    return choices.one_of(
        (
            "Content-Type: text/plain; charset=utf-8",
            "Content-Type: text/plain; charset=utf-16",
            "Content-Type: application/json",
            "Content-Transfer-Encoding: base64",
            "Content-Length: 5",
            "X: " + "y" * 600,
            ": x",
            "no colon",
            "x\ty: z",
            "",
        )
    )


def _anything(choices: Choices) -> tuple[str | None, bytes]:
    kinds = (None, "application/json", "application/msgpack", "multipart/form-data; boundary=swift", "text/plain", "image/png")
    return choices.one_of(kinds), choices.data(choices.one_of((0, 1, 7, 60, 400)))


def _deep(choices: Choices) -> tuple[str, bytes]:
    """What recurses, and what is long."""
    kind, piece = choices.one_of(
        (
            ("application/json", b"["),
            ("application/json", b'{"a":'),
            ("application/json", b'{"parts":{"a":{"name":"a","parts":['),
            ("application/msgpack", b"\x91"),
            ("application/msgpack", b"\x81\xa1a"),
            ("application/json", b"1"),
            ("application/json", b'"\\ud800'),
            ("application/x-www-form-urlencoded", b"a=b&"),
            ("application/x-www-form-urlencoded", b"a[b]["),
            ("multipart/form-data; boundary=swift", b"--swift\r\n\r\n"),
        )
    )
    return kind, piece * choices.one_of((3, 25, 200, 2_000))
