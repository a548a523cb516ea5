"""What is kept of a session, wherever it is kept; as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

import msgspec

from martlet.signing import encode_base64url

__all__ = [
    "Flash",
    "Record",
    "UserID",
    "decode_record",
    "encode_record",
    "merged",
    "seen_anew",
    "shown_id",
    "values_after_json",
]

UserID = str | int


class Flash(msgspec.Struct, frozen=True, omit_defaults=True):
    """A message for the next page that shows messages; `category` is yours to style it by."""

    message: str
    category: str = "info"


class Record(msgspec.Struct, omit_defaults=True):
    """One session.

    id: random, and a secret of the session's client: its tokens against forgery hang on it, and what is shown of it is its hash.
        It is not what the client shows to be let in.
    born, seen: seconds since 1970 when it began, and when it was last kept.
    """

    id: str = ""
    born: int = 0
    seen: int = 0
    user: str | int | None = None
    values: dict[str, Any] = {}
    flashes: list[Flash] = []

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing in it that the next request would miss."""
        return not self.values and self.user is None and not self.flashes


_encoder: Final = msgspec.json.Encoder()
_decoder: Final = msgspec.json.Decoder(Record)
_any_decoder: Final = msgspec.json.Decoder()


def encode_record(record: Record) -> bytes:
    """Write a record as JSON; raises TypeError, ValueError or OverflowError for values that JSON cannot hold."""
    return _encoder.encode(record)


def decode_record(text: bytes) -> Record | None:
    """Read a record, None for what is none: one that an older version of us wrote, say."""
    try:
        return _decoder.decode(text)
    except (msgspec.MsgspecError, RecursionError):
        return None


def seen_anew(text: bytes, before: int, now: int) -> bytes:
    """Give a record as JSON with another moment at which it was kept; before: the one in it, not 0.

    >>> seen_anew(b'{"id":"x","born":1,"seen":2,"values":{"seen":2}}', 2, 3)
    b'{"id":"x","born":1,"seen":3,"values":{"seen":2}}'
    """
    # Only an id and a number stand in front of it, and a quote in an id would be escaped.
    return text.replace(b'"seen":%d' % before, b'"seen":%d' % now, 1)


def shown_id(record_id: str) -> str:
    """Give the id of a session that others may see, of which nobody finds the record's.

    >>> shown_id("a")
    'ypeBEsobvcr6wjGzmiPcTQ'
    """
    return encode_base64url(sha256(record_id.encode()).digest()[:16])


def values_after_json(value: Any) -> Any:
    """Give what a value has become once it comes back; raises as `encode_record` does."""
    return _any_decoder.decode(_encoder.encode(value))


def merged(before: Record, after: Record, others: Record) -> Record:
    """Do to a record that others changed what one request did to it: key by key, and message by message.

    before, after: as the request found it, and as it left it. others: as it is now.

    >>> found = Record(values={"a": 1, "b": 2})
    >>> merged(found, Record(values={"a": 9}), Record(values={"a": 1, "b": 2, "c": 3})).values
    {'a': 9, 'c': 3}
    """
    values = {key: value for key, value in others.values.items() if key in after.values or key not in before.values}
    values.update(_changed(before.values, after.values))
    shown = [flash for flash in before.flashes if flash not in after.flashes]
    added = [flash for flash in after.flashes if flash not in before.flashes]
    return Record(
        id=others.id,
        born=others.born,
        seen=max(after.seen, others.seen),
        user=others.user if after.user == before.user else after.user,
        values=values,
        flashes=[flash for flash in others.flashes if flash not in shown] + added,
    )


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in after.items() if key not in before or before[key] != value}
