"""The requests that are timed, what must come back, and what must be refused.

Not here: how a request is put to an application (exchange.py).
"""

import json
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from benchmarks.peers.items import GREETING, NAME, NEW_ID, PRICE, TAGS
from benchmarks.peers.orders import CUSTOMER_EMAIL, CUSTOMER_NAME, LINES, NEW_NUMBER, NEW_ORDER_ID, NUMBER, PLACED_AT

Event = dict[str, Any]

BROWSER = [
    (b"host", b"127.0.0.1:8000"),
    (b"user-agent", b"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
    (b"accept", b"*/*"),
    (b"accept-language", b"en-GB,en;q=0.5"),
    (b"accept-encoding", b"gzip, deflate, br, zstd"),
    (b"connection", b"keep-alive"),
]


@dataclass(frozen=True)
class Case:
    """One request and its answer; `expected` is compared as bytes, or parsed where it is JSON."""

    method: str
    path: str
    body: bytes = b""
    expected: Any = None
    media_type: bytes = b"application/json"
    what: str = ""  # what is wrong with a request that must be refused

    @property
    def title(self) -> str:
        """The request line, and what is wrong with it."""
        return f"{self.method} {self.path}{self.what and f' ({self.what})'}"

    @cached_property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """Eight fields, of a browser's kind."""
        if self.body:
            return [*BROWSER, (b"content-type", b"application/json"), (b"content-length", b"%d" % len(self.body))]
        return [*BROWSER, (b"referer", b"http://127.0.0.1:8000/"), (b"dnt", b"1")]

    def scope(self) -> Event:
        """A new scope as a server builds it for each request; the application may change any of it.

        Texts and bytes are new objects too, as they are behind a socket: nobody finds their hashes remembered.
        """
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "server": ("127.0.0.1", 8000),
            "client": ("127.0.0.1", 54321),
            "scheme": "http",
            "method": self.method.encode().decode(),
            "root_path": "",
            "path": self.path.encode().decode(),
            "raw_path": self.path.encode(),
            "query_string": b"",
            "headers": [(bytes(bytearray(name)), bytes(bytearray(value))) for name, value in self.headers],
            "state": {},
        }


def to_json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def read_json(body: bytes) -> Any:
    """A body parsed, with each `…_at` read as a time: Z and +00:00 say the same (RFC 3339 section 4.2)."""

    def read_times(fields: dict[str, Any]) -> dict[str, Any]:
        return {name: datetime.fromisoformat(value) if name.endswith("_at") else value for name, value in fields.items()}

    return json.loads(body, object_hook=read_times)


NEW_ITEM = {"name": "Sand martin", "price": 12.25, "tags": ["bird", "brown", "swift"]}

CUSTOMER = {"name": CUSTOMER_NAME, "email": CUSTOMER_EMAIL}
STORED_LINES = [dict(zip(("sku", "title", "quantity", "unit_price"), line, strict=True)) for line in LINES]
ORDER = {
    "id": 1042,
    "number": str(NUMBER),
    "placed_at": PLACED_AT,
    "status": "paid",
    "customer": CUSTOMER,
    "lines": STORED_LINES,
    "note": None,
}
NEW_ORDER: dict[str, Any] = {
    "customer": {"name": "Okke van Dijk", "email": "okke@example.net"},
    "lines": [
        {"sku": "NB-204", "title": "Nest box, oak", "quantity": 1, "unit_price": 3450},
        {"sku": "CM-002", "title": "Camera, weatherproof", "quantity": 1, "unit_price": 8900},
        {"sku": "FD-030", "title": "Mealworms, dried, 500 g", "quantity": 12, "unit_price": 575},
    ],
    "note": "Please ring twice.",
    "requested_at": "2026-03-06T18:04:51Z",
}
PLACED_ORDER = {
    "id": NEW_ORDER_ID,
    "number": str(NEW_NUMBER),
    "placed_at": datetime.fromisoformat("2026-03-06T18:04:51Z"),
    "status": "placed",
    "customer": NEW_ORDER["customer"],
    "lines": NEW_ORDER["lines"],
    "note": NEW_ORDER["note"],
}

CASES = {
    "text": Case("GET", "/text", b"", GREETING.encode(), b"text/plain"),
    "item": Case("GET", "/items/42", b"", {"id": 42, "name": NAME, "price": PRICE, "tags": TAGS}),
    "create": Case("POST", "/items", to_json(NEW_ITEM), {"id": NEW_ID, **NEW_ITEM}),
    "order": Case("GET", "/orders/1042", b"", ORDER),
    "place": Case("POST", "/orders", to_json(NEW_ORDER), PLACED_ORDER),
}


def new_item(what: str, **changes: Any) -> Case:
    return Case("POST", "/items", to_json({**NEW_ITEM, **changes}), what=what)


def new_order(what: str, expected: Any = None, **changes: Any) -> Case:
    """A changed order; Ellipsis takes a field away."""
    fields = {name: value for name, value in {**NEW_ORDER, **changes}.items() if value is not ...}
    return Case("POST", "/orders", to_json(fields), expected, what=what)


def third_line(**changes: Any) -> list[Any]:
    """The lines with something changed in the third; Ellipsis takes a field away."""
    *lines, third = NEW_ORDER["lines"]
    return [*lines, {name: value for name, value in {**third, **changes}.items() if value is not ...}]


# Answered too, but not timed: what a validation by hand may get wrong.
ANSWERED = [
    new_order("no note", {**PLACED_ORDER, "note": None}, note=...),
    new_order("a field nobody knows in a line, left out of the answer", PLACED_ORDER, lines=third_line(colour="red")),
    new_order(
        "a title of 200 characters", {**PLACED_ORDER, "lines": third_line(title="x" * 200)}, lines=third_line(title="x" * 200)
    ),
]

# Each must be refused with a 4xx; without this an application could be fast by not looking.
REFUSED = [
    Case("GET", "/nothing", what="a path nobody has"),
    Case("DELETE", "/text", what="a method the path has not"),
    Case("GET", "/items/swift", what="a word for a number"),
    Case("POST", "/items", b'{"name": ', what="broken JSON"),
    Case("POST", "/items", to_json({"name": "Sand martin"}), what="fields missing"),
    new_item("a price that is no number", price="dear"),
    new_item("a tag that is no text", tags=["bird", 7]),
    Case("GET", "/orders/swift", what="a word for a number"),
    Case("POST", "/orders", to_json(NEW_ORDER)[:-9], what="broken JSON"),
    new_order("no customer", customer=...),
    new_order("no email", customer={"name": "Okke van Dijk"}),
    new_order("no lines", lines=[]),
    new_order("lines that are no list", lines={"sku": "NB-204"}),
    new_order("a word for the third line's quantity", lines=third_line(quantity="twelve")),
    new_order("the third line's quantity 0", lines=third_line(quantity=0)),
    new_order("the third line's price below 0", lines=third_line(unit_price=-1)),
    new_order("the third line's title of 201 characters", lines=third_line(title="x" * 201)),
    new_order("no sku in the third line", lines=third_line(sku=...)),
    new_order("a number for the third line's sku", lines=third_line(sku=30)),
    new_order("a note that is no text", note=7),
    new_order("a time that is none", requested_at="tomorrow"),
    new_order("a time without its zone", requested_at="2026-03-06T18:04:51"),
]
